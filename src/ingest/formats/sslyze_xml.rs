//! SSLyze XML, as versions before 3 write it: what a server answers to TLS. What counts as a weakness is what counts in the
//! JSON form.

use super::sslyze_json::{self, OUTDATED, WEAKNESSES};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::model::category::Category;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "sslyze-xml",
    title: "SSLyze XML",
    kinds: &[Category::Runtime],
    versions: "1 and 2 (`--xml_out`)",
    specification: "https://github.com/nabla-c0d3/sslyze/blob/2.1.4/xml_out.xsd",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("document") && sniff.has("@SSLyzeVersion") && sniff.has("document.results")
}

/// Elements whose attribute says that a weakness is there: element, attribute, beginning of the value, fact of the table.
const FACTS: [(&str, &str, &str, &str); 7] = [
    ("openSslHeartbleed", "isVulnerable", "True", "is_vulnerable_to_heartbleed"),
    ("openSslCcsInjection", "isVulnerable", "True", "is_vulnerable_to_ccs_injection"),
    ("robotAttack", "resultEnum", "VULNERABLE_", "robot_result"),
    ("sessionRenegotiation", "isSecure", "False", "supports_secure_renegotiation"),
    ("sessionRenegotiation", "canBeClientInitiated", "True", "is_vulnerable_to_client_renegotiation_dos"),
    ("compressionMethod", "isSupported", "True", "supports_compression"),
    ("tlsFallbackScsv", "isSupported", "False", "supports_fallback_scsv"),
];

/// What the elements of the outdated protocols are called, in the order of the table.
const PROTOCOLS: [&str; 4] = ["sslv2", "sslv3", "tlsv1", "tlsv1_1"];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "sslyze".into();
    report.scan.kinds.insert(Category::Runtime);
    let paths = ["document/results/target", "document/invalidTargets/invalidTarget"];
    xml::walk(document.reader(), &paths, &mut |visit| {
        match visit {
            Visit::Begin(0, root) => root.attribute("SSLyzeVersion").clone_into(&mut report.scan.tool_version),
            Visit::Begin(..) => {}
            Visit::Element(target) if target.name == "target" => take(target, report),
            Visit::Element(invalid) => report.missing(format!(
                "{} could not be scanned: {}",
                plain::title(&invalid.text),
                plain::first_title(&[invalid.attribute("error"), "SSLyze does not say why"])
            )),
        }
        Ok(())
    })
}

fn take(target: &Element, report: &mut Collector) {
    let host = [target.attribute("host"), target.attribute("ip")].into_iter().find(|host| !host.is_empty());
    let address = format!("{}:{}", host.unwrap_or_default(), target.attribute("port"));
    let address = address.trim_end_matches(':');
    for command in &target.children {
        if command.attributes.contains_key("exception") {
            let name = plain::title(&command.name);
            report.missing(format!("{name} was not looked at on {address}: SSLyze reports an error"));
        }
        for fact in &command.children {
            weakness(fact, address, report);
        }
        if let Some(number) = PROTOCOLS.iter().position(|name| *name == command.name) {
            let suites = command.each("acceptedCipherSuites", "cipherSuite").count();
            let (rule, protocol, severity) = OUTDATED[number];
            if suites > 0 {
                report.push(sslyze_json::outdated(address, rule, protocol, severity, suites));
            }
        }
    }
}

fn weakness(fact: &Element, address: &str, report: &mut Collector) {
    for (element, attribute, bad, name) in FACTS {
        let is_bad = fact.name == element && fact.attribute(attribute).starts_with(bad);
        if let Some(weakness) = WEAKNESSES.iter().find(|weakness| is_bad && weakness.fact == name) {
            report.push(weakness.at(address));
        }
    }
    if fact.name != "certificateValidation" {
        return;
    }
    let paths = fact.children.iter().filter(|child| child.name == "pathValidation");
    let results: Vec<&str> = paths.map(|path| path.attribute("validationResult")).collect();
    let fault = results.iter().find(|result| !result.is_empty() && **result != "ok");
    if let Some(fault) = fault.filter(|_| !results.contains(&"ok")) {
        report.push(sslyze_json::not_trusted(address, fault));
    }
    let named = fact.child("hostnameValidation");
    if named.is_some_and(|name| name.attribute("certificateMatchesServerHostname") == "False") {
        report.push(sslyze_json::of_another_name(address));
    }
    let chain = fact.child("verifiedCertificateChain");
    if chain.is_some_and(|chain| chain.attribute("hasSha1SignedCertificate") == "True") {
        report.push(sslyze_json::with_sha1(address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SERVERS: &str = include_str!("../../../tests/fixtures/reports/sslyze-xml/servers.xml");

    #[test]
    fn attributes_that_are_weaknesses_are_findings() {
        let report = collect(&FORMAT, SERVERS);
        let rules: Vec<&str> = report.observations.iter().map(|o| o.rule.as_str()).collect();
        assert_eq!(
            rules,
            [
                "certificate_not_trusted",
                "certificate_of_another_name",
                "is_vulnerable_to_heartbleed",
                "supports_secure_renegotiation",
                "robot_result",
                "tls_1_0_cipher_suites"
            ]
        );
        assert_eq!(report.observations[0].endpoint.as_ref().unwrap().url, "shop.example:443");
        assert_eq!((report.problems.len(), report.unread), (0, 0));
    }

    #[test]
    fn what_was_not_looked_at_is_missing_evidence() {
        let broken = SERVERS.replace("<compression ", "<compression exception=\"Timeout\" ").replace(
            "<invalidTargets/>",
            "<invalidTargets><invalidTarget error=\"Could not resolve\">gone.example</invalidTarget></invalidTargets>",
        );
        let messages: Vec<_> = collect(&FORMAT, &broken).problems.into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            messages,
            [
                "compression was not looked at on shop.example:443: SSLyze reports an error",
                "gone.example could not be scanned: Could not resolve"
            ]
        );
    }
}
