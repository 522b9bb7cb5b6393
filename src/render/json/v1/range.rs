//! A figure that is known between two ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Both ends of a figure; null where it is without bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The lower end: the optimistic one of a residual, the pessimistic one of a score.
    pub low: Option<f64>,
    /// The upper end: the pessimistic one of a residual, the optimistic one of a score.
    pub high: Option<f64>,
}

/// A figure with both its ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// The optimistic end.
    pub low: f64,
    /// The central estimate, used by the planner.
    pub likely: f64,
    /// The pessimistic end.
    pub high: f64,
}
