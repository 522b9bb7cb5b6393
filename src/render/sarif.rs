//! Findings as judged, for whatever reads SARIF 2.1.0: code scanning, editors, archives.
//!
//! Each finding is one result, however many scanners saw it, with the severity that it was judged by. What the change
//! brings is `new`, what was there before is `unchanged`; where that is not known nothing is claimed. Missing evidence
//! makes the run one that did not succeed: nobody downstream takes it for clean.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::assessment::AssessedFinding;
use crate::model::brief::Brief;
use crate::model::finding::{Finding, Suppressed};
use crate::model::location::Location;
use crate::model::origin::Origin;
use crate::model::severity::Severity;

use super::escape;
use super::renderer::{Form, Renderer};
use super::written::{Rows, write_json};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "sarif",
    about: "findings as judged, each once (SARIF 2.1.0)",
    endings: &[".sarif", ".sarif.json"],
    form: Form::Written(write),
};

/// What stands in a path of a URI as it is (RFC 3986: unreserved characters and `/`).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The log: the shell of it, and the one run, whose rules stand before the results that refer to them.
#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    automation_details: Value,
    invocations: Value,
    results: R,
}

fn write(brief: &Brief, out: &mut dyn Write) -> io::Result<()> {
    let rules = Rules::of(brief);
    let open = brief.open_findings().map(|assessed| result(assessed, &rules));
    let results = open.chain(brief.assessment.suppressed.iter().map(|suppressed| set_aside(suppressed, &rules)));
    let missing = &brief.assessment.unresolved_because;
    let notices: Vec<Value> =
        missing.iter().map(|why| json!({ "level": "error", "message": { "text": escape::clean(why) } })).collect();
    let run = Run {
        tool: json!({ "driver": {
            "name": "Detente",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules.rows,
        } }),
        automation_details: json!({ "id": "detente/" }),
        invocations: json!([{
            "executionSuccessful": missing.is_empty(),
            "endTimeUtc": brief.assessment.now.to_string(),
            "toolExecutionNotifications": notices,
        }]),
        results: Rows(results),
    };
    let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
    write_json(&Log { schema, version: "2.1.0", runs: [run] }, out)
}

/// One descriptor for each name under which problems are known, in the order in which results name them.
#[derive(Default)]
struct Rules {
    rows: Vec<Value>,
    places: BTreeMap<String, usize>,
}

impl Rules {
    fn of(brief: &Brief) -> Self {
        let mut rules = Self::default();
        for assessed in brief.open_findings() {
            rules.add(&assessed.finding, assessed.knowledge.cvss.as_ref().map(|cvss| cvss.score));
        }
        brief.assessment.suppressed.iter().for_each(|suppressed| rules.add(&suppressed.finding, None));
        rules
    }

    /// The name by which the finding's problem is known.
    fn name(finding: &Finding) -> String {
        let name = finding.identifiers.first().map_or_else(
            || finding.sources.first().map_or(finding.category.as_str(), |source| source.rule.as_str()),
            |identifier| identifier.as_str(),
        );
        escape::clip(name, 200)
    }

