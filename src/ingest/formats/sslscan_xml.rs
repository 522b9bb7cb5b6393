//! sslscan XML: what a server answers to TLS. What counts as a weakness is what counts in SSLyze's reports.

use super::sslyze_json::{self, OUTDATED, WEAKNESSES};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::model::category::Category;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "sslscan-xml",
    title: "sslscan XML",
    kinds: &[Category::Runtime],
    versions: "1.8 and 2 (`--xml`)",
    specification: "https://github.com/rbsec/sslscan",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let is_named = sniff.text("@title").is_some_and(|title| title.starts_with("SSLScan"));
    sniff.is_xml("document") && (is_named || sniff.has("document.ssltest.@sniname"))
}

/// Versions of the protocol, as `cipher` names them, in the order of the table of outdated ones.
const VERSIONS: [&str; 4] = ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "sslscan".into();
    report.scan.kinds.insert(Category::Runtime);
    let mut servers = 0_u32;
    xml::walk(document.reader(), &["document/ssltest"], &mut |visit| {
        match visit {
            Visit::Begin(0, root) => root.attribute("version").clone_into(&mut report.scan.tool_version),
            Visit::Begin(..) => {}
            Visit::Element(server) => {
                servers += 1;
                take(server, report);
            }
        }
        Ok(())
    })?;
    if servers == 0 {
        report.missing("it holds no server: sslscan could not connect; check the address and run it again");
    }
    Ok(())
}

fn take(server: &Element, report: &mut Collector) {
    let address = format!("{}:{}", server.attribute("host"), server.attribute("port"));
    let address = address.trim_end_matches(':');
    let each = |name: &'static str| server.children.iter().filter(move |child| child.name == name);
    let is = |name: &'static str, attribute: &str, value: &str| each(name).any(|of| of.attribute(attribute) == value);
    let facts = [
        ("is_vulnerable_to_heartbleed", is("heartbleed", "vulnerable", "1")),
        (
            "supports_secure_renegotiation",
            each("renegotiation").any(|of| of.attribute("supported") == "1" && of.attribute("secure") == "0"),
        ),
        ("supports_compression", is("compression", "supported", "1")),
        ("supports_fallback_scsv", is("fallback", "supported", "0")),
    ];
    for (name, _) in facts.into_iter().filter(|(_, is_there)| *is_there) {
        if let Some(weakness) = WEAKNESSES.iter().find(|weakness| weakness.fact == name) {
            report.push(weakness.at(address));
        }
    }
    for (version, (rule, protocol, severity)) in VERSIONS.into_iter().zip(OUTDATED) {
        let accepted = each("cipher").filter(|cipher| {
            cipher.attribute("sslversion") == version && matches!(cipher.attribute("status"), "accepted" | "preferred")
        });
        let suites = accepted.count();
        if suites > 0 {
            report.push(sslyze_json::outdated(address, rule, protocol, severity, suites));
        }
    }
    // Of several certificates of one server each is a chain of its own.
    let certificates = each("certificate").chain(each("certificates").flat_map(|list| &list.children));
    for certificate in certificates.filter(|certificate| certificate.name == "certificate") {
        if certificate.text_of("expired") == "true" {
            report.push(sslyze_json::not_trusted(address, "it has expired"));
        }
        if certificate.text_of("self-signed") == "true" {
            report.push(sslyze_json::not_trusted(address, "it is signed by itself"));
        }
        if certificate.text_of("signature-algorithm").to_lowercase().starts_with("sha1") {
            report.push(sslyze_json::with_sha1(address));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SERVER: &str = include_str!("../../../tests/fixtures/reports/sslscan-xml/server.xml");

    #[test]
    fn attributes_that_are_weaknesses_are_findings() {
        let report = collect(&FORMAT, SERVER);
        let rules: Vec<&str> = report.observations.iter().map(|o| o.rule.as_str()).collect();
        assert_eq!(rules, ["is_vulnerable_to_heartbleed", "tls_1_0_cipher_suites", "certificate_not_trusted"]);
        assert_eq!(report.observations[0].endpoint.as_ref().unwrap().url, "shop.example:443");
        assert_eq!((report.problems.len(), report.scan.tool_version.as_str()), (0, "2.1.3"));
    }

    #[test]
    fn a_scan_that_reached_no_server_is_missing_evidence() {
        let report = collect(&FORMAT, "<document title=\"SSLScan Results\" version=\"2.1.3\"></document>");
        assert!(report.problems[0].evidence_missing);
    }
}
