//! Why: the tolerance rows measured against their limits, and the due dates.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::assessment::RowResult;
use crate::model::brief::Brief;
use crate::model::verdict::Verdict;

use super::super::dates::Dates;
use super::super::escape::clip;
use super::super::words;
use super::lengths::{CLOCK, TITLE};

/// Titles that are named.
const NAMED: usize = 3;

/// How one tolerance row stands, in words.
pub struct RowLine {
    /// Its id.
    pub id: String,
    /// What it means; empty if the appetite does not say.
    pub says: String,
    /// How it stands: `beyond tolerance`.
    pub state: &'static str,
    /// What was measured against which limit.
    pub measured: String,
    /// Titles of the findings that it counts, at most three by name.
    pub findings: String,
}

/// Findings that one table wants treated by the same day.
pub struct DueLine {
    /// The day, with the remark that it has passed.
    pub day: String,
    /// The table, its row and outcome, and from when its days are counted.
    pub table: String,
    /// Titles of the findings.
    pub findings: String,
}

/// Rows that are not within appetite, worst first, and the number of those that are.
pub fn rows(brief: &Brief) -> (Vec<RowLine>, usize) {
    let mut notable: Vec<&RowResult> = brief
        .assessment
        .rows
        .iter()
        .filter(|row| row.state != Verdict::WithinAppetite || !row.undecided.is_empty())
        .collect();
    let within = brief.assessment.rows.len() - notable.len();
    // Stable: rows of the same state stay in the appetite's order.
    notable.sort_by_key(|row| std::cmp::Reverse(row.state));
    (notable.into_iter().map(|row| line(brief, row)).collect(), within)
}

/// How one row stands.
pub fn line(brief: &Brief, row: &RowResult) -> RowLine {
    let limits = match row.tolerance {
        Some(tolerance) if tolerance == row.appetite => format!("the {} is {tolerance}", brief.appetite.limit()),
        Some(tolerance) => format!("the appetite is {}, the tolerance {tolerance}", row.appetite),
        None => format!("the appetite is {}", row.appetite),
    };
    let found = usize::try_from(row.measured).unwrap_or(usize::MAX);
    let mut measured = format!("{}; {limits}", words::count(found, "finding"));
    if row.before_ship && row.state == Verdict::BeyondTolerance {
        measured.push_str("; to be treated before ship");
    }
    if !row.undecided.is_empty() {
        let mut facts: Vec<&str> = row.undecided.values().flatten().copied().collect();
        facts.sort_unstable();
        facts.dedup();
        measured = format!(
            "{measured}; {} not judged, because not known: {}",
            words::grouped(row.undecided.len() as u64),
            words::list_up_to(&facts, 4)
        );
    }
    RowLine {
        id: clip(&row.id, TITLE),
        says: row.says.clone(),
        state: words::verdict(row.state),
        measured,
        findings: titles(brief, row.findings.iter().map(String::as_str)),
    }
}

/// Due dates of open findings, earliest first, findings of one day and table row together.
pub fn due(brief: &Brief, dates: &Dates) -> Vec<DueLine> {
    let mut groups: BTreeMap<(Date, String), (String, Vec<&str>)> = BTreeMap::new();
    for assessed in brief.open_findings() {
        let Some(due) = &assessed.due else { continue };
        let mut day = dates.day(due.at);
        if dates.is_past(due.at) {
            day.push_str(", which has passed");
        }
        let fixed = if due.waivable { "" } else { ", an obligation" };
        let table = format!(
            "{} row {}: {}{fixed}; {}",
            clip(&due.limit.table, TITLE),
            due.limit.row,
            clip(&due.limit.outcome, TITLE),
            clip(&due.clock, CLOCK)
        );
        groups.entry((dates.date(due.at), table)).or_insert_with(|| (day, Vec::new())).1.push(&assessed.finding.id);
    }
    groups
        .into_iter()
        .map(|((_, table), (day, ids))| DueLine { day, table, findings: titles(brief, ids.into_iter()) })
        .collect()
}

/// Titles of findings, at most three by name; the same title once, with its number.
fn titles<'a>(brief: &Brief, ids: impl Iterator<Item = &'a str>) -> String {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut counted: Vec<(String, usize)> = Vec::new();
    for assessed in ids.filter_map(|id| brief.finding(id)) {
        let title = clip(&assessed.finding.title, TITLE);
        let place = *places.entry(title.clone()).or_insert(counted.len());
        match counted.get_mut(place) {
            Some((_, number)) => *number += 1,
            None => counted.push((title, 1)),
        }
    }
    // The row counts findings, so what is not named counts findings too.
    let rest: usize = counted.iter().skip(NAMED).map(|(_, number)| number).sum();
    counted.truncate(NAMED);
    let mut said: Vec<String> = counted
        .into_iter()
        .map(
            |(title, number)| {
                if number == 1 { title } else { format!("{title} ({}×)", words::grouped(number as u64)) }
            },
        )
        .collect();
    if rest > 0 {
        said.push(format!("{} more", words::grouped(rest as u64)));
    }
    words::list(&said, "and")
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn what_is_not_named_counts_findings() {
        let mut brief = fixture::beyond_tolerance();
        brief.assessment.findings.truncate(5);
        let kinds = ["a", "b", "c", "d", "d"];
        for (assessed, title) in brief.assessment.findings.iter_mut().zip(kinds) {
            title.clone_into(&mut assessed.finding.title);
        }
        let ids: Vec<String> = brief.assessment.findings.iter().map(|assessed| assessed.finding.id.clone()).collect();
        assert_eq!(titles(&brief, ids.iter().map(String::as_str)), "a, b, c and 2 more");
        assert_eq!(titles(&brief, ids[2..].iter().map(String::as_str)), "c and d (2×)");
    }
}
