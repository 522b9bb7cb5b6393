//! The corners of SARIF 2.1.0 that readers get wrong, one after another, through the public entry: each says what a result
//! is, how bad, about what and where, or that evidence is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use detente::ingest::{Formats, Limits, ingest_bytes};
use detente::model::component::Fix;
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

/// What a log of a tool says it is evidence for if it found nothing.
fn kinds_of_nothing(driver: &Value) -> Vec<&'static str> {
    let report = read(&log(&json!([]), &json!({ "tool": { "driver": driver } })));
    report.scan.kinds.iter().map(|kind| kind.as_str()).collect()
}

#[test]
fn a_tool_that_found_nothing_is_evidence_for_what_it_looks_for() {
    for (driver, kinds) in [
        ("betterleaks", vec!["secret"]),
        ("2ms", vec!["secret"]),
        ("kingfisher", vec!["secret"]),
        ("titus", vec!["secret"]),
        ("JFrog Secrets", vec!["secret"]),
        ("docker scout", vec!["dependency", "container"]),
        ("JFrog Xray Scanner", vec!["dependency"]),
        ("poutine", vec!["configuration"]),
        ("kube-linter", vec!["configuration"]),
        ("cfn-lint", vec!["configuration"]),
        ("Scorecard", vec!["configuration"]),
        ("cfn-guard", vec!["configuration"]),
        ("GitHub Actions lint", vec!["configuration"]),
        ("Bridgecrew", vec!["configuration"]),
        ("PSRule", vec!["configuration"]),
        ("ZAProxy", vec!["runtime"]),
        ("GuardDog-npm", vec!["malware"]),
        ("detekt", vec!["code"]),
        ("Spmi", vec!["secret"]),
        ("Secrets Audit", vec!["secret"]),
        ("clang-tidy", vec!["code"]),
        ("QDJVM", vec!["code"]),
        ("Fortify SCA 24.2", vec!["code"]),
        ("Fortify WebInspect", vec![]),
        ("AppScan Standard", vec![]),
        ("Inferno", vec![]),
        ("some other tool", vec![]),
    ] {
        let mut found = kinds_of_nothing(&json!({ "name": driver }));
        found.sort_by_key(|kind| kinds.iter().position(|known| known == kind));
        assert_eq!(found, kinds, "{driver}");
    }
}

#[test]
fn the_rules_of_an_unknown_tool_that_found_nothing_say_what_it_looks_for() {
    let rules = |tags: &[&str]| {
        let rules: Vec<Value> = tags.iter().map(|tag| json!({ "id": tag, "properties": { "tags": [tag] } })).collect();
        kinds_of_nothing(&json!({ "name": "x", "rules": rules }))
    };
    assert_eq!(rules(&["secret", "secrets"]), ["secret"]);
    assert_eq!(rules(&["kubernetes"]), ["configuration"]);
    assert_eq!(rules(&["sast"]), ["code"]);
    assert_eq!(rules(&["secret", "style"]), ["secret"]);
    assert!(rules(&["style"]).is_empty());
    let unknown = read(&log(&json!([]), &json!({})));
    assert!(unknown.problems.iter().any(|problem| problem.message.contains("evidence for no kind")));
}

#[test]
fn what_a_scanner_for_secrets_quotes_is_shown_by_none_of_its_names() {
    let token = "ghp_q8Zr4Lk2Vn7Xw9Tb1Yc5Md3Hs6Pf0Ja8Ue4";
    let drivers = [
        "betterleaks",
        "2ms",
        "kingfisher",
        "titus",
        "jfrog secrets",
        "JFrog Binary Secrets Scanner",
        "Spmi",
        "secretlint",
        "noseyparker-cli",
        "n0s1",
        "Secrets Audit",
    ];
    for driver in drivers {
        let result = result(&json!({
            "message": { "text": format!("Rule found 1 match.\nFirst match: a.py, snippet: {token}\n") },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.py" },
                "region": { "startLine": 1, "endLine": 1, "snippet": { "text": token } } } }] }));
        let report = read(&log(&json!([result]), &json!({ "tool": { "driver": { "name": driver } } })));
        let shown = format!("{report:?}");
        assert!(!shown.contains("Zr4Lk2Vn"), "{driver}: {shown}");
        assert_eq!(report.observations[0].category.map(|kind| kind.as_str()), Some("secret"), "{driver}");
    }
    // Where nothing is quoted beside the message, the message tells.
    let bare = result(&json!({ "message": { "text": format!("First match: a.py, snippet: {token}") } }));
    let report = read(&log(&json!([bare]), &json!({ "tool": { "driver": { "name": "kingfisher" } } })));
    assert!(!format!("{report:?}").contains("Zr4Lk2Vn"));
}

