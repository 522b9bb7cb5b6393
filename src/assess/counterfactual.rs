//! What would change the verdict: the smallest step for every row that is above a limit.

use crate::model::assessment::{AssessedFinding, RowResult};
use crate::model::verdict::Verdict;

/// Findings named in one sentence at most.
const MOST_NAMED: usize = 3;

/// One sentence per row that is above a limit, worst rows first.
pub(super) fn sentences(verdict: Verdict, rows: &[RowResult], findings: &[AssessedFinding]) -> Vec<String> {
    if verdict == Verdict::WithinAppetite {
        return Vec::new();
    }
    let mut above: Vec<&RowResult> =
        rows.iter().filter(|row| matches!(row.state, Verdict::WithinTolerance | Verdict::BeyondTolerance)).collect();
    above.sort_by_key(|row| (std::cmp::Reverse(row.state), std::cmp::Reverse(row.before_ship)));
    above.into_iter().map(|row| sentence(row, findings)).collect()
}

fn sentence(row: &RowResult, findings: &[AssessedFinding]) -> String {
    let mut steps = Vec::new();
    if row.state == Verdict::BeyondTolerance
        && let Some(tolerance) = row.tolerance.filter(|tolerance| *tolerance != row.appetite)
    {
        steps.push(format!("within tolerance with {} of them treated", row.measured - tolerance));
    }
    let all = row.measured - row.appetite;
    steps.push(if all == row.measured && row.measured == 1 {
        "within appetite once it is treated".to_owned()
    } else if all == row.measured {
        "within appetite once all of them are treated".to_owned()
    } else {
        format!("within appetite with {all} of them treated")
    });
    let count = if row.measured == 1 { "1 finding".to_owned() } else { format!("{} findings", row.measured) };
    format!("Row {} counts {count} ({}): {}.", row.id, names(row, findings), steps.join(", "))
}

/// The first few distinct titles of a row's findings, and how many findings they leave out.
fn names(row: &RowResult, findings: &[AssessedFinding]) -> String {
    let mut titles: Vec<&str> = Vec::new();
    let mut named = 0;
    for id in &row.findings {
        let Ok(index) = findings.binary_search_by(|finding| finding.finding.id.cmp(id)) else { continue };
        let title = findings[index].finding.title.as_str();
        if !titles.contains(&title) {
            if titles.len() == MOST_NAMED {
                break;
            }
            titles.push(title);
        }
        named += 1;
    }
    let more = row.findings.len() - named;
    let titles = titles.join("; ");
    if more == 0 { titles } else { format!("{titles}; and {more} more") }
}
