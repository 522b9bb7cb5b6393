//! What a brief offers, in the form in which a decision keeps it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::appetite::OptionName;
use crate::model::brief::Brief;
use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
use crate::model::ledger::{Decided, Offer, Promise, Promised, Saw, Waived, WaivedFinding, rounded};
use crate::model::origin::Origin;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;
use crate::model::word::Word;
use crate::model::work::TreatmentKind;
use crate::render::json::v1;

/// What has to be decided about: open findings that count as coming with the change, and others in rows that are not
/// within appetite.
pub(in crate::commands) fn decided(brief: &v1::Brief) -> Vec<Decided> {
    let rows = brief.tolerance.iter().filter(|row| row.state.0 > Verdict::WithinAppetite);
    let in_rows: BTreeSet<&String> = rows.flat_map(|row| &row.findings).collect();
    brief
        .findings
        .iter()
        .filter(|finding| finding.origin.0 != Origin::Resolved)
        .filter(|finding| finding.origin.0.counts_as_introduced() || in_rows.contains(&finding.id))
        .map(|finding| Decided {
            id: finding.id.clone(),
            title: finding.title.clone(),
            severity: finding.severity,
            exploited: finding.kev == Some(true),
        })
        .collect()
}

/// The same of a brief that has not been written yet.
pub(in crate::commands) fn to_decide(brief: &Brief) -> Vec<Decided> {
    let rows = brief.assessment.rows.iter().filter(|row| row.state > Verdict::WithinAppetite);
    let in_rows: BTreeSet<&String> = rows.flat_map(|row| &row.findings).collect();
    brief
        .open_findings()
        .filter(|assessed| assessed.finding.origin.counts_as_introduced() || in_rows.contains(&assessed.finding.id))
        .map(|assessed| Decided {
            id: assessed.finding.id.clone(),
            title: assessed.finding.title.clone(),
            severity: Word(assessed.severity.value),
            exploited: assessed.knowledge.kev.as_ref().is_some_and(|kev| kev.listed),
        })
        .collect()
}

/// The option of that name, or the one that stands for it.
pub(in crate::commands) fn option(brief: &v1::Brief, name: OptionName) -> Option<&v1::PlanOption> {
    let offered = |name: OptionName| brief.options.iter().find(|option| option.name.0 == name);
    offered(name).or_else(|| {
        let merged = brief.merged_options.iter().find(|merged| merged.names.contains(&Word(name)))?;
        merged.names.iter().find_map(|other| offered(other.0))
    })
}

/// What choosing `option` promises.
pub(in crate::commands) fn offer(brief: &v1::Brief, option: &v1::PlanOption, now: Timestamp) -> Offer {
    Offer {
        approval: option.approval.clone(),
        ships_day: option.ships.day,
        blocking_day: blocking_day(brief, now),
        delay_working_days: option.ships.delay_working_days,
        score: option.score,
        exposure: option.exposure,
        effort_hours: option.effort_hours.p50,
        waivers: option
            .waiver_dates
            .iter()
            .map(|waiver| Waived { row: waiver.row.clone(), until: at_day(now, waiver.until_day) })
            .collect(),
        promises: option.commitments.iter().map(|promise| promised(brief, option, promise, now)).collect(),
    }
}

fn promised(brief: &v1::Brief, option: &v1::PlanOption, promise: &v1::Commitment, now: Timestamp) -> Promise {
    let work = brief.work.iter().find(|item| item.id == promise.work);
    let step = option.steps.iter().find(|step| step.work == promise.work);
    let treatment = step.map(|step| step.treatment.clone()).unwrap_or_default();
    let kind = work.and_then(|item| item.treatments.iter().find(|other| other.id == treatment)).map(|t| t.kind);
    let due = match (&promise.at, &promise.due) {
        (Some(at), _) => at.parse().unwrap_or(now),
        (None, v1::When::Day(day)) => at_day(now, *day),
        (None, v1::When::Date(_)) => now,
    };
    let ids: BTreeSet<&String> = work.iter().flat_map(|item| &item.findings).collect();
    let findings = brief.findings.iter().filter(|finding| ids.contains(&finding.id));
    Promise {
        work: promise.work.clone(),
        title: work.map(|item| item.title.clone()).unwrap_or_default(),
        treatment,
        kind: kind.unwrap_or(Word(TreatmentKind::Fix)),
        hours: step.map(|step| step.hours).unwrap_or_default(),
        due,
        findings: findings.map(|finding| promised_finding(brief, finding)).collect(),
    }
}

