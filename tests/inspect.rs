//! What `detente inspect` shows to programs: every fact that was read. The page of formats says which facts each format
//! yields; each of them has to be there.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::collections::{BTreeMap, BTreeSet};

use assert_cmd::Command;
use detente::ingest::known_facts;
use serde_json::Value;

/// What `detente inspect` says of every report that comes with the tests.
fn inspected() -> Value {
    let output = Command::cargo_bin("detente")
        .unwrap()
        .env_clear()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["inspect", "tests/fixtures/reports", "--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && text != "unknown",
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// The facts that the machine form of a report shows, under the names of the page.
fn shown(report: &Value) -> BTreeSet<&'static str> {
    let seen = report["observations"].as_array().unwrap();
    let any = |path: &'static str| seen.iter().any(|seen| is_given(seen.pointer(path).unwrap_or(&Value::Null)));
    let place = |fact: &str| {
        let mut places = seen.iter().flat_map(|seen| seen["locations"].as_array().unwrap());
        places.any(|place| is_given(&place[fact]))
    };
    let vector = seen.iter().flat_map(|seen| seen["cvss"].as_array().unwrap()).any(|cvss| is_given(&cvss["vector"]));
    let facts = [
        ("severity", any("/severity")),
        ("cvss", vector),
        ("identifiers", any("/identifiers")),
        ("cwe", any("/cwe")),
        ("package", any("/component")),
        ("purl", any("/component/purl")),
        ("fix", any("/component/fix")),
        ("direct", any("/component/direct")),
        ("file", any("/locations")),
        ("line", place("line")),
        ("code", place("code")),
        ("address", any("/endpoint")),
        ("parameter", any("/endpoint/parameter")),
        ("artefact", any("/artefact")),
        ("confidence", any("/confidence")),
        ("stable id", any("/native_id")),
        ("epss", any("/epss")),
        ("verified", any("/verified")),
        ("reachable", any("/reachable")),
        ("not counted", any("/suppressed")),
        ("statements", is_given(&report["statements"])),
        ("tool version", is_given(&report["tool_version"])),
        ("scan time", is_given(&report["scanned_at"])),
        ("commit", is_given(&report["commit"])),
        ("scanned artefact", is_given(&report["artefact"])),
    ];
    facts.into_iter().filter(|(_, is_shown)| *is_shown).map(|(fact, _)| fact).collect()
}

#[test]
fn every_fact_of_the_page_of_formats_is_shown_to_programs() {
    let inspected = inspected();
    let mut by_format: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for report in inspected["reports"].as_array().unwrap() {
        if let Some(format) = report["format"].as_str() {
            by_format.entry(format).or_default().extend(shown(report));
        }
    }
    let known = known_facts();
    assert!(known.len() > 200, "the page lists {} formats", known.len());
    for (format, facts) in known {
        let missing: Vec<&str> =
            facts.into_iter().filter(|fact| !by_format.get(format).is_some_and(|shown| shown.contains(fact))).collect();
        assert!(missing.is_empty(), "{format}: {missing:?} are not shown");
    }
}

#[test]
fn one_finding_is_shown_with_everything_that_its_report_says_of_it() {
    let inspected = inspected();
    let reports = inspected["reports"].as_array().unwrap();
    let of_grype = reports.iter().filter(|report| report["format"] == "grype");
    let finding = of_grype.flat_map(|report| report["observations"].as_array().unwrap()).next().unwrap();
    insta::assert_snapshot!("inspect_one_finding", format!("{finding:#}"));
}

#[test]
fn what_cannot_be_seen_is_written_by_number_and_read_as_it_was() {
    let hidden = "a\u{202e}b\u{9b}31m\u{e0041} é";
    let log = serde_json::json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [
        {"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"},
        "region": {"startLine": 1, "snippet": {"text": hidden}}}}]}]}]});
    let output = Command::cargo_bin("detente")
        .unwrap()
        .env_clear()
        .args(["inspect", "-", "--format", "json"])
        .write_stdin(log.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(['\u{202e}', '\u{9b}', '\u{e0041}']) && text.contains('é'), "{text}");
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["reports"][0]["observations"][0]["locations"][0]["code"], "a\u{202e}b31m\u{e0041} é");
}
