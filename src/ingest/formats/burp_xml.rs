//! Burp Suite issues as XML (`Report selected issues`, or the report of Burp Suite DAST in that format).
//!
//! Each issue is one row with a number that stays the same between scans. Requests and responses are not kept: they
//! hold cookies and credentials.

use jiff::fmt::strtime;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{lenient, packages, place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "burp-xml",
    title: "Burp Suite XML",
    kinds: &[Category::Runtime],
    versions: "1.6 and later",
    specification: "https://portswigger.net/burp/documentation/desktop/running-scans/reporting",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("issues") && sniff.has("@burpVersion")
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "burp".into();
    report.scan.kinds.insert(Category::Runtime);
    xml::walk(document.reader(), &["issues/issue"], &mut |visit| {
        match visit {
            Visit::Begin(0, root) => {
                root.attribute("burpVersion").clone_into(&mut report.scan.tool_version);
                // Names of time zones other than that of universal time have no agreed meaning.
                let time = root.attribute("exportTime").replace(" UTC ", " +0000 ").replace(" GMT ", " +0000 ");
                let time = strtime::parse("%a %b %d %H:%M:%S %z %Y", &time);
                report.scan.at = time.ok().and_then(|time| time.to_timestamp().ok());
            }
            Visit::Begin(..) => {}
            Visit::Element(issue) => observe(issue, report),
        }
        Ok(())
    })
}

fn observe(issue: &Element, report: &mut Collector) {
    let (kind, name) = (issue.text_of("type"), issue.text_of("name"));
    if kind.is_empty() && name.is_empty() {
        return report.unread("an issue without type and name");
    }
    let request = issue.each("requestresponse", "request").next();
    let path = issue.text_of("path");
    let address = format!("{}{path}", issue.text_of("host"));
    let detail = plain::from_html(issue.text_of("issueDetail"));
    let classes = plain::from_html(issue.text_of("vulnerabilityClassifications"));
    report.push(Observation {
        rule: if kind.is_empty() { name } else { kind }.to_owned(),
        native_id: Some(issue.text_of("serialNumber").to_owned()).filter(|number| !number.is_empty()),
        category: Some(Category::Runtime),
        title: plain::first_title(&[name, kind]),
        description: plain::paragraphs([
            &detail,
            &plain::from_html(issue.text_of("issueBackground")),
            &plain::from_html(issue.text_of("remediationDetail")),
            &plain::from_html(issue.text_of("remediationBackground")),
        ]),
        severity: Severity::from_word(issue.text_of("severity")),
        confidence: Confidence::from_word(issue.text_of("confidence")),
        suppression: issue
            .text_of("severity")
            .eq_ignore_ascii_case("false positive")
            .then(|| Suppression { kind: "false positive".into(), reason: String::new() }),
        identifiers: Identifier::find_in(&format!("{name} {detail}")),
        cwe: packages::cwe_numbers(classes.split_whitespace().filter(|word| is_cwe(word))),
        endpoint: place::endpoint(
            &address,
            request.map_or("", |request| request.attribute("method")),
            parameter(issue.text_of("location"), path),
        ),
        ..Observation::default()
    });
}

fn is_cwe(word: &str) -> bool {
    word.starts_with("CWE-") && lenient::cwe(word).is_some()
}

/// `/basket [b_id cookie]` names the parameter after the path.
fn parameter<'a>(location: &'a str, path: &str) -> &'a str {
    let rest = location.strip_prefix(path).unwrap_or_default().trim();
    rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn issues_are_read_with_their_parameter_and_without_their_requests() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/burp-xml/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let injection = &report.observations[0];
        assert_eq!((injection.severity, injection.confidence), (Severity::High, Some(Confidence::Medium)));
        assert_eq!(
            (injection.cwe.as_slice(), injection.native_id.as_deref()),
            (&[89, 94][..], Some("7121655797013284864"))
        );
        let at = injection.endpoint.as_ref().unwrap();
        assert_eq!((at.url.as_str(), at.parameter.as_deref()), ("https://shop.example/basket", Some("b_id cookie")));
        assert_eq!(at.method.as_deref(), Some("POST"));
        assert_eq!(report.scan.at.unwrap().to_string(), "2024-03-09T14:13:20Z");
        assert!(!format!("{report:?}").contains("c2Vzc2lvbg"), "requests hold credentials");
    }
}
