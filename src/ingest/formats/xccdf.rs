//! XCCDF results, alone or in an ARF collection: what OpenSCAP and SCC write when they check a host against a benchmark.
//!
//! A result names its rule; what the rule says stands elsewhere in the document, before or after. A rule with the result
//! `fail` is a finding; `error` and `unknown` say that it was not tested.

use std::collections::BTreeMap;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::xml::{self, Element, Visit};
use crate::model::category::Category;
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "xccdf",
    title: "XCCDF results / ARF XML",
    kinds: &[Category::Configuration, Category::Container],
    versions: "XCCDF 1.1 and 1.2, ARF 1.1 (`oscap xccdf eval --results`, `--results-arf`; SCC)",
    specification: "https://csrc.nist.gov/projects/security-content-automation-protocol/specifications/xccdf",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    // What is checked may be long: the results come after it.
    let collection = sniff.is_xml("asset-report-collection");
    sniff.shape == Shape::Xml && (collection || sniff.is_xml("Benchmark") || sniff.is_xml("TestResult"))
}

const PATHS: [&str; 3] = ["**/Rule", "**/rule-result", "**/target"];

/// What a rule says.
struct Rule {
    title: String,
    description: String,
    severity: String,
    identifiers: String,
}

/// A result that is held until its rule is known.
struct Held {
    rule: String,
    severity: String,
    outcome: String,
    identifiers: String,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "xccdf".into();
    let (mut rules, mut held) = (BTreeMap::new(), Vec::new());
    let mut results = 0_u64;
    let outcome = xml::walk(document.reader(), &PATHS, &mut |visit| {
        match visit {
            Visit::Begin(_, element) if element.name == "TestResult" => about(element, report),
            Visit::Begin(..) => {}
            Visit::Element(element) => match element.name.as_str() {
                "Rule" => drop(rules.insert(element.attribute("id").to_owned(), rule(element))),
                "rule-result" => {
                    results += 1;
                    held.push(result(element));
                }
                "target" if report.scan.artefact.is_none() => report.scan.artefact = Some(element.text.clone()),
                _ => {}
            },
        }
        Ok(())
    });
    if results == 0 {
        report.missing("it holds no result of a rule: it is a benchmark that was not run, or not these results");
        return outcome;
    }
    report.scan.kinds.insert(Category::Configuration);
    let untested = held.iter().filter(|result| matches!(result.outcome.as_str(), "error" | "unknown")).count();
    let by_hand = held.iter().filter(|result| result.outcome == "notchecked").count();
    for result in held {
        observe(&result, rules.get(&result.rule), report);
    }
    if untested > 0 {
        report.missing(format!(
            "{} not tested, since an error ended the test: run it again",
            figure::subject(untested as u64, "rule", ["was", "were"])
        ));
    }
    if by_hand > 0 {
        report.remark(format!(
            "{} not checked; nothing is known of the outcome",
            figure::subject(by_hand as u64, "rule", ["was", "were"])
        ));
    }
    outcome
}

/// `cpe:/a:redhat:openscap:1.3.5` and when it was done.
fn about(test: &Element, report: &mut Collector) {
    let system: Vec<&str> = test.attribute("test-system").split(':').collect();
    if let [_, _, _, product, version, ..] = system.as_slice() {
        report.scan.tool = product.to_lowercase();
        (*version).clone_into(&mut report.scan.tool_version);
    }
    let at = [test.attribute("end-time"), test.attribute("start-time")].into_iter().find(|at| !at.is_empty());
    report.scan.at = at.and_then(|at| at.parse().ok());
}

fn rule(element: &Element) -> Rule {
    let text = |name: &str| element.child(name).map(all_text).unwrap_or_default();
    let named = element.children.iter().filter(|child| matches!(child.name.as_str(), "ident" | "reference"));
    Rule {
        title: text("title"),
        description: plain::paragraphs([text("description"), text("rationale"), text("fixtext")]),
        severity: element.attribute("severity").to_owned(),
        identifiers: named.map(all_text).collect::<Vec<_>>().join(" "),
    }
}

/// The text of an element with that of the mark-up in it. Pieces lose the order in which mark-up and text stand.
fn all_text(element: &Element) -> String {
    let inner = element.children.iter().map(all_text);
    let parts: Vec<String> = std::iter::once(plain::from_html(&element.text)).chain(inner).collect();
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn result(element: &Element) -> Held {
    let named = element.children.iter().filter(|child| child.name == "ident").map(|ident| ident.text.as_str());
    Held {
        rule: element.attribute("idref").to_owned(),
        severity: element.attribute("severity").to_owned(),
        outcome: element.text_of("result").to_lowercase(),
        identifiers: named.collect::<Vec<_>>().join(" "),
    }
}

fn observe(held: &Held, rule: Option<&Rule>, report: &mut Collector) {
    let suppression = match held.outcome.as_str() {
        "fail" => None,
        "fixed" => Some(Suppression { kind: "fixed by the scan".into(), reason: String::new() }),
        _ => return,
    };
    if held.rule.is_empty() {
        return report.unread("a rule-result that names no rule");
    }
    // Ids of XCCDF 1.2 begin with `xccdf_` and the author's domain.
    let short = held.rule.split_once("_rule_").map_or(held.rule.as_str(), |(_, name)| name);
    let severity = rule.map(|rule| rule.severity.as_str()).filter(|word| !word.is_empty()).unwrap_or(&held.severity);
    let identifiers =
        Identifier::find_in(&format!("{} {}", held.identifiers, rule.map_or("", |rule| &rule.identifiers)));
    report.push(Observation {
        rule: short.to_owned(),
        // A benchmark made of advisories tests for packages that were not updated.
        category: Some(if identifiers.is_empty() { Category::Configuration } else { Category::Container }),
        title: plain::first_title(&[rule.map_or("", |rule| &rule.title), short]),
        description: rule.map(|rule| rule.description.clone()).unwrap_or_default(),
        severity: Severity::from_word(severity),
        identifiers,
        artefact: report.scan.artefact.clone(),
        suppression,
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/xccdf/host.xml");

    #[test]
    fn a_rule_that_failed_is_a_finding_with_what_the_rule_says() {
        let report = collect(&FORMAT, HOST);
        let [login, update] = report.observations.as_slice() else { panic!("{:?}", report.observations) };
        assert_eq!((login.rule.as_str(), login.severity), ("sshd_disable_root_login", Severity::High));
        assert_eq!((login.title.as_str(), login.category), ("Disable SSH Root Login", Some(Category::Configuration)));
        assert_eq!((update.identifiers.len(), update.category), (1, Some(Category::Container)));
        assert_eq!((report.scan.tool.as_str(), report.scan.tool_version.as_str()), ("openscap", "1.3.9"));
        assert_eq!((report.suppressed.len(), report.problems.len()), (0, 1));
        assert!(!report.problems[0].evidence_missing);
    }

    #[test]
    fn a_rule_that_ended_in_an_error_and_a_benchmark_alone_are_no_evidence() {
        for text in
            [HOST.replace("notchecked", "error"), "<Benchmark><Rule id='a'><title>t</title></Rule></Benchmark>".into()]
        {
            assert!(collect(&FORMAT, &text).problems[0].evidence_missing);
        }
    }
}
