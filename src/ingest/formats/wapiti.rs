//! Wapiti JSON: a web application scanner. Requests and commands to repeat them are not kept: they hold cookies.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "wapiti",
    title: "Wapiti JSON",
    kinds: &[Category::Runtime],
    versions: "3 (`-f json`)",
    specification: "https://wapiti-scanner.github.io/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("classifications") && sniff.has("anomalies") && sniff.has("infos") && sniff.has("vulnerabilities")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Class {
    desc: Text,
    sol: Text,
    #[serde(rename = "ref", deserialize_with = "or_default")]
    references: BTreeMap<String, Text>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    method: Text,
    path: Text,
    info: Text,
    level: Text,
    parameter: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Infos {
    target: Text,
    date: Text,
    version: Text,
    crawled_pages_nbr: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "wapiti".into();
    report.scan.kinds.insert(Category::Runtime);
    let patterns = [
        Pattern::Value("classifications.*"),
        Pattern::Value("vulnerabilities.*"),
        Pattern::Value("anomalies.*"),
        Pattern::Value("additionals.*"),
        Pattern::Value("infos"),
    ];
    let (mut classes, mut infos) = (BTreeMap::new(), Infos::default());
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => drop(classes.insert(event.key.to_owned(), json::read::<Class>(text).unwrap_or_default())),
            4 => infos = json::read(text)?,
            kind => match json::read::<Option<Vec<Row>>>(text) {
                Ok(rows) => {
                    let class = classes.get(event.key);
                    rows.iter().flatten().for_each(|row| report.push(observation(event.key, row, class, kind == 3)));
                }
                Err(error) => report.unread(&error.to_string()),
            },
        }
        Ok(())
    })?;
    infos.version.trim_start_matches("Wapiti ").clone_into(&mut report.scan.tool_version);
    report.scan.at = jiff::fmt::rfc2822::parse(infos.date.trim()).ok().map(|at| at.timestamp());
    if &*infos.crawled_pages_nbr == "0" {
        report.missing("Wapiti crawled no page: check the address and what it may reach");
    }
    // The target is named last; places are given as paths on it.
    let target = origin(&infos.target).to_owned();
    report.amend(|observation| {
        if let Some(endpoint) = &mut observation.endpoint
            && endpoint.url.starts_with('/')
            && let Some(whole) = place::endpoint(&format!("{target}{}", endpoint.url), "", "")
        {
            endpoint.url = whole.url;
        }
    });
    Ok(())
}

/// The severity of a level, 4 the highest.
pub fn severity(level: &str) -> Severity {
    match level {
        "0" => Severity::Info,
        "1" => Severity::Low,
        "2" => Severity::Medium,
        "3" => Severity::High,
        "4" => Severity::Critical,
        _ => Severity::Unknown,
    }
}

/// Scheme and host of an address, without the path.
pub fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}

fn observation(kind: &str, row: &Row, class: Option<&Class>, additional: bool) -> Observation {
    let references = class.into_iter().flat_map(|class| class.references.keys());
    let none = Class::default();
    let class = class.unwrap_or(&none);
    Observation {
        rule: kind.to_owned(),
        category: Some(Category::Runtime),
        title: plain::first_title(&[&row.info, kind]),
        description: plain::paragraphs([&*class.desc, &*class.sol]),
        severity: if additional { Severity::Info } else { severity(&row.level) },
        cwe: packages::cwe_numbers(references.filter(|name| name.starts_with("CWE-"))),
        endpoint: place::endpoint(&row.path, &row.method, &row.parameter),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/wapiti/shop.json");

    #[test]
    fn rows_have_the_address_that_is_named_last() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (2, 0, 0));
        let scripting = &report.observations[0];
        assert_eq!((scripting.severity, scripting.cwe.as_slice()), (Severity::Medium, &[79][..]));
        let at = scripting.endpoint.as_ref().unwrap();
        assert_eq!((at.url.as_str(), at.parameter.as_deref()), ("http://shop.example:5055/s", Some("q")));
        assert_eq!((report.scan.tool_version.as_str(), report.observations[1].severity), ("3.0.4", Severity::High));
        assert!(!format!("{report:?}").contains("SESSION"), "requests hold cookies");
    }

    #[test]
    fn a_scan_that_reached_nothing_is_missing_evidence() {
        let report = collect(&FORMAT, &SHOP.replace("\"scope\"", "\"crawled_pages_nbr\":0,\"scope\""));
        assert!(report.problems[0].message.starts_with("Wapiti crawled no page"));
    }
}
