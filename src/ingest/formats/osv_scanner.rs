//! OSV-Scanner, `--format json`.
//!
//! Each package lists the OSV records that match it, and `groups` tells which of them are the same vulnerability under
//! several names (GHSA, PYSEC …). One observation is one record, with all names of its group, so that they become one
//! finding. The severity is the group's `max_severity` (a CVSS score as text), else the record's own vector or word.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Kind, Pattern};
use super::super::lenient::{Text, or_default};
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use super::super::{packages, plain, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

pub const FORMAT: Format = Format {
    id: "osv-scanner",
    title: "OSV-Scanner JSON",
    kinds: &[Category::Dependency, Category::Container, Category::Malware, Category::Licence, Category::Configuration],
    versions: "OSV-Scanner 1.0 to 2.x (--format json)",
    specification: "https://google.github.io/osv-scanner/output/",
    recognise,
    read,
};

#[derive(Deserialize)]
struct Source {
    #[serde(default, deserialize_with = "or_default")]
    path: String,
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Entry {
    package: Package,
    #[serde(default, deserialize_with = "or_default")]
    vulnerabilities: Vec<Record>,
    #[serde(default, deserialize_with = "or_default")]
    groups: Vec<Group>,
    #[serde(default, deserialize_with = "or_default")]
    license_violations: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    version: String,
    #[serde(default, deserialize_with = "or_default")]
    ecosystem: String,
    #[serde(default, deserialize_with = "or_default")]
    commit: String,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default, deserialize_with = "or_default")]
    ids: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    max_severity: String,
    /// As version 2 calls it.
    #[serde(default, rename = "experimental_analysis", deserialize_with = "or_default")]
    analysis: BTreeMap<String, Analysis>,
    /// As version 1 calls it.
    #[serde(default, rename = "experimentalAnalysis", deserialize_with = "or_default")]
    earlier_analysis: BTreeMap<String, Analysis>,
}

impl Group {
    fn analysis_of(&self, id: &str) -> Option<&Analysis> {
        self.analysis.get(id).or_else(|| self.earlier_analysis.get(id))
    }
}

#[derive(Deserialize)]
struct Analysis {
    called: Option<bool>,
    /// Whether the distribution says that it does not matter; OSV-Scanner itself does not count it then.
    #[serde(default, deserialize_with = "or_default")]
    unimportant: bool,
}

/// What a detector found that is about no package: the settings of the system that was scanned.
#[derive(Deserialize)]
struct Generic {
    #[serde(rename = "Adv")]
    advisory: GenericAdvisory,
    #[serde(default, rename = "Target", deserialize_with = "or_default")]
    target: GenericTarget,
}

#[derive(Deserialize)]
struct GenericAdvisory {
    #[serde(rename = "ID")]
    id: GenericId,
    #[serde(default, rename = "Title")]
    title: Text,
    #[serde(default, rename = "Description")]
    description: Text,
    #[serde(default, rename = "Recommendation")]
    recommendation: Text,
    #[serde(default, rename = "Sev")]
    severity: Text,
}

#[derive(Deserialize)]
struct GenericId {
    #[serde(rename = "Reference")]
    reference: String,
}

#[derive(Deserialize, Default)]
struct GenericTarget {
    #[serde(default, rename = "Extra")]
    extra: Text,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    summary: String,
    #[serde(default, deserialize_with = "or_default")]
    details: String,
    published: Option<Timestamp>,
    #[serde(default, deserialize_with = "or_default")]
    severity: Vec<Rating>,
    #[serde(default, deserialize_with = "or_default")]
    affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Option<Database>,
}

#[derive(Deserialize)]
struct Rating {
    score: String,
}

#[derive(Deserialize, Default)]
struct Database {
    #[serde(default)]
    severity: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "or_default")]
    cwe_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default, deserialize_with = "or_default")]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "or_default")]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    fixed: Option<String>,
    last_affected: Option<String>,
}

fn recognise(sniff: &Sniff) -> bool {
    sniff.shape == Shape::JsonObject
        && sniff.has("results")
        && (sniff.has("results[].packages[].package") && !is_input(sniff) || sniff.has("experimental_config"))
}

