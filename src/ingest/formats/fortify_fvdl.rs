//! Fortify FVDL, which lies as `audit.fvdl` in an FPR archive.
//!
//! Where a result is may stand in a pool of nodes, and how grave it is in the metadata of its rule; both come after the
//! results. Fortify's own priority is computed as Fortify does: impact, and likelihood out of accuracy, confidence and
//! probability.

use std::collections::BTreeMap;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "fortify-fvdl",
    title: "Fortify FPR",
    kinds: &[Category::Code],
    versions: "FVDL 1.x, in an `.fpr` archive or by itself",
    specification: "https://www.microfocus.com/documentation/fortify-static-code/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("FVDL")
}

const PATHS: [&str; 7] = [
    "FVDL/WriteDate",
    "FVDL/Vulnerabilities/Vulnerability",
    "FVDL/UnifiedNodePool/Node",
    "FVDL/Description",
    "FVDL/EngineData/EngineVersion",
    "FVDL/EngineData/Errors/Error",
    "FVDL/EngineData/RuleInfo/Rule",
];

/// What stands in a document beside its results.
#[derive(Default)]
struct Around {
    nodes: BTreeMap<String, Location>,
    /// Abstract of each class.
    described: BTreeMap<String, String>,
    rules: BTreeMap<String, Rule>,
}

#[derive(Default)]
struct Rule {
    impact: Option<f64>,
    accuracy: f64,
    probability: f64,
    cwe: Vec<u32>,
}

/// A result as it is held until the end.
struct Held {
    class: String,
    title: String,
    instance: String,
    severity: f64,
    confidence: f64,
    place: Option<Location>,
    node: String,
    definitions: Vec<(String, String)>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "fortify".into();
    report.scan.kinds.insert(Category::Code);
    let (mut held, mut around) = (Vec::new(), Around::default());
    let outcome = xml::walk(document.reader(), &PATHS, &mut |visit| {
        let Visit::Element(element) = visit else { return Ok(()) };
        match element.name.as_str() {
            "WriteDate" => {
                let (date, time) = (element.attribute("date"), element.attribute("time"));
                report.scan.at = format!("{date}T{time}").parse().ok();
            }
            "Vulnerability" => held.push(result(element)),
            "Node" => {
                if let (id, Some(place)) = (element.attribute("id"), location(element)) {
                    around.nodes.insert(id.to_owned(), place);
                }
            }
            "Description" => {
                let text = plain::from_html(element.text_of("Abstract"));
                around.described.insert(element.attribute("classID").to_owned(), text);
            }
            "EngineVersion" => report.scan.tool_version.clone_from(&element.text),
            "Error" => report.missing(format!("Fortify says: {}", plain::title(&element.text))),
            _ => drop(around.rules.insert(element.attribute("id").to_owned(), rule(element))),
        }
        Ok(())
    });
    for result in held {
        observe(result, &around, report);
    }
    outcome
}

fn number(text: &str) -> f64 {
    text.trim().parse().unwrap_or(0.0)
}

fn location(node: &Element) -> Option<Location> {
    let source = node.child("SourceLocation")?;
    place::in_file(
        source.attribute("path"),
        source.attribute("line").parse().ok(),
        source.attribute("lineEnd").parse().ok(),
    )
}

