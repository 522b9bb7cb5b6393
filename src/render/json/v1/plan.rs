//! The part of the brief about what to do: work, planning, options.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::appetite::OptionName;
use crate::model::option::{BalancedBy, Phase};
use crate::model::verdict::Verdict;
use crate::model::work::{TakesEffect, TreatmentKind};

use super::range::Range;
use crate::model::word::Word;

/// Findings that one action resolves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// Stable name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Ids of the findings.
    pub findings: Vec<String>,
    /// Ways to treat it, other than accepting it.
    pub treatments: Vec<Treatment>,
}

/// One way to treat a work item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Treatment {
    /// Id of its rule.
    pub id: String,
    /// What to do.
    pub title: String,
    /// Kind after ISO 31000.
    pub kind: Word<TreatmentKind>,
    /// Effort of one person.
    pub effort_hours: Effort,
    /// Effort (p50) before it was calibrated on what such work took; null if it was not.
    #[serde(default)]
    pub uncalibrated_hours: Option<f64>,
    /// When it takes effect.
    pub takes_effect: Word<TakesEffect>,
    /// Share of the exposure rate that remains, 0 to 1.
    pub residual: f64,
    /// Its range.
    pub residual_range: Range,
    /// Calendar days between the end of the work and its effect.
    pub lead_days: f64,
    /// Basis of the effort: one of the five words.
    pub basis: String,
    /// Who or what says so.
    pub basis_source: String,
    /// Basis of the residual: one of the five words.
    pub residual_basis: String,
    /// Who or what says so.
    pub residual_basis_source: String,
    /// What customers or operations notice, empty if nothing.
    pub disruption: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// For an upgrade: what to type in a POSIX shell in the root of the repository, if a command is known.
    #[serde(default)]
    pub command: Option<String>,
    /// What to do before the command and what to know about it, in sentences; empty if nothing.
    #[serde(default)]
    pub command_note: String,
}

/// Hours of one person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effort {
    /// Half of such tasks take at most this long; what the planner plans with.
    pub p50: f64,
    /// Nine in ten take at most this long.
    pub p90: f64,
}

/// What the options were planned with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Planning {
    /// Horizon of the exposure sum.
    pub horizon_days: f64,
    /// Whether a capacity is declared. If not there are hours and `day` values by a nominal capacity, and no dates.
    pub dated: bool,
    /// Who can work on it.
    pub capacity: Capacity,
    /// Price of an hour.
    pub hourly_rate: Option<Money>,
    /// Price of a calendar day of delay.
    pub cost_of_delay: Option<Money>,
    /// Price of a point of exposure.
    pub loss_per_point: Option<Money>,
    /// Points of exposure that were agreed for a quarter; null without a declared budget. `budget_share` of an option is its
    /// exposure over this, or over what `budget` of the brief says is left of it.
    #[serde(default)]
    pub exposure_budget: Option<f64>,
    /// Basis of the calendar: one of the five words.
    pub calendar_basis: String,
    /// IANA time zone of the calendar and of every `date`.
    pub time_zone: String,
    /// Periods of work; hours are spread evenly within each.
    pub work_windows: Vec<WorkWindow>,
    /// Periods in which a release can happen.
    pub release_windows: Vec<ReleaseWindow>,
}

/// Capacity, declared or nominal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// Engineers who can work on it.
    pub engineers: f64,
    /// Hours a day that each can really spend on it.
    pub focus_hours: f64,
    /// One of the five words: `declared`, or `assumed` for the nominal capacity.
    pub basis: String,
    /// Who or what says so.
    pub basis_source: String,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// Amount in units of the currency.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
}

/// A period of work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkWindow {
    /// Start.
    pub from: f64,
    /// End.
    pub to: f64,
    /// Person-hours that get done in it.
    pub hours: f64,
}

/// A period in which a release can happen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseWindow {
    /// Start.
    pub from: f64,
    /// End; null if it never ends.
    pub to: Option<f64>,
}

/// One complete plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanOption {
    /// Its name.
    pub name: Word<OptionName>,
    /// When the change ships.
    pub ships: Ships,
    /// Security score: 100·(1 − `exposure` / `baseline_exposure`). At most 100; below 0 where waiting exposes more than shipping now and
    /// treating nothing would, because the change resolves findings.
    pub score: f64,
    /// The score that nine simulated runs in ten reach, and that one in ten reaches; widened where needed to hold `score`.
    pub score_range: Range,
    /// What the simulation says of it; see `simulation`.
    #[serde(default)]
    pub outlook: Option<Outlook>,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Exposure if the change shipped now and nothing were treated.
    pub baseline_exposure: f64,
    /// Effort of all steps.
    pub effort_hours: Effort,
    /// What it costs; null without a declared price of an hour.
    pub cost: Option<Cost>,
    /// What is done, in this order; accepted items last.
    pub steps: Vec<Step>,
    /// Ids of findings that are open at ship.
    pub open_at_ship: Vec<String>,
    /// Worst state of any tolerance row at ship.
    pub state_at_ship: Word<Verdict>,
    /// Rows that need a waiver.
    pub waivers: Vec<String>,
    /// The same waivers with their dates.
    pub waiver_dates: Vec<Waiver>,
    /// What can lower the exposure of what the waivers leave open, until it is treated. It comes on top of the plan and enters
    /// none of its figures.
    #[serde(default)]
    pub meanwhile: Vec<Meanwhile>,
    /// What it promises after ship.
    pub commitments: Vec<Commitment>,
    /// Share of what is left of the quarter's exposure budget (`budget` of the brief; all of it where nothing is known to be
    /// spent), 0 to 1 and beyond; null without a declared budget, and where nothing is left.
    pub budget_share: Option<f64>,
    /// Roles that may approve it, any of them; empty if nobody may.
    pub approval: Vec<String>,
    /// What speaks for it.
    pub pros: Vec<String>,
    /// What speaks against it.
    pub cons: Vec<String>,
}

