//! Statements of VEX applied to what scanners saw.
//!
//! A statement closes an observation only if it is about the same vulnerability and demonstrably about the same thing:
//! the package itself, or a part of what was scanned. A statement wrongly applied hides a problem; one that is not
//! applied only repeats it. Of several statements about one thing the latest counts, and of the latest the gravest.

use std::collections::BTreeMap;

use packageurl::PackageUrl;

use crate::model::component::Component;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Report, Suppression};
use crate::model::vex::{Product, Statement, Status};

/// Moves what a statement closes to what is not counted, with author and justification; what is under investigation
/// stays, and a remark says so.
pub fn heed(mut reports: Vec<Report>) -> Vec<Report> {
    let mut statements: Vec<Statement> = reports.iter().flat_map(|report| report.statements.iter().cloned()).collect();
    if statements.is_empty() {
        return reports;
    }
    // The order in which reports are given makes no difference.
    statements.sort_by(|a, b| (a.at, a.status, a.reason()).cmp(&(b.at, b.status, b.reason())));
    let mut by_name: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in &statements {
        for name in &statement.vulnerability {
            by_name.entry(name.as_str()).or_default().push(statement);
        }
    }
    for report in &mut reports {
        let scanned = report.scan.artefact.clone();
        let mut asked = 0_usize;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for mut observation in std::mem::take(&mut report.observations) {
            match latest(&observation, scanned.as_deref(), &by_name) {
                Some(statement) if statement.status.closes() => {
                    observation.suppression = Some(Suppression { kind: "vex".to_owned(), reason: statement.reason() });
                    closed.push(observation);
                }
                statement => {
                    asked += usize::from(statement.is_some_and(|s| s.status == Status::UnderInvestigation));
                    open.push(observation);
                }
            }
        }
        report.observations = open;
        report.suppressed.extend(closed);
        if asked > 0 && report.statements.is_empty() {
            let message = format!("{asked} of its findings are stated to be under investigation (VEX); they count");
            report.problems.push(crate::model::report::Problem { evidence_missing: false, message });
        }
    }
    reports
}

/// The statement that counts for an observation.
fn latest<'s>(
    observation: &Observation,
    scanned: Option<&str>,
    by_name: &BTreeMap<&str, Vec<&'s Statement>>,
) -> Option<&'s Statement> {
    let rule = Identifier::parse(&observation.rule);
    let names = observation.identifiers.iter().chain(&rule);
    let about = names.filter_map(|name| by_name.get(name.as_str())).flatten();
    let artefact = observation.artefact.as_deref().or(scanned);
    let fitting = about.filter(|statement| {
        statement.products.iter().any(|product| concerns(product, observation.component.as_ref(), artefact))
    });
    fitting.max_by(|a, b| (a.at, a.status, a.reason()).cmp(&(b.at, b.status, b.reason()))).copied()
}

/// Whether a product is what was seen.
fn concerns(product: &Product, component: Option<&Component>, artefact: Option<&str>) -> bool {
    let is_scanned = is_artefact(&product.name, artefact);
    if product.parts.is_empty() {
        return is_scanned == Some(true) || component.is_some_and(|component| is_package(&product.name, component));
    }
    // A part of another product is another thing; of a product that the report does not name, the part decides.
    is_scanned != Some(false)
        && component.is_some_and(|component| product.parts.iter().any(|part| is_package(part, component)))
}

/// Whether a product is the image that was scanned; `None` if that cannot be told.
fn is_artefact(name: &str, artefact: Option<&str>) -> Option<bool> {
    let Ok(purl) = name.parse::<PackageUrl<'_>>() else {
        return artefact.filter(|artefact| *artefact == name).map(|_| true);
    };
    if !matches!(purl.ty(), "oci" | "docker") {
        return None;
    }
    let artefact = artefact?;
    let (image, digest) = artefact.split_once('@').unwrap_or((artefact, ""));
    let last = image.rsplit('/').next().unwrap_or(image);
    let (short, tag) = last.split_once(':').unwrap_or((last, ""));
    match purl.version() {
        Some(version) if version.contains(':') && !digest.is_empty() => Some(digest == version),
        // A digest that the report does not give leaves it open.
        Some(version) if version.contains(':') => (short != purl.name()).then_some(false),
        Some(version) => Some(short == purl.name() && tag == version),
        None => Some(short == purl.name()),
    }
}

