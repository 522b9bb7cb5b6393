//! Gitleaks JSON, of version 8 (`RuleID`, `Secret`) and of the versions before it (`rule`, `offender`).
//!
//! A clean Gitleaks report is `[]` (`null` in early versions), which names no tool and is no evidence: it is not
//! recognised. Gitleaks states no severity; every result is `Unknown` in that respect, not harmless.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{place, plain, secret};
use crate::model::category::Category;
use crate::model::report::Observation;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "gitleaks",
    title: "Gitleaks JSON",
    kinds: &[Category::Secret],
    versions: "1 to 8 (`gitleaks detect`, `git`, `dir`, `stdin` with `--report-format json`), redacted or not",
    specification: "https://github.com/gitleaks/gitleaks#reports",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let current = sniff.has("[].RuleID") && sniff.has("[].Secret");
    let legacy = sniff.has("[].rule") && sniff.has("[].offender");
    sniff.shape == Shape::JsonArray && (current || legacy)
}

/// One result, current (names in upper case) or legacy.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(alias = "RuleID")]
    rule: Text,
    #[serde(rename = "Description")]
    description: Text,
    #[serde(alias = "Secret")]
    offender: Text,
    #[serde(alias = "Match")]
    line: Text,
    #[serde(alias = "StartLine", rename = "lineNumber")]
    start: Number,
    #[serde(rename = "EndLine")]
    end: Number,
    #[serde(alias = "File")]
    file: Text,
    #[serde(alias = "Commit")]
    commit: Text,
    #[serde(alias = "Date")]
    date: Text,
    #[serde(alias = "Tags")]
    tags: Texts,
    #[serde(rename = "Fingerprint")]
    fingerprint: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "gitleaks".into();
    report.scan.kinds.insert(Category::Secret);
    document.json(&[Pattern::Value("[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<Row>(text) {
            Ok(row) if row.rule.given().is_some() => report.push(observation(&row)),
            Ok(_) => report.unread("a result without a rule"),
            // The error may quote the record, and with it the secret.
            Err(_) => report.unread("a result is not of the shape that Gitleaks writes"),
        }
        Ok(())
    })
}

fn observation(row: &Row) -> Observation {
    let digest = secret::digest(&row.offender);
    let mut location = place::in_file(&row.file, row.start.line(), row.end.line());
    if let Some(location) = &mut location {
        location.snippet = row.line.given().map(|line| secret::hide(line, &row.offender));
    }
    let commit: String = row.commit.chars().take(12).collect();
    let found_in = match row.date.split('T').next() {
        Some(day) if !commit.is_empty() => format!("In commit {commit} of {day}."),
        _ => String::new(),
    };
    let description = secret::hide(&row.description, &row.offender);
    Observation {
        // The rule's name says what it is; the description explains why that matters, at length.
        title: plain::first_title(&[&row.rule.replace('-', " "), description.trim_end_matches('.')]),
        description: plain::paragraphs([&description, &found_in, &row.tags.join(", ")]),
        // The fingerprint holds the line number. It stays true only for a commit, and is needed only where the
        // secret itself does not tell one result from another.
        native_id: row.fingerprint.given().filter(|_| !commit.is_empty() && digest.is_none()).map(str::to_owned),
        rule: row.rule.0.clone(),
        category: Some(Category::Secret),
        // Every result is a credential in code: CWE-798, use of hard-coded credentials.
        cwe: vec![798],
        artefact: location.is_none().then(|| "standard input".to_owned()),
        locations: location.into_iter().collect(),
        secret_digest: digest,
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::severity::Severity;

    #[test]
    fn current_results_are_read_and_their_secrets_are_not_kept() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gitleaks/v8.json"));
        assert_eq!((report.observations.len(), report.unread), (3, 0));
        let key = &report.observations[0];
        assert_eq!((key.rule.as_str(), key.severity), ("aws-access-token", Severity::Unknown));
        assert_eq!((key.locations[0].path.as_str(), key.locations[0].line), ("deploy/prod.env", Some(12)));
        assert_eq!(key.locations[0].snippet.as_deref(), Some("AWS_ACCESS_KEY_ID=AKIA****"));
        assert!(key.description.contains("In commit 3f9d2c4b7a10 of 2026-10-02."));
        assert_eq!(key.secret_digest, report.observations[1].secret_digest, "the same key in two files");
        assert!(!format!("{report:?}").contains("IOSFODNN7EXAMPLE"));
        assert!(!format!("{report:?}").contains("jane"), "who committed it is nobody's concern");
    }

    #[test]
    fn a_redacted_secret_has_no_digest_and_is_told_apart_by_its_commit() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gitleaks/v8.json"));
        let redacted = &report.observations[2];
        assert_eq!(redacted.secret_digest, None);
        assert_eq!(redacted.native_id.as_deref(), Some("9a1b:app/pay.py:stripe-access-token:8"));
        assert_eq!(report.observations[0].native_id, None, "a line number is no identity");
    }

    #[test]
    fn a_record_of_another_shape_is_told_without_quoting_it() {
        let text = include_str!("../../../tests/fixtures/reports/gitleaks/v8.json").trim_end().trim_end_matches(']');
        let report = collect(&FORMAT, &format!("{text}, \"hunter2\"]"));
        assert_eq!((report.observations.len(), report.unread), (3, 1));
        assert!(!format!("{report:?}").contains("hunter2"));
    }

    #[test]
    fn legacy_results_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gitleaks/legacy.json"));
        let token = &report.observations[0];
        assert_eq!((token.rule.as_str(), token.title.as_str()), ("GitHub Token", "GitHub Token"));
        assert_eq!((token.locations[0].line, token.locations[0].path.as_str()), (Some(4), ".bashrc"));
        assert_eq!(token.locations[0].snippet.as_deref(), Some("export TOKEN=\"ghp_****\""));
    }

    #[test]
    fn an_empty_list_is_not_taken_for_a_clean_report() {
        for text in ["[]", "null", "[ ]\n"] {
            assert!(!recognise(&Sniff::of(text.as_bytes())), "{text}");
        }
    }
}
