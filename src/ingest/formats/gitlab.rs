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
use crate::ingest::document::{Document, ReadError};
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::sniff::Sniff;
use crate::ingest::{advice, path, purl, text};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::{Endpoint, Location};
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
    collector.scan.tool = scanner.or_else(first).map(wire::Scanner::tool).unwrap_or_default();
    collector.scan.tool_version = scanner.and_then(|scanner| scanner.version.clone()).unwrap_or_default();
    collector.scan.at = scan.end_time.as_deref().or(scan.start_time.as_deref()).and_then(moment);
    if let Some(status) = scan.status.as_deref().filter(|status| *status != "success") {
        collector.missing(format!("the scan did not succeed: its status is {}", text::title(status)));
    }
    for message in scan.messages.iter().filter(|message| message.level.as_deref() == Some("fatal")) {
        let said = text::title(message.value.as_deref().unwrap_or_default());
        collector.missing(format!("the scanner reports a fatal error: {said}"));
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

fn observation(
    vulnerability: &Vulnerability,
    scan: &Scan,
    remediations: &[Remediation],
    report_tool: &str,
) -> Observation {
    let scanner = vulnerability.scanner.as_ref().map(wire::Scanner::tool).filter(|tool| !tool.is_empty());
    let first = vulnerability.identifiers.first();
    let names = [&vulnerability.name, &vulnerability.message].into_iter().map(Option::as_deref);
    let said = names.chain([first.and_then(|first| first.name.as_deref()), vulnerability.cve.as_deref()]);
    let title = said.flatten().find(|text| !text.trim().is_empty()).unwrap_or("a vulnerability without a name");
    let described = vulnerability.description.as_deref().or(vulnerability.message.as_deref()).unwrap_or_default();
    let rule = first.and_then(|first| first.value.clone().or_else(|| first.name.clone())).unwrap_or_default();
    let signature = vulnerability.tracking.as_ref().and_then(wire::Tracking::signature);
    let mut observation = Observation {
        // The signature is that of a place; the rule makes it that of a result.
        native_id: signature.map(|signature| format!("{rule}|{signature}")),
        tool: scanner.clone().filter(|tool| tool != report_tool),
        rule: text::title(&rule),
        title: text::title(title),
        description: text::description(described),
        severity: vulnerability.severity.as_deref().map(Severity::from_word).unwrap_or_default(),
        cvss: vulnerability.cvss_vectors.iter().filter_map(cvss).collect(),
        identifiers: identifiers(vulnerability),
        cwe: weaknesses(vulnerability),
        confidence: confidence(vulnerability),
        suppression: suppression(vulnerability),
        ..Observation::default()
    };
    let category = category(vulnerability, scan, scanner.as_deref().unwrap_or(report_tool));
    observation.category = Some(category);
    observation.component = component(vulnerability, category, remediations);
    put_place(vulnerability, category, &mut observation);
    observation
}

/// What the vulnerability says it is, else the scan, else the members of its location.
fn category(vulnerability: &Vulnerability, scan: &Scan, scanner: &str) -> Category {
    let location = &vulnerability.location;
    let stated = vulnerability.category.as_deref().unwrap_or_else(|| scan.kind());
    let of_rule = vulnerability.identifiers.first().and_then(|id| id.kind.as_deref()).unwrap_or_default();
    let rule_tool = of_rule.trim_end_matches("_rule_id").trim_end_matches("_id");
    let scanner = if rule_tool == of_rule { scanner } else { rule_tool };
    let of_place = || {
        if location.hostname.is_some() {
            Category::Runtime
        } else if location.crash_type.is_some() || location.crash_state.is_some() {
            Category::Runtime
        } else if location.image.is_some() {
            Category::Container
        } else if location.package().is_some() {
            Category::Dependency
        } else {
            kind_of_test("sast", scanner).unwrap_or(Category::Code)
        }
    };
    let category = kind_of_test(stated, scanner).unwrap_or_else(of_place);
    // Trivy writes `container_scanning` for any target; without an image and a system it is the project's packages.
    let named =
        |text: &Option<String>| text.as_deref().is_some_and(|t| !t.is_empty() && !t.eq_ignore_ascii_case("unknown"));
    let nothing =
        !named(&location.image) && !named(&location.operating_system) && location.kubernetes_resource.is_none();
    if category == Category::Container && nothing { Category::Dependency } else { category }
}

fn component(vulnerability: &Vulnerability, category: Category, remediations: &[Remediation]) -> Option<Component> {
    let location = &vulnerability.location;
    let name = location.package()?;
    let ecosystem = match category {
        Category::Container => system(location.operating_system.as_deref().unwrap_or_default()),
        _ => purl::ecosystem_of_file(location.file.as_deref().unwrap_or_default()),
    };
    let dependency = location.dependency.as_ref()?;
    let advised = vulnerability.solution.as_deref().map_or(Fix::Unknown, |solution| advice::fix(solution, name));
    let remedied = || remediations.iter().find(|remediation| remediation.is_for(vulnerability));
    let fix = match advised {
        Fix::Unknown => {
            remedied().map_or(Fix::Unknown, |r| advice::fix(r.summary.as_deref().unwrap_or_default(), name))
        }
        known => known,
    };
    Some(Component {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: dependency.version.clone().unwrap_or_default(),
        purl: None,
        direct: dependency.direct,
        fix,
    })
}

/// Type of the packages of an operating system, by its name; empty if the name says nothing.
fn system(operating_system: &str) -> &'static str {
    let lower = operating_system.to_ascii_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| lower.starts_with(name));
    if is(&["alpine", "wolfi", "chainguard"]) {
        "apk"
    } else if is(&["debian", "ubuntu", "distroless"]) {
        "deb"
    } else if is(&[
        "centos", "red hat", "redhat", "rhel", "rocky", "alma", "amazon", "oracle", "fedora", "suse", "opensuse",
        "photon",
    ]) {
        "rpm"
    } else {
        ""
    }
}

