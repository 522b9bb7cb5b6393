//! What MITRE's converters (`saf convert`, Heimdall) make of reports of other tools.
//!
//! They have no place for the tool, the kind of test, the package or the credential: the tool is known by how the profile
//! is called, and the rest stands in tags and in texts, some of which are JSON.

use serde::Deserialize;

use super::wire::{Control, Outcome};
use crate::ingest::collector::Collector;
use crate::ingest::formats::trufflehog::{Metadata, Place};
use crate::ingest::json;
use crate::ingest::lenient::Text;
use crate::ingest::{packages, place, plain, secret};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;

/// The tool whose report was converted, and its kind of test.
pub type Converted = (&'static str, Category);

/// What a converter says the platform is, whatever was tested.
pub const PLATFORM: &str = "Heimdall Tools";

/// The one that names its tool as the platform, and the project as the profile.
pub const DEPENDENCY_TRACK: Converted = ("dependency-track", Category::Dependency);

/// How the name of a profile begins, by converter.
const PROFILES: [(&str, Converted); 25] = [
    ("AWS Config", ("aws-config", Category::Configuration)),
    ("Anchore - Grype", ("grype", Category::Dependency)),
    ("BurpSuite ", ("burp", Category::Runtime)),
    ("Checkov", ("checkov", Category::Configuration)),
    ("CycloneDX BOM Report", ("cyclonedx", Category::Dependency)),
    ("Fortify Static Analyzer", ("fortify", Category::Code)),
    ("Invicti ", ("invicti", Category::Runtime)),
    ("IonChannel ", ("ion channel", Category::Dependency)),
    ("JFrog Xray", ("xray", Category::Dependency)),
    ("Microsoft Secure Score", ("microsoft secure score", Category::Configuration)),
    ("Nessus ", ("nessus", Category::Runtime)),
    ("Netsparker ", ("invicti", Category::Runtime)),
    ("NeuVector ", ("neuvector", Category::Container)),
    ("Nikto ", ("nikto", Category::Runtime)),
    ("OWASP ZAP", ("zap", Category::Runtime)),
    ("Palo Alto Prisma Cloud", ("prisma cloud", Category::Container)),
    ("Prowler", ("prowler", Category::Configuration)),
    ("SARIF", ("sarif", Category::Code)),
    ("Scout Suite", ("scout suite", Category::Configuration)),
    ("Snyk ", ("snyk", Category::Dependency)),
    ("SonarQube ", ("sonarqube", Category::Code)),
    ("Source ID: ", ("trufflehog", Category::Secret)),
    ("Trivy", ("trivy", Category::Container)),
    ("Twistlock ", ("twistcli", Category::Container)),
    ("Veracode ", ("veracode", Category::Code)),
];

/// The tool that a profile of a converter is of, by its name.
pub fn of_profile(name: &str) -> Option<Converted> {
    PROFILES.iter().find(|(start, _)| name.starts_with(start)).map(|(_, converted)| *converted)
}

/// A public name as tags hold it: converters cut off how all names of a list begin.
pub fn public_name(text: &str) -> Option<Identifier> {
    let text = text.trim();
    let known = |id: &Identifier| id.is_cve() || id.is_ghsa();
    // ALAS-2024-2607 has the shape of the rest of a GHSA name, but not its letters.
    let starts = if text.chars().all(is_of_ghsa) { &["", "CVE-", "GHSA-"][..] } else { &["", "CVE-"] };
    let whole = starts.iter().find_map(|start| Identifier::parse(&[start, text].concat()).filter(known));
    // Names of other lists, such as ALAS-2024-2607, are written out; a number alone names nothing.
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains('-');
    whole.or_else(|| Identifier::parse(text).filter(|_| is_name))
}

/// Whether a character can stand in the part of a GHSA name behind `GHSA-`, whose letters and digits cannot be mistaken for
/// others.
fn is_of_ghsa(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), '-' | '2'..='9' | 'c' | 'f'..='h' | 'j' | 'm' | 'p'..='r' | 'v'..='x')
}

