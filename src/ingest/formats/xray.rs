//! JFrog Xray JSON: the summary of an artifact, the vulnerabilities report, the export of a component's scan, and `jf scan`.
//!
//! The two exports say how many rows there are in all; fewer are missing evidence.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "xray",
    title: "JFrog Xray JSON",
    kinds: &[Category::Dependency, Category::Container, Category::Licence],
    versions: "Xray 2 and 3 (`summary/artifact`, vulnerabilities report, component export), `jf scan --format json`",
    specification: "https://jfrog.com/help/r/xray-rest-apis/artifact-summary",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    (sniff.has("artifacts[].general") && sniff.has("artifacts[].issues"))
        || (sniff.has("total_rows") && sniff.has("rows"))
        || (sniff.has("total_count") && sniff.has("data[].component_versions"))
        || (sniff.has("[].scan_id") && sniff.has("[].component_id") && sniff.has("[].package_type"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(alias = "id")]
    issue_id: Text,
    summary: Text,
    description: Text,
    issue_type: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    cves: Vec<Cve>,
    impact_path: Texts,
    vulnerable_component: Text,
    source_comp_id: Text,
    component: Text,
    fixed_versions: Texts,
    impacted_artifact: Text,
    published: Text,
    artifact_scan_time: Text,
    #[serde(deserialize_with = "or_default")]
    component_versions: Versions,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cve {
    cve: Text,
    cwe: Texts,
    cvss_v2: Text,
    cvss_v3: Text,
    cvss_v2_score: Number,
    cvss_v2_vector: Text,
    cvss_v3_score: Number,
    cvss_v3_vector: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Versions {
    fixed_versions: Texts,
    #[serde(deserialize_with = "or_default")]
    more_details: More,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct More {
    #[serde(deserialize_with = "or_default")]
    cves: Vec<Cve>,
    description: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    #[serde(deserialize_with = "or_default")]
    general: General,
    #[serde(deserialize_with = "or_default")]
    issues: Vec<Row>,
}

/// What `jf scan` found in one file: each vulnerability with the components that have it. Under a watch it lists those that
/// violate a policy, in place of the vulnerabilities or beside them.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanned {
    component_id: Text,
    status: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Found>,
    #[serde(deserialize_with = "or_default")]
    violations: Vec<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    #[serde(flatten)]
    row: Row,
    #[serde(deserialize_with = "or_default")]
    components: BTreeMap<String, Impact>,
    /// Of a violation: `security`, `license` or `operational_risk`.
    #[serde(rename = "type")]
    of_policy: Text,
    license_key: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Impact {
    fixed_versions: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct General {
    name: Text,
    pkg_type: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "xray".into();
    report.scan.kinds.insert(Category::Dependency);
    let patterns = [
        Pattern::Value("artifacts[]"),
        Pattern::Value("rows[]"),
        Pattern::Value("data[]"),
        Pattern::Value("total_rows"),
        Pattern::Value("total_count"),
        Pattern::Value("errors[]"),
        Pattern::Value("[]"),
    ];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Artifact>(text) {
                Ok(artifact) => {
                    let kind = packages::category(packages::ecosystem(&artifact.general.pkg_type));
                    let is_image = artifact.general.pkg_type.eq_ignore_ascii_case("docker");
                    let kind = if is_image { Category::Container } else { kind };
                    report.scan.kinds.insert(kind);
                    for row in &artifact.issues {
                        observe(row, artifact.general.name.given(), Some(kind), report);
                    }
                }
                Err(error) => report.unread(&error.to_string()),
            },
            1 | 2 => {
                rows += 1;
                match json::read::<Row>(text) {
                    Ok(row) => observe(&row, row.impacted_artifact.given(), None, report),
                    Err(error) => report.unread(&error.to_string()),
                }
            }
            3 | 4 => total = json::read::<Number>(text)?.line(),
            5 => report.missing(format!("Xray reports an error: {}", plain::title(text))),
            _ => match json::read::<Scanned>(text) {
                Ok(scanned) => of_scan(scanned, report),
                Err(error) => report.unread(&error.to_string()),
            },
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("the report holds {rows} rows out of {total}: export all of them"));
    }
    Ok(())
}

fn of_scan(scanned: Scanned, report: &mut Collector) {
    if !scanned.status.eq_ignore_ascii_case("completed") {
        report.missing(format!("the scan of {} did not complete", plain::title(&scanned.component_id)));
    }
    // An issue of a component that stands in both lists is one.
    let issue = |found: &Found| found.row.issue_id.trim().to_owned();
    let with_id = scanned.vulnerabilities.iter().filter(|found| !issue(found).is_empty());
    let known: BTreeSet<(String, String)> = with_id
        .flat_map(|found| found.components.keys().map(move |component| (issue(found), component.clone())))
        .collect();
    let violations = scanned.violations.into_iter().filter_map(|mut found| {
        let (id, named) = (issue(&found), !found.components.is_empty());
        found.components.retain(|component, _| !known.contains(&(id.clone(), component.clone())));
        if named && found.components.is_empty() {
            return None;
        }
        found.row.issue_type = std::mem::take(&mut found.of_policy);
        if found.row.issue_id.given().is_none() {
            found.row.issue_id = std::mem::take(&mut found.license_key);
        }
        Some(found)
    });
    for mut found in scanned.vulnerabilities.into_iter().chain(violations) {
        let components = std::mem::take(&mut found.components);
        // A vulnerability without components is one all the same.
        if components.is_empty() {
            observe(&found.row, scanned.component_id.given(), None, report);
        }
        for (component, impact) in components {
            found.row.vulnerable_component = Text(component);
            found.row.fixed_versions = Texts(impact.fixed_versions.iter().map(|text| bare(text)).collect());
            observe(&found.row, scanned.component_id.given(), None, report);
        }
    }
}

/// `[1.26]` is the version 1.26.
fn bare(version: &str) -> String {
    version.trim_start_matches('[').trim_end_matches(']').to_owned()
}

fn observe(row: &Row, artefact: Option<&str>, of_artefact: Option<Category>, report: &mut Collector) {
    let cves: Vec<&Cve> = row.cves.iter().chain(&row.component_versions.more_details.cves).collect();
    let rule = row.issue_id.given().or_else(|| cves.iter().find_map(|cve| cve.cve.given()));
    let Some(rule) = rule.or(row.summary.given()) else {
        return report.unread("an issue without issue_id and summary");
    };
    report.scan.at = report.scan.at.max(row.artifact_scan_time.parse().ok());
    let fix = Fix::in_versions(row.fixed_versions.iter().chain(row.component_versions.fixed_versions.iter()).cloned());
    let named = [&row.vulnerable_component, &row.source_comp_id].into_iter().find_map(Text::given);
    // Of an artifact's summary the path to the component is all that names it: `image/layer.tar.gz/3.12:openssl:1.1.1`.
    let last = row.impact_path.first().and_then(|path| path.rsplit('/').next()).filter(|last| last.contains(':'));
    let component = named
        .or(last)
        .map(|id| component(id, fix.clone()))
        .or_else(|| row.component.given().map(|name| Component { name: name.to_owned(), fix, ..Component::default() }));
    let by_component = component.as_ref().filter(|c| !c.ecosystem.is_empty()).map(|c| packages::category(&c.ecosystem));
    let category = match &*row.issue_type {
        "license" | "License" => Category::Licence,
        _ => by_component.or(of_artefact).unwrap_or(Category::Dependency),
    };
    let package = component.as_ref().map(|component| component.name.as_str()).unwrap_or_default();
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(category),
        title: plain::first_title(&[&row.summary, &format!("{rule} in {package}")]),
        description: plain::paragraphs([row
            .description
            .given()
            .unwrap_or(&row.component_versions.more_details.description)]),
        severity: Severity::from_word(&row.severity),
        identifiers: cves.iter().filter_map(|cve| Identifier::parse(&cve.cve)).collect(),
        cwe: packages::cwe_numbers(cves.iter().flat_map(|cve| cve.cwe.iter())),
        cvss: cves.iter().flat_map(|cve| scores(cve)).collect(),
        published: row.published.parse().ok(),
        artefact: artefact.map(str::to_owned),
        component,
        ..Observation::default()
    });
}

