//! `CycloneDX`: a bill of materials that can carry vulnerabilities (VDR) or statements about them (VEX).
//!
//! A vulnerability refers to components by their `bom-ref`, and either list may come first, so the components are kept
//! as little more than names until the document ends. Each pair of a vulnerability and an affected component is one
//! observation. A document without a list of vulnerabilities is an inventory, not the result of a scan.

mod bom;
mod components;
mod observe;
mod ratings;
mod wire;
mod xml;

use self::bom::Bom;
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::model::category::Category;

/// The row of the table of formats.
pub const FORMAT: Format = Format {
    id: "cyclonedx",
    title: "CycloneDX",
    kinds: &[Category::Dependency, Category::Container, Category::Configuration, Category::Secret],
    versions: "JSON 1.4 to 1.7, XML 1.2 to 1.7 (before 1.4 by the vulnerability extension)",
    specification: "https://cyclonedx.org/specification/overview/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let schema = sniff.text("$schema").is_some_and(|schema| schema.contains("cyclonedx.org"));
    sniff.text("bomFormat") == Some("CycloneDX") || schema || sniff.is_xml("bom")
}

fn read(document: &mut Document<'_>, collector: &mut Collector) -> Result<(), ReadError> {
    let mut bom = Bom::default();
    let outcome = match document.sniff().shape {
        Shape::Xml => xml::read(document, &mut bom),
        _ => read_json(document, &mut bom, collector),
    };
    bom.finish(collector);
    outcome
}

fn read_json(document: &mut Document<'_>, bom: &mut Bom, collector: &mut Collector) -> Result<(), ReadError> {
    let patterns = [
        Pattern::Scope("vulnerabilities"),
        Pattern::Value("vulnerabilities[]"),
        Pattern::Value("components[]"),
        Pattern::Value("metadata"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(value) = event.kind else {
            bom.listed = true;
            return Ok(());
        };
        let read = match event.pattern {
            1 => json::read(value).map(|vulnerability| bom.vulnerabilities.push(vulnerability)),
            2 => json::read(value).map(|component| bom.components.add(component)),
            _ => json::read(value).map(|read| bom.metadata = read),
        };
        read.unwrap_or_else(|error| collector.unread(&error.to_string()));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn the_order_of_the_lists_does_not_matter() {
        let components =
            r#""components":[{"bom-ref":"a","name":"x","components":[{"bom-ref":"b","purl":"pkg:npm/y@1"}]}]"#;
        let vulnerabilities = r#""vulnerabilities":[{"id":"CVE-2026-0001","affects":[{"ref":"b"}]}]"#;
        for (first, second) in [(components, vulnerabilities), (vulnerabilities, components)] {
            let report = collect(&FORMAT, &format!(r#"{{"bomFormat":"CycloneDX",{first},{second}}}"#));
            assert_eq!(report.observations[0].component.as_ref().unwrap().to_string(), "y 1");
        }
    }

    #[test]
    fn an_inventory_and_a_null_list_are_no_clean_scan() {
        for list in ["", r#","vulnerabilities":null"#] {
            let report = collect(&FORMAT, &format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6"{list}}}"#));
            assert!(report.problems[0].evidence_missing && report.scan.kinds.is_empty(), "{list}");
        }
    }

    #[test]
    fn a_statement_is_about_the_versions_beside_the_name_of_its_product() {
        let products = |state: &str, versions: &str, component: &str| {
            let document = format!(
                r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"bom-ref":"l","name":"lodash",
                "purl":"pkg:npm/lodash"{component}}}],"vulnerabilities":[{{"id":"CVE-2021-23337",
                "analysis":{{"state":"{state}"}},"affects":[{{"ref":"l","versions":[{versions}]}}]}}]}}"#
            );
            let stated = collect(&FORMAT, &document).statements.remove(0);
            stated.products.into_iter().map(|product| product.versions).collect::<Vec<_>>()
        };
        let (first, second) = (r#"{"version":"1","status":"unaffected"}"#, r#"{"version":"2","status":"affected"}"#);
        let range = r#"{"range":"vers:npm/>=3","status":"unaffected"}"#;
        let all = format!("{first},{second},{range}");
        assert_eq!(products("not_affected", &all, ""), [["1"]]);
        assert_eq!(products("exploitable", &all, ""), [["2"]]);
        assert_eq!(products("resolved", r#"{"version":"1"}"#, ""), [["1"]]);
        assert_eq!(products("not_affected", "", r#","version":"4""#), [["4"]]);
        // Nobody here can tell what lies in a range: nothing is closed by it.
        assert_eq!(products("not_affected", range, r#","version":"4""#), Vec::<Vec<String>>::new());
        assert_eq!(products("exploitable", range, ""), [Vec::<String>::new()]);
    }
}