/// What the converter of Grype writes as a result's message: the package.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    version: Text,
    r#type: Text,
    purl: Text,
}

/// The package that a result is about: in the tags of its control, in its message, or at the end of the way to it.
pub fn package(control: &Control, result: &Outcome) -> Option<Component> {
    let tag = |name: &str| control.tagged(&[name]).into_iter().next().unwrap_or_default();
    let named = || {
        let (group, name) = (tag("componentGroup"), tag("componentName"));
        let name = if group.is_empty() || name.is_empty() { name } else { format!("{group}:{name}") };
        (!name.is_empty()).then(|| Component { name, version: tag("componentVersion"), ..Component::default() })
    };
    let found = || {
        let package: Package = json::read(&result.message).ok()?;
        let of_parts = || of_ecosystem(packages::ecosystem(&package.r#type), package.name.given()?, &package.version);
        packages::component(&package.purl).or_else(of_parts)
    };
    packages::component(&tag("componentPurl")).or_else(named).or_else(found).or_else(|| at_the_end(control, result))
}

/// Snyk's way from the project to the package: `From : [ shop@1.0.0 , express@4.17.0 ]`.
fn at_the_end(control: &Control, result: &Outcome) -> Option<Component> {
    let way = result.code_desc.trim().strip_prefix("From : [")?.strip_suffix(']')?;
    let (name, version) = way.rsplit(" , ").next()?.trim().rsplit_once('@')?;
    // SNYK-JS-EXPRESS-1, SNYK-DEBIAN10-CURL-1 or, earlier, npm:express:20180101.
    let language = match control.id.strip_prefix("SNYK-") {
        Some(rest) => rest.split('-').next()?.trim_end_matches(|c: char| c.is_ascii_digit()),
        None => control.id.split_once(':')?.0,
    };
    let language = if language == "JS" { "javascript" } else { language };
    of_ecosystem(packages::ecosystem(language), name, version)
}

fn of_ecosystem(ecosystem: &str, name: &str, version: &str) -> Option<Component> {
    (!name.is_empty()).then(|| Component {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: packages::purl(ecosystem, name, version),
        ..Component::default()
    })
}

/// What the converter of `TruffleHog` writes as a result's message; as its description it writes the place.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Credential {
    raw: Text,
    raw_v2: Text,
    verified: Option<bool>,
}

/// Whether a result holds a credential in clear, whatever the profile is called.
pub fn holds_credential(result: &Outcome) -> bool {
    result.message.starts_with('{') && ["\"Raw\"", "\"RawV2\""].iter().any(|name| result.message.contains(name))
}

/// Adds the credential that a result is about. None of its texts is kept, since they hold it.
pub fn credential(control: &Control, result: &Outcome, about: Observation, report: &mut Collector) {
    let found: Credential = json::read(&result.message).unwrap_or_default();
    let source: Metadata = json::read(&result.code_desc).unwrap_or_default();
    let nowhere = Place::default();
    let at = source.data.values().next().unwrap_or(&nowhere);
    let commit: String = at.commit.chars().take(12).collect();
    // The id is the detector and how the credential was encoded, which makes it no other one.
    let detector = control.id.rsplit_once(' ').map_or(&*control.id, |(detector, _)| detector);
    let raw = if found.raw.is_empty() { &found.raw_v2 } else { &found.raw };
    let observation = Observation {
        rule: detector.to_owned(),
        category: Some(Category::Secret),
        title: plain::title(&format!("{detector} credential")),
        description: if commit.is_empty() { String::new() } else { format!("In commit {commit}.") },
        cwe: vec![798],
        locations: place::in_file(&at.file, at.line.line(), None).into_iter().collect(),
        artefact: at.image.given().map(str::to_owned),
        verified: found.verified.filter(|verified| *verified),
        secret_digest: secret::digest(raw),
        occurrences: 1,
        ..about
    };
    let line = format!("{:?}", at.line.line());
    report.push_once(&[detector, raw, &at.file, &line, &at.commit, &at.image], observation);
}
