//! Open Cybersecurity Schema Framework findings, as Prowler writes them: a list, one object, or JSON lines.
//!
//! A check that passed is no finding. A check to be done by hand is none either, and no evidence that all is well: a
//! remark counts them.

use jiff::Timestamp;
use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json;
use crate::ingest::lenient::{Number, Text, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "ocsf",
    title: "OCSF findings JSON",
    kinds: &[
        Category::Configuration,
        Category::Dependency,
        Category::Container,
        Category::Code,
        Category::Runtime,
        Category::Secret,
    ],
    versions: "1.0 and later, classes 2002 to 2006 (Prowler 4 and 5)",
    specification: "https://schema.ocsf.io/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    ["", "[]."].iter().any(|prefix| {
        let has = |name: &str| sniff.has(&format!("{prefix}{name}"));
        has("class_uid") && has("metadata.product") && (has("finding_info") || has("vulnerabilities"))
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    class_uid: Text,
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata,
    message: Text,
    severity: Text,
    severity_id: Number,
    status: Text,
    status_code: Text,
    status_detail: Text,
    comment: Text,
    #[serde(deserialize_with = "or_default")]
    compliance: Compliance,
    #[serde(deserialize_with = "or_default")]
    finding_info: Info,
    #[serde(deserialize_with = "or_default")]
    remediation: Remediation,
    risk_details: Text,
    #[serde(deserialize_with = "or_default")]
    resources: Vec<Resource>,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
    time: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    event_code: Text,
    #[serde(deserialize_with = "or_default")]
    product: Product,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Product {
    name: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Compliance {
    status: Text,
    control: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    title: Text,
    desc: Text,
    uid: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Remediation {
    desc: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource {
    uid: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    #[serde(deserialize_with = "or_default")]
    cve: Cve,
    #[serde(deserialize_with = "or_default")]
    cwe: Uid,
    desc: Text,
    title: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    affected_packages: Vec<Package>,
    #[serde(deserialize_with = "or_default")]
    affected_code: Vec<Code>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cve {
    uid: Text,
    #[serde(deserialize_with = "or_default")]
    cvss: Vec<Score>,
    #[serde(deserialize_with = "or_default")]
    cwe: Uid,
    #[serde(deserialize_with = "or_default")]
    epss: Probability,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Uid {
    uid: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Probability {
    score: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Score {
    base_score: Number,
    vector_string: Text,
    vendor_name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    version: Text,
    purl: Text,
    package_manager: Text,
    #[serde(rename = "type")]
    kind: Text,
    fixed_in_version: Text,
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Code {
    #[serde(deserialize_with = "or_default")]
    file: File,
    start_line: Number,
    end_line: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    path: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let mut by_hand = 0_u64;
    let mut on = |row: &Row, report: &mut Collector| {
        if row.status_code.eq_ignore_ascii_case("manual") {
            by_hand += 1;
        }
        observe(row, report);
    };
    if document.sniff().shape == Shape::JsonArray {
        document.rows::<Row>(&["[]"], report, &mut |_, row, report| on(&row, report))?;
    } else {
        document.json_documents(&mut |text| {
            match json::read::<Row>(text) {
                Ok(row) => on(&row, report),
                Err(error) => report.unread(&error.to_string()),
            }
            Ok(())
        })?;
    }
    if by_hand > 0 {
        report.remark(format!(
            "{} to be done by hand; nothing is known of the outcome",
            figure::subject(by_hand, "check", ["is", "are"])
        ));
    }
    Ok(())
}

fn observe(row: &Row, report: &mut Collector) {
    let product = &row.metadata.product;
    let tool = product.name.to_lowercase();
    report.scan.add_tool(&tool, &product.version);
    report.scan.at = report.scan.at.max(moment(row.time));
    let category = category(row, &tool);
    let codes = [&row.metadata.event_code, &row.compliance.control, &row.finding_info.uid, &row.finding_info.title];
    let Some(code) = codes.into_iter().find_map(Text::given) else {
        return report.unread("a finding without event_code, uid and title");
    };
    report.scan.kinds.insert(category);
    let outcome = row.status_code.given().or(row.compliance.status.given()).unwrap_or_default().to_ascii_lowercase();
    if matches!(outcome.as_str(), "pass" | "passed" | "success" | "manual") {
        return;
    }
    let base = Observation {
        tool: Some(tool),
        rule: code.to_owned(),
        native_id: row.finding_info.uid.given().map(str::to_owned),
        category: Some(category),
        title: plain::first_title(&[&row.finding_info.title, &row.message, code]),
        description: plain::paragraphs([
            row.status_detail.given().unwrap_or(&row.message),
            &row.finding_info.desc,
            &row.risk_details,
            &row.remediation.desc,
        ]),
        severity: severity(row),
        artefact: row.resources.iter().find_map(|r| r.uid.given().or(r.name.given())).map(str::to_owned),
        suppression: matches!(row.status.to_ascii_lowercase().as_str(), "suppressed" | "resolved")
            .then(|| Suppression { kind: row.status.to_lowercase(), reason: row.comment.trim().to_owned() }),
        ..Observation::default()
    };
    if row.vulnerabilities.is_empty() {
        return report.push(base);
    }
    for vulnerability in &row.vulnerabilities {
        // A vulnerability of several packages is a problem of each.
        let packages = vulnerability.affected_packages.iter().map(Some);
        for package in packages.chain(vulnerability.affected_packages.is_empty().then_some(None)) {
            report.push(with_vulnerability(&base, vulnerability, package));
        }
    }
}

fn with_vulnerability(base: &Observation, row: &Vulnerability, package: Option<&Package>) -> Observation {
    let cve = row.cve.uid.given();
    let severity = row.severity.given().map_or(base.severity, Severity::from_word);
    let files = package.and_then(|package| place::in_file(&package.path, None, None));
    let code = row.affected_code.iter();
    Observation {
        rule: cve.map_or_else(|| base.rule.clone(), str::to_owned),
        title: plain::first_title(&[&row.title, &base.title]),
        description: plain::paragraphs([&*row.desc, &base.description]),
        severity,
        identifiers: cve.and_then(Identifier::parse).into_iter().collect(),
        cwe: [&row.cwe, &row.cve.cwe].into_iter().filter_map(|weakness| cwe(&weakness.uid)).take(1).collect(),
        cvss: row.cve.cvss.iter().map(assessment).collect(),
        epss: row.cve.epss.score.share(),
        component: package.map(component),
        locations: code
            .filter_map(|at| place::in_file(&at.file.path, at.start_line.line(), at.end_line.line()))
            .chain(files)
            .collect(),
        ..base.clone()
    }
}

fn assessment(score: &Score) -> Cvss {
    Cvss { vector: score.vector_string.0.clone(), score: score.base_score.0, source: score.vendor_name.to_lowercase() }
}

fn component(package: &Package) -> Component {
    let fix = Fix::in_versions([package.fixed_in_version.0.clone()]);
    let version = package.version.0.clone();
    if let Some(named) = packages::component(&package.purl) {
        return Component { version, fix, ..named };
    }
    let words = [&package.package_manager, &package.kind];
    let ecosystem = words.into_iter().map(|word| packages::ecosystem(word)).find(|word| !word.is_empty());
    let (ecosystem, name) = (ecosystem.unwrap_or_default(), package.name.0.clone());
    let purl = packages::purl(ecosystem, &name, &version);
    Component { ecosystem: ecosystem.to_owned(), name, version, purl, direct: None, fix }
}

/// What a class of findings is about. Detections of anyone but Prowler, which checks settings, are of running systems.
fn category(row: &Row, tool: &str) -> Category {
    let vulnerability = row.vulnerabilities.first();
    match &*row.class_uid {
        "2002" => match vulnerability.and_then(|vulnerability| vulnerability.affected_packages.first()) {
            Some(package) => packages::category(&component(package).ecosystem),
            None if vulnerability.is_some_and(|vulnerability| !vulnerability.affected_code.is_empty()) => {
                Category::Code
            }
            None => Category::Runtime,
        },
        "2006" => Category::Secret,
        "2004" | "2005" if tool != "prowler" => Category::Runtime,
        _ => Category::Configuration,
    }
}

fn severity(row: &Row) -> Severity {
    match row.severity_id.line() {
        Some(1) => Severity::Info,
        Some(2) => Severity::Low,
        Some(3) => Severity::Medium,
        Some(4) => Severity::High,
        Some(5 | 6) => Severity::Critical,
        _ => Severity::from_word(&row.severity),
    }
}

/// A time in milliseconds by the specification, in seconds as Prowler writes it.
fn moment(time: Number) -> Option<Timestamp> {
    let time = time.0.filter(|time| (0.0..1e14).contains(time))?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    let whole = time as i64;
    if time < 1e11 { Timestamp::from_second(whole) } else { Timestamp::from_millisecond(whole) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const CLOUD: &str = include_str!("../../../tests/fixtures/reports/ocsf/cloud.json");

    #[test]
    fn checks_that_passed_are_no_findings() {
        let report = collect(&FORMAT, CLOUD);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        assert_eq!((report.scan.tool.as_str(), report.scan.tool_version.as_str()), ("prowler", "5.4.0"));
        assert_eq!(report.observations[0].category, Some(Category::Configuration));
        assert!(report.problems[0].message.starts_with("1 check is to be done by hand"));
        assert!(!report.problems[0].evidence_missing);
    }

    #[test]
    fn a_vulnerability_has_its_package() {
        let report = collect(&FORMAT, CLOUD);
        let log4j = &report.observations[1];
        assert_eq!((log4j.category, log4j.identifiers[0].as_str()), (Some(Category::Dependency), "CVE-2021-44228"));
        assert_eq!(log4j.component.as_ref().unwrap().name, "org.apache.logging.log4j:log4j-core");
        assert_eq!(log4j.component.as_ref().unwrap().fix.versions(), ["2.15.0"]);
    }

    #[test]
    fn a_vulnerability_of_several_packages_is_one_of_each() {
        let text = r#"[{"class_uid":2002,"metadata":{"product":{"name":"Inspector"},"event_code":"x"},"finding_info":{"title":"t"},
            "vulnerabilities":[{"cve":{"uid":"CVE-2021-44228"},"affected_packages":[
            {"name":"log4j-core","version":"2.14.1","package_manager":"maven","path":"a.jar"},
            {"name":"log4j-api","version":"2.14.0","package_manager":"maven","path":"b.jar"}]},{"cve":{"uid":"CVE-2024-0001"}}]}]"#;
        let report = collect(&FORMAT, text);
        let seen: Vec<_> = report
            .observations
            .iter()
            .map(|seen| (seen.rule.as_str(), seen.component.as_ref().map(|c| c.name.as_str()), seen.locations.len()))
            .collect();
        let of = |name| ("CVE-2021-44228", Some(name), 1);
        assert_eq!(seen, [of("log4j-core"), of("log4j-api"), ("CVE-2024-0001", None, 0)]);
    }

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        let of = |time| moment(Number(Some(time))).unwrap().to_string();
        assert_eq!(of(1_709_993_600.0), "2024-03-09T14:13:20Z");
        assert_eq!(of(1_709_993_600_000.0), "2024-03-09T14:13:20Z");
        assert_eq!(moment(Number(Some(1e300))), None);
    }
}
