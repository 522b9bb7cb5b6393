//! The change under test, as git shows it.

use std::collections::{BTreeMap, BTreeSet};

/// What is known about the change under test.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Full id of the commit under test, if there is a repository with a commit.
    pub head: Option<String>,
    /// Parents of that commit: two for the merge commit that a forge tests a pull request as.
    pub head_parents: Vec<String>,
    /// Name of the base as given, and the full id of the merge base it was resolved to.
    pub base: Option<Base>,
    /// Files that differ between merge base and head (and the work tree, where that is what was asked).
    pub files: BTreeMap<String, ChangedFile>,
    /// Why the change could not be read, in one sentence with what to do; empty if it was.
    pub unknown_because: String,
}

/// The state before the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// As the user gave it (`origin/main`).
    pub name: String,
    /// Merge base of that and the head.
    pub commit: String,
}

/// What a change does to one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedFile {
    /// Path before a rename, if it was renamed.
    pub old_path: Option<String>,
    /// Lines of the new version that were added or changed, as inclusive ranges, ascending.
    pub added: Vec<(u32, u32)>,
    /// For a dependency manifest or lockfile: the words of the added and removed lines, lower case, in which a
    /// package name can be looked up. Empty for other files.
    pub words: BTreeSet<String>,
    /// Whether this is a dependency manifest or lockfile.
    pub manifest: bool,
    /// Whether the file is new with this change.
    pub created: bool,
}

impl ChangedFile {
    /// Whether any line of `first..=last` was added or changed.
    pub fn touches(&self, first: u32, last: u32) -> bool {
        self.added.iter().any(|&(from, to)| from <= last && first <= to)
    }
}
