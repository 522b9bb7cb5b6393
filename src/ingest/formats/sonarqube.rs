//! `SonarQube` and `SonarCloud`: issues (`api/issues/search`), security hotspots (`api/hotspots/search`), and the JSON
//! of sonar-report, which holds both.
//!
//! The API gives pages. A page is not the report: unless it holds as many rows as its total says, evidence is missing.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "sonarqube",
    title: "SonarQube issues and hotspots JSON",
    kinds: &[Category::Code],
    versions: "SonarQube 6 and later, SonarCloud; sonar-report 2 and 3",
    specification: "https://next.sonarqube.com/sonarqube/web_api/api/issues/search",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let page = sniff.has("paging.total") || sniff.has("total");
    let api = page && sniff.has("components") && (sniff.has("issues") || sniff.has("hotspots"));
    let first_rows = sniff.has("issues[].rule") && sniff.has("issues[].component") && sniff.has("issues[].project");
    api || (page && first_rows) || (sniff.has("sonarBaseURL") && sniff.has("rules"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    key: Text,
    #[serde(alias = "ruleKey")]
    rule: Text,
    severity: Text,
    /// Of hotspots, in place of a severity.
    vulnerability_probability: Text,
    #[serde(deserialize_with = "or_default")]
    impacts: Vec<Impact>,
    component: Text,
    project: Text,
    line: Number,
    #[serde(deserialize_with = "or_default")]
    text_range: Range,
    message: Text,
    description: Text,
    status: Text,
    issue_status: Text,
    resolution: Text,
    tags: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Impact {
    severity: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Range {
    end_line: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "sonarqube".into();
    report.scan.kinds.insert(Category::Code);
    let patterns = [
        Pattern::Value("issues[]"),
        Pattern::Value("hotspots[]"),
        Pattern::Value("paging.total"),
        Pattern::Value("total"),
    ];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern > 1 {
            total = json::read::<Number>(text)?.line();
            return Ok(());
        }
        rows += 1;
        match json::read::<Row>(text) {
            Ok(row) if row.rule.given().is_some() => report.push(observation(&row)),
            Ok(_) => report.unread("an issue without rule"),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!(
            "this is a page of {rows} rows out of {total}: give the other pages as well, in one list"
        ));
    }
    Ok(())
}

fn observation(row: &Row) -> Observation {
    // `project:path`; of the project itself only its key.
    let path = row.component.strip_prefix(&*row.project).unwrap_or(&row.component);
    let path = path.split_once(':').map_or(if row.project.is_empty() { path } else { "" }, |(_, path)| path);
    Observation {
        rule: row.rule.0.clone(),
        native_id: row.key.given().map(str::to_owned),
        category: Some(Category::Code),
        title: plain::first_title(&[&row.message, &row.description, &row.rule]),
        description: row.description.0.clone(),
        severity: severity(row),
        identifiers: Identifier::find_in(&row.message),
        cwe: row.tags.iter().filter(|tag| tag.starts_with("cwe-")).filter_map(|tag| cwe(tag)).collect(),
        locations: place::in_file(path, row.line.line(), row.text_range.end_line.line()).into_iter().collect(),
        suppression: suppression(row),
        ..Observation::default()
    }
}

/// The scale of `SonarQube`, whose `CRITICAL` is its second step: today's names for the five are blocker, high,
/// medium, low and info (docs.sonarsource.com, "Software qualities and severities").
pub(super) fn step(word: &str) -> Severity {
    match word {
        "BLOCKER" => Severity::Critical,
        "CRITICAL" | "HIGH" => Severity::High,
        "MAJOR" | "MEDIUM" => Severity::Medium,
        "MINOR" | "LOW" => Severity::Low,
        "INFO" => Severity::Info,
        _ => Severity::Unknown,
    }
}

fn severity(row: &Row) -> Severity {
    let stated = [&row.severity, &row.vulnerability_probability].into_iter().find_map(Text::given);
    match stated {
        Some(word) => step(word),
        None => row.impacts.iter().map(|impact| step(&impact.severity)).max().unwrap_or_default(),
    }
}

/// What was resolved or reviewed is not open; the word for how is kept.
fn suppression(row: &Row) -> Option<Suppression> {
    let status = row.issue_status.given().or(row.status.given()).unwrap_or_default();
    let done = matches!(status, "RESOLVED" | "CLOSED" | "FIXED" | "FALSE_POSITIVE" | "ACCEPTED" | "REVIEWED");
    let how = row.resolution.given().unwrap_or(status);
    done.then(|| Suppression { kind: how.to_lowercase().replace(['_', '-'], " "), reason: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn issues_are_read_and_a_page_is_not_taken_for_the_report() {
        let text = include_str!("../../../tests/fixtures/reports/sonarqube/issues.json");
        let report = collect(&FORMAT, text);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let package = &report.observations[0];
        assert_eq!((package.severity, package.identifiers[0].as_str()), (Severity::Medium, "CVE-2024-2529"));
        assert_eq!((package.cwe.as_slice(), package.locations.len()), (&[937][..], 0));
        let injection = &report.observations[1];
        assert_eq!((injection.locations[0].path.as_str(), injection.locations[0].line), ("src/orders.php", Some(59)));
        assert_eq!(injection.native_id.as_deref(), Some("AYv2"));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().kind, "false positive");
        assert!(report.problems[0].message.starts_with("this is a page of 3 rows out of 250"));
        assert!(collect(&FORMAT, &text.replace("250", "3")).problems.is_empty());
    }

    #[test]
    fn hotspots_have_a_probability_in_place_of_a_severity() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/sonarqube/hotspots.json"));
        let seen: Vec<_> = report.observations.iter().map(|o| (o.rule.as_str(), o.severity)).collect();
        assert_eq!(seen, [("typescript:S6268", Severity::High)]);
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().kind, "safe");
    }
}