/// Quantiles of one option over the simulated runs, by nearest rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlook {
    /// Ship day, in days since `now`; null beyond the end of the calendar.
    pub ship_day: Quantiles,
    /// The day by which one run in ten has shipped; null without a declared capacity.
    #[schemars(extend("format" = "date"))]
    pub early_date: Option<String>,
    /// The day by which half of the runs have shipped, as a rule later than `ships`, which takes the median of each step; null
    /// without a declared capacity, or beyond the calendar.
    #[serde(default)]
    #[schemars(extend("format" = "date"))]
    pub middle_date: Option<String>,
    /// The day by which nine runs in ten have shipped; null without a declared capacity, or beyond the calendar.
    #[schemars(extend("format" = "date"))]
    pub late_date: Option<String>,
    /// Security score.
    pub score: Quantiles,
}

/// Quantiles over the runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    /// One run in ten is at or below it.
    pub p10: Option<f64>,
    /// Half of the runs are at or below it.
    pub p50: Option<f64>,
    /// Nine runs in ten are at or below it.
    pub p90: Option<f64>,
}

/// How ranges were simulated, so that the runs can be repeated.
///
/// Random numbers are those of SplitMix64 from `seed`: s ← s + 0x9e3779b97f4a7c15, z ← s, z ← (z ^ z≫30)·0xbf58476d1ce4e5b9,
/// z ← (z ^ z≫27)·0x94d049bb133111eb, z ← z ^ z≫31, all modulo 2⁶⁴; a unit is (z≫11)·2⁻⁵³. Each run draws for each entry of
/// `work`, in order, units u₁, u₂, u₃, and then for each entry of `findings`, in order, a unit v. All options meet the
/// same draws. With n = √(−2 ln(1 − u₁))·cos(2π u₂), hours of every treatment of the entry are
/// p50·(p90/p50)^(n/1.2815515655446004). A residual is low + 2u₃·(likely − low) for u₃ < 1/2, else
/// likely + (2u₃ − 1)·(high − likely), and a rate the same of its range with v. The steps of the option keep their order, and
/// the ship waits for those of phase `before-ship`; exposure and score follow as for the option itself. What is not done within the
/// calendar is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// Seed, a decimal number below 2⁶⁴, as text because not every reader keeps so large numbers exact. It is made from the input.
    pub seed: String,
    /// Number of runs.
    pub runs: u32,
}

/// The plan for a wish: `--ship-by`, `--max-effort`, `--min-score`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wished {
    /// Ship on that day at the latest.
    #[schemars(extend("format" = "date"))]
    pub ship_by: Option<String>,
    /// Take no more than so many hours (p50).
    pub max_effort: Option<f64>,
    /// Reach that security score.
    pub min_score: Option<f64>,
    /// Whether the plan meets all of it.
    pub met: bool,
    /// Whether that is proven: the plan is the best under the wish, or the nearest to it.
    pub exact: bool,
    /// What it comes to, or what makes the wish impossible.
    pub says: Vec<String>,
    /// The plan, or the nearest possible. It is named after the option under whose authority it falls.
    pub plan: PlanOption,
}

/// When a plan ships.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ships {
    /// Calendar days since `now`.
    pub day: f64,
    /// The day, in the time zone of the calendar; null without a declared capacity.
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
    /// The moment, RFC 3339; null without a declared capacity.
    #[schemars(extend("format" = "date-time"))]
    pub at: Option<String>,
    /// Working days after today.
    pub delay_working_days: u32,
    /// Work before ship, as planned (p50).
    pub hours_before_ship: f64,
    /// Work before ship that nine in ten such plans do not exceed.
    pub hours_before_ship_p90: f64,
}

