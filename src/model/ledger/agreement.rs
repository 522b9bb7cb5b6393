//! A version of the agreement, as the ledger keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A version of the appetite file, with its signatures: decisions made under it can be checked when it is long replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppetiteVersion {
    /// Digest of the file's bytes.
    pub sha256: String,
    /// When it was first seen by this ledger.
    pub at: Timestamp,
    /// Where it was read from.
    pub origin: String,
    /// The file.
    pub text: String,
    /// Signatures by role.
    pub signatures: BTreeMap<String, String>,
}
