//! GitLab security reports: one shape for every kind of scanner, told apart by `scan.type`.
//!
//! The scan may be described after the vulnerabilities, and since version 15 a vulnerability no longer says its own
//! category, so observations are held until the report ends.

mod wire;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use self::wire::{Remediation, Scan, Vulnerability};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::Text;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{advice, lenient, packages, path, place, plain, rating, secret};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table of formats.
pub const FORMAT: Format = Format {
    id: "gitlab",
    title: "GitLab security report",
    kinds: &[
        Category::Code,
        Category::Dependency,
        Category::Container,
        Category::Secret,
        Category::Runtime,
        Category::Configuration,
    ],
    versions: "2.x, 3.x, 13 to 15",
    specification: "https://gitlab.com/gitlab-org/security-products/security-report-schemas",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let scan = sniff.has("scan.type") && (sniff.has("scan.scanner") || sniff.has("scan.status"));
    let vulnerability = sniff.has("vulnerabilities[].identifiers[].type") && sniff.has("vulnerabilities[].location");
    let empty = sniff.has("vulnerabilities") && sniff.has("remediations") && sniff.has("version");
    !sniff.has("bomFormat") && (scan || vulnerability || empty)
}

fn read(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    let patterns = [
        Pattern::Scope("vulnerabilities"),
        Pattern::Value("vulnerabilities[]"),
        Pattern::Value("scan"),
        Pattern::Value("remediations[]"),
    ];
    let mut listed = false;
    let mut vulnerabilities: Vec<Vulnerability> = Vec::new();
    let mut remediations: Vec<Remediation> = Vec::new();
    let mut scan: Option<Scan> = None;
    let outcome = document.json(&patterns, &mut |event| {
        let Kind::Value(value) = event.kind else {
            listed = true;
            return Ok(());
        };
        let read = match event.pattern {
            1 => json::read(value).map(|vulnerability| vulnerabilities.push(vulnerability)),
            2 => json::read(value).map(|read| scan = read),
            _ => json::read(value).map(|remediation| remediations.push(remediation)),
        };
        read.unwrap_or_else(|error| collector.unread(&error.to_string()));
        Ok(())
    });
    if !listed {
        collector.missing("the report lists no vulnerabilities, not even an empty list: it is not a scan's result");
    }
    let scan = scan.unwrap_or_default();
    describe(&scan, &vulnerabilities, collector);
    if listed && let Some(kind) = kind_of_test(scan.kind(), &collector.scan.tool) {
        collector.scan.kinds.insert(kind);
    }
    for vulnerability in vulnerabilities {
        let observation = observation(&vulnerability, &scan, &remediations, &collector.scan.tool);
        collector.push(observation);
    }
    outcome
}

/// What the report says about the scan itself.
fn describe(scan: &Scan, vulnerabilities: &[Vulnerability], collector: &mut Collector) {
    let scanner = scan.scanner.as_ref().or(scan.analyzer.as_ref());
    let first = || vulnerabilities.iter().find_map(|v| v.scanner.as_ref());
    let tool = scanner.or_else(first).map(wire::Scanner::tool).filter(|tool| !tool.is_empty());
    collector.scan.tool = tool.unwrap_or_else(|| "gitlab".to_owned());
    collector.scan.tool_version = scanner.map(|scanner| scanner.version.0.clone()).unwrap_or_default();
    collector.scan.at = scan.end_time.given().or(scan.start_time.given()).and_then(moment);
    if let Some(status) = scan.status.given().filter(|status| *status != "success") {
        collector.missing(format!("the scan did not succeed: its status is {}", plain::title(status)));
    }
    for message in scan.messages.iter().filter(|message| &*message.level == "fatal") {
        collector.missing(format!("the scanner reports a fatal error: {}", plain::title(&message.value)));
    }
}

/// A moment; without a time zone, as the schema wants it, it is UTC.
fn moment(written: &str) -> Option<Timestamp> {
    let utc = |written: &str| written.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    written.parse().ok().or_else(|| utc(written))
}

/// What kind of test a scan of this type is. Scanners for settings and secrets report as `sast` too.
fn kind_of_test(scan_type: &str, scanner: &str) -> Option<Category> {
    Some(match (scan_type, scanner) {
        ("sast", "kics" | "checkov" | "tfsec" | "terrascan" | "trivy-iac") => Category::Configuration,
        ("sast", "gitleaks" | "trufflehog" | "detect-secrets") | ("secret_detection", _) => Category::Secret,
        ("sast", _) => Category::Code,
        ("dependency_scanning", _) => Category::Dependency,
        ("container_scanning" | "cluster_image_scanning", _) => Category::Container,
        ("dast" | "api_fuzzing" | "coverage_fuzzing", _) => Category::Runtime,
        _ => return None,
    })
}

