//! kube-bench JSON: the CIS benchmark for Kubernetes, control by control.
//!
//! A failed test is a finding; it has no severity. A warning is a test that nobody but a person can do: a remark counts
//! them.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::model::category::Category;
use crate::model::figure;
use crate::model::report::Observation;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "kube-bench",
    title: "kube-bench JSON",
    kinds: &[Category::Configuration],
    versions: "0.3 and later (`--json`)",
    specification: "https://github.com/aquasecurity/kube-bench/blob/main/docs/running.md",
    recognise,
    read,
};

/// Where controls stand: in an object, in a list, or alone.
const PATHS: [&str; 3] = ["Controls[]", "[]", ""];

fn recognise(sniff: &Sniff) -> bool {
    place_of_controls(sniff).is_some()
}

fn place_of_controls(sniff: &Sniff) -> Option<&'static str> {
    PATHS.into_iter().find(|path| {
        let dot = if path.is_empty() { "" } else { "." };
        ["node_type", "tests", "total_fail"].iter().all(|name| sniff.has(&format!("{path}{dot}{name}")))
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Control {
    text: Text,
    node_type: Text,
    #[serde(deserialize_with = "or_default")]
    tests: Vec<Group>,
    total_fail: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Group {
    #[serde(deserialize_with = "or_default")]
    results: Vec<Test>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Test {
    test_number: Text,
    test_desc: Text,
    remediation: Text,
    status: Text,
    actual_value: Text,
    expected_result: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "kube-bench".into();
    report.scan.kinds.insert(Category::Configuration);
    let path = place_of_controls(document.sniff()).unwrap_or_default();
    let mut by_hand = 0_u64;
    document.rows::<Control>(&[path], report, &mut |_, control, report| {
        let tests = || control.tests.iter().flat_map(|group| &group.results);
        by_hand += tests().filter(|test| &*test.status == "WARN").map(|_| 1).sum::<u64>();
        let mut failed = 0;
        for test in tests().filter(|test| &*test.status == "FAIL") {
            failed += 1;
            observe(&control, test, report);
        }
        if let Some(total) = control.total_fail.line().filter(|total| *total > failed) {
            report.missing(format!("{} says that {total} tests failed, but {failed} are listed", control.text));
        }
    })?;
    if by_hand > 0 {
        report.remark(format!(
            "{} to be done by hand; nothing is known of the outcome",
            figure::subject(by_hand, "test", ["is", "are"])
        ));
    }
    Ok(())
}

fn observe(control: &Control, test: &Test, report: &mut Collector) {
    let Some(rule) = test.test_number.given() else { return report.unread("a test without test_number") };
    let expected = test.expected_result.given().map(|text| format!("Expected: {text}")).unwrap_or_default();
    let actual = test.actual_value.given().map(|text| format!("Found: {text}")).unwrap_or_default();
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&test.test_desc, rule]),
        description: plain::paragraphs([&*test.remediation, &expected, &actual]),
        artefact: control.node_type.given().map(str::to_owned),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const NODES: &str = include_str!("../../../tests/fixtures/reports/kube-bench/nodes.json");

    #[test]
    fn only_failed_tests_are_findings() {
        let report = collect(&FORMAT, NODES);
        assert_eq!((report.observations.len(), report.unread), (1, 0));
        assert_eq!((report.observations[0].rule.as_str(), report.problems[0].evidence_missing), ("1.1.1", false));
        let report = collect(&FORMAT, &NODES.replace("\"total_fail\":1", "\"total_fail\":3"));
        assert!(report.problems[0].message.contains("says that 3 tests failed, but 1 are listed"));
    }
}
