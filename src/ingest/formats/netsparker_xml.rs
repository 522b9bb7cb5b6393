//! Invicti Enterprise (earlier Netsparker Enterprise) and Acunetix 360: the vulnerabilities of a scan as XML. It says what the
//! JSON form says. Invicti Standard (earlier Netsparker) writes the same with other names and without the list around them.

use super::netsparker::{self, Classes, Parameter, Request, Row, Score, Value};
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
    title: "Invicti / Netsparker / Acunetix 360 XML",
    kinds: &[Category::Runtime],
    versions: "vulnerabilities list as XML",
    specification: "https://docs.invicti.com/invicti-enterprise/reports",
    recognise,
    read,
};

/// The root element of what Invicti Standard writes.
const STANDARD: &str = "netsparker";

fn recognise(sniff: &Sniff) -> bool {
    ["invicti-enterprise", "netsparker-enterprise", "acunetix-360", STANDARD].iter().any(|root| sniff.is_xml(root))
        && sniff.has(&format!("{}.target", sniff.head))
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "invicti".into();
    report.scan.kinds.insert(Category::Runtime);
    // Moments are left out: whether day or month comes first is a setting of the account.
    let path = match document.sniff().head.as_str() {
        STANDARD => format!("{STANDARD}/vulnerability"),
        root => format!("{root}/vulnerabilities/vulnerability"),
    };
    xml::walk(document.reader(), &[&path], &mut |visit| {
        if let Visit::Element(element) = visit {
            netsparker::observe(&row(element), report);
        }
        Ok(())
    })
}

fn row(element: &Element) -> Row {
    let text = |names: &[&str]| Text(either(element, names).to_owned());
    let classes = element.child("classification");
    let score = |name: &str, version: &str| {
        let all = classes.iter().flat_map(|classes| &classes.children);
        let mut named = all.filter(|score| score.name.eq_ignore_ascii_case(name) || score.name == "CVSS");
        named.find(|score| score.text_of("vector").starts_with(version)).map(score_of).unwrap_or_default()
    };
    let confirmed = [element.text_of("confirmed"), element.attribute("confirmed")];
    Row {
        lookup_id: text(&["LookupId"]),
        name: text(&["name", "title"]),
        kind: text(&["type"]),
        severity: text(&["severity"]),
        state: text(&["state"]),
        confirmed: Some(confirmed.iter().any(|confirmed| confirmed.eq_ignore_ascii_case("true"))),
        certainty: Number(element.text_of("certainty").parse().ok()),
        description: text(&["description"]),
        impact: text(&["impact"]),
        remedial_procedure: text(&["remedial-procedure", "remedy"]),
        url: text(&["url"]),
        classification: Classes {
            cwe: Text(classes.map_or("", |classes| either(classes, &["cwe", "CWE"])).to_owned()),
            cvss: score("cvss", ""),
            cvss31: score("cvss31", "CVSS:3.1/"),
        },
        http_request: request(element),
    }
}

/// The text of the first of these elements that has any.
fn either<'e>(element: &'e Element, names: &[&str]) -> &'e str {
    names.iter().map(|name| element.text_of(name)).find(|text| !text.trim().is_empty()).unwrap_or_default()
}

/// The request that showed it: of a raw one its first word, which is the method, and nothing more, as it holds cookies.
fn request(element: &Element) -> Request {
    let raw = element.text_of("rawrequest").split_ascii_whitespace().next();
    let method = element.child("http-request").map(|request| request.text_of("method")).or(raw).unwrap_or_default();
    let parameter = element.text_of("vulnerableparameter");
    let parameters = (!parameter.is_empty()).then(|| Parameter { name: Text(parameter.to_owned()) });
    Request { method: Text(method.to_owned()), parameters: parameters.into_iter().collect() }
}

fn score_of(element: &Element) -> Score {
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

    #[test]
    fn invicti_standard_writes_the_same_by_other_names() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/netsparker-xml/standard.xml"));
        assert_eq!((report.observations.len(), report.unread), (2, 0));
        let [injection, cookie] = report.observations.as_slice() else { panic!("{report:?}") };
        assert_eq!((injection.severity, injection.confidence), (Severity::High, Some(Confidence::Certain)));
        assert_eq!((injection.title.as_str(), injection.cwe[0]), ("Boolean based SQL injection", 89));
        assert_eq!(injection.cvss[0].vector, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N");
        let endpoint = injection.endpoint.as_ref().unwrap();
        assert_eq!((endpoint.method.as_deref(), endpoint.parameter.as_deref()), (Some("GET"), Some("id")));
        assert_eq!((cookie.severity, cookie.confidence), (Severity::Info, Some(Confidence::High)));
        assert!(!format!("{report:?}").contains("PHPSESSID"), "requests and answers hold cookies");
        let form = include_str!("../../../tests/fixtures/reports/netsparker-xml/shop.xml");
        let report = collect(&FORMAT, &form.replace("invicti-enterprise", "acunetix-360"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
    }
}
