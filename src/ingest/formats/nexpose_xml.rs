//! Nexpose and InsightVM, `XML Export`: hosts with the tests that they did not pass, and what is known of each
//! vulnerability at the end.

use std::collections::BTreeMap;

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
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "nexpose-xml",
    title: "Nexpose / InsightVM XML",
    kinds: &[Category::Runtime],
    versions: "XML Export 1.0 and 2.0",
    specification: "https://docs.rapid7.com/insightvm/creating-a-basic-report/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("NexposeReport")
}

const PATHS: [&str; 3] = ["NexposeReport/scans/scan", "NexposeReport/nodes/node", "**/vulnerability"];

/// What is known of a vulnerability.
#[derive(Default)]
struct Known {
    title: String,
    description: String,
    severity: Severity,
    cvss: Option<Cvss>,
    identifiers: Vec<Identifier>,
}

/// A test that a host did not pass.
struct Held {
    vulnerability: String,
    address: String,
    host: String,
    evidence: String,
    excepted: bool,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "nexpose".into();
    report.scan.kinds.insert(Category::Runtime);
    let (mut known, mut held, mut nodes) = (BTreeMap::new(), Vec::new(), 0_u64);
    let outcome = xml::walk(document.reader(), &PATHS, &mut |visit| {
        let Visit::Element(element) = visit else { return Ok(()) };
        match element.name.as_str() {
            "scan" => scan(element, report),
            "vulnerability" => drop(known.insert(element.attribute("id").to_lowercase(), definition(element))),
            _ => {
                nodes += 1;
                let name = element.each("names", "name").next().map_or("", |name| name.text.as_str());
                let host = if name.is_empty() { element.attribute("address") } else { name };
                tests(element, element.attribute("address"), host, &mut held);
            }
        }
        Ok(())
    });
    if outcome.is_ok() && nodes == 0 {
        report.missing(
            "the report names no host: Nexpose lists every one that it scanned. Check the sites of the report",
        );
    }
    let nothing = Known::default();
    for test in held {
        observe(&test, known.get(&test.vulnerability.to_lowercase()).unwrap_or(&nothing), report);
    }
    outcome
}

fn scan(scan: &Element, report: &mut Collector) {
    let status = scan.attribute("status");
    if !["", "finished", "unknown"].contains(&status) {
        report.missing(format!("the scan {} ended as {}", plain::title(scan.attribute("name")), plain::title(status)));
    }
    // 20261120T100000123, in UTC.
    let end = scan.attribute("endTime");
    if let (Some(date), Some(time)) = (end.get(..8), end.get(9..15)) {
        report.scan.at = format!("{date}T{time}Z").parse().ok().or(report.scan.at);
    }
}

/// The tests of a host, wherever below it they stand: of the host itself or of one of its services.
fn tests(within: &Element, address: &str, host: &str, held: &mut Vec<Held>) {
    for child in &within.children {
        match child.name.as_str() {
            "endpoint" => {
                let address = format!("{address}:{}", child.attribute("port"));
                tests(child, &address, host, held);
            }
            "test" => {
                let status = child.attribute("status");
                if status.contains("vulnerable") && !status.starts_with("not-vulnerable") {
                    held.push(Held {
                        vulnerability: child.attribute("id").to_owned(),
                        address: address.to_owned(),
                        host: host.to_owned(),
                        evidence: all_text(child),
                        excepted: status.starts_with("exception") || status.starts_with("overridden"),
                    });
                }
                tests(child, address, host, held);
            }
            // A node within a node is a fault of the export, but its tests count.
            "vulnerability" => {}
            _ => tests(child, address, host, held),
        }
    }
}

fn all_text(element: &Element) -> String {
    let inner = element.children.iter().filter(|child| child.name != "test").map(all_text);
    plain::paragraphs(std::iter::once(element.text.clone()).chain(inner))
}

fn definition(element: &Element) -> Known {
    let score: Option<f64> = element.attribute("cvssScore").parse().ok();
    let graded = |text: &str| text.parse::<f64>().ok().filter(|grade| *grade > 0.0);
    let references = element.each("references", "reference").map(|reference| reference.text.as_str());
    let solution = element.child("solution").map(all_text).unwrap_or_default();
    Known {
        title: element.attribute("title").to_owned(),
        description: plain::paragraphs([element.child("description").map(all_text).unwrap_or_default(), solution]),
        // The severity of Nexpose, 1 to 10, is there even if no score is.
        severity: score
            .or_else(|| graded(element.attribute("severity")))
            .map_or(Severity::Unknown, Severity::from_score),
        cvss: rating::vector(element.attribute("cvssVector").trim_matches(['(', ')']), "nexpose")
            .map(|cvss| Cvss { score, ..cvss }),
        identifiers: Identifier::find_in(&references.collect::<Vec<_>>().join(" ")),
    }
}

fn observe(test: &Held, known: &Known, report: &mut Collector) {
    if test.vulnerability.is_empty() {
        return report.unread("a test without id");
    }
    report.push(Observation {
        rule: test.vulnerability.clone(),
        category: Some(Category::Runtime),
        title: plain::first_title(&[&known.title, &test.vulnerability]),
        description: plain::paragraphs([&known.description, &test.evidence]),
        severity: known.severity,
        cvss: known.cvss.clone().into_iter().collect(),
        identifiers: known.identifiers.clone(),
        endpoint: place::endpoint(&test.address, "", ""),
        artefact: Some(test.host.clone()),
        suppression: test.excepted.then(|| Suppression { kind: "exception in Nexpose".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOSTS: &str = include_str!("../../../tests/fixtures/reports/nexpose-xml/hosts.xml");

    #[test]
    fn tests_of_hosts_and_services_know_what_is_said_at_the_end() {
        let report = collect(&FORMAT, HOSTS);
        let [host, service] = report.observations.as_slice() else { panic!("{:?}", report.observations) };
        assert_eq!((host.title.as_str(), host.severity), ("ICMP redirection enabled", Severity::Medium));
        assert_eq!(service.endpoint.as_ref().unwrap().url, "192.0.2.7:443");
        assert_eq!((service.identifiers.len(), service.artefact.as_deref()), (1, Some("shop.example")));
        assert!(report.problems.is_empty());
        let stopped = collect(&FORMAT, &HOSTS.replace("status=\"finished\"", "status=\"stopped\""));
        assert!(stopped.problems[0].evidence_missing && stopped.problems[0].message.contains("ended as stopped"));
        let (start, end) = (HOSTS.find("<nodes>").unwrap(), HOSTS.find("</nodes>").unwrap());
        let no_host = collect(&FORMAT, &[&HOSTS[..start], "<nodes>", &HOSTS[end..]].concat());
        assert!(no_host.problems[0].evidence_missing && no_host.problems[0].message.contains("names no host"));
        assert_eq!((report.suppressed.len(), report.scan.at.unwrap().to_string()), (1, "2026-11-20T10:00:00Z".into()));
    }
}
