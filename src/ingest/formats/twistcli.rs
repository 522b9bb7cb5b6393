//! Prisma Cloud Compute (`twistcli images scan --output-file`): the vulnerabilities and settings of images.
//!
//! Each image carries totals beside its lists; lists that are shorter than their total are missing evidence.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{self, Number, Text, or_default};
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
    id: "twistcli",
    title: "Prisma Cloud twistcli JSON",
    kinds: &[Category::Container, Category::Dependency, Category::Configuration],
    versions: "twistcli 19 and later",
    specification: "https://docs.prismacloud.io/en/enterprise-edition/content-collections/runtime-security/tools/twistcli-scan-images",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("results[].vulnerabilityDistribution") || sniff.has("results[].complianceDistribution")
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Image {
    id: Text,
    name: Text,
    distro: Text,
    #[serde(deserialize_with = "or_default")]
    packages: Vec<Package>,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(deserialize_with = "or_default")]
    compliances: Vec<Setting>,
    #[serde(deserialize_with = "or_default")]
    vulnerability_distribution: Totals,
    #[serde(deserialize_with = "or_default")]
    compliance_distribution: Totals,
    scan_time: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    #[serde(rename = "type")]
    kind: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    id: Text,
    status: Text,
    cvss: Number,
    vector: Text,
    description: Text,
    severity: Text,
    package_name: Text,
    package_version: Text,
    package_type: Text,
    published_date: Text,
    fix_date: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Setting {
    id: Text,
    title: Text,
    severity: Text,
    description: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Totals {
    total: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "twistcli".into();
    document.rows::<Image>(&["results[]"], report, &mut |_, image, report| observe(&image, report))
}

fn observe(image: &Image, report: &mut Collector) {
    report.scan.kinds.extend([Category::Container, Category::Configuration]);
    report.scan.at = report.scan.at.max(image.scan_time.parse().ok());
    let name = image.name.given().or(image.id.given()).unwrap_or("the image");
    for (what, listed, totals) in [
        ("vulnerabilities", image.vulnerabilities.len(), &image.vulnerability_distribution),
        ("settings", image.compliances.len(), &image.compliance_distribution),
    ] {
        if let Some(total) = totals.total.line().filter(|total| *total as usize > listed) {
            report.missing(format!("{name} has {total} {what} by its totals, but {listed} are listed"));
        }
    }
    let kinds: BTreeMap<&str, &str> =
        image.packages.iter().map(|package| (&*package.name.0, &*package.kind.0)).collect();
    let distro = packages::ecosystem(image.distro.split(' ').next().unwrap_or_default());
    for row in &image.vulnerabilities {
        let Some(id) = row.id.given() else {
            report.unread("a vulnerability without id");
            continue;
        };
        let kind = row.package_type.given().or_else(|| kinds.get(&*row.package_name.0).copied()).unwrap_or_default();
        report.push(vulnerability(id, row, if kind == "os" { distro } else { packages::ecosystem(kind) }, name));
    }
    for row in &image.compliances {
        report.push(Observation {
            rule: row.id.0.clone(),
            category: Some(Category::Configuration),
            title: plain::first_title(&[&row.title, &row.description]),
            description: row.description.0.clone(),
            severity: Severity::from_word(&row.severity),
            artefact: Some(name.to_owned()),
            ..Observation::default()
        });
    }
}

fn vulnerability(id: &str, row: &Vulnerability, ecosystem: &str, image: &str) -> Observation {
    let (name, version) = (row.package_name.0.clone(), row.package_version.0.clone());
    let fix = match row.status.strip_prefix("fixed in ") {
        Some(versions) => Fix::in_versions(versions.split(',')),
        None if matches!(&*row.status, "will not fix" | "deferred" | "end of life") => Fix::NotAvailable,
        None => Fix::Unknown,
    };
    let score = row.cvss.0.filter(|score| *score > 0.0);
    Observation {
        rule: id.to_owned(),
        // Without a word on the package's type, it is a package in an image.
        category: Some(if ecosystem.is_empty() { Category::Container } else { packages::category(ecosystem) }),
        title: plain::title(&format!("{id} in {name}")),
        description: row.description.0.clone(),
        severity: Severity::from_word(&row.severity),
        cvss: (score.is_some() || row.vector.given().is_some())
            .then(|| Cvss { vector: row.vector.0.clone(), score, source: "prisma".into() })
            .into_iter()
            .collect(),
        identifiers: Identifier::parse(id).into_iter().collect(),
        published: row.published_date.parse().ok(),
        fixed_since: lenient::moment(&row.fix_date),
        component: Some(Component {
            purl: packages::purl(ecosystem, &name, &version),
            ecosystem: ecosystem.to_owned(),
            name,
            version,
            direct: None,
            fix,
        }),
        artefact: Some(image.to_owned()),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/twistcli/shop.json");

    #[test]
    fn vulnerabilities_and_settings_of_an_image_are_read() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let [python, system, setting] = report.observations.as_slice() else { panic!("three rows") };
        assert_eq!((python.category, python.severity), (Some(Category::Dependency), Severity::Critical));
        assert_eq!(python.component.as_ref().unwrap().purl.as_deref(), Some("pkg:pypi/pycrypto@2.6.1"));
        assert_eq!(system.component.as_ref().unwrap().ecosystem, "deb");
        assert_eq!(system.component.as_ref().unwrap().fix.versions(), ["1.21.23", "1.22"]);
        assert_eq!(setting.category, Some(Category::Configuration));
    }

    #[test]
    fn a_total_without_its_rows_is_missing_evidence() {
        let report = collect(&FORMAT, &SHOP.replace("\"total\":2", "\"total\":5"));
        assert_eq!(report.problems[0].message, "shop:1.0 has 5 vulnerabilities by its totals, but 2 are listed");
        assert!(report.problems[0].evidence_missing);
    }
}
