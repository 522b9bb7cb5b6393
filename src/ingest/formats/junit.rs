//! JUnit XML, a last resort: many scanners can write it, and it loses nearly everything.
//!
//! Only a report that shows that a scanner wrote it is claimed: by a suite with the name of one, or by a first test with the
//! name of a vulnerability. A report of ordinary tests says nothing about security.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "junit",
    title: "JUnit XML of a scanner",
    kinds: &[
        Category::Dependency,
        Category::Container,
        Category::Configuration,
        Category::Secret,
        Category::Code,
        Category::Runtime,
    ],
    versions: "as Trivy, Checkov, KICS, tfsec, Terrascan, Gitleaks, Kubescape, Grype, Dastardly and others write it; a last \
               resort",
    specification: "https://github.com/testmoapp/junitxml",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let texts = |end: &str| {
        let paths =
            ["", "testsuites.testsuite.", "testsuite.", "testsuites.testsuite.testcase.", "testsuite.testcase."];
        paths.into_iter().filter_map(move |path| sniff.text(&format!("{path}{end}"))).collect::<Vec<_>>().join(" ")
    };
    let (names, classes) = (texts("@name"), texts("@classname"));
    let by_scanner = SCANNERS.iter().any(|(word, ..)| names.to_lowercase().contains(word)) || names.contains(CHECKOV);
    let is_junit = sniff.is_xml("testsuites") || sniff.is_xml("testsuite");
    is_junit && (by_scanner || !Identifier::find_in(&format!("{names} {classes}")).is_empty())
}

/// Scanners by the word in the name of their suites, with what they look for.
const SCANNERS: [(&str, &str, Category); 16] = [
    ("trivy", "trivy", Category::Container),
    ("grype", "grype", Category::Container),
    ("checkov", "checkov", Category::Configuration),
    ("terraform scan", "checkov", Category::Configuration),
    ("kics", "kics", Category::Configuration),
    ("tfsec", "tfsec", Category::Configuration),
    ("terrascan", "terrascan", Category::Configuration),
    ("kubescape", "kubescape", Category::Configuration),
    ("cfn-lint", "cfn-lint", Category::Configuration),
    ("cloudformation lint", "cfn-lint", Category::Configuration),
    ("conftest", "conftest", Category::Configuration),
    ("gitleaks", "gitleaks", Category::Secret),
    ("semgrep", "semgrep", Category::Code),
    ("bandit", "bandit", Category::Code),
    ("dependency-check", "dependency-check", Category::Dependency),
    ("dastardly", "dastardly", Category::Runtime),
];

/// What the names of Checkov's tests hold; its suites are called by what it scanned (`dockerfile scan`, `secrets scan`).
const CHECKOV: &str = "[CKV";

/// What the names of Semgrep's rules for secrets hold. What such a test says is the code.
const SECRETS_OF_SEMGREP: &str = "generic.secrets.";

