//! The change under test, as git shows it.

use std::collections::{BTreeMap, BTreeSet};

/// What is known about the change under test.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Name by which decisions on it are found again, whatever is pushed to it (`pull/12`, `branch/feature-x`); empty if
    /// it has none.
    pub name: String,
    /// Full id of the commit under test, if there is a repository with a commit.
    pub head: Option<String>,
    /// Other commits a scan of which is a scan of this change: the parents of the head if it is a merge, and the merge that
    /// a forge made of it to test it.
    pub scanned_as: Vec<String>,
    /// What the change goes to, if that was named or is known.
    pub target: Option<Target>,
    /// The state that the change left from, if it is known.
    pub base: Option<Base>,
    /// Files that differ between merge base and head (and the work tree, where that is what was asked).
    pub files: BTreeMap<String, ChangedFile>,
    /// Every file of the head (and those new in the work tree, where that is what was asked), so that a path in a
    /// report can be recognised, or seen to be none of this repository's.
    pub paths: BTreeSet<String>,
    /// Submodules whose commit differs: what that brings is in no file of this repository.
    pub submodules: BTreeSet<String>,
    /// Every dependency manifest and lockfile among `files` and `paths`.
    pub manifests: BTreeMap<String, Manifest>,
    /// Why the change could not be read, in one sentence with what to do; empty if it was.
    pub unknown_because: String,
    /// What to know about what it was compared with, one sentence each.
    pub remarks: Vec<String>,
}

/// What kind of dependency manifest or lockfile a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    /// Package types (purl) whose packages it names; `container` for files that name base images.
    pub ecosystems: &'static [&'static str],
    /// Whether it names every package that is installed, not only those that the project asks for itself.
    pub lock: bool,
    /// Whether it is a part of a project's manifest that lies in a folder of its own (`gradle/libs.versions.toml`).
    pub part: bool,
}

/// What the change goes to, which its author does not control: trusted files are read from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As the user gave it, or the branch that was taken in its place (`origin/main`).
    pub name: String,
    /// Its commit as it stands in this clone, `None` if it is not there. Not the merge base: there an old branch would
    /// bring back an old agreement.
    pub tip: Option<String>,
}

/// The state before the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Name of the target.
    pub name: String,
    /// Merge base of that and the head: what the change is compared with.
    pub commit: String,
}

/// What a change does to one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedFile {
    /// Path before a rename, if it was renamed.
    pub old_path: Option<String>,
    /// Lines of the new version that were added or changed, as inclusive ranges, ascending.
    pub added: Vec<(u32, u32)>,
    /// Lines of the new version at or next to which lines are gone that were not blank, as inclusive ranges, ascending.
    pub lost: Vec<(u32, u32)>,
    /// For a dependency manifest or lockfile: the words of the added and removed lines, lower case, in which a
    /// package name can be looked up; the directive that a line begins with also with `^` before it (`^from`). Empty for
    /// other files.
    pub words: BTreeSet<String>,
    /// Of these, the words of added lines that stood nowhere in the file before.
    pub fresh: BTreeSet<String>,
    /// Packages that a requirements file pins to the same version before and after, as name in lower case and version.
    pub pinned: BTreeSet<(String, String)>,
    /// Whether this is a dependency manifest or lockfile.
    pub manifest: bool,
    /// Lines that tell a scanner not to count something, added by this change.
    pub exceptions: Vec<AddedException>,
    /// Whether the file is new with this change.
    pub created: bool,
    /// Whether its content was not looked at: it is binary, very large, or its objects are not in this clone.
    pub opaque: bool,
}

/// A line that tells a scanner not to count something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedException {
    /// Line of the new version.
    pub line: u32,
    /// The scanner that it speaks to.
    pub tool: String,
    /// What the line says, clipped.
    pub text: String,
}

impl ChangedFile {
    /// Whether any line of `first..=last` was added or changed.
    pub fn touches(&self, first: u32, last: u32) -> bool {
        meets(&self.added, first, last)
    }

    /// Whether lines are gone at or next to `first..=last`.
    pub fn loses(&self, first: u32, last: u32) -> bool {
        meets(&self.lost, first, last)
    }
}

fn meets(ranges: &[(u32, u32)], first: u32, last: u32) -> bool {
    ranges.iter().any(|&(from, to)| from <= last && first <= to)
}
