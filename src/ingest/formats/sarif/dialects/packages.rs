//! Dialects of tools that look for known vulnerabilities in packages: the package, its version and its fix stand in
//! prose, each in its own wording.

use super::super::context::Context;
use super::super::identifiers::advisory;
use super::super::title;
use super::counted::Class;
use crate::ingest::{advice, packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The rest of the line that begins with `name:`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// What stands in `text` between two markers.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found.trim())
}

/// Versions listed in one text; none means that the report knows no fix.
fn fix(versions: &str) -> Fix {
    match Fix::in_versions(versions.split(',')) {
        Fix::Unknown => Fix::NotAvailable,
        fix => fix,
    }
}

/// A finding in an image has no place in the repository: its path is the image's or lies inside it.
fn move_into_image(observation: &mut Observation, image: Option<String>) {
    let path = observation.locations.first().map(|location| location.path.clone());
    observation.artefact = image.or(path).or(observation.artefact.take());
    observation.locations.clear();
}

/// What a rule of Trivy looks for, by its name.
pub fn trivy_class(name: &str) -> Option<Category> {
    Some(match name {
        "OsPackageVulnerability" => Category::Container,
        "LanguageSpecificPackageVulnerability" => Category::Dependency,
        "Misconfiguration" => Category::Configuration,
        "Secret" => Category::Secret,
        "License" => Category::Licence,
        _ => return None,
    })
}

/// Trivy writes `Package: … Installed Version: … Severity: … Fixed Version: …` into the message of a vulnerability,
/// and `Artifact: … Severity: … Message: …` into that of a misconfiguration or secret.
pub fn trivy(context: &Context<'_>, observation: &mut Observation) {
    let message = context.message();
    let is_container = observation.category == Some(Category::Container);
    let image = context.run.properties.text(&["repoDigests", "imageName"]).map(str::to_owned);
    let Some(name) = trivy_package(message) else {
        if let Some(said) = field(message, "Message").or_else(|| field(message, "Match")) {
            said.clone_into(&mut observation.description);
        }
        observation.artefact = image;
        return;
    };
    let path = observation.locations.first().map_or("", |location| location.path.as_str());
    let ecosystem = if is_container { "" } else { packages::of_file(path) };
    let version = field(message, "Installed Version").unwrap_or_default();
    observation.component = Some(Component {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: packages::purl(ecosystem, name, version),
        fix: field(message, "Fixed Version").map_or(Fix::Unknown, fix),
        ..Component::default()
    });
    observation.description = context.rule.map(|rule| rule.full_description.plain().to_owned()).unwrap_or_default();
    if is_container {
        move_into_image(observation, image);
    } else {
        observation.artefact = image;
    }
}

/// The kind of a result of Trivy is its rule's, or depends on whether it names a package; its severity stands in the message.
pub fn class_of_trivy(context: &Context<'_>, class: &mut Class) {
    let message = context.message();
    let of_rule = context.rule.and_then(|rule| trivy_class(rule.name.as_deref()?));
    class.category = of_rule.unwrap_or_else(|| match trivy_package(message) {
        Some(_) => Category::Dependency,
        None => Category::Configuration,
    });
    if let Some(severity) = field(message, "Severity") {
        class.severity = Severity::from_word(severity);
    }
}

fn trivy_package(message: &str) -> Option<&str> {
    field(message, "Package").filter(|name| !name.is_empty())
}

/// Grype's rule is `CVE-…-package`; its help text lists the facts of the first match, the message those of this one:
/// `… reports tar at version 1.34 which is a vulnerable (deb) package …` or
/// `A low vulnerability in deb package: tar, version 1.34 was found in image nginx at: …`.
pub fn grype(context: &Context<'_>, observation: &mut Observation) {
    let message = context.message();
    let help = context.rule.map_or("", |rule| rule.help.plain());
    let named = help.lines().find_map(|line| line.trim().strip_prefix("Vulnerability ")).map(str::trim);
    let package = between(message, " reports ", " at version ")
        .or_else(|| between(message, " package: ", ", version "))
        .or_else(|| field(help, "Package"))
        .unwrap_or_default();
    let version = between(message, " at version ", " which is ")
        .or_else(|| between(message, ", version ", " was found"))
        .or_else(|| field(help, "Version"))
        .unwrap_or_default();
    let id = named.or_else(|| context.rule_id().strip_suffix(package)?.strip_suffix('-'));
    observation.identifiers = id.and_then(Identifier::parse).into_iter().collect();
    let ecosystem = grype_ecosystem(context);
    let purls = context.rule.map_or(&[][..], |rule| rule.properties.list("purls"));
    let from_purl = purls.iter().filter_map(|text| packages::component(text)).find(|found| found.version == version);
    observation.component = (!package.is_empty()).then(|| Component {
        ecosystem: ecosystem.to_owned(),
        name: from_purl.as_ref().map_or_else(|| package.to_owned(), |found| found.name.clone()),
        version: version.to_owned(),
        purl: from_purl.and_then(|found| found.purl),
        fix: field(help, "Fix Version").map_or(Fix::Unknown, fix),
        ..Component::default()
    });
    let in_image = message.contains(" in image ") || message.contains(" in the container");
    if in_image {
        move_into_image(observation, grype_image(context));
    }
}

