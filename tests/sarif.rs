//! The corners of SARIF 2.1.0 that readers get wrong, one after another, through the public entry: each says what a result
//! is, how bad, about what and where, or that evidence is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use detente::ingest::{Formats, Limits, ingest_bytes};
use detente::model::report::{Observation, Report};
use detente::model::severity::Severity;
use serde_json::{Value, json};

fn read(log: &Value) -> Report {
    let report = ingest_bytes("-", log.to_string().as_bytes(), &Formats::with(&[]), &Limits::default()).unwrap();
    assert_eq!(report.format.as_deref(), Some("sarif"));
    report
}

/// A log of one run by a tool that nobody knows, with these members beside `tool` and `results`.
fn log(results: &Value, beside: &Value) -> Value {
    let mut run = json!({ "tool": { "driver": { "name": "x" } }, "results": results });
    for (name, value) in beside.as_object().into_iter().flatten() {
        run[name] = value.clone();
    }
    json!({ "version": "2.1.0", "runs": [run] })
}

fn result(members: &Value) -> Value {
    let mut result = json!({ "ruleId": "a", "message": { "text": "m" } });
    for (name, value) in members.as_object().into_iter().flatten() {
        result[name] = value.clone();
    }
    result
}

fn one(members: &Value, beside: &Value) -> Box<Observation> {
    let report = read(&log(&json!([result(members)]), beside));
    assert_eq!((report.observations.len(), report.unread), (1, 0), "{members} {beside}");
    report.observations.into_iter().next().unwrap()
}

fn missing(report: &Report) -> Vec<&str> {
    report.problems.iter().filter(|p| p.evidence_missing).map(|p| p.message.as_str()).collect()
}

#[test]
fn a_suppression_counts_only_when_nobody_doubts_it() {
    for (suppressions, open) in [
        (json!([]), true),
        (Value::Null, true),
        (json!([{ "kind": "inSource" }]), false),
        (json!([{ "kind": "external", "status": "accepted", "justification": "j" }]), false),
        (json!([{ "kind": "external", "status": "underReview" }]), true),
        (json!([{ "kind": "external", "status": "rejected" }]), true),
        (json!([{ "kind": "inSource" }, { "kind": "external", "status": "rejected" }]), true),
        (json!([{ "kind": "inSource" }, { "kind": "external", "status": "accepted" }]), false),
    ] {
        let report = read(&log(&json!([result(&json!({ "suppressions": suppressions }))]), &json!({})));
        assert_eq!((report.observations.len(), report.suppressed.len()), (usize::from(open), usize::from(!open)));
    }
}

#[test]
fn the_state_against_a_baseline_and_the_kind_say_what_is_a_finding() {
    for (members, open) in [
        (json!({ "baselineState": "new" }), 1),
        (json!({ "baselineState": "unchanged" }), 1),
        (json!({ "baselineState": "updated" }), 1),
        (json!({ "baselineState": "absent" }), 0),
        (json!({ "kind": "fail" }), 1),
        (json!({ "kind": "review" }), 1),
        (json!({ "kind": "pass" }), 0),
        (json!({ "kind": "pass", "level": "none" }), 0),
        (json!({ "kind": "notApplicable" }), 0),
        (json!({ "kind": "informational" }), 0),
        (json!({ "kind": "open" }), 0),
    ] {
        let report = read(&log(&json!([result(&members)]), &json!({})));
        assert_eq!((report.observations.len(), missing(&report).len()), (open, 0), "{members}");
        assert_eq!(report.problems.len(), 1 - open, "what is passed over is told: {members}");
    }
}

#[test]
fn levels_come_from_the_result_the_invocation_the_rule_or_the_standard() {
    let rules = json!({ "tool": { "driver": { "name": "x", "rules": [
        { "id": "z" }, { "id": "a", "defaultConfiguration": { "level": "error" } } ] } } });
    assert_eq!(one(&json!({}), &rules).severity, Severity::High);
    assert_eq!(one(&json!({ "level": "none" }), &rules).severity, Severity::Info);
    assert_eq!(one(&json!({ "level": "note", "rank": 99.5 }), &rules).severity, Severity::Low);
    assert_eq!(one(&json!({ "rank": 99.5 }), &json!({})).severity, Severity::Medium);
    for descriptor in [json!({ "id": "a" }), json!({ "index": 1 })] {
        let mut beside = rules.clone();
        beside["invocations"] = json!([{ "executionSuccessful": true, "ruleConfigurationOverrides": [
            { "descriptor": descriptor, "configuration": { "level": "note" } }] }]);
        assert_eq!(one(&json!({}), &beside).severity, Severity::Low, "{descriptor}");
    }
}