/// What an option costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// The sum of the parts.
    pub total: f64,
    /// Effort at the price of an hour.
    pub effort: f64,
    /// Delay at its declared price.
    pub delay: f64,
    /// Exposure at its declared price.
    pub loss: f64,
    /// ISO 4217 code.
    pub currency: String,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Id of the work item.
    pub work: String,
    /// Id of the treatment; `accept` if the item is accepted.
    pub treatment: String,
    /// Where it stands relative to ship.
    pub phase: Word<Phase>,
    /// Effort as planned (p50).
    pub hours: f64,
    /// Effort that nine in ten such tasks do not exceed.
    pub hours_p90: f64,
    /// Day on which it takes effect; null if accepted.
    pub effect_day: Option<f64>,
    /// Day on which the work is done; null if accepted.
    pub done: Option<f64>,
}

/// A row that someone accepts to be beyond tolerance until a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// Id of the row, or `due:` and the timeline table whose dates it lets pass.
    pub row: String,
    /// Day by which it is back within tolerance.
    pub until_day: f64,
    /// That day as a date; null without a declared capacity.
    #[schemars(extend("format" = "date"))]
    pub until: Option<String>,
}

/// A way to lower what a waived work item exposes until it is treated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Meanwhile {
    /// Id of the work item.
    pub work: String,
    /// What to do; the findings stay.
    pub treatment: Treatment,
    /// Day on which it is in effect if it is begun at once, before everything else.
    pub in_effect_day: f64,
    /// Day on which the plan has the work item treated, or the waiver ends.
    pub until_day: f64,
}

/// "Fixed by this date".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Commitment {
    /// Id of the work item.
    pub work: String,
    /// By when: a date, or a `day` value without a declared capacity.
    pub due: When,
    /// The moment, RFC 3339; null without a declared capacity.
    #[schemars(extend("format" = "date-time"))]
    pub at: Option<String>,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum When {
    /// ISO date, in the time zone of the calendar.
    Date(#[schemars(extend("format" = "date"))] String),
    /// Calendar days since `now`.
    Day(f64),
}

/// Options that fell together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Merged {
    /// The names.
    pub names: Vec<Word<OptionName>>,
    /// Why.
    pub why: String,
}

/// How the options were chosen, so that the choice can be recomputed, even of an option that was merged into another.
///
/// A plan is a sequence of work items, each with one of its treatments, and a place of the ship marker in it; the other items are
/// accepted. It counts if everything in it is done and in effect within `work_windows` and `release_windows`. Measured are: its
/// ship day S, effort W (p50 hours), exposure E; *firm*, findings over the tolerance of `before_ship` rows at ship, plus
/// missed due dates with `waivable` false; *missed*, missed due dates with `waivable` true; *red*, findings over the tolerance of
/// the other rows at ship; *amber*, findings over the appetite of all rows at ship; *lasting*, findings over tolerance on
/// day max(S, H), plus missed dates of findings that are not treated by max(date, H). A row's findings are those of
/// `tolerance` that are open (of any origin but `resolved`), open at a day if no treatment is in effect by then. A date
/// is missed if the treatment takes effect later than the date and, for a finding that comes with the change, later than ship;
/// a waivable date that lies before `now` is not looked at.
///
/// Of two plans the better one is lower in the first of these in which they differ:
/// *fastest*: firm, (red + missed, unless `waivable`), S, lasting, missed, W, E;
/// *least exposure* E*: firm, (red + missed, unless `waivable`), S > H, missed, lasting, red, E above the fastest plan's, amber, E;
/// *most secure*: the same up to amber, then E above E* + E₀/100, S, W, E;
/// *balanced*: firm, (red + missed, unless `waivable`), S > H, missed, lasting, red, distance outside the box, cost, S, E, W. The box: E
/// between those of the ends (below only if the best plan would else be below), S no later than the most secure plan's.
/// Cost is money (`least-cost`: hours, days of delay and points at their prices) or the distance to the ideal point
/// (`closest-to-ideal`: of S, E and W the excess over the better of the two ends, over their difference; Euclidean).
/// Where the most secure plan would expose more than the fastest, or ship before it, neither it nor a balanced one is offered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// The fastest plan.
    pub fastest: Point,
    /// The compromise.
    pub balanced: Option<Point>,
    /// The most secure plan.
    pub most_secure: Option<Point>,
    /// Least exposure found among plans that could be the most secure one.
    pub least_exposure: f64,
    /// Lower bound on the exposure of such plans.
    pub exposure_bound: f64,
    /// What the balanced plan is best at.
    pub balanced_by: Word<BalancedBy>,
    /// For which options waivers may be approved; null in a brief of an earlier version.
    #[serde(default)]
    pub waivable: Option<Waivable>,
}

/// For which options the agreement names somebody who may approve waivers; the others have to do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waivable {
    /// For the fastest.
    pub fastest: bool,
    /// For the balanced.
    pub balanced: bool,
    /// For the most secure.
    pub most_secure: bool,
}

/// A plan as a point between ship day, exposure and effort.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Ship day.
    pub ship_day: f64,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Effort (p50) of all steps, in hours of one person.
    pub effort_hours: f64,
}

/// How good the plans are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Optimality {
    /// Whether each option is proven best of its kind.
    pub exact: bool,
    /// How far the least exposure can be from that of any plan that keeps as much of the agreement, as a share of the baseline.
    pub gap: f64,
}
