//! Checkmarx One: the results of the command-line tool and the API (`results` with a `totalCount`), of all its engines.
//!
//! The API gives pages: unless there are as many rows as the total says, evidence is missing.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "checkmarx-one",
    title: "Checkmarx One results JSON",
    kinds: &[Category::Code, Category::Dependency, Category::Container, Category::Configuration, Category::Secret],
    versions: "Checkmarx One 3 (`cx results show --report-format json`, `api/results`)",
    specification: "https://docs.checkmarx.com/en/34965-68640-results.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    // Without a result it is the identifier of the scan, so written by nobody else, that names it.
    sniff.has("results") && sniff.has("totalCount") && (sniff.has("results[].similarityId") || sniff.has("scanID"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    #[serde(rename = "type")]
    kind: Text,
    id: Text,
    similarity_id: Text,
    state: Text,
    severity: Text,
    description: Text,
    #[serde(deserialize_with = "or_default")]
    data: Data,
    #[serde(deserialize_with = "or_default")]
    comments: Comments,
    #[serde(deserialize_with = "or_default")]
    vulnerability_details: Details,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Data {
    query_name: Text,
    #[serde(alias = "filename")]
    file_name: Text,
    line: Number,
    expected_value: Text,
    value: Text,
    #[serde(deserialize_with = "or_default")]
    nodes: Vec<Node>,
    package_identifier: Text,
    package_name: Text,
    package_version: Text,
    recommended_version: Text,
    #[serde(deserialize_with = "or_default")]
    sca_package_data: Package,
    image_name: Text,
    image_tag: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Node {
    file_name: Text,
    line: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Package {
    locations: Texts,
    is_direct_dependency: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Comments {
    comments: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    cwe_id: Text,
    cve_name: Text,
    cvss_score: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "checkmarx-one".into();
    let patterns = [Pattern::Value("results[]"), Pattern::Value("totalCount")];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == 1 {
            total = json::read::<Number>(text)?.line();
            return Ok(());
        }
        rows += 1;
        match json::read::<Row>(text) {
            Ok(row) => observe(&row, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("the report holds {rows} results out of {total}: export all of them, in one list"));
    }
    if rows == 0 {
        report.missing(
            "the report has no result and does not say which engines ran: give the report of each engine as SARIF as well",
        );
    }
    Ok(())
}

fn observe(row: &Row, report: &mut Collector) {
    let category = match &*row.kind {
        "sast" => Category::Code,
        "kics" => Category::Configuration,
        "sca" => Category::Dependency,
        "sca-container" | "containers" => Category::Container,
        kind if kind.starts_with("sscs-secret") => Category::Secret,
        kind if kind.starts_with("sscs") => Category::Configuration,
        kind => return report.unread(&format!("a result of the unknown type {}", plain::title(kind))),
    };
    let data = &row.data;
    let Some(rule) = data.query_name.given().or(row.id.given()) else {
        return report.unread("a result without queryName and id");
    };
    let is_package = matches!(category, Category::Dependency | Category::Container);
    let component = is_package.then(|| component(data)).flatten();
    let title = match &component {
        Some(component) => format!("{rule} in {}", component.name),
        None => rule.replace('_', " "),
    };
    let mut locations: Vec<_> = place::in_file(data.file_name.trim_start_matches('/'), data.line.line(), None)
        .into_iter()
        .chain(data.sca_package_data.locations.iter().filter_map(|path| place::in_file(path, None, None)))
        .collect();
    // The last step of a flow is the sink, which is where the harm is done; the first is its source.
    let ends = [data.nodes.last(), (data.nodes.len() > 1).then(|| data.nodes.first()).flatten()];
    let ends = ends.into_iter().flatten();
    locations.extend(ends.filter_map(|n| place::in_file(n.file_name.trim_start_matches('/'), n.line.line(), None)));
    let details = &row.vulnerability_details;
    let names = is_package.then(|| [&*row.id, &*details.cve_name]).into_iter().flatten();
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: row.similarity_id.given().map(str::to_owned),
        category: Some(category),
        title: plain::title(&title),
        description: plain::paragraphs([&*row.description, &*data.expected_value, &*data.value]),
        severity: Severity::from_word(&row.severity),
        identifiers: names.filter(|name| !name.starts_with("CWE-")).filter_map(Identifier::parse).collect(),
        cwe: cwe(&details.cwe_id).into_iter().collect(),
        cvss: (details.cvss_score.0.filter(|score| *score > 0.0))
            .map(|score| Cvss {
                score: Some((score * 10.0).round() / 10.0),
                source: "checkmarx".into(),
                ..Cvss::default()
            })
            .into_iter()
            .collect(),
        artefact: data.image_name.given().map(|name| match data.image_tag.given() {
            Some(tag) => format!("{name}:{tag}"),
            None => name.to_owned(),
        }),
        component,
        locations,
        suppression: (&*row.state == "NOT_EXPLOITABLE")
            .then(|| Suppression { kind: "not exploitable".into(), reason: row.comments.comments.trim().to_owned() }),
        ..Observation::default()
    });
}

/// The package in `Npm-bluebird-3.7.2`, or the named one of an image.
fn component(data: &Data) -> Option<Component> {
    let fix = Fix::in_versions([data.recommended_version.0.clone()]);
    let direct = data.sca_package_data.is_direct_dependency;
    if let Some(name) = data.package_name.given() {
        let version = data.package_version.0.clone();
        return Some(Component { name: name.to_owned(), version, direct, fix, ..Component::default() });
    }
    let (manager, rest) = data.package_identifier.split_once('-')?;
    // The version begins after the first `-` that a digit follows.
    let at = rest.match_indices('-').find(|(at, _)| rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let (name, version) = at.map_or((rest, ""), |(at, _)| (&rest[..at], &rest[at + 1..]));
    let ecosystem = packages::ecosystem(manager).to_owned();
    let purl = packages::purl(&ecosystem, name, version);
    Some(Component { purl, ecosystem, name: name.to_owned(), version: version.to_owned(), direct, fix })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn results_of_every_engine_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkmarx-one/engines.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (3, 1, 0));
        let kinds: Vec<_> = report.observations.iter().filter_map(|observation| observation.category).collect();
        assert_eq!(kinds, [Category::Code, Category::Dependency, Category::Configuration]);
        assert_eq!(report.observations[0].locations[0].path, "src/Orders.java");
        let bluebird = report.observations[1].component.as_ref().unwrap();
        assert_eq!(bluebird.purl.as_deref(), Some("pkg:npm/bluebird@3.7.2"));
        assert_eq!((bluebird.direct, bluebird.fix.versions()), (Some(true), &["3.7.3".to_owned()][..]));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "escaped by the template");
    }

    #[test]
    fn a_page_of_the_results_is_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkmarx-one/engines.json"));
        assert_eq!(report.problems[0].message, "the report holds 4 results out of 69: export all of them, in one list");
        let empty = collect(&FORMAT, r#"{"results":[],"totalCount":0,"scanID":"4fc677bc"}"#);
        assert!(empty.problems[0].evidence_missing, "no engine is named, so none is known to have run");
    }
}
