//! The facts that conditions are written about: `finding.…` and `service.…` in a tolerance row or a rule.
//!
//! `None` always means *unknown*, never *no*. A condition that depends on an unknown fact is itself unknown.
//!
//! [`FACTS`] is the one list of what a condition can name: it drives the check at load, the reading of a value and
//! the printed reference, so that the three cannot drift apart.

pub mod kind;

use super::category::Category;
use super::origin::Origin;
use super::report::Confidence;
use super::service::{Criticality, NetworkExposure};
use super::severity::Severity;

/// What a condition can ask about one finding and the service that it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// `finding.category`.
    pub category: Category,
    /// `finding.severity`; `Unknown` is an unknown fact.
    pub severity: Severity,
    /// `finding.cvss`: base score, 0 to 10.
    pub cvss: Option<f64>,
    /// `finding.epss`: probability of exploitation in the next 30 days, 0 to 1.
    pub epss: Option<f64>,
    /// `finding.kev`: whether exploitation is known.
    pub kev: Option<bool>,
    /// `finding.origin`, and `finding.introduced`, `finding.ambient`, `finding.resolved` (an unknown origin counts as
    /// introduced).
    pub origin: Origin,
    /// `finding.fix`: `"available"`, `"none"` or, as an unknown fact, neither.
    pub fix_available: Option<bool>,
    /// `finding.upgrade`: `"patch"`, `"minor"` or `"major"`, the semantic-version distance to the first fixed version.
    pub upgrade: Option<&'static str>,
    /// `finding.direct`: whether the project itself asks for the package.
    pub direct: Option<bool>,
    /// `finding.reachable`: whether the vulnerable code is known to be called.
    pub reachable: Option<bool>,
    /// `finding.verified`: for a secret, whether it is known to work.
    pub verified: Option<bool>,
    /// `finding.confidence` as `LOW < MEDIUM < HIGH < CERTAIN`.
    pub confidence: Option<Confidence>,
    /// `finding.age_days`: days since it became publicly known.
    pub age_days: Option<f64>,
    /// `finding.identifiers`: public names.
    pub identifiers: Vec<String>,
    /// `finding.cwe`: CWE numbers.
    pub cwe: Vec<u32>,
    /// `finding.tools`: names of the scanners that saw it.
    pub tools: Vec<String>,
    /// `finding.rules`: the scanners' rule ids.
    pub rules: Vec<String>,
    /// `finding.title`.
    pub title: String,
    /// `finding.path`: principal file, empty if none.
    pub path: String,
    /// `finding.ecosystem`: purl type of the package, empty if none.
    pub ecosystem: String,
    /// `finding.package`: package name, empty if none.
    pub package: String,
    /// `finding.ssvc`: `"defer"`, `"scheduled"`, `"out-of-cycle"` or `"immediate"`.
    pub ssvc: Option<String>,
    /// `service.name`.
    pub service: String,
    /// `service.exposure`: `"internet"`, `"internal"` or `"isolated"`.
    pub exposure: NetworkExposure,
    /// `service.criticality`: `"essential"`, `"important"` or `"supporting"`.
    pub criticality: Criticality,
    /// `service.data`.
    pub data: Vec<String>,
    /// `service.obligations`.
    pub obligations: Vec<String>,
}

#[cfg(test)]
impl Facts {
    /// Of a finding of which nothing but category and severity is known, in a service that nobody declared.
    pub fn bare(category: Category, severity: Severity) -> Self {
        let service = super::service::Service::undeclared();
        Self {
            category,
            severity,
            cvss: None,
            epss: None,
            kev: None,
            origin: Origin::Unknown,
            fix_available: None,
            upgrade: None,
            direct: None,
            reachable: None,
            verified: None,
            confidence: None,
            age_days: None,
            identifiers: Vec::new(),
            cwe: Vec::new(),
            tools: Vec::new(),
            rules: Vec::new(),
            title: String::new(),
            path: String::new(),
            ecosystem: String::new(),
            package: String::new(),
            ssvc: None,
            service: service.name,
            exposure: service.exposure,
            criticality: service.criticality,
            data: service.data,
            obligations: service.obligations,
        }
    }
}

/// One fact that a condition can name.
pub struct FactDoc {
    /// As a condition writes it: `finding.severity`.
    pub name: &'static str,
    /// Type and possible values.
    pub kind: FactKind,
    /// What it says, in one sentence.
    pub meaning: &'static str,
    /// Reads it; `None` if it is unknown.
    pub(super) read: for<'a> fn(&'a Facts) -> Option<Fact<'a>>,
}

