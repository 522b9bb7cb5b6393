//! tfsec JSON: settings of Terraform. A module that is used several times has its line listed once for each use; one
//! line is one observation, since one edit resolves it.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "tfsec",
    title: "tfsec JSON",
    kinds: &[Category::Configuration],
    versions: "0.30 to 1.28 (`--format json`)",
    specification: "https://aquasecurity.github.io/tfsec/latest/guides/configuration/output/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("results[].rule_id") && sniff.has("results[].rule_provider")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    rule_id: Text,
    rule_description: Text,
    impact: Text,
    resolution: Text,
    description: Text,
    severity: Text,
    status: Text,
    passed: Option<bool>,
    resource: Text,
    #[serde(deserialize_with = "or_default")]
    location: Place,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    filename: Text,
    start_line: Number,
    end_line: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "tfsec".into();
    report.scan.kinds.insert(Category::Configuration);
    document.json(&[Pattern::Value("results[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<Row>(text) {
            // With `--include-passed`.
            Ok(row) if row.passed == Some(true) || &*row.status == "passed" => {}
            Ok(row) if row.rule_id.given().is_some() => observe(&row, report),
            Ok(_) => report.unread("a result without rule_id"),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let Place { filename, start_line, end_line } = &row.location;
    let observation = Observation {
        rule: row.rule_id.0.clone(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&row.rule_description, &row.description]),
        description: plain::paragraphs([&row.description.0, &row.impact.0, &row.resolution.0]),
        severity: Severity::from_word(&row.severity),
        locations: place::in_file(filename, start_line.line(), end_line.line()).into_iter().collect(),
        artefact: row.resource.given().map(str::to_owned),
        suppression: (&*row.status == "ignored")
            .then(|| Suppression { kind: "tfsec:ignore".into(), reason: String::new() }),
        ..Observation::default()
    };
    let lines = format!("{:?}-{:?}", start_line.0, end_line.0);
    report.push_once(&[&row.rule_id, filename, &lines], observation);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn one_line_is_one_observation_however_often_its_module_is_used() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/tfsec/infra.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let open = &report.observations[0];
        assert_eq!((open.severity, open.occurrences), (Severity::Critical, 2));
        assert_eq!((open.locations[0].path.as_str(), open.locations[0].line), ("modules/network/acl.tf", Some(155)));
    }
}
