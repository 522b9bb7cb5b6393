//! What a result counts as.

use crate::model::category::Category;
use crate::model::severity::Severity;

/// Its kind and its severity: what a dialect may correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Which kind of problem it is.
    pub category: Category,
    /// How severe it is.
    pub severity: Severity,
}
