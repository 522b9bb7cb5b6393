//! The risk appetite: what both leaders agreed, as read from the appetite file (DESIGN section 4).

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::{Date, Time, Weekday};

use super::basis::Basis;
use super::category::Category;
use super::clock::Clock;
use super::condition::Condition;
use super::digest::Digest;
use super::service::Service;
use super::severity::Severity;
use super::verdict::Verdict;

/// The leaders' agreement.
#[derive(Debug, Clone)]
pub struct Appetite {
    /// Where it was read from: a path, a path at a revision, or the name of a built-in profile.
    pub origin: String,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// How far it is agreed.
    pub agreement: Agreement,
    /// Name of what it governs.
    pub name: String,
    /// The statement in prose.
    pub statement: String,
    /// Who agreed and until when; `None` for a built-in profile.
    pub agreed: Option<Agreed>,
    /// Level per category.
    pub levels: BTreeMap<Category, Level>,
    /// Services, first match wins.
    pub services: Vec<Service>,
    /// Id of the timeline table that applies by default.
    pub timeline: Option<String>,
    /// Timeline tables that replace the default for a category.
    pub timelines: BTreeMap<Category, String>,
    /// The clock from which time limits count, unless `clocks` names another for a table.
    pub clock: Clock,
    /// Clocks of single timeline tables.
    pub clocks: BTreeMap<String, Clock>,
    /// Tolerance rows in the file's order.
    pub tolerance: Vec<ToleranceRow>,
    /// Severity to judge by where no scanner states one, per category, as far as the leaders declared it
    /// (`unknown: { severity: { secret: high } }`). What is not declared stays unknown.
    pub assumed_severity: BTreeMap<Category, Severity>,
    /// Evidence that must be there.
    pub coverage: CoverageRule,
    /// Exposure that may be spent per quarter, if agreed, in exposure points.
    pub budget: Option<f64>,
    /// The delivery side.
    pub delivery: Delivery,
    /// Who may approve what.
    pub authority: Authority,
    /// Members of roles.
    pub roles: BTreeMap<String, Role>,
    /// Findings that were there when the appetite was agreed, with the days by which they were promised to be treated.
    pub baseline: Option<Baseline>,
}

/// How far an appetite is agreed, and why it is not more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The state.
    pub state: AgreementState,
    /// Roles whose signature verifies (`cio`, `ciso`).
    pub signers: Vec<String>,
    /// One sentence on what the state means and what to do; empty if agreed.
    pub remark: String,
}

/// State of the agreement. Only `Agreed` makes the gate more than advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgreementState {
    /// Both parties' signatures verify, by trusted keys, and the agreement has not lapsed.
    Agreed,
    /// No signature.
    Unsigned,
    /// One of the two signatures verifies.
    HalfSigned,
    /// There is a signature, but not over these bytes or not by a trusted key.
    Altered,
    /// Signed by keys that it names, in a clone that does not reach back to the versions that would vouch for them.
    Unverified,
    /// Signed, but its review date has passed or it is not yet in effect.
    Lapsed,
}

impl AgreementState {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Unsigned => "unsigned",
            Self::HalfSigned => "half-signed",
            Self::Altered => "altered",
            Self::Unverified => "unverified",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Who agreed, from when, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// First day on which it applies.
    pub effective: Date,
    /// Day by which it must be looked at again.
    pub review_by: Date,
    /// The parties by role: `cio` and `ciso`.
    pub parties: BTreeMap<String, Party>,
    /// To whom a stalled or overdue matter goes.
    pub arbiter: Option<Arbiter>,
}

/// One party of the agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The person's name.
    pub name: String,
    /// Public SSH keys in authorized-keys form.
    pub keys: Vec<String>,
}

/// The third party to whom a stalled or overdue matter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arbiter {
    /// Role (`coo`).
    pub role: String,
    /// The person's name.
    pub name: String,
    /// Public SSH keys in authorized-keys form: with one of them the arbiter vouches for a party whose key is lost, or
    /// who has left.
    pub keys: Vec<String>,
}

/// Findings that were there when the appetite was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// Day on which they were taken stock of.
    pub taken: Date,
    /// Promises, in the file's order. No finding is in two of them.
    pub commitments: Vec<BaselineCommitment>,
}

/// Findings of the baseline that are promised to be treated by a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineCommitment {
    /// The day.
    pub due: Date,
    /// Where the day comes from, for people; empty if the file does not say.
    pub why: String,
    /// Ids of the findings.
    pub findings: BTreeSet<String>,
}

impl Baseline {
    /// The promise about the finding of that id, if it is in the baseline.
    pub fn commitment(&self, finding: &str) -> Option<&BaselineCommitment> {
        self.commitments.iter().find(|commitment| commitment.findings.contains(finding))
    }
}

/// Appetite level of a category, on the scale of the UK Orange Book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Avoidance of risk is the objective.
    Averse,
    /// Only what is safe and of low inherent risk.
    Minimal,
    /// Safe options preferred, some residual risk accepted.
    Cautious,
    /// All options considered, those with the best balance taken.
    Open,
    /// Innovation first, high residual risk accepted.
    Eager,
}

impl Level {
    /// Every level, most careful first.
    pub const ALL: [Self; 5] = [Self::Averse, Self::Minimal, Self::Cautious, Self::Open, Self::Eager];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Averse => "averse",
            Self::Minimal => "minimal",
            Self::Cautious => "cautious",
            Self::Open => "open",
            Self::Eager => "eager",
        }
    }
}