#[test]
fn docker_scout_names_the_package_and_its_fix_in_properties() {
    let rule = |id: &str, purl: &str, fixed: &str, word: &str| {
        json!({ "id": id, "name": "OsPackageVulnerability", "shortDescription": { "text": id },
            "help": { "text": "What it is about." }, "properties": { "affected_version": "<9", "fixed_version": fixed,
            "purls": [purl], "cvssV3_severity": word, "security-severity": "3.1", "tags": [word] } })
    };
    let rules = [
        rule("CVE-2026-0001", "pkg:npm/%40shop/cart@1.0.0", "2.0.0", "HIGH"),
        rule("RUSTSEC-2026-0001", "pkg:cargo/cart@0.4.0", "not fixed", "UNSPECIFIED"),
        rule("CVE-2026-0002", "pkg:deb/debian/openssl@3.0.1", "3.0.2", "CRITICAL"),
    ];
    let result = |index: usize| {
        result(&json!({ "ruleId": rules[index]["id"], "ruleIndex": index, "kind": "fail", "level": "none",
            "message": { "text": format!("  Vulnerability  : x  \n  Package        : {}  \n",
                rules[index]["properties"]["purls"][0].as_str().unwrap()) },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "app/lock" } } }] }))
    };
    let tool = json!({ "tool": { "driver": { "name": "docker scout", "rules": rules } } });
    let report = read(&log(&json!([result(0), result(1), result(2)]), &tool));
    let seen: Vec<_> = report
        .observations
        .iter()
        .map(|o| {
            let component = o.component.as_ref().unwrap();
            let kind = o.category.unwrap().as_str();
            (kind, component.to_string(), component.fix.clone(), o.severity, o.locations.len())
        })
        .collect();
    let fixed = |version: &str| Fix::Available(vec![version.to_owned()]);
    assert_eq!(
        seen,
        [
            ("dependency", "@shop/cart 1.0.0".to_owned(), fixed("2.0.0"), Severity::High, 1),
            ("dependency", "cart 0.4.0".to_owned(), Fix::NotAvailable, Severity::Unknown, 1),
            ("container", "openssl 3.0.1".to_owned(), fixed("3.0.2"), Severity::Critical, 0),
        ]
    );
    assert_eq!(report.observations[1].title, "RUSTSEC-2026-0001 in cart 0.4.0");
}

#[test]
fn a_rule_that_is_named_by_a_weakness_names_it() {
    assert_eq!(one(&json!({ "ruleId": "CWE-312" }), &json!({})).cwe, [312]);
    let beside = json!({ "tool": { "driver": { "name": "x", "rules": [{ "id": "CWE-78" }] } } });
    assert_eq!(one(&json!({ "ruleId": null, "ruleIndex": 0 }), &beside).cwe, [78]);
    assert!(one(&json!({ "ruleId": "CWE-78-like" }), &json!({})).cwe.is_empty());
}

#[test]
fn what_a_page_of_a_repository_shows_is_code_and_a_secret_of_it_is_hidden() {
    let quoted = "$db_password = 'hunter2-Zr4Lk2Vn'";
    let leak = json!({ "ruleId": "CWE-312", "message": { "text": format!("Credential in plaintext?\nLine: {quoted}") },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "https://github.com/o/r/blob/55d152a/a.php" },
            "region": { "startLine": 7, "snippet": { "text": quoted } } } }] });
    for (driver, kind) in [("Secrets Audit", "secret"), ("PHP Security Audit", "code")] {
        let found = one(&leak, &json!({ "tool": { "driver": { "name": driver } } }));
        assert_eq!(found.category.map(|kind| kind.as_str()), Some(kind));
        assert_eq!((found.locations[0].path.as_str(), found.locations[0].line), ("a.php", Some(7)));
        assert_eq!(found.endpoint, None);
        assert!(kind == "code" || !format!("{found:?}").contains("Zr4Lk2Vn"), "{found:?}");
    }
}

