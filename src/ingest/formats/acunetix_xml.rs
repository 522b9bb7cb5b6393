//! Acunetix XML (`ScanGroup`). Requests and answers are not kept.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{packages, place, plain, rating};
use crate::model::category::Category;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "acunetix-xml",
    title: "Acunetix XML",
    kinds: &[Category::Runtime],
    versions: "8 and later",
    specification: "https://www.acunetix.com/support/docs/wvs/generating-reports/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("ScanGroup") && sniff.has("ScanGroup.Scan.StartURL")
}

const PATHS: [&str; 3] = ["ScanGroup/Scan/StartURL", "ScanGroup/Scan/Aborted", "ScanGroup/Scan/ReportItems/ReportItem"];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "acunetix".into();
    report.scan.kinds.insert(Category::Runtime);
    let mut start = String::new();
    xml::walk(document.reader(), &PATHS, &mut |visit| {
        let Visit::Element(element) = visit else { return Ok(()) };
        match element.name.as_str() {
            "StartURL" => start.clone_from(&element.text),
            "Aborted" if element.text.eq_ignore_ascii_case("true") => {
                report.missing(format!("the scan of {} was aborted: run it again", plain::title(&start)));
            }
            "Aborted" => {}
            _ => observe(element, &start, report),
        }
        Ok(())
    })
}

fn observe(item: &Element, start: &str, report: &mut Collector) {
    let name = item.text_of("Name");
    let rule = [item.text_of("Type"), name].into_iter().find(|rule| !rule.is_empty() && rule.len() > 1);
    let Some(rule) = rule.or(Some(name).filter(|name| !name.is_empty())) else {
        return report.unread("a ReportItem without Name");
    };
    // Types such as `validation` or `configuration` are kinds of rules; the module tells rules of one kind apart.
    let module = item.text_of("ModuleName");
    let rule = if module.is_empty() { rule.to_owned() } else { format!("{module} {name}") };
    let host = start.find("://").map_or(0, |at| at + 3);
    let origin = start[host..].find('/').map_or(start, |end| &start[..host + end]);
    let affected = item.text_of("Affects");
    // Some alerts are about the server as a whole and name it in words.
    let address = if affected.starts_with('/') { format!("{origin}{affected}") } else { origin.to_owned() };
    let dismissed = item.text_of("IsFalsePositive");
    report.push(Observation {
        rule,
        category: Some(Category::Runtime),
        title: plain::first_title(&[name]),
        description: plain::paragraphs([
            plain::from_html(item.text_of("Description")),
            plain::from_html(item.text_of("Impact")),
            plain::from_html(item.text_of("Recommendation")),
        ]),
        severity: Severity::from_word(item.text_of("Severity")),
        cvss: ["CVSS3", "CVSS"]
            .into_iter()
            .filter_map(|scale| {
                let cvss = item.child(scale)?;
                let vector = rating::vector(cvss.text_of("Descriptor"), "acunetix")?;
                Some(Cvss { score: cvss.text_of("Score").parse().ok(), ..vector })
            })
            .collect(),
        identifiers: item.each("CVEList", "CVE").flat_map(|cve| Identifier::find_in(&cve.text)).collect(),
        // Without a list around it in versions 8 and 9.
        cwe: packages::cwe_numbers(item.each("CWEList", "CWE").map(|cwe| &cwe.text[..]).chain([item.text_of("CWE")])),
        endpoint: place::endpoint(&address, "", item.text_of("Parameter")),
        suppression: (dismissed.eq_ignore_ascii_case("true") || dismissed == "1")
            .then(|| Suppression { kind: "false positive".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn items_are_on_their_site_and_an_aborted_scan_is_missing_evidence() {
        let text = include_str!("../../../tests/fixtures/reports/acunetix-xml/shop.xml");
        let report = collect(&FORMAT, text);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 1, 0));
        let forgery = &report.observations[0];
        assert_eq!((forgery.severity, forgery.cwe[0]), (Severity::Medium, 352));
        assert_eq!(forgery.endpoint.as_ref().unwrap().url, "https://shop.example:8443/login");
        assert_eq!(forgery.cvss[0].score, Some(4.3));
        let earlier = text.replace("<CWEList>", "").replace("</CWEList>", "");
        assert_eq!(collect(&FORMAT, &earlier).observations[0].cwe, [352]);
        let report = collect(&FORMAT, &text.replace("<Aborted>False", "<Aborted>True"));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("was aborted"));
    }
}
