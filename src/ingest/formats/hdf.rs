//! Heimdall Data Format (OHDF) of MITRE SAF, which is also the report of Chef InSpec: profiles, controls, results.
//!
//! A control with a result that did not pass is one finding, as Heimdall counts it. Its impact, 0 to 1, is its severity; a
//! control without impact does not apply. A waived control was decided about. A control that ended in an error was not
//! tested.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "hdf",
    title: "Heimdall Data Format / InSpec JSON",
    kinds: &[Category::Configuration, Category::Dependency],
    versions: "OHDF 1 (exec JSON), InSpec 3 to 6 and CINC Auditor (`--reporter json`)",
    specification: "https://saf.mitre.org/framework/normalize",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("profiles")
        && sniff.has("platform")
        && sniff.has("profiles[].controls")
        && (sniff.has("statistics") || sniff.has("version"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Control {
    id: Text,
    title: Text,
    desc: Text,
    impact: Number,
    tags: Value,
    #[serde(deserialize_with = "source")]
    source_location: Source,
    #[serde(deserialize_with = "or_default")]
    results: Vec<Outcome>,
    #[serde(deserialize_with = "or_default")]
    waiver_data: Waiver,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    r#ref: Text,
    line: Number,
}

/// Where a control is written. What converts reports of other tools gives the name of the host in its place, which is no
/// file; the control is read all the same.
fn source<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
    Value::deserialize(deserializer).map(|source| Source::deserialize(source).unwrap_or_default())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    status: Text,
    code_desc: Text,
    message: Text,
    start_time: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Waiver {
    justification: Text,
    expiration_date: Text,
    skipped_due_to_waiver: Value,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "inspec".into();
    report.scan.kinds.insert(Category::Configuration);
    let patterns = [
        Pattern::Value("profiles[].controls[]"),
        Pattern::Value("version"),
        Pattern::Value("platform.target_id"),
        Pattern::Value("profiles[].status"),
    ];
    let (mut errors, mut by_hand) = (0_u64, 0_u64);
    let outcome = document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        let said = || json::read::<Text>(text).unwrap_or_default();
        match event.pattern {
            0 => match json::read::<Control>(text) {
                Ok(control) => {
                    let has = |status: &str| control.results.iter().any(|result| &*result.status == status);
                    errors += u64::from(has("error") && !has("failed"));
                    by_hand += u64::from(
                        has("skipped") && !has("failed") && control.impact.0.is_some_and(|impact| impact > 0.0),
                    );
                    take(&control, report);
                }
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool_version = said().0,
            2 => report.scan.artefact = said().given().map(str::to_owned),
            _ if &*said() == "failed" => {
                report.missing("a profile could not be run: InSpec says that it failed to load")
            }
            _ => {}
        }
        Ok(())
    });
    if errors > 0 {
        report.missing(format!(
            "{} not tested, since an error ended the test: run it again",
            figure::subject(errors, "control", ["was", "were"])
        ));
    }
    if by_hand > 0 {
        report.remark(format!(
            "{} skipped; nothing is known of the outcome",
            figure::subject(by_hand, "control", ["was", "were"])
        ));
    }
    outcome
}

fn take(control: &Control, report: &mut Collector) {
    let failed: Vec<&Outcome> = control.results.iter().filter(|result| &*result.status == "failed").collect();
    let impact = control.impact.0.unwrap_or(0.5);
    if let Some(at) = control.results.iter().find_map(|result| result.start_time.parse().ok()) {
        report.scan.at = report.scan.at.or(Some(at));
    }
    if failed.is_empty() || impact <= 0.0 {
        return;
    }
    let Some(id) = control.id.given() else { return report.unread("a control without id") };
    let texts =
        |names: &[&str]| -> Vec<String> { names.iter().flat_map(|name| strings(&control.tags[*name])).collect() };
    let named = texts(&["cve", "cveid", "cves", "cve_id"]).join(" ");
    let identifiers = Identifier::find_in(&format!("{id} {named}"));
    let waiver = &control.waiver_data;
    let waived = waiver.skipped_due_to_waiver == true || waiver.justification.given().is_some();
    report.push(Observation {
        rule: id.to_owned(),
        category: Some(if identifiers.is_empty() { Category::Configuration } else { Category::Dependency }),
        title: plain::first_title(&[&control.title, id]),
        description: plain::paragraphs(
            std::iter::once(plain::from_html(&control.desc))
                .chain(failed.iter().take(20).map(|result| format!("{} {}", result.code_desc, result.message))),
        ),
        severity: Severity::from_score(impact * 10.0),
        identifiers,
        cwe: packages::cwe_numbers(texts(&["cwe", "cweid", "cwes"])),
        locations: place::in_file(&control.source_location.r#ref, control.source_location.line.line(), None)
            .into_iter()
            .collect(),
        suppression: waived.then(|| Suppression {
            kind: "waiver".into(),
            reason: match waiver.expiration_date.given() {
                Some(until) => format!("{} (until {until})", waiver.justification),
                None => waiver.justification.0.clone(),
            },
        }),
        occurrences: u32::try_from(failed.len()).unwrap_or(u32::MAX),
        ..Observation::default()
    });
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/hdf/host.json");

    #[test]
    fn a_control_is_one_finding_and_a_waived_one_is_kept_apart() {
        let report = collect(&FORMAT, HOST);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 1, 0));
        let found = &report.observations[0];
        assert_eq!((found.severity, found.occurrences, found.rule.as_str()), (Severity::High, 2, "sshd-01"));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "replaced in spring (until 2027-03-01)");
    }

    #[test]
    fn a_control_that_ended_in_an_error_was_not_tested() {
        let report = collect(&FORMAT, &HOST.replace("\"status\": \"passed\"", "\"status\": \"error\""));
        let problem = &report.problems[0];
        assert!(
            problem.evidence_missing
                && problem.message.contains("1 control was not tested, since an error ended the test"),
            "{problem:?}"
        );
    }

    #[test]
    fn a_control_is_read_whatever_stands_in_place_of_its_file() {
        let before = collect(&FORMAT, HOST);
        let at = HOST.find("\"source_location\":").expect("the fixture names a file");
        let (start, rest) = HOST.split_at(at);
        let end = rest.find('}').expect("the file is an object") + 1;
        let after = collect(&FORMAT, &format!("{start}\"source_location\": \"shop.example\"{}", &rest[end..]));
        let found = (after.observations.len(), after.suppressed.len(), after.unread);
        assert_eq!(found, (before.observations.len(), before.suppressed.len(), 0));
    }
}
