//! Statements of VEX applied to what scanners saw.
//!
//! A statement closes an observation only if it is about the same vulnerability and demonstrably about the same thing:
//! the package itself, or a part of what was scanned. A statement wrongly applied hides a problem; one that is not
//! applied only repeats it. Of several statements about one thing the latest counts, and of the latest the gravest.
//!
//! A statement that the change itself brings is its author's. It closes what was there before, and not what the change
//! introduces: nobody else has said so.

use std::collections::{BTreeMap, BTreeSet};

use packageurl::PackageUrl;

use crate::model::component::Component;
use crate::model::finding::{Inventory, Suppressed};
use crate::model::identifier::Identifier;
use crate::model::origin::Origin;
use crate::model::report::{Observation, Report, Suppression};
use crate::model::vex::{Product, Statement, Status};

/// How many findings a sentence names.
const MOST_NAMED: usize = 3;

/// Moves what a statement closes to what is not counted, with author and justification; what is under investigation
/// stays, and a remark says so.
pub fn heed(reports: Vec<Report>) -> Vec<Report> {
    heed_apart(reports, &BTreeSet::new())
}

/// The same; what is closed only by reports that the change brings (`brought`, by path) is marked
/// [`Suppression::VEX_OF_CHANGE`], for [`reopen`].
pub fn heed_apart(mut reports: Vec<Report>, brought: &BTreeSet<String>) -> Vec<Report> {
    let of_change = |report: &&Report| brought.contains(&report.path);
    let all: Vec<Statement> = reports.iter().flat_map(|report| report.statements.iter().cloned()).collect();
    let others = reports.iter().filter(|report| !of_change(report));
    let others: Vec<Statement> = others.flat_map(|report| report.statements.iter().cloned()).collect();
    if all.is_empty() {
        return reports;
    }
    let (by_name, by_others) = (named(&all), named(&others));
    for report in &mut reports {
        let scanned = report.scan.artefact.clone();
        let mut asked = 0_usize;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for mut observation in std::mem::take(&mut report.observations) {
            match latest(&observation, scanned.as_deref(), &by_name) {
                Some(statement) if statement.status.closes() => {
                    let other = latest(&observation, scanned.as_deref(), &by_others);
                    let (kind, statement) = match other.filter(|other| other.status.closes()) {
                        Some(other) => (Suppression::VEX, other),
                        None => (Suppression::VEX_OF_CHANGE, statement),
                    };
                    observation.suppression = Some(Suppression { kind: kind.to_owned(), reason: statement.reason() });
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

/// Statements by the vulnerabilities that they name. The order in which reports are given makes no difference.
fn named(statements: &[Statement]) -> BTreeMap<&str, Vec<&Statement>> {
    let mut sorted: Vec<&Statement> = statements.iter().collect();
    sorted.sort_by_key(|statement| (statement.at, statement.status, statement.reason()));
    let mut by_name: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in sorted {
        for name in &statement.vulnerability {
            by_name.entry(name.as_str()).or_default().push(statement);
        }
    }
    by_name
}

/// Opens what only statements closed that come with the change, to be judged like any other finding. Gives back why each
/// was closed, for [`close_again`].
pub fn reopen(inventory: &mut Inventory) -> BTreeMap<String, String> {
    let all = std::mem::take(&mut inventory.suppressed);
    let (of_change, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|suppressed| suppressed.kind == Suppression::VEX_OF_CHANGE);
    inventory.suppressed = others;
    let reasons = of_change.iter().map(|it| (it.finding.id.clone(), it.reason.clone())).collect();
    inventory.findings.extend(of_change.into_iter().map(|suppressed| suppressed.finding));
    inventory.findings.sort_by(|a, b| a.id.cmp(&b.id));
    reasons
}

/// Closes again what was there before the change, for the `reasons` of [`reopen`], and says what stays open, and why.
pub fn close_again(inventory: &mut Inventory, reasons: &BTreeMap<String, String>) -> Option<String> {
    let all = std::mem::take(&mut inventory.findings);
    let closes = |origin: Origin| !origin.counts_as_introduced();
    let mut stay = Vec::new();
    for finding in all {
        match reasons.get(&finding.id) {
            Some(reason) if closes(finding.origin) => inventory.suppressed.push(Suppressed {
                finding,
                kind: Suppression::VEX.to_owned(),
                reason: reason.clone(),
            }),
            reason => {
                stay.extend(reason.map(|reason| format!("{} ({reason})", finding.title)));
                inventory.findings.push(finding);
            }
        }
    }
    inventory.suppressed.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
    let more = stay.len().saturating_sub(MOST_NAMED);
    let (count, them) = if stay.len() == 1 { ("It counts", "it") } else { ("They count", "them") };
    stay.truncate(MOST_NAMED);
    stay.extend((more > 0).then(|| format!("{more} more")));
    (!stay.is_empty()).then(|| {
        format!(
            "This change brings a VEX statement about what it introduces itself: {}. {count} until the statement comes \
             from elsewhere, or somebody accepts {them}.",
            stay.join("; ")
        )
    })
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
    fitting.max_by_key(|statement| (statement.at, statement.status, statement.reason())).copied()
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
    let is_same_name = if let Some(own) = &own {
        own.name() == purl.name() && (purl.namespace().is_none() || own.namespace() == purl.namespace())
    } else {
        let full = match (purl.ty(), purl.namespace()) {
            ("deb" | "rpm" | "apk" | "alpm", _) | (_, None) => purl.name().to_owned(),
            ("maven", Some(group)) => format!("{group}:{}", purl.name()),
            (_, Some(namespace)) => format!("{namespace}/{}", purl.name()),
        };
        component.name == full
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

    #[test]
    fn a_statement_of_the_change_closes_only_what_was_there_before() {
        use super::super::correlate;
        use crate::model::change::Change;
        let report = |path: &str| {
            let mut vex = report("openvex", Vec::new());
            vex.path = path.to_owned();
            vex.statements = vec![statement(Status::NotAffected, "pkg:npm/lodash@4.17.20", &[], "01")];
            vex
        };
        let scan = super::super::sample::report("trivy", vec![lodash()]);
        let brought = BTreeSet::from(["own.json".to_owned()]);
        let judged = |reports: Vec<Report>, origin: Origin| {
            let mut inventory = correlate(&heed_apart(reports, &brought), None, &Change::default());
            let reasons = reopen(&mut inventory);
            inventory.findings.iter_mut().for_each(|finding| finding.origin = origin);
            let said = close_again(&mut inventory, &reasons);
            (inventory.findings.len(), inventory.suppressed.iter().filter(|it| it.is_stated()).count(), said)
        };
        let (open, closed, said) = judged(vec![report("own.json"), scan.clone()], Origin::Unknown);
        assert_eq!((open, closed), (1, 0));
        let said = said.unwrap();
        assert!(said.contains("not_affected: vulnerable_code_not_present (stated by A. Example"), "{said}");
        assert_eq!(judged(vec![report("own.json"), scan.clone()], Origin::Ambient), (0, 1, None));
        assert_eq!(judged(vec![report("own.json"), report("other.json"), scan], Origin::Unknown), (0, 1, None));
    }
}