/// Scores and vectors, together (`9.8/CVSS:3.0/AV:N…`) or apart.
fn scores(cve: &Cve) -> impl Iterator<Item = Cvss> {
    let together = [&cve.cvss_v3, &cve.cvss_v2].map(|text| {
        let (score, vector) = text.split_once('/').unwrap_or((text, ""));
        (score.parse().ok(), vector.to_owned())
    });
    let apart = [
        (cve.cvss_v3_score.0, cve.cvss_v3_vector.0.clone()),
        (cve.cvss_v2_score.0, cve.cvss_v2_vector.trim_start_matches("CVSS:2.0/").to_owned()),
    ];
    let given = |(score, vector): &(Option<f64>, String)| score.is_some_and(|s| s > 0.0) || vector.contains(':');
    let all = together.into_iter().chain(apart).filter(given);
    all.map(|(score, vector)| Cvss { vector, score, source: "xray".into() })
}

/// `npm://acorn:5.7.3`, `gav://group:artifact:1.0`, `alpine://3.12:openssl:1.1.1k-r0`, `deb://debian:buster:apt:1.8`.
fn component(id: &str, fix: Fix) -> Component {
    let (scheme, rest) = id.split_once("://").unwrap_or(("", id));
    let ecosystem = if scheme == "gav" { "maven" } else { packages::ecosystem(scheme) };
    let parts: Vec<&str> = rest.split(':').collect();
    let (name, version) = match parts.as_slice() {
        [group, artifact, version] if ecosystem == "maven" => (format!("{group}:{artifact}"), *version),
        // Before the name stands the release of the system.
        [.., name, version] if packages::category(ecosystem) == Category::Container || ecosystem.is_empty() => {
            ((*name).to_owned(), *version)
        }
        [first, .., version] => {
            let name = rest.strip_suffix(version).map(|name| name.trim_end_matches(':'));
            (name.unwrap_or(first).to_owned(), *version)
        }
        _ => (rest.to_owned(), ""),
    };
    let purl = packages::purl(ecosystem, &name, version);
    Component { ecosystem: ecosystem.to_owned(), name, version: version.to_owned(), purl, direct: None, fix }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn components_are_read_from_every_spelling() {
        for (id, ecosystem, expected) in [
            ("npm://acorn:5.7.3", "npm", "acorn 5.7.3"),
            ("gav://org.a:b:1.0", "maven", "org.a:b 1.0"),
            ("alpine://3.12:libcrypto1.1:1.1.1k-r0", "apk", "libcrypto1.1 1.1.1k-r0"),
            ("deb://debian:buster:apt:1.8.2", "deb", "apt 1.8.2"),
            ("go://github.com/a/b:1.2", "golang", "github.com/a/b 1.2"),
            ("3.12:openssl:1.1.1", "", "openssl 1.1.1"),
        ] {
            let component = component(id, Fix::Unknown);
            assert_eq!((component.ecosystem.as_str(), component.to_string().as_str()), (ecosystem, expected), "{id}");
        }
    }

    #[test]
    fn under_a_watch_violations_stand_in_place_of_vulnerabilities_or_beside_them() {
        let found = |id: &str| {
            format!(
                r#"{{"issue_id":"{id}","summary":"Path traversal","severity":"Medium","type":"security","components":
                {{"gav://org.shop:invoice:2.2":{{"fixed_versions":["[2.7]"]}}}},"cves":[{{"cve":"CVE-2021-29425"}}]}}"#
            )
        };
        let licence = r#"{"type":"license","license_key":"GPL-3.0","severity":"High","summary":"GPL-3.0","components":
            {"npm://basket:1.0.0":{}}}"#;
        let scan = |lists: &str| {
            let text = format!(
                r#"[{{"scan_id":"1",{lists},"component_id":"root","package_type":"maven","status":"completed"}}]"#
            );
            collect(&FORMAT, &text)
        };
        let alone = scan(&format!(r#""violations":[{},{licence}]"#, found("XRAY-1")));
        let seen = |report: &crate::ingest::collector::Collected| {
            report.observations.iter().map(|o| (o.rule.clone(), o.category, o.severity)).collect::<Vec<_>>()
        };
        let (security, licence) = (
            ("XRAY-1".to_owned(), Some(Category::Dependency), Severity::Medium),
            ("GPL-3.0".to_owned(), Some(Category::Licence), Severity::High),
        );
        assert_eq!((seen(&alone), alone.unread), (vec![security.clone(), licence], 0));
        let both = scan(&format!(r#""vulnerabilities":[{0}],"violations":[{0}]"#, found("XRAY-1")));
        assert_eq!(seen(&both), std::slice::from_ref(&security));
        let elsewhere = found("XRAY-1").replace("invoice:2.2", "receipt:1.0");
        let apart = scan(&format!(r#""vulnerabilities":[{}],"violations":[{elsewhere}]"#, found("XRAY-1")));
        assert_eq!(seen(&apart), [security.clone(), security], "another component has it, too");
    }

    #[test]
    fn reports_and_summaries_are_read() {
        let rows = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/xray/rows.json"));
        assert_eq!((rows.observations.len(), rows.unread), (1, 0));
        assert_eq!(rows.observations[0].component.as_ref().unwrap().fix.versions(), ["2.11.3"]);
        assert_eq!(rows.problems[0].message, "the report holds 1 rows out of 7: export all of them");
        let summary = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/xray/summary.json"));
        let openssl = &summary.observations[0];
        assert_eq!((openssl.category, openssl.severity), (Some(Category::Container), Severity::Critical));
        assert_eq!((openssl.cvss[0].score, openssl.cvss[0].vector.starts_with("CVSS:3.0/AV:N")), (Some(9.8), true));
        assert!(summary.problems.is_empty());
    }
}
