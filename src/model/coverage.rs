//! Which kinds of tests ran, how fresh they are, and what could not be read.

use super::category::Category;

/// The evidence for one kind of test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Kind of test.
    pub kind: Category,
    /// Whether the appetite requires it.
    pub required: bool,
    /// How it stands.
    pub state: CoverageState,
    /// Paths of the reports that are evidence for it.
    pub reports: Vec<String>,
    /// What is missing and what to do, in one sentence; empty if `Present`.
    pub remark: String,
}

/// How the evidence for one kind of test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverageState {
    /// A report of this kind was read, and it is fresh enough.
    Present,
    /// There is no report of this kind.
    Missing,
    /// There is one, but it is older than agreed, or of another commit.
    Stale,
    /// There is one, but it could not be read in full, or says that the scan did not succeed.
    Failed,
}

impl CoverageState {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}
