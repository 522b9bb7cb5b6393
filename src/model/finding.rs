//! Findings: security problems, each once, however many scanners saw it.

use super::category::Category;
use super::clock::Stated;
use super::component::Component;
use super::cvss::Cvss;
use super::identifier::Identifier;
use super::location::{Endpoint, Location};
use super::origin::Origin;
use super::report::{Confidence, Suppression};
use super::severity::Severity;

/// One security problem, normalised. The same problem from two scanners is one finding with two sources.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable name within and across runs, made from what the problem *is*, never from a line number: `f-` and
    /// twelve hexadecimal digits.
    pub id: String,
    /// Whether what it is recognised by at another time rests on a count of alike places in a file. Then it is only the
    /// first, the second … of them, and another problem can have taken its turn since.
    pub by_count: bool,
    /// Whether base reports told its origin. What they do not tell, because no scan of them looked for it, is told by the
    /// baseline of the ledger, or by git.
    pub by_base_report: bool,
    /// Kind of problem.
    pub category: Category,
    /// Short name, one line.
    pub title: String,
    /// The highest severity that a source states.
    pub severity: Severity,
    /// CVSS assessments of all sources, best first.
    pub cvss: Vec<Cvss>,
    /// Public names, a CVE first; never repeated.
    pub identifiers: Vec<Identifier>,
    /// CWE numbers, ascending.
    pub cwe: Vec<u32>,
    /// Package concerned.
    pub component: Option<Component>,
    /// Places in files: the principal one first, the others sorted.
    pub locations: Vec<Location>,
    /// Place in a running system.
    pub endpoint: Option<Endpoint>,
    /// Image, resource or other thing in which it was seen.
    pub artefact: Option<String>,
    /// The surest source's confidence.
    pub confidence: Option<Confidence>,
    /// For a secret: whether some scanner tried it, and the result.
    pub verified: Option<bool>,
    /// Whether the vulnerable code is known to be called.
    pub reachable: Option<bool>,
    /// EPSS probability as a report carries it.
    pub reported_epss: Option<f64>,
    /// Whether a report says that it is known to be exploited.
    pub reported_kev: Option<bool>,
    /// When the problem became publicly known, by the report that says the earliest day.
    pub published: Option<Stated>,
    /// Since when there is a version without the problem, by the report that says the earliest day.
    pub fixed_since: Option<Stated>,
    /// Every scanner that saw it, and under which rule; sorted, never empty.
    pub sources: Vec<Source>,
    /// Relation to the change under test.
    pub origin: Origin,
    /// How the origin was judged, in words.
    pub origin_evidence: String,
}

impl Finding {
    /// A finding of which nothing more is known: no place, no source, and of unknown origin. For struct update, where only
    /// some facts are there.
    pub fn new(id: String, category: Category, title: String, severity: Severity) -> Self {
        Self {
            id,
            by_count: false,
            by_base_report: false,
            category,
            title,
            severity,
            cvss: Vec::new(),
            identifiers: Vec::new(),
            cwe: Vec::new(),
            component: None,
            locations: Vec::new(),
            endpoint: None,
            artefact: None,
            confidence: None,
            verified: None,
            reachable: None,
            reported_epss: None,
            reported_kev: None,
            published: None,
            fixed_since: None,
            sources: Vec::new(),
            origin: Origin::Unknown,
            origin_evidence: String::new(),
        }
    }
}

/// One scanner that saw a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Tool name, as in the report.
    pub tool: String,
    /// The tool's rule, check or vulnerability id.
    pub rule: String,
    /// Path of the report.
    pub report: String,
}

/// All findings of a run, each once.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Open findings and those that the change resolves, ordered by id.
    pub findings: Vec<Finding>,
    /// Findings that every scanner which saw them was told not to count; kept apart.
    pub suppressed: Vec<Suppressed>,
    /// What could not be concluded from the reports, one sentence each.
    pub remarks: Vec<String>,
}

/// A finding that is not counted, because a scanner was told so or by a statement of VEX.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// The finding as it would count.
    pub finding: Finding,
    /// How it was suppressed, in the scanner's words.
    pub kind: String,
    /// The reason given, empty if none.
    pub reason: String,
}

impl Suppressed {
    /// Whether a statement of VEX leaves it out, and not what a scanner was told.
    pub fn is_stated(&self) -> bool {
        self.kind == Suppression::VEX
    }
}
