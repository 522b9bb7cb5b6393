//! A vulnerability and a component that it affects → one observation.

use jiff::Timestamp;

use super::components::{self, Components};
use super::ratings;
use super::wire::{self, Affected, Analysis, Vulnerability};
use crate::ingest::{advice, packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::vex::{Product, Statement, Status};

/// One observation; without a component if the vulnerability names none.
pub fn observation(vulnerability: &Vulnerability, affected: Option<&Affected>, components: &Components) -> Observation {
    let id = vulnerability.id.as_deref().unwrap_or_default();
    let known = affected.and_then(|affected| components.find(affected.reference.as_deref()?));
    let rated = ratings::read(vulnerability);
    let described = [&vulnerability.description, &vulnerability.detail].into_iter().filter_map(Option::as_deref);
    let described = described.map(str::trim).find(|text| !text.is_empty()).unwrap_or_default();
    let mut observation = Observation {
        rule: plain::title(id),
        title: plain::title(if described.is_empty() { id } else { described }),
        description: described.to_owned(),
        severity: rated.severity,
        cvss: rated.cvss,
        epss: rated.epss,
        identifiers: identifiers(vulnerability),
        cwe: packages::cwe_numbers(vulnerability.cwes.iter()),
        published: vulnerability.published.as_deref().and_then(|at| at.parse::<Timestamp>().ok()),
        suppression: vulnerability.analysis.as_ref().and_then(suppression),
        ..Observation::default()
    };
    let component = affected.map(|affected| component(vulnerability, affected, known));
    observation.category = Some(component.as_ref().map_or(Category::Dependency, |c| packages::category(&c.ecosystem)));
    observation.component = component;
    observation.locations = known.and_then(|known| known.location.clone()).into_iter().collect();
    observation.artefact.clone_from(&components.image);
    if let Some(setting) = known.and_then(|known| components::setting(known, id)) {
        observation.category = Some(setting.category);
        observation.component = None;
        observation.artefact = Some(setting.resource);
        observation.locations = setting.location.into_iter().collect();
    }
    observation
}

fn component(vulnerability: &Vulnerability, affected: &Affected, known: Option<&components::Known>) -> Component {
    let reference = affected.reference.as_deref().unwrap_or_default();
    let mut component = match known {
        Some(known) => known.component.clone(),
        None => packages::component(reference).unwrap_or_else(|| Component {
            // A BOM-Link (`urn:cdx:serial/version#ref`) points into another document.
            name: plain::title(reference.rsplit(['#', '/']).next().unwrap_or(reference)),
            ..Component::default()
        }),
    };
    let versions = |status: &'static str| {
        let fits = move |v: &&wire::AffectedVersion| v.status.as_deref().unwrap_or("affected") == status;
        affected.versions.iter().filter(fits).filter_map(|v| v.version.clone())
    };
    if component.ecosystem.is_empty() {
        distribution(vulnerability).clone_into(&mut component.ecosystem);
    }
    if component.version.is_empty() {
        component.version = versions("affected").next().unwrap_or_default();
    }
    component.fix = match Fix::in_versions(versions("unaffected")) {
        Fix::Unknown => advice::fix(vulnerability.recommendation.as_deref().unwrap_or_default(), &component.name),
        fix => fix,
    };
    component
}

/// Type of the packages of the distribution whose advisory it is: `vulnerabilities:debian:10`, `ubuntu-distro-22.04`.
fn distribution(vulnerability: &Vulnerability) -> &'static str {
    let source = vulnerability.source.name.as_deref().unwrap_or_default();
    let mut words = source.split(|c: char| !c.is_ascii_alphanumeric()).map(packages::ecosystem);
    words.find(|found| packages::category(found) == Category::Container).unwrap_or_default()
}

/// The id and every alias that is the name of an advisory.
fn identifiers(vulnerability: &Vulnerability) -> Vec<Identifier> {
    let own = vulnerability.id.as_deref();
    let aliases = vulnerability.references.iter().filter_map(|reference| reference.id.as_deref());
    let mut found: Vec<Identifier> = Vec::new();
    for text in own.into_iter().chain(aliases) {
        let named = Identifier::find_in(text);
        let scheme = |text: &&str| text.contains('-') && text.contains(|c: char| c.is_ascii_digit());
        let other = Some(text).filter(|_| named.is_empty()).filter(scheme).and_then(Identifier::parse);
        for identifier in named.into_iter().chain(other) {
            Identifier::add_to(&mut found, identifier);
        }
    }
    found
}

/// What the document states about a vulnerability in these products, if it states anything (CycloneDX VEX).
pub fn statement(vulnerability: &Vulnerability, components: &Components, author: &str) -> Option<Statement> {
    let analysis = vulnerability.analysis.as_ref()?;
    let status = match analysis.state.as_deref()? {
        "not_affected" | "false_positive" => Status::NotAffected,
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "in_triage" => Status::UnderInvestigation,
        "exploitable" => Status::Affected,
        _ => return None,
    };
    let why = [analysis.justification.as_deref(), analysis.detail.as_deref()];
    let why: Vec<&str> = why.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()).collect();
    Some(Statement {
        vulnerability: identifiers(vulnerability),
        products: vulnerability.affects.iter().filter_map(|affected| product(affected, status, components)).collect(),
        status,
        justification: why.join("; "),
        author: author.to_owned(),
        at: None,
    })
}

/// What a statement is about. Which versions lie in a range nobody here can tell: a product that does no harm in a range
/// alone is left out, since nothing may be closed by it.
fn product(affected: &Affected, status: Status, components: &Components) -> Option<Product> {
    let reference = affected.reference.as_deref()?;
    let known = components.find(reference).map(|known| &known.component);
    // A BOM-Link to a component whose reference is its package URL carries that after `#`.
    let linked = || reference.rsplit('#').next().unwrap_or(reference).to_owned();
    let name = known.and_then(|component| component.purl.clone()).unwrap_or_else(linked);
    let concerned = |stated: Option<&str>| match stated {
        None => true,
        Some("affected") => !status.closes(),
        Some("unaffected") => status.closes(),
        Some(_) => false,
    };
    let stated = affected.versions.iter().filter(|version| concerned(version.status.as_deref()));
    let mut versions: Vec<String> = stated.filter_map(|stated| stated.version.clone()).collect();
    if !affected.versions.is_empty() && versions.is_empty() && status.closes() {
        return None;
    }
    if affected.versions.is_empty() {
        versions.extend(known.map(|component| component.version.clone()).filter(|version| !version.is_empty()));
    }
    Some(Product { name, versions, parts: Vec::new() })
}

/// Why a vulnerability does not count here, after the VEX statement.
fn suppression(analysis: &Analysis) -> Option<Suppression> {
    let state = analysis.state.as_deref()?;
    if !matches!(state, "not_affected" | "false_positive" | "resolved" | "resolved_with_pedigree") {
        return None;
    }
    let justification =
        analysis.justification.as_deref().map(|why| format!(" ({})", plain::title(why))).unwrap_or_default();
    let detail = analysis.detail.as_deref().map(str::trim).filter(|detail| !detail.is_empty());
    let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
    Some(Suppression { kind: "vex".to_owned(), reason: format!("{state}{justification}{detail}") })
}
