//! OWASP Dependency-Track: the finding packaging format (`Export findings`).

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "dependency-track",
    title: "Dependency-Track findings JSON",
    kinds: &[Category::Dependency, Category::Container],
    versions: "finding packaging format 1.0 to 1.3",
    specification: "https://docs.dependencytrack.org/integrations/file-formats/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let exported = sniff.text("meta.application") == Some("Dependency-Track") && sniff.has("findings");
    exported || (sniff.has("findings[].vulnerability.vulnId") && sniff.has("findings[].component"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(deserialize_with = "or_default")]
    component: Part,
    #[serde(deserialize_with = "or_default")]
    vulnerability: Vulnerability,
    #[serde(deserialize_with = "or_default")]
    analysis: Analysis,
    matrix: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Part {
    group: Text,
    name: Text,
    version: Text,
    purl: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability {
    vuln_id: Text,
    title: Text,
    sub_title: Text,
    description: Text,
    recommendation: Text,
    severity: Text,
    #[serde(alias = "cvssV4Score", alias = "cvssV4BaseScore")]
    cvss_v4: Number,
    #[serde(alias = "cvssV3BaseScore", alias = "cvssV3Score")]
    cvss_v3: Number,
    #[serde(alias = "cvssV2BaseScore", alias = "cvssV2Score")]
    cvss_v2: Number,
    source: Text,
    epss_score: Number,
    cwe_id: Text,
    #[serde(deserialize_with = "or_default")]
    cwes: Vec<Weakness>,
    #[serde(deserialize_with = "or_default")]
    aliases: Vec<Alias>,
    patched_versions: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Weakness {
    cwe_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Alias {
    cve_id: Text,
    ghsa_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Analysis {
    state: Text,
    details: Text,
    is_suppressed: Option<bool>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "dependency-track".into();
    report.scan.kinds.insert(Category::Dependency);
    let patterns = [
        Pattern::Value("findings[]"),
        Pattern::Value("meta.version"),
        Pattern::Value("meta.timestamp"),
        Pattern::Value("project.name"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool_version = json::read::<Text>(text)?.0,
            2 => report.scan.at = json::read::<Text>(text)?.parse().ok(),
            _ => report.scan.artefact = json::read::<Text>(text)?.given().map(str::to_owned),
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let (part, known) = (&row.component, &row.vulnerability);
    let Some(id) = known.vuln_id.given() else { return report.unread("a finding without vulnId") };
    let fix = Fix::in_versions(known.patched_versions.split(',').filter(|version| !version.contains(['<', '>', '='])));
    let named = packages::component(&part.purl);
    let component = named.map(|named| Component { fix: fix.clone(), ..named }).unwrap_or_else(|| Component {
        name: match part.group.given() {
            Some(group) => format!("{group}/{}", part.name),
            None => part.name.0.clone(),
        },
        version: part.version.0.clone(),
        fix,
        ..Component::default()
    });
    let aliases = known.aliases.iter().flat_map(|alias| [&*alias.cve_id, &*alias.ghsa_id]);
    let mut identifiers: Vec<Identifier> = Vec::new();
    for name in [id].into_iter().chain(aliases).filter_map(Identifier::parse) {
        Identifier::add_to(&mut identifiers, name);
    }
    let weaknesses = known.cwes.iter().map(|weakness| &*weakness.cwe_id).chain([&*known.cwe_id]);
    let state = row.analysis.state.to_lowercase().replace('_', " ");
    report.push(Observation {
        rule: id.to_owned(),
        native_id: row.matrix.given().map(str::to_owned),
        category: Some(packages::category(&component.ecosystem)),
        title: plain::first_title(&[&known.title, &known.sub_title, &format!("{id} in {}", component.name)]),
        description: plain::paragraphs([&*known.description, &*known.recommendation]),
        severity: Severity::from_word(&known.severity),
        cvss: [known.cvss_v4, known.cvss_v3, known.cvss_v2]
            .into_iter()
            .filter(|score| score.0.is_some())
            .map(|score| Cvss { score: score.0, source: known.source.to_lowercase(), ..Cvss::default() })
            .collect(),
        identifiers,
        cwe: packages::cwe_numbers(weaknesses),
        epss: known.epss_score.share(),
        component: Some(component),
        suppression: (row.analysis.is_suppressed == Some(true)).then(|| Suppression {
            kind: if state.is_empty() { "suppressed".to_owned() } else { state },
            reason: row.analysis.details.trim().to_owned(),
        }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn findings_keep_every_name_and_their_analysis() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/dependency-track/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let urllib3 = &report.observations[0];
        assert_eq!(
            urllib3.identifiers.iter().map(Identifier::as_str).collect::<Vec<_>>(),
            ["CVE-2023-45803", "GHSA-g4mx-q9vg-27p4"]
        );
        assert_eq!(urllib3.component.as_ref().unwrap().to_string(), "urllib3 1.26.16");
        assert_eq!((urllib3.cwe.as_slice(), urllib3.cvss[0].score), (&[200][..], Some(4.2)));
        let why = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!((why.kind.as_str(), why.reason.as_str()), ("not affected", "never parses XML"));
        let empty = collect(&FORMAT, r#"{"meta":{"application":"Dependency-Track"},"project":{},"findings":null}"#);
        assert!(empty.scan.kinds.contains(&Category::Dependency) && empty.problems.is_empty());
    }
}
