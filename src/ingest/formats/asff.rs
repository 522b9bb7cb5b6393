//! AWS Security Finding Format: what Security Hub exports, and what Prowler, Trivy and others write for it.
//!
//! One finding is one row, whichever product made it; passed checks are no findings. One that lists several vulnerabilities,
//! or one vulnerability of several packages, is as many problems.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{json, packages, place, plain, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "asff",
    title: "AWS Security Finding Format",
    kinds: &[
        Category::Configuration,
        Category::Dependency,
        Category::Container,
        Category::Runtime,
        Category::Secret,
        Category::Code,
    ],
    versions: "2018-10-08, as a list or in `Findings`",
    specification: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html",
    recognise,
    read,
};

/// Where findings stand: in a list, in an object, or alone.
const PATHS: [&str; 4] = ["[]", "Findings[]", "findings[]", ""];

fn recognise(sniff: &Sniff) -> bool {
    place_of_findings(sniff).is_some()
}

fn place_of_findings(sniff: &Sniff) -> Option<&'static str> {
    PATHS.into_iter().find(|path| {
        let dot = if path.is_empty() { "" } else { "." };
        ["SchemaVersion", "ProductArn", "GeneratorId"].iter().all(|name| sniff.has(&format!("{path}{dot}{name}")))
    })
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    id: Text,
    generator_id: Text,
    product_name: Text,
    types: Texts,
    title: Text,
    description: Text,
    updated_at: Text,
    record_state: Text,
    #[serde(deserialize_with = "or_default")]
    severity: Rated,
    #[serde(deserialize_with = "or_default")]
    compliance: Compliance,
    #[serde(deserialize_with = "or_default")]
    workflow: Workflow,
    #[serde(deserialize_with = "or_default")]
    note: Note,
    #[serde(deserialize_with = "or_default")]
    remediation: Remediation,
    #[serde(deserialize_with = "or_default")]
    product_fields: BTreeMap<String, Text>,
    #[serde(deserialize_with = "or_default")]
    resources: Vec<Resource>,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Rated {
    label: Text,
    normalized: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Compliance {
    status: Text,
    security_control_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Workflow {
    status: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Note {
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Remediation {
    #[serde(deserialize_with = "or_default")]
    recommendation: Recommendation,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Recommendation {
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Resource {
    id: Text,
    #[serde(deserialize_with = "or_default")]
    details: Details,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Details {
    #[serde(deserialize_with = "or_default")]
    other: BTreeMap<String, Text>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Vulnerability {
    id: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerable_packages: Vec<Package>,
    #[serde(deserialize_with = "or_default")]
    cvss: Vec<Score>,
    epss_score: Number,
    fix_available: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Package {
    name: Text,
    version: Text,
    release: Text,
    package_manager: Text,
    file_path: Text,
    fixed_in_version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Score {
    base_score: Number,
    base_vector: Text,
    source: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let path = place_of_findings(document.sniff()).unwrap_or_default();
    // Findings one after another, without a list around them.
    if path.is_empty() && document.sniff().shape == Shape::JsonLines {
        return document.json_documents(&mut |text| {
            match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            }
            Ok(())
        });
    }
    // What the AWS CLI prints of one page names the next.
    let mut paths = vec![Pattern::Value(path)];
    paths.extend((path == "Findings[]").then_some(Pattern::Value("NextToken")));
    document.json(&paths, &mut |event| {
        match event.kind {
            Kind::Value(token) if event.pattern == 1 => look_for_more(token, report),
            Kind::Value(text) => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            _ => {}
        }
        Ok(())
    })
}

fn look_for_more(token: &str, report: &mut Collector) {
    if json::read::<Text>(token).is_ok_and(|token| token.given().is_some()) {
        report.missing("it is one page of a longer list (NextToken)");
    }
}

fn observe(row: &Row, report: &mut Collector) {
    let tool = tool(row);
    report.scan.add_tool(&tool, field(row, "ProviderVersion").unwrap_or_default());
    report.scan.at = report.scan.at.max(row.updated_at.parse().ok());
    let vulnerabilities = row.vulnerabilities.iter().flat_map(|vulnerability| {
        let packages = vulnerability.vulnerable_packages.iter().map(Some);
        let packages = packages.chain(vulnerability.vulnerable_packages.is_empty().then_some(None));
        packages.map(move |package| Some(Seen { vulnerability, package }))
    });
    for seen in vulnerabilities.chain(row.vulnerabilities.is_empty().then_some(None)) {
        observe_one(row, &tool, seen, report);
    }
}

/// A vulnerability of a row, and one of the packages that it is in.
#[derive(Clone, Copy)]
struct Seen<'r> {
    vulnerability: &'r Vulnerability,
    package: Option<&'r Package>,
}

fn observe_one(row: &Row, tool: &str, seen: Option<Seen<'_>>, report: &mut Collector) {
    let Some(rule) = rule(row, seen) else { return report.unread("a finding without GeneratorId") };
    let category = category(row, seen);
    report.scan.kinds.insert(category);
    if matches!(&*row.compliance.status, "PASSED" | "NOT_AVAILABLE") {
        return;
    }
    let details = row.resources.first().map(|resource| &resource.details.other);
    let vulnerability = seen.map(|seen| seen.vulnerability);
    let component = match seen {
        Some(seen) => seen.package.map(|package| component(row, seen.vulnerability, package)),
        None => component_of_resource(row),
    };
    let (workflow, note) = (&*row.workflow.status, row.note.text.trim());
    report.push(Observation {
        tool: Some(tool.to_owned()),
        rule,
        native_id: row.id.given().map(str::to_owned),
        category: Some(category),
        title: plain::title(&row.title),
        description: plain::paragraphs([&*row.description, &*row.remediation.recommendation.text]),
        severity: severity(&row.severity),
        cvss: cvss(vulnerability, details),
        identifiers: match (vulnerability, &component) {
            (Some(vulnerability), _) => Identifier::parse(&vulnerability.id).into_iter().collect(),
            (None, Some(_)) => Identifier::find_in(&row.title),
            (None, None) => Vec::new(),
        },
        locations: locations(row, seen),
        component,
        artefact: row.resources.first().and_then(|resource| resource.id.given()).map(str::to_owned),
        epss: vulnerability.and_then(|vulnerability| vulnerability.epss_score.share()),
        suppression: match (workflow, &*row.record_state) {
            ("SUPPRESSED" | "RESOLVED", _) => {
                Some(Suppression { kind: workflow.to_lowercase(), reason: note.to_owned() })
            }
            (_, "ARCHIVED") => Some(Suppression { kind: "archived".into(), reason: note.to_owned() }),
            _ => None,
        },
        ..Observation::default()
    });
}

fn field<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.product_fields.get(name).and_then(Text::given)
}

/// The product that made the finding, by the names that Prowler, Trivy and AWS give it.
fn tool(row: &Row) -> String {
    let named = ["ProviderName", "Product Name"].into_iter().find_map(|name| field(row, name));
    let named = named.or_else(|| row.product_name.given()).or_else(|| field(row, "aws/securityhub/ProductName"));
    named.unwrap_or("security hub").to_lowercase().replace(' ', "-")
}

fn rule(row: &Row, seen: Option<Seen<'_>>) -> Option<String> {
    let vulnerability = seen.and_then(|seen| seen.vulnerability.id.given());
    let control = row.compliance.security_control_id.given().or_else(|| field(row, "ControlId"));
    let generator = row.generator_id.given();
    // Trivy and Prowler put their name before that of the rule.
    let own = generator.map(|id| id.strip_prefix("Trivy/").or(id.strip_prefix("prowler-")).unwrap_or(id));
    // GuardDuty's generator is the detector; the type says what was detected.
    let kind = row.types.first().filter(|_| generator.is_some_and(|id| id.contains(":guardduty:")));
    vulnerability.or(control).or(kind.and_then(|kind| kind.rsplit('/').next())).or(own).map(str::to_owned)
}

fn category(row: &Row, seen: Option<Seen<'_>>) -> Category {
    let kind = row.types.first().map_or("", String::as_str);
    match kind.split('/').next().unwrap_or_default() {
        "TTPs" | "Unusual Behaviors" | "Effects" => Category::Runtime,
        "Sensitive Data Identifications" => Category::Secret,
        _ if row.generator_id.starts_with("Trivy/") && row.title.contains("vulnerability") => Category::Container,
        _ => match seen {
            Some(seen) => match seen.package {
                Some(package) if package.package_manager.eq_ignore_ascii_case("os") => Category::Container,
                Some(package) => packages::category(packages::ecosystem(&package.package_manager)),
                // Without a package it is Inspector's view of the code itself.
                None => Category::Code,
            },
            None if kind.contains("Vulnerabilities") && kind.ends_with("CVE") => Category::Container,
            None => Category::Configuration,
        },
    }
}

/// The label, or else the number from 0 to 100 by the table of the specification.
fn severity(rated: &Rated) -> Severity {
    match (rated.label.given(), rated.normalized.0) {
        (Some(label), _) => Severity::from_word(label),
        (None, Some(number)) => match number {
            n if n < 1.0 => Severity::Info,
            n if n < 40.0 => Severity::Low,
            n if n < 70.0 => Severity::Medium,
            n if n < 90.0 => Severity::High,
            _ => Severity::Critical,
        },
        (None, None) => Severity::Unknown,
    }
}

fn cvss(vulnerability: Option<&Vulnerability>, details: Option<&BTreeMap<String, Text>>) -> Vec<Cvss> {
    let scores = vulnerability.into_iter().flat_map(|vulnerability| &vulnerability.cvss).map(|score| Cvss {
        vector: score.base_vector.0.clone(),
        score: score.base_score.0,
        source: score.source.to_lowercase(),
    });
    let text = |name: &str| details.and_then(|details| details.get(name)).and_then(Text::given);
    let of_trivy = [("NvdCvssVectorV3", "NvdCvssScoreV3"), ("NvdCvssVectorV2", "NvdCvssScoreV2")];
    let of_trivy = of_trivy.into_iter().filter_map(|(vector, score)| {
        let cvss = rating::vector(text(vector)?, "nvd")?;
        Some(Cvss { score: text(score).and_then(|score| score.parse().ok()), ..cvss })
    });
    scores.chain(of_trivy).collect()
}

fn component(row: &Row, vulnerability: &Vulnerability, package: &Package) -> Component {
    let ecosystem = match &*package.package_manager {
        // Of an operating system only its name is given, among what Inspector says of the resource: `DEBIAN_11`.
        "OS" => {
            let platform = row.product_fields.iter().find(|(name, _)| name.ends_with("/platform"));
            let platform = platform.map_or("", |(_, platform)| &**platform);
            packages::ecosystem(platform.split('_').next().unwrap_or_default())
        }
        manager => packages::ecosystem(manager),
    };
    let release = package.release.given().map(|release| format!("-{release}")).unwrap_or_default();
    let version = format!("{}{release}", package.version);
    let fixed = package.fixed_in_version.strip_prefix("0:").unwrap_or(&package.fixed_in_version);
    let fix = match (fixed, &*vulnerability.fix_available) {
        ("" | "NotAvailable", "NO") | ("NotAvailable", _) => Fix::NotAvailable,
        (fixed, _) => Fix::in_versions([fixed]),
    };
    let purl = packages::purl(ecosystem, &package.name, &version);
    let name = package.name.0.clone();
    Component { ecosystem: ecosystem.to_owned(), name, version, purl, direct: None, fix }
}

/// The package that Trivy names among what it says of the resource.
fn component_of_resource(row: &Row) -> Option<Component> {
    let details = &row.resources.first()?.details.other;
    Some(Component {
        name: details.get("PkgName").and_then(Text::given)?.to_owned(),
        version: details.get("Installed Package").map(|version| version.0.clone()).unwrap_or_default(),
        fix: Fix::in_versions(details.get("Patched Package").map(|version| version.0.clone())),
        ..Component::default()
    })
}

fn locations(row: &Row, seen: Option<Seen<'_>>) -> Vec<Location> {
    let package = seen.and_then(|seen| seen.package);
    let mut locations: Vec<Location> =
        package.and_then(|package| place::in_file(&package.file_path, None, None)).into_iter().collect();
    let details = row.resources.first().map(|resource| &resource.details.other);
    let line = |name: &str| details?.get(name)?.parse().ok();
    let file = details.and_then(|details| details.get("Filename"));
    locations.extend(file.and_then(|file| place::in_file(file, line("StartLine"), line("EndLine"))));
    locations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HUB: &str = include_str!("../../../tests/fixtures/reports/asff/hub.json");

    #[test]
    fn findings_of_several_products_keep_their_kind() {
        let report = collect(&FORMAT, HUB);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (4, 1, 0));
        let kinds: Vec<_> = report.observations.iter().filter_map(|observation| observation.category).collect();
        assert_eq!(kinds, [Category::Container, Category::Configuration, Category::Dependency, Category::Dependency]);
        let openssl = report.observations[0].component.as_ref().unwrap();
        assert_eq!((openssl.ecosystem.as_str(), openssl.version.as_str()), ("deb", "1.1.1n-0+deb11u4"));
        assert_eq!(openssl.fix.versions(), ["1.1.1n-0+deb11u5"]);
        assert_eq!(report.observations[1].rule, "EC2.2");
        let names: Vec<_> =
            report.observations[2..].iter().map(|seen| seen.component.as_ref().unwrap().name.as_str()).collect();
        assert_eq!(names, ["org.eclipse.jetty:jetty-server", "org.eclipse.jetty:jetty-util"]);
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "test account");
    }

    #[test]
    fn a_page_of_the_findings_is_missing_evidence() {
        let row = r#"{"SchemaVersion":"2018-10-08","ProductArn":"a","GeneratorId":"g","Title":"t"}"#;
        for (token, is_page) in [("\"abc\"", true), ("null", false), ("\"\"", false)] {
            let report = collect(&FORMAT, &format!(r#"{{"Findings":[{row}],"NextToken":{token}}}"#));
            assert_eq!(report.observations.len(), 1);
            assert_eq!(report.problems.iter().any(|problem| problem.evidence_missing), is_page, "{token}");
        }
    }

    #[test]
    fn each_vulnerability_of_a_finding_is_one() {
        let text = r#"[{"SchemaVersion":"2018-10-08","ProductArn":"a","GeneratorId":"g","Title":"openssl","Vulnerabilities":[
            {"Id":"CVE-2024-0001","VulnerablePackages":[{"Name":"openssl","Version":"1","PackageManager":"OS"}]},
            {"Id":"CVE-2021-44228","VulnerablePackages":[{"Name":"log4j-core","Version":"2.14.1","PackageManager":"JAR"}]},
            {"Id":"CVE-2024-0003"}]}]"#;
        let report = collect(&FORMAT, text);
        let seen: Vec<_> =
            report.observations.iter().map(|seen| (seen.rule.as_str(), seen.category.unwrap())).collect();
        assert_eq!(
            seen,
            [
                ("CVE-2024-0001", Category::Container),
                ("CVE-2021-44228", Category::Dependency),
                ("CVE-2024-0003", Category::Code)
            ]
        );
    }

    #[test]
    fn a_number_stands_for_a_severity_without_label() {
        let of = |number| severity(&Rated { label: Text::default(), normalized: Number(Some(number)) });
        assert_eq!([0.0, 39.0, 69.0, 89.0, 90.0].map(of), Severity::KNOWN);
    }
}
