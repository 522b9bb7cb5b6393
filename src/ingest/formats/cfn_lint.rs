//! cfn-lint JSON: `CloudFormation` templates.

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
    id: "cfn-lint",
    title: "cfn-lint JSON",
    kinds: &[Category::Configuration],
    versions: "0.50 to 1 (`--format json`)",
    specification: "https://github.com/aws-cloudformation/cfn-lint#parameters",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("[].Rule.Id") && sniff.has("[].Filename") && sniff.has("[].Location.Start")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    filename: Text,
    level: Text,
    message: Text,
    #[serde(deserialize_with = "or_default")]
    location: Span,
    #[serde(deserialize_with = "or_default")]
    rule: Rule,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Span {
    #[serde(deserialize_with = "or_default")]
    start: Point,
    #[serde(deserialize_with = "or_default")]
    end: Point,
    path: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Point {
    line_number: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Rule {
    id: Text,
    description: Text,
    short_description: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "cfn-lint".into();
    report.scan.kinds.insert(Category::Configuration);
    document.rows::<Row>(&["[]"], report, &mut |_, row, report| observe(&row, report))
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(rule) = row.rule.id.given() else { return report.unread("a match without Rule.Id") };
    // E0 is what goes wrong before a rule can be applied: the template cannot be read, or a rule fails.
    if matches!(rule, "E0000" | "E0002") {
        return report.missing(format!("cfn-lint could not check {}: {}", row.filename, plain::title(&row.message)));
    }
    let span = &row.location;
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&row.message, &row.rule.short_description]),
        description: row.rule.description.0.clone(),
        severity: Severity::from_word(&row.level),
        locations: place::in_file(&row.filename, span.start.line_number.line(), span.end.line_number.line())
            .into_iter()
            .collect(),
        artefact: (!span.path.is_empty()).then(|| span.path.join(".")),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn a_template_that_cannot_be_read_is_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/cfn-lint/stack.json"));
        assert_eq!((report.observations.len(), report.unread), (1, 0));
        assert_eq!(report.observations[0].artefact.as_deref(), Some("Parameters.Unused"));
        assert_eq!(
            report.problems[0].message,
            "cfn-lint could not check bad.yaml: mapping values are not allowed here"
        );
    }
}
