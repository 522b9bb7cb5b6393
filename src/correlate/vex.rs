//! Statements of VEX applied to what scanners saw.
//!
//! A statement closes an observation only if it is about the same vulnerability and demonstrably about the same thing:
//! the package itself, or a part of what was scanned. A statement wrongly applied hides a problem; one that is not
//! applied only repeats it. Of several statements about one thing the latest counts, and of the latest the gravest. What
//! names several vulnerabilities is closed only if each of them is.
//!
//! A statement that the change itself brings is its author's. It closes what was there before, and not what the change
//! introduces: nobody else has said so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use packageurl::PackageUrl;

use crate::model::component::Component;
use crate::model::finding::{Inventory, Suppressed};
use crate::model::identifier::Identifier;
use crate::model::origin::Origin;
use crate::model::report::{Observation, Report, Suppression};
use crate::model::vex::{Product, Statement, Status};

use super::advisory;

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
    let purls = purls(&all);
    for report in &mut reports {
        let scanned = report.scan.artefact.clone();
        let mut asked = 0_usize;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for mut observation in std::mem::take(&mut report.observations) {
            let said = latest(&observation, scanned.as_deref(), &by_name, &purls);
            if closes(&said) {
                let others = latest(&observation, scanned.as_deref(), &by_others, &purls);
                let (kind, said) =
                    if closes(&others) { (Suppression::VEX, others) } else { (Suppression::VEX_OF_CHANGE, said) };
                let reasons: BTreeSet<String> = said.into_iter().flatten().map(Statement::reason).collect();
                let reason = reasons.into_iter().collect::<Vec<_>>().join("; ");
                observation.suppression = Some(Suppression { kind: kind.to_owned(), reason });
                closed.push(observation);
            } else {
                asked += usize::from(said.iter().flatten().any(|it| it.status == Status::UnderInvestigation));
                open.push(observation);
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

/// What products and their parts are called → the package URL that this is, where it is one. Many statements are compared with
/// many observations, so each is read once.
type Purls<'s> = HashMap<&'s str, PackageUrl<'s>>;

fn purls(statements: &[Statement]) -> Purls<'_> {
    let products = statements.iter().flat_map(|statement| &statement.products);
    let names = products.flat_map(|product| product.parts.iter().chain([&product.name]));
    names.filter_map(|name| Some((name.as_str(), name.parse().ok()?))).collect()
}

/// What was seen, and where.
struct Seen<'o> {
    component: Option<&'o Component>,
    /// The package URL of the component.
    purl: Option<PackageUrl<'o>>,
    /// The image or other thing that was scanned.
    artefact: Option<&'o str>,
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

/// Whether each of what an observation is about is closed.
fn closes(said: &[Option<&Statement>]) -> bool {
    said.iter().all(|said| said.is_some_and(|statement| statement.status.closes()))
}

/// The statement that counts for an observation, for each of the CVEs that it is about; one in all if it names none. A
/// statement that names no CVE is about whatever goes by its name.
fn latest<'s>(
    observation: &Observation,
    scanned: Option<&str>,
    by_name: &BTreeMap<&str, Vec<&'s Statement>>,
    purls: &Purls<'_>,
) -> Vec<Option<&'s Statement>> {
    let cves = advisory::cves(observation);
    let rule = Identifier::parse(&observation.rule);
    let names = observation.identifiers.iter().chain(&rule).chain(&cves);
    let names: BTreeSet<&str> = names.map(Identifier::as_str).collect();
    let about = names.into_iter().filter_map(|name| by_name.get(name)).flatten().copied();
    let component = observation.component.as_ref();
    let purl = component.and_then(|component| component.purl.as_deref()).and_then(|purl| purl.parse().ok());
    let seen = Seen { component, purl, artefact: observation.artefact.as_deref().or(scanned) };
    let fits = |product: &Product| concerns(product, &seen, purls);
    let fitting: Vec<&Statement> = about.filter(|statement| statement.products.iter().any(fits)).collect();
    let of = |cve: Option<&Identifier>| {
        let names_it = |statement: &&&Statement| {
            let mut stated = statement.vulnerability.iter().map(advisory::plain).filter(Identifier::is_cve).peekable();
            stated.peek().is_none() || cve.is_none_or(|cve| stated.any(|name| name == *cve))
        };
        let fitting = fitting.iter().filter(names_it);
        fitting.max_by_key(|statement| (statement.at, statement.status, statement.reason())).copied()
    };
    if cves.is_empty() { vec![of(None)] } else { cves.iter().map(|cve| of(Some(cve))).collect() }
}

