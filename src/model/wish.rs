//! Another point of the frontier than the three options: the best plan under a wish.

use jiff::civil::Date;

/// What somebody wishes of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wish {
    /// Ship on that day at the latest, in the time zone of the team.
    pub ship_by: Option<Date>,
    /// Take no more than so many hours of work (p50).
    pub max_effort: Option<f64>,
    /// Reach that security score.
    pub min_score: Option<f64>,
}

impl Wish {
    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