/// The kind of package tells the kind of problem; the severity stands in the help text or the message.
pub fn class_of_grype(context: &Context<'_>, class: &mut Class) {
    let help = context.rule.map_or("", |rule| rule.help.plain());
    if let Some(severity) = field(help, "Severity").or_else(|| between(context.message(), "A ", " vulnerability in ")) {
        class.severity = Severity::from_word(severity);
    }
    class.category = packages::category(grype_ecosystem(context));
}

fn grype_ecosystem(context: &Context<'_>) -> &'static str {
    let message = context.message();
    let kind = between(message, " vulnerable (", ") package")
        .or_else(|| between(message, " vulnerability in ", " package: "))
        .or_else(|| field(context.rule.map_or("", |rule| rule.help.plain()), "Type"));
    packages::ecosystem(kind.unwrap_or_default())
}

/// The image in `nginx@sha256:…@sha256:layer:/path` or in the message.
fn grype_image(context: &Context<'_>) -> Option<String> {
    let said = between(context.message(), " in image ", " at: ").map(str::to_owned);
    said.or_else(|| {
        let name = context.logical_names().next()?;
        let layer = name.rfind("@sha256:").or_else(|| name.rfind(":/"))?;
        Some(name[..layer].to_owned())
    })
}

/// Snyk's rule is its own id; its full description reads `(CVE-…) source/binary@version` for a system package and
/// `(CVE-…) name@version` for others. The kind of package is in the id: `SNYK-DEBIAN12-APT-1541449`.
pub fn snyk(context: &Context<'_>, observation: &mut Observation) {
    let rule_id = context.rule_id();
    let ecosystem = snyk_ecosystem(rule_id);
    let system = observation.category == Some(Category::Container);
    if let Some((_, title)) = observation.title.split_once(SNYK_SEVERITY) {
        observation.title = title.to_owned();
    }
    let full = context.rule.map_or("", |rule| rule.full_description.plain());
    for identifier in Identifier::find_in(full).into_iter().chain(advisory(rule_id)) {
        Identifier::add_to(&mut observation.identifiers, identifier);
    }
    let named = full.rsplit_once(')').map_or(full, |(_, rest)| rest).trim();
    if let Some((name, version)) = named.rsplit_once('@').filter(|(name, _)| !name.is_empty() && !name.contains(' ')) {
        let name = if system { name.rsplit('/').next().unwrap_or(name) } else { name };
        let help = context.rule.map_or("", |rule| rule.help.plain());
        observation.component = Some(Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: packages::purl(ecosystem, name, version),
            fix: advice::fix(remediation(help), name),
            ..Component::default()
        });
    }
    context.message().clone_into(&mut observation.description);
    if system {
        // `nginx@sha256_13d2…`: Snyk replaces the colon of the digest.
        let image = observation.locations.first().map(|location| location.path.replace("@sha256_", "@sha256:"));
        move_into_image(observation, image);
    }
}

/// `Low severity - Race Condition vulnerability in dav1d`: a level has no word for critical.
const SNYK_SEVERITY: &str = " severity - ";

/// The platform tells the kind of problem, and the title the severity.
pub fn class_of_snyk(context: &Context<'_>, class: &mut Class) {
    class.category = packages::category(snyk_ecosystem(context.rule_id()));
    if let Some((severity, _)) = title::of(context).split_once(SNYK_SEVERITY) {
        class.severity = Severity::from_word(severity);
    }
}

fn snyk_ecosystem(rule_id: &str) -> &'static str {
    let platform = rule_id.strip_prefix("SNYK-").and_then(|rest| rest.split('-').next()).unwrap_or_default();
    let starts = |names: &[&str]| names.iter().any(|name| platform.starts_with(name));
    match platform {
        "JS" => "npm",
        "JAVA" => "maven",
        "PYTHON" => "pypi",
        "GOLANG" => "golang",
        "RUBY" => "gem",
        "DOTNET" => "nuget",
        "PHP" => "composer",
        "RUST" => "cargo",
        "HEX" => "hex",
        "SWIFT" => "swift",
        "COCOAPODS" => "cocoapods",
        _ if starts(&["DEBIAN", "UBUNTU"]) => "deb",
        _ if starts(&["ALPINE", "WOLFI", "CHAINGUARD"]) => "apk",
        _ if starts(&["RHEL", "CENTOS", "AMZN", "ORACLE", "ROCKY", "SLES", "FEDORA"]) => "rpm",
        _ => "",
    }
}

