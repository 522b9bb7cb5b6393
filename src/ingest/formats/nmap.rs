//! Nmap XML: open ports, and what scripts say about them (`vulners`, and those that use the `vulns` library).
//!
//! An open port is informational; a vulnerability that a script names is a finding.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "nmap",
    title: "Nmap XML",
    kinds: &[Category::Runtime],
    versions: "5 to 7 (`-oX`), with scripts such as vulners",
    specification: "https://nmap.org/book/nmap-dtd.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("nmaprun")
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "nmap".into();
    report.scan.kinds.insert(Category::Runtime);
    let (mut ended, mut up) = (false, 0_u64);
    let mut counted = None;
    xml::walk(document.reader(), &["nmaprun/host", "nmaprun/target", "nmaprun/runstats"], &mut |visit| {
        match visit {
            Visit::Begin(_, run) => report.scan.tool_version = run.attribute("version").to_owned(),
            Visit::Element(element) if element.name == "runstats" => {
                ended = true;
                let finished = element.child("finished");
                let exit = finished.map_or("", |finished| finished.attribute("exit"));
                if !["", "success"].contains(&exit) {
                    report.missing(format!("Nmap ended with {}: run it again", plain::title(exit)));
                }
                let at = finished.and_then(|finished| finished.attribute("time").parse().ok());
                report.scan.at = at.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
                counted = element.child("hosts").and_then(|hosts| hosts.attribute("up").parse::<u64>().ok());
            }
            Visit::Element(target) if target.name == "target" => {
                if target.attribute("status") == "skipped" {
                    report.missing(format!(
                        "the target {} was skipped ({}): name it as an address or a host name",
                        plain::title(target.attribute("specification")),
                        plain::title(target.attribute("reason"))
                    ));
                }
            }
            Visit::Element(host) => {
                // Not every writer states the status of a host that it scanned.
                up += u64::from(host.child("status").is_none_or(|status| status.attribute("state") == "up"));
                take(host, report);
            }
        }
        Ok(())
    })?;
    if !ended {
        report.missing("it does not say how the run ended: Nmap was interrupted; run it again");
    } else if up == 0 && counted.is_none_or(|counted| counted == 0) {
        // A host that is silent may be there all the same: without `-Pn` Nmap leaves it alone.
        report.missing("no host was up, by Nmap's count: no port was looked at. Check the target, or scan it with -Pn");
    }
    Ok(())
}

fn take(host: &Element, report: &mut Collector) {
    let address = host.children.iter().find(|child| child.name == "address" && child.attribute("addrtype") != "mac");
    let address = address.map_or("", |address| address.attribute("addr"));
    let name = host.each("hostnames", "hostname").next().map_or("", |name| name.attribute("name"));
    let host_name = if name.is_empty() { address } else { name };
    for port in host.each("ports", "port") {
        if port.child("state").is_none_or(|state| state.attribute("state") != "open") {
            continue;
        }
        let at = format!("{address}:{}", port.attribute("portid"));
        let about = Observation {
            category: Some(Category::Runtime),
            endpoint: place::endpoint(&at, "", ""),
            artefact: Some(host_name.to_owned()).filter(|host| !host.is_empty()),
            ..Observation::default()
        };
        open_port(port, &about, report);
        scripts(port, &about, report);
    }
    for script in host.children.iter().filter(|child| child.name == "hostscript") {
        let about = Observation {
            category: Some(Category::Runtime),
            endpoint: place::endpoint(address, "", ""),
            artefact: Some(host_name.to_owned()).filter(|host| !host.is_empty()),
            ..Observation::default()
        };
        scripts(script, &about, report);
    }
}

fn open_port(port: &Element, about: &Observation, report: &mut Collector) {
    let number = format!("{}/{}", port.attribute("portid"), port.attribute("protocol"));
    let service = port.child("service");
    let said = |name: &str| service.map_or("", |service| service.attribute(name));
    let words = [said("name"), said("product"), said("version")];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    report.push(Observation {
        rule: format!("open-port {number}"),
        title: plain::title(&format!("Open port {number} {}", words.join(" "))),
        severity: Severity::Info,
        ..about.clone()
    });
}

fn scripts(within: &Element, about: &Observation, report: &mut Collector) {
    for script in within.children.iter().filter(|child| child.name == "script") {
        for table in script.children.iter().filter(|child| child.name == "table") {
            if script.attribute("id") == "vulners" {
                table
                    .children
                    .iter()
                    .filter(|row| row.name == "table")
                    .for_each(|row| vulners(row, table, about, report));
            } else {
                vulnerable(table, script, about, report);
            }
        }
    }
}

