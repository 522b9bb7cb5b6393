//! Exposure rate out of its parts.

use crate::render::json::v1::{self, Spread};

/// Days in which the probability is stated.
const WINDOW: f64 = 30.0;

/// Highest impact, in points.
const MOST_IMPACT: f64 = 100.0;

/// A rate, computed again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// −ln(1 − p)/30 × network.
    pub per_day: Spread,
    /// Impact × criticality, at most 100.
    pub impact: Spread,
    /// Their product ρ, in points a day.
    pub points_per_day: Spread,
}

/// The rate that the published parts give; `None` if a part is not published.
pub fn rate(stated: &v1::Rate) -> Option<Rate> {
    let part = |name: &str| stated.parts.get(name).copied();
    let (p, network) = (part("likelihood")?, part("network")?);
    let (impact, criticality) = (part("impact")?, part("criticality")?);
    let per_day = both(p, network, |p, network| -(-p).ln_1p() / WINDOW * network);
    let impact = both(impact, criticality, |impact, criticality| (impact * criticality).min(MOST_IMPACT));
    Some(Rate { per_day, impact, points_per_day: both(per_day, impact, |likelihood, impact| likelihood * impact) })
}

fn both(a: Spread, b: Spread, f: impl Fn(f64, f64) -> f64) -> Spread {
    Spread { low: f(a.low, b.low), likely: f(a.likely, b.likely), high: f(a.high, b.high) }
}
