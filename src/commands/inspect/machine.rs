//! Reports for programs: every fact that was read. Each type is taken apart in full, so that a fact which is added to it
//! cannot be left out here.
//!
//! The document is made while it is written, one observation at a time: as a whole it would take several times the room of the
//! reports.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::{Endpoint, Location};
use crate::model::report::{Confidence, Observation, OtherTool, Problem, Report, Scan, Suppression};
use crate::model::vex::{Product, Statement};

/// The form of this document; it changes with the meaning of a member, not with a new one.
const SCHEMA: &str = "detente.inspect/1";

/// All reports as one document, its members in order of their names.
#[derive(Serialize)]
pub struct Document<'r> {
    reports: Vec<Shown<'r>>,
    schema: &'static str,
}

impl<'r> Document<'r> {
    /// The document of these reports.
    pub fn of(reports: &'r [Report]) -> Self {
        Self { reports: reports.iter().map(shown).collect(), schema: SCHEMA }
    }
}

/// One report.
#[derive(Serialize)]
struct Shown<'r> {
    artefact: Option<&'r str>,
    commit: Option<&'r str>,
    findings: usize,
    format: Option<&'r str>,
    kinds: Vec<&'static str>,
    observations: Seen<'r>,
    other_tools: Vec<Value>,
    path: &'r str,
    problems: Vec<Value>,
    rules: &'r BTreeSet<String>,
    scanned_at: Option<String>,
    sha256: String,
    statements: Vec<Value>,
    suppressed: usize,
    tool: &'r str,
    tool_version: &'r str,
    unread: u64,
}

/// What a report found, and then what is not counted of it.
struct Seen<'r>(&'r Report);

impl Serialize for Seen<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.seen().map(observation))
    }
}

fn each<T>(list: &[T], value: fn(&T) -> Value) -> Vec<Value> {
    list.iter().map(value).collect()
}

fn shown(report: &Report) -> Shown<'_> {
    let Report { path, format, sha256, scan, observations, suppressed, statements, unread, problems } = report;
    let Scan { tool, tool_version, at, commit, artefact, kinds, rules, others } = scan;
    let other_tools = others
        .iter()
        .map(|(tool, OtherTool { version, rules })| json!({ "tool": tool, "tool_version": version, "rules": rules }));
    Shown {
        artefact: artefact.as_deref(),
        commit: commit.as_deref(),
        findings: observations.len(),
        format: format.as_deref(),
        kinds: kinds.iter().map(|kind| kind.as_str()).collect(),
        observations: Seen(report),
        other_tools: other_tools.collect(),
        path,
        problems: each(
            problems,
            |Problem { evidence_missing, message }| json!({ "evidence_missing": evidence_missing, "message": message }),
        ),
        rules,
        scanned_at: at.map(|at| at.to_string()),
        sha256: sha256.to_string(),
        statements: each(statements, statement),
        suppressed: suppressed.len(),
        tool,
        tool_version,
        unread: *unread,
    }
}

fn statement(stated: &Statement) -> Value {
    let Statement { vulnerability, products, status, justification, author, at } = stated;
    json!({
        "vulnerability": each(vulnerability, |id| id.as_str().into()),
        "products": each(products, |Product { name, versions, parts }| {
            json!({ "name": name, "versions": versions, "parts": parts })
        }),
        "status": status.as_str(),
        "justification": justification,
        "author": author,
        "at": at.map(|at| at.to_string()),
    })
}

fn observation(seen: &Observation) -> Value {
    let Observation {
        tool,
        rule,
        native_id,
        category,
        title,
        description,
        // Follows from the description.
        description_digest: _,
        severity,
        cvss,
        identifiers,
        cwe,
        component,
        locations,
        endpoint,
        artefact,
        confidence,
        verified,
        // For comparing alone: a short secret could be guessed from it.
        secret_digest: _,
        reachable,
        epss,
        kev,
        published,
        fixed_since,
        suppression,
        occurrences,
    } = seen;
    json!({
        "tool": tool,
        "rule": rule,
        "native_id": native_id,
        "category": category.map(Category::as_str),
        "title": title,
        "description": description,
        "severity": severity.as_str(),
        "cvss": each(cvss, |Cvss { vector, score, source }| json!({ "vector": vector, "score": score, "source": source })),
        "identifiers": each(identifiers, |id: &Identifier| id.as_str().into()),
        "cwe": cwe,
        "component": component.as_ref().map(component_of),
        "locations": each(locations, |Location { path, line, end_line, snippet }| {
            json!({ "path": path, "line": line, "end_line": end_line, "code": snippet })
        }),
        "endpoint": endpoint.as_ref().map(|Endpoint { url, method, parameter }| {
            json!({ "url": url, "method": method, "parameter": parameter })
        }),
        "artefact": artefact,
        "confidence": confidence.map(Confidence::as_str),
        "verified": verified,
        "reachable": reachable,
        "epss": epss,
        "kev": kev,
        "published": published.map(|at| at.to_string()),
        "fixed_since": fixed_since.map(|at| at.to_string()),
        "occurrences": occurrences,
        "suppressed": suppression.as_ref().map(|Suppression { kind, reason }| json!({ "kind": kind, "reason": reason })),
    })
}

fn component_of(component: &Component) -> Value {
    let Component { ecosystem, name, version, purl, direct, fix } = component;
    json!({
        "ecosystem": ecosystem,
        "name": name,
        "version": version,
        "purl": purl,
        "direct": direct,
        "fix": match fix {
            Fix::Unknown => "unknown",
            Fix::NotAvailable => "none",
            Fix::Available(_) => "available",
        },
        "fixed_in": fix.versions(),
    })
}
