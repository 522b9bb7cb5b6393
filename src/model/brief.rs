//! The brief: everything one run has to say, ready to be rendered.

use super::appetite::Appetite;
use super::assessment::Assessment;
use super::change::Change;
use super::digest::Digest;
use super::option::Plan;
use super::report::Problem;

/// Everything one run of `gate` has to say. Renderers show it; none of them computes.
#[derive(Debug, Clone)]
pub struct Brief {
    /// What was read.
    pub reports: Vec<ReportSummary>,
    /// What it was judged against.
    pub appetite: Appetite,
    /// The change under test.
    pub change: Change,
    /// Feeds that were used, in words ("KEV 2026.08.15, 1,612 entries"), and which were not given.
    pub intel: Vec<String>,
    /// The judgement.
    pub assessment: Assessment,
    /// The options.
    pub plan: Plan,
    /// What the reader should know about how the appetite was found and read, one sentence each.
    pub notices: Vec<String>,
    /// What to do next, most useful first, one sentence each.
    pub next: Vec<String>,
}

/// One report, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSummary {
    /// Path as given.
    pub path: String,
    /// Id of the format, `None` if not recognised.
    pub format: Option<&'static str>,
    /// Name of the tool.
    pub tool: String,
    /// Version of the tool, empty if not given.
    pub tool_version: String,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// Observations that the scanner holds to be open.
    pub findings: u64,
    /// Observations that someone told the scanner not to count.
    pub suppressed: u64,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}
