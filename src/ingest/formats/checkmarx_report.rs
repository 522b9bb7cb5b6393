//! Reports of Checkmarx One as JSON: the scan report with a part for
//! each engine (`scanResults.sast`), and the improved one with a list of queries (`scanResults.resultsList`).

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "checkmarx-report",
    title: "Checkmarx One report JSON",
    kinds: &[Category::Code],
    versions: "scan report and improved scan report, part SAST",
    specification: "https://docs.checkmarx.com/en/34965-68646-checkmarx-one-reports.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("reportHeader") && (sniff.has("scanResults.sast") || sniff.has("scanResults.resultsList"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Query {
    query_name: Text,
    description: Text,
    cwe_id: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    id: Text,
    similarity_id: Text,
    state: Text,
    severity: Text,
    cwe_id: Text,
    destination_file_name: Text,
    destination_line: Number,
    #[serde(deserialize_with = "or_default")]
    nodes: Vec<Node>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Node {
    file_name: Text,
    line: Number,
    code: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "checkmarx-one".into();
    report.scan.kinds.insert(Category::Code);
    let paths = [
        "scanResults.sast.languages[].queries[]",
        "scanResults.resultsList[]",
        "scanResults.sast.vulnerabilities.total",
        "scanResults.totalResults",
        "reportHeader.createdDate",
        "reportCreationDate",
        "scanResults.sca",
        "scanResults.kics",
    ];
    let (mut total, mut rows) = (0, 0);
    let outcome = document.rows::<Value>(&paths, report, &mut |path, value, report| match path {
        0 | 1 => match Query::deserialize(&value) {
            Ok(query) => {
                rows += query.vulnerabilities.len();
                query.vulnerabilities.iter().for_each(|row| observe(&query, row, report));
            }
            Err(error) => report.unread(&error.to_string()),
        },
        2 | 3 => total = usize::try_from(value.as_u64().unwrap_or_default()).unwrap_or(usize::MAX),
        4 | 5 => report.scan.at = value.as_str().and_then(|at| at.parse().ok()).or(report.scan.at),
        _ if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) => {}
        other => report.missing(format!(
            "it holds results of another engine ({}), which are not read from this kind of report: have Checkmarx write \
             its results as JSON (`cx results show --report-format json`)",
            if other == 6 { "SCA" } else { "KICS" }
        )),
    });
    if total > rows {
        report.missing(format!("it says that there are {total} results, but {rows} are listed: it may be cut short"));
    }
    outcome
}

fn observe(query: &Query, row: &Vulnerability, report: &mut Collector) {
    let Some(name) = query.query_name.given() else { return report.unread("a result without queryName") };
    let sink = row.nodes.last();
    let file = row.destination_file_name.given().or(sink.and_then(|node| node.file_name.given())).unwrap_or_default();
    let line = row.destination_line.line().or(sink.and_then(|node| node.line.line()));
    let mut location = place::in_file(file.trim_start_matches('/'), line, None);
    if let (Some(location), Some(code)) = (&mut location, sink.and_then(|node| node.code.given())) {
        location.snippet = Some(code.to_owned());
    }
    let state = row.state.to_uppercase().replace([' ', '_'], "");
    report.push(Observation {
        rule: name.to_owned(),
        category: Some(Category::Code),
        title: plain::title(&name.replace('_', " ")),
        description: query.description.0.clone(),
        severity: Severity::from_word(&row.severity),
        cwe: packages::cwe_numbers([row.cwe_id.given().or(query.cwe_id.given()).unwrap_or_default()]),
        native_id: row.id.given().or(row.similarity_id.given()).map(str::to_owned),
        locations: location.into_iter().collect(),
        suppression: (state == "NOTEXPLOITABLE")
            .then(|| Suppression { kind: "not exploitable in Checkmarx".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/checkmarx-report/shop.json");

    #[test]
    fn queries_are_read_and_another_engine_is_told() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 1, 0));
        let found = &report.observations[0];
        assert_eq!(
            (found.cwe[0], found.locations[0].path.as_str(), found.locations[0].line),
            (89, "src/Orders.java", Some(42))
        );
        let report = collect(&FORMAT, &SHOP.replace("\"kics\": null", "\"kics\": {\"results\": []}"));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("KICS"));
        let report = collect(&FORMAT, &SHOP.replace("\"total\": 2", "\"total\": 5"));
        assert!(report.problems[0].message.contains("5 results, but 2 are listed"));
    }
}
