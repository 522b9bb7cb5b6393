//! Assumptions behind the exposure rate: read, and checked to cover every case.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::yaml::Spread;
use crate::document::{Document, DocumentError};
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
pub fn read(id: &str, document: &Document) -> Result<ExposureRules, DocumentError> {
    let file: File = document.content()?;
    let mut priors = file.prior;
    let mut prior = BTreeMap::new();
    for category in Category::ALL {
        let at = format!("prior.{category}");
        let by_severity = priors
            .remove(category.as_str())
            .ok_or_else(|| document.error_at(&at, format!("`{category}` is missing")))?;
        prior.insert(category, table(by_severity, Severity::ALL, Severity::as_str, 1.0, document, &at)?);
    }
    if let Some(strange) = priors.keys().next() {
        return Err(document.error_at_key(&format!("prior.{strange}"), format!("`{strange}` is not a category")));
    }
    let network = table(file.network, NetworkExposure::ALL, NetworkExposure::as_str, MOST_FACTOR, document, "network")?;
    let criticality =
        table(file.criticality, Criticality::ALL, Criticality::as_str, MOST_FACTOR, document, "criticality")?;
    Ok(ExposureRules {
        id: id.to_owned(),
        kev_floor: file.kev_floor.within(1.0, document, "kev_floor")?,
        verified_secret: file.verified_secret.within(1.0, document, "verified_secret")?,
        prior,
        epss_spread: file.epss_spread.within(MOST_FACTOR, document, "epss_spread")?,
        network,
        impact: table(file.impact, Severity::ALL, Severity::as_str, MOST_IMPACT, document, "impact")?,
        criticality,
    })
}

/// A range for each of `all`, neither more nor less; `at` is where the table stands.
fn table<K: Ord + Copy, const N: usize>(
    mut written: BTreeMap<String, Spread>,
    all: [K; N],
    name: fn(K) -> &'static str,
    most: f64,
    document: &Document,
    at: &str,
) -> Result<BTreeMap<K, Range>, DocumentError> {
    let mut ranges = BTreeMap::new();
    for key in all {
        let missing = || document.error_at_key(at, format!("`{}` is missing", name(key)));
        let spread = written.remove(name(key)).ok_or_else(missing)?;
        ranges.insert(key, spread.within(most, document, &format!("{at}.{}", name(key)))?);
    }
    match written.keys().next() {
        Some(strange) => {
            Err(document.error_at_key(&format!("{at}.{strange}"), format!("`{strange}` is not known here")))
        }
        None => Ok(ranges),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &str = include_str!("../../rules/exposure.yaml");

    fn rules(text: &str) -> Result<ExposureRules, String> {
        let document = Document::read(text.as_bytes(), "exposure.yaml", 1 << 16).map_err(|error| error.to_string())?;
        read("exposure", &document).map_err(|error| error.to_string())
    }

    #[test]
    fn every_case_must_be_there_and_no_other() {
        assert!(rules(BUILT_IN).is_ok());
        for (good, bad, expected) in [
            ("  isolated:", "  islanded:", "`isolated` is missing"),
            ("  licence:\n", "  weather: {}\n  licence:\n", "`weather` is not a category"),
            ("  supporting:", "  idle: { low: 0, likely: 0, high: 0 }\n  supporting:", "`idle` is not known here"),
            ("  malware:\n    info:", "  malware:\n    inform:", "`info` is missing"),
        ] {
            assert!(BUILT_IN.contains(good), "{good}");
            let error = rules(&BUILT_IN.replacen(good, bad, 1)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_probability_above_one_is_refused() {
        let text = BUILT_IN.replacen("kev_floor: { low: 0.1, ", "kev_floor: { low: 1.1, ", 1);
        assert!(rules(&text).unwrap_err().contains("expected 0 ≤ low"));
    }
}
