//! What a piece of work really took: the history on which efforts are calibrated.

use jiff::civil::Date;

/// One commitment that was closed, with what it was estimated at and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Closure {
    /// Id of the treatment that was carried out.
    pub treatment: String,
    /// Effort that was planned with (p50), in hours of one person, before any calibration.
    pub estimated_hours: f64,
    /// Effort that it took, in hours of one person.
    pub actual_hours: f64,
    /// The day on which it was closed.
    pub closed: Date,
}