/// Whether a product is what was seen.
fn concerns(product: &Product, seen: &Seen<'_>, purls: &Purls<'_>) -> bool {
    let is_scanned = is_artefact(product, purls.get(product.name.as_str()), seen.artefact);
    let is_package = |name: &str| purls.get(name).is_some_and(|purl| is_package(purl, seen));
    if product.parts.is_empty() {
        let in_version = |component: &Component| {
            product.versions.is_empty() || product.versions.iter().any(|version| is_version(version, component))
        };
        return is_scanned == Some(true) || is_package(&product.name) && seen.component.is_some_and(in_version);
    }
    // A part of another product is another thing; of a product that the report does not name, the part decides.
    is_scanned != Some(false) && product.parts.iter().any(|part| is_package(part))
}

/// Whether a product is the image that was scanned; `None` if that cannot be told.
fn is_artefact(product: &Product, purl: Option<&PackageUrl<'_>>, artefact: Option<&str>) -> Option<bool> {
    let Some(purl) = purl else {
        return artefact.filter(|artefact| *artefact == product.name && product.versions.is_empty()).map(|_| true);
    };
    if !matches!(purl.ty(), "oci" | "docker") {
        return None;
    }
    let artefact = artefact?;
    let (image, digest) = artefact.split_once('@').unwrap_or((artefact, ""));
    let folder = image.rfind('/').map_or(0, |at| at + 1);
    let tag_at = image[folder..].find(':').map(|at| folder + at);
    let (repository, tag) = tag_at.map_or((image, ""), |at| (&image[..at], &image[at + 1..]));
    let versions: Vec<&str> = match purl.version() {
        Some(version) => vec![version],
        None if product.versions.is_empty() => purl.qualifiers().get("tag").map(|tag| &**tag).into_iter().collect(),
        None => product.versions.iter().map(String::as_str).collect(),
    };
    let digests = || versions.iter().filter(|version| version.contains(':'));
    // The same content is the same thing wherever it is kept.
    if !digest.is_empty() && digests().next().is_some() {
        return Some(digests().any(|version| *version == digest));
    }
    if !is_in_repository(purl, repository) {
        return Some(false);
    }
    match versions.as_slice() {
        [] => Some(true),
        // A digest that the report does not give leaves it open.
        _ if digests().next().is_some() => None,
        tags => Some(tags.contains(&tag)),
    }
}

/// Whether an image that is kept at `repository` can be the one that the package URL means.
fn is_in_repository(purl: &PackageUrl<'_>, repository: &str) -> bool {
    let name = purl.namespace().map_or_else(|| purl.name().to_owned(), |space| format!("{space}/{}", purl.name()));
    let ends_so =
        |text: &str| text.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    let Some(url) = purl.qualifiers().get("repository_url").map(|url| &**url) else { return ends_so(repository) };
    let url = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    // Both are in use: the place of the image, and the registry or folder in which it is.
    let repository = full_repository(repository);
    repository == full_repository(url) || repository == full_repository(&format!("{url}/{name}"))
}

/// The place of an image with what Docker lets one leave out: `nginx` is `docker.io/library/nginx`.
fn full_repository(repository: &str) -> String {
    let (first, rest) = repository.split_once('/').unwrap_or(("", repository));
    let path = match first {
        "" | "docker.io" | "index.docker.io" | "registry-1.docker.io" => rest,
        _ if first.contains(['.', ':']) || first == "localhost" => return repository.to_owned(),
        _ => repository,
    };
    let folder = if path.contains('/') { "" } else { "library/" };
    format!("docker.io/{folder}{path}")
}

/// Whether a package URL names the component that was seen, in this version if it names one.
fn is_package(purl: &PackageUrl<'_>, seen: &Seen<'_>) -> bool {
    let Some(component) = seen.component else { return false };
    let is_same_name = if let Some(own) = &seen.purl {
        own.name() == purl.name() && (purl.namespace().is_none() || own.namespace() == purl.namespace())
    } else {
        let full = match (purl.ty(), purl.namespace()) {
            ("deb" | "rpm" | "apk" | "alpm", _) | (_, None) => purl.name().to_owned(),
            ("maven", Some(group)) => format!("{group}:{}", purl.name()),
            (_, Some(namespace)) => format!("{namespace}/{}", purl.name()),
        };
        component.name == full
    };
    let is_same_version = purl.version().is_none_or(|version| is_version(version, component));
    purl.ty() == component.ecosystem && is_same_name && is_same_version
}

