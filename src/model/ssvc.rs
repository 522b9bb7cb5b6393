//! Decision points of Stakeholder-Specific Vulnerability Categorization (CERT/CC SSVC) and of CISA BOD 26-04, and the
//! time limits that tables give for them.

/// Every decision point that a timeline table can use, with its values from the least to the most urgent, in the
/// words of the published tables (CERT/CC SSVC `data/csv`, lower case). `severity` is not a decision point of SSVC: it
/// is there for the tables of regulators that go by severity alone.
pub const DECISION_POINTS: [(&str, &[&str]); 8] = [
    ("automatable", &["no", "yes"]),
    ("exploitation", &["none", "public poc", "active"]),
    ("human_impact", &["low", "medium", "high", "very high"]),
    ("in_kev", &["no", "yes"]),
    ("publicly_exposed", &["no", "yes"]),
    ("severity", &["info", "low", "medium", "high", "critical"]),
    ("system_exposure", &["small", "controlled", "open"]),
    ("technical_impact", &["partial", "total"]),
];

/// Value of one decision point, in the words of the published table (`active`, `open`, `yes`, `very high` …),
/// together with the rule that derived it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionPoint {
    /// Key as the tables in `rules/timelines/` write it: one of [`DECISION_POINTS`].
    pub key: &'static str,
    /// The value, in the words of the table.
    pub value: String,
    /// The rule that derived it, in words ("AV:N, AC:L, PR:N, UI:N in the vector").
    pub rule: String,
}

/// Time limit that a timeline table gives a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeLimit {
    /// Id of the table (`cisa-bod-26-04`).
    pub table: String,
    /// Row of the table, counted from 0 as CERT/CC counts in the published files.
    pub row: usize,
    /// The table's own words for the outcome (`14 days`, `out-of-cycle`).
    pub outcome: String,
    /// Days from the start of the clock, `None` if the outcome sets no date (`defer`, `fix on system upgrade`).
    pub days: Option<f64>,
    /// The decision points that chose the row.
    pub because: Vec<DecisionPoint>,
}

/// The values of the decision point `key`, least urgent first; `None` if there is no such decision point.
pub fn values_of(key: &str) -> Option<&'static [&'static str]> {
    DECISION_POINTS.iter().find(|(known, _)| *known == key).map(|(_, values)| *values)
}
