//! `detente.brief/1`: the published shape of a brief (DESIGN section 9).
//!
//! Names here are a contract: fields may be added, never renamed, removed or given another meaning. `day` values are
//! calendar days since `now`, fractions allowed. A figure and its basis stand side by side: `basis` is one of the five
//! words (`reported`, `published`, `declared`, `calibrated`, `assumed`), `basis_source` says who or what says so.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::appetite::{AgreementState, OptionName};
use crate::model::category::Category;
use crate::model::clock::Clock;
use crate::model::coverage::CoverageState;
use crate::model::origin::Origin;
use crate::model::service::{Criticality, NetworkExposure};
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

mod decision;
mod plan;
mod range;

pub use crate::model::word::Word;
pub use decision::{Approval, Decision, DecisionCommitment};
pub use plan::*;
pub use range::{Range, Spread};

/// Value of [`Brief::schema`].
pub const SCHEMA: &str = "detente.brief/1";

// `F` and `W` are its two long lists, which need not be held to be written.
/// Everything one run of `detente gate` has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "detente.brief/1")]
pub struct Brief<F = Vec<Finding>, W = Vec<Work>> {
    /// `detente.brief/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The moment of judgement, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub now: String,
    /// How the change stands against the risk appetite.
    pub verdict: Word<Verdict>,
    /// Why the verdict is `unresolved` and what to do; empty otherwise.
    pub unresolved_because: Vec<String>,
    /// What the reader should know besides; the first says so if nothing is enforced.
    pub notices: Vec<String>,
    /// The change under test.
    pub change: Change,
    /// Every report that was given.
    pub reports: Vec<Report>,
    /// Evidence per kind of test.
    pub coverage: Vec<Coverage>,
    /// Feeds that were used, and which were not given.
    pub intel: Vec<String>,
    /// What was judged against.
    pub appetite: Appetite,
    /// Findings by id, resolved ones included.
    pub findings: F,
    /// Findings that are not counted because a scanner was told so.
    pub suppressed: Vec<Suppressed>,
    /// Tolerance rows in the appetite's order.
    pub tolerance: Vec<Row>,
    /// What would change the verdict.
    pub counterfactual: Vec<String>,
    /// Work items by id.
    pub work: W,
    /// What the options were planned with.
    pub planning: Planning,
    /// Complete plans, fastest first; empty if nothing has to be chosen.
    pub options: Vec<PlanOption>,
    /// Names that fell together, and why.
    pub merged_options: Vec<Merged>,
    /// The option to take if nothing speaks against it.
    pub recommended: Option<Word<OptionName>>,
    /// Work items that every option treats before ship.
    pub common_work: Vec<String>,
    /// How the options were chosen; null if there was nothing to choose.
    pub selection: Option<Selection>,
    /// How good the plans are.
    pub optimality: Optimality,
    /// How ranges were simulated; null without options.
    #[serde(default)]
    pub simulation: Option<Simulation>,
    /// The plan for a wish; null if none was uttered, or nothing can ship.
    #[serde(default)]
    pub wish: Option<Wished>,
    /// How the exposure budget of the quarter stands; null if none is agreed or nothing was recorded.
    #[serde(default)]
    pub budget: Option<Budget>,
    /// What takes effect if nobody chooses, as agreed.
    pub default: Option<DefaultChoice>,
    /// What to do next.
    pub next: Vec<Next>,
    /// The decision on this change, if one was recorded.
    #[serde(default)]
    pub decision: Option<Decision>,
}

/// The change under test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Name by which decisions on it are found again (`pull/12`, `branch/feature-x`); empty if it has none.
    #[serde(default)]
    pub name: String,
    /// Full id of the commit under test.
    pub head: Option<String>,
    /// What it is compared with.
    pub base: Option<Base>,
    /// Number of files that differ.
    pub files: usize,
    /// Why the change could not be read and what to do; empty if it was.
    pub unknown_because: String,
    /// Exceptions for scanners that the change adds and nobody signed.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// A line that tells a scanner not to count something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// File.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// The scanner that it speaks to.
    pub tool: String,
    /// What the line says, clipped.
    pub text: String,
}

/// The state before the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Base {
    /// As it was given.
    pub name: String,
    /// Full id of the merge base.
    pub commit: String,
}

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Path as given.
    pub path: String,
    /// Id of the format, null if not recognised.
    pub format: Option<String>,
    /// Name of the tool.
    pub tool: String,
    /// Version of the tool, empty if not given.
    pub tool_version: String,
    /// Digest of the file.
    pub sha256: String,
    /// Results that the scanner holds to be open.
    pub findings: u64,
    /// Results that someone told the scanner not to count.
    pub suppressed: u64,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Something wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What is wrong, where, and what to do.
    pub message: String,
    /// Whether evidence is missing because of it.
    pub evidence_missing: bool,
}