fn observation(vulnerability: &Vulnerability, scan: &Scan, remediations: &[Remediation], tool: &str) -> Observation {
    let scanner = vulnerability.scanner.as_ref().map(wire::Scanner::tool).filter(|scanner| !scanner.is_empty());
    let first = vulnerability.identifiers.first();
    let rule = first.and_then(|first| first.value.given().or(first.name.given())).unwrap_or_default();
    let name = first.map_or("", |first| &first.name);
    let category = category(vulnerability, scan, scanner.as_deref().unwrap_or(tool));
    let cvss: Vec<Cvss> =
        vulnerability.cvss_vectors.iter().filter_map(|c| rating::vector(&c.vector, &c.vendor.to_lowercase())).collect();
    let stated = Severity::from_word(&vulnerability.severity);
    let signature = vulnerability.tracking.as_ref().and_then(wire::Tracking::signature);
    let mut observation = Observation {
        rule: rule.to_owned(),
        title: plain::first_title(&[&vulnerability.name, &vulnerability.message, name, &vulnerability.cve]),
        description: vulnerability.description.given().or(vulnerability.message.given()).unwrap_or_default().to_owned(),
        severity: if stated == Severity::Unknown { rating::severity(&cvss) } else { stated },
        cvss,
        identifiers: identifiers(vulnerability),
        cwe: weaknesses(vulnerability),
        confidence: confidence(vulnerability),
        // The signature is that of a place; the rule makes it that of a result.
        native_id: signature.map(|signature| format!("{rule}|{signature}")),
        suppression: suppression(vulnerability),
        component: component(vulnerability, category, remediations),
        category: Some(category),
        tool: scanner.filter(|scanner| scanner != tool),
        ..Observation::default()
    };
    put_place(&vulnerability.location, &mut observation);
    put_quotation(&vulnerability.raw_source_code_extract, &mut observation);
    observation
}

/// What the vulnerability says it is, else the scan, else the members of its location.
fn category(vulnerability: &Vulnerability, scan: &Scan, scanner: &str) -> Category {
    let location = &vulnerability.location;
    let stated = vulnerability.category.given().unwrap_or_else(|| scan.kind());
    // `gitleaks_rule_id`: the scanner behind the rule, where several report as one.
    let of_rule = vulnerability.identifiers.first().and_then(|first| first.kind.strip_suffix("_rule_id"));
    let scanner = of_rule.unwrap_or(scanner);
    let of_place = || {
        if location.hostname.given().or(location.crash_type.given()).is_some() {
            Category::Runtime
        } else if location.image.given().is_some() {
            Category::Container
        } else if location.package().is_some() {
            Category::Dependency
        } else {
            kind_of_test("sast", scanner).unwrap_or(Category::Code)
        }
    };
    let rule = vulnerability.identifiers.first().map_or("", |first| &first.value);
    if stated == "sast" && (rule.contains(".secrets.") || rule.starts_with("CKV_SECRET")) {
        return Category::Secret;
    }
    let category = kind_of_test(stated, scanner).unwrap_or_else(of_place);
    // Trivy writes `container_scanning` for any target; without an image and a system it is the project's packages.
    let named = |text: &Text| text.given().is_some_and(|text| !text.eq_ignore_ascii_case("unknown"));
    let in_image =
        named(&location.image) || named(&location.operating_system) || location.kubernetes_resource.is_some();
    if category == Category::Container && !in_image { Category::Dependency } else { category }
}

fn component(vulnerability: &Vulnerability, category: Category, remediations: &[Remediation]) -> Option<Component> {
    let location = &vulnerability.location;
    let name = location.package()?;
    let dependency = location.dependency.as_ref()?;
    let ecosystem = match category {
        Category::Container => system(&location.operating_system),
        _ => packages::of_file(&location.file),
    };
    let remedied = || remediations.iter().find(|remediation| remediation.is_for(vulnerability));
    let fix = match advice::fix(&vulnerability.solution, name) {
        Fix::Unknown => remedied().map_or(Fix::Unknown, |remediation| advice::fix(&remediation.summary, name)),
        known => known,
    };
    Some(Component {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: dependency.version.0.clone(),
        purl: packages::purl(ecosystem, name, &dependency.version),
        direct: dependency.direct,
        fix,
    })
}

/// Type of the packages of an operating system such as `alpine 3.10.2`, `debian:9.4` or `Red Hat Enterprise Linux 8`.
fn system(written: &str) -> &'static str {
    let words = written.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '));
    let first = written.split_whitespace().next().unwrap_or_default();
    let known = [words, first].map(packages::ecosystem).into_iter().find(|found| !found.is_empty());
    known.unwrap_or(if written.to_ascii_lowercase().starts_with("red hat") { "rpm" } else { "" })
}

