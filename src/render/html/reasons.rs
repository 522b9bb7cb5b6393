//! The tolerance rows: what was measured, drawn against what was agreed.

use std::cmp::Reverse;

use crate::model::assessment::RowResult;
use crate::model::brief::Brief;

use super::super::page::{self, RowLine};
use super::marks;
use super::scale::Scale;

/// Findings that a drawing has room for at least, so that one finding is not drawn as large as many.
const LEAST: u64 = 6;

/// One row, measured.
pub struct Row {
    /// The row in words.
    pub line: RowLine,
    /// Shape of its state.
    pub mark: &'static str,
    /// Length of the bar.
    pub measured: String,
    /// Where the appetite ends.
    pub appetite: String,
    /// Where the tolerance ends; `None` if the row has none or it is the same.
    pub tolerance: Option<String>,
}

/// Every row, the worst first; rows of the same state in the appetite's order.
pub fn rows(brief: &Brief) -> Vec<Row> {
    let mut rows: Vec<&RowResult> = brief.assessment.rows.iter().collect();
    rows.sort_by_key(|row| Reverse(row.state));
    rows.into_iter().map(|row| view(brief, row)).collect()
}

#[allow(clippy::cast_precision_loss, reason = "a drawing does not need the last digit of a count")]
fn view(brief: &Brief, row: &RowResult) -> Row {
    let most = row.measured.max(row.appetite).max(row.tolerance.unwrap_or(0)).max(LEAST) as f64;
    let scale = Scale::within(0.0, most, 0.5, 96.0);
    Row {
        line: page::row_line(brief, row),
        mark: marks::verdict(row.state),
        measured: scale.width(0.0, row.measured as f64, 0.0),
        appetite: scale.x(row.appetite as f64),
        tolerance: row.tolerance.filter(|&limit| limit != row.appetite).map(|limit| scale.x(limit as f64)),
    }
}
