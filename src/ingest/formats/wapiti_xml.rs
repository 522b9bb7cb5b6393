//! Wapiti XML: a web application scanner. Requests and commands to repeat them are not kept: they hold cookies.

use super::wapiti;
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "wapiti-xml",
    title: "Wapiti XML",
    kinds: &[Category::Runtime],
    versions: "2.3 and 3 (`-f xml`)",
    specification: "https://wapiti-scanner.github.io/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("report") && sniff.has("report.report_infos.info") && sniff.has("report.vulnerabilities")
}

const SECTIONS: [&str; 4] = [
    "report/report_infos",
    "report/vulnerabilities/vulnerability",
    "report/anomalies/anomaly",
    "report/additionals/additional",
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "wapiti".into();
    report.scan.kinds.insert(Category::Runtime);
    // The target is named first; places are given as paths on it.
    let mut target = String::new();
    xml::walk(document.reader(), &SECTIONS, &mut |visit| {
        match visit {
            Visit::Element(infos) if infos.name == "report_infos" => {
                wapiti::origin(info(infos, "target")).clone_into(&mut target);
                info(infos, "generatorVersion").trim_start_matches("Wapiti ").clone_into(&mut report.scan.tool_version);
                let date = jiff::fmt::rfc2822::parse(info(infos, "dateOfScan"));
                report.scan.at = date.ok().map(|at| at.timestamp());
                if info(infos, "crawledPages") == "0" {
                    report.missing("Wapiti crawled no page: check the address and what it may reach");
                }
            }
            Visit::Element(class) => observe(class, &target, report),
            Visit::Begin(..) => {}
        }
        Ok(())
    })
}

/// `<info name="target">https://shop.example/</info>`
fn info<'e>(infos: &'e Element, name: &str) -> &'e str {
    infos.children.iter().find(|info| info.attribute("name") == name).map_or("", |info| info.text.as_str())
}

fn observe(class: &Element, target: &str, report: &mut Collector) {
    let kind = class.attribute("name");
    for entry in class.each("entries", "entry") {
        if kind.is_empty() {
            report.unread("a kind of problem without name");
            continue;
        }
        let path = entry.text_of("path");
        let address = if path.starts_with('/') { format!("{target}{path}") } else { path.to_owned() };
        let references = class.each("references", "reference").map(|reference| reference.text_of("title"));
        report.push(Observation {
            rule: kind.to_owned(),
            category: Some(Category::Runtime),
            title: plain::first_title(&[entry.text_of("info"), kind]),
            description: plain::paragraphs([class.text_of("description"), class.text_of("solution")]),
            severity: match class.name.as_str() {
                "additional" => Severity::Info,
                _ => wapiti::severity(entry.text_of("level")),
            },
            cwe: packages::cwe_numbers(references.filter(|title| title.starts_with("CWE-"))),
            endpoint: place::endpoint(&address, entry.text_of("method"), entry.text_of("parameter")),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/wapiti-xml/shop.xml");

    #[test]
    fn paths_have_the_address_of_the_target_and_requests_are_left_out() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let scripting = &report.observations[0];
        assert_eq!((scripting.severity, scripting.cwe.as_slice()), (Severity::Medium, &[79][..]));
        let at = scripting.endpoint.as_ref().unwrap();
        assert_eq!((at.url.as_str(), at.parameter.as_deref()), ("https://shop.example/search", Some("q")));
        assert_eq!(report.observations[2].severity, Severity::Info, "what is merely known is no problem");
        assert!(!format!("{report:?}").contains("SESSION"), "requests hold cookies");
    }

    #[test]
    fn a_scan_that_reached_nothing_is_missing_evidence() {
        let report = collect(&FORMAT, &SHOP.replace("name=\"crawledPages\">7", "name=\"crawledPages\">0"));
        assert!(report.problems[0].message.starts_with("Wapiti crawled no page"));
    }
}
