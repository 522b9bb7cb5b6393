//! The command line scanner of Wiz (`wizcli dir|docker|iac scan --format json`): vulnerable packages of a folder or image,
//! credentials, and settings of infrastructure as code.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json;
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "wizcli",
    title: "Wiz CLI JSON",
    kinds: &[Category::Dependency, Category::Container, Category::Secret, Category::Configuration],
    versions: "0 and 1 (`--format json`)",
    specification: "https://docs.wiz.io/docs/wiz-cli-overview",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("scanOriginResource") && sniff.has("status.verdict") && sniff.has("result.__typename")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    version: Text,
    path: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    name: Text,
    severity: Text,
    /// Of applications each vulnerability names the version and place itself.
    version: Text,
    path: Text,
    fixed_version: Text,
    source: Text,
    description: Text,
    score: Number,
    epss_probability: Number,
    has_cisa_kev_exploit: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Secret {
    external_id: Text,
    description: Text,
    path: Text,
    line_number: Number,
    #[serde(rename = "type")]
    kind: Text,
    severity: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rule {
    id: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RuleMatches {
    #[serde(deserialize_with = "or_default")]
    rule: Rule,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    matches: Vec<Match>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Match {
    resource_name: Text,
    file_name: Text,
    line_number: Number,
    match_content: Text,
    expected: Text,
    found: Text,
    remediation_instructions: Text,
}

const PATHS: [&str; 11] = [
    "result.osPackages[]",
    "result.libraries[]",
    "result.applications[]",
    "result.secrets[]",
    "result.ruleMatches[]",
    "result.dataFindings[]",
    "result.vulnerableSBOMArtifactsByNameVersion[]",
    "result.__typename",
    "scanOriginResource.name",
    "status.state",
    "createdAt",
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "wizcli".into();
    document.rows::<Box<RawValue>>(&PATHS, report, &mut |path, raw, report| {
        if let Err(error) = take(path, raw.get(), report) {
            report.unread(&error.to_string());
        }
    })
}

fn take(path: usize, text: &str, report: &mut Collector) -> Result<(), serde_json::Error> {
    match path {
        0..=2 => packages_of(&json::read(text)?, path == 0, report),
        3 => secret(&json::read(text)?, report),
        4 => settings(&json::read(text)?, report),
        5 => report.unread("a finding of sensitive data, which is no credential"),
        6 => report.unread("a package of a list by name and version, whose vulnerabilities are not read"),
        7 => {
            let is_code = &*json::read::<Text>(text)? == "CICDIACScanResult";
            let kind = if is_code { Category::Configuration } else { Category::Dependency };
            report.scan.kinds.extend([kind, Category::Secret]);
        }
        8 => report.scan.artefact = json::read::<Text>(text)?.given().map(str::to_owned),
        9 => {
            let state = json::read::<Text>(text)?;
            if &*state != "SUCCESS" {
                report.missing(format!("the scan did not succeed: {}", plain::title(&state)));
            }
        }
        _ => report.scan.at = json::read::<Text>(text)?.parse().ok(),
    }
    Ok(())
}

fn packages_of(package: &Package, of_system: bool, report: &mut Collector) {
    for row in &package.vulnerabilities {
        let Some(rule) = row.name.given() else {
            report.unread("a vulnerability without name");
            continue;
        };
        let path = row.path.given().or(package.path.given()).unwrap_or_default();
        let version = row.version.given().or(package.version.given()).unwrap_or_default();
        let ecosystem = if of_system { "" } else { packages::of_file(path) };
        let category = if of_system { Category::Container } else { Category::Dependency };
        report.scan.kinds.insert(category);
        report.push(Observation {
            rule: rule.to_owned(),
            category: Some(category),
            title: plain::title(&format!("{rule} in {}", package.name)),
            description: row.description.0.clone(),
            severity: Severity::from_word(&row.severity),
            cvss: row
                .score
                .0
                .filter(|score| *score > 0.0)
                .map(|score| Cvss { vector: String::new(), score: Some(score), source: "wiz".into() })
                .into_iter()
                .collect(),
            identifiers: Identifier::find_in(&format!("{rule} {}", row.source)),
            component: Some(Component {
                purl: packages::purl(ecosystem, &package.name, version),
                ecosystem: ecosystem.to_owned(),
                name: package.name.0.clone(),
                version: version.to_owned(),
                direct: None,
                fix: Fix::in_versions(row.fixed_version.given()),
            }),
            locations: place::in_file(path, None, None).into_iter().collect(),
            epss: row.epss_probability.share(),
            kev: row.has_cisa_kev_exploit.filter(|kev| *kev),
            ..Observation::default()
        });
    }
}

/// What Wiz writes of a credential is masked already.
fn secret(row: &Secret, report: &mut Collector) {
    let Some(rule) = row.kind.given().or(row.description.given()) else {
        return report.unread("a secret without type");
    };
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: row.external_id.given().map(str::to_owned),
        category: Some(Category::Secret),
        title: plain::first_title(&[&row.description, rule]),
        severity: Severity::from_word(&row.severity),
        locations: place::in_file(&row.path, row.line_number.line(), None).into_iter().collect(),
        ..Observation::default()
    });
}

fn settings(of: &RuleMatches, report: &mut Collector) {
    let Some(rule) = of.rule.id.given().or(of.rule.name.given()) else {
        return report.unread("a match without rule");
    };
    for row in &of.matches {
        let mut location = place::in_file(&row.file_name, row.line_number.line(), None);
        if let Some(location) = &mut location {
            location.snippet = row.match_content.given().map(str::to_owned);
        }
        report.push(Observation {
            rule: rule.to_owned(),
            category: Some(Category::Configuration),
            title: plain::first_title(&[&of.rule.name, rule]),
            description: plain::paragraphs([&*row.found, &*row.expected, &*row.remediation_instructions]),
            severity: Severity::from_word(&of.severity),
            locations: location.into_iter().collect(),
            artefact: row.resource_name.given().map(str::to_owned),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const FOLDER: &str = include_str!("../../../tests/fixtures/reports/wizcli/folder.json");

    #[test]
    fn packages_and_credentials_of_a_folder_are_read() {
        let report = collect(&FORMAT, FOLDER);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let [system, library, secret] = report.observations.as_slice() else { panic!("three rows") };
        assert_eq!((system.category, system.severity), (Some(Category::Container), Severity::Low));
        assert_eq!(library.component.as_ref().unwrap().purl.as_deref(), Some("pkg:golang/golang.org/x/net@0.14.0"));
        assert_eq!((library.kev, library.identifiers.len()), (Some(true), 2));
        assert_eq!(secret.category, Some(Category::Secret));
    }

    #[test]
    fn a_scan_that_failed_and_lists_that_are_not_read_are_missing_evidence() {
        let failed = collect(&FORMAT, &FOLDER.replace("\"state\": \"SUCCESS\"", "\"state\": \"FAILED\""));
        assert_eq!(failed.problems[0].message, "the scan did not succeed: FAILED");
        let data =
            collect(&FORMAT, &FOLDER.replace("\"dataFindings\": null", "\"dataFindings\": [{\"name\": \"mail\"}]"));
        assert_eq!((data.observations.len(), data.unread), (3, 1));
    }
}
