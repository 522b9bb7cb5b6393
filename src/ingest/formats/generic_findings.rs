//! DefectDojo's generic findings JSON, which many scripts write for want of a format of their own.
//!
//! What kind of problem a finding is follows from what it names: a package, an address, or else a file.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "generic-findings",
    title: "DefectDojo generic findings JSON",
    kinds: &[Category::Code, Category::Dependency, Category::Runtime],
    versions: "as of DefectDojo 2",
    specification: "https://docs.defectdojo.com/supported_tools/parsers/generic_findings_import/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let has = |name: &str| sniff.has(&format!("findings[].{name}"));
    // Members that other tools' findings have and these do not.
    let others = [
        "finding_details",
        "findingArn",
        "vulnerability",
        "rule_name",
        "component",
        "class_uid",
        "files",
        "check_type",
        "resourcesAffected",
        "full_filename",
    ];
    has("title")
        && has("severity")
        && (has("description") || has("cve") || has("date") || has("component_name"))
        && !others.iter().any(|name| has(name))
        && !sniff.has("pipeline_scan")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    title: Text,
    description: Text,
    mitigation: Text,
    impact: Text,
    severity: Text,
    cve: Text,
    vulnerability_ids: Texts,
    cwe: Text,
    cwes: Texts,
    cvssv4: Text,
    cvssv3: Text,
    cvssv3_score: Number,
    epss_score: Number,
    known_exploited: Option<bool>,
    file_path: Text,
    line: Number,
    component_name: Text,
    component_version: Text,
    fix_version: Text,
    vuln_id_from_tool: Text,
    unique_id_from_tool: Text,
    active: Option<bool>,
    verified: Option<bool>,
    false_p: Option<bool>,
    risk_accepted: Option<bool>,
    duplicate: Option<bool>,
    is_mitigated: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    endpoints: Vec<Value>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let patterns = [Pattern::Value("findings[]"), Pattern::Value("type"), Pattern::Value("version")];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool = json::read::<Text>(text)?.trim().to_lowercase(),
            _ => report.scan.tool_version = json::read::<Text>(text)?.0,
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(title) = row.title.given() else { return report.unread("a finding without title") };
    if row.is_mitigated == Some(true) || row.duplicate == Some(true) {
        return;
    }
    let endpoint = row.endpoints.first().map(address).and_then(|address| place::endpoint(&address, "", ""));
    let category = match (row.component_name.given(), &endpoint) {
        (Some(_), _) => Category::Dependency,
        (None, Some(_)) if row.file_path.given().is_none() => Category::Runtime,
        _ => Category::Code,
    };
    let mut identifiers: Vec<Identifier> = Vec::new();
    for name in row.vulnerability_ids.iter().map(String::as_str).chain([&*row.cve.0]).filter_map(Identifier::parse) {
        Identifier::add_to(&mut identifiers, name);
    }
    let set_aside = [(row.false_p, "false positive"), (row.risk_accepted, "risk accepted")];
    let set_aside = set_aside.into_iter().find(|(flag, _)| *flag == Some(true)).map(|(_, kind)| kind);
    let set_aside = set_aside.or((row.active == Some(false)).then_some("inactive"));
    let vectors = [&row.cvssv4, &row.cvssv3].into_iter().filter_map(|vector| rating::vector(vector, ""));
    report.push(Observation {
        rule: row.vuln_id_from_tool.given().unwrap_or(title).to_owned(),
        native_id: row.unique_id_from_tool.given().map(str::to_owned),
        category: Some(category),
        title: plain::title(title),
        description: plain::paragraphs([&*row.description, &*row.impact, &*row.mitigation]),
        severity: Severity::from_word(&row.severity),
        cvss: vectors.map(|cvss| Cvss { score: row.cvssv3_score.0, ..cvss }).collect(),
        identifiers,
        cwe: packages::cwe_numbers(row.cwes.iter().map(String::as_str).chain([&*row.cwe.0])),
        epss: row.epss_score.share(),
        kev: row.known_exploited,
        verified: row.verified,
        locations: place::in_file(&row.file_path, row.line.line(), None).into_iter().collect(),
        component: row.component_name.given().map(|name| {
            let named = packages::component(name);
            let fix = Fix::in_versions([row.fix_version.0.clone()]);
            let version = row.component_version.0.clone();
            named.unwrap_or_else(|| Component { name: name.to_owned(), version, fix, ..Component::default() })
        }),
        endpoint,
        suppression: set_aside.map(|kind| Suppression { kind: kind.to_owned(), reason: String::new() }),
        ..Observation::default()
    });
}

/// An address as a text, or in its parts.
fn address(endpoint: &Value) -> String {
    if let Value::String(address) = endpoint {
        return address.clone();
    }
    let text_of = |name: &str| match endpoint.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let scheme = match text_of("protocol").as_str() {
        "" => String::new(),
        protocol => format!("{protocol}://"),
    };
    let port = match text_of("port").as_str() {
        "" => String::new(),
        port => format!(":{port}"),
    };
    let path = text_of("path");
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    format!("{scheme}{}{port}{slash}{path}", text_of("host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn what_a_finding_names_says_what_it_is() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/generic-findings/script.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (3, 1, 0));
        let kinds: Vec<_> = report.observations.iter().filter_map(|row| row.category).collect();
        assert_eq!(kinds, [Category::Code, Category::Runtime, Category::Dependency]);
        assert_eq!(report.observations[1].endpoint.as_ref().unwrap().url, "https://shop.example:8443/login");
        assert_eq!(report.observations[2].identifiers[0].as_str(), "CVE-2020-36234");
        assert_eq!(report.scan.tool, "house scanner");
    }
}
