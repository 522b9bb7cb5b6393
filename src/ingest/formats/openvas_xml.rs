//! `OpenVAS` / Greenbone reports as XML.
//!
//! A result is what one test saw on one port of one host. Its severity is the score after the overrides of the users.
//! A report may hold only some of the results; its counts say so.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{place, plain, rating};
use crate::model::category::Category;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "openvas-xml",
    title: "OpenVAS report XML",
    kinds: &[Category::Runtime],
    versions: "GMP 7 to 22 (report format XML, `get_reports`)",
    specification: "https://docs.greenbone.net/API/GMP/gmp-22.5.html#command_get_reports",
    recognise,
    read,
};

/// What the report proper may stand in.
const ROOTS: [&str; 3] = ["report.report", "report", "get_reports_response.report.report"];

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml(&sniff.head)
        && ROOTS.iter().any(|root| sniff.has(&format!("{root}.scan_run_status")) || sniff.has(&format!("{root}.gmp")))
}

const PATHS: [&str; 12] = [
    "report/report/results/result",
    "report/report/scan_run_status",
    "report/report/scan_end",
    "report/report/result_count",
    "report/results/result",
    "report/scan_run_status",
    "report/scan_end",
    "report/result_count",
    "get_reports_response/report/report/results/result",
    "get_reports_response/report/report/scan_run_status",
    "get_reports_response/report/report/scan_end",
    "get_reports_response/report/report/result_count",
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "openvas".into();
    report.scan.kinds.insert(Category::Runtime);
    let (mut rows, mut total) = (0, None);
    xml::walk(document.reader(), &PATHS, &mut |visit| {
        let Visit::Element(element) = visit else { return Ok(()) };
        match element.name.as_str() {
            "scan_run_status" if element.text != "Done" => {
                report.missing(format!("the scan is {}, not done: wait for its end", plain::title(&element.text)));
            }
            "scan_run_status" => {}
            "scan_end" => report.scan.at = element.text.parse().ok(),
            "result_count" => total = element.text_of("filtered").parse::<u64>().ok(),
            _ => {
                rows += 1;
                observe(element, report);
            }
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("the report holds {rows} results out of {total}: export it with rows=-1"));
    }
    Ok(())
}

fn observe(result: &Element, report: &mut Collector) {
    let none = Element::default();
    let nvt = result.child("nvt").unwrap_or(&none);
    let rule = [nvt.attribute("oid"), result.text_of("name")].into_iter().find(|id| !id.is_empty());
    let Some(rule) = rule else { return report.unread("a result without test and name") };
    let references = || nvt.each("refs", "ref");
    let cves = references().filter(|r| r.attribute("type") == "cve").map(|r| r.attribute("id"));
    let earlier = nvt.text_of("cve").split(',');
    let (host, port) = (result.text_of("host"), result.text_of("port"));
    let number = port.split('/').next().filter(|port| port.parse::<u16>().is_ok());
    let tags = nvt.text_of("tags");
    let tag =
        |name: &str| tags.split('|').find_map(|tag| tag.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let score = result.text_of("severity").parse::<f64>().ok();
    let word = result.text_of("threat");
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: Some(result.attribute("id").to_owned()).filter(|id| !id.is_empty()),
        category: Some(Category::Runtime),
        title: plain::first_title(&[result.text_of("name"), nvt.text_of("name"), rule]),
        description: plain::paragraphs([tag("summary"), result.text_of("description"), nvt.text_of("solution")]),
        severity: match (score, word) {
            // Negative numbers stand for false positives, debugging and errors.
            (Some(score), _) if score >= 0.0 => Severity::from_score(score),
            (_, "Log" | "Debug") => Severity::Info,
            (_, word) => Severity::from_word(word),
        },
        cvss: [tag("cvss_base_vector"), nvt.each("severities", "severity").next().map_or("", |s| s.text_of("value"))]
            .into_iter()
            .find_map(|vector| rating::vector(vector, "openvas"))
            .map(|cvss| Cvss { score: nvt.text_of("cvss_base").parse().ok(), ..cvss })
            .into_iter()
            .collect(),
        identifiers: cves.chain(earlier).filter_map(Identifier::parse).filter(Identifier::is_cve).collect(),
        endpoint: match number {
            Some(number) => place::endpoint(&format!("{host}:{number}"), "", ""),
            None => place::endpoint(host, "", ""),
        },
        // Quality of detection in per cent; 70 is what Greenbone shows by default.
        confidence: result.child("qod").and_then(|qod| qod.text_of("value").parse::<u8>().ok()).map(|qod| match qod {
            98.. => Confidence::Certain,
            70..=97 => Confidence::High,
            50..=69 => Confidence::Medium,
            _ => Confidence::Low,
        }),
        epss: nvt
            .child("epss")
            .and_then(|epss| epss.child("max_epss"))
            .and_then(|most| most.text_of("score").parse().ok()),
        suppression: (word == "False Positive")
            .then(|| Suppression { kind: "false positive".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/openvas-xml/shop.xml");

    #[test]
    fn results_are_at_a_port_of_their_host() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (2, 1, 0));
        let windows = &report.observations[0];
        assert_eq!((windows.severity, windows.confidence), (Severity::Critical, Some(Confidence::High)));
        assert_eq!(windows.endpoint.as_ref().unwrap().url, "192.0.2.10:445");
        assert_eq!(windows.identifiers[0].as_str(), "CVE-2025-47981");
        assert_eq!(report.observations[1].severity, Severity::Info);
    }

    #[test]
    fn a_scan_that_runs_on_or_a_part_of_its_results_is_missing_evidence() {
        let report = collect(&FORMAT, &SHOP.replace(">Done<", ">Running<"));
        assert_eq!(report.problems[0].message, "the scan is Running, not done: wait for its end");
        let report = collect(&FORMAT, &SHOP.replace("<filtered>3<", "<filtered>44<"));
        assert_eq!(report.problems[0].message, "the report holds 3 results out of 44: export it with rows=-1");
    }
}