/// Whether it is in this version.
fn is_version(version: &str, component: &Component) -> bool {
    version.trim_start_matches('v') == component.version.trim_start_matches('v')
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
                ..Product::default()
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
            ("pkg:oci/shop@sha256%3A1111?repository_url=mirror.example/shop", &[], image, 0),
            ("pkg:oci/shop@3?repository_url=registry.example", &[], image, 0),
            ("pkg:oci/shop@3?repository_url=registry.example/shop", &[], image, 0),
            ("pkg:oci/shop@3?repository_url=https://registry.example/other/shop", &[], image, 1),
            ("pkg:oci/shop?repository_url=registry.example/shop&tag=3", &[], image, 0),
            ("pkg:oci/shop?repository_url=registry.example/shop&tag=4", &[], image, 1),
            ("pkg:oci/shop@3?repository_url=registry.example/shop", &["pkg:npm/lodash@4.17.20"], Some("shop:3"), 1),
            ("pkg:oci/nginx?repository_url=docker.io", &[], Some("nginx:1"), 0),
            ("pkg:docker/team/shop@3", &[], Some("registry.example/other/shop:3"), 1),
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
    fn a_version_beside_the_name_of_a_product_has_to_be_that_which_was_seen() {
        for (name, versions, open) in [
            ("pkg:npm/lodash", &["4.17.20"][..], 0),
            ("pkg:npm/lodash", &["4.17.21", "v4.17.20"], 0),
            ("pkg:npm/lodash", &["4.17.21"], 1),
            ("pkg:npm/lodash@4.17.20", &["4.17.21"], 1),
        ] {
            let mut stated = statement(Status::NotAffected, name, &[], "01");
            stated.products[0].versions = versions.iter().map(|version| (*version).to_owned()).collect();
            assert_eq!(open_after(vec![stated], None).0, open, "{name} {versions:?}");
        }
    }

    #[test]
    fn a_result_that_names_several_vulnerabilities_is_closed_when_each_of_them_is() {
        let names = |names: &[&str]| names.iter().filter_map(|name| Identifier::parse(name)).collect::<Vec<_>>();
        let about = |of: &[&str], status| Statement {
            vulnerability: names(of),
            ..statement(status, "pkg:npm/lodash@4.17.20", &[], "01")
        };
        let (no, yes) = (Status::NotAffected, Status::Affected);
        for (rule, seen, statements, open) in [
            ("ELSA-1", &["CVE-2024-1111", "CVE-2024-2222"][..], vec![about(&["CVE-2024-1111"], no)], 1),
            (
                "ELSA-1",
                &["CVE-2024-1111", "CVE-2024-2222"],
                vec![about(&["CVE-2024-1111"], no), about(&["CVE-2024-2222"], no)],
                0,
            ),
            (
                "ELSA-1",
                &["CVE-2024-1111", "CVE-2024-2222"],
                vec![about(&["ELSA-1"], no), about(&["CVE-2024-2222"], yes)],
                1,
            ),
            ("ELSA-1", &["CVE-2024-1111", "CVE-2024-2222"], vec![about(&["ELSA-1"], no)], 0),
            ("GHSA-aaaa-bbbb-cccc", &["CVE-2024-1111"], vec![about(&["CVE-2024-1111"], no)], 0),
            ("GHSA-aaaa-bbbb-cccc", &["CVE-2024-1111"], vec![about(&["GHSA-aaaa-bbbb-cccc"], no)], 0),
            // The rule says which of them is meant.
            ("CVE-2024-1111", &["CVE-2024-2222"], vec![about(&["CVE-2024-2222"], no)], 1),
            ("DEBIAN-CVE-2024-1111", &[], vec![about(&["CVE-2024-1111"], no)], 0),
        ] {
            let seen = Observation { rule: rule.to_owned(), identifiers: names(seen), ..lodash() };
            let mut vex = report("openvex", Vec::new());
            vex.statements = statements;
            let heeded = heed(vec![vex, report("grype", vec![seen.clone()])]);
            assert_eq!(heeded[1].observations.len(), open, "{rule} {:?} {:?}", seen.identifiers, heeded[0].statements);
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