#[test]
fn a_rule_of_an_extension_is_found_by_index_by_name_and_by_id() {
    let beside = json!({ "tool": { "driver": { "name": "x", "rules": [{ "id": "a", "name": "of the driver" }] },
        "extensions": [{ "name": "none" }, { "name": "pack", "guid": "11111111-0000-4000-8000-000000000000", "rules": [
            { "id": "b", "shortDescription": { "text": "of the pack" }, "properties": { "security-severity": "9.1" } }] }] } });
    for reference in [
        json!({ "rule": { "index": 0, "toolComponent": { "index": 1 } } }),
        json!({ "rule": { "index": 0, "toolComponent": { "name": "pack" } } }),
        json!({ "rule": { "index": 0, "toolComponent": { "guid": "11111111-0000-4000-8000-000000000000" } } }),
        json!({ "rule": { "id": "b" } }),
        json!({ "ruleId": "b" }),
    ] {
        let mut members = reference.clone();
        if members.get("ruleId").is_none() {
            members["ruleId"] = Value::Null;
        }
        let found = one(&members, &beside);
        assert_eq!((found.rule.as_str(), found.severity), ("b", Severity::Critical), "{reference}");
        assert_eq!(found.title, "of the pack", "{reference}");
    }
}

#[test]
fn rules_may_come_after_the_results() {
    let text = r#"{"runs":[{"results":[{"ruleIndex":0,"message":{"id":"default","arguments":["q"]}}],"tool":{"driver":{"name":"x",
        "rules":[{"id":"late","defaultConfiguration":{"level":"error"},"messageStrings":{"default":{"text":"{0} is bad"}}}]}}}],
        "version":"2.1.0"}"#;
    let report = ingest_bytes("-", text.as_bytes(), &Formats::with(&[]), &Limits::default()).unwrap();
    let found = &report.observations[0];
    assert_eq!((found.rule.as_str(), found.severity, found.title.as_str()), ("late", Severity::High, "q is bad"));
}

#[test]
fn weaknesses_are_named_by_taxa_by_relationships_and_by_their_place_in_a_taxonomy() {
    let taxonomies = json!([{ "name": "OWASP", "taxa": [{ "id": "A03" }] }, { "name": "CWE", "taxa": [{ "id": "22" }, { "id": "89" }] }]);
    for taxon in [
        json!({ "id": "89", "toolComponent": { "name": "CWE" } }),
        json!({ "id": "CWE-89" }),
        json!({ "index": 1, "toolComponent": { "name": "CWE" } }),
        json!({ "index": 1, "toolComponent": { "index": 1 } }),
        json!({ "id": "89", "toolComponent": { "index": 1 } }),
    ] {
        let beside = json!({ "taxonomies": taxonomies });
        assert_eq!(one(&json!({ "taxa": [taxon] }), &beside).cwe, [89], "{taxon}");
        let beside = json!({ "taxonomies": taxonomies, "tool": { "driver": { "name": "x", "rules": [
            { "id": "a", "relationships": [{ "target": taxon, "kinds": ["superset"] }] }] } } });
        assert_eq!(one(&json!({}), &beside).cwe, [89], "{taxon}");
    }
    let other = json!({ "taxa": [{ "index": 0, "toolComponent": { "index": 0 } }] });
    assert!(one(&other, &json!({ "taxonomies": taxonomies })).cwe.is_empty());
}

