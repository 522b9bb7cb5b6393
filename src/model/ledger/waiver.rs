//! Waivers: accepted until a date, with an owner; never open-ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::decision::Decider;

/// Something accepted until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Its id: `v-` and twelve hexadecimal digits.
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
}