/// Whether it lists packages for OSV-Scanner to look up: in the form of a result, but of no source, which OSV-Scanner states
/// of each result.
pub fn is_input(sniff: &Sniff) -> bool {
    let stated = ["source", "packages[].vulnerabilities", "packages[].groups", "packages[].license_violations"];
    sniff.has("results[].packages[].package") && !stated.iter().any(|part| sniff.has(&format!("results[].{part}")))
}

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    const SOURCE: usize = 0;
    const GENERIC: usize = 2;
    let patterns = [
        Pattern::Value("results[].source"),
        Pattern::Value("results[].packages[]"),
        Pattern::Value("experimental_generic_findings[]"),
    ];
    out.scan.kinds.insert(Category::Dependency);
    let mut place = None;
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == SOURCE {
            place = json::read::<Source>(text).ok().filter(|source| !source.path.is_empty());
            return Ok(());
        }
        if event.pattern == GENERIC {
            match json::read::<Generic>(text) {
                Err(error) => out.unread(&error.to_string()),
                Ok(found) => out.push(generic(&found)),
            }
            return Ok(());
        }
        match json::read::<Entry>(text) {
            Err(error) => out.unread(&error.to_string()),
            Ok(entry) => {
                for record in &entry.vulnerabilities {
                    out.push(vulnerability(&entry, record, place.as_ref()));
                }
                for licence in &entry.license_violations {
                    out.push(licence_finding(&entry, licence, place.as_ref()));
                }
            }
        }
        Ok(())
    })
}

fn vulnerability(entry: &Entry, record: &Record, place: Option<&Source>) -> Observation {
    let package = &entry.package;
    let ecosystem = packages::ecosystem(&package.ecosystem);
    let group = entry.groups.iter().find(|group| group.ids.contains(&record.id));
    let cvss: Vec<Cvss> = record.severity.iter().filter_map(|rating| rating::vector(&rating.score, "osv")).collect();
    let names = std::iter::once(&record.id)
        .chain(&record.aliases)
        .chain(group.into_iter().flat_map(|group| group.ids.iter().chain(&group.aliases)));
    let mut identifiers: Vec<Identifier> = Vec::new();
    for identifier in names.filter_map(|name| Identifier::parse(name)) {
        Identifier::add_to(&mut identifiers, identifier);
    }
    let analysis = group.and_then(|group| group.analysis_of(&record.id));
    let database = record.database_specific.as_ref();
    // Identifiers of malicious packages, after the OSV schema's list of prefixes.
    let category = if record.id.starts_with("MAL-") { Category::Malware } else { packages::category(ecosystem) };
    Observation {
        rule: record.id.clone(),
        category: Some(category),
        title: if record.summary.is_empty() {
            format!("{} in {} {}", record.id, package.name, package.version)
        } else {
            record.summary.clone()
        },
        description: record.details.clone(),
        severity: severity(group, &cvss, database),
        cvss,
        identifiers,
        cwe: packages::cwe_numbers(database.into_iter().flat_map(|database| &database.cwe_ids)),
        component: component(package).map(|component| Component { fix: fix(record, package), ..component }),
        locations: locations(place),
        artefact: artefact(place),
        reachable: analysis.and_then(|analysis| analysis.called),
        suppression: analysis.is_some_and(|analysis| analysis.unimportant).then(|| Suppression {
            kind: "unimportant".into(),
            reason: "the distribution says that it does not matter, and OSV-Scanner does not count it".into(),
        }),
        published: record.published,
        ..Observation::default()
    }
}

fn generic(found: &Generic) -> Observation {
    let Generic { advisory, target } = found;
    Observation {
        rule: advisory.id.reference.clone(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[&advisory.title, &advisory.id.reference]),
        description: plain::paragraphs([&*advisory.description, &*advisory.recommendation, &*target.extra]),
        severity: sev(&advisory.severity),
        ..Observation::default()
    }
}

/// The severity by its number in OSV-SCALIBR, or by its name there.
fn sev(text: &str) -> Severity {
    match text {
        "1" => Severity::Info,
        "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" => Severity::Critical,
        word => Severity::from_word(word),
    }
}

fn severity(group: Option<&Group>, cvss: &[Cvss], database: Option<&Database>) -> Severity {
    let stated = group.and_then(|group| group.max_severity.parse().ok()).map(Severity::from_score);
    let word = || database.and_then(|database| database.severity.as_ref()?.as_str()).map(Severity::from_word);
    [stated.unwrap_or_default(), rating::severity(cvss), word().unwrap_or_default()]
        .into_iter()
        .find(|severity| *severity != Severity::Unknown)
        .unwrap_or_default()
}

fn fix(record: &Record, package: &Package) -> Fix {
    let same = |affected: &&Affected| {
        affected.package.as_ref().is_some_and(|other| {
            other.name == package.name
                && packages::ecosystem(&other.ecosystem) == packages::ecosystem(&package.ecosystem)
        })
    };
    // A range of GIT commits has commits for versions: nothing to upgrade to.
    let events: Vec<&Event> = record
        .affected
        .iter()
        .filter(same)
        .flat_map(|affected| &affected.ranges)
        .filter(|range| range.kind != "GIT")
        .flat_map(|range| &range.events)
        .collect();
    match Fix::in_versions(events.iter().filter_map(|event| event.fixed.clone())) {
        // What comes after the last affected version is not said to be good.
        Fix::Unknown if !events.is_empty() && events.iter().all(|event| event.last_affected.is_none()) => {
            Fix::NotAvailable
        }
        fix => fix,
    }
}

