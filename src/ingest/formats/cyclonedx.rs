//! `CycloneDX`: a bill of materials that can carry vulnerabilities (VDR) or statements about them (VEX).
//!
//! A vulnerability refers to components by their `bom-ref`, and either list may come first, so the components are kept
//! as little more than names until the document ends. Each pair of a vulnerability and an affected component is one
//! observation. A document without a list of vulnerabilities is an inventory, not the result of a scan.

mod components;
mod ratings;
mod wire;
mod xml;

use jiff::Timestamp;

use self::components::Components;
use self::wire::{Affected, Analysis, Metadata, Vulnerability};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{advice, packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};

/// The row of the table of formats.
pub const FORMAT: Format = Format {
    id: "cyclonedx",
    title: "CycloneDX",
    kinds: &[Category::Dependency, Category::Container, Category::Configuration, Category::Secret],
    versions: "JSON 1.4 to 1.7, XML 1.2 to 1.7 (before 1.4 by the vulnerability extension)",
    specification: "https://cyclonedx.org/specification/overview/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let schema = sniff.text("$schema").is_some_and(|schema| schema.contains("cyclonedx.org"));
    sniff.text("bomFormat") == Some("CycloneDX") || schema || sniff.is_xml("bom")
}

/// A document while it is read.
#[derive(Debug, Default)]
struct Bom {
    /// Whether there is a list of vulnerabilities, even an empty one.
    listed: bool,
    vulnerabilities: Vec<Vulnerability>,
    components: Components,
    metadata: Metadata,
}

fn read(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    let mut bom = Bom::default();
    let outcome = match document.sniff().shape {
        Shape::Xml => xml::read(document, &mut bom),
        _ => read_json(document, &mut bom, collector),
    };
    bom.finish(collector);
    outcome
}

fn read_json(document: &mut Document<'_>, bom: &mut Bom, collector: &mut Collector) -> Result<(), ReadError> {
    let patterns = [
        Pattern::Scope("vulnerabilities"),
        Pattern::Value("vulnerabilities[]"),
        Pattern::Value("components[]"),
        Pattern::Value("metadata"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(value) = event.kind else {
            bom.listed = true;
            return Ok(());
        };
        let read = match event.pattern {
            1 => json::read(value).map(|vulnerability| bom.vulnerabilities.push(vulnerability)),
            2 => json::read(value).map(|component| bom.components.add(component)),
            _ => json::read(value).map(|read| bom.metadata = read),
        };
        read.unwrap_or_else(|error| collector.unread(&error.to_string()));
        Ok(())
    })
}

impl Bom {
    /// Ends the document: every pair of a vulnerability and an affected component becomes an observation.
    fn finish(mut self, collector: &mut Collector) {
        describe(&self.metadata, collector);
        if let Some(component) = self.metadata.component.take() {
            self.components.add_subject(component);
        }
        if !self.listed {
            collector.missing(
                "this is a bill of materials without a list of vulnerabilities: it does not show that anything looked \
                 for vulnerabilities; hand in the scanner's report",
            );
        } else if self.vulnerabilities.is_empty() {
            nothing_found(&self.components, collector);
        }
        for vulnerability in &self.vulnerabilities {
            if vulnerability.affects.is_empty() {
                collector.push(observation(vulnerability, None, &self.components));
            }
            for affected in &vulnerability.affects {
                collector.push(observation(vulnerability, Some(affected), &self.components));
            }
        }
    }
}

fn describe(metadata: &Metadata, collector: &mut Collector) {
    let (name, version) = metadata.tool().unwrap_or(("cyclonedx", ""));
    collector.scan.tool = name.to_lowercase();
    version.clone_into(&mut collector.scan.tool_version);
    collector.scan.at = metadata.timestamp.as_deref().and_then(|at| at.parse().ok());
    collector.scan.artefact = metadata.component.as_ref().filter(|c| c.is_image()).map(components::image);
}

/// An empty list of vulnerabilities is a clean scan, unless the tool writes the list whether or not it looked.
fn nothing_found(components: &Components, collector: &mut Collector) {
    if collector.scan.tool == "trivy" {
        collector.remark(
            "Trivy writes an empty list of vulnerabilities also when it was not told to look for any (--scanners vuln), \
             so this bill of materials is evidence for no test; hand in Trivy's own JSON",
        );
        return;
    }
    collector.scan.kinds.insert(Category::Dependency);
    if components.of_image {
        collector.scan.kinds.insert(Category::Container);
    }
}

fn observation(vulnerability: &Vulnerability, affected: Option<&Affected>, components: &Components) -> Observation {
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
            if !found.contains(&identifier) {
                found.push(identifier);
            }
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn the_order_of_the_lists_does_not_matter() {
        let components =
            r#""components":[{"bom-ref":"a","name":"x","components":[{"bom-ref":"b","purl":"pkg:npm/y@1"}]}]"#;
        let vulnerabilities = r#""vulnerabilities":[{"id":"CVE-2026-0001","affects":[{"ref":"b"}]}]"#;
        for (first, second) in [(components, vulnerabilities), (vulnerabilities, components)] {
            let report = collect(&FORMAT, &format!(r#"{{"bomFormat":"CycloneDX",{first},{second}}}"#));
            assert_eq!(report.observations[0].component.as_ref().unwrap().to_string(), "y 1");
        }
    }

    #[test]
    fn an_inventory_and_a_null_list_are_no_clean_scan() {
        for list in ["", r#","vulnerabilities":null"#] {
            let report = collect(&FORMAT, &format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6"{list}}}"#));
            assert!(report.problems[0].evidence_missing && report.scan.kinds.is_empty(), "{list}");
        }
    }
}
