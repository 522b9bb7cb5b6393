//! How bad a finding is, on the five-step scale that scanners and CVSS share.

use std::fmt;
use std::str::FromStr;

/// Severity of a finding. The order is that of the scale; `Unknown` sorts below `Info` only so that lists have a
/// stable order. It is never *treated* as low: a condition on an unknown severity is itself unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Severity {
    /// The report gives no severity, or one that is not understood.
    #[default]
    Unknown,
    /// Informational: no direct harm.
    Info,
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// Every severity, lowest first.
    pub const ALL: [Self; 6] = [Self::Unknown, Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The severities that a known finding can have, lowest first.
    pub const KNOWN: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The band of a CVSS score (0.0 to 10.0), after the qualitative scale of CVSS v3.1 section 5 and v4.0
    /// section 6. A score outside the scale is `Unknown`.
    pub fn from_score(score: f64) -> Self {
        match score {
            s if !(0.0..=10.0).contains(&s) => Self::Unknown,
            0.0 => Self::Info,
            s if s < 4.0 => Self::Low,
            s if s < 7.0 => Self::Medium,
            s if s < 9.0 => Self::High,
            _ => Self::Critical,
        }
    }

    /// Reads the words that scanners use for the scale, whatever their case: the five names, and the usual
    /// synonyms (`moderate`, `important`, `error`, `warning`, `note`, `informational`, `negligible`, `blocker` …).
    /// A word that is not understood is `Unknown`.
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "crit" | "blocker" | "very high" | "very-high" | "fatal" | "urgent" => Self::Critical,
            "high" | "error" | "important" | "major" | "severe" => Self::High,
            "medium" | "med" | "moderate" | "warning" | "warn" => Self::Medium,
            "low" | "minor" | "note" => Self::Low,
            "info" | "information" | "informational" | "none" | "negligible" | "trivial" | "recommendation" => {
                Self::Info
            }
            _ => Self::Unknown,
        }
    }

    /// The name used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| format!("not a severity: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_bands_follow_the_cvss_scale() {
        for (score, expected) in [
            (0.0, Severity::Info),
            (0.1, Severity::Low),
            (3.9, Severity::Low),
            (4.0, Severity::Medium),
            (6.9, Severity::Medium),
            (7.0, Severity::High),
            (8.9, Severity::High),
            (9.0, Severity::Critical),
            (10.0, Severity::Critical),
            (10.1, Severity::Unknown),
            (f64::NAN, Severity::Unknown),
        ] {
            assert_eq!(Severity::from_score(score), expected, "{score}");
        }
    }

    #[test]
    fn a_strange_word_is_unknown_and_not_low() {
        assert_eq!(Severity::from_word("Moderate"), Severity::Medium);
        assert_eq!(Severity::from_word("mauve"), Severity::Unknown);
        assert_eq!(Severity::from_word(""), Severity::Unknown);
    }
}
