//! What lowers the exposure of what a waiver leaves open, until its fix is in effect.
//!
//! A treatment that leaves the finding where it is keeps no limit and no date, so no plan counts on one where something asks
//! for the finding. Beside a waiver it is what makes "yes, until then" safe to say: a compensating control (PCI DSS v4.0,
//! Appendix B). It is proposed on top of the plan, with its own effort, and enters no figure of the option.

use std::collections::{BTreeMap, HashMap};

use super::describe::Setting;
use super::pose::{likely_rate, open_findings};
use super::problem::EPSILON;
use crate::model::option::{Meanwhile, PlanOption};
use crate::model::work::{TakesEffect, Treatment};

/// Most proposals of one option: those that spare most.
const MOST: usize = 2;

/// Least share of the waived exposure of an item that a proposal spares. Below it, and where the fix could be in effect as
/// soon, the work is better spent on the fix.
const WORTH_IT: f64 = 0.25;

/// A work item while it is waived.
struct Waived {
    /// Points a day.
    rate: f64,
    /// First and last day, in days since `now`.
    open: (f64, f64),
    /// Day on which its fix would be in effect if it came before everything else; without end if the plan has none.
    soonest: f64,
}

/// What can be done about what the waivers of an option leave open: of each work item the way that spares most, and the items
/// for which that is most. `ways` are those of a work item, by its index.
pub fn proposals(setting: &Setting<'_>, option: &PlanOption, ways: &dyn Fn(usize) -> Vec<Treatment>) -> Vec<Meanwhile> {
    let mut proposals: Vec<(f64, Meanwhile)> = Vec::new();
    for (item, waived) in waived(setting, option) {
        let (from, until) = waived.open;
        let of_way = |way: Treatment| {
            let in_effect = setting.planning.calendar.day_of_hours(way.effort.p50)? + way.lead_days;
            let share = (1.0 - way.residual.likely) * (until - in_effect.max(from)) / (until - from);
            // Whoever puts it before everything else could put the fix there.
            let sooner = way.takes_effect == TakesEffect::AtOnce && in_effect < waived.soonest - EPSILON;
            let fits = sooner && share >= WORTH_IT;
            fits.then_some((share, in_effect, way))
        };
        let best = ways(item).into_iter().filter_map(of_way).max_by(|(a, _, one), (b, _, other)| {
            let less_work = other.effort.p50.total_cmp(&one.effort.p50);
            a.total_cmp(b).then(less_work).then_with(|| other.id.cmp(&one.id))
        });
        if let Some((share, in_effect_day, treatment)) = best {
            let work = setting.work[item].id.clone();
            let spared = share * waived.rate * (until - from);
            proposals.push((spared, Meanwhile { work, treatment, in_effect_day, until_day: until }));
        }
    }
    proposals.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.work.cmp(&other.work)));
    proposals.into_iter().take(MOST).map(|(_, proposal)| proposal).collect()
}

/// The work items with findings that a waiver leaves open.
fn waived(setting: &Setting<'_>, option: &PlanOption) -> BTreeMap<usize, Waived> {
    let (ship, effects) = (option.ships.day, setting.effects(&option.steps));
    let fixes: HashMap<&str, &str> =
        option.steps.iter().map(|step| (step.work.as_str(), step.treatment.as_str())).collect();
    let mut ids: Vec<(&str, f64)> = Vec::new();
    for waiver in &option.waivers {
        if let Some(table) = waiver.row.strip_prefix("due:") {
            let missed = setting.missed(&effects, ship).into_iter().filter(|(_, due, _)| due.limit.table == table);
            ids.extend(missed.map(|(finding, ..)| (finding.finding.id.as_str(), waiver.until_day)));
        } else {
            let rows = setting.assessment.rows.iter().filter(|row| row.id == waiver.row);
            let open = rows.flat_map(|row| open_findings(row, &setting.findings));
            ids.extend(open.map(|id| (id, waiver.until_day)));
        }
    }
    ids.sort_by(|a, b| a.0.cmp(b.0).then(b.1.total_cmp(&a.1)));
    ids.dedup_by_key(|(id, _)| *id);
    let mut items: BTreeMap<usize, Waived> = BTreeMap::new();
    for (id, until) in ids {
        let (Some(&item), Some(finding)) = (setting.item_of.get(id), setting.findings.get(id)) else { continue };
        let from = if finding.finding.origin.counts_as_introduced() { ship } else { 0.0 };
        // An item that is never treated is open for as long as it is waived.
        let until = if effects[item].is_finite() { effects[item] } else { until };
        if until > from + EPSILON && effects[item] > ship + EPSILON {
            let waived = items.entry(item).or_insert_with(|| {
                let work = &setting.work[item];
                let planned = fixes.get(work.id.as_str());
                let fix = work.treatments.iter().find(|treatment| planned.is_some_and(|id| *id == treatment.id));
                Waived {
                    rate: 0.0,
                    open: (from, until),
                    soonest: fix.map_or(f64::INFINITY, |fix| soonest(setting, fix)),
                }
            });
            waived.rate += likely_rate(finding);
            waived.open.0 = waived.open.0.min(from);
        }
    }
    items
}

