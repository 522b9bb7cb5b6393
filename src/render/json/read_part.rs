//! The small parts of a brief that are read back: moments, ranges, bases.

use jiff::Timestamp;

use crate::model::basis::{Basis, Range};

use super::v1;

/// A moment of the brief.
pub fn moment(place: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{place}` is “{}”, expected a moment such as 2026-11-24T09:30:00Z", plain(text)))
}

/// A figure with both ends; an end without bound is infinitely far.
pub fn range(likely: f64, ends: v1::Range) -> Range {
    Range { low: ends.low.unwrap_or(f64::NEG_INFINITY), likely, high: ends.high.unwrap_or(f64::INFINITY) }
}

/// A basis by its word.
pub fn basis(kind: &str, source: &str) -> Basis {
    let source = source.to_owned();
    match kind {
        "reported" => Basis::Reported(source),
        "published" => Basis::Published(source),
        "declared" => Basis::Declared(source),
        "calibrated" => Basis::Calibrated(source),
        _ => Basis::Assumed(source),
    }
}

/// The beginning of a text that is quoted in a message.
pub fn plain(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}
