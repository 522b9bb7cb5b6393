//! How much of the agreement a plan keeps: what another plan has to keep as well to be compared with it.

use crate::plan::evaluate::Measure;
use crate::plan::problem::{HORIZON, Problem};

/// Counts that a plan must not exceed.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Dates of treatable items that may be missed, of those that may not be waived.
    pub firm: u32,
    /// The same of those that may be waived.
    pub missed: u32,
    /// Whether no date may be missed without an end within the horizon.
    pub ended: bool,
    /// Per row: findings of treatable items that may be open at ship; `u32::MAX` if the row asks for nothing.
    pub open: Vec<u32>,
    /// Whether it ships within the horizon.
    pub in_time: bool,
}

impl Kept {
    /// What a plan keeps. Without `appetite` only the tolerances of the rows count.
    pub fn by(problem: &Problem, found: &Measure, appetite: bool) -> Self {
        let (mut firm, mut missed) = (problem.totals.firm_dues, problem.totals.soft_dues);
        let mut treatable = vec![0_u32; problem.rows.len()];
        for item in &problem.items {
            for due in &item.dues {
                *(if due.firm { &mut firm } else { &mut missed }) -= due.count;
            }
            for &(row, count) in &item.rows {
                treatable[row] += count;
            }
        }
        let open = problem.rows.iter().zip(&treatable).map(|(row, &treatable)| {
            let over = if row.before_ship { found.held } else { found.red };
            let mut limit = row.tolerance.saturating_add(over);
            if appetite {
                limit = limit.min(row.appetite.saturating_add(found.amber));
            }
            let left = limit.saturating_sub(row.total - treatable);
            if left >= treatable { u32::MAX } else { left }
        });
        Self {
            firm: found.firm.saturating_sub(firm),
            missed: found.missed.saturating_sub(missed),
            ended: found.lasting == 0,
            open: open.collect(),
            in_time: found.ship <= HORIZON,
        }
    }
}
