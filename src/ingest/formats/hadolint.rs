//! hadolint JSON: settings of Dockerfiles, and the shell code in them.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text};
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "hadolint",
    title: "hadolint JSON",
    kinds: &[Category::Configuration],
    versions: "1 and 2 (`--format json`)",
    specification: "https://github.com/hadolint/hadolint#rules",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    // ShellCheck's own report has the same members, but numbers as codes.
    let rule = sniff.text("[].code").is_some_and(|code| code.starts_with("DL") || code.starts_with("SC"));
    sniff.shape == Shape::JsonArray && rule && sniff.has("[].level") && sniff.has("[].file")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    code: Text,
    message: Text,
    file: Text,
    line: Number,
    level: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "hadolint".into();
    document.json(&[Pattern::Value("[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<Row>(text) {
            // What hadolint calls DL1000 is a file that it could not parse.
            Ok(row) if &*row.code == "DL1000" => {
                report.missing(format!("hadolint could not parse {}: {}", row.file, plain::title(&row.message)));
            }
            Ok(row) if row.code.given().is_some() => report.push(observation(&row)),
            Ok(_) => report.unread("a result without code"),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn observation(row: &Row) -> Observation {
    Observation {
        rule: row.code.0.clone(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&row.message, &row.code]),
        severity: if &*row.level == "style" { Severity::Info } else { Severity::from_word(&row.level) },
        locations: place::in_file(&row.file, row.line.line(), None).into_iter().collect(),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn results_are_read_and_unparsed_files_are_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/hadolint/dockerfiles.json"));
        let severities: Vec<_> = report.observations.iter().map(|o| (o.rule.as_str(), o.severity)).collect();
        assert_eq!(severities, [("DL3006", Severity::Medium), ("DL4006", Severity::High), ("SC2046", Severity::Info)]);
        assert_eq!(report.observations[0].locations[0].path, "Dockerfile");
        assert_eq!(report.problems[0].message, "hadolint could not parse old/Dockerfile: unexpected 'R'");
        assert!(report.problems[0].evidence_missing);
    }

    #[test]
    fn a_report_of_shellcheck_is_not_ours() {
        let shellcheck =
            br#"[{"file":"a.sh","line":1,"endLine":1,"column":1,"level":"warning","code":2046,"message":"m"}]"#;
        assert!(!recognise(&Sniff::of(shellcheck)));
    }
}
