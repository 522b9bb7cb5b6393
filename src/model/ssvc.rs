//! Decision points of Stakeholder-Specific Vulnerability Categorization (CERT/CC SSVC) and CISA BOD 26-04.

/// Value of one decision point, in the words of the published table (`active`, `open`, `yes`, `very high` …),
/// together with the rule that derived it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionPoint {
    /// Key as the tables in `rules/timelines/` write it: `exploitation`, `system_exposure`, `automatable`,
    /// `human_impact`, `in_kev`, `publicly_exposed`, `technical_impact`.
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
    /// Row of the table, counted as the published table counts.
    pub row: usize,
    /// The table's own words for the outcome (`14 days`, `out-of-cycle`).
    pub outcome: String,
    /// Days from the start of the clock, `None` if the outcome sets no date (`defer`, `fix on system upgrade`).
    pub days: Option<f64>,
    /// The decision points that chose the row.
    pub because: Vec<DecisionPoint>,
}