/// One measurable row under the appetite: how many open findings may match a condition.
#[derive(Debug, Clone)]
pub struct ToleranceRow {
    /// Id, unique within the file.
    pub id: String,
    /// What it means, for people; empty if the file does not say.
    pub says: String,
    /// Which findings it counts.
    pub when: Condition,
    /// Amber above this count. Equal to `tolerance` if the file gives only that.
    pub appetite: u64,
    /// Red above this count; `None` if the row can only be amber.
    pub tolerance: Option<u64>,
    /// Whether a red row must be treated before ship. Such a row cannot be waived.
    pub before_ship: bool,
    /// What to do with a finding for which the condition depends on unknown facts.
    pub if_unknown: IfUnknown,
}

/// What a tolerance row does with a finding for which its condition depends on unknown facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum IfUnknown {
    /// The row is `unresolved` if it could make a difference. What a file gets that does not say otherwise.
    #[default]
    Unresolved,
    /// The finding counts as matching.
    Count,
    /// The finding does not count; the row says how many it could not judge.
    Skip,
}

/// Evidence that must be there before anything is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoverageRule {
    /// Kinds of test that must have run.
    pub require: Vec<Category>,
    /// How old a report may be, if limited.
    pub max_age: Option<SignedDuration>,
}

/// The delivery side of the agreement. Nothing in it is ever invented: what is not declared is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivery {
    /// Who can work on it and when.
    pub capacity: Option<Capacity>,
    /// Periods without releases.
    pub freezes: Vec<Freeze>,
    /// When releases happen.
    pub cadence: Option<Cadence>,
    /// What an hour of work costs.
    pub hourly_rate: Option<Money>,
    /// What a day of delay costs.
    pub cost_of_delay: Option<CostOfDelay>,
    /// What a point of exposure costs, if the leaders put a price on it.
    pub loss_per_point: Option<Money>,
}

/// Declared capacity.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// Engineers who can work on it.
    pub engineers: f64,
    /// Hours a day that each can really spend on it.
    pub focus_hours: f64,
    /// Working days of the week.
    pub week: BTreeSet<WeekdayOrd>,
    /// Days without work.
    pub holidays: BTreeSet<Date>,
    /// Start and end of the working day; 09:00 and 17:00 if the file does not say.
    pub hours: (Time, Time),
    /// IANA time zone of the working day; `UTC` if the file does not say.
    pub time_zone: String,
    /// `Declared`, or `Assumed` for the nominal capacity.
    pub basis: Basis,
}

/// A weekday ordered from Monday, so that it can live in ordered sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekdayOrd(pub Weekday);

impl PartialOrd for WeekdayOrd {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for WeekdayOrd {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_monday_zero_offset().cmp(&other.0.to_monday_zero_offset())
    }
}

/// A period without releases; work goes on in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Reason.
    pub why: String,
}

/// When releases happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// At any moment.
    Continuous,
    /// At any moment of a working day's hours.
    Daily,
    /// On one weekday, within the working day's hours.
    Weekly(Weekday),
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// Amount in units of the currency.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
}

/// What delay costs.
#[derive(Debug, Clone, PartialEq)]
pub struct CostOfDelay {
    /// Money per calendar day (a declared price per week is divided by seven).
    pub per_day: Money,
}

/// Who may approve which option at which verdict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Authority {
    /// Roles by verdict and option name. A verdict that the file does not mention is absent.
    pub approvers: BTreeMap<Verdict, BTreeMap<OptionName, Vec<String>>>,
    /// What takes effect if nobody chooses.
    pub default: Option<DefaultChoice>,
    /// The option that is not offered while a commitment is overdue, if so agreed.
    pub withheld_if_overdue: Option<OptionName>,
}

/// The three options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionName {
    /// Earliest ship.
    Fastest,
    /// Within tolerance at ship, best compromise.
    Balanced,
    /// Least exposure.
    MostSecure,
}

impl OptionName {
    /// Every option, fastest first.
    pub const ALL: [Self; 3] = [Self::Fastest, Self::Balanced, Self::MostSecure];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fastest => "fastest",
            Self::Balanced => "balanced",
            Self::MostSecure => "most-secure",
        }
    }

    /// The name for people: in tables and within sentences, where the capital letter tells it from an adjective.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fastest => "Fastest",
            Self::Balanced => "Balanced",
            Self::MostSecure => "Most secure",
        }
    }
}

/// What takes effect if nobody chooses in time.
#[derive(Debug, Clone, PartialEq)]
pub struct DefaultChoice {
    /// The option.
    pub option: OptionName,
    /// After how many working hours.
    pub after_hours: f64,
}

/// Members of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Logins of people on GitHub, and teams as `organisation/team`.
    pub github: Vec<String>,
    /// Names of people on GitLab, and groups by their whole path.
    pub gitlab: Vec<String>,
    /// Public SSH keys.
    pub keys: Vec<String>,
}

impl Appetite {
    /// Roles that may approve `option` at `verdict`; empty if nobody may. `anyone` is a role like any other.
    pub fn approvers(&self, verdict: Verdict, option: OptionName) -> &[String] {
        self.authority.approvers.get(&verdict).and_then(|by_option| by_option.get(&option)).map_or(&[], Vec::as_slice)
    }

    /// Whether anything is enforced: only an appetite that both leaders agreed, and that has not lapsed, is more than
    /// advice.
    pub fn binds(&self) -> bool {
        self.agreement.state == AgreementState::Agreed
    }

    /// What is measured against, in words: nobody agreed where it does not bind.
    pub fn standard(&self) -> &'static str {
        if self.binds() { "what was agreed" } else { "the limits of the appetite" }
    }

    /// What a limit of it is called.
    pub fn limit(&self) -> &'static str {
        if self.binds() { "agreed limit" } else { "limit" }
    }
}
