//! What is open today, each with the day by which it is promised to be treated.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::appetite::Promise;
use crate::commands::error::CommandError;
use crate::commands::judge::{self, Inputs};
use crate::exit::Exit;
use crate::model::appetite::Appetite;
use crate::model::change::Change;
use crate::model::intel::Intel;
use crate::model::report::Report;
use crate::model::rules::RuleSet;
use crate::plan::Request;

/// Most findings that a signed file can hold and somebody can read.
const MOST: usize = 8_000;

/// The promises that the present findings come to: the day of their timeline table, or else the day of the review. No
/// other day is made up.
pub(super) fn promises(
    reports: Vec<Report>,
    appetite: Appetite,
    rules: RuleSet,
    intel: Intel,
    review_by: Date,
    now: Timestamp,
) -> Result<Vec<Promise>, CommandError> {
    let mut problems = reports.iter().flat_map(|report| report.problems.iter().map(move |problem| (report, problem)));
    if let Some((report, problem)) = problems.find(|(_, problem)| problem.evidence_missing) {
        return Err(CommandError::new(
            Exit::Unresolved,
            format!("the baseline would be incomplete: {}: {}", report.path, problem.message),
        )
        .hint("let the scanner write this report again, whole, or leave it out: what it could not say would later count as new"));
    }
    let change = Change::default();
    let brief = judge::judge(Inputs {
        agreements: Vec::new(),
        reports,
        brought: BTreeSet::new(),
        base_reports: None,
        change,
        appetite,
        rules,
        intel,
        now,
        history: None,
        authors: Vec::new(),
        notices: Vec::new(),
        request: Request::default(),
    });
    let mut by_day: BTreeMap<(Date, String), Vec<(String, String)>> = BTreeMap::new();
    let mut count = 0;
    for assessed in brief.open_findings() {
        count += 1;
        let (due, why) = match &assessed.due {
            Some(due) => (
                due.at.to_zoned(TimeZone::UTC).date(),
                format!("{}, row {}: {}; {}", due.limit.table, due.limit.row, due.limit.outcome, due.clock),
            ),
            None => (review_by, "no timeline table sets a day: to be settled by the review".to_owned()),
        };
        let what = format!("{}: {}", assessed.severity.value, assessed.finding.title);
        by_day.entry((due, why)).or_default().push((assessed.finding.id.clone(), what));
    }
    if count > MOST {
        return Err(CommandError::usage(format!(
            "{count} findings are more than the {MOST} that a signed file can hold"
        ))
        .hint("leave the reports out here, and tell what is new with `gate --base-report` or `--base`"));
    }
    Ok(by_day.into_iter().map(|((due, why), findings)| Promise { due, why, findings }).collect())
}
