//! gosec JSON: static analysis of Go.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text, cwe, or_default};
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "gosec",
    title: "gosec JSON",
    kinds: &[Category::Code],
    versions: "2 (`-fmt json`, also with `-track-suppressions`)",
    specification: "https://github.com/securego/gosec#output-formats",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("Issues") && (sniff.has("Stats") || sniff.has("GosecVersion") || sniff.has("Issues[].rule_id"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    severity: Text,
    confidence: Text,
    #[serde(deserialize_with = "or_default")]
    cwe: Cwe,
    rule_id: Text,
    details: Text,
    file: Text,
    code: Text,
    line: Text,
    nosec: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    suppressions: Vec<Told>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cwe {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    kind: Text,
    justification: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    line: Number,
    error: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "gosec".into();
    report.scan.kinds.insert(Category::Code);
    let patterns = [
        Pattern::Value("Issues[]"),
        Pattern::Value("Golang errors.*"),
        Pattern::Value("Stats.files"),
        Pattern::Value("GosecVersion"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => {
                for failure in json::read::<Option<Vec<Failure>>>(text)?.into_iter().flatten() {
                    let line = failure.line.line().map(|line| format!(" line {line}")).unwrap_or_default();
                    report.missing(format!(
                        "gosec did not analyse {}{line}: {}",
                        event.key,
                        plain::title(&failure.error)
                    ));
                }
            }
            2 if text == "0" => report.looked_at_no("file"),
            2 => {}
            _ => report.scan.tool_version = json::read::<Text>(text)?.0,
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(rule) = row.rule_id.given() else {
        return report.unread("an issue without rule_id");
    };
    // One line, or the first and the last: `79`, `79-81`.
    let (first, last) = row.line.split_once('-').unwrap_or((&row.line, &row.line));
    let (first, last) = (first.trim().parse().ok(), last.trim().parse().ok());
    let mut location = place::in_file(&row.file, first, last);
    if let Some(location) = &mut location
        && rule != HARD_CODED_CREDENTIALS
    {
        location.snippet = code(&row.code, first, last);
    }
    let told = row.suppressions.first();
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Code),
        title: plain::title(&row.details),
        severity: Severity::from_word(&row.severity),
        confidence: Confidence::from_word(&row.confidence),
        cwe: cwe(&row.cwe.id).into_iter().collect(),
        locations: location.into_iter().collect(),
        suppression: told
            .map(|told| Suppression { kind: told.kind.0.clone(), reason: told.justification.trim().to_owned() })
            .or_else(|| {
                (row.nosec == Some(true)).then(|| Suppression { kind: "#nosec".into(), reason: String::new() })
            }),
        ..Observation::default()
    });
}

/// The rule whose quoted code is a credential, which is not kept.
const HARD_CODED_CREDENTIALS: &str = "G101";

/// The lines that the issue is about. gosec 2 quotes neighbours too, and puts a number before each line.
fn code(quoted: &str, first: Option<u32>, last: Option<u32>) -> Option<String> {
    let numbered = |line: &str| {
        let (number, code) = line.split_once(':')?;
        Some((number.trim().parse::<u32>().ok()?, code.strip_prefix(' ').unwrap_or(code).to_owned()))
    };
    let lines: Option<Vec<(u32, String)>> = quoted.lines().map(numbered).collect();
    let code = match (lines, first, last) {
        (Some(lines), Some(first), Some(last)) => {
            let wanted = lines.into_iter().filter(|(number, _)| (first..=last).contains(number));
            wanted.map(|(_, code)| code).collect::<Vec<_>>().join("\n")
        }
        _ => quoted.to_owned(),
    };
    Some(code).filter(|code| !code.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn issues_are_read_with_their_own_lines() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gosec/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (3, 2, 0));
        let random = &report.observations[0];
        assert_eq!(
            (random.severity, random.confidence, random.cwe[0]),
            (Severity::High, Some(Confidence::Medium), 338)
        );
        assert_eq!(random.locations[0].snippet.as_deref(), Some("\tn := rand.Intn(9)\n\treturn n"));
        assert_eq!((random.locations[0].line, random.locations[0].end_line), (Some(85), Some(86)));
        assert_eq!(report.observations[1].locations[0].snippet.as_deref(), Some("s.ListenAndServe()"));
        assert!(!format!("{report:?}").contains("hunter2"), "a quoted credential is not kept");
    }

    #[test]
    fn suppressions_keep_their_reason_and_packages_that_do_not_build_are_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gosec/shop.json"));
        let why = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!((why.kind.as_str(), why.reason.as_str()), ("inSource", "only for jitter"));
        assert_eq!(report.problems[0].message, "gosec did not analyse /src/api/old.go line 12: undefined: Old");
        assert!(report.problems[0].evidence_missing);
    }
}
