//! Checkov JSON: one object for one framework, a list of them for several, or a bare summary if nothing was found
//! to check.
//!
//! A failed check is identified by its rule and its resource. The quoted code is the whole resource, so it changes
//! with every edit of it and is not kept. Severities need Checkov's platform; without it they are `null`: unknown.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain, secret};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "checkov",
    title: "Checkov JSON",
    kinds: &[Category::Configuration, Category::Secret, Category::Dependency, Category::Container, Category::Code],
    versions: "1 to 3 (`-o json`, also with `--quiet` and `--compact`)",
    specification: "https://www.checkov.io/8.Outputs/JSON.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let framework = |prefix: &str| {
        sniff.has(&format!("{prefix}check_type")) && sniff.has(&format!("{prefix}results"))
            || sniff.has(&format!("{prefix}checkov_version"))
                && ["parsing_errors", "parsingerrors"].iter().any(|name| sniff.has(&format!("{prefix}{name}")))
    };
    framework("") || framework("[].")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Check {
    #[serde(rename = "check_id")]
    id: Text,
    #[serde(rename = "check_name")]
    name: Text,
    #[serde(rename = "check_result", deserialize_with = "or_default")]
    outcome: Outcome,
    file_path: Text,
    repo_file_path: Text,
    #[serde(deserialize_with = "or_default")]
    file_line_range: Vec<Number>,
    resource: Text,
    severity: Text,
    guideline: Text,
    description: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerability_details: Vulnerability,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    suppress_comment: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    id: Text,
    package_name: Text,
    package_version: Text,
    package_type: Text,
    fixed_version: Texts,
    lowest_fixed_version: Text,
    status: Text,
    cvss: Number,
    vector: Text,
    description: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Summary {
    failed: Option<u64>,
    parsing_errors: Option<u64>,
    checkov_version: Text,
}

/// One framework's part of the report, as far as it was read.
#[derive(Default)]
struct Framework {
    check_type: String,
    rows: u64,
    parsing_errors: u64,
    summary: Option<Summary>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "checkov".into();
    let list = document.sniff().shape == crate::ingest::sniff::Shape::JsonArray;
    let patterns = if list {
        [
            Pattern::Scope("[]"),
            Pattern::Value("[].check_type"),
            Pattern::Value("[].results.failed_checks[]"),
            Pattern::Value("[].results.skipped_checks[]"),
            Pattern::Value("[].results.parsing_errors[]"),
            Pattern::Value("[].summary"),
            Pattern::Value("[].checkov_version"),
            Pattern::Value("[].resource_count"),
        ]
    } else {
        [
            Pattern::Scope(""),
            Pattern::Value("check_type"),
            Pattern::Value("results.failed_checks[]"),
            Pattern::Value("results.skipped_checks[]"),
            Pattern::Value("results.parsing_errors[]"),
            Pattern::Value("summary"),
            Pattern::Value("checkov_version"),
            Pattern::Value("resource_count"),
        ]
    };
    let mut framework = Framework::default();
    document.json(&patterns, &mut |event| {
        match (event.pattern, event.kind) {
            (0, Kind::Begin) => framework = Framework::default(),
            (0, _) => finish(&framework, report),
            (1, Kind::Value(text)) => framework.check_type = json::read::<Text>(text)?.0,
            (2 | 3, Kind::Value(text)) => {
                framework.rows += u64::from(event.pattern == 2);
                match json::read::<Check>(text) {
                    Ok(check) => observe(&check, &framework.check_type, event.pattern == 3, report),
                    Err(error) => report.unread(&error.to_string()),
                }
            }
            (4, Kind::Value(text)) => {
                framework.parsing_errors += 1;
                let file = json::read::<Text>(text).unwrap_or_default();
                report.missing(format!("Checkov could not parse {file}"));
            }
            (5, Kind::Value(text)) => framework.summary = Some(json::read(text)?),
            (6, Kind::Value(text)) => report.scan.tool_version = json::read::<Text>(text)?.0,
            // A bare summary: what no framework was found for, or nothing was found in.
            (7, Kind::Value("0")) => report.looked_at_no("resource"),
            _ => {}
        }
        Ok(())
    })
}

/// What the end of a framework's part shows: its summary against its rows.
fn finish(framework: &Framework, report: &mut Collector) {
    report.scan.kinds.insert(category(&framework.check_type, ""));
    let Some(summary) = &framework.summary else { return };
    if let Some(version) = summary.checkov_version.given() {
        version.clone_into(&mut report.scan.tool_version);
    }
    let kind = &framework.check_type;
    if let Some(failed) = summary.failed.filter(|failed| *failed != framework.rows) {
        report.missing(format!("the summary of {kind} says {failed} failed checks, but {} are listed", framework.rows));
    }
    if let Some(errors) = summary.parsing_errors.filter(|errors| *errors > framework.parsing_errors) {
        let files = figure::count(usize::try_from(errors).unwrap_or(usize::MAX), "file");
        report.missing(format!("Checkov could not parse {files} of {kind}"));
    }
}

/// What a framework of Checkov looks at. Everything but the four named ones is infrastructure code and settings.
fn category(check_type: &str, check_id: &str) -> Category {
    match check_type {
        _ if check_id.starts_with("BC_LIC") => Category::Licence,
        "secrets" => Category::Secret,
        "sca_package" => Category::Dependency,
        "sca_image" => Category::Container,
        sast if sast.starts_with("sast") => Category::Code,
        _ => Category::Configuration,
    }
}

fn observe(check: &Check, check_type: &str, skipped: bool, report: &mut Collector) {
    let Some(rule) = check.id.given() else {
        return report.unread("a check without check_id");
    };
    let guideline = check.guideline.given().map(|link| format!("Guideline: {link}")).unwrap_or_default();
    let mut observation = Observation {
        rule: rule.to_owned(),
        category: Some(category(check_type, rule)),
        title: plain::first_title(&[&check.name, &check.description, rule]),
        description: plain::paragraphs([check.description.0.as_str(), &guideline]),
        severity: Severity::from_word(&check.severity),
        locations: location(check).into_iter().collect(),
        artefact: check.resource.given().map(str::to_owned),
        suppression: skipped.then(|| Suppression {
            kind: "checkov:skip".into(),
            reason: check.outcome.suppress_comment.trim().to_owned(),
        }),
        ..Observation::default()
    };
    if check_type == "secrets" {
        // In place of a resource Checkov gives the SHA-1 of the secret.
        observation.secret_digest = secret::digest_of_sha1(&check.resource);
        observation.artefact = None;
    }
    if check.vulnerability_details.package_name.given().is_some() {
        vulnerability(&check.vulnerability_details, &mut observation);
    }
    report.push(observation);
}

/// Checkov writes paths with a `/` before them that means the scanned folder (`file_path`) or the repository
/// (`repo_file_path`), which its SARIF gives as well.
fn location(check: &Check) -> Option<Location> {
    let of_repository = check.repo_file_path.given().filter(|path| !path.contains(".."));
    let path = of_repository.unwrap_or(&check.file_path).trim_start_matches('/');
    let line = |index: usize| check.file_line_range.get(index).and_then(|number| number.line());
    place::in_file(path, line(0), line(1))
}

fn vulnerability(details: &Vulnerability, observation: &mut Observation) {
    let fixes = std::iter::once(details.lowest_fixed_version.0.clone()).chain(details.fixed_version.iter().cloned());
    let fix = match (Fix::in_versions(fixes), details.status.strip_prefix("fixed in ")) {
        (Fix::Unknown, Some(versions)) => Fix::in_versions(versions.split(',').map(str::trim)),
        (fix, _) => fix,
    };
    observation.identifiers.extend(Identifier::parse(&details.id));
    observation.description = plain::paragraphs([&details.description.0, &observation.description]);
    observation.component = Some(Component {
        ecosystem: packages::ecosystem(&details.package_type).to_owned(),
        name: details.package_name.0.clone(),
        version: details.package_version.0.clone(),
        fix,
        ..Component::default()
    });
    if details.cvss.0.is_some() || details.vector.given().is_some() {
        observation.cvss.push(Cvss { vector: details.vector.0.clone(), score: details.cvss.0, source: String::new() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn frameworks_of_a_list_are_kept_apart() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkov/frameworks.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (3, 1, 0));
        assert_eq!(report.scan.tool_version, "3.2.400");
        let bucket = &report.observations[0];
        assert_eq!((bucket.category, bucket.severity), (Some(Category::Configuration), Severity::Unknown));
        let at = &bucket.locations[0];
        assert_eq!((at.path.as_str(), at.line, at.end_line), ("infra/main.tf", Some(2), Some(6)));
        assert_eq!(bucket.artefact.as_deref(), Some("aws_s3_bucket.logs"));
        assert!(bucket.description.contains("https://docs.example/s3-13"));
        assert_eq!(report.observations[1].category, Some(Category::Secret));
        assert_eq!(report.observations[1].secret_digest, secret::digest("AKIAIOSFODNN7EXAMPLE"));
        let package = &report.observations[2];
        assert_eq!((package.category, package.severity), (Some(Category::Dependency), Severity::High));
        assert_eq!(package.component.as_ref().unwrap().fix.versions(), ["2.31.0"]);
        assert_eq!(package.identifiers[0].as_str(), "CVE-2023-32681");
        let skipped = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!(skipped.reason, "the log bucket itself");
    }

    #[test]
    fn files_that_were_not_parsed_and_rows_that_are_not_there_are_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkov/frameworks.json"));
        let messages: Vec<_> = report.problems.iter().map(|p| (p.evidence_missing, p.message.as_str())).collect();
        assert_eq!(
            messages,
            [
                (true, "Checkov could not parse /infra/broken.tf"),
                (true, "the summary of sca_package says 4 failed checks, but 1 are listed"),
                (true, "Checkov could not parse 2 files of sca_package"),
            ]
        );
    }

    #[test]
    fn a_bare_summary_is_a_clean_report_and_says_if_there_was_nothing_to_look_at() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkov/nothing.json"));
        assert!(report.observations.is_empty() && report.problems.iter().all(|problem| !problem.evidence_missing));
        assert_eq!(report.problems.len(), 1);
        assert_eq!(report.scan.tool_version, "3.2.400");
        assert!(report.scan.kinds.contains(&Category::Configuration));
    }
}