/// The part of the help text on remediation.
fn remediation(help: &str) -> &str {
    let after = help.split_once("## Remediation").map_or("", |(_, after)| after);
    after.split("\n## ").next().unwrap_or_default()
}

/// `Package 'name@version' is vulnerable to 'CVE-…' (also known as 'GHSA-…').`
pub fn osv_scanner(context: &Context<'_>, observation: &mut Observation) {
    for identifier in Identifier::find_in(context.message()) {
        Identifier::add_to(&mut observation.identifiers, identifier);
    }
    let path = observation.locations.first().map_or("", |location| location.path.as_str());
    let named = between(context.message(), "Package '", "'").and_then(|named| named.rsplit_once('@'));
    observation.component = named.map(|(name, version)| Component {
        ecosystem: packages::of_file(path).to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: packages::purl(packages::of_file(path), name, version),
        ..Component::default()
    });
}

/// `regex 1.5.4 is vulnerable to RUSTSEC-2022-0013 (…)`; the CVE is named in the advisory's text.
pub fn cargo_audit(context: &Context<'_>, observation: &mut Observation) {
    let full = context.rule.map_or("", |rule| rule.full_description.plain());
    let assigned =
        full.split_once("assigned ").map_or("", |(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    observation.identifiers.extend(Identifier::find_in(assigned));
    let mut words = context.message().split_whitespace();
    if let (Some(name), Some(version)) = (words.next(), words.next())
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        observation.component = Some(Component {
            ecosystem: "cargo".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: Some(format!("pkg:cargo/{name}@{version}")),
            ..Component::default()
        });
    }
}

/// govulncheck's level says how far the code reaches: `error` calls the vulnerable function, `warning` imports the
/// package, `note` only requires the module. The package stands in the message; the CVE is a tag.
pub fn govulncheck(context: &Context<'_>, observation: &mut Observation) {
    observation.reachable = context.record.level.as_deref().map(|level| level == "error");
    observation.component = between(context.message(), "(", ")")
        .filter(|name| !name.contains(' '))
        .map(|name| Component { ecosystem: "golang".to_owned(), name: name.to_owned(), ..Component::default() });
}

/// The level is not a severity, and govulncheck gives none.
pub fn class_of_govulncheck(_: &Context<'_>, class: &mut Class) {
    class.severity = Severity::Unknown;
}

/// OWASP Dependency-Check names the package by its purl as a logical location.
pub fn dependency_check(context: &Context<'_>, observation: &mut Observation) {
    observation.component = context.logical_names().find_map(packages::component);
}

/// The kind of package tells the kind of problem.
pub fn class_of_dependency_check(context: &Context<'_>, class: &mut Class) {
    let component = context.logical_names().find_map(packages::component);
    class.category = component.map_or(Category::Dependency, |found| packages::category(&found.ecosystem));
}

/// Docker Scout names the packages of a vulnerability in the properties of its rule, and that of a result in a line of the
/// message, `Package : pkg:…`; the fix is a property too, `not fixed` if there is none.
pub fn docker_scout(context: &Context<'_>, observation: &mut Observation) {
    let fixed = context.property(&["fixed_version"]);
    observation.component = docker_scout_package(context).map(|component| Component {
        fix: match fixed {
            Some("not fixed") => Fix::NotAvailable,
            Some(versions) => fix(versions),
            None => Fix::Unknown,
        },
        ..component
    });
    // Where nobody named the vulnerability its short text is its id, and the message is a table.
    let named = context.rule.map_or("", |rule| rule.short_description.plain());
    if (named.is_empty() || named == observation.rule)
        && let Some(component) = &observation.component
    {
        observation.title = format!("{} in {component}", observation.rule);
    }
    let help = context.rule.map_or("", |rule| rule.help.plain());
    if !help.is_empty() {
        help.clone_into(&mut observation.description);
    }
    // Of a package of the system the place is the package database, which tells nothing.
    if observation.category == Some(Category::Container) {
        observation.locations.clear();
    }
}

/// The kind of package tells the kind of problem. The score is made up where nobody assessed the vulnerability.
pub fn class_of_docker_scout(context: &Context<'_>, class: &mut Class) {
    let component = docker_scout_package(context);
    class.category = component.map_or(Category::Container, |found| packages::category(&found.ecosystem));
    if let Some(word) = context.property(&["cvssV3_severity"]) {
        class.severity = Severity::from_word(word);
    }
}

fn docker_scout_package(context: &Context<'_>) -> Option<Component> {
    let said = context.message().lines().find_map(|line| line.trim().strip_prefix("Package")?.trim().strip_prefix(':'));
    let listed = context.rule.map_or(&[][..], |rule| rule.properties.list("purls"));
    said.and_then(|purl| packages::component(purl.trim())).or_else(|| packages::component(listed.first()?))
}

/// cargo-deny names the advisory and the crate in fingerprints, and the problem in the message; its rules are only the sorts of
/// its checks. A crate of a folder is named by its address: `path+file:///work/app#name@version`.
pub fn cargo_deny(context: &Context<'_>, observation: &mut Observation) {
    let facts = &context.record.partial_fingerprints;
    if let Some(id) = facts.text(&["cargo-deny/advisory-id"]).and_then(Identifier::parse) {
        Identifier::add_to(&mut observation.identifiers, id);
    }
    let named = facts.text(&["cargo-deny/krate"]).map(|named| named.rsplit('#').next().unwrap_or(named));
    observation.component = named.and_then(|named| named.rsplit_once('@')).map(|(name, version)| Component {
        ecosystem: "cargo".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: packages::purl("cargo", name, version),
        ..Component::default()
    });
    if !context.message().is_empty() {
        observation.title = plain::title(context.message());
    }
}

/// The check that a rule of cargo-deny belongs to is its first letter: advisories, bans, licences or sources.
pub fn class_of_cargo_deny(context: &Context<'_>, class: &mut Class) {
    if context.rule_id().starts_with("l:") {
        class.category = Category::Licence;
    }
}

/// Dependency-Track ranks severities from 0, critical, to 4, which levels cannot tell apart; 5 is not assessed.
pub fn class_of_dependency_track(context: &Context<'_>, class: &mut Class) {
    class_of_dependency_check(context, class);
    class.severity = match context.property(&["severityRank"]) {
        Some("0") => Severity::Critical,
        Some("1") => Severity::High,
        Some("2") => Severity::Medium,
        Some("3") => Severity::Low,
        Some("4") => Severity::Info,
        Some("5") => Severity::Unknown,
        _ => class.severity,
    };
}

/// Xray's rule is the vulnerability in a version of a package: `CVE-2020-8203_lodash_4.17.0`. The message names the package
/// that brings it along.
pub fn xray(context: &Context<'_>, observation: &mut Observation) {
    let named = context.rule_id().split_once('_').and_then(|(_, named)| named.rsplit_once('_'));
    let path = observation.locations.first().map_or("", |location| location.path.as_str());
    observation.component = named.map(|(name, version)| {
        // `debian:bookworm:libssl3`
        let (system, ecosystem) = match name.split_once(':') {
            Some(("debian" | "ubuntu", _)) => (true, "deb"),
            Some(("alpine", _)) => (true, "apk"),
            _ => (false, packages::of_file(path)),
        };
        let name = if system { name.rsplit(':').next().unwrap_or(name) } else { name };
        Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: packages::purl(ecosystem, name, version),
            fix: xray_fix(context.property(&["fixedVersion"]).unwrap_or_default()),
            ..Component::default()
        }
    });
    observation.reachable = match context.property(&["applicability"]) {
        Some("Applicable") => Some(true),
        Some("Not Applicable") => Some(false),
        _ => None,
    };
}

