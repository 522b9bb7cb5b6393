//! Assumptions behind the exposure rate: read, and checked to cover every case.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;

use super::yaml::{self, Spread};
use crate::model::basis::Range;
use crate::model::category::Category;
use crate::model::rules::ExposureRules;
use crate::model::service::{Criticality, NetworkExposure};
use crate::model::severity::Severity;

/// Largest impact, in points (DESIGN section 5).
const MOST_IMPACT: f64 = 100.0;

/// Largest factor that still can be called a correction.
const MOST_FACTOR: f64 = 10.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kev_floor: Spread,
    verified_secret: Spread,
    epss_spread: Spread,
    prior: BTreeMap<String, BTreeMap<String, Spread>>,
    network: BTreeMap<String, Spread>,
    impact: BTreeMap<String, Spread>,
    criticality: BTreeMap<String, Spread>,
}

/// Reads the assumptions.
pub fn read(id: &str, text: &str) -> Result<ExposureRules, String> {
    let file: File = yaml::read(text)?;
    let mut priors = file.prior;
    let mut prior = BTreeMap::new();
    for category in Category::ALL {
        let by_severity = priors.remove(category.as_str()).ok_or_else(|| format!("prior: `{category}` is missing"))?;
        prior.insert(category, table(by_severity, Severity::ALL, Severity::as_str, 1.0, &format!("prior.{category}"))?);
    }
    if let Some(strange) = priors.keys().next() {
        return Err(format!("prior: `{strange}` is not a category"));
    }
    Ok(ExposureRules {
        id: id.to_owned(),
        kev_floor: file.kev_floor.within(1.0, "kev_floor")?,
        verified_secret: file.verified_secret.within(1.0, "verified_secret")?,
        prior,
        epss_spread: file.epss_spread.within(MOST_FACTOR, "epss_spread")?,
        network: table(file.network, NetworkExposure::ALL, NetworkExposure::as_str, MOST_FACTOR, "network")?,
        impact: table(file.impact, Severity::ALL, Severity::as_str, MOST_IMPACT, "impact")?,
        criticality: table(file.criticality, Criticality::ALL, Criticality::as_str, MOST_FACTOR, "criticality")?,
    })
}

/// A range for each of `all`, neither more nor less.
fn table<K: Ord + Copy + Debug, const N: usize>(
    mut written: BTreeMap<String, Spread>,
    all: [K; N],
    name: fn(K) -> &'static str,
    most: f64,
    what: &str,
) -> Result<BTreeMap<K, Range>, String> {
    let mut ranges = BTreeMap::new();
    for key in all {
        let spread = written.remove(name(key)).ok_or_else(|| format!("{what}: `{}` is missing", name(key)))?;
        ranges.insert(key, spread.within(most, &format!("{what}.{}", name(key)))?);
    }
    match written.keys().next() {
        Some(strange) => Err(format!("{what}: `{strange}` is not known")),
        None => Ok(ranges),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &str = include_str!("../../rules/exposure.yaml");

    #[test]
    fn every_case_must_be_there_and_no_other() {
        assert!(read("exposure", BUILT_IN).is_ok());
        let without = BUILT_IN.replacen("  isolated:", "  islanded:", 1);
        assert_eq!(read("exposure", &without).unwrap_err(), "network: `isolated` is missing");
        let strange = BUILT_IN.replacen("  licence:", "  weather: {}\n  licence:", 1);
        assert_eq!(read("exposure", &strange).unwrap_err(), "prior: `weather` is not a category");
    }

    #[test]
    fn a_probability_above_one_is_refused() {
        let text = BUILT_IN.replacen("kev_floor: { low: 0.1, ", "kev_floor: { low: 1.1, ", 1);
        assert!(read("exposure", &text).unwrap_err().starts_with("kev_floor: expected 0 ≤ low"), "{text}");
    }
}
