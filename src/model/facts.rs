//! The facts that conditions are written about: `finding.…` and `service.…` in a tolerance row or a rule.
//!
//! `None` always means *unknown*, never *no*. A condition that depends on an unknown fact is itself unknown.

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
