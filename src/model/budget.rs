//! How the exposure budget of a quarter stands.

use jiff::Timestamp;

/// What the quarter has really cost so far, and what it will if nothing changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// The quarter: `2026-Q4`.
    pub quarter: String,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Points agreed for it.
    pub agreed: f64,
    /// Points spent so far.
    pub spent: f64,
    /// Since when that is counted: the beginning of the quarter, or the first baseline in it.
    pub since: Timestamp,
    /// Points a day that are being spent now.
    pub per_day: f64,
    /// Points spent by the end of the quarter if nothing changes.
    pub forecast: f64,
}

impl Budget {
    /// Points that are left; none if it is overdrawn.
    pub fn left(&self) -> f64 {
        (self.agreed - self.spent).max(0.0)
    }
}