/// The evidence for one kind of test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Kind of test.
    pub kind: Word<Category>,
    /// How it stands.
    pub state: Word<CoverageState>,
    /// Whether the appetite requires it.
    pub required: bool,
    /// Paths of the reports that are evidence for it.
    pub reports: Vec<String>,
    /// What is missing and what to do; empty if present.
    pub remark: String,
}

/// What was judged against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appetite {
    /// Digest of the file.
    pub sha256: String,
    /// How far it is agreed; only `agreed` makes the verdict more than advice.
    pub agreement: Word<AgreementState>,
    /// Roles whose signature verifies.
    pub signers: Vec<String>,
    /// What the agreement's state means and what to do; empty if agreed.
    pub remark: String,
    /// Name of what it governs.
    pub name: String,
    /// Where it was read from.
    pub origin: String,
}

/// One security problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable name.
    pub id: String,
    /// Kind of problem.
    pub category: Word<Category>,
    /// Short name.
    pub title: String,
    /// Severity as judged.
    pub severity: Word<Severity>,
    /// Basis of the severity: one of the five words; null if it is unknown.
    pub severity_basis: Option<String>,
    /// Who or what says so.
    pub severity_basis_source: Option<String>,
    /// CVSS base score and the vector it was computed from.
    pub cvss: Option<Cvss>,
    /// Public names, a CVE first.
    pub identifiers: Vec<String>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// Relation to the change.
    pub origin: Word<Origin>,
    /// How the origin was judged.
    pub origin_evidence: String,
    /// Scanners that saw it.
    pub sources: Vec<Source>,
    /// Places in files.
    pub locations: Vec<Location>,
    /// Address in a running system.
    pub endpoint: Option<String>,
    /// Method with which it was reached.
    #[serde(default)]
    pub endpoint_method: Option<String>,
    /// Image or resource in which it was seen.
    pub artefact: Option<String>,
    /// Package concerned.
    pub component: Option<Component>,
    /// Probability of exploitation in the next 30 days.
    pub epss: Option<f64>,
    /// Where and of when that probability is.
    pub epss_source: Option<String>,
    /// Whether exploitation is known; null if nothing says either way.
    pub kev: Option<bool>,
    /// Which catalogue says so.
    pub kev_source: Option<String>,
    /// How sure the surest scanner is: `low`, `medium`, `high`, `certain`; null if none says.
    #[serde(default)]
    pub confidence: Option<String>,
    /// For a secret: whether it was tried and works; null if it was not tried.
    #[serde(default)]
    pub verified: Option<bool>,
    /// Whether the vulnerable code is known to be called; null if nothing says either way.
    #[serde(default)]
    pub reachable: Option<bool>,
    /// When the problem became publicly known, RFC 3339.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub published: Option<String>,
    /// Since when there is a version without the problem, RFC 3339.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub fixed_since: Option<String>,
    /// SSVC outcome.
    pub ssvc: Option<String>,
    /// Date by which a timeline table wants it treated.
    pub due: Option<Due>,
    /// The waiver by which it is accepted until a date; null if there is none.
    #[serde(default)]
    pub accepted: Option<Acceptance>,
    /// Service concerned.
    pub service: Service,
    /// Exposure rate, in points a day.
    pub rate: Rate,
}

/// A CVSS assessment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cvss {
    /// Vector, empty if only a score is known.
    pub vector: String,
    /// Base score, 0 to 10.
    pub score: f64,
    /// CVSS version, empty if unknown.
    pub version: String,
    /// Who assessed it, empty if unknown.
    pub source: String,
}

/// One scanner that saw a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The tool.
    pub tool: String,
    /// Its rule.
    pub rule: String,
    /// Path of the report.
    pub report: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// File.
    pub path: String,
    /// First line, counted from 1.
    pub line: Option<u32>,
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Package URL.
    pub purl: Option<String>,
    /// Package type, as in a package URL; empty if unknown.
    #[serde(default)]
    pub ecosystem: String,
    /// Name as its ecosystem writes it.
    pub name: String,
    /// Version in use, empty if unknown.
    pub version: String,
    /// Versions without the problem; empty if there is none, null if nothing says either way.
    pub fixed_in: Option<Vec<String>>,
    /// Whether the project itself asks for it.
    pub direct: Option<bool>,
}

/// A waiver as it bears on a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// Id of the waiver in the ledger.
    pub waiver: String,
    /// The moment until which it holds, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub until: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
}

