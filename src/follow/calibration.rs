//! What closed commitments really took, on which later estimates are calibrated.

use jiff::tz::TimeZone;

use super::commitments::{Commitment, State};
use crate::model::closure::Closure;

/// Closed commitments with hours that somebody reported, in the order given.
pub fn closures(commitments: &[Commitment]) -> Vec<Closure> {
    let closed = commitments.iter().filter(|commitment| commitment.state == State::Closed);
    closed
        .filter_map(|commitment| {
            let promise = &commitment.promise;
            let closure = Closure {
                treatment: promise.treatment.clone(),
                // What was planned with may be calibrated itself: later work is calibrated on what came before that.
                estimated_hours: promise.uncalibrated.unwrap_or(promise.hours),
                actual_hours: commitment.hours?,
                closed: commitment.ended?.to_zoned(TimeZone::UTC).date(),
            };
            (closure.estimated_hours > 0.0 && closure.actual_hours > 0.0).then_some(closure)
        })
        .collect()
}
