//! How a few files stood on a branch over time.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The versions of a few files that belong together, as a branch had them one after another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Oldest first; two that follow each other differ in at least one of the files.
    pub versions: Vec<Version>,
    /// Whether the first commit of the branch was reached: not in a shallow clone.
    pub complete: bool,
}

/// The files as one commit left them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Full id of the commit.
    pub commit: String,
    /// When it was made, as its author says.
    pub at: Timestamp,
    /// Content by path; a file that was not there is absent.
    pub files: BTreeMap<String, Vec<u8>>,
}