/// What is held of a suite until it is known who wrote the report.
#[derive(Default)]
struct Found {
    scanner: Option<(&'static str, Category)>,
    failed: Vec<(String, Element)>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let mut found = Found::default();
    let outcome = xml::walk(document.reader(), &["**/testcase"], &mut |visit| {
        match visit {
            Visit::Begin(_, element) if element.name.starts_with("testsuite") => {
                let name = element.attribute("name").to_lowercase();
                let known = SCANNERS.iter().find(|(word, ..)| name.contains(word));
                found.scanner = found.scanner.or(known.map(|(_, tool, category)| (*tool, *category)));
                found.failed.push((element.attribute("name").to_owned(), Element::default()));
            }
            Visit::Begin(..) => {}
            Visit::Element(case) => {
                if found.scanner.is_none() && case.attribute("name").contains(CHECKOV) {
                    found.scanner = Some(("checkov", Category::Configuration));
                }
                if case.children.iter().any(|child| matches!(child.name.as_str(), "failure" | "error")) {
                    let suite = found.failed.last().map(|(suite, _)| suite.clone()).unwrap_or_default();
                    found.failed.push((suite, case.clone()));
                }
            }
        }
        Ok(())
    });
    found.failed.retain(|(_, case)| case.name == "testcase");
    report.scan.tool = found.scanner.map_or("junit", |(tool, _)| tool).to_owned();
    report.remark("JUnit loses most of what a scanner knows; have it write SARIF or its own JSON instead");
    if let Some((_, category)) = found.scanner {
        report.scan.kinds.insert(category);
    }
    for (suite, case) in &found.failed {
        observe(suite, case, found.scanner.map(|(_, category)| category), report);
    }
    outcome
}

fn identifiers(case: &Element) -> Vec<Identifier> {
    Identifier::find_in(&format!("{} {}", case.attribute("name"), case.attribute("classname")))
}

/// `CKV_DOCKER_2` in `[NONE][CKV_DOCKER_2] Ensure …`.
fn check_of_checkov(name: &str) -> Option<&str> {
    let check = &name[name.find(CHECKOV)? + 1..];
    check.split_once(']').map(|(check, _)| check)
}

/// `[HIGH] CVE-2019-1549` or `high: …`. Any other word of a title says nothing of the severity.
fn marked(name: &str) -> Option<Severity> {
    let in_brackets = name.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    let marks = in_brackets.chain(name.split_once(':').map(|(before, _)| before));
    marks.map(Severity::from_word).find(|severity| *severity != Severity::Unknown)
}

/// The severity in the place where scanners put it, else the mark of the name. `error` is what JUnit itself calls any of them.
fn severity(kind: &str, marked: Option<Severity>) -> Severity {
    let stated = Severity::from_word(kind);
    let is_stated = stated != Severity::Unknown && !kind.eq_ignore_ascii_case("error");
    if is_stated { stated } else { marked.unwrap_or(stated) }
}

fn observe(suite: &str, case: &Element, category: Option<Category>, report: &mut Collector) {
    let name = case.attribute("name");
    if name.is_empty() {
        return report.unread("a test without name");
    }
    let failure = case.children.iter().find(|child| matches!(child.name.as_str(), "failure" | "error"));
    let said = |attribute: &str| failure.map_or("", |failure| failure.attribute(attribute));
    let check = check_of_checkov(name);
    let marked = marked(name).filter(|_| check.is_none() || !name.starts_with("[NONE]"));
    let identifiers = identifiers(case);
    let bare = name.rsplit(']').next().unwrap_or(name).trim();
    let rule = identifiers.first().map(|identifier| identifier.as_str()).or(check).unwrap_or(bare);
    let category = match category {
        _ if check.is_some_and(|check| check.starts_with("CKV_SECRET")) => Category::Secret,
        Some(Category::Code) if name.contains(SECRETS_OF_SEMGREP) => Category::Secret,
        Some(Category::Container) | None if !identifiers.is_empty() => Category::Container,
        known => known.unwrap_or(Category::Code),
    };
    let class = case.attribute("classname");
    // Trivy writes `libcrypto1.1-1.1.1c-r0`; where the version begins nobody can tell for sure.
    let component = (!identifiers.is_empty() && !class.is_empty())
        .then(|| Component { name: class.to_owned(), ..Component::default() });
    let path = [case.attribute("file"), if class.contains(['/', '.']) && component.is_none() { class } else { "" }];
    let path = path.into_iter().find(|path| !path.is_empty() && !path.contains(' ')).unwrap_or_default();
    // To Checkov the root is what it was told to scan.
    let path = if check.is_some() { path.trim_start_matches('/') } else { path };
    let text = failure.map_or("", |failure| failure.text.as_str());
    let is_code = category == Category::Secret && name.contains(SECRETS_OF_SEMGREP);
    let (text, snippet) = if is_code { ("", Some(text.to_owned())) } else { (text, None) };
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(category),
        title: plain::first_title(&[said("message"), bare]),
        description: plain::paragraphs([text, suite]),
        severity: severity(said("type"), marked),
        identifiers,
        component,
        locations: place::in_file(path, case.attribute("line").parse().ok(), None)
            .map(|place| Location { snippet, ..place })
            .into_iter()
            .collect(),
        // Dastardly has a suite for each address.
        endpoint: (category == Category::Runtime).then(|| place::endpoint(suite, "", "")).flatten(),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const IMAGE: &str = include_str!("../../../tests/fixtures/reports/junit/image.xml");

    #[test]
    fn tests_of_checkov_are_known_by_their_checks_whatever_their_suites_are_called() {
        let text = include_str!("../../../tests/fixtures/reports/junit/checkov.xml");
        assert!(recognise(&Sniff::of(text.as_bytes())));
        let report = collect(&FORMAT, text);
        let seen: Vec<_> = report
            .observations
            .iter()
            .map(|o| (o.rule.as_str(), o.category.unwrap(), o.severity, o.locations[0].path.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("CKV_DOCKER_2", Category::Configuration, Severity::Unknown, "shop/Dockerfile"),
                ("CKV_SECRET_2", Category::Secret, Severity::High, "shop/main.tf"),
            ]
        );
        assert_eq!(report.scan.tool, "checkov");
    }

    #[test]
    fn tests_of_a_scanner_are_findings_and_those_of_a_program_are_not() {
        let report = collect(&FORMAT, IMAGE);
        let found = &report.observations[0];
        assert_eq!((report.observations.len(), report.scan.tool.as_str()), (1, "trivy"));
        assert_eq!((found.rule.as_str(), found.severity), ("CVE-2019-1549", Severity::Medium));
        for (text, is_scanner) in [
            (IMAGE, true),
            ("<testsuite name='gitleaks'><testcase name='x'/></testsuite>", true),
            ("<testsuites><testsuite name='s'><testcase name='CVE-2024-0001'/></testsuite></testsuites>", true),
            ("<testsuite name='cart'><testcase name='adds'><failure message='2 != 3'/></testcase></testsuite>", false),
        ] {
            assert_eq!(recognise(&Sniff::of(text.as_bytes())), is_scanner, "{text}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let report = collect(
            &FORMAT,
            r#"<testsuites><testsuite name="bandit"><testcase classname="./app.py" name="hardcoded_password_string">
            <error type="LOW" message="Possible hardcoded password: 'hunter2hunter2'">Test ID: B105 Severity: LOW
            CWE: CWE-259 (https://cwe.mitre.org/data/definitions/259.html)
            Possible hardcoded password: 'hunter2hunter2'</error></testcase></testsuite><testsuite name="gitleaks">
            <testcase name="aws" file="a.py"><failure message="aws has detected a secret">{"Match": "k="AKIAQ3EGRZ7LX4PVN2DB"",
            "Secret": "AKIAQ3EGRZ7LX4PVN2DB"}</failure></testcase></testsuite></testsuites>"#,
        );
        let shown = format!("{report:?}");
        assert!(shown.contains("Possible hardcoded password: 'hun****'"), "{shown}");
        assert!(!shown.contains("hunter2h"), "{shown}");
    }

    #[test]
    fn what_rules_of_semgrep_for_secrets_found_is_a_secret_and_not_shown() {
        let report = collect(
            &FORMAT,
            r#"<testsuites><testsuite name="semgrep results">
            <testcase name="rules.generic.secrets.security.detected-private-key" classname="deploy/server.key"
            file="deploy/server.key" line="1"><failure type="ERROR" message="Private Key detected">-----BEGIN RSA KEY-----
MIICXgIBAAKBgQCfn8uP4FuHaaAPrMkcl1</failure></testcase>
            <testcase name="rules.javascript.eval-detected" classname="a.js" file="a.js" line="3"><failure type="WARNING"
            message="eval">eval("2 + 2")</failure></testcase></testsuite></testsuites>"#,
        );
        let kinds: Vec<_> = report.observations.iter().map(|o| o.category.unwrap()).collect();
        assert_eq!(kinds, [Category::Secret, Category::Code]);
        assert!(!format!("{report:?}").contains("MIICXgIB"), "{report:?}");
        assert!(report.observations[1].description.contains("eval(\"2 + 2\")"));
    }

    #[test]
    fn a_severity_is_marked_as_such() {
        for (name, severity) in [
            ("[HIGH] CVE-2019-1549", Some(Severity::High)),
            ("[NONE][CKV_AWS_1] Ensure that critical data is kept", Some(Severity::Info)),
            ("medium: a port is open", Some(Severity::Medium)),
            ("Ensure high availability", None),
            ("Minor version of TLS allows plaintext", None),
            ("Information disclosure: private keys in the response", None),
        ] {
            assert_eq!(marked(name), severity, "{name}");
        }
        let (low, high) = (Some(Severity::Low), Severity::High);
        assert_eq!(severity("High", low), high);
        assert_eq!((severity("error", low), severity("error", None)), (Severity::Low, high));
        assert_eq!(severity("failure", low), Severity::Low);
    }
}
