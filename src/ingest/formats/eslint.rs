//! `ESLint` JSON. Every message counts, whatever rule it comes from: which rules are about security is for the
//! settings of `ESLint` to say.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "eslint",
    title: "ESLint JSON",
    kinds: &[Category::Code],
    versions: "4 to 9 (`--format json`)",
    specification: "https://eslint.org/docs/latest/use/formatters/#json",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let array = sniff.shape == Shape::JsonArray;
    array && sniff.has("[].filePath") && sniff.has("[].messages") && sniff.has("[].errorCount")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct File {
    #[serde(rename = "filePath")]
    path: Text,
    #[serde(deserialize_with = "or_default")]
    messages: Vec<Message>,
    #[serde(deserialize_with = "or_default")]
    suppressed_messages: Vec<Message>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    rule_id: Text,
    severity: Number,
    fatal: Option<bool>,
    #[serde(rename = "message")]
    text: Text,
    line: Number,
    end_line: Number,
    #[serde(deserialize_with = "or_default")]
    suppressions: Vec<Told>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    kind: Text,
    justification: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "eslint".into();
    report.scan.kinds.insert(Category::Code);
    document.json(&[Pattern::Value("[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<File>(text) {
            Ok(file) => {
                let messages = file.messages.iter().chain(&file.suppressed_messages);
                messages.for_each(|message| observe(&file.path, message, report));
            }
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn observe(file: &str, message: &Message, report: &mut Collector) {
    let text = plain::title(&message.text);
    let Some(rule) = message.rule_id.given() else {
        // Messages without a rule are about the file: it could not be parsed, or ESLint was told to leave it out.
        return match (message.fatal, text.is_empty() || message.severity.0.is_none()) {
            (Some(true), _) => report.missing(format!("ESLint could not parse {file}: {text}")),
            (_, true) => report.unread("a message without ruleId"),
            (_, false) => report.remark(format!("{file}: {text}")),
        };
    };
    let told = message.suppressions.first();
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Code),
        title: plain::first_title(&[&text, rule]),
        severity: match message.severity.0 {
            Some(2.0) => Severity::from_word("error"),
            Some(1.0) => Severity::from_word("warning"),
            _ => Severity::Unknown,
        },
        locations: place::in_file(file, message.line.line(), message.end_line.line()).into_iter().collect(),
        suppression: told
            .map(|told| Suppression { kind: told.kind.0.clone(), reason: told.justification.trim().to_owned() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn messages_are_read_by_what_they_are_about() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/eslint/web.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let sink = &report.observations[0];
        assert_eq!((sink.rule.as_str(), sink.severity), ("security/detect-object-injection", Severity::High));
        assert_eq!(report.observations[1].severity, Severity::Medium);
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "the name is a constant");
        let missing: Vec<_> = report.problems.iter().filter(|p| p.evidence_missing).map(|p| &p.message).collect();
        assert_eq!(missing[0], "ESLint could not parse /src/web/old.js: Parsing error: Unexpected token");
        assert!(report.problems.iter().any(|p| !p.evidence_missing && p.message.contains("File ignored")));
        let broken =
            r#"[{"filePath":"a.js","messages":[{"ruleId":null,"message":null,"severity":null}],"errorCount":0}]"#;
        assert_eq!(collect(&FORMAT, broken).unread, 1);
    }
}