/// The day on which a fix is in effect if it is done before everything else.
fn soonest(setting: &Setting<'_>, fix: &Treatment) -> f64 {
    let calendar = &setting.planning.calendar;
    let done = calendar.day_of_hours(fix.effort.p50).map(|day| day + fix.lead_days);
    let day = match fix.takes_effect {
        TakesEffect::AtOnce => done,
        TakesEffect::AtRelease => done.and_then(|day| calendar.release_at_or_after(day)),
    };
    day.unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use crate::model::appetite::OptionName;
    use crate::model::origin::Origin;
    use crate::model::severity::Severity;
    use crate::model::work::{TakesEffect, Treatment};
    use crate::plan::sample::{self, treatment, with, work};
    use crate::plan::{Request, plan_request};

    /// An introduced critical whose fix takes `hours` and so is waived in the fastest option, and ways to live with it.
    fn meanwhile(hours: f64, ways: &[Treatment]) -> Vec<(String, f64)> {
        let mut critical = with("f-1", Origin::Introduced, 4.0);
        critical.finding.severity = Severity::Critical;
        let mut assessment = sample::assessment(vec![critical]);
        assessment.rows = vec![sample::row("new-critical", &["f-1"], 0, Some(0), false)];
        let items = vec![work("w-1", &["f-1"], vec![treatment(hours, 0.0, TakesEffect::AtRelease, 0.0)])];
        let appetite = sample::appetite(sample::declared(), true);
        let plan = plan_request(&assessment, &appetite, items, &Request::default(), &|_| ways.to_vec());
        let fastest = plan.options.iter().find(|option| option.name == OptionName::Fastest).unwrap();
        assert_eq!(fastest.waivers.len(), 1);
        for other in plan.options.iter().filter(|option| option.waivers.is_empty()) {
            assert!(other.meanwhile.is_empty(), "nothing is waived, nothing is proposed");
        }
        let said = fastest.pros.iter().filter(|text| text.contains("on top of the plan")).count();
        assert_eq!(said, usize::from(!fastest.meanwhile.is_empty()), "{:?}", fastest.pros);
        fastest.meanwhile.iter().map(|way| (way.treatment.id.clone(), way.in_effect_day)).collect()
    }

    fn way(id: &str, hours: f64, residual: f64, lead: f64) -> Treatment {
        Treatment { id: id.to_owned(), ..treatment(hours, residual, TakesEffect::AtOnce, lead) }
    }

    #[test]
    fn what_spares_most_is_proposed() {
        let ways = [way("watch", 2.0, 0.8, 0.0), way("shield", 4.0, 0.5, 0.0), way("isolate", 4.0, 0.3, 60.0)];
        // Four hours of a working day of six in eight: 5 h 20 min after nine.
        assert_eq!(meanwhile(60.0, &ways), [("shield".to_owned(), 16.0 / 3.0 / 24.0)]);
        assert_eq!(meanwhile(60.0, &[]), []);
    }

    #[test]
    fn what_takes_as_long_as_the_fix_is_not_proposed() {
        assert_eq!(meanwhile(8.0, &[way("shield", 8.0, 0.1, 0.0)]), []);
        assert_eq!(meanwhile(8.0, &[way("shield", 5.0, 0.1, 0.0)]).len(), 1);
        assert_eq!(meanwhile(60.0, &[way("watch", 1.0, 0.8, 0.0)]), [], "it spares a fifth");
        let with_release = Treatment { takes_effect: TakesEffect::AtRelease, ..way("shield", 1.0, 0.1, 0.0) };
        assert_eq!(meanwhile(60.0, &[with_release]), []);
    }
}
