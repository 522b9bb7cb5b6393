//! Options: complete plans, side by side.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::appetite::{Capacity, CostOfDelay, Money, OptionName};
use super::basis::Range;
use super::budget::Budget;
use super::calendar::Calendar;
use super::effort::Effort;
use super::outlook::{Outlook, Simulation};
use super::verdict::Verdict;
use super::wish::Wish;
use super::work::{Treatment, WorkItem};

/// The outcome of planning.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the plan was made with.
    pub planning: Planning,
    /// Work items, sorted by id.
    pub work: Vec<WorkItem>,
    /// The options that differ, fastest first; none if nothing has to be chosen.
    pub options: Vec<PlanOption>,
    /// Names that fell together, and why.
    pub merged: Vec<Merged>,
    /// The option to take if nothing speaks against it.
    pub recommended: Option<OptionName>,
    /// Work items that every option does before ship: do this whatever you choose.
    pub common: Vec<String>,
    /// How the options were chosen; `None` if there was nothing to choose.
    pub selection: Option<Selection>,
    /// Whether the plans are proven best, or how far off they can be.
    pub optimality: Optimality,
    /// How the ranges were simulated; `None` without options.
    pub simulation: Option<Simulation>,
    /// The plan for a wish, if one was uttered and something can ship.
    pub wished: Option<Wished>,
    /// How the exposure budget of the quarter stands, by what was recorded; `None` if nothing was.
    pub budget: Option<Budget>,
    /// What the reader should know about the planning itself, one sentence each.
    pub remarks: Vec<String>,
}

/// The plan for a wish.
#[derive(Debug, Clone, PartialEq)]
pub struct Wished {
    /// The wish.
    pub wish: Wish,
    /// Whether the plan meets all of it.
    pub met: bool,
    /// Whether the plan is proven best, or its distance from the wish proven least.
    pub exact: bool,
    /// What it comes to, or what makes it impossible, in sentences.
    pub says: Vec<String>,
    /// The plan, or the nearest possible. Its name is that of the option under whose authority it falls: `fastest` if it
    /// needs a waiver, else `balanced`.
    pub plan: PlanOption,
}

/// What the plan was made with.
#[derive(Debug, Clone, PartialEq)]
pub struct Planning {
    /// Horizon of the exposure sum, in days.
    pub horizon_days: f64,
    /// Capacity, declared or nominal.
    pub capacity: Capacity,
    /// Whether dates may be shown: only with a declared capacity.
    pub dated: bool,
    /// Working time and release opportunities.
    pub calendar: Calendar,
    /// Price of an hour, if declared.
    pub hourly_rate: Option<Money>,
    /// Price of delay, if declared.
    pub cost_of_delay: Option<CostOfDelay>,
    /// Price of a point of exposure, if declared.
    pub loss_per_point: Option<Money>,
    /// Points of exposure that were agreed for a quarter.
    pub exposure_budget: Option<f64>,
}

/// One complete plan: a treatment and a time for every work item.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOption {
    /// Its name.
    pub name: OptionName,
    /// When the change ships.
    pub ships: Ships,
    /// Security score, 0 to 100: 100·(1 − E/E₀).
    pub score: f64,
    /// Score that the simulation of the same steps reaches in nine runs of ten, and in one of ten; widened where needed, so
    /// that `low` ≤ `score` ≤ `high`.
    pub score_range: Range,
    /// What the simulation says.
    pub outlook: Outlook,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Exposure within the horizon if the change shipped now and nothing were treated.
    pub baseline_exposure: f64,
    /// Effort of all steps, in hours of one person.
    pub effort: Effort,
    /// Money: effort, plus delay and loss as far as declared; `None` without a declared hourly rate.
    pub cost: Option<Cost>,
    /// Steps in the order in which they are done; accepted items last.
    pub steps: Vec<Step>,
    /// Ids of introduced (or unknown) and ambient findings that are open at ship, sorted.
    pub open_at_ship: Vec<String>,
    /// Worst state of any tolerance row at ship.
    pub state_at_ship: Verdict,
    /// Rows that are beyond tolerance at ship and therefore need a waiver, with the day by which they are back
    /// within tolerance.
    pub waivers: Vec<Waiver>,
    /// What can lower the exposure of what the waivers leave open, until it is treated; none of it is in the plan.
    pub meanwhile: Vec<Meanwhile>,
    /// Promises that the option makes.
    pub commitments: Vec<Commitment>,
    /// Share of what is left of the quarter's exposure budget that it uses, 0 to 1 and beyond; `None` without a declared
    /// budget, and where nothing is left of it.
    pub budget_share: Option<f64>,
    /// Roles that may approve it.
    pub approval: Vec<String>,
    /// What speaks for it, the business benefit first.
    pub pros: Vec<String>,
    /// What speaks against it.
    pub cons: Vec<String>,
}

