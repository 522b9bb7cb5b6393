//! What is kept of a row until the target of its result is known.

use crate::model::report::{Observation, Suppression};

/// One row of a result: what it says itself, and what leads to the rest.
pub struct Row {
    pub observation: Observation,
    /// Id of the package concerned.
    pub package: String,
    /// File, where the row names one instead of the result's target.
    pub path: String,
}

/// What Trivy was told not to count.
pub fn suppressed(row: Row, kind: String, reason: String) -> Row {
    Row { observation: Observation { suppression: Some(Suppression { kind, reason }), ..row.observation }, ..row }
}
