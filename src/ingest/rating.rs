//! Severity where a format keeps it only as a CVSS vector.

use cvss_rs::{v2_0::CvssV2, v3::CvssV3, v4_0::CvssV4};

use crate::model::cvss::Cvss;
use crate::model::severity::Severity;

/// An assessment that consists of a vector alone.
pub fn vector(text: &str, source: &str) -> Option<Cvss> {
    let text = text.trim();
    (!text.is_empty()).then(|| Cvss { vector: text.to_owned(), score: None, source: source.to_owned() })
}

/// The severity that the first assessment with a usable score stands for: the reported score, or else the base score
/// that the vector defines. `Unknown` if there is none; a truncated vector has no score.
pub fn severity(assessments: &[Cvss]) -> Severity {
    let score = assessments.iter().find_map(|cvss| cvss.score.or_else(|| base_score(&cvss.vector)));
    score.map_or(Severity::Unknown, Severity::from_score)
}

fn base_score(vector: &str) -> Option<f64> {
    if vector.starts_with("CVSS:4") {
        vector.parse::<CvssV4>().ok()?.calculated_base_score()
    } else if vector.starts_with("CVSS:3") {
        vector.parse::<CvssV3>().ok()?.calculated_base_score()
    } else {
        vector.parse::<CvssV2>().ok()?.calculated_base_score()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_stands_for_its_base_score_and_a_broken_one_for_nothing() {
        // The base scores are those that NVD publishes for CVE-2022-24713, CVE-2021-44228 and CVE-2017-16042.
        for (text, expected) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Severity::High),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Severity::Critical),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", Severity::High),
            ("CVSS:3.1/AV:N/AC:L", Severity::Unknown),
            ("nonsense", Severity::Unknown),
        ] {
            assert_eq!(severity(&[vector(text, "").unwrap()]), expected, "{text}");
        }
        assert_eq!(severity(&[]), Severity::Unknown);
    }
}
