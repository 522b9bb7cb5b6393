//! Waivers: accepted until a date, with an owner; never open-ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::digest::Digest;
use super::super::severity::Severity;
use super::super::word::Word;
use super::decision::{Decider, Person};

/// One person's acceptance of something until a date. Where the agreement asks for several roles, each of them is one
/// record with the same id, and they add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Its id: `v-` and twelve hexadecimal digits, made from what is accepted until when.
    pub id: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// From when it holds.
    pub from: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
    /// The tolerance row or timeline table that it is about; empty if it is about findings alone.
    pub row: String,
    /// Name of the change that it came with; empty if none.
    pub change: String,
    /// The findings that it is about.
    pub findings: Vec<WaivedFinding>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub by: Decider,
    /// Who wrote the change that brings the findings, as far as it was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// Digest of the appetite under which it was accepted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub appetite: String,
    /// Path in the ledger of the decision that it follows from; empty if it was recorded by itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
    /// Signature of the person who accepted it; empty if the forge vouches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
}

impl Waiver {
    /// Purpose for which a waiver is signed.
    pub const NAMESPACE: &str = "detente-waiver";

    /// What is signed: everything but the signature.
    #[expect(clippy::expect_used, reason = "structs of our own with string keys, written to memory: nothing can fail")]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { signature: String::new(), ..self.clone() };
        serde_json::to_vec(&unsigned).expect("own structs serialise")
    }
}

/// The id of a waiver that is recorded by itself: whoever accepts the same findings until the same moment, as severe as
/// they are, adds to the same waiver.
pub fn waiver_id(row: &str, until: Timestamp, findings: &[WaivedFinding]) -> String {
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}\n", finding.id, finding.severity.0.as_str(), finding.exploited))
        .collect();
    lines.sort();
    let digest = Digest::of(format!("waiver {row} {until}\n{}", lines.concat()).as_bytes());
    format!("v-{}", digest.short())
}

/// A finding that is accepted, with everything by which scanners know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaivedFinding {
    /// Its id.
    pub id: String,
    /// Short name.
    pub title: String,
    /// Public names, a CVE first.
    pub identifiers: Vec<String>,
    /// Tools that saw it and under which rule.
    pub saw: Vec<(String, String)>,
    /// Principal file, empty if none.
    pub path: String,
    /// Package URL, empty if none.
    pub purl: String,
    /// Severity as judged when it was accepted.
    pub severity: Word<Severity>,
    /// Whether it was known to be exploited then.
    pub exploited: bool,
}
