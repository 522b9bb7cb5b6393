//! Grype, `-o json`.
//!
//! `matches` are open; `ignoredMatches` are what a rule, a VEX document or the distribution's statement ruled out. The
//! name of the image comes after both, so observations are completed at the end. Vulnerabilities of the operating
//! system have their distribution's namespace and the CVEs under `relatedVulnerabilities`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Kind, Pattern};
use super::super::lenient::{self, Text, or_default};
use super::super::packages;
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

pub const FORMAT: Format = Format {
    id: "grype",
    title: "Grype JSON",
    kinds: &[Category::Container, Category::Dependency],
    versions: "Grype 0.20 and later (-o json)",
    specification: "https://github.com/anchore/grype",
    recognise,
    read,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    vulnerability: Vulnerability,
    #[serde(default, deserialize_with = "or_default")]
    related_vulnerabilities: Vec<Related>,
    artifact: Artifact,
    #[serde(default, deserialize_with = "or_default")]
    applied_ignore_rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    id: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    namespace: String,
    #[serde(default, deserialize_with = "or_default")]
    cvss: Vec<Rating>,
    #[serde(default, deserialize_with = "or_default")]
    epss: Vec<Epss>,
    #[serde(default, deserialize_with = "or_default")]
    known_exploited: Vec<Exploited>,
    #[serde(default, deserialize_with = "or_default")]
    cwes: Vec<Weakness>,
    #[serde(default)]
    fix: FixState,
}

#[derive(Deserialize)]
struct Related {
    id: String,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "or_default")]
    cvss: Vec<Rating>,
    #[serde(default, deserialize_with = "or_default")]
    epss: Vec<Epss>,
    #[serde(default, deserialize_with = "or_default", rename = "knownExploited")]
    known_exploited: Vec<Exploited>,
    #[serde(default, deserialize_with = "or_default")]
    cwes: Vec<Weakness>,
}

#[derive(Deserialize)]
struct Rating {
    #[serde(default)]
    source: String,
    #[serde(default)]
    vector: String,
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    base_score: Option<f64>,
}

#[derive(Deserialize)]
struct Epss {
    epss: f64,
}

#[derive(Deserialize)]
struct Exploited {}

#[derive(Deserialize)]
struct Weakness {
    cwe: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FixState {
    #[serde(deserialize_with = "or_default")]
    versions: Vec<String>,
    state: String,
    #[serde(deserialize_with = "or_default")]
    available: Vec<Released>,
}

/// A fixed version with the day on which it came out or was first seen; older versions of Grype do not have it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Released {
    date: Text,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    purl: String,
    #[serde(default, deserialize_with = "or_default")]
    locations: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rule {
    #[serde(default)]
    vulnerability: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    vex_status: String,
    #[serde(default)]
    vex_justification: String,
}

fn recognise(sniff: &Sniff) -> bool {
    // Xeol, which tells of software past its end of life, is made of the same parts.
    let is_another = sniff.text("descriptor.name").is_some_and(|name| name != "grype") || sniff.has("matches[].Cycle");
    sniff.shape == Shape::JsonObject
        && !is_another
        && sniff.has("matches")
        && (sniff.has("matches[].vulnerability")
            || sniff.text("descriptor.name") == Some("grype")
            || (sniff.has("source") && sniff.has("distro")))
}

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    const IGNORED: usize = 1;
    const SOURCE: usize = 2;
    const VERSION: usize = 3;
    const TIMESTAMP: usize = 4;
    const DISTRO: usize = 5;
    let patterns = [
        Pattern::Value("matches[]"),
        Pattern::Value("ignoredMatches[]"),
        Pattern::Value("source"),
        Pattern::Value("descriptor.version"),
        Pattern::Value("descriptor.timestamp"),
        Pattern::Value("distro.name"),
    ];
    out.scan.kinds.insert(Category::Dependency);
    let mut image = None;
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            SOURCE => {
                let source = json::read::<Value>(text)?;
                (out.scan.artefact, image) = artefact(&source);
            }
            VERSION => out.scan.tool_version = json::read(text).unwrap_or_default(),
            TIMESTAMP => out.scan.at = json::read::<Timestamp>(text).ok(),
            // A distribution was recognised, so its packages were compared.
            DISTRO => out.scan.kinds.extend((text.len() > 2 && text != "null").then_some(Category::Container)),
            pattern => match json::read::<Match>(text) {
                Err(error) => out.unread(&error.to_string()),
                Ok(matched) => {
                    let mut observation = observation(&matched);
                    if pattern == IGNORED {
                        observation.suppression = Some(suppression(&matched.applied_ignore_rules));
                    }
                    out.push(observation);
                }
            },
        }
        Ok(())
    })?;
    if let Some(image) = image {
        out.amend(|observation| observation.artefact = Some(image.clone()));
    }
    Ok(())
}

