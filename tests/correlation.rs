//! How often correlation makes one finding of two problems (a false merge, which hides one), and two findings of one
//! problem (a missed merge, which repeats it): measured on results that a person labelled, `correlation/labelled.yaml`.
//!
//! `cargo test --test correlation -- --nocapture` prints both rates, and which results were not merged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these functions serve tests only")]

use std::collections::{BTreeMap, BTreeSet};

use detente::correlate::correlate;
use detente::model::category::Category;
use detente::model::change::Change;
use detente::model::component::Component;
use detente::model::digest::Digest;
use detente::model::identifier::Identifier;
use detente::model::location::{Endpoint, Location};
use detente::model::report::{Observation, Report, Scan};
use serde::Deserialize;

/// How many of a thousand pairs that are one problem may stay apart.
const MOST_MISSED_OF_A_THOUSAND: usize = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    seen: Vec<Seen>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Seen {
    is: String,
    tool: String,
    /// Results of one report have this in common.
    report: Option<String>,
    kind: Option<String>,
    rule: String,
    title: String,
    ids: Vec<String>,
    cwe: Vec<u32>,
    purl: Option<String>,
    eco: String,
    name: Option<String>,
    version: String,
    path: Option<String>,
    line: Option<u32>,
    end: Option<u32>,
    code: Option<String>,
    url: Option<String>,
    method: Option<String>,
    param: Option<String>,
    artefact: Option<String>,
    secret: Option<String>,
}

/// A labelled result, with where it can be found again: its report and its tool.
struct Labelled {
    case: usize,
    is: String,
    shown: String,
    report: String,
    tool: String,
    observation: Observation,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("correlation/labelled.yaml")).unwrap()
}

fn component(seen: &Seen) -> Option<Component> {
    if let Some(purl) = &seen.purl {
        let parsed: packageurl::PackageUrl<'_> = purl.parse().unwrap();
        let name = match (parsed.ty(), parsed.namespace()) {
            ("deb" | "rpm" | "apk", _) | (_, None) => parsed.name().to_owned(),
            ("maven", Some(group)) => format!("{group}:{}", parsed.name()),
            (_, Some(namespace)) => format!("{namespace}/{}", parsed.name()),
        };
        return Some(Component {
            ecosystem: parsed.ty().to_owned(),
            name,
            version: parsed.version().unwrap_or_default().to_owned(),
            purl: Some(purl.clone()),
            ..Component::default()
        });
    }
    seen.name.as_ref().map(|name| Component {
        ecosystem: seen.eco.clone(),
        name: name.clone(),
        version: seen.version.clone(),
        ..Component::default()
    })
}

fn labelled() -> Vec<Labelled> {
    let mut all = Vec::new();
    for (case, Case { case: name, seen }) in cases().into_iter().enumerate() {
        for (number, seen) in seen.into_iter().enumerate() {
            let report = seen.report.clone().unwrap_or_else(|| format!("{number}"));
            // Two results of one report are told apart by the tool that each names.
            let tool = if seen.report.is_some() { format!("{} {number}", seen.tool) } else { seen.tool.clone() };
            let kind = seen.kind.as_deref().unwrap_or("dependency");
            all.push(Labelled {
                case,
                is: format!("{case}/{}", seen.is),
                shown: format!("{name}: {} {} ({})", seen.tool, seen.rule, seen.is),
                report: format!("{case}/{report}"),
                tool: tool.clone(),
                observation: Observation {
                    tool: Some(tool),
                    rule: seen.rule.clone(),
                    category: Some(kind.parse::<Category>().unwrap()),
                    title: if seen.title.is_empty() { seen.rule.clone() } else { seen.title.clone() },
                    identifiers: seen.ids.iter().map(|id| Identifier::parse(id).unwrap()).collect(),
                    cwe: seen.cwe.clone(),
                    component: component(&seen),
                    locations: seen
                        .path
                        .iter()
                        .map(|path| Location {
                            path: path.clone(),
                            line: seen.line,
                            end_line: seen.end,
                            snippet: seen.code.clone(),
                        })
                        .collect(),
                    endpoint: seen.url.as_ref().map(|url| Endpoint {
                        url: url.clone(),
                        method: seen.method.clone(),
                        parameter: seen.param.clone(),
                    }),
                    artefact: seen.artefact.clone(),
                    secret_digest: seen.secret.as_ref().map(|secret| Digest::of(secret.as_bytes())),
                    occurrences: 1,
                    ..Observation::default()
                },
            });
        }
    }
    all
}

fn reports(labelled: &[&Labelled]) -> Vec<Report> {
    let mut reports: BTreeMap<&str, Report> = BTreeMap::new();
    for one in labelled {
        let report = reports.entry(&one.report).or_insert_with(|| Report {
            path: one.report.clone(),
            format: None,
            sha256: Digest::of(one.report.as_bytes()),
            scan: Scan { tool: one.tool.clone(), ..Scan::default() },
            observations: Vec::new(),
            suppressed: Vec::new(),
            statements: Vec::new(),
            unread: 0,
            problems: Vec::new(),
        });
        report.observations.push(Box::new(one.observation.clone()));
    }
    reports.into_values().collect()
}

/// The findings that each result went into.
fn found(labelled: &[&Labelled]) -> Vec<BTreeSet<String>> {
    let inventory = correlate(&reports(labelled), None, &Change::default());
    let mut by_source: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for finding in inventory.findings {
        for source in &finding.sources {
            by_source.entry((source.report.clone(), source.tool.clone())).or_default().insert(finding.id.clone());
        }
    }
    labelled
        .iter()
        .map(|one| by_source.get(&(one.report.clone(), one.tool.clone())).cloned().unwrap_or_default())
        .collect()
}

#[derive(Default)]
struct Rates {
    different: usize,
    merged: Vec<String>,
    same: usize,
    missed: Vec<String>,
}

impl Rates {
    fn count(&mut self, labelled: &[&Labelled]) {
        let found = found(labelled);
        for (number, one) in labelled.iter().enumerate() {
            assert!(!found[number].is_empty(), "{} was lost", one.shown);
            for (other, another) in labelled.iter().enumerate().skip(number + 1) {
                let together = !found[number].is_disjoint(&found[other]);
                let shown = || format!("{} | {}", one.shown, another.shown);
                if one.is == another.is {
                    self.same += 1;
                    self.missed.extend((!together).then(shown));
                } else {
                    self.different += 1;
                    self.merged.extend(together.then(shown));
                }
            }
        }
    }
}

#[test]
fn no_two_problems_become_one_finding_and_few_problems_become_two() {
    let all = labelled();
    let mut within = Rates::default();
    for case in 0..=all.last().unwrap().case {
        within.count(&all.iter().filter(|one| one.case == case).collect::<Vec<_>>());
    }
    // All of them together: what one case teaches of aliases must not join results of another.
    let mut together = Rates::default();
    together.count(&all.iter().collect::<Vec<_>>());
    for (name, rates) in [("case by case", &within), ("all together", &together)] {
        println!(
            "{name}: {} of {} pairs of different problems merged, {} of {} pairs of one problem missed",
            rates.merged.len(),
            rates.different,
            rates.missed.len(),
            rates.same
        );
    }
    together.missed.iter().for_each(|pair| println!("missed: {pair}"));
    assert!(within.same + within.different > 150, "too few to say anything");
    assert_eq!((&within.merged, &together.merged), (&Vec::new(), &Vec::new()));
    for rates in [within, together] {
        assert!(rates.missed.len() * 1000 <= rates.same * MOST_MISSED_OF_A_THOUSAND, "{:#?}", rates.missed);
    }
}
