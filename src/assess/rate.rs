//! Exposure rate of a finding: likelihood × impact, in points per day (DESIGN section 5).
//!
//! Likelihood per day is −ln(1 − p)/30, where p is the probability of exploitation within 30 days: the constant hazard
//! rate that gives p after 30 days. It is multiplied by a factor for who can reach the service. Impact is 0 to 100
//! points from the CVSS impact metrics, or else from the severity, times a factor for how much depends on the service.

use std::collections::BTreeMap;

use crate::model::assessment::Rate;
use crate::model::basis::{Basis, Range};
use crate::model::finding::Finding;
use crate::model::intel::Knowledge;
use crate::model::rules::ExposureRules;
use crate::model::service::Service;
use crate::model::severity::Severity;

/// Days in which EPSS states its probability.
const EPSS_WINDOW: f64 = 30.0;

/// Highest probability used: at 1 the hazard rate would be infinite.
const ALMOST_CERTAIN: f64 = 0.999;

/// Highest impact.
const MOST_IMPACT: f64 = 100.0;

/// The exposure rate of a finding.
pub(super) fn of(
    finding: &Finding,
    knowledge: &Knowledge,
    service: &Service,
    severity: Severity,
    rules: &ExposureRules,
) -> Rate {
    let (probability, likelihood_basis) = probability(finding, knowledge, severity, rules);
    let network = rules.network.get(&service.exposure).copied().unwrap_or(Range::exactly(1.0));
    let likelihood_per_day = each(probability, hazard).times(network);

    let (points, impact_basis) = impact(knowledge, severity, rules);
    let criticality = rules.criticality.get(&service.criticality).copied().unwrap_or(Range::exactly(1.0));
    let impact = each(points.times(criticality), |points| points.min(MOST_IMPACT));

    let service_basis = |part: &str, value: &str| {
        if service.declared {
            Basis::Declared(format!("service {}: {value}, weighed by rule {}", service.name, rules.id))
        } else {
            Basis::Assumed(format!("{}.{part}.{value}, because no declared service matches", rules.id))
        }
    };
    let parts = BTreeMap::from([
        ("likelihood", each(probability, |p| p.clamp(0.0, ALMOST_CERTAIN))),
        ("network", network),
        ("impact", points),
        ("criticality", criticality),
    ]);
    let basis = BTreeMap::from([
        ("likelihood", likelihood_basis),
        ("network", service_basis("network", service.exposure.as_str())),
        ("impact", impact_basis),
        ("criticality", service_basis("criticality", service.criticality.as_str())),
    ]);
    Rate {
        points_per_day: likelihood_per_day.times(impact),
        likelihood_per_day,
        impact,
        parts: parts.into(),
        basis: basis.into(),
    }
}

/// Constant hazard rate per day that gives probability `p` after 30 days.
fn hazard(p: f64) -> f64 {
    -(-p.clamp(0.0, ALMOST_CERTAIN)).ln_1p() / EPSS_WINDOW
}

fn each(range: Range, f: impl Fn(f64) -> f64) -> Range {
    Range { low: f(range.low), likely: f(range.likely), high: f(range.high) }
}

fn at_least(range: Range, floor: Range) -> Range {
    Range { low: range.low.max(floor.low), likely: range.likely.max(floor.likely), high: range.high.max(floor.high) }
}

/// Probability of exploitation within 30 days, from the best evidence there is.
fn probability(finding: &Finding, knowledge: &Knowledge, severity: Severity, rules: &ExposureRules) -> (Range, Basis) {
    let epss = knowledge.epss.as_ref().map(|epss| {
        let range = Range::exactly(epss.probability).times(rules.epss_spread);
        let source = epss.source.clone();
        (range, if epss.reported { Basis::Reported(source) } else { Basis::Published(source) })
    });
    if let Some(kev) = knowledge.kev.as_ref().filter(|kev| kev.listed) {
        let range = epss.map_or(rules.kev_floor, |(range, _)| at_least(range, rules.kev_floor));
        let source = format!("{}, floor of rule {}", kev.source, rules.id);
        return (range, if kev.reported { Basis::Reported(source) } else { Basis::Published(source) });
    }
    if finding.verified == Some(true) {
        return (rules.verified_secret, Basis::Assumed(format!("{}.verified_secret", rules.id)));
    }
    if let Some(known) = epss {
        return known;
    }
    let prior = rules.prior.get(&finding.category).and_then(|by_severity| by_severity.get(&severity));
    let id = format!("{}.prior.{}.{severity}", rules.id, finding.category);
    (prior.copied().unwrap_or(Range { low: 0.0, likely: 0.01, high: 0.1 }), Basis::Assumed(id))
}

/// Impact in points before the criticality factor.
fn impact(knowledge: &Knowledge, severity: Severity, rules: &ExposureRules) -> (Range, Basis) {
    let from_vector = knowledge.cvss.as_ref().and_then(|cvss| Some((cvss.impact?, cvss)));
    if let Some((share, cvss)) = from_vector {
        return (Range::exactly(share * MOST_IMPACT), Basis::Reported(format!("impact metrics of {}", cvss.vector)));
    }
    let range = rules.impact.get(&severity).copied().unwrap_or(Range { low: 0.0, likely: 40.0, high: 100.0 });
    (range, Basis::Assumed(format!("{}.impact.{severity}", rules.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hazard_rate_gives_the_probability_back_after_thirty_days() {
        for p in [0.0, 0.001, 0.5, 0.97] {
            let after_thirty_days = 1.0 - (-hazard(p) * 30.0).exp();
            assert!((after_thirty_days - p).abs() < 1e-12, "{p} {after_thirty_days}");
        }
        assert!(hazard(1.0).is_finite());
    }
}