#[test]
fn cargo_deny_names_the_advisory_and_the_crate_in_fingerprints() {
    let beside = json!({ "tool": { "driver": { "name": "cargo-deny", "rules": [
        { "id": "a:vulnerability", "shortDescription": { "text": "A vulnerability advisory was detected" } }] } } });
    let said = json!({ "ruleId": "a:vulnerability", "message": { "text": "Uncontrolled recursion" },
        "partialFingerprints": { "cargo-deny/advisory-id": "RUSTSEC-2019-0001", "cargo-deny/krate": "ammonia@0.7.0" } });
    let found = one(&said, &beside);
    assert_eq!(found.category.map(|kind| kind.as_str()), Some("dependency"));
    assert_eq!(found.title, "Uncontrolled recursion");
    assert_eq!(found.identifiers[0].as_str(), "RUSTSEC-2019-0001");
    assert_eq!(found.component.unwrap().purl.as_deref(), Some("pkg:cargo/ammonia@0.7.0"));
    let local = json!({ "ruleId": "l:rejected", "partialFingerprints": { "cargo-deny/krate": "path+file:///w/app#app@0.1.0" } });
    let found = one(&local, &beside);
    assert_eq!(found.category.map(|kind| kind.as_str()), Some("licence"));
    assert_eq!(found.component.unwrap().name, "app");
}

fn one_of(driver: &str, members: &Value) -> Box<Observation> {
    one(members, &json!({ "tool": { "driver": { "name": driver } } }))
}

#[test]
fn the_rule_of_veracode_is_the_weakness() {
    assert_eq!(one_of("Veracode Static Analysis Pipeline Scan", &json!({ "ruleId": "78" })).cwe, [78]);
}

#[test]
fn dependency_track_names_the_package_as_a_logical_location_and_ranks_severity() {
    let found = one_of(
        "OWASP Dependency-Track",
        &json!({ "level": "error", "properties": { "severityRank": "0" }, "locations": [{ "logicalLocations": [
            { "fullyQualifiedName": "pkg:maven/org.acme/component1@1.1.4?type=jar" }] }] }),
    );
    assert_eq!(found.category.map(|kind| kind.as_str()), Some("dependency"));
    assert_eq!(found.severity, Severity::Critical);
    assert_eq!(found.component.unwrap().version, "1.1.4");
}

#[test]
fn jfrog_names_the_package_in_the_rule_and_tells_what_violates_a_policy() {
    let said = |rule: &str, level: &str, fixed: &str, applies: &str| json!({ "ruleId": rule, "level": level, "properties": { "fixedVersion": fixed, "applicability": applies } });
    let found =
        one_of("JFrog Xray Scanner", &said("CVE-2020-8203_lodash_4.17.0", "error", "[4.17.19]", "Not Applicable"));
    let component = found.component.unwrap();
    assert_eq!((component.name.as_str(), component.version.as_str()), ("lodash", "4.17.0"));
    assert_eq!(component.fix, Fix::Available(vec!["4.17.19".to_owned()]));
    assert_eq!(found.reachable, Some(false));
    let rule = "CVE-2024-6119_debian:bookworm:libssl3_3.0.13-1~deb12u1";
    let found = one_of("JFrog Xray Scanner", &said(rule, "none", "No fix available", "Applicable"));
    assert_eq!(found.category.map(|kind| kind.as_str()), Some("container"));
    assert_eq!(found.severity, Severity::Unknown);
    let component = found.component.unwrap();
    assert_eq!((component.name.as_str(), &component.fix), ("libssl3", &Fix::NotAvailable));
    for (driver, kind, category) in [
        ("JFrog Policy Enforcer", "license", "licence"),
        ("JFrog Policy Enforcer", "cve", "dependency"),
        ("JFrog Policy Enforcer", "sast", "code"),
        ("JFrog Terraform scanner", "", "configuration"),
        ("JFrog Malicious Code scanner", "", "malware"),
    ] {
        let found = one_of(driver, &json!({ "properties": { "type": kind } }));
        assert_eq!(found.category.map(|kind| kind.as_str()), Some(category), "{driver} {kind}");
    }
}
