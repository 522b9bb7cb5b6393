//! Reports of the Trivy operator: Kubernetes resources, alone, in a list (`kubectl get … -o json`), or by their kinds.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "trivy-operator",
    title: "Trivy operator resources JSON",
    kinds: &[Category::Container, Category::Dependency, Category::Configuration, Category::Secret],
    versions: "v1alpha1 (`kubectl get vulnerabilityreports,configauditreports,… -A -o json`)",
    specification: "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/",
    recognise,
    read,
};

const GROUP: &str = "aquasecurity.github.io";

/// Where resources stand: alone, in a list of Kubernetes, in a plain list, or in lists by their kinds.
const PATHS: [&str; 4] = ["", "items[]", "[]", "*[]"];

fn recognise(sniff: &Sniff) -> bool {
    place_of_resources(sniff).is_some()
}

fn place_of_resources(sniff: &Sniff) -> Option<&'static str> {
    PATHS.into_iter().find(|path| match *path {
        "*[]" => ["[].report", "[].apiVersion", ""].iter().any(|end| sniff.has_between("", &format!(".{GROUP}{end}"))),
        path => {
            let dot = if path.is_empty() { "" } else { "." };
            sniff.text(&format!("{path}{dot}apiVersion")).is_some_and(|version| version.starts_with(GROUP))
        }
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource {
    kind: Text,
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "or_default")]
    report: Report,
    #[serde(deserialize_with = "or_default")]
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: Text,
    namespace: Text,
    #[serde(deserialize_with = "or_default")]
    labels: Labels,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Labels {
    #[serde(rename = "trivy-operator.resource.kind")]
    kind: Text,
    #[serde(rename = "trivy-operator.resource.name")]
    name: Text,
    #[serde(rename = "trivy-operator.resource.namespace")]
    namespace: Text,
    #[serde(rename = "trivy-operator.container.name")]
    container: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Report {
    #[serde(deserialize_with = "or_default")]
    artifact: Artifact,
    #[serde(deserialize_with = "or_default")]
    registry: Registry,
    #[serde(deserialize_with = "or_default")]
    scanner: Scanner,
    update_timestamp: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(deserialize_with = "or_default")]
    checks: Vec<Check>,
    #[serde(deserialize_with = "or_default")]
    secrets: Vec<Secret>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    repository: Text,
    tag: Text,
    digest: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Registry {
    server: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanner {
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "vulnerabilityID")]
    id: Text,
    resource: Text,
    installed_version: Text,
    fixed_version: Text,
    severity: Text,
    title: Text,
    description: Text,
    target: Text,
    class: Text,
    package_type: Text,
    #[serde(rename = "packagePURL")]
    purl: Text,
    published_date: Text,
    score: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Check {
    #[serde(rename = "checkID")]
    id: Text,
    title: Text,
    description: Text,
    messages: Texts,
    remediation: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    success: bool,
    target: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Secret {
    #[serde(rename = "ruleID")]
    rule: Text,
    title: Text,
    target: Text,
    severity: Text,
}

/// What a report about compliance says: by its `reportType`, how often each control failed, or each check.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    #[serde(deserialize_with = "or_default")]
    summary: Count,
    #[serde(deserialize_with = "or_default")]
    summary_report: Summary,
    #[serde(deserialize_with = "or_default")]
    detail_report: Detail,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Count {
    fail_count: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Summary {
    #[serde(deserialize_with = "or_default")]
    control_check: Vec<Control>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    #[serde(deserialize_with = "or_default")]
    results: Vec<Control>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Control {
    id: Text,
    name: Text,
    severity: Text,
    total_fail: Number,
    #[serde(deserialize_with = "or_default")]
    checks: Vec<Check>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "trivy".into();
    let path = place_of_resources(document.sniff()).unwrap_or_default();
    document.rows::<Resource>(&[path], report, &mut |_, resource, report| take(&resource, report))
}

fn take(resource: &Resource, report: &mut Collector) {
    let found = &resource.report;
    // Reports of one cluster differ in age; the scan is as old as the oldest of them.
    if let Ok(at) = found.update_timestamp.parse() {
        report.scan.at = report.scan.at.map_or(Some(at), |known| Some(known.min(at)));
    }
    if let Some(version) = found.scanner.version.given() {
        version.clone_into(&mut report.scan.tool_version);
    }
    match resource.kind.trim_start_matches("Cluster") {
        "VulnerabilityReport" => {
            report.scan.kinds.insert(Category::Container);
            found.vulnerabilities.iter().for_each(|vulnerability| vulnerable(resource, vulnerability, report));
        }
        "ConfigAuditReport" | "RbacAssessmentReport" | "InfraAssessmentReport" => {
            report.scan.kinds.insert(Category::Configuration);
            let failed = found.checks.iter().filter(|check| !check.success);
            failed.for_each(|check| misconfigured(resource, check, report));
        }
        "ExposedSecretReport" => {
            report.scan.kinds.insert(Category::Secret);
            found.secrets.iter().for_each(|secret| exposed(resource, secret, report));
        }
        "ComplianceReport" => {
            report.scan.kinds.insert(Category::Configuration);
            compliance(resource, report);
        }
        // A bill of materials says nothing about problems.
        "SbomReport" => {}
        other => report.unread(&format!("a resource of the kind {}", plain::title(other))),
    }
}

/// The workload that a report is about.
fn workload(resource: &Resource) -> Option<String> {
    let labels = &resource.metadata.labels;
    let named = [&labels.namespace, &labels.kind, &labels.name, &labels.container];
    let named: Vec<&str> = named.into_iter().filter_map(Text::given).collect();
    let own: Vec<&str> =
        [&resource.metadata.namespace, &resource.metadata.name].into_iter().filter_map(Text::given).collect();
    let parts = if labels.name.given().is_some() { named } else { own };
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The image that a report is about, as it is pulled.
fn image(found: &Report) -> Option<String> {
    let repository = found.artifact.repository.given()?;
    let server = found.registry.server.given().map_or(String::new(), |server| format!("{server}/"));
    let tag = found.artifact.tag.given().map_or(String::new(), |tag| format!(":{tag}"));
    let digest = found.artifact.digest.given().map_or(String::new(), |digest| format!("@{digest}"));
    Some(format!("{server}{repository}{tag}{digest}"))
}

fn vulnerable(resource: &Resource, row: &Vulnerability, report: &mut Collector) {
    let Some(id) = row.id.given() else { return report.unread("a vulnerability without vulnerabilityID") };
    let fix = Fix::in_versions(row.fixed_version.split(',').map(str::trim));
    let mut component = packages::component(&row.purl).unwrap_or_else(|| {
        let (ecosystem, name, version) =
            (packages::ecosystem(&row.package_type), &*row.resource, &*row.installed_version);
        Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: packages::purl(ecosystem, name, version),
            ..Component::default()
        }
    });
    component.fix = fix;
    let category = match &*row.class {
        "lang-pkgs" => Category::Dependency,
        "os-pkgs" => Category::Container,
        _ if component.ecosystem.is_empty() => Category::Container,
        _ => packages::category(&component.ecosystem),
    };
    report.push(Observation {
        rule: id.to_owned(),
        category: Some(category),
        title: plain::first_title(&[&row.title, &format!("{id} in {}", row.resource)]),
        description: row.description.0.clone(),
        severity: match Severity::from_word(&row.severity) {
            Severity::Unknown => row.score.0.map_or(Severity::Unknown, Severity::from_score),
            severity => severity,
        },
        identifiers: Identifier::parse(id).into_iter().collect(),
        locations: place::in_file(&row.target, None, None)
            .filter(|_| category == Category::Dependency)
            .into_iter()
            .collect(),
        component: Some(component),
        artefact: image(&resource.report).or_else(|| workload(resource)),
        published: row.published_date.parse().ok(),
        ..Observation::default()
    });
}

fn misconfigured(resource: &Resource, check: &Check, report: &mut Collector) {
    let Some(id) = check.id.given() else { return report.unread("a check without checkID") };
    report.push(Observation {
        rule: id.to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&check.title, id]),
        description: plain::paragraphs(
            check.messages.iter().map(String::as_str).chain([&*check.description, &*check.remediation]),
        ),
        severity: Severity::from_word(&check.severity),
        artefact: workload(resource),
        ..Observation::default()
    });
}

fn exposed(resource: &Resource, secret: &Secret, report: &mut Collector) {
    let Some(rule) = secret.rule.given() else { return report.unread("a secret without ruleID") };
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Secret),
        title: plain::title(&format!("{} in {}", plain::first_title(&[&secret.title, rule]), secret.target)),
        severity: Severity::from_word(&secret.severity),
        locations: place::in_file(&secret.target, None, None).into_iter().collect(),
        artefact: image(&resource.report).or_else(|| workload(resource)),
        ..Observation::default()
    });
}

