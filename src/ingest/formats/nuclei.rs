//! Nuclei: JSON lines, one array, or a single result; today's field names and the older ones.
//!
//! A template with several matchers reports each of them, and so a result is named as Nuclei prints it:
//! `template:matcher`. Requests, responses and extracted values are not kept: they may hold what should stay secret.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json;
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "nuclei",
    title: "Nuclei JSON",
    kinds: &[Category::Runtime],
    versions: "2 and 3 (`-jsonl`, `-json-export`), and version 2 with the field names of 2021",
    specification: "https://docs.projectdiscovery.io/opensource/nuclei/running#nuclei-flags",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let prefix = if sniff.shape == Shape::JsonArray { "[]." } else { "" };
    let has = |path: &str| sniff.has(&format!("{prefix}{path}"));
    (has("template-id") || has("templateID")) && has("info") && (has("matched-at") || has("matched") || has("host"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Row {
    #[serde(alias = "templateID")]
    template_id: Text,
    matcher_name: Text,
    #[serde(alias = "extractor_name")]
    extractor_name: Text,
    info: Info,
    #[serde(rename = "type")]
    protocol: Text,
    host: Text,
    url: Text,
    #[serde(alias = "matched")]
    matched_at: Text,
    matcher_status: Option<bool>,
    timestamp: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    name: Text,
    description: Text,
    impact: Text,
    remediation: Text,
    severity: Text,
    tags: Texts,
    #[serde(deserialize_with = "or_default")]
    classification: Classification,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Classification {
    cve_id: Texts,
    cwe_id: Texts,
    cvss_metrics: Text,
    cvss_score: Number,
    epss_score: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "nuclei".into();
    report.scan.kinds.insert(Category::Runtime);
    document.records(&mut |text| record(text, report))
}

fn record(text: &str, report: &mut Collector) {
    match json::read::<Row>(text) {
        // With `-matcher-status` Nuclei also lists what did not match.
        Ok(row) if row.matcher_status == Some(false) => {}
        Ok(row) => observe(&row, report),
        Err(error) => report.unread(&error.to_string()),
    }
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(template) = row.template_id.given() else {
        return report.unread("a result without template-id");
    };
    report.scan.at = report.scan.at.max(row.timestamp.trim().parse().ok());
    let Info { name, description, impact, remediation, severity, tags, classification } = &row.info;
    let matcher = row.matcher_name.given();
    let address = [&row.matched_at, &row.url, &row.host].into_iter().find_map(Text::given).unwrap_or_default();
    let file = &*row.protocol == "file";
    let observation = Observation {
        rule: matcher.map_or_else(|| template.to_owned(), |matcher| format!("{template}:{matcher}")),
        category: Some(if file { Category::Code } else { Category::Runtime }),
        title: match (name.given().unwrap_or(template), matcher) {
            (name, Some(matcher)) => plain::title(&format!("{name} ({matcher})")),
            (name, None) => plain::title(name),
        },
        description: plain::paragraphs([&description.0, &impact.0, &remediation.0]),
        severity: Severity::from_word(severity),
        cvss: cvss(classification).into_iter().collect(),
        identifiers: identifiers(template, classification),
        cwe: classification.cwe_id.separated().filter_map(cwe).collect(),
        endpoint: if file { None } else { place::endpoint(address, "", "") },
        locations: if file { place::in_file(address, None, None).into_iter().collect() } else { Vec::new() },
        epss: classification.epss_score.share(),
        // The templates' tag for CISA's catalogue; its absence says nothing.
        kev: tags.separated().any(|tag| tag == "kev").then_some(true),
        ..Observation::default()
    };
    // The same match is listed again for each value extracted from it.
    report.push_once(&[template, &row.matcher_name, &row.extractor_name, address], observation);
}

fn identifiers(template: &str, classification: &Classification) -> Vec<Identifier> {
    let mut named: Vec<_> = classification.cve_id.separated().filter_map(Identifier::parse).collect();
    for identifier in Identifier::find_in(template) {
        Identifier::add_to(&mut named, identifier);
    }
    named
}

fn cvss(classification: &Classification) -> Option<Cvss> {
    let vector = classification.cvss_metrics.given().unwrap_or_default().to_owned();
    let score = classification.cvss_score.0.filter(|score| *score > 0.0);
    (score.is_some() || !vector.is_empty()).then(|| Cvss { vector, score, source: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn lines_are_read_and_repeated_matches_counted() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/nuclei/scan.jsonl"));
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (4, 0, 0));
        let log4j = &report.observations[0];
        assert_eq!(
            (log4j.rule.as_str(), log4j.severity, log4j.kev),
            ("CVE-2021-44228", Severity::Critical, Some(true))
        );
        assert_eq!((log4j.identifiers[0].as_str(), log4j.cwe.as_slice()), ("CVE-2021-44228", &[20, 917][..]));
        assert_eq!((log4j.cvss[0].score, log4j.epss), (Some(10.0), Some(0.97)));
        let tls = report.observations.iter().find(|o| o.rule == "tls-version").unwrap();
        assert_eq!(tls.occurrences, 2);
        let headers: Vec<_> = report.observations.iter().filter(|o| o.rule.starts_with("http-missing")).collect();
        assert_eq!(headers.len(), 2, "each matcher is a finding of its own");
        assert_eq!(headers[0].title, "HTTP Missing Security Headers (x-frame-options)");
        assert_eq!(headers[0].kev, None);
    }

    #[test]
    fn arrays_and_the_older_names_are_read() {
        let array = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/nuclei/array.json"));
        let admin = &array.observations[0];
        assert_eq!((array.observations.len(), admin.severity), (1, Severity::Unknown));
        assert_eq!(admin.endpoint.as_ref().unwrap().url, "shop.example:3306");
        assert!(admin.cwe.is_empty());
    }

    #[test]
    fn a_single_result_over_several_lines_is_read() {
        let single =
            "{\n \"template-id\": \"x\",\n \"info\": {\"name\": \"X\", \"severity\": \"low\"},\n \"host\": \"h\"\n}\n";
        assert_eq!(collect(&FORMAT, single).observations.len(), 1);
    }

    #[test]
    fn what_follows_a_broken_line_is_missing_evidence() {
        let text = include_str!("../../../tests/fixtures/reports/nuclei/scan.jsonl");
        let report = collect(&FORMAT, &text[..text.len() - 30]);
        assert!(report.problems.iter().any(|problem| problem.evidence_missing));
        assert_eq!(report.observations.len(), 4, "the cut is in the repeated line");
    }
}
