//! cfn-nag JSON: `CloudFormation` templates. A violation names every resource that it is about.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "cfn-nag",
    title: "cfn-nag JSON",
    kinds: &[Category::Configuration],
    versions: "0.5 and later (`--output-format json`)",
    specification: "https://github.com/stelligent/cfn_nag#results",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("[].file_results.violations")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    filename: Text,
    #[serde(deserialize_with = "or_default")]
    file_results: Outcome,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    #[serde(deserialize_with = "or_default")]
    violations: Vec<Violation>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Violation {
    id: Text,
    #[serde(rename = "type")]
    kind: Text,
    message: Text,
    logical_resource_ids: Texts,
    #[serde(deserialize_with = "or_default")]
    line_numbers: Vec<Number>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "cfn-nag".into();
    report.scan.kinds.insert(Category::Configuration);
    document.rows::<Row>(&["[]"], report, &mut |_, row, report| {
        row.file_results.violations.iter().for_each(|violation| observe(&row.filename, violation, report));
    })
}

fn observe(file: &str, row: &Violation, report: &mut Collector) {
    let Some(rule) = row.id.given() else { return report.unread("a violation without id") };
    if rule == "FATAL" {
        return report.missing(format!("cfn-nag could not check {file}: {}", plain::title(&row.message)));
    }
    // One row for each resource; a violation of the template as a whole names none.
    for index in 0..row.logical_resource_ids.len().max(1) {
        let line = row.line_numbers.get(index).and_then(|line| line.line());
        report.push(Observation {
            rule: rule.to_owned(),
            category: Some(Category::Configuration),
            title: plain::first_title(&[&row.message, rule]),
            severity: match &*row.kind {
                "FAIL" => Severity::High,
                "WARN" => Severity::Medium,
                _ => Severity::Unknown,
            },
            locations: place::in_file(file, line, None).into_iter().collect(),
            artefact: row.logical_resource_ids.get(index).cloned(),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn each_resource_is_a_row() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/cfn-nag/stack.json"));
        assert_eq!((report.observations.len(), report.unread), (3, 0));
        let rows: Vec<_> = report.observations.iter().map(|row| (row.severity, row.locations[0].line)).collect();
        assert_eq!(rows, [(Severity::Medium, Some(5)), (Severity::Medium, Some(9)), (Severity::High, Some(20))]);
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("bad.yaml"));
    }
}
