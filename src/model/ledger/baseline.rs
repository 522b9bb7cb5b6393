//! What was seen: the default branch at a commit, and a change at one of its pushes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::category::Category;
use super::super::severity::Severity;
use super::super::verdict::Verdict;
use super::super::word::Word;

/// The findings of the default branch at a commit. By it a later run knows what was there before, without base reports;
/// and a commitment is seen to be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Name of the branch.
    pub branch: String,
    /// Full id of the commit.
    pub commit: String,
    /// When it was judged.
    pub at: Timestamp,
    /// Scans that were read.
    pub scans: Vec<BaselineScan>,
    /// Open findings, by id.
    pub findings: Vec<BaselineFinding>,
    /// Findings that a scanner was told not to count.
    pub suppressed: Vec<BaselineSuppressed>,
    /// What scanners are told to leave out: entries of the files for it, and words in files of promised findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<BaselineException>,
    /// Heads of decided changes that this commit contains.
    pub contains: Vec<String>,
    /// The quarter that `spent` is counted in: `2026-Q4`.
    pub quarter: String,
    /// Exposure since the beginning of the quarter, or since the first baseline in it, in points: at each baseline, what
    /// stood before times how long it stood.
    pub spent: f64,
    /// Since when `spent` is counted.
    pub spent_since: Timestamp,
}

/// One scan of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineScan {
    /// Tool.
    pub tool: String,
    /// Its version, empty if not given.
    pub version: String,
    /// Kinds of test that it is evidence for.
    pub kinds: Vec<Word<Category>>,
    /// Whether it was read in full.
    pub complete: bool,
    /// Rules of promised findings that are not among those it says it looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
}

/// One finding of a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineFinding {
    /// Its id.
    pub id: String,
    /// Kind of problem.
    pub category: Word<Category>,
    /// Short name.
    pub title: String,
    /// Severity as judged.
    pub severity: Word<Severity>,
    /// Principal file, empty if none.
    pub path: String,
    /// Package that it is about, without a version (`npm/lodash`); empty if none, and in earlier records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Tools that saw it and under which rule.
    pub saw: Vec<(String, String)>,
    /// Likely exposure rate, in points a day.
    pub rate: f64,
    /// When it was first found on the branch, as far as the ledger knows.
    pub since: Timestamp,
}

impl Baseline {
    /// Whether a scanner was told not to count the finding of that id.
    pub fn suppresses(&self, id: &str) -> bool {
        self.suppressed.iter().any(|finding| finding.id == id)
    }
}

/// A finding of a baseline that a scanner was told not to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineSuppressed {
    /// Its id.
    pub id: String,
    /// Short name.
    pub title: String,
    /// How the scanner was told, in its words.
    pub kind: String,
}

/// A line that tells a scanner to leave something out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineException {
    /// File.
    pub path: String,
    /// The scanner that it speaks to.
    pub tool: String,
    /// What the line says, clipped.
    pub text: String,
}

/// One judgement of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessed {
    /// Name of the change.
    pub change: String,
    /// Full id of the commit that was judged.
    pub head: String,
    /// When it was judged.
    pub at: Timestamp,
    /// The verdict.
    pub verdict: Word<Verdict>,
    /// Digest of the appetite file.
    pub appetite: String,
    /// Digest of what would be decided about.
    pub findings_digest: String,
    /// Open findings that come with the change, by severity.
    pub introduced: Vec<SeverityCount>,
    /// Ship day of a gate that blocks on every new high or critical finding, in days since `at`; absent where nothing
    /// can be said, 0 where it would not have blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_day: Option<f64>,
}

/// How many findings have a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityCount {
    /// The severity.
    pub severity: Word<Severity>,
    /// How many.
    pub count: u64,
}
