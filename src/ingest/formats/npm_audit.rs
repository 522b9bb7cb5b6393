//! npm audit, `--json`: npm 7 and later (`vulnerabilities`), npm 6, pnpm and older yarn (`advisories`).
//!
//! One finding is one advisory on one package. npm 7 lists packages, each with the advisories *via* which it is
//! affected; a `via` that is only a name says that another package in the list is the cause, and is no finding of its
//! own. npm's totals count packages (7) or paths (6) instead. When the registry cannot be asked, npm writes an error
//! object and no result.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::collector::Collector;
use super::super::document::Document;
use super::super::format::Format;
use super::super::json::{self, Kind, Pattern};
use super::super::lenient::{Text, or_default};
use super::super::read_error::ReadError;
use super::super::sniff::{Shape, Sniff};
use super::super::{packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

pub const FORMAT: Format = Format {
    id: "npm-audit",
    title: "npm audit JSON",
    kinds: &[Category::Dependency],
    versions: "npm 6 (advisories) and npm 7 to 11 (auditReportVersion 2); also pnpm audit --json",
    specification: "https://docs.npmjs.com/cli/commands/npm-audit",
    recognise,
    read,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: String,
    #[serde(default)]
    is_direct: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    via: Vec<Via>,
    #[serde(default, deserialize_with = "or_default")]
    nodes: Vec<String>,
    #[serde(default)]
    fix_available: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Via {
    Advisory(Box<Cause>),
    #[expect(dead_code, reason = "a name is told apart from an advisory, and not used")]
    Package(String),
}

#[derive(Deserialize)]
struct Cause {
    #[serde(default)]
    source: Value,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    url: Text,
    #[serde(default)]
    severity: Text,
    #[serde(default)]
    cwe: OneOrMany,
    cvss: Option<Rating>,
    #[serde(default)]
    range: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rating {
    score: Option<f64>,
    vector_string: Option<String>,
}

#[derive(Deserialize)]
struct Advisory {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    module_name: Text,
    #[serde(default)]
    overview: Text,
    #[serde(default)]
    severity: Text,
    #[serde(default)]
    url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    cves: Vec<String>,
    #[serde(default)]
    cwe: OneOrMany,
    github_advisory_id: Option<String>,
    cvss: Option<Rating>,
    #[serde(default)]
    patched_versions: Option<String>,
    #[serde(default)]
    created: Text,
    #[serde(default, deserialize_with = "or_default")]
    findings: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    #[serde(default)]
    version: Text,
    #[serde(default, deserialize_with = "or_default")]
    paths: Vec<String>,
}

impl Advisory {
    fn says_nothing(&self) -> bool {
        let texts = [&*self.module_name, &*self.title, &id_text(&self.id)];
        texts.iter().all(|text| text.trim().is_empty())
    }
}

/// `"CWE-1"` in older versions, `["CWE-1"]` in newer ones.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl OneOrMany {
    fn numbers(&self) -> Vec<u32> {
        match self {
            Self::One(text) => packages::cwe_numbers(text.split(',')),
            Self::Many(texts) => packages::cwe_numbers(texts),
            Self::None => Vec::new(),
        }
    }
}

fn recognise(sniff: &Sniff) -> bool {
    sniff.shape == Shape::JsonObject && (is_report(sniff) || is_error(sniff))
}

fn is_report(sniff: &Sniff) -> bool {
    (sniff.has("auditReportVersion") && sniff.has("vulnerabilities"))
        || (sniff.has("advisories") && (sniff.has("metadata.vulnerabilities") || sniff.has("muted")))
}

/// What npm writes when the audit did not take place: `{"error": {"code", "summary", "detail"}}`, or the answer of the
/// registry.
fn is_error(sniff: &Sniff) -> bool {
    let npm = sniff.has("error.summary") && sniff.has("error.detail");
    let registry = sniff.has("statusCode") && sniff.has("method") && sniff.has("uri");
    !is_report(sniff) && (npm || registry)
}

fn read(document: &mut Document<'_>, out: &mut Collector) -> Result<(), ReadError> {
    const PACKAGE: usize = 0;
    const ADVISORY: usize = 1;
    const TOTALS: usize = 2;
    if is_error(document.sniff()) {
        let sniff = document.sniff();
        let told = ["error.summary", "message", "error.code"].into_iter().filter_map(|path| sniff.text(path));
        let why = told.into_iter().find(|text| !text.is_empty()).unwrap_or("no reason is given");
        let why: String = why.chars().filter(|c| !c.is_control()).collect();
        out.missing(format!(
            "the audit did not take place: {}; put that right and run npm audit again",
            why.trim_end_matches('.')
        ));
        return document.json(&[], &mut |_| Ok(()));
    }
    let patterns = [
        Pattern::Value("vulnerabilities.*"),
        Pattern::Value("advisories.*"),
        Pattern::Value("metadata.vulnerabilities"),
        Pattern::Value("metadata.dependencies.total"),
        Pattern::Value("metadata.totalDependencies"),
    ];
    out.scan.kinds.insert(Category::Dependency);
    let (mut rows, mut total) = (0_u64, 0_u64);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            PACKAGE => match json::read::<Package>(text) {
                Err(error) => out.unread(&error.to_string()),
                Ok(package) => {
                    rows += 1;
                    for via in &package.via {
                        if let Via::Advisory(cause) = via {
                            out.push(of_cause(&package, cause));
                        }
                    }
                }
            },
            ADVISORY => match json::read::<Advisory>(text) {
                Err(error) => out.unread(&error.to_string()),
                Ok(advisory) if advisory.says_nothing() => out.unread("an advisory without id, package and title"),
                Ok(advisory) => {
                    rows += 1;
                    out.push(of_advisory(&advisory));
                }
            },
            TOTALS => {
                let totals: BTreeMap<String, Value> = json::read(text).unwrap_or_default();
                total = ["info", "low", "moderate", "high", "critical"]
                    .into_iter()
                    .filter_map(|severity| totals.get(severity)?.as_u64())
                    .sum();
            }
            _ if text == "0" => out.looked_at_no("dependency"),
            _ => {}
        }
        Ok(())
    })?;
    if rows == 0 && total > 0 {
        out.missing(format!("the report counts {total} vulnerabilities but lists none; run npm audit --json again"));
    }
    Ok(())
}

