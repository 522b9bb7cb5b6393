//! By when a finding has to be treated: the earliest date that an applicable timeline table sets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::acceptance::Acceptance;
use crate::model::appetite::Appetite;
use crate::model::assessment::{Due, DueKind};
use crate::model::category::Category;
use crate::model::clock::last_moment;
use crate::model::finding::Finding;
use crate::model::rules::TimelineTable;
use crate::model::service::Service;
use crate::model::ssvc::{DecisionPoint, TimeLimit};

use super::clock::Moments;

/// What stands for a timeline table where both leaders promised a day themselves.
const BASELINE: &str = "baseline";

/// The earliest due date, obligations of the service included; `None` if no table applies or none sets a date.
///
/// The tables speak of known vulnerabilities. The default table therefore applies to findings in components and to
/// whatever else has a public identifier; a table declared for a category applies to all of that category.
pub(super) fn earliest(
    finding: &Finding,
    service: &Service,
    points: &[DecisionPoint],
    appetite: &Appetite,
    tables: &BTreeMap<String, TimelineTable>,
    moments: Moments<'_>,
) -> Option<Due> {
    let known_vulnerability =
        matches!(finding.category, Category::Dependency | Category::Container) || !finding.identifiers.is_empty();
    let own = appetite.timelines.get(&finding.category);
    let default = appetite.timeline.as_ref().filter(|_| known_vulnerability);
    let agreed = own.or(default).map(|table| (table, true));
    let obligations = service.obligations.iter().filter(|_| known_vulnerability).map(|table| (table, false));
    agreed
        .into_iter()
        .chain(obligations)
        .filter_map(|(table, waivable)| {
            let limit = tables.get(table)?.look_up(points)?;
            let clock = appetite.clocks.get(table).copied().unwrap_or(appetite.clock);
            let (at, began, clock) = moments.due(clock, limit.days?)?;
            Some(Due { at, limit, clock, began: Some(began), kind: DueKind::Limit, waivable })
        })
        .chain(promised(finding, appetite, moments.now))
        // Of two equal dates the one that cannot be waived counts.
        .min_by(|a, b| a.at.cmp(&b.at).then(a.waivable.cmp(&b.waivable)))
}

/// A date that may be waived is that of the end of a waiver, if there is one that runs longer: the last second of its last
/// day, so that this is the day that is shown.
pub(super) fn at_the_end_of(due: Due, accepted: Option<&Acceptance>) -> Due {
    match accepted.filter(|accepted| due.waivable && accepted.until > due.at) {
        Some(accepted) => {
            let clock = format!("accepted until then, waiver {}", accepted.waiver);
            Due { at: last_moment(accepted.until), clock, began: None, kind: DueKind::Waiver, ..due }
        }
        None => due,
    }
}

/// The day by which both leaders promised it, unless it has passed: what is overdue is a matter for those who promised
/// it, and not for whoever comes with the next change.
fn promised(finding: &Finding, appetite: &Appetite, now: Timestamp) -> Option<Due> {
    let baseline = appetite.baseline.as_ref()?;
    let row = baseline.commitments.iter().position(|promise| promise.findings.contains(&finding.id))?;
    let promise = &baseline.commitments[row];
    let at = promise.due.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok()?.timestamp();
    let days = f64::from((promise.due - baseline.taken).get_days());
    let outcome = format!("promised by {}", promise.due);
    let limit = TimeLimit { table: BASELINE.to_owned(), row, outcome, days: Some(days), because: Vec::new() };
    let clock = format!("baseline agreed on {}", baseline.taken);
    (at > now).then_some(Due { at, limit, clock, began: None, kind: DueKind::Promise, waivable: true })
}
