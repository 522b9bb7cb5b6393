//! Reports that are not the whole truth: the verdict is `unresolved`, with the reason, and never that all is well.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::fs;

use assert_cmd::Command;

/// Exit code of missing evidence.
const UNRESOLVED: i32 = 3;

/// The name of a report, what is in it, and what has to be said about it.
const TRAPS: &[(&str, &str, &str)] = &[
    ("empty.json", "", "it is empty"),
    ("blank.sarif", " \n", "it is empty"),
    ("bare.json", "[]", "does not say which one ran"),
    (
        "page.json",
        r#"{"total":1538,"p":1,"ps":1,"paging":{"pageIndex":1,"pageSize":1,"total":1538},"issues":[{"key":"k","rule":"java:S2068","severity":"BLOCKER","component":"shop:src/Cart.java","project":"shop","type":"VULNERABILITY","message":"m","status":"OPEN"}],"components":[]}"#,
        "1538",
    ),
    (
        "page-of-issues.json",
        r#"{"jsonapi":{"version":"1.0"},"links":{"next":"/rest/orgs/o/issues?starting_after=x"},"data":[{"id":"1","attributes":{"effective_severity_level":"low","key":"k","title":"t","type":"code"}}]}"#,
        "starting_after",
    ),
    (
        "totals.json",
        r#"{"Packages Audited":1,"Vulnerabilities Found":3,"Packages":[{"Package":{"pm":"npm","name":"a","version":"1"},"Vulnerabilities":[{"id":"x"}]}]}"#,
        "3 results, but 1 are listed",
    ),
    (
        "crashed.sarif",
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}},"invocations":[{"executionSuccessful":false,"exitCodeDescription":"out of memory"}],"results":[]}]}"#,
        "out of memory",
    ),
    (
        "noted.sarif",
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}},"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"error","message":{"text":"src/a.c could not be parsed"}}]}],"results":[]}]}"#,
        "could not be parsed",
    ),
    ("no-results.sarif", r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}}}]}"#, "lists no results"),
    (
        "cut.sarif",
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}},"results":[{"ruleId":"a","me"#,
        "cut off",
    ),
    (
        "unreachable.csv",
        "\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\",\"cve\",\"cwe\"\n\"scanProblem\",\"shop.example/192.0.2.7\",\"443\",\"FATAL\",\"Can't connect\",\"\",\"\"\n",
        "did not succeed",
    ),
];

#[test]
fn what_is_not_the_whole_truth_leaves_the_verdict_unresolved_and_says_why() {
    for (name, content, reason) in TRAPS {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        let output = Command::cargo_bin("detente")
            .unwrap()
            .current_dir(folder.path())
            .args(["gate", name, "--format", "json"])
            .output()
            .unwrap();
        let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(UNRESOLVED), "{name}: {said}{told}");
        let brief: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name}: {error}: {said}"));
        assert_eq!(brief["verdict"], "unresolved", "{name}");
        assert!(brief["reports"].to_string().contains(reason), "{name}: {}", brief["reports"]);
    }
}

#[test]
fn statements_close_findings_of_other_reports_and_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports");
    fs::copy(here.join("openvex/shop.json"), folder.path().join("vex.json")).unwrap();
    fs::write(
        folder.path().join("grype.json"),
        r#"{"matches":[{"vulnerability":{"id":"CVE-2023-38545","severity":"Critical"},"relatedVulnerabilities":[],
            "artifact":{"name":"curl","version":"7.88.1-10","type":"deb","purl":"pkg:deb/debian/curl@7.88.1-10"}}],
            "source":{"type":"directory","target":"."},"descriptor":{"name":"grype","version":"0.94.0"}}"#,
    )
    .unwrap();
    let findings = |arguments: &[&str]| {
        let output =
            Command::cargo_bin("detente").unwrap().current_dir(folder.path()).args(arguments).output().unwrap().stdout;
        let brief: serde_json::Value = serde_json::from_slice(&output).unwrap();
        let open: Vec<String> =
            brief["findings"].as_array().unwrap().iter().map(|finding| finding["identifiers"].to_string()).collect();
        (open.iter().any(|names| names.contains("CVE-2023-38545")), brief)
    };
    assert!(findings(&["gate", "grype.json", "--format", "json"]).0);
    let (is_open, brief) = findings(&["gate", "grype.json", "vex.json", "--format", "json"]);
    assert!(!is_open);
    assert_eq!(brief["reports"][0]["suppressed"], 1);
}

#[test]
fn a_format_of_ones_own_is_tried_before_it_is_merged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("house.yaml"),
        "title: House checks\ntool: house\nkinds: [code]\nversions: any\nspecification: https://wiki.example/house\n\
         recognise: { json: [\"checks[].id\", house_version] }\nrows: checks[]\n\
         finding: { rule: id, title: text, severity: level, severities: { bad: high }, path: file, line: line }\n",
    )
    .unwrap();
    fs::write(
        folder.path().join("house.json"),
        r#"{"house_version":"2","checks":[{"id":"H1","text":"Bad thing","level":"bad","file":"a.c","line":3}]}"#,
    )
    .unwrap();
    fs::write(folder.path().join("other.json"), r#"{"checks":[]}"#).unwrap();
    let run = |arguments: &[&str]| {
        let output =
            Command::cargo_bin("detente").unwrap().current_dir(folder.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run(&["inspect", "house.json"]);
    assert!(code == Some(UNRESOLVED) && said.contains("detente formats --help"), "{said}");
    let (code, said) = run(&["inspect", "house.json", "--mapping", "house.yaml", "--format", "json"]);
    let read: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &read["reports"][0]["format"]), (Some(0), &"house".into()));
    assert_eq!(read["reports"][0]["observations"][0]["severity"], "high");
    let (code, said) = run(&["inspect", "other.json", "--mapping", "house.yaml"]);
    assert!(code == Some(UNRESOLVED) && said.contains("it has no part `checks[].id`"), "{said}");
    // On disk, as a repository keeps it, it is read without being named.
    fs::create_dir_all(folder.path().join(".detente/rules/formats")).unwrap();
    fs::rename(folder.path().join("house.yaml"), folder.path().join(".detente/rules/formats/house.yaml")).unwrap();
    let (code, said) = run(&["inspect", "house.json"]);
    assert!(code == Some(0) && said.contains("house"), "{said}");
    assert_eq!(run(&["rules", "test"]).0, Some(0));
}
