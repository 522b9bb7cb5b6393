//! mobsfscan and njsscan JSON: static analysis of mobile apps and of Node.js, by the same authors in the same shape.
//!
//! A rule lists the places that it matched; a rule that misses something in the whole code has none.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "mobsfscan",
    title: "mobsfscan / njsscan JSON",
    kinds: &[Category::Code],
    versions: "mobsfscan 0.0.6 and later, njsscan 0.2 and later (`--json`)",
    specification: "https://github.com/MobSF/mobsfscan#command-line-options",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    // For SonarQube both write a list of issues instead, which is another format.
    let own = ["results", "nodejs", "templates", "errors"].into_iter().any(|member| sniff.has(member));
    own && (sniff.has("mobsfscan_version") || sniff.has("njsscan_version"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rule {
    #[serde(deserialize_with = "or_default")]
    files: Vec<Place>,
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    file_path: Text,
    #[serde(deserialize_with = "or_default")]
    match_lines: Vec<Number>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    cwe: Text,
    description: Text,
    severity: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.kinds.insert(Category::Code);
    let is_mobile = document.sniff().has("mobsfscan_version");
    report.scan.tool = if is_mobile { "mobsfscan" } else { "njsscan" }.into();
    let patterns = [
        Pattern::Value("results"),
        Pattern::Value("nodejs"),
        Pattern::Value("templates"),
        Pattern::Value("errors[]"),
        Pattern::Value("mobsfscan_version"),
        Pattern::Value("njsscan_version"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0..=2 => match json::read::<BTreeMap<String, Rule>>(text) {
                Ok(rules) => rules.iter().for_each(|(id, rule)| observe(id, rule, report)),
                Err(error) => report.unread(&error.to_string()),
            },
            3 => {
                let tool = report.scan.tool.clone();
                report.missing(format!("{tool} reports an error: {}", plain::title(text)));
            }
            _ => report.scan.tool_version = json::read::<Text>(text)?.0,
        }
        Ok(())
    })
}

fn observe(id: &str, rule: &Rule, report: &mut Collector) {
    let known = &rule.metadata;
    let observation = |location: Option<Location>| Observation {
        rule: id.to_owned(),
        category: Some(Category::Code),
        title: plain::first_title(&[&known.description, id]),
        description: known.description.0.clone(),
        severity: Severity::from_word(&known.severity),
        cwe: cwe(&known.cwe).into_iter().collect(),
        locations: location.into_iter().collect(),
        ..Observation::default()
    };
    if rule.files.is_empty() {
        report.push(observation(None));
    }
    for place in &rule.files {
        let line = |index: usize| place.match_lines.get(index).and_then(|line| line.line());
        report.push(observation(place::in_file(&place.file_path, line(0), line(1))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn places_and_rules_without_one_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/mobsfscan/app.json"));
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let pinning = &report.observations[0];
        assert_eq!((pinning.severity, pinning.cwe[0], pinning.locations.len()), (Severity::Info, 295, 0));
        assert_eq!(report.observations[1].locations[0].line, Some(10));
        let njs =
            collect(&FORMAT, r#"{"errors":[{"file":"a.js"}],"njsscan_version":"0.4","nodejs":{},"templates":{}}"#);
        assert_eq!((njs.scan.tool.as_str(), njs.problems[0].evidence_missing), ("njsscan", true));
    }
}
