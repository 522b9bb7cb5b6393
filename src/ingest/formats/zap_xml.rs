//! ZAP's traditional XML report.

use super::zap::{self, Alert, Instance};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::model::category::Category;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "zap-xml",
    title: "ZAP XML",
    kinds: &[Category::Runtime],
    versions: "2.4 and later (templates `traditional-xml` and `traditional-xml-plus`)",
    specification: "https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-xml/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("OWASPZAPReport")
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let (mut sites, mut site) = (0, String::new());
    xml::walk(document.reader(), &["OWASPZAPReport/site/alerts/alertitem"], &mut |visit| {
        match visit {
            Visit::Begin(0, root) => zap::begin(root.attribute("version"), root.attribute("created"), report),
            Visit::Begin(1, element) => {
                sites += 1;
                element.attribute("name").clone_into(&mut site);
            }
            Visit::Begin(..) => {}
            Visit::Element(item) => zap::observe(&alert(item, &site), report),
        }
        Ok(())
    })?;
    zap::end(sites, report);
    Ok(())
}

fn alert(item: &Element, site: &str) -> Alert {
    let text = |name: &str| item.text_of(name).to_owned();
    let instance = |instance: &Element| Instance {
        uri: instance.text_of("uri").to_owned(),
        method: instance.text_of("method").to_owned(),
        parameter: instance.text_of("param").to_owned(),
    };
    // Before version 2.5 the places stood in the alert itself.
    let mut instances: Vec<Instance> = item.each("instances", "instance").map(instance).collect();
    if instances.is_empty() && item.child("uri").is_some() {
        instances.push(instance(item));
    }
    Alert {
        site: site.to_owned(),
        plugin: text("pluginid"),
        reference: text("alertRef"),
        name: [item.text_of("name"), item.text_of("alert")]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned(),
        risk: text("riskcode"),
        confidence: text("confidence"),
        description: text("desc"),
        solution: text("solution"),
        cwe: text("cweid"),
        count: text("count"),
        instances,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::severity::Severity;

    #[test]
    fn one_alert_is_one_observation_and_comments_do_not_count() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/zap-xml/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (2, 0, 0));
        assert_eq!(report.scan.tool_version, "2.9.0");
        let cookie = &report.observations[0];
        assert_eq!((cookie.rule.as_str(), cookie.severity, cookie.occurrences), ("10011", Severity::Low, 2));
        let at = cookie.endpoint.as_ref().unwrap();
        assert_eq!((at.url.as_str(), at.parameter.as_deref()), ("https://shop.example", Some("session")));
        assert!(
            cookie.description.starts_with("A 'cookie' was set without the secure flag."),
            "{}",
            cookie.description
        );
        assert_eq!(report.observations[1].endpoint.as_ref().unwrap().url, "http://old.shop.example");
    }

    #[test]
    fn a_report_that_is_cut_off_keeps_what_was_read_and_says_so() {
        let text = include_str!("../../../tests/fixtures/reports/zap-xml/shop.xml");
        let report = collect(&FORMAT, &text[..text.len() - 120]);
        assert_eq!(report.observations.len(), 1);
        assert!(report.problems[0].message.contains("not valid XML"));
    }
}
