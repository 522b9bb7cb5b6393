//! What the world knows about vulnerabilities: exploitation, likelihood of exploitation, scores.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::identifier::Identifier;

/// Public facts about vulnerabilities, read from feeds. Empty feeds are allowed, and said so.
#[derive(Debug, Clone, Default)]
pub struct Intel {
    /// CISA's catalogue of known exploited vulnerabilities, if given.
    pub kev: Option<KevCatalogue>,
    /// FIRST's EPSS scores, if given.
    pub epss: Option<EpssScores>,
}

impl Intel {
    /// Which feeds are used, of when, and which were not given; one sentence each.
    pub fn summary(&self) -> Vec<String> {
        let kev = match &self.kev {
            Some(kev) => {
                format!("Known exploited vulnerabilities: CISA KEV {}, {} entries.", kev.version, kev.entries.len())
            }
            None => "Known exploited vulnerabilities: no catalogue was given (--kev FILE).".to_owned(),
        };
        let epss = match &self.epss {
            Some(epss) => format!("Likelihood of exploitation: EPSS {} of {}.", epss.model, epss.date),
            None => "Likelihood of exploitation: no EPSS scores were given (--epss FILE).".to_owned(),
        };
        vec![kev, epss]
    }
}

/// CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, Default)]
pub struct KevCatalogue {
    /// Version as the feed states it (`2026.11.01`), or the day of its latest entry in words.
    pub version: String,
    /// Per CVE, the day it was added.
    pub entries: BTreeMap<Identifier, KevEntry>,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KevEntry {
    /// Day on which exploitation was catalogued.
    pub added: Date,
    /// Whether it is known to be used by ransomware.
    pub ransomware: bool,
}

/// EPSS scores of one day.
#[derive(Debug, Clone, Default)]
pub struct EpssScores {
    /// Model version as the file states it (`v2025.03.14`), empty if it does not.
    pub model: String,
    /// Day of the scores (`2026-08-16`), empty if the file does not state it.
    pub date: String,
    /// Probability of exploitation in the next 30 days, 0 to 1, for the CVEs that were asked for.
    pub scores: BTreeMap<Identifier, f64>,
}

/// What is known about one finding, each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Knowledge {
    /// CVSS base score with the vector it was computed from.
    pub cvss: Option<ScoredVector>,
    /// EPSS probability, 0 to 1.
    pub epss: Option<Epss>,
    /// Whether exploitation is known: `None` if no report says so and either no catalogue was given or the finding
    /// has public names but no CVE number, by which alone the catalogue can be asked.
    pub kev: Option<Kev>,
}

/// A CVSS base score and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredVector {
    /// Vector, empty if a report gives only a score. With a vector that cannot be scored, the score is the reported one.
    pub vector: String,
    /// Base score, 0.0 to 10.0; of a v4 vector the score of all metrics that it states, as v4 defines its score.
    pub score: f64,
    /// CVSS version (`2.0`, `3.0`, `3.1`, `4.0`), empty if unknown.
    pub version: String,
    /// Who assessed it, empty if unknown.
    pub source: String,
    /// Impact part on a scale of 0 to 1, comparable across versions: the impact sub-score over its greatest value (v2:
    /// 10.0008, v3: 6.0477, with changed scope). v4 has no sub-score: its vector counts as the v3.1 vector with the
    /// same losses, each the worse of the vulnerable and the subsequent systems, and with changed scope if a
    /// subsequent system is hit (that is how v3.1 defines scope). `None` if only a score is known.
    pub impact: Option<f64>,
    /// What the vector's metrics say about exploitation; `None` if only a score is known.
    pub metrics: Option<VectorMetrics>,
}

/// The metrics of a CVSS vector on which SSVC decision points are derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one metric of the vector, not a state machine")]
pub struct VectorMetrics {
    /// Attack vector is the network (AV:N).
    pub network: bool,
    /// Attack complexity is low (AC:L) and, in v4, nothing else is required (AT:N).
    pub low_complexity: bool,
    /// No privileges or authentication needed (PR:N, Au:N).
    pub no_privileges: bool,
    /// No user interaction needed (UI:N; v2 has no such metric and counts as none).
    pub no_interaction: bool,
    /// Confidentiality, integrity and availability of the vulnerable system are all lost entirely (C:H/I:H/A:H,
    /// v2 C:C/I:C/A:C): the SSVC notion of total technical impact.
    pub total_impact: bool,
    /// Exploit maturity or exploit code maturity as the vector states it: `Some(true)` for attacked or functional or
    /// proof of concept, `Some(false)` for unreported or unproven, `None` if not defined.
    pub exploit_public: Option<bool>,
}

/// An EPSS probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Epss {
    /// Probability of exploitation in the next 30 days, 0 to 1.
    pub probability: f64,
    /// Where and of when: `EPSS v2025.03.14 of 2026-08-16`, or the tool that reported it.
    pub source: String,
    /// Whether it comes out of a scanner's report rather than from the feed.
    pub reported: bool,
}

/// Whether exploitation is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kev {
    /// Whether the vulnerability is in the catalogue.
    pub listed: bool,
    /// Day it was added, if listed and known.
    pub added: Option<Date>,
    /// Where and of when.
    pub source: String,
    /// Whether it comes out of a scanner's report rather than from the feed.
    pub reported: bool,
}
