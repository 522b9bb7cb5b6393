//! WPScan JSON: a WordPress site, its core, themes and plugins.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "wpscan",
    title: "WPScan JSON",
    kinds: &[Category::Runtime],
    versions: "3 (`--format json`)",
    specification: "https://github.com/wpscanteam/wpscan/wiki/WPScan-User-Documentation",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let site = sniff.has("target_url") && (sniff.has("interesting_findings") || sniff.has("effective_url"));
    let aborted = sniff.has("scan_aborted") && sniff.has("banner");
    site || aborted
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Site {
    banner: Banner,
    target_url: Text,
    stop_time: Number,
    scan_aborted: Text,
    #[serde(deserialize_with = "or_default")]
    interesting_findings: Vec<Finding>,
    version: Option<Item>,
    main_theme: Option<Item>,
    #[serde(deserialize_with = "or_default")]
    themes: Map<String, Value>,
    #[serde(deserialize_with = "or_default")]
    plugins: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Banner {
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Finding {
    url: Text,
    to_s: Text,
    r#type: Text,
    interesting_entries: Texts,
}

/// The core, a theme or a plugin.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    slug: Text,
    location: Text,
    number: Text,
    version: Value,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    title: Text,
    fixed_in: Text,
    cvss: Option<Rating>,
    #[serde(deserialize_with = "or_default")]
    references: References,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rating {
    score: Number,
    vector: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct References {
    cve: Texts,
    wpvulndb: Texts,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let site: Site = document.whole_json()?;
    report.scan.tool = "wpscan".into();
    report.scan.tool_version.clone_from(&site.banner.version.0);
    report.scan.kinds.insert(Category::Runtime);
    report.scan.artefact = site.target_url.given().map(str::to_owned);
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let at = site.stop_time.0.and_then(|seconds| jiff::Timestamp::from_second(seconds as i64).ok());
    report.scan.at = at;
    if let Some(why) = site.scan_aborted.given() {
        report.missing(format!("WPScan gave up: {}", plain::title(why)));
    }
    for found in &site.interesting_findings {
        interesting(found, report);
    }
    for (name, item) in [("WordPress", &site.version), ("", &site.main_theme)] {
        item.iter().for_each(|item| vulnerable(name, item, &site, report));
    }
    for (slug, value) in site.themes.iter().chain(&site.plugins) {
        match Item::deserialize(value) {
            Ok(item) => vulnerable(slug, &item, &site, report),
            Err(error) => report.unread(&error.to_string()),
        }
    }
    Ok(())
}

fn interesting(found: &Finding, report: &mut Collector) {
    let Some(kind) = found.r#type.given() else { return report.unread("an interesting finding without type") };
    report.push(Observation {
        rule: kind.to_owned(),
        category: Some(Category::Runtime),
        title: plain::first_title(&[&found.to_s, kind]),
        description: plain::paragraphs(found.interesting_entries.iter()),
        severity: Severity::Info,
        endpoint: place::endpoint(&found.url, "GET", ""),
        ..Observation::default()
    });
}

fn vulnerable(name: &str, item: &Item, site: &Site, report: &mut Collector) {
    let name = if name.is_empty() { &*item.slug } else { name };
    let version = item.number.given().or(item.version["number"].as_str()).unwrap_or_default();
    for row in &item.vulnerabilities {
        let Some(title) = row.title.given() else {
            report.unread("a vulnerability without title");
            continue;
        };
        let identifiers: Vec<Identifier> =
            row.references.cve.iter().filter_map(|cve| Identifier::parse(&format!("CVE-{cve}"))).collect();
        let number = row.references.wpvulndb.first().map(|number| format!("WPVDB-{number}"));
        let cvss = row
            .cvss
            .as_ref()
            .and_then(|cvss| Some(Cvss { score: cvss.score.0, ..rating::vector(&cvss.vector, "wpscan")? }));
        let cvss: Vec<Cvss> = cvss.into_iter().collect();
        report.push(Observation {
            rule: identifiers.first().map(ToString::to_string).or(number).unwrap_or_else(|| title.to_owned()),
            category: Some(Category::Runtime),
            title: plain::title(title),
            severity: rating::severity(&cvss),
            cvss,
            identifiers,
            component: Some(Component {
                name: name.to_owned(),
                version: version.to_owned(),
                fix: Fix::in_versions([&*row.fixed_in]),
                ..Component::default()
            }),
            endpoint: place::endpoint(item.location.given().unwrap_or(&site.target_url), "", ""),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SITE: &str = include_str!("../../../tests/fixtures/reports/wpscan/site.json");

    #[test]
    fn vulnerabilities_of_core_themes_and_plugins_are_findings() {
        let report = collect(&FORMAT, SITE);
        let found: Vec<(&str, Severity)> = report.observations.iter().map(|o| (o.rule.as_str(), o.severity)).collect();
        let expected =
            [("headers", Severity::Info), ("CVE-2019-17671", Severity::Medium), ("WPVDB-10004", Severity::Unknown)];
        assert_eq!(found, expected);
        let plugin = report.observations[2].component.as_ref().unwrap();
        assert_eq!((plugin.name.as_str(), plugin.version.as_str()), ("contact-form", "1.2"));
    }

    #[test]
    fn a_scan_that_gave_up_is_missing_evidence() {
        let report = collect(&FORMAT, r#"{"banner":{"version":"3.8"},"scan_aborted":"The site is down"}"#);
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("The site is down"));
    }
}