fn licence_finding(entry: &Entry, licence: &str, place: Option<&Source>) -> Observation {
    Observation {
        rule: licence.to_owned(),
        category: Some(Category::Licence),
        title: format!(
            "{} {} has licence {licence}, which is not on the allow list",
            entry.package.name, entry.package.version
        ),
        component: component(&entry.package),
        locations: locations(place),
        artefact: artefact(place),
        ..Observation::default()
    }
}

/// The package; `None` for a submodule or vendored source, which OSV-Scanner knows by its commit alone.
fn component(package: &Package) -> Option<Component> {
    if package.name.is_empty() {
        return None;
    }
    let ecosystem = packages::ecosystem(&package.ecosystem);
    let version = if package.version.is_empty() { &package.commit } else { &package.version };
    Some(Component {
        ecosystem: ecosystem.to_owned(),
        name: package.name.clone(),
        version: version.clone(),
        purl: packages::purl(ecosystem, &package.name, version),
        direct: None,
        fix: Fix::Unknown,
    })
}

fn is_image(source: &Source) -> bool {
    matches!(source.kind.as_str(), "docker" | "image" | "os")
}

fn locations(place: Option<&Source>) -> Vec<Location> {
    let file = place.filter(|source| !is_image(source));
    file.map(|source| Location { path: source.path.clone(), ..Location::default() }).into_iter().collect()
}

fn artefact(place: Option<&Source>) -> Option<String> {
    place.filter(|source| is_image(source)).map(|source| source.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn packages_to_be_looked_up_are_no_result() {
        let packages = r#"[{"package": {"name": "example.org/cart", "version": "1.0.0", "ecosystem": "Go"}}]"#;
        let of = |text: &str| recognise(&Sniff::of(text.as_bytes()));
        assert!(!of(&format!(r#"{{"results": [{{"packages": {packages}}}]}}"#)));
        assert!(of(&format!(r#"{{"results": [{{"source": {{"path": "", "type": ""}}, "packages": {packages}}}]}}"#)));
    }

    #[test]
    fn what_version_2_analysed_and_found_beside_packages_is_read() {
        let report = collect(
            &FORMAT,
            r#"{"results": [{"source": {"path": "go.mod", "type": "lockfile"}, "packages": [
                {"package": {"name": "example.org/cart", "version": "1.0.0", "ecosystem": "Go"},
                "vulnerabilities": [{"id": "GO-2026-0001"}], "groups": [{"ids": ["GO-2026-0001"],
                "experimental_analysis": {"GO-2026-0001": {"called": false, "unimportant": false}}}]},
                {"package": {"name": "coreutils", "version": "9.7-3", "ecosystem": "Debian:13"},
                "vulnerabilities": [{"id": "DEBIAN-CVE-2016-2781"}], "groups": [{"ids": ["DEBIAN-CVE-2016-2781"],
                "experimental_analysis": {"DEBIAN-CVE-2016-2781": {"called": true, "unimportant": true}}}]}]}],
                "experimental_generic_findings": [{"Adv": {"ID": {"Publisher": "SCALIBR", "Reference": "etc-shadow"},
                "Title": "Ensure all users have strong passwords", "Description": "d", "Recommendation": "r", "Sev": 5},
                "Target": {"Extra": "/etc/shadow: root"}, "Plugins": ["weakcredentials/etcshadow"]}, {"Adv": {}}]}"#,
        );
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 1));
        assert_eq!(report.observations[0].reachable, Some(false));
        let generic = &report.observations[1];
        assert_eq!((generic.rule.as_str(), generic.severity), ("etc-shadow", Severity::Critical));
        assert_eq!(generic.category, Some(Category::Configuration));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().kind, "unimportant");
    }

    #[test]
    fn a_list_that_is_null_is_empty_and_costs_no_package() {
        let report = collect(
            &FORMAT,
            r#"{"results": [{"source": {"path": "go.mod", "type": "lockfile"}, "packages": [{
                "package": {"name": "example.org/cart", "version": "1.0.0", "ecosystem": "Go"},
                "vulnerabilities": [{"id": "GO-2026-0001", "aliases": null, "severity": null, "affected": [
                    {"package": {"name": "example.org/cart", "ecosystem": "Go"}, "ranges": null}]}],
                "groups": [{"ids": ["GO-2026-0001"], "aliases": null}], "license_violations": null}]}]}"#,
        );
        assert_eq!((report.observations.len(), report.unread), (1, 0));
        assert_eq!(report.observations[0].identifiers[0].as_str(), "GO-2026-0001");
    }
}