/// Type and possible values of a fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FactKind {
    /// `true` or `false`.
    Truth,
    /// A step of a scale, compared with its constants.
    Scale(Scale),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A number between two ends, both included.
    Number {
        /// Least possible value.
        least: f64,
        /// Greatest possible value.
        most: f64,
    },
    /// Any text.
    Text,
    /// A list of texts.
    Texts,
    /// A list of whole numbers.
    Numbers,
}

/// A scale whose steps have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// `INFO < LOW < MEDIUM < HIGH < CRITICAL`.
    Severity,
    /// `LOW < MEDIUM < HIGH < CERTAIN`.
    Confidence,
}

impl Scale {
    /// Names and values of the steps, ascending. A name that both scales have stands for the same value in both.
    pub const fn steps(self) -> &'static [(&'static str, i64)] {
        match self {
            Self::Severity => &[("INFO", 1), ("LOW", 2), ("MEDIUM", 3), ("HIGH", 4), ("CRITICAL", 5)],
            Self::Confidence => &[("LOW", 2), ("MEDIUM", 3), ("HIGH", 4), ("CERTAIN", 5)],
        }
    }
}

/// The value of a fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fact<'a> {
    Truth(bool),
    Step(i64),
    Text(&'a str),
    Number(f64),
    Texts(&'a [String]),
    Numbers(&'a [u32]),
}

impl FactKind {
    /// Name of the type, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truth => "true or false",
            Self::Scale(_) => "step of a scale",
            Self::Word(_) => "word",
            Self::Number { .. } => "number",
            Self::Text => "text",
            Self::Texts => "list of texts",
            Self::Numbers => "list of whole numbers",
        }
    }

    /// The possible values, for people; empty if any is possible.
    pub fn values(self) -> String {
        match self {
            Self::Truth => "true, false".to_owned(),
            Self::Scale(scale) => scale.steps().iter().map(|&(name, _)| name).collect::<Vec<_>>().join(" < "),
            Self::Word(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", "),
            Self::Number { least, most } if most.is_finite() => format!("{least} to {most}"),
            Self::Number { least, .. } => format!("{least} and above"),
            Self::Text | Self::Texts | Self::Numbers => String::new(),
        }
    }
}

/// The words of an enumeration, in its own order.
macro_rules! words {
    ($type:ty) => {{
        const WORDS: [&str; <$type>::ALL.len()] = {
            let mut words = [""; <$type>::ALL.len()];
            let mut index = 0;
            while index < words.len() {
                words[index] = <$type>::ALL[index].as_str();
                index += 1;
            }
            words
        };
        FactKind::Word(&WORDS)
    }};
}

const fn fact(
    name: &'static str,
    kind: FactKind,
    meaning: &'static str,
    read: for<'a> fn(&'a Facts) -> Option<Fact<'a>>,
) -> FactDoc {
    FactDoc { name, kind, meaning, read }
}

