//! `yarn audit --json`: one JSON document a line, of yarn 1 (`auditAdvisory`) and of yarn 2 and later
//! (`yarn npm audit --json`).
//!
//! yarn 1 repeats an advisory for each path of dependencies that leads to the package; one advisory is one observation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "yarn-audit",
    title: "yarn audit JSON lines",
    kinds: &[Category::Dependency],
    versions: "yarn 1 (`yarn audit --json`) and yarn 2 to 4 (`yarn npm audit --json`)",
    specification: "https://classic.yarnpkg.com/lang/en/docs/cli/audit/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let classic =
        sniff.text("type").is_some_and(|kind| matches!(kind, "auditAdvisory" | "auditSummary" | "auditAction"));
    // yarn 1 may begin with a message of another kind.
    let message = sniff.text("type").is_some_and(|kind| matches!(kind, "info" | "warning" | "error"));
    let berry = sniff.has("value") && sniff.has("children.Severity");
    (classic || message) && sniff.has("data") || berry
}

/// A line of yarn 1; what `data` is depends on `type`.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resolved {
    resolution: Resolution,
    advisory: Advisory,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resolution {
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    id: Text,
    module_name: Text,
    title: Text,
    overview: Text,
    recommendation: Text,
    severity: Text,
    cves: Texts,
    github_advisory_id: Text,
    cwe: Texts,
    patched_versions: Text,
    created: Text,
    #[serde(deserialize_with = "or_default")]
    cvss: Rating,
    #[serde(deserialize_with = "or_default")]
    findings: Vec<Installed>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Rating {
    score: Number,
    vector_string: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Installed {
    version: Text,
    paths: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Summary {
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: BTreeMap<String, u64>,
}

/// A line of yarn 2 and later.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Berry {
    value: Text,
    children: BerryAdvisory,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct BerryAdvisory {
    #[serde(rename = "ID")]
    id: Text,
    issue: Text,
    #[serde(rename = "URL")]
    url: Text,
    severity: Text,
    #[serde(rename = "Vulnerable Versions")]
    vulnerable: Text,
    #[serde(rename = "Tree Versions")]
    installed: Texts,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "yarn-audit".into();
    report.scan.kinds.insert(Category::Dependency);
    let berry = document.sniff().has("children.Severity");
    let (mut rows, mut total) = (0_u64, None);
    document.json_documents(&mut |text| {
        if berry {
            match json::read::<Berry>(text) {
                Ok(line) => report.push(of_berry(&line)),
                Err(error) => report.unread(&error.to_string()),
            }
            return Ok(());
        }
        if let Err(error) = line(text, &mut rows, &mut total, report) {
            report.unread(&error.to_string());
        }
        Ok(())
    })?;
    match total {
        None if !berry => report.missing("yarn's summary is not there: the audit or the copy was interrupted"),
        Some(total) if total > rows => {
            report.missing(format!("yarn's summary says {total} vulnerabilities, but {rows} are listed"));
        }
        _ => {}
    }
    Ok(())
}

fn line(text: &str, rows: &mut u64, total: &mut Option<u64>, report: &mut Collector) -> Result<(), serde_json::Error> {
    let Line { kind, data } = json::read(text)?;
    match kind {
        "auditAdvisory" => {
            *rows += 1;
            let row: Resolved = json::read(data.get())?;
            report.push_once(&[&row.advisory.id, &row.advisory.module_name], of_classic(&row));
        }
        "auditSummary" => {
            let summary: Summary = json::read(data.get())?;
            *total = Some(summary.vulnerabilities.values().sum());
        }
        "error" => {
            let message: Text = json::read(data.get())?;
            report.missing(format!("yarn reports an error: {}", plain::title(&message)));
        }
        // Progress and advice.
        _ => {}
    }
    Ok(())
}

fn of_classic(row: &Resolved) -> Observation {
    let Advisory { module_name, findings, .. } = &row.advisory;
    let advisory = &row.advisory;
    let here = findings.iter().find(|found| found.paths.contains(&row.resolution.path.0)).or(findings.first());
    let version = here.map(|found| found.version.0.clone()).unwrap_or_default();
    let identifiers = advisory.cves.iter().map(String::as_str).chain([&*advisory.github_advisory_id]);
    let score = advisory.cvss.score.0.filter(|score| *score > 0.0);
    Observation {
        rule: advisory.id.0.clone(),
        category: Some(Category::Dependency),
        title: plain::first_title(&[&advisory.title, &advisory.id]),
        description: plain::paragraphs([&advisory.overview.0, &advisory.recommendation.0]),
        severity: Severity::from_word(&advisory.severity),
        cvss: score
            .map(|score| Cvss {
                vector: advisory.cvss.vector_string.0.clone(),
                score: Some(score),
                source: "ghsa".into(),
            })
            .into_iter()
            .collect(),
        identifiers: identifiers.filter_map(Identifier::parse).collect(),
        cwe: packages::cwe_numbers(advisory.cwe.iter()),
        published: advisory.created.trim().parse().ok(),
        component: Some(Component {
            direct: Some(!row.resolution.path.contains('>')),
            fix: Fix::in_versions(packages::first_of_ranges(&advisory.patched_versions)),
            ..npm(module_name, &version)
        }),
        ..Observation::default()
    }
}

fn of_berry(line: &Berry) -> Observation {
    let advisory = &line.children;
    let version = advisory.installed.first().map_or("", String::as_str);
    Observation {
        rule: advisory.id.0.clone(),
        category: Some(Category::Dependency),
        title: plain::first_title(&[&advisory.issue, &advisory.id]),
        description: advisory.url.0.clone(),
        severity: Severity::from_word(&advisory.severity),
        identifiers: Identifier::find_in(&advisory.url),
        component: Some(Component {
            fix: Fix::in_versions(packages::ends_of_ranges(&advisory.vulnerable)),
            ..npm(&line.value, version)
        }),
        ..Observation::default()
    }
}

fn npm(name: &str, version: &str) -> Component {
    Component {
        ecosystem: "npm".into(),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: packages::purl("npm", name, version),
        ..Component::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn one_advisory_is_one_observation_whatever_leads_to_the_package() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/yarn-audit/classic.ndjson"));
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (2, 0, 0));
        let minimist = &report.observations[0];
        assert_eq!((minimist.occurrences, minimist.severity), (2, Severity::Critical));
        assert_eq!(
            minimist.identifiers.iter().map(Identifier::as_str).collect::<Vec<_>>(),
            ["CVE-2021-44906", "GHSA-xvch-5gv4-984h"]
        );
        let component = minimist.component.as_ref().unwrap();
        assert_eq!((component.to_string().as_str(), component.direct), ("minimist 0.0.10", Some(false)));
        assert_eq!(component.fix.versions(), ["1.2.6"]);
        assert_eq!(report.observations[1].component.as_ref().unwrap().direct, Some(true));
    }

    #[test]
    fn without_its_summary_or_with_a_greater_one_evidence_is_missing() {
        let text = include_str!("../../../tests/fixtures/reports/yarn-audit/classic.ndjson");
        let cut: Vec<&str> = text.lines().filter(|line| !line.contains("auditSummary")).collect();
        assert!(collect(&FORMAT, &cut.join("\n")).problems[0].evidence_missing);
        let more = text.replace("\"critical\":2", "\"critical\":9");
        assert!(collect(&FORMAT, &more).problems[0].message.contains("says 10 vulnerabilities, but 3"));
        let error = "{\"type\":\"error\",\"data\":\"no registry\"}\n{\"type\":\"info\",\"data\":\"x\"}";
        let report = collect(&FORMAT, error);
        assert!(report.problems[0].message.contains("no registry") && report.unread == 0);
    }

    #[test]
    fn the_lines_of_later_versions_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/yarn-audit/berry.ndjson"));
        assert_eq!((report.observations.len(), report.problems.len()), (1, 0));
        let lodash = &report.observations[0];
        assert_eq!((lodash.severity, lodash.identifiers[0].as_str()), (Severity::High, "GHSA-35jh-r3h4-6jhm"));
        assert_eq!(lodash.component.as_ref().unwrap().fix.versions(), ["4.17.21"]);
    }
}
