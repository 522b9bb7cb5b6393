//! Veracode's detailed report as XML: static and dynamic flaws, and vulnerable components.
//!
//! A flaw that was remediated stands in the report as `Fixed` and is no finding any more; one whose mitigation was
//! accepted is kept apart, with the words of who accepted it. A proposed mitigation changes nothing yet.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::cwe;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "veracode-xml",
    title: "Veracode detailed report XML",
    kinds: &[Category::Code, Category::Runtime, Category::Dependency],
    versions: "detailed report 1.5",
    specification: "https://docs.veracode.com/r/c_detailed_report_doc",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("detailedreport")
}

const PATHS: [&str; 6] = [
    "detailedreport/static-analysis",
    "detailedreport/dynamic-analysis",
    "detailedreport/severity/category/cwe/staticflaws/flaw",
    "detailedreport/severity/category/cwe/dynamicflaws/flaw",
    "detailedreport/severity/category/cwe/manualflaws/flaw",
    "detailedreport/software_composition_analysis/vulnerable_components/component",
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "veracode".into();
    let mut kind = Category::Code;
    xml::walk(document.reader(), &PATHS, &mut |visit| {
        match visit {
            Visit::Begin(0, root) => report.scan.at = moment(root.attribute("last_update_time")),
            Visit::Begin(_, element) => match element.name.as_str() {
                "staticflaws" => kind = Category::Code,
                "dynamicflaws" | "manualflaws" => kind = Category::Runtime,
                "software_composition_analysis" => {
                    let parts = element.attribute("third_party_components");
                    if parts.parse::<u64>().is_ok_and(|parts| parts > 0) {
                        report.scan.kinds.insert(Category::Dependency);
                    }
                }
                _ => {}
            },
            Visit::Element(element) => match element.name.as_str() {
                "static-analysis" => drop(report.scan.kinds.insert(Category::Code)),
                "dynamic-analysis" => drop(report.scan.kinds.insert(Category::Runtime)),
                "component" => vulnerabilities(element, report),
                _ => flaw(element, kind, report),
            },
        }
        Ok(())
    })
}

/// `2024-03-09 14:13:20 UTC`.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    format!("{}Z", text.strip_suffix(" UTC")?).parse().ok()
}

/// The severity from 0 to 5, whose names Veracode gives as informational, very low, low, medium, high, very high.
fn severity(number: &str) -> Severity {
    match number {
        "0" => Severity::Info,
        "1" | "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" => Severity::Critical,
        _ => Severity::Unknown,
    }
}

fn flaw(flaw: &Element, kind: Category, report: &mut Collector) {
    let number = flaw.attribute("cweid");
    if number.is_empty() {
        return report.unread("a flaw without cweid");
    }
    let status = flaw.attribute("remediation_status");
    if matches!(status, "Fixed" | "Remediated") {
        return;
    }
    let file = format!("{}{}", flaw.attribute("sourcefilepath"), flaw.attribute("sourcefile"));
    let accepted = flaw.attribute("mitigation_status") == "accepted"
        || matches!(status, "Mitigated" | "Potential False Positive" | "Mitigated - Mitigation Accepted");
    let words = flaw.each("mitigations", "mitigation").last();
    report.push(Observation {
        rule: format!("CWE-{number}"),
        native_id: Some(flaw.attribute("issueid").to_owned()).filter(|id| !id.is_empty()),
        category: Some(kind),
        title: plain::first_title(&[flaw.attribute("categoryname"), &format!("CWE-{number}")]),
        description: plain::from_html(flaw.attribute("description")),
        severity: severity(flaw.attribute("severity")),
        cwe: cwe(number).into_iter().collect(),
        locations: if kind == Category::Code {
            place::in_file(&file, flaw.attribute("line").parse().ok().filter(|line| *line > 0), None)
                .into_iter()
                .collect()
        } else {
            Vec::new()
        },
        endpoint: place::endpoint(flaw.attribute("url"), "", flaw.attribute("vuln_parameter")),
        artefact: Some(flaw.attribute("module").to_owned()).filter(|_| kind == Category::Code),
        occurrences: flaw.attribute("count").parse().unwrap_or(1),
        suppression: accepted.then(|| Suppression {
            kind: "mitigation accepted".into(),
            reason: words.map(|words| words.attribute("description").trim().to_owned()).unwrap_or_default(),
        }),
        ..Observation::default()
    });
}

fn vulnerabilities(row: &Element, report: &mut Collector) {
    report.scan.kinds.insert(Category::Dependency);
    let (library, version) = (row.attribute("library"), row.attribute("version"));
    // Only Java's vendors are written so that they name a package.
    let is_java = row.attribute("file_name").ends_with(".jar");
    let ecosystem = if is_java { "maven" } else { "" };
    let name = match row.attribute("vendor") {
        vendor if is_java && !vendor.is_empty() && !library.is_empty() => format!("{vendor}:{library}"),
        _ if library.is_empty() => row.attribute("file_name").to_owned(),
        _ => library.to_owned(),
    };
    for vulnerability in row.each("vulnerabilities", "vulnerability") {
        let id = vulnerability.attribute("cve_id");
        if id.is_empty() {
            report.unread("a vulnerability without cve_id");
            continue;
        }
        let accepted = vulnerability.attribute("mitigation").eq_ignore_ascii_case("true");
        let words = vulnerability.each("mitigations", "mitigation").last();
        report.push(Observation {
            rule: id.to_owned(),
            category: Some(Category::Dependency),
            title: plain::title(&format!("{id} in {name}")),
            description: vulnerability.attribute("cve_summary").to_owned(),
            severity: severity(vulnerability.attribute("severity")),
            cvss: vulnerability
                .attribute("cvss_score")
                .parse()
                .ok()
                .map(|score| Cvss { score: Some(score), source: "veracode".into(), ..Cvss::default() })
                .into_iter()
                .collect(),
            identifiers: Identifier::parse(id).into_iter().collect(),
            cwe: cwe(vulnerability.attribute("cwe_id")).into_iter().collect(),
            component: Some(Component {
                ecosystem: ecosystem.to_owned(),
                name: name.clone(),
                version: version.to_owned(),
                purl: packages::purl(ecosystem, &name, version),
                ..Component::default()
            }),
            locations: row
                .each("file_paths", "file_path")
                .filter_map(|path| place::in_file(path.attribute("value"), None, None))
                .collect(),
            suppression: accepted.then(|| Suppression {
                kind: "mitigation accepted".into(),
                reason: words.map(|words| words.attribute("description").trim().to_owned()).unwrap_or_default(),
            }),
            ..Observation::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn flaws_and_components_are_read_and_fixed_flaws_are_none() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/veracode-xml/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (3, 1, 0));
        let [code, web, part] = report.observations.as_slice() else { panic!("three observations") };
        assert_eq!((code.category, code.severity, code.cwe[0]), (Some(Category::Code), Severity::High, 89));
        assert_eq!((code.locations[0].path.as_str(), code.locations[0].line), ("com/shop/Orders.java", Some(61)));
        assert_eq!(
            (web.category, web.endpoint.as_ref().unwrap().parameter.as_deref()),
            (Some(Category::Runtime), Some("q"))
        );
        assert_eq!(
            part.component.as_ref().unwrap().purl.as_deref(),
            Some("pkg:maven/commons-collections/commons-collections@3.2.1")
        );
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "input is checked by the gateway");
        assert_eq!(report.scan.at.unwrap().to_string(), "2024-03-09T14:13:20Z");
    }
}