    /// The descriptor carries the highest CVSS score of its findings, if any has one.
    fn add(&mut self, finding: &Finding, score: Option<f64>) {
        let id = Self::name(finding);
        let place = *self.places.entry(id.clone()).or_insert_with(|| {
            let mut tags = vec!["security".to_owned(), finding.category.as_str().to_owned()];
            tags.extend(finding.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
            self.rows.push(json!({
                "id": id,
                "shortDescription": { "text": escape::clip(&finding.title, 300) },
                "properties": { "tags": tags },
            }));
            self.rows.len() - 1
        });
        if let (Some(score), Some(row)) = (score, self.rows.get_mut(place)) {
            // A string, as code scanning wants it.
            let highest = row["properties"]["security-severity"].as_str().and_then(|text| text.parse::<f64>().ok());
            if highest.is_none_or(|highest| score > highest) {
                row["properties"]["security-severity"] = Value::from(format!("{score:.1}"));
            }
        }
    }
}

fn result(assessed: &AssessedFinding, rules: &Rules) -> Value {
    let finding = &assessed.finding;
    let mut out = of_finding(finding, rules);
    out.insert("level".to_owned(), level(assessed.severity.value).into());
    match finding.origin {
        Origin::Introduced => drop(out.insert("baselineState".to_owned(), "new".into())),
        Origin::Ambient => drop(out.insert("baselineState".to_owned(), "unchanged".into())),
        Origin::Unknown | Origin::Resolved => {}
    }
    let mut properties = json!({
        "severity": assessed.severity.value.as_str(),
        "origin": finding.origin.as_str(),
        "originEvidence": escape::clean(&finding.origin_evidence),
        "service": escape::clean(&assessed.service.name),
    });
    if let Some(due) = &assessed.due {
        properties["due"] = Value::from(due.at.to_string());
        properties["dueBasis"] = Value::from(escape::clean(&format!(
            "{} row {}: {}; {}",
            due.limit.table, due.limit.row, due.limit.outcome, due.clock
        )));
    }
    let mut tools: Vec<String> = finding.sources.iter().map(|source| escape::clean(&source.tool)).collect();
    tools.dedup();
    properties["seenBy"] = Value::from(tools);
    out.insert("properties".to_owned(), properties);
    Value::Object(out)
}

/// What a scanner was told not to count: it is listed, and not open.
fn set_aside(suppressed: &Suppressed, rules: &Rules) -> Value {
    let mut out = of_finding(&suppressed.finding, rules);
    out.insert("level".to_owned(), level(suppressed.finding.severity).into());
    let why = match suppressed.reason.as_str() {
        "" => escape::clean(&suppressed.kind),
        reason => format!("{}: {}", escape::clean(&suppressed.kind), escape::clean(reason)),
    };
    out.insert("suppressions".to_owned(), json!([{ "kind": "external", "status": "accepted", "justification": why }]));
    Value::Object(out)
}

/// What every result has: which problem, where, and the name that stays the same from run to run.
fn of_finding(finding: &Finding, rules: &Rules) -> Map<String, Value> {
    let id = Rules::name(finding);
    let place = rules.places.get(&id).copied();
    let mut message = escape::clean(&finding.title);
    if let Some(component) = &finding.component {
        message = format!("{message} ({})", escape::clean(&component.to_string()));
    }
    let mut locations: Vec<Value> = finding.locations.iter().map(in_file).collect();
    if locations.is_empty() {
        locations.extend(elsewhere(finding));
    }
    let mut out = Map::new();
    out.insert("ruleId".to_owned(), id.into());
    out.insert("ruleIndex".to_owned(), place.into());
    out.insert("message".to_owned(), json!({ "text": message }));
    out.insert("locations".to_owned(), locations.into());
    out.insert("partialFingerprints".to_owned(), json!({ "detenteFinding/v1": finding.id }));
    out
}

fn in_file(location: &Location) -> Value {
    let uri = utf8_percent_encode(&location.path, PATH).to_string();
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if let Some(line) = location.line.filter(|&line| line > 0) {
        place["region"] = json!({ "startLine": line, "endLine": location.end_line.unwrap_or(line).max(line) });
    }
    json!({ "physicalLocation": place })
}

/// Where a finding is that is in no file.
fn elsewhere(finding: &Finding) -> Option<Value> {
    let component = finding.component.as_ref().map(|component| (component.to_string(), "package"));
    let endpoint = finding.endpoint.as_ref().map(|endpoint| (endpoint.url.clone(), "endpoint"));
    let artefact = finding.artefact.clone().map(|artefact| (artefact, "resource"));
    let (name, kind) = endpoint.or(component).or(artefact)?;
    Some(json!({ "logicalLocations": [{ "fullyQualifiedName": escape::clean(&name), "kind": kind }] }))
}

/// The three words of SARIF. What has no severity is a warning: unknown is not harmless.
const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unknown => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn text(brief: &Brief) -> String {
        let mut text = Vec::new();
        write(brief, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn written(brief: &Brief) -> Value {
        serde_json::from_str(&text(brief)).unwrap()
    }

    #[test]
    fn every_finding_is_one_result_of_a_rule_that_is_listed() {
        for (name, brief) in fixture::all() {
            let log = written(&brief);
            let run = &log["runs"][0];
            let results = run["results"].as_array().unwrap();
            assert_eq!(results.len(), brief.open_findings().count() + brief.assessment.suppressed.len(), "{name}");
            for result in results {
                let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"], "{name}");
            }
            let new = results.iter().filter(|result| result["baselineState"] == "new").count();
            assert_eq!(new, brief.count(Origin::Introduced), "{name}");
        }
    }

    #[test]
    fn missing_evidence_is_a_run_that_did_not_succeed() {
        let invocation = |brief: &Brief| written(brief)["runs"][0]["invocations"][0].clone();
        let unresolved = invocation(&fixture::unresolved());
        assert_eq!(unresolved["executionSuccessful"], false);
        assert!(!unresolved["toolExecutionNotifications"].as_array().unwrap().is_empty());
        assert_eq!(invocation(&fixture::within_appetite())["executionSuccessful"], true);
    }

    #[test]
    fn a_path_is_a_valid_reference() {
        let location = Location { path: "src/a b/ü#?.rs".to_owned(), line: Some(0), ..Location::default() };
        let written = in_file(&location);
        assert_eq!(written["physicalLocation"]["artifactLocation"]["uri"], "src/a%20b/%C3%BC%23%3F.rs");
        assert_eq!(written["physicalLocation"].get("region"), None, "lines count from one");
    }

    #[test]
    fn the_log_of_a_change_beyond_tolerance() {
        insta::assert_snapshot!(text(&fixture::beyond_tolerance()));
    }
}
