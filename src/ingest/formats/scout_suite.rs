//! Scout Suite: the configuration of an account with a cloud provider, rule by rule.
//!
//! The file is a script that gives one JSON object a name, so that a page can show it; without its first line it is JSON.
//! A rule names each thing that it flagged by a path, and each of them is a finding.

use std::io::{BufRead, Read};

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, moment, or_default};
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "scout-suite",
    title: "Scout Suite results",
    kinds: &[Category::Configuration],
    versions: "5 (`scoutsuite-results/scoutsuite_results_*.js`)",
    specification: "https://github.com/nccgroup/ScoutSuite/wiki",
    recognise,
    read,
};

/// The name that the script gives its object.
const NAME: &str = "scoutsuite_results";

/// Most bytes before the object.
const MOST_BEFORE: u64 = 200;

fn recognise(sniff: &Sniff) -> bool {
    is_script(sniff) || (sniff.has("last_run.ruleset_name") && sniff.has("provider_code"))
}

fn is_script(sniff: &Sniff) -> bool {
    sniff.shape == Shape::Text && sniff.head.starts_with(NAME)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Run {
    time: Text,
    version: Text,
    #[serde(deserialize_with = "or_default")]
    run_parameters: Parameters,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parameters {
    services: Texts,
    skipped_services: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rule {
    description: Text,
    rationale: Text,
    remediation: Text,
    level: Text,
    flagged_items: Number,
    items: Texts,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "scout suite".into();
    report.scan.kinds.insert(Category::Configuration);
    if is_script(document.sniff()) {
        let mut before = Vec::new();
        document.reader().take(MOST_BEFORE).read_until(b'=', &mut before)?;
    }
    let mut services = false;
    let patterns = [Pattern::Value("services.*.findings.*"), Pattern::Value("last_run"), Pattern::Scope("services")];
    document.json(&patterns, &mut |event| {
        match (event.pattern, event.kind) {
            (0, Kind::Value(text)) => match json::read(text) {
                Ok(rule) => observe(event.key, &rule, report),
                Err(error) => report.unread(&error.to_string()),
            },
            (1, Kind::Value(text)) => about(&json::read(text).unwrap_or_default(), report),
            (2, _) => services = true,
            _ => {}
        }
        Ok(())
    })?;
    if !services {
        report.missing("it lists no services, so nothing is known of them");
    }
    Ok(())
}

fn about(run: &Run, report: &mut Collector) {
    report.scan.at = moment(&run.time);
    report.scan.tool_version.clone_from(&run.version.0);
    let Parameters { services, skipped_services } = &run.run_parameters;
    if !services.0.is_empty() {
        report.remark(format!("only these services were looked at: {}", services.0.join(", ")));
    }
    if !skipped_services.0.is_empty() {
        report.remark(format!("these services were not looked at: {}", skipped_services.0.join(", ")));
    }
}

fn observe(name: &str, rule: &Rule, report: &mut Collector) {
    let Some(flagged) = rule.flagged_items.0 else { return report.unread("a rule without flagged_items") };
    let listed = rule.items.0.len();
    #[expect(clippy::cast_precision_loss, reason = "a number of items")]
    if flagged > listed as f64 {
        report.missing(format!("`{name}` flagged {flagged} items, but {listed} are listed"));
    }
    for item in &rule.items.0 {
        report.push(Observation {
            rule: name.to_owned(),
            category: Some(Category::Configuration),
            title: plain::first_title(&[&rule.description, name]),
            description: plain::paragraphs([&*rule.rationale, &*rule.remediation]),
            severity: match &*rule.level {
                "danger" => Severity::High,
                "warning" => Severity::Medium,
                other => Severity::from_word(other),
            },
            artefact: Some(item.clone()),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const REPORT: &str = include_str!("../../../tests/fixtures/reports/scout-suite/account.js");

    #[test]
    fn each_flagged_item_is_a_finding_with_or_without_the_first_line() {
        let json = REPORT.split_once('=').unwrap().1;
        for text in [REPORT, json] {
            let report = collect(&FORMAT, text);
            let found: Vec<_> =
                report.observations.iter().map(|found| (found.rule.as_str(), found.severity.as_str())).collect();
            assert_eq!(
                found,
                [
                    ("s3-bucket-allowing-cleartext", "medium"),
                    ("s3-bucket-allowing-cleartext", "medium"),
                    ("ec2-security-group-opens-ssh-port-to-all", "high")
                ]
            );
            assert_eq!(report.problems.len(), 1);
            assert!(report.problems[0].message.contains("not looked at: sns") && !report.problems[0].evidence_missing);
            assert_eq!(report.scan.at, moment("2026-10-02T08:15:00Z"));
        }
    }

    #[test]
    fn items_that_are_not_listed_and_services_that_are_not_there_are_missing_evidence() {
        let fewer = REPORT.replace("\"flagged_items\": 2", "\"flagged_items\": 3");
        let missing: Vec<String> = collect(&FORMAT, &fewer)
            .problems
            .iter()
            .filter(|problem| problem.evidence_missing)
            .map(|problem| problem.message.clone())
            .collect();
        assert!(missing.len() == 1 && missing[0].contains("flagged 3 items, but 2 are listed"), "{missing:?}");
        let beyond = REPORT.replace("\"flagged_items\": 2", "\"flagged_items\": 1e12");
        assert!(collect(&FORMAT, &beyond).problems.iter().any(|problem| problem.evidence_missing));
        let uncounted = REPORT.replace("\"flagged_items\": 2", "\"flagged\": 2");
        assert_eq!(collect(&FORMAT, &uncounted).unread, 1);
        let none = REPORT.replace("\"services\"", "\"service\"");
        assert!(collect(&FORMAT, &none).problems.iter().any(|problem| problem.evidence_missing));
    }
}