#[test]
fn places_are_given_by_uri_by_index_below_a_base_or_by_name_alone() {
    let beside = json!({
        "artifacts": [{ "location": { "uri": "other.c" } }, { "location": { "uri": "lib/a.c", "uriBaseId": "SRC" } }],
        "originalUriBaseIds": { "ROOT": { "uri": "file:///build/repo/" }, "SRC": { "uri": "src/", "uriBaseId": "ROOT" } },
        "logicalLocations": [{ "name": "main", "fullyQualifiedName": "shop::main" }],
    });
    for (artifact, path) in [
        (json!({ "index": 1 }), "src/lib/a.c"),
        (json!({ "uri": "lib/a.c", "uriBaseId": "SRC", "index": 0 }), "src/lib/a.c"),
        (json!({ "uri": "file:///build/repo/src/lib/a.c" }), "src/lib/a.c"),
        (json!({ "uri": "src/with%20space.c", "uriBaseId": "ROOT" }), "src/with space.c"),
    ] {
        let place = json!({ "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": { "startLine": 3 } } }] });
        let found = one(&place, &beside);
        assert_eq!((found.locations[0].path.as_str(), found.locations[0].line), (path, Some(3)), "{artifact}");
    }
    for logical in [
        json!({ "fullyQualifiedName": "shop::main", "index": 0 }),
        json!({ "index": 0 }),
        json!({ "name": "shop::main" }),
    ] {
        let found = one(&json!({ "locations": [{ "logicalLocations": [logical] }] }), &beside);
        assert_eq!((found.locations.len(), found.artefact.as_deref()), (0, Some("shop::main")), "{logical}");
    }
    assert!(one(&json!({ "locations": [] }), &beside).locations.is_empty());
}

#[test]
fn each_run_is_read_with_its_own_rules_and_its_own_tool() {
    let run = |tool: &str, level: &str| {
        json!({ "tool": { "driver": { "name": tool, "rules": [{ "id": "a", "defaultConfiguration": { "level": level } }] } },
            "results": [{ "ruleIndex": 0, "message": { "text": "m" } }] })
    };
    let report = read(&json!({ "version": "2.1.0", "runs": [run("one", "error"), run("two", "note")] }));
    let found: Vec<(Option<&str>, Severity)> =
        report.observations.iter().map(|o| (o.tool.as_deref(), o.severity)).collect();
    assert_eq!(found, [(None, Severity::High), (Some("two"), Severity::Low)]);
    assert_eq!(report.scan.tool, "one");
}

#[test]
fn a_run_that_did_not_succeed_is_missing_evidence_whatever_it_lists() {
    for (beside, told) in [
        (json!({ "invocations": [{ "executionSuccessful": false }] }), "did not succeed"),
        (
            json!({ "invocations": [{ "executionSuccessful": false, "exitCodeDescription": "out of memory" }] }),
            "out of memory",
        ),
        (
            json!({ "invocations": [{ "executionSuccessful": true }, { "executionSuccessful": false }] }),
            "did not succeed",
        ),
        (
            json!({ "invocations": [{ "executionSuccessful": true, "processStartFailureMessage": "no such file" }] }),
            "no such file",
        ),
        (
            json!({ "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications":
            [{ "level": "error", "message": { "text": "a file was not parsed" } }] }] }),
            "a file was not parsed",
        ),
        (
            json!({ "invocations": [{ "executionSuccessful": true, "toolConfigurationNotifications":
            [{ "level": "error", "message": { "text": "no such rule" } }] }] }),
            "no such rule",
        ),
        (json!({ "results": Value::Null }), "lists no results"),
        (
            json!({ "externalPropertyFileReferences": { "results": [{ "location": { "uri": "r.sarif" } }] } }),
            "files of their own",
        ),
    ] {
        let report = read(&log(&json!([]), &beside));
        assert!(missing(&report).iter().any(|message| message.contains(told)), "{beside}: {:?}", report.problems);
    }
    let mut inline = log(&json!([]), &json!({}));
    inline["inlineExternalProperties"] = json!([{ "results": [result(&json!({}))] }]);
    assert!(missing(&read(&inline))[0].contains("inlineExternalProperties"));
    let warned = json!({ "invocations": [{ "executionSuccessful": true, "exitCode": 1, "toolExecutionNotifications":
        [{ "level": "warning", "message": { "text": "slow" } }] }] });
    assert!(missing(&read(&log(&json!([]), &warned))).is_empty());
    assert!(!missing(&read(&json!({ "version": "2.1.0", "runs": [] }))).is_empty());
}
