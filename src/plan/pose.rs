//! From findings, work items and rows to the numeric [`Problem`].

use std::collections::HashMap;

use super::calendar::days_until;
use super::problem::{Choice, Clock, Due, Item, Problem, Row, Totals};
use super::work::{self, is_open};
use crate::model::assessment::{AssessedFinding, Assessment, RowResult};
use crate::model::calendar::Calendar;
use crate::model::origin::Origin;
use crate::model::work::{TakesEffect, Treatment, WorkItem};

/// Poses the problem.
pub fn pose(assessment: &Assessment, work: &[WorkItem], calendar: Calendar) -> Problem {
    let findings: HashMap<&str, &AssessedFinding> =
        assessment.findings.iter().map(|f| (f.finding.id.as_str(), f)).collect();
    let mut totals = Totals::default();
    for finding in &assessment.findings {
        let rate = likely_rate(finding);
        match finding.finding.origin {
            Origin::Introduced | Origin::Unknown => totals.introduced += rate,
            Origin::Ambient => totals.ambient += rate,
            Origin::Resolved => totals.resolved += rate,
        }
        if let Some(due) = work::due(finding, assessment.now).filter(|_| is_open(finding)) {
            *(if due.waivable { &mut totals.soft_dues } else { &mut totals.firm_dues }) += 1;
        }
    }
    let mut item_of: HashMap<&str, usize> = HashMap::new();
    let mut items = Vec::new();
    for (index, entry) in work.iter().enumerate().filter(|(_, entry)| !entry.treatments.is_empty()) {
        let mut item = Item {
            work: index,
            choices: entry.treatments.iter().enumerate().map(|(n, t)| choice(n, t)).collect(),
            ..Item::default()
        };
        for finding in entry.findings.iter().filter_map(|id| findings.get(id.as_str())) {
            let introduced = finding.finding.origin.counts_as_introduced();
            *(if introduced { &mut item.introduced } else { &mut item.ambient }) += likely_rate(finding);
            if let Some(due) = work::due(finding, assessment.now) {
                let day = days_until(assessment.now, due.at);
                add_due(&mut item.dues, Due { day, introduced, firm: !due.waivable, count: 1 });
            }
        }
        item_of.extend(entry.findings.iter().map(|id| (id.as_str(), items.len())));
        items.push(item);
    }
    let mut rows = Vec::new();
    for (index, result) in assessment.rows.iter().enumerate() {
        let open = open_findings(result, &findings);
        for item in open.iter().filter_map(|id| item_of.get(id)) {
            match items[*item].rows.last_mut() {
                Some((row, count)) if *row == index => *count += 1,
                _ => items[*item].rows.push((index, 1)),
            }
        }
        rows.push(row(result, open.len()));
    }
    Problem { items, rows, clock: Clock::new(calendar), totals }
}

/// The exposure rate to plan with; a rate that is not a number of points counts nothing.
pub fn likely_rate(finding: &AssessedFinding) -> f64 {
    let rate = finding.rate.points_per_day.likely;
    if rate.is_finite() { rate.max(0.0) } else { 0.0 }
}

/// Ids of the findings that a row counts and that are open, in order.
pub fn open_findings<'a>(row: &'a RowResult, findings: &HashMap<&str, &AssessedFinding>) -> Vec<&'a str> {
    row.findings.iter().map(String::as_str).filter(|id| findings.get(id).is_some_and(|f| is_open(f))).collect()
}

fn choice(index: usize, treatment: &Treatment) -> Choice {
    Choice {
        treatment: index,
        hours: treatment.effort.p50,
        residual: treatment.residual.likely,
        at_once: treatment.takes_effect == TakesEffect::AtOnce,
        lead: treatment.lead_days,
    }
}

/// Findings of an item with the same date count together.
fn add_due(dues: &mut Vec<Due>, new: Due) {
    match dues.iter_mut().find(|due| Due { count: 1, ..**due } == new) {
        Some(due) => due.count += 1,
        None => dues.push(new),
    }
}

fn row(result: &RowResult, total: usize) -> Row {
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Row {
        total: u32::try_from(total).unwrap_or(u32::MAX),
        appetite: count(result.appetite),
        tolerance: result.tolerance.map_or(u32::MAX, count),
        before_ship: result.before_ship,
    }
}
