//! The rule pack: decision tables, treatments and assumptions, as data out of `rules/**/*.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::basis::{Basis, Range};
use super::category::Category;
use super::condition::Condition;
use super::effort::Effort;
use super::mapping::Described;
use super::service::{Criticality, NetworkExposure};
use super::severity::Severity;
use super::ssvc::{DecisionPoint, TimeLimit};
use super::work::{TakesEffect, TreatmentKind};

/// All rules of a run: those built in, with a repository's additions and overrides.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// Timeline tables by id.
    pub timelines: BTreeMap<String, TimelineTable>,
    /// Treatments in order of id.
    pub treatments: Vec<TreatmentRule>,
    /// Assumptions behind the exposure rate.
    pub exposure: ExposureRules,
    /// Report formats described by files, in order of id.
    pub formats: Vec<Described>,
}

/// A decision table from facts to a time limit.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineTable {
    /// Id, equal to the file name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of the published table.
    pub version: String,
    /// Who published it and where.
    pub source: String,
    /// Keys of the decision points that make the columns.
    pub columns: Vec<String>,
    /// Rows in the published order. The loader has made sure that every combination of values is in exactly one row.
    pub rows: Vec<TimelineRow>,
    /// What each outcome means.
    pub outcomes: BTreeMap<String, Outcome>,
}

/// One row of a timeline table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// One value per column; `*` matches anything.
    pub values: Vec<String>,
    /// Name of the outcome.
    pub outcome: String,
}

/// What stands in a row for "whatever the value".
pub const ANY_VALUE: &str = "*";

/// What an outcome of a timeline table means.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Days from the start of the clock; `None` if it sets no date.
    pub days: Option<f64>,
    /// The SSVC outcome that it corresponds to, if any (`defer`, `scheduled`, `out-of-cycle`, `immediate`).
    pub ssvc: Option<String>,
    /// Where the number of days comes from.
    pub basis: Basis,
}

/// One way to deal with a kind of work item.
#[derive(Debug, Clone)]
pub struct TreatmentRule {
    /// Id, equal to the file name.
    pub id: String,
    /// What to do, for people; `{component}`, `{fixed_in}`, `{title}`, `{path}` are filled in.
    pub title: String,
    /// Kind after ISO 31000.
    pub kind: TreatmentKind,
    /// Whether scanners go on reporting what was treated. Such a treatment lowers what a finding exposes, and no limit and no
    /// date is kept by it.
    pub remains: bool,
    /// To which findings it applies; it applies to a work item if it applies to every finding in it.
    pub when: Condition,
    /// Effort of the first finding of a work item, in hours.
    pub effort: Effort,
    /// Additional effort of each further finding of the same work item, in hours.
    pub effort_each_further: Effort,
    /// Where the effort comes from.
    pub effort_basis: Arc<Basis>,
    /// When it takes effect.
    pub takes_effect: TakesEffect,
    /// Calendar days between the end of the work and its effect (communication, propagation).
    pub lead_days: f64,
    /// Share of the exposure rate that remains, 0 to 1.
    pub residual: Range,
    /// Where the residual comes from.
    pub residual_basis: Arc<Basis>,
    /// What customers or operations notice, empty if nothing.
    pub disruption: Arc<str>,
    /// Advantages for delivery and for security.
    pub pros: Arc<[String]>,
    /// Disadvantages for delivery and for security.
    pub cons: Arc<[String]>,
    /// Where to read more.
    pub references: Arc<[String]>,
}