/// Every fact that a condition can name, in the order of the printed reference.
pub const FACTS: &[FactDoc] = &[
    fact("finding.category", words!(Category), "Kind of problem, and of the test that finds it.", |f| {
        Some(Fact::Text(f.category.as_str()))
    }),
    fact(
        "finding.severity",
        FactKind::Scale(Scale::Severity),
        "Highest severity that a source states, or that the leaders declared for unrated findings.",
        |f| match f.severity {
            Severity::Unknown => None,
            Severity::Info => Some(Fact::Step(1)),
            Severity::Low => Some(Fact::Step(2)),
            Severity::Medium => Some(Fact::Step(3)),
            Severity::High => Some(Fact::Step(4)),
            Severity::Critical => Some(Fact::Step(5)),
        },
    ),
    fact("finding.cvss", FactKind::Number { least: 0.0, most: 10.0 }, "CVSS base score.", |f| number(f.cvss)),
    fact(
        "finding.epss",
        FactKind::Number { least: 0.0, most: 1.0 },
        "EPSS: probability of exploitation within the next 30 days.",
        |f| number(f.epss),
    ),
    fact("finding.kev", FactKind::Truth, "Whether exploitation in the wild is known.", |f| f.kev.map(Fact::Truth)),
    fact("finding.origin", words!(Origin), "Relation to the change under test.", |f| {
        Some(Fact::Text(f.origin.as_str()))
    }),
    fact(
        "finding.introduced",
        FactKind::Truth,
        "Whether it comes with this change; true also where that cannot be told.",
        |f| Some(Fact::Truth(f.origin.counts_as_introduced())),
    ),
    fact("finding.ambient", FactKind::Truth, "Whether it was there before this change.", |f| {
        Some(Fact::Truth(f.origin == Origin::Ambient))
    }),
    fact("finding.resolved", FactKind::Truth, "Whether it disappears with this change.", |f| {
        Some(Fact::Truth(f.origin == Origin::Resolved))
    }),
    fact("finding.fix", FactKind::Word(&["available", "none"]), "Whether a fixed version exists.", |f| {
        f.fix_available.map(|available| Fact::Text(if available { "available" } else { "none" }))
    }),
    fact(
        "finding.upgrade",
        FactKind::Word(&["patch", "minor", "major"]),
        "Semantic-version distance to the first fixed version.",
        |f| f.upgrade.map(Fact::Text),
    ),
    fact("finding.direct", FactKind::Truth, "Whether the project itself asks for the package.", |f| {
        f.direct.map(Fact::Truth)
    }),
    fact("finding.reachable", FactKind::Truth, "Whether the vulnerable code is known to be called.", |f| {
        f.reachable.map(Fact::Truth)
    }),
    fact("finding.verified", FactKind::Truth, "For a secret: whether it was tried and works.", |f| {
        f.verified.map(Fact::Truth)
    }),
    fact("finding.confidence", FactKind::Scale(Scale::Confidence), "How sure the surest scanner is.", |f| {
        f.confidence.map(|confidence| {
            Fact::Step(match confidence {
                Confidence::Low => 2,
                Confidence::Medium => 3,
                Confidence::High => 4,
                Confidence::Certain => 5,
            })
        })
    }),
    fact(
        "finding.age_days",
        FactKind::Number { least: 0.0, most: f64::INFINITY },
        "Days since it became publicly known.",
        |f| number(f.age_days),
    ),
    fact("finding.identifiers", FactKind::Texts, "Public names, such as CVE numbers.", |f| {
        Some(Fact::Texts(&f.identifiers))
    }),
    fact("finding.cwe", FactKind::Numbers, "CWE numbers.", |f| Some(Fact::Numbers(&f.cwe))),
    fact("finding.tools", FactKind::Texts, "Names of the scanners that saw it.", |f| Some(Fact::Texts(&f.tools))),
    fact("finding.rules", FactKind::Texts, "The scanners' rule ids.", |f| Some(Fact::Texts(&f.rules))),
    fact("finding.title", FactKind::Text, "Short name of the problem.", |f| Some(Fact::Text(&f.title))),
    fact("finding.path", FactKind::Text, "Principal file; empty if none.", |f| Some(Fact::Text(&f.path))),
    fact("finding.ecosystem", FactKind::Text, "Package type, as in a package URL; empty if none.", |f| {
        Some(Fact::Text(&f.ecosystem))
    }),
    fact("finding.package", FactKind::Text, "Package name; empty if none.", |f| Some(Fact::Text(&f.package))),
    fact(
        "finding.ssvc",
        FactKind::Word(&["defer", "scheduled", "out-of-cycle", "immediate"]),
        "Outcome of the SSVC decision.",
        |f| f.ssvc.as_deref().map(Fact::Text),
    ),
    fact("service.name", FactKind::Text, "Name of the service concerned.", |f| Some(Fact::Text(&f.service))),
    fact("service.exposure", words!(NetworkExposure), "Who can reach the service.", |f| {
        Some(Fact::Text(f.exposure.as_str()))
    }),
    fact("service.criticality", words!(Criticality), "How much the organisation depends on the service.", |f| {
        Some(Fact::Text(f.criticality.as_str()))
    }),
    fact("service.data", FactKind::Texts, "Kinds of data that the service handles.", |f| Some(Fact::Texts(&f.data))),
    fact("service.obligations", FactKind::Texts, "Timeline tables that always apply to the service.", |f| {
        Some(Fact::Texts(&f.obligations))
    }),
];

/// A figure that is no number is unknown.
fn number(value: Option<f64>) -> Option<Fact<'static>> {
    value.filter(|value| !value.is_nan()).map(Fact::Number)
}