/// Whether a package URL names this component, in this version if it names one.
fn is_package(name: &str, component: &Component) -> bool {
    let Ok(purl) = name.parse::<PackageUrl<'_>>() else { return false };
    let own = component.purl.as_deref().and_then(|own| own.parse::<PackageUrl<'_>>().ok());
    let is_same_name = match &own {
        Some(own) => own.name() == purl.name() && (purl.namespace().is_none() || own.namespace() == purl.namespace()),
        None => {
            let full = match (purl.ty(), purl.namespace()) {
                ("deb" | "rpm" | "apk" | "alpm", _) | (_, None) => purl.name().to_owned(),
                ("maven", Some(group)) => format!("{group}:{}", purl.name()),
                (_, Some(namespace)) => format!("{namespace}/{}", purl.name()),
            };
            component.name == full
        }
    };
    let bare = |version: &str| version.trim_start_matches('v').to_owned();
    let is_same_version = purl.version().is_none_or(|version| bare(version) == bare(&component.version));
    purl.ty() == component.ecosystem && is_same_name && is_same_version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::sample::report;

    fn lodash() -> Observation {
        Observation {
            rule: "CVE-2021-23337".into(),
            category: Some(crate::model::category::Category::Dependency),
            identifiers: vec![Identifier::parse("CVE-2021-23337").unwrap()],
            component: Some(Component {
                ecosystem: "npm".into(),
                name: "lodash".into(),
                version: "4.17.20".into(),
                ..Component::default()
            }),
            ..Observation::default()
        }
    }

    fn statement(status: Status, product: &str, parts: &[&str], day: &str) -> Statement {
        Statement {
            vulnerability: vec![Identifier::parse("CVE-2021-23337").unwrap()],
            products: vec![Product {
                name: product.into(),
                parts: parts.iter().map(|part| (*part).to_owned()).collect(),
            }],
            status,
            justification: "vulnerable_code_not_present".into(),
            author: "A. Example".into(),
            at: format!("2026-11-{day}T00:00:00Z").parse().ok(),
        }
    }

    /// How many observations stay open under these statements, and the reason of those that do not.
    fn open_after(statements: Vec<Statement>, image: Option<&str>) -> (usize, Vec<String>) {
        let mut scan = report("trivy", vec![lodash()]);
        scan.scan.artefact = image.map(str::to_owned);
        let mut vex = report("openvex", Vec::new());
        vex.statements = statements;
        let heeded = heed(vec![vex, scan]);
        let reasons =
            heeded[1].suppressed.iter().filter_map(|o| Some(o.suppression.as_ref()?.reason.clone())).collect();
        (heeded[1].observations.len(), reasons)
    }

    #[test]
    fn a_statement_about_the_package_closes_with_author_and_justification() {
        let (open, reasons) =
            open_after(vec![statement(Status::NotAffected, "pkg:npm/lodash@4.17.20", &[], "01")], None);
        assert_eq!(open, 0);
        assert_eq!(reasons, ["not_affected: vulnerable_code_not_present (stated by A. Example, 2026-11-01)"]);
    }

    #[test]
    fn only_what_is_demonstrably_the_same_thing_is_closed() {
        let image = Some("registry.example/shop:3@sha256:1111");
        for (product, parts, image, open) in [
            ("pkg:npm/lodash", &[][..], None, 0),
            ("pkg:npm/lodash@4.17.21", &[], None, 1),
            ("pkg:npm/%40shop/lodash@4.17.20", &[], None, 1),
            ("pkg:pypi/lodash@4.17.20", &[], None, 1),
            ("pkg:oci/shop@sha256%3A1111", &[], image, 0),
            ("pkg:oci/shop@sha256%3A2222", &[], image, 1),
            ("pkg:oci/shop@sha256%3A1111", &[], None, 1),
            ("pkg:oci/shop@sha256%3A1111", &["pkg:npm/lodash@4.17.20"], image, 0),
            ("pkg:oci/shop@sha256%3A2222", &["pkg:npm/lodash@4.17.20"], image, 1),
            ("pkg:oci/shop@sha256%3A1111", &["pkg:npm/lodash@4.17.19"], image, 1),
            ("pkg:golang/shop.example/app@v1", &["pkg:npm/lodash@4.17.20"], None, 0),
            ("Shop 3.1", &[], image, 1),
        ] {
            let found = open_after(vec![statement(Status::NotAffected, product, parts, "01")], image).0;
            assert_eq!(found, open, "{product} {parts:?} {image:?}");
        }
    }

    #[test]
    fn the_latest_statement_counts_and_of_two_of_one_day_the_gravest() {
        let purl = "pkg:npm/lodash@4.17.20";
        let of = |status, day| statement(status, purl, &[], day);
        for (statements, open) in [
            (vec![of(Status::NotAffected, "01"), of(Status::Affected, "02")], 1),
            (vec![of(Status::Affected, "01"), of(Status::Fixed, "02")], 0),
            (vec![of(Status::Fixed, "02"), of(Status::Affected, "02")], 1),
            (vec![of(Status::UnderInvestigation, "03"), of(Status::NotAffected, "02")], 1),
        ] {
            let turned = statements.iter().rev().cloned().collect();
            assert_eq!(open_after(statements.clone(), None).0, open, "{statements:?}");
            assert_eq!(open_after(turned, None).0, open, "the order makes no difference");
        }
    }
}
