//! Invicti Enterprise (earlier Netsparker Enterprise): the vulnerabilities of a scan as XML. It says what the JSON form says.

use super::netsparker::{self, Classes, Request, Row, Score, Value};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::model::category::Category;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "netsparker-xml",
    title: "Invicti / Netsparker Enterprise XML",
    kinds: &[Category::Runtime],
    versions: "vulnerabilities list as XML",
    specification: "https://docs.invicti.com/invicti-enterprise/reports",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    (sniff.is_xml("invicti-enterprise") || sniff.is_xml("netsparker-enterprise"))
        && sniff.has(&format!("{}.target", sniff.head))
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "invicti".into();
    report.scan.kinds.insert(Category::Runtime);
    // Moments are left out: whether day or month comes first is a setting of the account.
    let path = format!("{}/vulnerabilities/vulnerability", document.sniff().head);
    xml::walk(document.reader(), &[&path], &mut |visit| {
        if let Visit::Element(element) = visit {
            netsparker::observe(&row(element), report);
        }
        Ok(())
    })
}

fn row(element: &Element) -> Row {
    let text = |name: &str| Text(element.text_of(name).to_owned());
    let classes = element.child("classification");
    let score = |name: &str| classes.and_then(|classes| classes.child(name)).map(score).unwrap_or_default();
    Row {
        lookup_id: text("LookupId"),
        name: text("name"),
        kind: text("type"),
        severity: text("severity"),
        state: text("state"),
        confirmed: Some(element.text_of("confirmed").eq_ignore_ascii_case("true")),
        certainty: Number(element.text_of("certainty").parse().ok()),
        description: text("description"),
        impact: text("impact"),
        remedial_procedure: text("remedial-procedure"),
        url: text("url"),
        classification: Classes {
            cwe: Text(classes.map_or("", |classes| classes.text_of("cwe")).to_owned()),
            cvss: score("cvss"),
            cvss31: score("cvss31"),
        },
        http_request: Request {
            method: Text(element.child("http-request").map_or("", |request| request.text_of("method")).to_owned()),
            parameters: Vec::new(),
        },
    }
}

fn score(element: &Element) -> Score {
    let base = element.children.iter().find(|score| score.text_of("type") == "Base");
    Score {
        vector: Text(element.text_of("vector").to_owned()),
        base_score: Value { value: Number(base.and_then(|score| score.text_of("value").parse().ok())) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::report::Confidence;
    use crate::model::severity::Severity;

    #[test]
    fn vulnerabilities_keep_their_state() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/netsparker-xml/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let ciphers = &report.observations[0];
        assert_eq!((ciphers.severity, ciphers.confidence), (Severity::Medium, Some(Confidence::Certain)));
        assert_eq!((ciphers.cwe[0], ciphers.cvss[0].score), (327, Some(6.8)));
        assert_eq!(ciphers.cvss[0].vector, "CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N");
        assert!(!format!("{report:?}").contains("PHPSESSID"), "requests and answers hold cookies");
    }
}
