//! By when a finding has to be treated: the earliest date that an applicable timeline table sets.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::appetite::Appetite;
use crate::model::assessment::Due;
use crate::model::category::Category;
use crate::model::finding::Finding;
use crate::model::rules::TimelineTable;
use crate::model::service::Service;
use crate::model::ssvc::DecisionPoint;

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
    now: Timestamp,
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
            let at = now.checked_add(Duration::from_secs_f64(limit.days? * 86_400.0)).ok()?;
            Some(Due { at, limit, clock: "first seen by this run".to_owned(), waivable })
        })
        // Of two equal dates the one that cannot be waived counts.
        .min_by(|a, b| a.at.cmp(&b.at).then(a.waivable.cmp(&b.waivable)))
}
