//! Vuls: the vulnerabilities of one host or container.
//!
//! `vuls scan` writes the same document before anything was compared: packages and no vulnerability, which must not look
//! clean. Packages stand behind the vulnerabilities that name them, so these are held until all is read. As Vuls does, the
//! highest of what the sources assess counts.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "vuls",
    title: "Vuls JSON",
    kinds: &[Category::Container, Category::Dependency],
    versions: "document version 4 (`vuls report -format-json`)",
    specification: "https://vuls.io/docs/en/usage-report.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    ["jsonVersion", "serverUUID", "serverName", "family", "scannedVersion"].iter().all(|name| sniff.has(name))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "cveID")]
    id: Text,
    #[serde(deserialize_with = "or_default")]
    affected_packages: Vec<Affected>,
    /// Plugins and themes of WordPress.
    #[serde(deserialize_with = "or_default")]
    wp_package_fix_stats: Vec<Affected>,
    #[serde(deserialize_with = "or_default")]
    library_fixed_ins: Vec<Affected>,
    #[serde(deserialize_with = "or_default")]
    distro_advisories: Vec<Advisory>,
    #[serde(deserialize_with = "or_default")]
    cve_contents: BTreeMap<String, Contents>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Affected {
    /// Of a library, the kind of file that names it.
    key: Text,
    name: Text,
    version: Text,
    path: Text,
    fixed_in: Text,
    not_fixed_yet: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    severity: Text,
}

/// What one source says; earlier versions know one entry of each.
#[derive(Deserialize)]
#[serde(untagged)]
enum Contents {
    Several(Vec<Content>),
    One(Content),
    Nothing,
}

