//! Severity where a format keeps it only as a CVSS vector.

use crate::model::cvss::{Cvss, Vector};
use crate::model::severity::Severity;

/// An assessment that consists of a vector alone.
pub fn vector(text: &str, source: &str) -> Option<Cvss> {
    let text = text.trim();
    (!text.is_empty()).then(|| Cvss { vector: text.to_owned(), score: None, source: source.to_owned() })
}

/// The severity that the first assessment with a usable score stands for: the reported score, or else the base score
/// that the vector defines. `Unknown` if there is none; a truncated vector has no score.
pub fn severity(assessments: &[Cvss]) -> Severity {
    let score = assessments.iter().find_map(|cvss| cvss.score.or_else(|| Some(Vector::read(&cvss.vector)?.base_score)));
    score.map_or(Severity::Unknown, Severity::from_score)
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
            // The base score counts, which the threat metric (E:U) does not lower.
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", Severity::Critical),
            ("CVSS:3.1/AV:N/AC:L", Severity::Unknown),
            ("nonsense", Severity::Unknown),
        ] {
            assert_eq!(severity(&[vector(text, "").unwrap()]), expected, "{text}");
        }
        assert_eq!(severity(&[]), Severity::Unknown);
    }
}