fn compliance(resource: &Resource, report: &mut Collector) {
    let status = &resource.status;
    let failed = status.summary_report.control_check.iter();
    let failed: Vec<&Control> =
        failed.filter(|control| control.total_fail.0.is_some_and(|total| total > 0.0)).collect();
    let checks = status.detail_report.results.iter();
    let checks = checks.flat_map(|control| control.checks.iter().map(move |check| (control, check)));
    let checks: Vec<(&Control, &Check)> = checks.filter(|(_, check)| !check.success).collect();
    failed.iter().for_each(|control| not_compliant(resource, control, report));
    checks.iter().for_each(|(control, check)| not_passed(resource, control, check, report));
    if failed.is_empty()
        && checks.is_empty()
        && let Some(count) = status.summary.fail_count.line()
    {
        let name = plain::title(&resource.metadata.name);
        let counted = figure::subject(count.into(), "control", ["has", "have"]);
        report.missing(format!(
            "the compliance report {name} lists no failed control, but by its count {counted} failed"
        ));
    }
}

/// A check that a control asks for. Several controls ask for the same one, which is one problem of its target still.
fn not_passed(resource: &Resource, control: &Control, check: &Check, report: &mut Collector) {
    let benchmark = &resource.metadata.name;
    let part_of = format!("{benchmark} {} {}", control.id, control.name);
    let Some(rule) = check.id.given().or_else(|| control.id.given()) else {
        return report.unread("a check without checkID in a control without id");
    };
    let messages = check.messages.join("\n");
    report.push_once(
        &[benchmark, rule, &check.target, &messages],
        Observation {
            rule: rule.to_owned(),
            category: Some(Category::Configuration),
            title: plain::first_title(&[&check.title, &control.name, rule]),
            description: plain::paragraphs([&messages, &*check.description, &*check.remediation, part_of.trim()]),
            severity: match Severity::from_word(&check.severity) {
                Severity::Unknown => Severity::from_word(&control.severity),
                severity => severity,
            },
            artefact: check.target.given().map(str::to_owned).or_else(|| workload(resource)),
            ..Observation::default()
        },
    );
}

