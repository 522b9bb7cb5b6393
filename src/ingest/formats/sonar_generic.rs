//! The generic format in which SonarQube imports issues of other analysers, which some of them write themselves
//! (`njsscan --sonarqube`). Since 10.3 what concerns a rule stands in a list beside the issues, and no longer in each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sonarqube::step;
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "sonar-generic",
    title: "SonarQube generic issues JSON",
    kinds: &[Category::Code],
    versions: "SonarQube 7.2 and later, with and without a list of rules",
    specification: "https://docs.sonarsource.com/sonarqube-server/analyzing-source-code/importing-external-issues/generic-issue-import-format",
    recognise,
    read,
};

/// Analysers that name themselves beside the list, which may be empty then.
const NAMED: [(&str, &str); 2] = [("njsscan_version", "njsscan"), ("mobsfscan_version", "mobsfscan")];

/// Of these an issue holds every place of one rule, each of which is a finding in their own formats.
const EACH_PLACE: [&str; 2] = ["njsscan", "mobsfscan"];

fn recognise(sniff: &Sniff) -> bool {
    let rows = sniff.has("issues[].ruleId") && sniff.has("issues[].primaryLocation.message");
    rows || (sniff.has("issues") && NAMED.iter().any(|(member, _)| sniff.has(member)))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Issue {
    engine_id: Text,
    rule_id: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    primary_location: Place,
    #[serde(deserialize_with = "or_default")]
    secondary_locations: Vec<Place>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Place {
    message: Text,
    file_path: Text,
    #[serde(deserialize_with = "or_default")]
    text_range: Range,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Range {
    start_line: Number,
    end_line: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    id: Text,
    name: Text,
    description: Text,
    engine_id: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    impacts: Vec<Impact>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Impact {
    severity: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.kinds.insert(Category::Code);
    let mut tools: BTreeSet<String> =
        NAMED.iter().filter(|(member, _)| document.sniff().has(member)).map(|(_, tool)| (*tool).to_owned()).collect();
    let patterns =
        [Pattern::Value("issues[]"), Pattern::Value("rules[]"), Pattern::Value(NAMED[0].0), Pattern::Value(NAMED[1].0)];
    // Rules may come after the issues that they give a severity.
    let (mut issues, mut rules) = (Vec::new(), BTreeMap::new());
    let outcome = document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Issue>(text) {
                Ok(issue) if issue.rule_id.given().is_some() => issues.push(issue),
                Ok(_) => report.unread("an issue without ruleId"),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => match json::read::<Rule>(text) {
                Ok(rule) => drop(rules.insert(rule.id.0.clone(), rule)),
                Err(error) => report.unread(&format!("a rule ({error})")),
            },
            _ => report.scan.tool_version = json::read::<Text>(text)?.0,
        }
        Ok(())
    });
    let engine = |issue: &Issue| {
        let of_rule = rules.get(&issue.rule_id.0).and_then(|rule: &Rule| rule.engine_id.given());
        issue.engine_id.given().or(of_rule).map(str::to_lowercase)
    };
    tools.extend(issues.iter().filter_map(&engine));
    report.scan.tool = match tools.first() {
        Some(tool) if tools.len() == 1 => tool.clone(),
        _ => "sonarqube import".to_owned(),
    };
    for issue in &issues {
        let tool = engine(issue);
        let each_place = tool.as_deref().is_some_and(|tool| EACH_PLACE.contains(&tool));
        let found = observation(issue, rules.get(&issue.rule_id.0));
        let found = Observation { tool: tool.filter(|tool| *tool != report.scan.tool), ..found };
        if each_place && found.locations.len() > 1 {
            for place in found.locations.clone() {
                report.push(Observation { locations: vec![place], ..found.clone() });
            }
        } else {
            report.push(found);
        }
    }
    outcome
}

fn observation(issue: &Issue, rule: Option<&Rule>) -> Observation {
    let (name, description) = rule.map_or(("", ""), |rule| (&*rule.name, &*rule.description));
    let primary = &issue.primary_location;
    let places = std::iter::once(primary).chain(&issue.secondary_locations);
    Observation {
        rule: issue.rule_id.0.clone(),
        category: Some(Category::Code),
        title: plain::first_title(&[&primary.message, name, &issue.rule_id]),
        description: plain::paragraphs([&*primary.message, description]),
        severity: severity(issue, rule),
        identifiers: Identifier::find_in(&format!("{} {}", issue.rule_id, primary.message)),
        cwe: cwe_of(&issue.rule_id).into_iter().collect(),
        locations: places.filter_map(location).collect(),
        ..Observation::default()
    }
}

/// Some analysers call a rule by its weakness.
fn cwe_of(rule: &str) -> Option<u32> {
    if rule.to_ascii_lowercase().contains("cwe") { cwe(rule) } else { None }
}

fn location(place: &Place) -> Option<Location> {
    place::in_file(&place.file_path, place.text_range.start_line.line(), place.text_range.end_line.line())
}

/// The severity of the issue, else of its rule, else the worst of what the rule puts at risk.
fn severity(issue: &Issue, rule: Option<&Rule>) -> Severity {
    let stated = issue.severity.given().or_else(|| rule?.severity.given());
    let at_risk = || rule.into_iter().flat_map(|rule| &rule.impacts).map(|impact| step(&impact.severity)).max();
    stated.map(step).or_else(at_risk).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::{collect, mobsfscan};

    const ISSUES: &str = include_str!("../../../tests/fixtures/reports/sonar-generic/njsscan.json");
    const RULES: &str = include_str!("../../../tests/fixtures/reports/sonar-generic/rules.json");

    #[test]
    fn what_an_analyser_writes_for_sonarqube_is_not_taken_for_its_own_empty_report() {
        for text in [ISSUES, r#"{"issues":[],"njsscan_version":"1.0.2"}"#] {
            let sniff = Sniff::of(text.as_bytes());
            assert!(recognise(&sniff) && !(mobsfscan::FORMAT.recognise)(&sniff), "{text}");
        }
        let own = Sniff::of(br#"{"errors":[],"njsscan_version":"0.4","nodejs":{},"templates":{}}"#);
        assert!(!recognise(&own) && (mobsfscan::FORMAT.recognise)(&own));
        // The issues of SonarQube's own API are another format.
        let api = include_bytes!("../../../tests/fixtures/reports/sonarqube/issues.json");
        assert!(!recognise(&Sniff::of(api)));
    }

    #[test]
    fn every_place_of_an_issue_of_njsscan_is_a_finding() {
        let report = collect(&FORMAT, ISSUES);
        assert_eq!((report.scan.tool.as_str(), report.scan.tool_version.as_str()), ("njsscan", "1.0.2"));
        let seen: Vec<_> = report.observations.iter().map(|o| (o.locations[0].line, o.severity)).collect();
        assert_eq!(seen, [(Some(51), Severity::Medium), (Some(16), Severity::Medium), (Some(7), Severity::High)]);
    }

    #[test]
    fn a_rule_gives_its_severity_to_issues_before_and_behind_it() {
        let report = collect(&FORMAT, RULES);
        let seen: Vec<_> =
            report.observations.iter().map(|o| (o.rule.as_str(), o.tool.as_deref(), o.severity)).collect();
        assert_eq!(
            seen,
            [
                ("weak-hash", Some("house"), Severity::High),
                ("open-redirect", Some("other"), Severity::Critical),
                ("unknown", None, Severity::Unknown)
            ]
        );
        assert_eq!(report.observations[0].locations.len(), 2);
        assert_eq!(report.scan.tool, "sonarqube import");
    }
}
