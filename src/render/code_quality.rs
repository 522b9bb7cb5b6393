//! Findings of the change on its lines, as GitLab draws them in a merge request (Code Quality report: a subset of the Code
//! Climate format with `description`, `check_name`, `fingerprint`, `severity`, `location.path`, `location.lines.begin`).

use serde_json::{Value, json};

use crate::model::assessment::AssessedFinding;
use crate::model::brief::Brief;
use crate::model::severity::Severity;

use super::escape;
use super::renderer::{Form, Renderer, Screen};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "code-quality",
    about: "findings on the lines of a merge request (GitLab Code Quality)",
    endings: &[],
    form: Form::Whole(render),
};

fn render(brief: &Brief, _: &Screen) -> String {
    let rows: Vec<Value> =
        brief.open_findings().filter(|a| a.finding.origin.counts_as_introduced()).filter_map(row).collect();
    format!("{:#}\n", Value::from(rows))
}

/// A finding without a place in a file cannot be drawn; the report has it all the same.
fn row(assessed: &AssessedFinding) -> Option<Value> {
    let finding = &assessed.finding;
    let place = finding.locations.first()?;
    let tools: Vec<&str> = finding.sources.iter().map(|source| source.tool.as_str()).collect();
    let description = format!(
        "{} ({}; {}; seen by {})",
        finding.title,
        assessed.severity.value.as_str(),
        finding.category.as_str(),
        tools.join(", ")
    );
    Some(json!({
        "description": escape::clip(&description, 500),
        "check_name": format!("detente/{}", finding.category.as_str()),
        "fingerprint": finding.id,
        "severity": severity(assessed.severity.value),
        "location": { "path": escape::visible(&place.path), "lines": { "begin": place.line.unwrap_or(1).max(1) } },
    }))
}

/// The five words that GitLab knows.
const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium | Severity::Unknown => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_path_shows_what_is_there() {
        let mut brief = fixture::beyond_tolerance();
        let found = brief.assessment.findings.iter_mut().find(|a| a.finding.origin.counts_as_introduced()).unwrap();
        found.finding.locations[0].path = "src/\u{202e}yp.ppa\u{9b}31m".to_owned();
        let text = render(&brief, &Screen::default());
        assert!(text.contains("\"src/yp.ppa31m\""), "{text}");
    }

    #[test]
    fn every_row_has_what_gitlab_asks_for() {
        let mut rows = 0;
        for (name, brief) in fixture::all() {
            let written: Vec<Value> = serde_json::from_str(&render(&brief, &Screen::default())).unwrap();
            for row in &written {
                rows += 1;
                for field in ["description", "check_name", "fingerprint", "severity"] {
                    assert!(row[field].as_str().is_some_and(|text| !text.is_empty()), "{name}: {row}");
                }
                assert!(row["location"]["path"].is_string() && row["location"]["lines"]["begin"].as_u64() > Some(0));
            }
            let introduced = brief.open_findings().filter(|a| a.finding.origin.counts_as_introduced());
            assert_eq!(written.len(), introduced.filter(|a| !a.finding.locations.is_empty()).count(), "{name}");
        }
        assert!(rows > 0);
    }
}
