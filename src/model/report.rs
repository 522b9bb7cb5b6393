//! One scanner's output, as understood, before anything is compared or judged.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::category::Category;
use super::component::Component;
use super::cvss::Cvss;
use super::digest::Digest;
use super::identifier::Identifier;
use super::location::{Endpoint, Location};
use super::severity::Severity;
use super::vex::Statement;

/// One scanner's output file (or one tool's part of it), as understood.
#[derive(Debug, Clone)]
pub struct Report {
    /// Path as given by the user, `-` for standard input; a member of an archive follows after `!`.
    pub path: String,
    /// Id of the format that was recognised, or `None` if the file could not be read as any.
    pub format: Option<String>,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// What the report says about the scan itself.
    pub scan: Scan,
    /// What the scanner saw and holds to be open.
    pub observations: Observations,
    /// What the scanner saw and someone told it not to count; kept apart, never counted as open.
    pub suppressed: Observations,
    /// What it states about vulnerabilities in products (VEX), to be applied to what other reports show.
    pub statements: Vec<Statement>,
    /// Records that were not understood: each is a finding that might be missing.
    pub unread: u64,
    /// What is wrong with this report, in words; a [`Problem`] that leaves evidence missing makes the verdict
    /// `unresolved`.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Everything that it says the scanner saw, whether or not it is counted.
    pub fn seen(&self) -> impl Iterator<Item = &Observation> + Clone {
        self.observations.iter().chain(&self.suppressed).map(Box::as_ref)
    }

    /// Takes the observations out of it; what is left is still evidence of the scan.
    #[must_use]
    pub fn take_observations(&mut self) -> Self {
        let (observations, suppressed) = (std::mem::take(&mut self.observations), std::mem::take(&mut self.suppressed));
        Self { observations, suppressed, ..self.clone() }
    }
}

/// What a report says about the scan that made it.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Name of the tool in lower case (`trivy`, `codeql`).
    pub tool: String,
    /// Version of the tool, empty if not given.
    pub tool_version: String,
    /// When the scan ended (or started, if only that is known).
    pub at: Option<Timestamp>,
    /// Commit that was scanned.
    pub commit: Option<String>,
    /// Image or other artefact that was scanned, with its digest if given.
    pub artefact: Option<String>,
    /// Kinds of test that this report is evidence for, even if it found nothing.
    pub kinds: BTreeSet<Category>,
    /// Rules that the scanner says it looked for, whether they found something or not; empty if it does not say.
    pub rules: BTreeSet<String>,
    /// Further tools whose scans the report holds, by name in lower case, whether they found something or not.
    pub others: BTreeMap<String, OtherTool>,
}

/// What a report of several tools says about the scan of one that is not the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherTool {
    /// Version of the tool, empty if not given.
    pub version: String,
    /// Rules that it says it looked for; empty if it does not say.
    pub rules: BTreeSet<String>,
}

impl Scan {
    /// Names of all tools whose scans the report holds.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.tool.as_str()).chain(self.others.keys().map(String::as_str))
    }

    /// The tool whose scan an observation comes from.
    pub fn tool_of<'a>(&'a self, observation: &'a Observation) -> &'a str {
        observation.tool.as_deref().filter(|tool| self.others.contains_key(*tool)).unwrap_or(&self.tool)
    }

    /// Adds a tool whose scan the report holds too; the first one is the tool of the scan.
    pub fn add_tool(&mut self, tool: &str, version: &str) {
        if self.tool.is_empty() {
            tool.clone_into(&mut self.tool);
            version.clone_into(&mut self.tool_version);
        } else if !tool.is_empty() && tool != self.tool && !self.others.contains_key(tool) {
            let other = OtherTool { version: version.to_owned(), ..OtherTool::default() };
            self.others.insert(tool.to_owned(), other);
        }
    }
}

/// Something wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Whether evidence is missing because of it. If so the verdict is `unresolved`; if not it is a remark.
    pub evidence_missing: bool,
    /// What is wrong, where, and what to do, in one sentence.
    pub message: String,
}