/// A due date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// The day, in the time zone of the calendar.
    #[schemars(extend("format" = "date"))]
    pub date: String,
    /// The moment, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// Timeline table that sets it.
    pub table: String,
    /// The table's row, as published.
    pub row: usize,
    /// The table's own words.
    pub outcome: String,
    /// Days from the start of the clock.
    #[serde(default)]
    pub days: Option<f64>,
    /// The decision points that chose the row.
    #[serde(default)]
    pub because: Vec<DecisionPoint>,
    /// When the clock started, in words.
    pub clock: String,
    /// From when the days are counted; null where the date is not counted but promised or accepted.
    #[serde(default)]
    pub began: Option<Began>,
    /// Whether it may be waived.
    pub waivable: bool,
}

/// When the days of a due date began to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Began {
    /// The clock that counts.
    pub clock: Word<Clock>,
    /// When it began, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// Who says so: a tool by its report, the ledger, or this run.
    pub source: String,
    /// The clock that was agreed.
    pub agreed: Word<Clock>,
    /// Why another clock counts than the one agreed; empty if none does.
    pub because: String,
}

/// A decision point of a timeline table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionPoint {
    /// Column of the table.
    pub key: String,
    /// Its value, in the table's words.
    pub value: String,
    /// What it was derived from.
    pub rule: String,
}

/// A service of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Who can reach it.
    pub exposure: Word<NetworkExposure>,
    /// How much depends on it.
    pub criticality: Word<Criticality>,
    /// Kinds of data it handles.
    pub data: Vec<String>,
    /// Timeline tables that always apply.
    pub obligations: Vec<String>,
    /// Whether the appetite declares it.
    pub declared: bool,
}

/// Exposure rate: expected harm, in points a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// `likelihood_per_day` × `impact`.
    pub likely: f64,
    /// The optimistic end; null if without bound.
    pub low: Option<f64>,
    /// The pessimistic end; null if without bound.
    pub high: Option<f64>,
    /// −ln(1 − p)/30 × exposure factor of the service.
    pub likelihood_per_day: f64,
    /// Its range.
    pub likelihood_range: Range,
    /// Points, 0 to 100.
    pub impact: f64,
    /// Its range.
    pub impact_range: Range,
    /// What the rate is made of: `likelihood` (p, the probability of exploitation within 30 days), `network` (factor),
    /// `impact` (points before the criticality) and `criticality` (factor; the product is at most 100).
    #[serde(default)]
    pub parts: BTreeMap<String, Spread>,
    /// Basis of each part (`likelihood`, `network`, `impact`, `criticality`): one of the five words.
    pub basis: BTreeMap<String, String>,
    /// Who or what says so, part by part.
    pub basis_source: BTreeMap<String, String>,
}

/// A finding that is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// Its id.
    pub id: String,
    /// Kind of problem.
    pub category: Word<Category>,
    /// Short name.
    pub title: String,
    /// Severity that the report states.
    pub severity: Word<Severity>,
    /// How the scanner was told.
    pub kind: String,
    /// The reason given, empty if none.
    pub reason: String,
}

/// How one tolerance row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What it means.
    pub says: String,
    /// Number of open findings that match.
    pub measured: u64,
    /// Amber above this.
    pub appetite: u64,
    /// Red above this; null if the row can only be amber.
    pub tolerance: Option<u64>,
    /// The row's own verdict.
    pub state: Word<Verdict>,
    /// Whether it must be treated before ship when red.
    pub before_ship: bool,
    /// Ids of the findings that match.
    pub findings: Vec<String>,
    /// Ids of findings that would match and are accepted until a date instead.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Per finding that could not be judged, the facts that are not known.
    pub undecided: BTreeMap<String, Vec<String>>,
}

/// The exposure budget of a quarter, by what was recorded on the default branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// The quarter: `2026-Q4`.
    pub quarter: String,
    /// Its beginning, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// Its end, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub to: String,
    /// Points agreed for it (declared: `budget.exposure`).
    pub agreed: f64,
    /// Points spent so far.
    pub spent: f64,
    /// Since when that is counted, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub since: String,
    /// Points a day that are being spent now.
    pub per_day: f64,
    /// Points spent by the end of the quarter if nothing changes.
    pub forecast: f64,
}

/// What takes effect if nobody chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DefaultChoice {
    /// The option.
    pub option: Word<OptionName>,
    /// After how many working hours.
    pub after_hours: f64,
    /// When that is, RFC 3339, counted from the first recorded verdict on these findings; null if none is recorded yet.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub at: Option<String>,
}

/// One thing to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Next {
    /// What to do.
    pub say: String,
    /// The command that does it.
    pub command: Option<String>,
}
