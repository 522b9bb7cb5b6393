//! Checkmarx SAST XML (`CxXMLResults`): queries with their results, each a path from a source to a sink.
//!
//! A result is identified by its query and its path. The sink comes first among the places, because it is where the
//! harm is done and where Checkmarx's users look for it.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::cwe;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::location::Location;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "checkmarx-xml",
    title: "Checkmarx SAST XML",
    kinds: &[Category::Code],
    versions: "8 and 9",
    specification: "https://docs.checkmarx.com/en/34965-46471-generating-a-scan-results-report.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("CxXMLResults")
}

/// Weaknesses whose quoted code is a credential, which is not kept.
const CREDENTIALS: [u32; 4] = [259, 321, 547, 798];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "checkmarx".into();
    report.scan.kinds.insert(Category::Code);
    let mut query = Element::default();
    xml::walk(document.reader(), &["CxXMLResults/Query/Result"], &mut |visit| {
        match visit {
            Visit::Begin(0, root) => {
                let version = root.attribute("CheckmarxVersion").trim_start_matches("V ");
                version.clone_into(&mut report.scan.tool_version);
            }
            Visit::Begin(_, element) => query = element.clone(),
            Visit::Element(result) => observe(&query, result, report),
        }
        Ok(())
    })
}

fn observe(query: &Element, result: &Element, report: &mut Collector) {
    let rule = query.attribute("name");
    if rule.is_empty() {
        return report.unread("a result of a query without name");
    }
    let weakness = cwe(query.attribute("cweId"));
    let nodes: Vec<&Element> = result.each("Path", "PathNode").collect();
    let quoted = weakness.is_none_or(|number| !CREDENTIALS.contains(&number));
    let sink = nodes.last().and_then(|node| location(node, quoted));
    let line = result.attribute("Line").parse().ok();
    let source = place::in_file(result.attribute("FileName"), line, None);
    let same = |a: &Location, b: &Location| (&a.path, a.line) == (&b.path, b.line);
    let source = source.filter(|source| !sink.as_ref().is_some_and(|sink| same(source, sink)));
    let severity = [result, query].into_iter().map(|e| e.attribute("Severity")).find(|word| !word.is_empty());
    let is_dismissed = result.attribute("FalsePositive").eq_ignore_ascii_case("true");
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: result
            .child("Path")
            .map(|path| path.attribute("SimilarityId").to_owned())
            .filter(|id| !id.is_empty()),
        category: Some(Category::Code),
        title: plain::title(&rule.replace('_', " ")),
        severity: Severity::from_word(severity.unwrap_or_default()),
        cwe: weakness.into_iter().collect(),
        locations: sink.into_iter().chain(source).collect(),
        suppression: is_dismissed
            .then(|| Suppression { kind: "not exploitable".into(), reason: plain::title(result.attribute("Remark")) }),
        ..Observation::default()
    });
}

fn location(node: &Element, quoted: bool) -> Option<Location> {
    let mut location = place::in_file(node.text_of("FileName"), node.text_of("Line").parse().ok(), None)?;
    let code = node.each("Snippet", "Line").next().map(|line| line.text_of("Code").trim());
    location.snippet = code.filter(|code| quoted && !code.is_empty()).map(str::to_owned);
    Some(location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn results_are_at_their_sink_and_dismissed_ones_keep_their_remark() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/checkmarx-xml/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let injection = &report.observations[0];
        assert_eq!(
            (injection.rule.as_str(), injection.severity, injection.cwe[0]),
            ("SQL_Injection", Severity::High, 89)
        );
        let places: Vec<_> = injection.locations.iter().map(|at| (at.path.as_str(), at.line)).collect();
        assert_eq!(places, [("src/Orders.java", Some(61)), ("src/Login.java", Some(38))]);
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "checked by hand");
        assert_eq!(report.scan.tool_version, "9.5.5");
        assert!(!format!("{report:?}").contains("hunter2"), "a quoted credential is not kept");
    }
}
