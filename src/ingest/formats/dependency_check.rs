//! OWASP Dependency-Check XML.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "dependency-check",
    title: "OWASP Dependency-Check XML",
    kinds: &[Category::Dependency],
    versions: "1.3 to 12 (`--format XML`)",
    specification: "https://dependency-check.github.io/DependencyCheck/dependency-check.4.0.xsd",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("analysis")
}

const PATHS: [&str; 5] = [
    "analysis/dependencies/dependency",
    "analysis/scanInfo/engineVersion",
    "analysis/projectInfo/reportDate",
    "analysis/analysisExceptions/exception",
    "analysis/scanInfo/analysisExceptions/exception",
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "dependency-check".into();
    report.scan.kinds.insert(Category::Dependency);
    let mut looked_at = 0_u64;
    xml::walk(document.reader(), &PATHS, &mut |visit| {
        let Visit::Element(element) = visit else { return Ok(()) };
        match element.name.as_str() {
            "engineVersion" => report.scan.tool_version.clone_from(&element.text),
            "reportDate" => report.scan.at = element.text.parse().ok(),
            "exception" => {
                let what = plain::title(element.text_of("message"));
                report.missing(format!("Dependency-Check reports an error: {what}"));
            }
            _ => {
                looked_at += 1;
                dependency(element, report);
            }
        }
        Ok(())
    })?;
    if looked_at == 0 {
        report.looked_at_no("dependency");
    }
    Ok(())
}

fn dependency(dependency: &Element, report: &mut Collector) {
    for list in dependency.children.iter().filter(|child| child.name == "vulnerabilities") {
        for vulnerability in &list.children {
            let suppressed = match vulnerability.name.as_str() {
                "vulnerability" => false,
                "suppressedVulnerability" => true,
                _ => continue,
            };
            if vulnerability.text_of("name").is_empty() {
                report.unread("a vulnerability without name");
            } else {
                report.push(observation(dependency, vulnerability, suppressed));
            }
        }
    }
}

fn observation(dependency: &Element, vulnerability: &Element, suppressed: bool) -> Observation {
    let name = vulnerability.text_of("name");
    let component = component(dependency, fix(vulnerability));
    let weaknesses = vulnerability.each("cwes", "cwe").map(|cwe| cwe.text.as_str());
    Observation {
        rule: name.to_owned(),
        category: Some(Category::Dependency),
        title: plain::title(&format!("{name} in {}", component.name)),
        description: vulnerability.text_of("description").to_owned(),
        severity: Severity::from_word(vulnerability.text_of("severity")),
        cvss: cvss(vulnerability),
        identifiers: Identifier::parse(name).into_iter().collect(),
        cwe: packages::cwe_numbers(weaknesses.chain([vulnerability.text_of("cwe")])),
        kev: vulnerability.child("knownExploitedVulnerability").map(|_| true),
        locations: place::in_file(dependency.text_of("filePath"), None, None).into_iter().collect(),
        component: Some(component),
        suppression: suppressed.then(|| Suppression {
            kind: "suppression file".into(),
            reason: vulnerability.text_of("notes").to_owned(),
        }),
        ..Observation::default()
    }
}

/// The package that the file is: by its package URL, by the Maven coordinates of earlier versions, or else the file.
fn component(dependency: &Element, fix: Fix) -> Component {
    let id = dependency.each("identifiers", "package").map(|package| package.text_of("id"));
    for purl in id {
        if let Some((ecosystem, name)) = packages::of_purl(purl) {
            let version = purl.split(['?', '#']).next().and_then(|plain| plain.rsplit_once('@'));
            let version = version.map(|(_, version)| version.to_owned()).unwrap_or_default();
            return Component { ecosystem, name, version, purl: Some(purl.to_owned()), direct: None, fix };
        }
    }
    let maven = dependency.each("identifiers", "identifier").find(|id| id.attribute("type") == "maven");
    let coordinates = maven.map(|id| id.text_of("name").trim_matches(['(', ')']).rsplitn(2, ':'));
    match coordinates.map(|mut parts| (parts.next(), parts.next())) {
        Some((Some(version), Some(name))) => Component {
            ecosystem: "maven".into(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: packages::purl("maven", name, version),
            direct: None,
            fix,
        },
        _ => Component { name: dependency.text_of("fileName").to_owned(), fix, ..Component::default() },
    }
}

/// Versions that end the ranges by which the dependency was matched.
fn fix(vulnerability: &Element) -> Fix {
    let matched = vulnerability
        .each("vulnerableSoftware", "software")
        .filter(|software| software.attribute("vulnerabilityIdMatched") == "true");
    Fix::in_versions(matched.map(|software| software.attribute("versionEndExcluding")))
}

/// Scores, newest scale first. The parts of the vectors are listed without the version that gives them a meaning.
fn cvss(vulnerability: &Element) -> Vec<Cvss> {
    let nested = [("cvssV4", "baseScore"), ("cvssV3", "baseScore"), ("cvssV2", "score")];
    let nested = nested.into_iter().filter_map(|(scale, score)| Some(vulnerability.child(scale)?.text_of(score)));
    nested
        .chain([vulnerability.text_of("cvssScore")])
        .filter_map(|score| score.parse::<f64>().ok())
        .map(|score| Cvss {
            vector: String::new(),
            score: Some(score),
            source: vulnerability.attribute("source").to_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn vulnerabilities_are_read_with_their_package() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/dependency-check/shop.xml"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let log4j = &report.observations[0];
        assert_eq!((log4j.severity, log4j.cwe.as_slice(), log4j.kev), (Severity::Critical, &[20, 917][..], Some(true)));
        assert_eq!(log4j.cvss.iter().filter_map(|cvss| cvss.score).collect::<Vec<_>>(), [10.0, 9.3]);
        let component = log4j.component.as_ref().unwrap();
        assert_eq!(
            (component.ecosystem.as_str(), component.name.as_str()),
            ("maven", "org.apache.logging.log4j:log4j-core")
        );
        assert_eq!((component.version.as_str(), component.fix.versions()), ("2.14.1", &["2.15.0".to_owned()][..]));
        assert_eq!(report.observations[1].component.as_ref().unwrap().to_string(), "xalan:serializer 2.7.1");
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "not the library that is meant");
        assert_eq!(report.scan.tool_version, "9.0.9");
    }

    #[test]
    fn an_error_of_the_analysis_is_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/dependency-check/shop.xml"));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("Central"));
    }
}
