//! Another point of the frontier than the three options: the best plan under a wish.

use jiff::civil::Date;

use super::option::PlanOption;

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

/// The plan for a wish.
#[derive(Debug, Clone, PartialEq)]
pub struct Wished {
    /// The wish.
    pub wish: Wish,
    /// Whether the plan meets all of it.
    pub met: bool,
    /// Whether the plan is proven best, or its distance from the wish proven least.
    pub exact: bool,
    /// What it comes to, or what makes it impossible, in sentences.
    pub says: Vec<String>,
    /// The plan, or the nearest possible. Its name is that of the option under whose authority it falls: `fastest` if it
    /// needs a waiver, else `balanced`.
    pub plan: PlanOption,
}
