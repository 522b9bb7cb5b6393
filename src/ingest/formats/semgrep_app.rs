//! Findings as the API of Semgrep's platform lists them (`GET /deployments/{slug}/findings`), which is how a
//! pipeline exports what was triaged there: code and supply chain, with their state.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "semgrep-app",
    title: "Semgrep AppSec Platform API findings",
    kinds: &[Category::Code, Category::Dependency],
    versions: "API v1",
    specification: "https://semgrep.dev/api/v1/docs/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("findings[].rule_name")
        && (sniff.has("findings[].match_based_id") || sniff.has("findings[].sourcing_policy"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    match_based_id: Text,
    state: Text,
    status: Text,
    severity: Text,
    confidence: Text,
    rule_name: Text,
    rule_message: Text,
    triage_reason: Text,
    triage_comment: Text,
    #[serde(deserialize_with = "or_default")]
    location: Place,
    #[serde(deserialize_with = "or_default")]
    rule: Rule,
    found_dependency: Option<Dependency>,
    vulnerability_identifier: Text,
    #[serde(deserialize_with = "or_default")]
    fix_recommendations: Vec<Recommendation>,
    reachability: Text,
    epss_score: Option<Epss>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    file_path: Text,
    line: Number,
    end_line: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rule {
    cwe_names: Texts,
    owasp_names: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dependency {
    package: Text,
    version: Text,
    ecosystem: Text,
    transitivity: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Recommendation {
    package: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    score: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "semgrep".into();
    document.json(&[Pattern::Value("findings[]")], &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match json::read::<Row>(text) {
            Ok(row) => observe(&row, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(rule) = row.rule_name.given() else {
        return report.unread("a finding without rule_name");
    };
    let owasp = row.rule.owasp_names.join("; ");
    let mut observation = Observation {
        rule: rule.to_owned(),
        native_id: row.match_based_id.given().map(str::to_owned),
        category: Some(Category::Code),
        title: plain::title(&rule.rsplit('.').next().unwrap_or(rule).replace(['-', '_'], " ")),
        description: plain::paragraphs([row.rule_message.0.as_str(), &owasp]),
        severity: Severity::from_word(&row.severity),
        cwe: row.rule.cwe_names.iter().filter_map(|text| cwe(text)).collect(),
        confidence: Confidence::from_word(&row.confidence),
        locations: place::in_file(&row.location.file_path, row.location.line.line(), row.location.end_line.line())
            .into_iter()
            .collect(),
        suppression: suppression(row),
        ..Observation::default()
    };
    if let Some(found) = &row.found_dependency {
        let fixes = row.fix_recommendations.iter().filter(|fix| fix.package == found.package);
        observation.category = Some(Category::Dependency);
        observation.identifiers = Identifier::parse(&row.vulnerability_identifier).into_iter().collect();
        observation.title = plain::title(&format!("{} in {}", row.vulnerability_identifier, found.package));
        observation.epss = row.epss_score.as_ref().and_then(|epss| epss.score.share());
        observation.reachable = match &*row.reachability {
            "reachable" | "always reachable" => Some(true),
            "unreachable" => Some(false),
            _ => None,
        };
        observation.component = Some(Component {
            ecosystem: packages::ecosystem(&found.ecosystem).to_owned(),
            name: found.package.0.clone(),
            version: found.version.0.clone(),
            purl: packages::purl(packages::ecosystem(&found.ecosystem), &found.package, &found.version),
            direct: match &*found.transitivity {
                "direct" => Some(true),
                "transitive" => Some(false),
                _ => None,
            },
            fix: Fix::in_versions(fixes.map(|fix| fix.version.0.clone())),
        });
    }
    report.push(observation);
}

/// What is fixed or was triaged away is not open. An open finding may carry the reason of an earlier triage.
fn suppression(row: &Row) -> Option<Suppression> {
    let closed = matches!(&*row.status, "ignored" | "fixed" | "removed" | "provisionally_ignored")
        || matches!(&*row.state, "fixed" | "muted" | "removed");
    let kind = row.status.given().or(row.state.given()).unwrap_or_default();
    let reason = plain::paragraphs([row.triage_reason.replace('_', " ").as_str(), &row.triage_comment]);
    closed.then(|| Suppression { kind: kind.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn open_findings_are_read_and_triaged_ones_kept_apart() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/semgrep-app/findings.json"));
        assert_eq!((report.observations.len(), report.suppressed.len()), (2, 1));
        let link = &report.observations[0];
        assert_eq!((link.severity, link.confidence, link.cwe[0]), (Severity::Medium, Some(Confidence::High), 319));
        let lodash = &report.observations[1];
        assert_eq!(lodash.component.as_ref().unwrap().fix.versions(), ["4.17.21"]);
        assert_eq!((lodash.epss, lodash.reachable), (Some(0.0123), Some(false)));
        let triaged = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!(
            (triaged.kind.as_str(), triaged.reason.as_str()),
            ("ignored", "acceptable risk\n\nOnly in a test page")
        );
    }
}