/// The text of the `elem` of this key.
fn elem<'e>(table: &'e Element, key: &str) -> &'e str {
    let found = table.children.iter().find(|child| child.name == "elem" && child.attribute("key") == key);
    found.map_or("", |elem| &elem.text)
}

/// A row of the script `vulners`: what is known of the version that the service claims to be.
fn vulners(row: &Element, product: &Element, about: &Observation, report: &mut Collector) {
    let id = elem(row, "id");
    if id.is_empty() {
        return report.unread("a row of vulners without id");
    }
    report.push(Observation {
        rule: id.to_owned(),
        title: plain::title(&format!("{id} in {}", product.attribute("key"))),
        severity: elem(row, "cvss").parse().map_or(Severity::Unknown, Severity::from_score),
        identifiers: Identifier::find_in(id),
        // It is concluded from the version alone.
        confidence: Some(Confidence::Low),
        ..about.clone()
    });
}

/// A table of the library `vulns`.
fn vulnerable(table: &Element, script: &Element, about: &Observation, report: &mut Collector) {
    let state = elem(table, "state").to_uppercase();
    if !state.contains("VULNERABLE") || state.starts_with("NOT") {
        return;
    }
    let list = |key: &str| -> Vec<&str> {
        let tables = table.children.iter().filter(|child| child.name == "table" && child.attribute("key") == key);
        tables.flat_map(|table| table.children.iter().map(|elem| elem.text.as_str())).collect()
    };
    report.push(Observation {
        rule: script.attribute("id").to_owned(),
        title: plain::first_title(&[elem(table, "title"), script.attribute("id")]),
        description: plain::paragraphs(list("description")),
        identifiers: Identifier::find_in(&format!("{} {}", table.attribute("key"), list("ids").join(" "))),
        confidence: Some(if state.starts_with("LIKELY") { Confidence::Medium } else { Confidence::High }),
        ..about.clone()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/nmap/host.xml");

    #[test]
    fn open_ports_inform_and_scripts_name_vulnerabilities() {
        let report = collect(&FORMAT, HOST);
        let found: Vec<(&str, Severity)> = report.observations.iter().map(|o| (o.rule.as_str(), o.severity)).collect();
        let expected = [
            ("open-port 22/tcp", Severity::Info),
            ("CVE-2018-15919", Severity::Medium),
            ("open-port 443/tcp", Severity::Info),
            ("ssl-poodle", Severity::Unknown),
        ];
        assert_eq!(found, expected);
        assert_eq!(report.observations[3].identifiers[0].as_str(), "CVE-2014-3566");
    }

    #[test]
    fn a_run_that_scanned_no_host_is_missing_evidence() {
        let (before, rest) = HOST.split_at(HOST.find("<host ").unwrap());
        let after = &rest[rest.find("</host>").unwrap() + "</host>".len()..];
        let none_up = after.replace("up=\"1\" down=\"0\"", "up=\"0\" down=\"1\"");
        let skipped = "<target specification=\"http://shop.example\" status=\"skipped\" reason=\"invalid\"/>";
        let down = "<host><status state=\"down\" reason=\"no-response\"/></host>";
        for (between, says) in
            [("", "no host was up"), (down, "no host was up"), (skipped, "http://shop.example was skipped (invalid)")]
        {
            let report = collect(&FORMAT, &format!("{before}{between}{none_up}"));
            let told = report.problems.iter().any(|p| p.evidence_missing && p.message.contains(says));
            assert!(report.observations.is_empty() && told, "{between}: {:?}", report.problems);
        }
        // One of several hosts that is down is no fault of the scan.
        let partly = HOST.replace("<runstats>", &format!("{down}<runstats>")).replace("down=\"0\"", "down=\"1\"");
        assert!(collect(&FORMAT, &partly).problems.is_empty());
    }

    #[test]
    fn a_run_that_did_not_end_is_missing_evidence() {
        let start = HOST.find("<runstats>").unwrap();
        for text in [format!("{}</nmaprun>", &HOST[..start]), HOST.replace("exit=\"success\"", "exit=\"error\"")] {
            assert!(collect(&FORMAT, &text).problems[0].evidence_missing);
        }
    }
}