/// Assumptions behind the exposure rate (DESIGN section 5), each of them `assumed` by the rule `id`.
#[derive(Debug, Clone)]
pub struct ExposureRules {
    /// Id of the rule file.
    pub id: String,
    /// 30-day probability of exploitation that a known exploited vulnerability has at least.
    pub kev_floor: Range,
    /// 30-day probability of abuse of a secret that was tried and works.
    pub verified_secret: Range,
    /// 30-day probability where no feed gives one, by category and severity.
    pub prior: BTreeMap<Category, BTreeMap<Severity, Range>>,
    /// How far an EPSS score can be off, as factors on the probability.
    pub epss_spread: Range,
    /// Factor of who can reach the service.
    pub network: BTreeMap<NetworkExposure, Range>,
    /// Impact in points, 0 to 100, where no CVSS vector gives one.
    pub impact: BTreeMap<Severity, Range>,
    /// Factor on the impact, of how much depends on the service; the product is capped at 100.
    pub criticality: BTreeMap<Criticality, Range>,
}

impl TimelineTable {
    /// The row that `points` choose, with what it means; `None` if a decision point that the table needs is missing.
    pub fn look_up(&self, points: &[DecisionPoint]) -> Option<TimeLimit> {
        let point = |column: &String| points.iter().find(|point| point.key == column.as_str());
        let (number, row) = self.rows.iter().enumerate().find(|(_, row)| {
            self.columns
                .iter()
                .zip(&row.values)
                .all(|(column, value)| value == ANY_VALUE || point(column).is_some_and(|point| point.value == *value))
        })?;
        Some(TimeLimit {
            table: self.id.clone(),
            row: number,
            outcome: row.outcome.clone(),
            days: self.outcomes.get(&row.outcome)?.days,
            because: self
                .columns
                .iter()
                .zip(&row.values)
                .filter(|(_, value)| *value != ANY_VALUE)
                .filter_map(|(column, _)| point(column).cloned())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known exploited: 3 days. Otherwise it depends on who can reach it.
    fn table() -> TimelineTable {
        let row = |values: [&str; 2], outcome: &str| TimelineRow {
            values: values.map(str::to_owned).to_vec(),
            outcome: outcome.to_owned(),
        };
        let outcome = |days| Outcome { days, ssvc: None, basis: Basis::Published("a standard".to_owned()) };
        TimelineTable {
            id: "example".to_owned(),
            title: String::new(),
            version: "1".to_owned(),
            source: String::new(),
            columns: vec!["in_kev".to_owned(), "publicly_exposed".to_owned()],
            rows: vec![row(["no", "no"], "later"), row(["no", "yes"], "soon"), row(["yes", ANY_VALUE], "now")],
            outcomes: BTreeMap::from([
                ("later".to_owned(), outcome(None)),
                ("soon".to_owned(), outcome(Some(14.0))),
                ("now".to_owned(), outcome(Some(3.0))),
            ]),
        }
    }

    fn point(key: &'static str, value: &str) -> DecisionPoint {
        DecisionPoint { key, value: value.to_owned(), rule: "stated".to_owned() }
    }

    #[test]
    fn the_row_that_fits_is_found_with_its_number_and_the_points_that_chose_it() {
        let unrelated = point("automatable", "yes");
        let limit = table().look_up(&[unrelated, point("publicly_exposed", "yes"), point("in_kev", "no")]).unwrap();
        assert_eq!((limit.row, limit.outcome.as_str(), limit.days), (1, "soon", Some(14.0)));
        assert_eq!(limit.because, [point("in_kev", "no"), point("publicly_exposed", "yes")]);
    }

    #[test]
    fn an_outcome_without_a_date_is_an_outcome() {
        let limit = table().look_up(&[point("in_kev", "no"), point("publicly_exposed", "no")]).unwrap();
        assert_eq!((limit.outcome.as_str(), limit.days), ("later", None));
    }

    #[test]
    fn a_missing_point_gives_no_limit_unless_the_row_does_not_ask_for_it() {
        assert_eq!(table().look_up(&[point("in_kev", "no")]), None);
        assert_eq!(table().look_up(&[]), None);
        let limit = table().look_up(&[point("in_kev", "yes")]).unwrap();
        assert_eq!((limit.row, limit.because.len()), (2, 1));
    }
}
