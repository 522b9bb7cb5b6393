//! Nessus (`.nessus`, version 2): hosts with what each plugin saw on them.
//!
//! A plugin reports on a port of a host; that row is the observation. Severity is a number from 0 to 4, which Nessus
//! takes from CVSS 2, 3 or 4 as its settings say; `risk_factor` always follows CVSS 2 and is therefore not used.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{lenient, packages, place, plain, rating};
use crate::model::category::Category;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "nessus-xml",
    title: "Nessus XML",
    kinds: &[Category::Runtime],
    versions: "`.nessus` version 2, also of Tenable Web App Scanning",
    specification: "https://static.tenable.com/documentation/nessus_v2_file_format.pdf",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("NessusClientData_v2")
}

const PATHS: [&str; 2] =
    ["NessusClientData_v2/Report/ReportHost/HostProperties/tag", "NessusClientData_v2/Report/ReportHost/ReportItem"];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "nessus".into();
    report.scan.kinds.insert(Category::Runtime);
    let (mut hosts, mut host) = (0, String::new());
    xml::walk(document.reader(), &PATHS, &mut |visit| {
        match visit {
            Visit::Begin(2, element) => {
                hosts += 1;
                element.attribute("name").clone_into(&mut host);
            }
            Visit::Begin(..) => {}
            Visit::Element(tag) if tag.name == "tag" => end_of_scan(tag, report),
            Visit::Element(item) => observe(item, &host, report),
        }
        Ok(())
    })?;
    if hosts == 0 {
        report.missing("the report names no host: Nessus lists every host that answered, so it reached none");
    }
    Ok(())
}

/// The time at which the last host was done: as seconds, or in words with a time zone.
fn end_of_scan(tag: &Element, report: &mut Collector) {
    let at = match tag.attribute("name") {
        "HOST_END_TIMESTAMP" => tag.text.parse().ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()),
        "HOST_END" => tag.text.parse().ok(),
        _ => None,
    };
    report.scan.at = report.scan.at.max(at);
}

fn observe(item: &Element, host: &str, report: &mut Collector) {
    let (plugin, name) = (item.attribute("pluginID"), item.attribute("pluginName"));
    if plugin.is_empty() {
        return report.unread("a ReportItem without pluginID");
    }
    let texts = |name: &'static str| item.children.iter().filter(move |c| c.name == name).map(|c| c.text.as_str());
    let references = || texts("xref").filter_map(|reference| reference.strip_prefix("CWE:")).chain(texts("cwe"));
    let address = match item.attribute("port") {
        "" | "0" => host.to_owned(),
        port if host.contains("://") => format!("{} (port {port})", host.trim_end_matches('/')),
        port => format!("{host}:{port}"),
    };
    report.push(Observation {
        rule: plugin.to_owned(),
        category: Some(Category::Runtime),
        title: plain::first_title(&[name, item.text_of("synopsis")]),
        description: plain::paragraphs([
            item.text_of("synopsis"),
            item.text_of("description"),
            item.text_of("solution"),
            item.text_of("plugin_output"),
        ]),
        severity: match item.attribute("severity") {
            "0" => Severity::Info,
            "1" => Severity::Low,
            "2" => Severity::Medium,
            "3" => Severity::High,
            "4" => Severity::Critical,
            _ => Severity::Unknown,
        },
        cvss: cvss(item),
        identifiers: texts("cve").filter_map(Identifier::parse).collect(),
        cwe: packages::cwe_numbers(references().filter(|number| lenient::cwe(number).is_some())),
        endpoint: place::endpoint(&address, "", ""),
        epss: item.text_of("epss_score").parse().ok(),
        kev: item.child("cisa-known-exploited").map(|_| true),
        published: lenient::moment(item.text_of("vuln_publication_date")),
        fixed_since: lenient::moment(item.text_of("patch_publication_date")),
        ..Observation::default()
    });
}

/// Assessments, newest scale first. Vectors of version 2 begin with `CVSS2#`; Web App Scanning gives scores alone.
fn cvss(item: &Element) -> Vec<Cvss> {
    [
        ("cvss4_vector", "cvss4_base_score", ""),
        ("cvss3_vector", "cvss3_base_score", "cvssv3"),
        ("cvss_vector", "cvss_base_score", "cvss"),
    ]
    .into_iter()
    .filter_map(|(vector, score, short)| {
        let score = [score, short].into_iter().find_map(|name| item.text_of(name).parse().ok());
        let vector = rating::vector(item.text_of(vector).trim_start_matches("CVSS2#"), "nessus");
        vector
            .map(|cvss| Cvss { score, ..cvss })
            .or_else(|| score.map(|score| Cvss { vector: String::new(), score: Some(score), source: "nessus".into() }))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SHOP: &str = include_str!("../../../tests/fixtures/reports/nessus-xml/shop.nessus");

    #[test]
    fn each_row_is_at_a_port_of_its_host() {
        let report = collect(&FORMAT, SHOP);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let log4j = &report.observations[0];
        assert_eq!((log4j.severity, log4j.kev, log4j.cwe.as_slice()), (Severity::Critical, Some(true), &[20, 917][..]));
        assert_eq!(log4j.endpoint.as_ref().unwrap().url, "192.0.2.10:8983");
        assert_eq!(log4j.cvss.iter().filter_map(|cvss| cvss.score).collect::<Vec<_>>(), [10.0, 9.3]);
        assert_eq!(log4j.cvss[1].vector, "AV:N/AC:M/Au:N/C:C/I:C/A:C");
        assert_eq!(log4j.published.unwrap().to_string(), "2021-12-09T00:00:00Z");
        assert_eq!(log4j.fixed_since.unwrap().to_string(), "2021-12-10T00:00:00Z");
        let whole_host = &report.observations[1];
        assert_eq!(
            (whole_host.severity, whole_host.endpoint.as_ref().unwrap().url.as_str()),
            (Severity::Info, "192.0.2.10")
        );
        assert_eq!(report.observations[2].endpoint.as_ref().unwrap().url, "192.0.2.11:22");
        assert_eq!(report.scan.at.unwrap().to_string(), "2024-03-09T14:13:20Z");
    }

    #[test]
    fn a_scan_that_reached_nothing_is_no_evidence() {
        let report = collect(&FORMAT, "<NessusClientData_v2><Policy/><Report name='x'/></NessusClientData_v2>");
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("no host"));
    }
}