impl Contents {
    fn entries(&self) -> &[Content] {
        match self {
            Self::Several(entries) => entries,
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Nothing => &[],
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    title: Text,
    summary: Text,
    #[serde(rename = "cvss40Score")]
    score_4: Number,
    #[serde(rename = "cvss40Vector")]
    vector_4: Text,
    #[serde(rename = "cvss40Severity")]
    word_4: Text,
    #[serde(rename = "cvss3Score")]
    score_3: Number,
    #[serde(rename = "cvss3Vector")]
    vector_3: Text,
    #[serde(rename = "cvss3Severity")]
    word_3: Text,
    #[serde(rename = "cvss2Score")]
    score_2: Number,
    #[serde(rename = "cvss2Vector")]
    vector_2: Text,
    #[serde(rename = "cvss2Severity")]
    word_2: Text,
    #[serde(rename = "cweIDs")]
    cwe: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    version: Text,
    release: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Container {
    name: Text,
    image: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let patterns = [
        Pattern::Value("scannedCves.*"),
        Pattern::Value("packages.*"),
        Pattern::Value("family"),
        Pattern::Value("serverName"),
        Pattern::Value("container"),
        Pattern::Value("scannedVersion"),
        Pattern::Value("scannedAt"),
        Pattern::Value("reportedAt"),
        Pattern::Value("errors[]"),
        Pattern::Value("libraries[]"),
    ];
    report.scan.tool = "vuls".into();
    report.scan.kinds.insert(Category::Container);
    let (mut vulnerabilities, mut versions) = (Vec::new(), BTreeMap::new());
    let (mut family, mut compared) = (Text::default(), false);
    let outcome = document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        let said = || json::read::<Text>(text).unwrap_or_default();
        match event.pattern {
            0 => match json::read::<Vulnerability>(text) {
                Ok(vulnerability) => vulnerabilities.push(vulnerability),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => {
                let package = json::read::<Package>(text).unwrap_or_default();
                let version = [&*package.version, &*package.release].join("-");
                versions.insert(package.name.0, version.trim_end_matches('-').to_owned());
            }
            2 => family = said(),
            3 if report.scan.artefact.is_none() => report.scan.artefact = said().given().map(str::to_owned),
            4 => {
                let container = json::read::<Container>(text).unwrap_or_default();
                let artefact = container.image.given().or(container.name.given()).map(str::to_owned);
                report.scan.artefact = artefact.or(report.scan.artefact.take());
            }
            5 => report.scan.tool_version = said().0,
            6 => report.scan.at = said().parse().ok(),
            // The year 1 stands for no moment.
            7 => compared = said().given().is_some_and(|at| !at.starts_with("0001-")),
            8 => report.missing(format!("Vuls reports an error: {}", plain::title(&said()))),
            9 => drop(report.scan.kinds.insert(Category::Dependency)),
            _ => {}
        }
        Ok(())
    });
    if !compared {
        report.missing("it lists packages that were not compared with any source yet: give what `vuls report` writes");
    }
    for vulnerability in &vulnerabilities {
        observe(vulnerability, &family, &versions, report);
    }
    outcome
}

fn observe(vulnerability: &Vulnerability, family: &str, versions: &BTreeMap<String, String>, report: &mut Collector) {
    let Some(id) = vulnerability.id.given() else { return report.unread("a vulnerability without cveID") };
    let system = vulnerability.affected_packages.iter().map(|package| {
        let version = versions.get(&package.name.0).cloned().unwrap_or_default();
        (package, packages::ecosystem(family), version, Category::Container)
    });
    let plugins = vulnerability.wp_package_fix_stats.iter();
    let plugins = plugins.map(|plugin| (plugin, "", plugin.version.0.clone(), Category::Dependency));
    let libraries = vulnerability
        .library_fixed_ins
        .iter()
        .map(|library| (library, packages::ecosystem(&library.key), library.version.0.clone(), Category::Dependency));
    let mut named = false;
    for (affected, ecosystem, version, category) in system.chain(plugins).chain(libraries) {
        named = true;
        let name = affected.name.0.clone();
        let fix = match (affected.fixed_in.given(), affected.not_fixed_yet) {
            (Some(version), _) => Fix::in_versions([version]),
            (None, true) => Fix::NotAvailable,
            (None, false) => Fix::Unknown,
        };
        let component = Component {
            purl: packages::purl(ecosystem, &name, &version),
            ecosystem: ecosystem.to_owned(),
            name,
            version,
            fix,
            ..Component::default()
        };
        report.push(Observation {
            title: plain::title(&format!("{id} in {component}")),
            category: Some(category),
            locations: place::in_file(&affected.path, None, None).into_iter().collect(),
            component: Some(component),
            ..assessed(vulnerability, id)
        });
    }
    // One that was found by the name of a product, or by an update that a host lacks, names no package.
    if !named {
        report.push(Observation {
            title: plain::title(id),
            category: Some(Category::Container),
            ..assessed(vulnerability, id)
        });
    }
}

/// What is said of a vulnerability, whatever it is in.
fn assessed(vulnerability: &Vulnerability, id: &str) -> Observation {
    let sources = &vulnerability.cve_contents;
    let entries = || sources.iter().flat_map(|(source, entries)| entries.entries().iter().map(move |e| (source, e)));
    let advisories = vulnerability.distro_advisories.iter().map(|advisory| Severity::from_word(&advisory.severity));
    let severity = entries().map(|(_, entry)| severity(entry)).max().unwrap_or_default();
    let told = entries().map(|(_, entry)| entry).find(|entry| entry.summary.given().is_some());
    let cvss = entries().flat_map(|(source, entry)| {
        let all =
            [(&entry.vector_4, entry.score_4), (&entry.vector_3, entry.score_3), (&entry.vector_2, entry.score_2)];
        all.into_iter().filter(|(vector, _)| vector.given().is_some()).map(move |(vector, score)| Cvss {
            vector: vector.0.clone(),
            score: score.0.filter(|score| *score > 0.0),
            source: source.clone(),
        })
    });
    let mut cwe = packages::cwe_numbers(entries().flat_map(|(_, entry)| entry.cwe.iter()));
    cwe.sort_unstable();
    cwe.dedup();
    Observation {
        rule: id.to_owned(),
        description: told.map(|entry| plain::paragraphs([&*entry.title, &*entry.summary])).unwrap_or_default(),
        severity: if severity == Severity::Unknown { advisories.max().unwrap_or_default() } else { severity },
        cvss: cvss.collect(),
        identifiers: Identifier::parse(id).into_iter().collect(),
        cwe,
        ..Observation::default()
    }
}

/// By the latest CVSS that has a score, else by a word.
fn severity(entry: &Content) -> Severity {
    let scores = [entry.score_4, entry.score_3, entry.score_2];
    let score = scores.iter().find_map(|score| score.0.filter(|score| *score > 0.0));
    let words = [&entry.word_4, &entry.word_3, &entry.word_2];
    let word = words.into_iter().map(|word| Severity::from_word(word)).find(|severity| *severity != Severity::Unknown);
    score.map(Severity::from_score).or(word).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/vuls/host.json");

    #[test]
    fn every_package_of_a_vulnerability_has_its_version_and_the_highest_assessment() {
        let report = collect(&FORMAT, HOST);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (4, 0, 0));
        let curl = report.observations.iter().find(|found| found.title.contains("libcurl")).unwrap();
        let component = curl.component.as_ref().unwrap();
        assert_eq!(
            (component.version.as_str(), component.fix.versions()),
            ("7.76.1-26.el9", &["7.76.1-27.el9".to_owned()][..])
        );
        assert_eq!((curl.severity, curl.cwe.as_slice(), curl.cvss.len()), (Severity::Critical, &[787][..], 2));
        let library = report.observations.iter().find(|found| found.category == Some(Category::Dependency)).unwrap();
        assert_eq!(library.component.as_ref().unwrap().purl.as_deref(), Some("pkg:gem/rack@2.2.2"));
    }

    #[test]
    fn packages_that_were_not_compared_are_no_evidence() {
        let scanned = HOST.replace("2026-11-02T08:10:00Z", "0001-01-01T00:00:00Z");
        let report = collect(&FORMAT, &scanned);
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("vuls report"));
    }
}
