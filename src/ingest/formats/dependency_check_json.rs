//! OWASP Dependency-Check JSON.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
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
    id: "dependency-check-json",
    title: "OWASP Dependency-Check JSON",
    kinds: &[Category::Dependency],
    versions: "3 to 12 (`--format JSON`)",
    specification: "https://dependency-check.github.io/DependencyCheck/general/thereport.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("reportSchema") && sniff.has("scanInfo") && sniff.has("projectInfo")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Dependency {
    file_name: Text,
    file_path: Text,
    #[serde(deserialize_with = "or_default")]
    packages: Vec<Package>,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(deserialize_with = "or_default")]
    suppressed_vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    name: Text,
    severity: Text,
    description: Text,
    notes: Text,
    cwes: Texts,
    #[serde(alias = "cvssV4")]
    cvssv4: Option<Score>,
    #[serde(alias = "cvssV3")]
    cvssv3: Option<Score>,
    #[serde(alias = "cvssV2")]
    cvssv2: Option<Score>,
    #[serde(deserialize_with = "or_default")]
    vulnerable_software: Vec<Matched>,
    known_exploited_vulnerability: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Score {
    #[serde(alias = "score")]
    base_score: Number,
    vector_string: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Matched {
    #[serde(deserialize_with = "or_default")]
    software: Software,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Software {
    vulnerability_id_matched: Text,
    version_end_excluding: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "dependency-check".into();
    report.scan.kinds.insert(Category::Dependency);
    let paths = ["dependencies[]", "scanInfo.engineVersion", "projectInfo.reportDate", "scanInfo.analysisExceptions[]"];
    let mut looked_at = 0_u64;
    document.rows::<Value>(&paths, report, &mut |path, value, report| {
        let text = || value.as_str().unwrap_or_default();
        match path {
            0 => {
                looked_at += 1;
                match Dependency::deserialize(&value) {
                    Ok(dependency) => take(&dependency, report),
                    Err(error) => report.unread(&error.to_string()),
                }
            }
            1 => text().clone_into(&mut report.scan.tool_version),
            2 => report.scan.at = text().parse().ok(),
            _ => {
                let what = value["exception"]["message"].as_str().or(value["message"].as_str()).unwrap_or("no words");
                report.missing(format!("Dependency-Check reports an error: {}", plain::title(what)));
            }
        }
    })?;
    if looked_at == 0 {
        report.looked_at_no("dependency");
    }
    Ok(())
}

fn take(dependency: &Dependency, report: &mut Collector) {
    let open = dependency.vulnerabilities.iter().map(|row| (row, false));
    for (row, suppressed) in open.chain(dependency.suppressed_vulnerabilities.iter().map(|row| (row, true))) {
        match row.name.given() {
            Some(name) => report.push(observation(dependency, row, name, suppressed)),
            None => report.unread("a vulnerability without name"),
        }
    }
}

fn observation(dependency: &Dependency, row: &Vulnerability, name: &str, suppressed: bool) -> Observation {
    let component = component(dependency, fix(row));
    let scores = [&row.cvssv4, &row.cvssv3, &row.cvssv2];
    Observation {
        rule: name.to_owned(),
        category: Some(Category::Dependency),
        title: plain::title(&format!("{name} in {}", component.name)),
        description: row.description.0.clone(),
        severity: Severity::from_word(&row.severity),
        cvss: scores
            .into_iter()
            .flatten()
            .filter(|score| score.base_score.0.is_some() || score.vector_string.given().is_some())
            .map(|score| Cvss {
                vector: score.vector_string.0.clone(),
                score: score.base_score.0,
                source: "dependency-check".into(),
            })
            .collect(),
        identifiers: Identifier::parse(name).into_iter().collect(),
        cwe: packages::cwe_numbers(row.cwes.iter()),
        kev: row.known_exploited_vulnerability.is_object().then_some(true),
        locations: place::in_file(&dependency.file_path, None, None).into_iter().collect(),
        component: Some(component),
        suppression: suppressed.then(|| Suppression { kind: "suppression file".into(), reason: row.notes.0.clone() }),
        ..Observation::default()
    }
}

fn component(dependency: &Dependency, fix: Fix) -> Component {
    let known = dependency.packages.iter().find_map(|package| packages::component(&package.id));
    let file = || Component { name: dependency.file_name.0.clone(), ..Component::default() };
    Component { fix, ..known.unwrap_or_else(file) }
}

/// Versions that end the ranges by which the dependency was matched.
fn fix(row: &Vulnerability) -> Fix {
    let matched = row.vulnerable_software.iter().map(|matched| &matched.software);
    let matched = matched.filter(|software| &*software.vulnerability_id_matched == "true");
    Fix::in_versions(matched.map(|software| &*software.version_end_excluding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn the_version_that_ends_the_matched_range_is_the_fix() {
        let text = include_str!("../../../tests/fixtures/reports/dependency-check-json/shop.json");
        let report = collect(&FORMAT, text);
        let found = &report.observations[0];
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 1, 0));
        let component = found.component.as_ref().unwrap();
        assert_eq!(
            (component.name.as_str(), &component.fix),
            ("org.apache.commons:commons-text", &Fix::Available(vec!["1.10.0".into()]))
        );
        assert_eq!((found.kev, found.cwe.as_slice(), found.cvss[0].score), (Some(true), &[94][..], Some(9.8)));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "not reachable");
    }
}
