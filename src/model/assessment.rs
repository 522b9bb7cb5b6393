//! The judgement: findings with all facts, tolerance rows, verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::acceptance::Acceptance;
use super::basis::{Basis, Range};
use super::clock::Began;
use super::coverage::Coverage;
use super::facts::Facts;
use super::finding::{Finding, Suppressed};
use super::intel::Knowledge;
use super::service::Service;
use super::severity::Severity;
use super::ssvc::{DecisionPoint, TimeLimit};
use super::verdict::Verdict;

/// Everything judged about a run.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The moment of judgement.
    pub now: Timestamp,
    /// The answer.
    pub verdict: Verdict,
    /// Why the verdict is `unresolved`, and what to do: one sentence each. Empty otherwise.
    pub unresolved_because: Vec<String>,
    /// Evidence per kind of test.
    pub coverage: Vec<Coverage>,
    /// Findings with their facts, ordered by id; resolved ones included.
    pub findings: Vec<AssessedFinding>,
    /// Findings not counted because a scanner was told so.
    pub suppressed: Vec<Suppressed>,
    /// Tolerance rows in the appetite's order.
    pub rows: Vec<RowResult>,
    /// What would change the verdict, one sentence each ("would be within appetite if …").
    pub counterfactual: Vec<String>,
}

/// A finding with everything that is known about it. What is the same for many findings they share.
#[derive(Debug, Clone)]
pub struct AssessedFinding {
    /// The finding.
    pub finding: Finding,
    /// The severity that it is judged by.
    pub severity: JudgedSeverity,
    /// What the world knows about it.
    pub knowledge: Knowledge,
    /// Service concerned.
    pub service: Arc<Service>,
    /// Facts as conditions see them.
    pub facts: Facts,
    /// SSVC and BOD 26-04 decision points, with the rule that derived each.
    pub decision_points: Arc<[DecisionPoint]>,
    /// Date by which a timeline table wants it treated.
    pub due: Option<Due>,
    /// The waiver by which it is accepted until a date.
    pub accepted: Option<Acceptance>,
    /// Exposure rate.
    pub rate: Rate,
}

/// The severity that a finding is judged by, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedSeverity {
    /// The severity; `Unknown` if no scanner states one and the appetite declares none for the category.
    pub value: Severity,
    /// Where it comes from; `None` if unknown.
    pub basis: Option<Basis>,
}

/// A due date and the table that set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// The moment.
    pub at: Timestamp,
    /// The table's row that set it.
    pub limit: TimeLimit,
    /// When the clock started, in words ("first seen by this run", "published 2026-10-02 (osv-scanner)").
    pub clock: String,
    /// From when the days are counted; `None` where the date is not counted but promised or accepted.
    pub began: Option<Began>,
    /// What makes it a date.
    pub kind: DueKind,
    /// Whether it may be waived: not if it is an obligation of the service.
    pub waivable: bool,
}

/// What makes a date a due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueKind {
    /// A timeline table counts it from the start of its clock.
    Limit,
    /// Both leaders promised that day when they agreed the baseline.
    Promise,
    /// A waiver accepts the finding until then.
    Waiver,
}

/// Exposure rate of a finding: expected harm per day, in points (DESIGN section 5).
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Points per day: `likelihood_per_day` × `impact`, end by end.
    pub points_per_day: Range,
    /// −ln(1 − p)/30 × exposure factor, per day.
    pub likelihood_per_day: Range,
    /// Points, 0 to 100.
    pub impact: Range,
    /// What it is made of, so that it can be recomputed by hand: `likelihood` is p, the 30-day probability of exploitation;
    /// `network` the factor of who can reach the service; `impact` the points before, and `criticality` the factor of, how
    /// much depends on the service.
    pub parts: Arc<BTreeMap<&'static str, Range>>,
    /// Basis of each part: keys `likelihood`, `network`, `impact`, `criticality`.
    pub basis: Arc<BTreeMap<&'static str, Basis>>,
}

/// How one tolerance row stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RowResult {
    /// Id of the row.
    pub id: String,
    /// What it means, for people.
    pub says: String,
    /// Number of open findings that match.
    pub measured: u64,
    /// Amber above this.
    pub appetite: u64,
    /// Red above this; `None` if it can only be amber.
    pub tolerance: Option<u64>,
    /// The row's own verdict.
    pub state: Verdict,
    /// Whether it must be treated before ship when red.
    pub before_ship: bool,
    /// Ids of the findings that match, sorted.
    pub findings: Vec<String>,
    /// Ids of findings that would match and are accepted until a date instead, sorted; none where `before_ship`.
    pub accepted: Vec<String>,
    /// Ids of findings for which the condition depends on unknown facts, with the names of those facts.
    pub undecided: BTreeMap<String, Vec<&'static str>>,
}

impl RowResult {
    /// The verdict of a row with these limits when `count` findings match.
    pub fn state_at(&self, count: u64) -> Verdict {
        if self.tolerance.is_some_and(|limit| count > limit) {
            Verdict::BeyondTolerance
        } else if count > self.appetite {
            Verdict::WithinTolerance
        } else {
            Verdict::WithinAppetite
        }
    }
}