/// When a plan ships.
#[derive(Debug, Clone, PartialEq)]
pub struct Ships {
    /// Calendar days since `now`.
    pub day: f64,
    /// The moment; shown only if a capacity is declared.
    pub at: Timestamp,
    /// Working days after today.
    pub delay_working_days: u32,
    /// Work before ship, in hours of one person.
    pub hours_before_ship: Effort,
}

/// What an option costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Effort at the hourly rate.
    pub effort: f64,
    /// Delay at the declared price; 0 if none is declared.
    pub delay: f64,
    /// Exposure at the declared price; 0 if none is declared.
    pub loss: f64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Cost {
    /// The sum of the parts.
    pub fn total(&self) -> f64 {
        self.effort + self.delay + self.loss
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Id of the work item.
    pub work: String,
    /// Id of the treatment; `accept` if the item is accepted.
    pub treatment: String,
    /// Where it stands relative to ship.
    pub phase: Phase,
    /// Effort in hours of one person.
    pub effort: Effort,
    /// Day on which the work is done; `None` if accepted.
    pub done: Option<f64>,
    /// Day on which it takes effect; `None` if accepted.
    pub effect: Option<f64>,
}

/// Where a step stands relative to ship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It delays the release.
    BeforeShip,
    /// It becomes a commitment.
    AfterShip,
    /// It is not treated within this plan.
    Accept,
}

impl Phase {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeShip => "before-ship",
            Self::AfterShip => "after-ship",
            Self::Accept => "accept",
        }
    }
}

/// A row beyond tolerance that someone accepts until a date.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// Id of the tolerance row, or of the timeline table (`due:TABLE`) whose dates it lets pass.
    pub row: String,
    /// Day by which the plan brings it back within tolerance, in days since `now`.
    pub until_day: f64,
    /// The moment.
    pub until: Timestamp,
}

/// A way to lower what a waived work item exposes until it is treated. It comes on top of the plan and enters none of its
/// figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Meanwhile {
    /// Id of the work item.
    pub work: String,
    /// What to do; the findings stay.
    pub treatment: Treatment,
    /// Day on which it is in effect if it is begun at once, in days since `now`.
    pub in_effect_day: f64,
    /// Day on which the plan has the item treated, or the waiver ends.
    pub until_day: f64,
}

/// "Fixed by this date".
#[derive(Debug, Clone, PartialEq)]
pub struct Commitment {
    /// Id of the work item.
    pub work: String,
    /// The moment: the earliest due date of its findings, or the moment at which the plan has it in effect if none is due
    /// or that date is one that the plan lets pass.
    pub due: Timestamp,
}

/// Options that fell together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The names.
    pub names: BTreeSet<OptionName>,
    /// Why, in one sentence.
    pub why: String,
}

/// How the options were chosen: with this and the work items, the choice can be recomputed, even of an option that was
/// merged into another or left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection {
    /// The fastest plan.
    pub fastest: Point,
    /// The compromise, unless there is no most secure plan to lie before.
    pub balanced: Option<Point>,
    /// The most secure plan; `None` if every plan that keeps the rows at ship exposes more than the fastest.
    pub most_secure: Option<Point>,
    /// Least exposure E* found among plans that could be the most secure one; it may expose E* + E₀/100.
    pub least_exposure: f64,
    /// Lower bound on the exposure of such plans; equal to `least_exposure` if that is proven.
    pub exposure_bound: f64,
    /// What the balanced plan is best at.
    pub balanced_by: BalancedBy,
    /// For which options the agreement names somebody who may approve waivers.
    pub waivable: Waivable,
}

/// For which options waivers may be approved; the others have to do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waivable {
    /// For the fastest.
    pub fastest: bool,
    /// For the balanced.
    pub balanced: bool,
    /// For the most secure.
    pub most_secure: bool,
}

/// A plan as a point of the frontier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Ship day, in days since `now`.
    pub ship_day: f64,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Effort (p50) of all steps, in hours of one person.
    pub effort_hours: f64,
}

/// What the balanced plan is best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalancedBy {
    /// Least Euclidean distance to the best ship day, exposure and effort of the two ends, each scaled to 0..1 between
    /// them; better than the best counts as the best, and a figure in which the ends do not differ counts nothing.
    ClosestToIdeal,
    /// Least effort × hourly rate + ship day × cost of delay + exposure × loss per point.
    LeastCost,
}

impl BalancedBy {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClosestToIdeal => "closest-to-ideal",
            Self::LeastCost => "least-cost",
        }
    }
}

/// How good the plans are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimality {
    /// Whether each option is proven best for its objective.
    pub exact: bool,
    /// How far the least exposure can be from that of any plan that keeps as much of the agreement: (E − bound) / E₀, 0 if
    /// exact.
    pub gap: f64,
}