/// A finding that is promised to be gone.
pub(in crate::commands) fn promised_finding(brief: &v1::Brief, finding: &v1::Finding) -> Promised {
    Promised {
        id: finding.id.clone(),
        title: finding.title.clone(),
        path: finding.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
        saw: saw(brief, finding),
    }
}

fn saw(brief: &v1::Brief, finding: &v1::Finding) -> Vec<Saw> {
    let version =
        |report: &str| brief.reports.iter().find(|other| other.path == report).map(|r| r.tool_version.clone());
    finding
        .sources
        .iter()
        .map(|source| Saw {
            tool: source.tool.clone(),
            version: version(&source.report).unwrap_or_default(),
            rule: source.rule.clone(),
        })
        .collect()
}

/// The findings of each row that `offer` accepts to be beyond tolerance.
pub(in crate::commands) fn waived(brief: &v1::Brief, offer: &Offer) -> BTreeMap<String, Vec<WaivedFinding>> {
    let finding = |id: &String| brief.findings.iter().find(|finding| finding.id == *id).map(waived_finding);
    offer
        .waivers
        .iter()
        .map(|waiver| {
            let row = brief.tolerance.iter().find(|row| row.id == waiver.row);
            (waiver.row.clone(), row.iter().flat_map(|row| &row.findings).filter_map(finding).collect())
        })
        .collect()
}

/// A finding with everything by which scanners know it.
pub(in crate::commands) fn waived_finding(finding: &v1::Finding) -> WaivedFinding {
    WaivedFinding {
        id: finding.id.clone(),
        title: finding.title.clone(),
        identifiers: finding.identifiers.clone(),
        saw: finding.sources.iter().map(|source| (source.tool.clone(), source.rule.clone())).collect(),
        path: finding.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
        purl: finding.component.as_ref().and_then(|component| component.purl.clone()).unwrap_or_default(),
        severity: finding.severity,
        exploited: finding.kev == Some(true),
    }
}

/// A finding that a scanner was told not to count: what is known of it is little.
pub(in crate::commands) fn waived_unseen(suppressed: &v1::Suppressed) -> WaivedFinding {
    WaivedFinding {
        id: suppressed.id.clone(),
        title: suppressed.title.clone(),
        identifiers: Vec::new(),
        saw: Vec::new(),
        path: String::new(),
        purl: String::new(),
        severity: suppressed.severity,
        exploited: false,
    }
}

/// The day on which a gate that blocks on every new high or critical finding lets the change ship: all of them fixed
/// first, by the cheapest fix of each, at the same pace. `None` if something has no treatment or no date.
pub(in crate::commands) fn blocking_day(brief: &v1::Brief, now: Timestamp) -> Option<f64> {
    let blocking: BTreeSet<&String> = brief
        .findings
        .iter()
        .filter(|finding| finding.origin.0.counts_as_introduced() && finding.severity.0 >= Severity::High)
        .map(|finding| &finding.id)
        .collect();
    let items: Vec<&v1::Work> =
        brief.work.iter().filter(|item| item.findings.iter().any(|id| blocking.contains(id))).collect();
    if blocking.is_empty() {
        return Some(0.0);
    }
    let covered: BTreeSet<&String> = items.iter().flat_map(|item| &item.findings).collect();
    if !blocking.is_subset(&covered) {
        return None;
    }
    let (mut hours, mut lead) = (0.0, 0.0_f64);
    for item in items {
        let fixes = item.treatments.iter().filter(|t| t.kind.0 == TreatmentKind::Fix);
        let cheapest = fixes.min_by(|a, b| a.effort_hours.p50.total_cmp(&b.effort_hours.p50))?;
        hours += cheapest.effort_hours.p50;
        lead = lead.max(cheapest.lead_days);
    }
    let planning = &brief.planning;
    let calendar = Calendar {
        now,
        work: planning.work_windows.iter().map(|w| WorkWindow { from: w.from, to: w.to, hours: w.hours }).collect(),
        releases: planning
            .release_windows
            .iter()
            .map(|w| ReleaseWindow { from: w.from, to: w.to.unwrap_or(f64::INFINITY) })
            .collect(),
    };
    calendar.release_at_or_after(calendar.day_of_hours(hours)? + lead).map(rounded)
}

/// The moment so many calendar days after `now`.
fn at_day(now: Timestamp, day: f64) -> Timestamp {
    #[allow(clippy::cast_possible_truncation, reason = "as saturates, and the addition is checked")]
    let elapsed = SignedDuration::from_secs((day * 86_400.0).round() as i64);
    now.checked_add(elapsed).unwrap_or(Timestamp::MAX)
}