fn observation(matched: &Match) -> Observation {
    let Match { vulnerability, related_vulnerabilities: related, artifact, .. } = matched;
    let component = component(artifact, &vulnerability.fix);
    let names = std::iter::once(&vulnerability.id).chain(related.iter().map(|related| &related.id));
    let mut identifiers: Vec<Identifier> = Vec::new();
    for identifier in names.filter_map(|name| Identifier::parse(name)) {
        Identifier::add_to(&mut identifiers, identifier);
    }
    let ratings = vulnerability.cvss.iter().chain(related.iter().flat_map(|related| &related.cvss));
    let epss = vulnerability.epss.iter().chain(related.iter().flat_map(|related| &related.epss));
    let exploited = vulnerability.known_exploited.iter().chain(related.iter().flat_map(|r| &r.known_exploited));
    let cwes = vulnerability.cwes.iter().chain(related.iter().flat_map(|related| &related.cwes));
    let description = std::iter::once(&vulnerability.description).chain(related.iter().map(|r| &r.description));
    let kind = if matches!(artifact.kind.as_str(), "linux-kernel" | "linux-kernel-module" | "msrc-kb") {
        Category::Container
    } else {
        packages::category(&component.ecosystem)
    };
    Observation {
        rule: vulnerability.id.clone(),
        category: Some(kind),
        title: format!("{} in {component}", vulnerability.id),
        description: description.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_default(),
        severity: Severity::from_word(&vulnerability.severity),
        cvss: ratings.map(|rating| assessment(rating, &vulnerability.namespace)).collect(),
        identifiers,
        cwe: packages::cwe_numbers(cwes.map(|weakness| &weakness.cwe)),
        // Of an operating-system package the place is the package database, which tells nothing.
        locations: artifact
            .locations
            .iter()
            .filter(|_| kind == Category::Dependency)
            .map(|place| Location { path: place.path.trim_start_matches('/').to_owned(), ..Location::default() })
            .collect(),
        component: Some(component),
        fixed_since: vulnerability.fix.available.iter().filter_map(|released| lenient::moment(&released.date)).min(),
        // An advisory of several CVEs is as likely to be exploited as the likeliest of them, at least.
        epss: epss.map(|epss| epss.epss).max_by(f64::total_cmp),
        // Only a list says something: older versions do not have it at all.
        kev: exploited.map(|_| true).next(),
        ..Observation::default()
    }
}

fn assessment(rating: &Rating, namespace: &str) -> Cvss {
    Cvss {
        vector: rating.vector.clone(),
        score: rating.metrics.as_ref().and_then(|metrics| metrics.base_score),
        source: if rating.source.is_empty() { namespace.to_owned() } else { rating.source.clone() },
    }
}

fn component(artifact: &Artifact, fix: &FixState) -> Component {
    let (ecosystem, in_purl) = packages::of_purl(&artifact.purl)
        .unwrap_or_else(|| (packages::ecosystem(&artifact.kind).to_owned(), artifact.name.clone()));
    // Grype's own name is whole except for Maven, where only the purl has the group.
    let name = if ecosystem == "maven" || artifact.name.is_empty() { in_purl } else { artifact.name.clone() };
    Component {
        purl: Some(artifact.purl.clone())
            .filter(|purl| !purl.is_empty())
            .or_else(|| packages::purl(&ecosystem, &name, &artifact.version)),
        ecosystem,
        name,
        version: artifact.version.clone(),
        direct: None,
        fix: match (fix.state.as_str(), Fix::in_versions(fix.versions.iter().cloned())) {
            ("not-fixed" | "wont-fix", Fix::Unknown) => Fix::NotAvailable,
            (_, fix) => fix,
        },
    }
}

fn suppression(rules: &[Rule]) -> Suppression {
    let rule = rules.first();
    let vex = rule.filter(|rule| !rule.vex_status.is_empty());
    let told = |rule: &Rule| {
        let parts = [&rule.reason, &rule.vex_status, &rule.vex_justification, &rule.vulnerability, &rule.namespace];
        parts.into_iter().find(|text| !text.is_empty()).cloned()
    };
    Suppression {
        kind: if vex.is_some() { "vex" } else { "ignore rule" }.to_owned(),
        reason: rule.and_then(told).unwrap_or_default(),
    }
}

/// What was scanned, and the same if it is an image. `target` is a path for folders and an object for images.
fn artefact(source: &Value) -> (Option<String>, Option<String>) {
    let target = &source["target"];
    if let Some(path) = target.as_str() {
        return (Some(path.to_owned()).filter(|path| !path.is_empty()), None);
    }
    let name = target["userInput"].as_str().or_else(|| target["tags"][0].as_str()).filter(|name| !name.is_empty());
    let digest = target["repoDigests"][0].as_str().and_then(|digest| digest.split_once('@')).map(|(_, digest)| digest);
    let with_digest = match (name, digest) {
        (Some(name), Some(digest)) if !name.contains('@') => Some(format!("{name}@{digest}")),
        (Some(name), _) => Some(name.to_owned()),
        (None, _) => None,
    };
    (with_digest, name.map(ToOwned::to_owned))
}