fn of_cause(package: &Package, cause: &Cause) -> Observation {
    let identifiers = Identifier::find_in(&cause.url);
    Observation {
        rule: identifiers.first().map_or_else(|| id_text(&cause.source), ToString::to_string),
        category: Some(Category::Dependency),
        title: plain::first_title(&[&cause.title, &format!("A vulnerability of {}", package.name)]),
        severity: Severity::from_word(&cause.severity),
        cvss: cause.cvss.iter().filter_map(assessment).collect(),
        identifiers,
        cwe: cause.cwe.numbers(),
        component: Some(Component {
            ecosystem: "npm".to_owned(),
            name: package.name.clone(),
            version: String::new(),
            purl: packages::purl("npm", &package.name, ""),
            direct: package.is_direct,
            fix: match &package.fix_available {
                Some(Value::Bool(false)) => Fix::NotAvailable,
                _ => Fix::in_versions(packages::ends_of_ranges(&cause.range)),
            },
        }),
        locations: package.nodes.iter().map(|node| Location { path: node.clone(), ..Location::default() }).collect(),
        ..Observation::default()
    }
}

fn of_advisory(advisory: &Advisory) -> Observation {
    let url = advisory.url.as_deref().unwrap_or_default();
    let mut identifiers: Vec<Identifier> = advisory.cves.iter().filter_map(|cve| Identifier::parse(cve)).collect();
    let more = advisory.github_advisory_id.as_deref().and_then(Identifier::parse);
    for identifier in more.into_iter().chain(Identifier::find_in(url)) {
        Identifier::add_to(&mut identifiers, identifier);
    }
    let version = advisory.findings.first().map(|installed| installed.version.0.clone()).unwrap_or_default();
    let package = &advisory.module_name;
    let rule = [id_text(&advisory.id)].into_iter().chain(identifiers.iter().map(ToString::to_string));
    let rule = rule.chain([package.0.clone()]).find(|rule| !rule.is_empty()).unwrap_or_default();
    let paths: Vec<&String> = advisory.findings.iter().flat_map(|installed| &installed.paths).collect();
    let patched = advisory.patched_versions.as_deref().unwrap_or_default();
    Observation {
        category: Some(Category::Dependency),
        title: plain::first_title(&[&advisory.title, &format!("{rule} in {package}")]),
        rule,
        description: advisory.overview.0.clone(),
        severity: Severity::from_word(&advisory.severity),
        cvss: advisory.cvss.iter().filter_map(assessment).collect(),
        identifiers,
        cwe: advisory.cwe.numbers(),
        component: package.given().map(|name| Component {
            ecosystem: "npm".to_owned(),
            name: name.to_owned(),
            purl: packages::purl("npm", name, &version),
            version,
            // A path of one name is the package itself in the project's list, `a>b` is a dependency of a.
            direct: (!paths.is_empty()).then(|| paths.iter().any(|path| !path.contains('>'))),
            // `<0.0.0` is npm's way to write that no version is good.
            fix: match patched.trim() {
                "<0.0.0" => Fix::NotAvailable,
                ranges => Fix::in_versions(packages::first_of_ranges(ranges)),
            },
        }),
        published: advisory.created.parse().ok(),
        occurrences: u32::try_from(paths.len()).unwrap_or(u32::MAX),
        ..Observation::default()
    }
}

fn assessment(rating: &Rating) -> Option<Cvss> {
    let vector = rating.vector_string.clone().unwrap_or_default();
    // npm writes a score of 0 where it knows none.
    let score = rating.score.filter(|score| *score > 0.0);
    (!vector.is_empty() || score.is_some()).then(|| Cvss { vector, score, source: "ghsa".to_owned() })
}

/// An id that may be a number or a text.
fn id_text(id: &Value) -> String {
    id.as_str().map_or_else(|| if id.is_null() { String::new() } else { id.to_string() }, ToOwned::to_owned)
}
