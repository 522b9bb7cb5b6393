//! Which of a vulnerability's ratings says how bad it is.
//!
//! Scanners list the ratings of many sources. The source that the vulnerability itself names is the one that the
//! scanner goes by; then the first rating without a source, which is the scanner's own; then NVD's; then the first.

use super::wire::{Rating, Vulnerability};
use crate::ingest::rating;
use crate::model::cvss::Cvss;
use crate::model::severity::Severity;

/// What the ratings say.
#[derive(Debug, Default)]
pub struct Rated {
    /// The severity of the preferred rating.
    pub severity: Severity,
    /// CVSS assessments, the preferred source's first.
    pub cvss: Vec<Cvss>,
    /// The EPSS probability, which some scanners list as a rating.
    pub epss: Option<f64>,
}

/// Reads the ratings of a vulnerability.
pub fn read(vulnerability: &Vulnerability) -> Rated {
    let own = vulnerability.source.name.as_deref().unwrap_or_default().to_lowercase();
    let mut ratings: Vec<&Rating> = vulnerability.ratings.iter().filter(|rating| !is_epss(rating)).collect();
    ratings.sort_by_key(|rating| match source(rating).as_str() {
        name if !name.is_empty() && name == own => 0,
        "" => 1,
        "nvd" => 2,
        _ => 3,
    });
    let stated =
        |rating: &&Rating| rating.severity.as_deref().map(Severity::from_word).filter(|s| *s != Severity::Unknown);
    let cvss: Vec<Cvss> = ratings.iter().filter_map(|rating| cvss(rating)).collect();
    let severity = ratings.iter().find_map(stated).unwrap_or_else(|| rating::severity(&cvss));
    let epss = vulnerability.ratings.iter().find(|rating| is_epss(rating)).and_then(|rating| rating.score);
    Rated { severity, cvss, epss: epss.filter(|p| (0.0..=1.0).contains(p)) }
}

fn source(rating: &Rating) -> String {
    rating.source.name.as_deref().unwrap_or_default().to_lowercase()
}

fn is_epss(rating: &Rating) -> bool {
    rating.source.url.as_deref().is_some_and(|url| url.contains("first.org/epss")) || source(rating) == "epss"
}

/// What a vector of the rating's method begins with; `None` if the method is not CVSS.
fn prefix(rating: &Rating) -> Option<&'static str> {
    match rating.method.as_deref()? {
        "CVSSv2" => Some(""),
        "CVSSv3" => Some("CVSS:3.0/"),
        "CVSSv31" => Some("CVSS:3.1/"),
        "CVSSv4" => Some("CVSS:4.0/"),
        _ => None,
    }
}

fn cvss(rating: &Rating) -> Option<Cvss> {
    let prefix = prefix(rating)?;
    let vector = rating.vector.as_deref().unwrap_or_default().trim().trim_matches(['(', ')']);
    let vector = match vector {
        "" => String::new(),
        whole if whole.starts_with("CVSS:") => whole.to_owned(),
        bare => format!("{prefix}{bare}"),
    };
    let score = rating.score.filter(|score| (0.0..=10.0).contains(score));
    (!vector.is_empty() || score.is_some()).then(|| Cvss { vector, score, source: source(rating) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(json: &str) -> Rated {
        read(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_source_that_the_vulnerability_names_is_preferred() {
        let rated = rated(
            r#"{"source":{"name":"debian"},"ratings":[
                {"source":{"name":"nvd"},"score":9.8,"severity":"critical","method":"CVSSv31","vector":"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
                {"source":{"name":"Debian"},"severity":"low"}]}"#,
        );
        assert_eq!(rated.severity, Severity::Low);
        assert_eq!(rated.cvss[0].vector, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        assert_eq!(rated.cvss[0].source, "nvd");
    }

    #[test]
    fn without_a_word_the_score_counts_and_an_unknown_one_stays_unknown() {
        assert_eq!(rated(r#"{"ratings":[{"score":10.0,"method":"CVSSv3"}]}"#).severity, Severity::Critical);
        assert_eq!(rated(r#"{"ratings":[{"severity":"unknown"}]}"#).severity, Severity::Unknown);
        assert_eq!(rated(r#"{"ratings":[{"score":50,"method":"OWASP"}]}"#).severity, Severity::Unknown);
        assert_eq!(rated("{}").severity, Severity::Unknown);
    }

    #[test]
    fn epss_is_a_probability_and_not_a_severity() {
        let rated = rated(
            r#"{"ratings":[{"source":{"name":"FIRST","url":"https://www.first.org/epss/"},"score":0.03,"method":"other"}]}"#,
        );
        assert_eq!((rated.epss, rated.severity, rated.cvss.len()), (Some(0.03), Severity::Unknown, 0));
    }
}
