//! Polaris: settings of Kubernetes workloads. Checks stand at three depths: the resource, its pod, and each container.
//!
//! Polaris also looks at reliability and efficiency; what it finds of those is no matter of security and is left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "polaris",
    title: "Polaris JSON",
    kinds: &[Category::Configuration],
    versions: "1 and later (`polaris audit --format json`)",
    specification: "https://polaris.docs.fairwinds.com/infrastructure-as-code/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("PolarisOutputVersion") && sniff.has("Results")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Resource {
    name: Text,
    namespace: Text,
    kind: Text,
    #[serde(deserialize_with = "or_default")]
    results: BTreeMap<String, Check>,
    #[serde(deserialize_with = "or_default")]
    pod_result: Pod,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Pod {
    #[serde(deserialize_with = "or_default")]
    results: BTreeMap<String, Check>,
    #[serde(deserialize_with = "or_default")]
    container_results: Vec<Container>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Container {
    name: Text,
    #[serde(deserialize_with = "or_default")]
    results: BTreeMap<String, Check>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Check {
    #[serde(rename = "ID")]
    id: Text,
    #[serde(rename = "Message")]
    message: Text,
    #[serde(rename = "Success")]
    success: Option<bool>,
    #[serde(rename = "Severity")]
    severity: Text,
    #[serde(rename = "Category")]
    category: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "polaris".into();
    report.scan.kinds.insert(Category::Configuration);
    document.json(&[Pattern::Value("Results[]"), Pattern::Value("AuditTime")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == 1 {
            report.scan.at = json::read::<Text>(text)?.parse().ok();
            return Ok(());
        }
        match json::read::<Resource>(text) {
            Ok(resource) => of_resource(&resource, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn of_resource(resource: &Resource, report: &mut Collector) {
    let parts = [&resource.namespace, &resource.kind, &resource.name].into_iter().filter_map(Text::given);
    let name = parts.collect::<Vec<_>>().join("/");
    let pod = &resource.pod_result;
    for check in resource.results.iter().chain(&pod.results) {
        observe(check, &name, report);
    }
    for container in &pod.container_results {
        let name = format!("{name}/{}", container.name);
        container.results.iter().for_each(|check| observe(check, &name, report));
    }
}

fn observe((key, check): (&String, &Check), artefact: &str, report: &mut Collector) {
    let Some(success) = check.success else { return report.unread("a check without Success") };
    if success || !check.category.eq_ignore_ascii_case("Security") || &*check.severity == "ignore" {
        return;
    }
    let rule = check.id.given().unwrap_or(key);
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&check.message, rule]),
        severity: match &*check.severity {
            "danger" | "error" => Severity::High,
            "warning" => Severity::Medium,
            word => Severity::from_word(word),
        },
        artefact: Some(artefact.to_owned()),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn failed_checks_of_security_are_findings_at_each_depth() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/polaris/shop.json"));
        let found: Vec<_> =
            report.observations.iter().map(|o| (o.rule.as_str(), o.artefact.as_deref().unwrap(), o.severity)).collect();
        assert_eq!(
            found,
            [
                ("automountServiceAccountToken", "web/Deployment/shop", Severity::Medium),
                ("runAsRootAllowed", "web/Deployment/shop/app", Severity::High),
            ]
        );
        assert_eq!((report.unread, report.problems.len()), (0, 0));
    }
}