fn not_compliant(resource: &Resource, control: &Control, report: &mut Collector) {
    let Some(id) = control.id.given() else { return report.unread("a control without id") };
    let total = control.total_fail.line().unwrap_or_default();
    report.push(Observation {
        rule: format!("{} {id}", resource.metadata.name).trim().to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&control.name, id]),
        description: format!("{total} checks did not pass."),
        severity: Severity::from_word(&control.severity),
        artefact: workload(resource),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const CLUSTER: &str = include_str!("../../../tests/fixtures/reports/trivy-operator/cluster.json");
    const COMPLIANCE: &str = include_str!("../../../tests/fixtures/reports/trivy-operator/compliance.json");

    #[test]
    fn each_kind_of_resource_is_read_wherever_it_stands() {
        let report = collect(&FORMAT, CLUSTER);
        let of = |category| report.observations.iter().filter(|o| o.category == Some(category)).count();
        assert_eq!((of(Category::Container), of(Category::Dependency)), (1, 1));
        assert_eq!((of(Category::Configuration), of(Category::Secret), report.unread), (2, 1, 0));
        let list: serde_json::Value = serde_json::from_str(CLUSTER).unwrap();
        let items = list["items"].clone();
        for (text, rows) in [
            (items.to_string(), 5),
            (items[0].to_string(), 2),
            (serde_json::json!({ "vulnerabilityreports.aquasecurity.github.io": [items[0]] }).to_string(), 2),
        ] {
            assert!(recognise(&Sniff::of(text.as_bytes())), "{text}");
            assert_eq!(collect(&FORMAT, &text).observations.len(), rows, "{text}");
        }
    }

    #[test]
    fn a_compliance_report_that_lists_all_checks_names_each_that_failed() {
        let report = collect(&FORMAT, COMPLIANCE);
        let found = report.observations.iter();
        let found: Vec<_> =
            found.map(|o| (o.rule.as_str(), o.severity, o.artefact.as_deref(), o.occurrences)).collect();
        let expected = [
            ("AVD-KSV-0012", Severity::Medium, Some("prod/deployment-shop-web"), 2),
            ("AVD-KSV-0014", Severity::High, Some("prod/deployment-shop-web"), 1),
        ];
        assert_eq!((found.as_slice(), report.problems.len(), report.unread), (expected.as_slice(), 0, 0));
    }

    #[test]
    fn a_compliance_report_that_counts_more_than_it_lists_is_missing_evidence() {
        let report = collect(&FORMAT, &COMPLIANCE.replace("detailReport", "laterReport"));
        let [problem] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
        assert!(problem.evidence_missing && problem.message.contains("2 controls have failed"), "{problem:?}");
    }

    #[test]
    fn a_report_of_an_unknown_kind_is_counted_as_not_understood() {
        let report = collect(&FORMAT, &CLUSTER.replace("ConfigAuditReport", "TomorrowReport"));
        assert_eq!((report.unread, report.observations.len()), (1, 4));
    }
}
