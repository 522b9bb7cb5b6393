//! What would change the verdict: the smallest step for every row that is above a limit.

use crate::model::assessment::RowResult;
use crate::model::figure::grouped;
use crate::model::verdict::Verdict;

/// One sentence per row that is above a limit, worst rows first.
pub(super) fn sentences(verdict: Verdict, rows: &[RowResult]) -> Vec<String> {
    if verdict == Verdict::WithinAppetite {
        return Vec::new();
    }
    let mut above: Vec<&RowResult> =
        rows.iter().filter(|row| matches!(row.state, Verdict::WithinTolerance | Verdict::BeyondTolerance)).collect();
    above.sort_by_key(|row| (std::cmp::Reverse(row.state), std::cmp::Reverse(row.before_ship)));
    above.into_iter().map(sentence).collect()
}

fn sentence(row: &RowResult) -> String {
    let mut steps = Vec::new();
    if row.state == Verdict::BeyondTolerance
        && let Some(tolerance) = row.tolerance.filter(|tolerance| *tolerance != row.appetite)
    {
        steps.push(format!("within tolerance with {} of them treated", grouped(row.measured - tolerance)));
    }
    let all = row.measured - row.appetite;
    steps.push(if all == row.measured && row.measured == 1 {
        "within appetite once it is treated".to_owned()
    } else if all == row.measured {
        "within appetite once all of them are treated".to_owned()
    } else {
        format!("within appetite with {} of them treated", grouped(all))
    });
    let count = if row.measured == 1 { "1 finding".to_owned() } else { format!("{} findings", grouped(row.measured)) };
    format!("{}: {count} now; {}.", row.id, steps.join(", "))
}
