//! Which facts a format yields: read from what its own fixtures were understood to say, so that the list cannot drift.
//!
//! `facts.csv` beside this file holds the result; a test makes it anew from the fixtures and compares.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::component::Fix;
use crate::model::report::{Observation, Report};

/// The facts by format id.
const KNOWN: &str = include_str!("facts.csv");

/// Tests whether an observation carries a fact.
type Test = fn(&Observation) -> bool;

/// Every fact about a finding, in the order in which lists show them.
const OF_FINDINGS: [(&str, Test); 19] = [
    ("severity", |o| o.severity != crate::model::severity::Severity::Unknown),
    ("cvss", |o| o.cvss.iter().any(|cvss| !cvss.vector.is_empty())),
    ("identifiers", |o| !o.identifiers.is_empty()),
    ("cwe", |o| !o.cwe.is_empty()),
    ("package", |o| o.component.is_some()),
    ("purl", |o| o.component.as_ref().is_some_and(|component| component.purl.is_some())),
    ("fix", |o| o.component.as_ref().is_some_and(|component| component.fix != Fix::Unknown)),
    ("direct", |o| o.component.as_ref().is_some_and(|component| component.direct.is_some())),
    ("file", |o| !o.locations.is_empty()),
    ("line", |o| o.locations.iter().any(|place| place.line.is_some())),
    ("code", |o| o.locations.iter().any(|place| place.snippet.is_some())),
    ("address", |o| o.endpoint.is_some()),
    ("parameter", |o| o.endpoint.as_ref().is_some_and(|endpoint| endpoint.parameter.is_some())),
    ("artefact", |o| o.artefact.is_some()),
    ("confidence", |o| o.confidence.is_some()),
    ("stable id", |o| o.native_id.is_some()),
    ("epss", |o| o.epss.is_some()),
    ("verified", |o| o.verified.is_some()),
    ("reachable", |o| o.reachable.is_some()),
];

/// The facts that a report was understood to give.
pub fn given(report: &Report) -> BTreeSet<&'static str> {
    let all = || report.seen();
    let of_findings = OF_FINDINGS.iter().filter(|(_, test)| all().any(test)).map(|(name, _)| *name);
    let scan = &report.scan;
    let of_scan = [
        ("not counted", !report.suppressed.is_empty()),
        ("statements", !report.statements.is_empty()),
        ("tool version", !scan.tool_version.is_empty()),
        ("scan time", scan.at.is_some()),
        ("commit", scan.commit.is_some()),
        ("scanned artefact", scan.artefact.is_some()),
    ];
    of_findings.chain(of_scan.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name)).collect()
}

/// The facts that each format is known to yield, by its id.
pub fn known() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = KNOWN.lines().filter_map(|line| line.split_once(','));
    lines.map(|(id, facts)| (id, facts.split(';').filter(|fact| !fact.is_empty()).collect())).collect()
}
