//! The rows of a Trivy result, and what each says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value;

use super::row::{Row, suppressed};
use crate::ingest::lenient::or_default;
use crate::ingest::packages;
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Package {
    #[serde(default, rename = "ID")]
    pub id: String,
    #[serde(default)]
    relationship: String,
    #[serde(default)]
    indirect: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub locations: Vec<Lines>,
}

impl Package {
    pub fn direct(&self) -> Option<bool> {
        match self.relationship.as_str() {
            "direct" | "root" | "workspace" => Some(true),
            "indirect" => Some(false),
            // Before there was a relationship, only the indirect ones were marked.
            _ => self.indirect.then_some(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Lines {
    pub start_line: u32,
    pub end_line: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    #[serde(default, deserialize_with = "or_default", rename = "VendorIDs")]
    vendor_ids: Vec<String>,
    #[serde(default, rename = "PkgID")]
    pkg_id: String,
    pkg_name: String,
    #[serde(default)]
    pkg_path: String,
    #[serde(default)]
    pkg_identifier: PkgIdentifier,
    #[serde(default)]
    installed_version: String,
    #[serde(default)]
    fixed_version: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    severity_source: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    severity: String,
    #[serde(default, deserialize_with = "or_default", rename = "CweIDs")]
    cwe_ids: Vec<String>,
    #[serde(default, deserialize_with = "or_default", rename = "CVSS")]
    cvss: BTreeMap<String, Scores>,
    published_date: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
struct PkgIdentifier {
    #[serde(default, rename = "PURL")]
    purl: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scores {
    v40_vector: Option<String>,
    v40_score: Option<f64>,
    v3_vector: Option<String>,
    v3_score: Option<f64>,
    v2_vector: Option<String>,
    v2_score: Option<f64>,
}

impl From<Vulnerability> for Row {
    fn from(row: Vulnerability) -> Self {
        let (ecosystem, purl) = match packages::of_purl(&row.pkg_identifier.purl) {
            Some((ecosystem, _)) => (ecosystem, Some(row.pkg_identifier.purl)),
            None => (String::new(), None),
        };
        let fix = Fix::in_versions(row.fixed_version.split(',').map(fixed_in));
        let component = Component {
            ecosystem,
            purl,
            direct: None,
            fix: match (row.status.as_str(), fix) {
                ("affected" | "will_not_fix" | "fix_deferred" | "end_of_life", Fix::Unknown) => Fix::NotAvailable,
                (_, fix) => fix,
            },
            name: row.pkg_name,
            version: row.installed_version,
        };
        let names = std::iter::once(&row.id).chain(&row.vendor_ids);
        let observation = Observation {
            // Trivy says neither which package nor which version in its titles.
            title: if row.title.is_empty() { format!("{} in {component}", row.id) } else { row.title },
            description: row.description,
            severity: Severity::from_word(&row.severity),
            cvss: assessments(row.cvss, &row.severity_source),
            identifiers: names.filter_map(|name| Identifier::parse(name)).collect(),
            cwe: packages::cwe_numbers(&row.cwe_ids),
            component: Some(component),
            published: row.published_date,
            rule: row.id,
            ..Observation::default()
        };
        Self { observation, package: row.pkg_id, path: row.pkg_path }
    }
}

/// Version 1 wrote ranges for some ecosystems: `>=4.17.11`.
fn fixed_in(text: &str) -> String {
    packages::first_of_ranges(text).into_iter().next().unwrap_or_else(|| text.trim().to_owned())
}

/// The source that Trivy takes the severity from first, then NVD, then the others; the newest CVSS version first.
fn assessments(scores: BTreeMap<String, Scores>, severity_source: &str) -> Vec<Cvss> {
    let mut sources: Vec<(String, Scores)> = scores.into_iter().collect();
    sources.sort_by_key(|(source, _)| (source != severity_source, source != "nvd"));
    let versions = |(source, s): (String, Scores)| {
        [(s.v40_vector, s.v40_score), (s.v3_vector, s.v3_score), (s.v2_vector, s.v2_score)]
            .into_iter()
            .filter(|(vector, score)| vector.is_some() || score.is_some())
            .map(move |(vector, score)| Cvss { vector: vector.unwrap_or_default(), score, source: source.clone() })
    };
    sources.into_iter().flat_map(versions).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Misconfiguration {
    #[serde(rename = "ID")]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    resolution: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    cause_metadata: Cause,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Cause {
    #[serde(default)]
    resource: String,
    start_line: Option<u32>,
    end_line: Option<u32>,
    #[serde(default)]
    code: Code,
    #[serde(default, deserialize_with = "or_default")]
    occurrences: Vec<Occurrence>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Code {
    lines: Option<Vec<CodeLine>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CodeLine {
    #[serde(default)]
    content: String,
    #[serde(default)]
    is_cause: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Occurrence {
    #[serde(default)]
    filename: String,
    location: Option<Lines>,
}

impl Misconfiguration {
    /// Checks that passed are no rows.
    pub fn into_row(self) -> Option<Row> {
        let Self { id, title, description, message, resolution, severity, status, cause_metadata: cause } = self;
        if status == "PASS" {
            return None;
        }
        let code = cause.code.lines.unwrap_or_default();
        let snippet: Vec<&str> = code.iter().filter(|line| line.is_cause).map(|line| line.content.as_str()).collect();
        let own = Location {
            // The file is the result's target.
            path: String::new(),
            line: cause.start_line.filter(|line| *line > 0),
            end_line: cause.end_line.filter(|line| *line > 0),
            snippet: (!snippet.is_empty()).then(|| snippet.join("\n")),
        };
        // Where a module is called from.
        let callers = cause.occurrences.into_iter().map(|occurrence| Location {
            path: occurrence.filename,
            line: occurrence.location.as_ref().map(|lines| lines.start_line),
            end_line: occurrence.location.as_ref().map(|lines| lines.end_line),
            snippet: None,
        });
        let parts = [message, description, resolution];
        let told: Vec<String> = parts.into_iter().filter(|text| !text.is_empty()).collect();
        let row = Row {
            observation: Observation {
                rule: id,
                category: Some(Category::Configuration),
                title,
                description: told.join("\n"),
                severity: Severity::from_word(&severity),
                locations: std::iter::once(own).chain(callers).collect(),
                artefact: Some(cause.resource).filter(|resource| !resource.is_empty()),
                ..Observation::default()
            },
            package: String::new(),
            path: String::new(),
        };
        Some(if status == "EXCEPTION" { suppressed(row, "exception".to_owned(), String::new()) } else { row })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Secret {
    #[serde(rename = "RuleID")]
    rule_id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    severity: String,
    start_line: Option<u32>,
    end_line: Option<u32>,
    /// The line with the secret itself masked. The lines around it are not read: other secrets in them are not masked.
    #[serde(default, rename = "Match")]
    masked: String,
}

impl From<Secret> for Row {
    fn from(row: Secret) -> Self {
        Self {
            observation: Observation {
                rule: row.rule_id,
                category: Some(Category::Secret),
                title: row.title,
                severity: Severity::from_word(&row.severity),
                locations: vec![Location {
                    path: String::new(),
                    line: row.start_line,
                    end_line: row.end_line,
                    snippet: Some(row.masked).filter(|line| !line.is_empty()),
                }],
                ..Observation::default()
            },
            package: String::new(),
            path: String::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Licence {
    name: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    pkg_name: String,
    #[serde(default)]
    file_path: String,
}

impl From<Licence> for Row {
    fn from(row: Licence) -> Self {
        let holder = if row.pkg_name.is_empty() { &row.file_path } else { &row.pkg_name };
        let component = Component { name: row.pkg_name.clone(), ..Component::default() };
        Self {
            observation: Observation {
                title: format!("licence {} ({}) of {holder}", row.name, row.category),
                rule: row.name,
                category: Some(Category::Licence),
                severity: Severity::from_word(&row.severity),
                component: (!row.pkg_name.is_empty()).then_some(component),
                ..Observation::default()
            },
            package: String::new(),
            path: row.file_path,
        }
    }
}

/// A finding that an ignore file or a VEX document rules out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Modified {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    statement: String,
    #[serde(default)]
    source: String,
    finding: Value,
}

impl Modified {
    pub fn into_row(self) -> Result<Option<Row>, serde_json::Error> {
        let Self { kind, status, statement, source, finding } = self;
        let row = match kind.as_str() {
            "vulnerability" => Some(serde_json::from_value::<Vulnerability>(finding)?.into()),
            "misconfiguration" => serde_json::from_value::<Misconfiguration>(finding)?.into_row(),
            "secret" => Some(serde_json::from_value::<Secret>(finding)?.into()),
            "license" => Some(serde_json::from_value::<Licence>(finding)?.into()),
            other => return Err(serde_json::Error::custom(format!("a modified finding of unknown type {other}"))),
        };
        let how = if source.is_empty() { status } else { format!("{status} ({source})") };
        Ok(row.map(|row| suppressed(row, how, statement)))
    }
}
