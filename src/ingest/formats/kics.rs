//! KICS JSON: settings in infrastructure code.
//!
//! A query lists the files in which it found something; each such place is one row. What KICS quotes as searched
//! value may be a credential and is not kept.

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
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "kics",
    title: "KICS JSON",
    kinds: &[Category::Configuration, Category::Secret],
    versions: "1.3 to 2 (`--report-formats json`)",
    specification: "https://docs.kics.io/latest/results/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("queries") && sniff.has("queries_total") && sniff.has("files_scanned")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    query_name: Text,
    query_id: Text,
    severity: Text,
    description: Text,
    cwe: Text,
    #[serde(deserialize_with = "or_default")]
    files: Vec<Place>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    file_name: Text,
    similarity_id: Text,
    line: Number,
    resource_name: Text,
    search_key: Text,
    expected_value: Text,
    actual_value: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "kics".into();
    report.scan.kinds.insert(Category::Configuration);
    let patterns = [
        Pattern::Value("queries[]"),
        Pattern::Value("total_counter"),
        Pattern::Value("files_scanned"),
        Pattern::Value("files_failed_to_scan"),
        Pattern::Value("queries_failed_to_execute"),
        Pattern::Value("kics_version"),
        Pattern::Value("end"),
    ];
    let (mut rows, mut total) = (0, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Query>(text) {
                Ok(query) => {
                    rows += u32::try_from(query.files.len()).unwrap_or(u32::MAX);
                    query.files.iter().for_each(|place| observe(&query, place, report));
                }
                Err(error) => report.unread(&error.to_string()),
            },
            1 => total = json::read::<Number>(text)?.line(),
            2 if text == "0" => report.looked_at_no("file"),
            2 => {}
            3 | 4 => {
                if let Some(count) = json::read::<Number>(text)?.line() {
                    let what = if event.pattern == 3 { "scan this many files" } else { "run this many queries" };
                    report.missing(format!("KICS could not {what}: {count}; its log says why"));
                }
            }
            5 => report.scan.tool_version = json::read::<Text>(text)?.trim_start_matches('v').to_owned(),
            _ => report.scan.at = json::read::<Text>(text)?.parse().ok(),
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("the report says {total} results, but {rows} are listed"));
    }
    Ok(())
}

fn observe(query: &Query, place: &Place, report: &mut Collector) {
    let Some(rule) = query.query_id.given() else { return report.unread("a query without query_id") };
    let is_secret = query.query_name.starts_with("Passwords And Secrets");
    let resource = place.resource_name.given().filter(|name| *name != "n/a").or(place.search_key.given());
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: place.similarity_id.given().map(str::to_owned),
        category: Some(if is_secret { Category::Secret } else { Category::Configuration }),
        title: plain::first_title(&[&query.query_name, rule]),
        description: plain::paragraphs([&*query.description, &*place.expected_value, &*place.actual_value]),
        severity: match &*query.severity {
            "TRACE" => Severity::Info,
            word => Severity::from_word(word),
        },
        cwe: cwe(&query.cwe).into_iter().collect(),
        locations: place::in_file(&place.file_name, place.line.line(), None).into_iter().collect(),
        artefact: resource.filter(|_| !is_secret).map(str::to_owned),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/kics/shop.json");

    #[test]
    fn each_place_of_a_query_is_a_row() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let [secret, first, second] = report.observations.as_slice() else { panic!("three rows") };
        assert_eq!((secret.category, secret.cwe[0]), (Some(Category::Secret), 798));
        assert_eq!((first.rule.as_str(), first.locations[0].line), (second.rule.as_str(), Some(1)));
        assert!(!format!("{report:?}").contains("hunter2"), "a found credential is not kept");
    }

    #[test]
    fn files_that_were_not_scanned_and_rows_that_are_not_there_are_missing_evidence() {
        let report = collect(&FORMAT, &SHOP.replace("\"files_failed_to_scan\":0", "\"files_failed_to_scan\":2"));
        assert_eq!(report.problems[0].message, "KICS could not scan this many files: 2; its log says why");
        let report = collect(&FORMAT, &SHOP.replace("\"total_counter\":3", "\"total_counter\":9"));
        assert_eq!(report.problems[0].message, "the report says 9 results, but 3 are listed");
    }
}
