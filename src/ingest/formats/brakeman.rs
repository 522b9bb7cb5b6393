//! Brakeman JSON: static analysis of Ruby on Rails. It states how sure it is of a warning, but no severity.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::report::{Confidence, Observation, Suppression};

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "brakeman",
    title: "Brakeman JSON",
    kinds: &[Category::Code],
    versions: "3 to 7 (`-f json`)",
    specification: "https://brakemanscanner.org/docs/jsonreport/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("scan_info.brakeman_version") && sniff.has("warnings")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    warning_type: Text,
    check_name: Text,
    fingerprint: Text,
    message: Text,
    file: Text,
    line: Number,
    link: Text,
    code: Text,
    confidence: Text,
    cwe_id: Texts,
    note: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ScanInfo {
    brakeman_version: Text,
    #[serde(deserialize_with = "or_default")]
    checks_performed: Vec<Text>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    error: Text,
    location: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "brakeman".into();
    report.scan.kinds.insert(Category::Code);
    let patterns = [
        Pattern::Value("warnings[]"),
        Pattern::Value("ignored_warnings[]"),
        Pattern::Value("errors[]"),
        Pattern::Value("scan_info"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 | 1 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, event.pattern == 1, report),
                Err(error) => report.unread(&error.to_string()),
            },
            2 => {
                let failure: Failure = json::read(text)?;
                let what = plain::title(&format!("{} {}", failure.error, failure.location));
                report.missing(format!("Brakeman reports an error: {what}"));
            }
            _ => {
                let info: ScanInfo = json::read(text)?;
                report.scan.tool_version = info.brakeman_version.0;
                if info.checks_performed.is_empty() {
                    report.missing("Brakeman ran no checks; run it with its checks enabled");
                }
            }
        }
        Ok(())
    })
}

fn observe(row: &Row, ignored: bool, report: &mut Collector) {
    let Some(rule) = row.check_name.given().or(row.warning_type.given()) else {
        return report.unread("a warning without check_name");
    };
    let mut location = place::in_file(&row.file, row.line.line(), None);
    if let Some(location) = &mut location
        // The code of this check is a credential.
        && rule != "Secrets"
    {
        location.snippet = row.code.given().map(str::to_owned);
    }
    report.push(Observation {
        rule: rule.to_owned(),
        // Made from what the warning is, without its line: brakemanscanner.org/docs/jsonreport.
        native_id: row.fingerprint.given().map(str::to_owned),
        category: Some(Category::Code),
        title: plain::first_title(&[&row.message, &row.warning_type]),
        description: plain::paragraphs([&row.warning_type.0, &row.link.0]),
        confidence: Confidence::from_word(&row.confidence),
        cwe: packages::cwe_numbers(row.cwe_id.iter()),
        locations: location.into_iter().collect(),
        suppression: ignored
            .then(|| Suppression { kind: "brakeman.ignore".into(), reason: row.note.trim().to_owned() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::severity::Severity;

    #[test]
    fn warnings_are_read_and_errors_are_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/brakeman/rails.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let sql = &report.observations[0];
        assert_eq!(
            (sql.rule.as_str(), sql.severity, sql.confidence),
            ("SQL", Severity::Unknown, Some(Confidence::High))
        );
        assert_eq!((sql.native_id.as_deref(), sql.cwe.as_slice()), (Some("a1b2c3"), &[89][..]));
        assert_eq!(sql.locations[0].snippet.as_deref(), Some("Order.where(\"id = #{params[:id]}\")"));
        assert_eq!(report.observations[1].confidence, Some(Confidence::Low));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "the list is fixed");
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("app/old.rb"));
    }
}