/// `[4.17.19]`, or several such, or words that there is none. A range names no version to go to.
fn xray_fix(said: &str) -> Fix {
    if said.eq_ignore_ascii_case("no fix available") {
        return Fix::NotAvailable;
    }
    let version = |part: &str| part.trim().strip_prefix('[')?.strip_suffix(']').map(str::to_owned);
    let versions: Option<Vec<String>> = said.split(',').map(version).collect();
    versions.map_or(Fix::Unknown, Fix::in_versions)
}

/// Xray writes `none` where nobody assessed the vulnerability.
pub fn class_of_xray(context: &Context<'_>, class: &mut Class) {
    if class.severity == Severity::Info && context.record.level.as_deref() == Some("none") {
        class.severity = Severity::Unknown;
    }
    let of_system = ["_debian:", "_ubuntu:", "_alpine:"].iter().any(|system| context.rule_id().contains(system));
    if of_system {
        class.category = Category::Container;
    }
}

/// JFrog's policies say what sort of thing violates them.
pub fn class_of_jfrog_policy(context: &Context<'_>, class: &mut Class) {
    class.category = match context.property(&["type"]) {
        Some("license") => Category::Licence,
        Some("sast") => Category::Code,
        Some("secrets") => Category::Secret,
        Some("iac") => Category::Configuration,
        _ => Category::Dependency,
    };
    if class.severity == Severity::Info && context.record.level.as_deref() == Some("none") {
        class.severity = Severity::Unknown;
    }
}