fn put_place(vulnerability: &Vulnerability, category: Category, observation: &mut Observation) {
    let location = &vulnerability.location;
    let known =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(path) = location.file.as_deref().and_then(path::normalised) {
        let quoted = known(&vulnerability.raw_source_code_extract);
        let snippet = if category == Category::Secret {
            quoted.map(|q| text::masked(&q))
        } else {
            quoted.map(|q| text::cut(&q, 1000))
        };
        let line = location.start_line.filter(|&line| line > 0);
        let end_line = location.end_line.filter(|&line| line > 0).or(line);
        observation.locations.push(Location { path, line, end_line, snippet });
    }
    if let Some(host) = known(&location.hostname) {
        let path = location.path.as_deref().unwrap_or_default();
        observation.endpoint = Some(Endpoint {
            url: format!("{}{path}", host.trim_end_matches('/')),
            method: known(&location.method).map(|method| method.to_ascii_uppercase()),
            parameter: known(&location.param),
        });
    }
    let workload = location.kubernetes_resource.as_ref().map(wire::Workload::name);
    let crash =
        || known(&location.crash_state).or_else(|| known(&location.crash_type)).map(|crash| text::title(&crash));
    observation.artefact = known(&location.image).or(workload).or_else(crash);
}

fn identifiers(vulnerability: &Vulnerability) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    for identifier in &vulnerability.identifiers {
        let value = identifier.value.as_deref().or(identifier.name.as_deref()).unwrap_or_default();
        let kind = identifier.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
        let public =
            matches!(kind.as_str(), "cve" | "ghsa" | "usn" | "rhsa" | "elsa" | "osv" | "rustsec" | "go" | "pysec");
        let parsed = if public { Identifier::parse(value).into_iter().collect() } else { Identifier::find_in(value) };
        for id in parsed {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

fn weaknesses(vulnerability: &Vulnerability) -> Vec<u32> {
    let of_kind =
        vulnerability.identifiers.iter().filter(|id| id.kind.as_deref().is_some_and(|k| k.eq_ignore_ascii_case("cwe")));
    let mut found: Vec<u32> = of_kind
        .filter_map(|id| {
            let number = id.value.as_deref().and_then(|value| value.trim().parse().ok());
            number.or_else(|| text::cwe_numbers(id.name.as_deref()?).first().copied())
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn cvss(written: &wire::CvssVector) -> Option<Cvss> {
    let vector = written.vector.clone().filter(|vector| !vector.trim().is_empty())?;
    Some(Cvss { vector, score: None, source: written.vendor.as_deref().unwrap_or_default().to_lowercase() })
}

/// The stated confidence; a flag as likely false positive makes it low.
fn confidence(vulnerability: &Vulnerability) -> Option<Confidence> {
    let doubted = |flag: &wire::Flag| flag.kind.as_deref() == Some("flagged-as-likely-false-positive");
    if vulnerability.flags.iter().any(doubted) {
        return Some(Confidence::Low);
    }
    let detail = || vulnerability.details.as_ref()?.confidence();
    vulnerability.confidence.as_deref().or_else(detail).and_then(Confidence::from_word)
}

fn suppression(vulnerability: &Vulnerability) -> Option<Suppression> {
    let state = vulnerability.state.as_deref().filter(|state| matches!(*state, "dismissed" | "resolved"));
    let dismissed = vulnerability.dismissed == Some(true) || vulnerability.dismissed_at.is_some();
    let kind = state.or_else(|| dismissed.then_some("dismissed"))?;
    let reason = vulnerability.dismissal_reason.as_deref().map(text::description).unwrap_or_default();
    Some(Suppression { kind: kind.to_owned(), reason })
}