fn result(element: &Element) -> Held {
    let empty = Element::default();
    let class = element.child("ClassInfo").unwrap_or(&empty);
    let instance = element.child("InstanceInfo").unwrap_or(&empty);
    let unified = element.child("AnalysisInfo").and_then(|info| info.child("Unified")).unwrap_or(&empty);
    let entries: Vec<&Element> = unified
        .each("Trace", "Primary")
        .flat_map(|trace| trace.children.iter().filter(|e| e.name == "Entry"))
        .collect();
    let node = |entry: &&&Element| entry.child("Node").is_some_and(|node| node.attribute("isDefault") == "true");
    // The default node is where the result is; without one it is the last step, where the harm is done.
    let entry = entries.iter().find(node).or_else(|| entries.last());
    let names = [class.text_of("Type"), class.text_of("Subtype")];
    let named: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    Held {
        class: class.text_of("ClassID").to_owned(),
        title: named.join(": "),
        instance: instance.text_of("InstanceID").to_owned(),
        severity: number(instance.text_of("InstanceSeverity")),
        confidence: number(instance.text_of("Confidence")),
        place: entry.and_then(|entry| entry.child("Node")).and_then(location),
        node: entry
            .and_then(|entry| entry.child("NodeRef"))
            .map_or_else(String::new, |node| node.attribute("id").to_owned()),
        definitions: unified
            .each("ReplacementDefinitions", "Def")
            .map(|definition| (definition.attribute("key").to_owned(), definition.attribute("value").to_owned()))
            .collect(),
    }
}

fn rule(element: &Element) -> Rule {
    let mut rule = Rule::default();
    for group in element.each("MetaInfo", "Group") {
        match group.attribute("name") {
            "Impact" => rule.impact = group.text.parse().ok(),
            "Accuracy" => rule.accuracy = number(&group.text),
            "Probability" => rule.probability = number(&group.text),
            "altcategoryCWE" => {
                let words = group.text.split(|c: char| !c.is_ascii_digit());
                rule.cwe = packages::cwe_numbers(words.filter(|word| !word.is_empty()));
            }
            _ => {}
        }
    }
    rule
}

/// Fortify's priority order.
fn priority(held: &Held, rule: Option<&Rule>) -> Severity {
    let Some((rule, impact)) = rule.and_then(|rule| Some((rule, rule.impact?))) else {
        // Without metadata the severity of the instance, 0 to 5, is all there is.
        return match held.severity {
            s if s >= 4.0 => Severity::Critical,
            s if s >= 3.0 => Severity::High,
            s if s >= 2.0 => Severity::Medium,
            s if s > 0.0 => Severity::Low,
            _ => Severity::Unknown,
        };
    };
    let likelihood = rule.accuracy * held.confidence * rule.probability / 25.0;
    match (impact >= 2.5, likelihood >= 2.5) {
        (true, true) => Severity::Critical,
        (true, false) => Severity::High,
        (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    }
}

fn observe(held: Held, around: &Around, report: &mut Collector) {
    if held.title.is_empty() {
        return report.unread("a Vulnerability without a type");
    }
    let rule = around.rules.get(&held.class);
    let mut description = around.described.get(&held.class).cloned().unwrap_or_default();
    for (key, value) in &held.definitions {
        description = description.replace(&format!("<Replace key=\"{key}\"/>"), value);
    }
    report.push(Observation {
        rule: held.title.clone(),
        category: Some(Category::Code),
        title: plain::title(&held.title),
        description,
        severity: priority(&held, rule),
        cwe: rule.map(|rule| rule.cwe.clone()).unwrap_or_default(),
        locations: held.place.or_else(|| around.nodes.get(&held.node).cloned()).into_iter().collect(),
        native_id: Some(held.instance).filter(|id| !id.is_empty()),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn places_and_priorities_come_from_the_pools_at_the_end() {
        let text = include_str!("../../../tests/fixtures/reports/fortify-fvdl/audit.xml");
        let report = collect(&FORMAT, text);
        let [query, password] = report.observations.as_slice() else { panic!("two results") };
        assert_eq!((query.title.as_str(), query.severity), ("SQL Injection", Severity::Critical));
        assert_eq!((query.locations[0].path.as_str(), query.locations[0].line), ("src/shop/Cart.java", Some(44)));
        assert_eq!(query.cwe, [89]);
        assert_eq!((password.severity, password.locations[0].line), (Severity::Low, Some(7)));
        assert_eq!(report.scan.at.unwrap().to_string(), "2026-11-20T10:00:00Z");
    }
}