/// Many observations. Each stands by itself: there may be a million of them, and a list that grows would copy them all again
/// and again.
#[allow(clippy::vec_box, reason = "what the list holds is the size of half a page")]
pub type Observations = Vec<Box<Observation>>;

/// One security problem as one report states it. `correlate` makes findings of observations.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The tool that saw it, in lower case, where one report holds the results of several tools; `None` if it is the
    /// tool of the [`Scan`].
    pub tool: Option<String>,
    /// The scanner's rule, check or vulnerability id, as it writes it.
    pub rule: String,
    /// The scanner's own stable id of this very result, if it really is stable. Not kept of what is only judged.
    pub native_id: Option<String>,
    /// Kind of problem; `None` only while reading.
    pub category: Option<Category>,
    /// Short name of the problem, one line.
    pub title: String,
    /// More about it, if the report says more; plain text. Not kept of what is only judged.
    pub description: String,
    /// The beginning of the description's digest, also where that is not kept: it tells apart what one report says twice of
    /// one place. 0 if there is no description.
    pub description_digest: u64,
    /// Severity from where the format really keeps it.
    pub severity: Severity,
    /// CVSS assessments in the report's order of preference.
    pub cvss: Vec<Cvss>,
    /// Public names of the vulnerability, aliases included.
    pub identifiers: Vec<Identifier>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// Package concerned.
    pub component: Option<Component>,
    /// Places in files, the principal one first.
    pub locations: Vec<Location>,
    /// Place in a running system.
    pub endpoint: Option<Endpoint>,
    /// Image, resource or other thing in which it was seen, where there is no file.
    pub artefact: Option<String>,
    /// How sure the scanner is.
    pub confidence: Option<Confidence>,
    /// For a secret: whether it was tried and works (`Some(true)`) or does not (`Some(false)`).
    pub verified: Option<bool>,
    /// For a secret: the digest of the secret itself, to recognise it when two scanners or two places show the same
    /// one. For comparing only: a short secret could be guessed from it, so it never reaches any output.
    pub secret_digest: Option<Digest>,
    /// Whether the vulnerable code is known to be called.
    pub reachable: Option<bool>,
    /// Probability of exploitation in the next 30 days (EPSS) if the report carries it, 0 to 1.
    pub epss: Option<f64>,
    /// Whether the report says that it is in CISA's catalogue of known exploited vulnerabilities.
    pub kev: Option<bool>,
    /// When the problem became publicly known.
    pub published: Option<Timestamp>,
    /// Since when there is a version without the problem.
    pub fixed_since: Option<Timestamp>,
    /// Why the scanner does not count it, if it does not.
    pub suppression: Option<Suppression>,
    /// How many rows of the report this observation stands for; more than one when a format repeats itself.
    pub occurrences: u32,
}

/// How sure a scanner is of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Likely a false positive.
    Low,
    /// Plausible.
    Medium,
    /// Likely real.
    High,
    /// Shown to be real.
    Certain,
}

impl Confidence {
    /// Reads the words that scanners use; `None` if not understood.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "low" | "tentative" | "weak" => Some(Self::Low),
            "medium" | "moderate" | "firm" => Some(Self::Medium),
            "high" | "strong" => Some(Self::High),
            "certain" | "confirmed" | "verified" | "very-high" => Some(Self::Certain),
            _ => None,
        }
    }

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Certain => "certain",
        }
    }
}

/// Why a result is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// How it was done, in the scanner's words (`inSource`, `.trivyignore`, `vex` …).
    pub kind: String,
    /// The reason given, empty if none.
    pub reason: String,
}

impl Suppression {
    /// How a statement of VEX leaves something out.
    pub const VEX: &str = "vex";
    /// The same where the statement comes with the change, until it is known whether the change brings the finding too.
    pub const VEX_OF_CHANGE: &str = "vex of this change";
}