fn put_place(location: &wire::Location, observation: &mut Observation) {
    if let Some(path) = path::normalised(&location.file) {
        observation.locations.extend(place::in_file(&path, location.start_line.line(), location.end_line.line()));
    }
    if let Some(host) = location.hostname.given() {
        let url = format!("{}{}", host.trim_end_matches('/'), &*location.path);
        observation.endpoint = place::endpoint(&url, &location.method, &location.param);
    }
    let workload = || location.kubernetes_resource.as_ref().map(wire::Workload::name);
    let crash = || location.crash_state.given().or(location.crash_type.given()).map(plain::title);
    let image = location.image.given().filter(|image| !image.eq_ignore_ascii_case("unknown"));
    observation.artefact = image.map(str::to_owned).or_else(workload).or_else(crash);
}

/// The code at the place; of a secret it is the secret, which is masked wherever it stands.
fn put_quotation(quoted: &Text, observation: &mut Observation) {
    let Some(quoted) = quoted.given() else { return };
    let is_secret = observation.category == Some(Category::Secret);
    if is_secret {
        observation.secret_digest = secret::digest(quoted);
        observation.title = secret::hide(&observation.title, quoted);
        observation.description = secret::hide(&observation.description, quoted);
    }
    if let Some(location) = observation.locations.first_mut() {
        location.snippet = Some(if is_secret { secret::masked(quoted) } else { quoted.to_owned() });
    }
}

fn identifiers(vulnerability: &Vulnerability) -> Vec<Identifier> {
    const PUBLIC: &[&str] = &["cve", "ghsa", "usn", "rhsa", "elsa", "osv", "rustsec", "go", "pysec"];
    let mut found: Vec<Identifier> = Vec::new();
    for identifier in &vulnerability.identifiers {
        let value = identifier.value.given().or(identifier.name.given()).unwrap_or_default();
        let public = PUBLIC.iter().any(|kind| identifier.kind.eq_ignore_ascii_case(kind));
        let named = if public { Identifier::parse(value).into_iter().collect() } else { Identifier::find_in(value) };
        for id in named {
            Identifier::add_to(&mut found, id);
        }
    }
    found
}

/// The number is the value, or only in the name where the value is something else.
fn weaknesses(vulnerability: &Vulnerability) -> Vec<u32> {
    let stated = vulnerability.identifiers.iter().filter(|identifier| identifier.kind.eq_ignore_ascii_case("cwe"));
    packages::cwe_numbers(stated.map(|identifier| {
        if lenient::cwe(&identifier.value).is_some() { &*identifier.value } else { &*identifier.name }
    }))
}

/// The stated confidence; a flag as likely false positive makes it low.
fn confidence(vulnerability: &Vulnerability) -> Option<Confidence> {
    if vulnerability.flags.iter().any(|flag| &*flag.kind == "flagged-as-likely-false-positive") {
        return Some(Confidence::Low);
    }
    let detail = || vulnerability.details.as_ref()?.confidence();
    vulnerability.confidence.given().or_else(detail).and_then(Confidence::from_word)
}

fn suppression(vulnerability: &Vulnerability) -> Option<Suppression> {
    let state = vulnerability.state.given().filter(|state| matches!(*state, "dismissed" | "resolved"));
    let dismissed = vulnerability.dismissed == Some(true) || vulnerability.dismissed_at.given().is_some();
    let kind = state.or_else(|| dismissed.then_some("dismissed"))?;
    Some(Suppression { kind: kind.to_owned(), reason: vulnerability.dismissal_reason.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn a_found_secret_is_masked_and_keeps_its_digest() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/gitlab/secrets.json"));
        assert!(!format!("{report:?}").contains("IOSFODNN7EXAMPLE"));
        assert_eq!(report.observations[0].secret_digest, secret::digest("AKIAIOSFODNN7EXAMPLE"));
    }

    #[test]
    fn a_scan_without_success_or_without_a_list_leaves_evidence_missing() {
        for fixture in [
            include_str!("../../../tests/fixtures/reports/gitlab/scan-failed.json"),
            include_str!("../../../tests/fixtures/reports/gitlab/no-list.json"),
        ] {
            assert!(collect(&FORMAT, fixture).problems.iter().any(|problem| problem.evidence_missing));
        }
    }

    #[test]
    fn operating_systems_name_their_packages() {
        for (written, ecosystem) in
            [("alpine 3.10.2", "apk"), ("debian:9.4", "deb"), ("Red Hat Enterprise Linux 8", "rpm"), ("Unknown", "")]
        {
            assert_eq!(system(written), ecosystem, "{written}");
        }
    }
}
