//! Bandit JSON: static analysis of Python.
//!
//! Results that a `# nosec` comment hides are not listed; the metrics only count them, which is a remark. Three of
//! Bandit's tests quote a hard-coded password in their message: it is masked.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain, secret};
use crate::model::category::Category;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "bandit",
    title: "Bandit JSON",
    kinds: &[Category::Code],
    versions: "1.4 and later (`-f json`)",
    specification: "https://bandit.readthedocs.io/en/latest/formatters/json.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let of_results = sniff.has("results[].test_id") && sniff.has("results[].issue_text");
    of_results || (sniff.has("metrics._totals") && sniff.has("generated_at") && sniff.has("errors"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    code: Text,
    filename: Text,
    issue_confidence: Text,
    #[serde(deserialize_with = "or_default")]
    issue_cwe: Cwe,
    issue_severity: Text,
    issue_text: Text,
    line_number: Number,
    #[serde(deserialize_with = "or_default")]
    line_range: Vec<Number>,
    more_info: Text,
    test_id: Text,
    test_name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cwe {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    filename: Text,
    reason: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "bandit".into();
    report.scan.kinds.insert(Category::Code);
    let patterns = [
        Pattern::Value("results[]"),
        Pattern::Value("errors[]"),
        Pattern::Value("generated_at"),
        Pattern::Value("metrics._totals.loc"),
        Pattern::Value("metrics._totals.nosec"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => observe(&row, report),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => {
                let failure: Failure = json::read(text)?;
                report.missing(format!("Bandit did not scan {}: {}", failure.filename, plain::title(&failure.reason)));
            }
            2 => report.scan.at = json::read::<Text>(text)?.trim().parse().ok(),
            3 if text == "0" => report.looked_at_no("line of code"),
            3 => {}
            _ => {
                if let Some(hidden) = json::read::<Number>(text)?.line() {
                    report.remark(format!("{hidden} lines are marked # nosec; Bandit lists no results for them"));
                }
            }
        }
        Ok(())
    })
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(rule) = row.test_id.given() else {
        return report.unread("a result without test_id");
    };
    let last = row.line_range.last().and_then(|number| number.line());
    let (mut message, mut quoted) = (row.issue_text.0.clone(), code(row));
    let mut digest = None;
    if row.test_name.starts_with("hardcoded_password")
        && let Some((words, password)) = row.issue_text.split_once('\'')
    {
        let password = password.strip_suffix('\'').unwrap_or(password);
        message = format!("{words}'{}'", secret::masked(password));
        quoted = quoted.map(|code| secret::hide(&code, password));
        digest = secret::digest(password);
    }
    let mut location = place::in_file(&row.filename, row.line_number.line(), last);
    if let Some(location) = &mut location {
        location.snippet = quoted;
    }
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Code),
        title: plain::first_title(&[message.trim_end_matches('.'), &row.test_name]),
        description: plain::paragraphs([&message, &row.more_info.0]),
        severity: Severity::from_word(&row.issue_severity),
        confidence: Confidence::from_word(&row.issue_confidence),
        cwe: crate::ingest::lenient::cwe(&row.issue_cwe.id).into_iter().collect(),
        locations: location.into_iter().collect(),
        secret_digest: digest,
        ..Observation::default()
    });
}

/// The lines that the result is about. Bandit quotes neighbours too, and puts a number before each line; neither
/// says anything about the code itself.
fn code(row: &Row) -> Option<String> {
    let wanted = |number: &str| {
        let number = number.parse().ok();
        number == row.line_number.0 || row.line_range.iter().any(|line| line.0 == number)
    };
    let lines = row.code.lines().filter_map(|line| line.split_once(' ')).filter(|(number, _)| wanted(number));
    let code: Vec<&str> = lines.map(|(_, code)| code).collect();
    Some(code.join("\n")).filter(|code| !code.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    fn fixture() -> crate::ingest::collector::Collected {
        collect(&FORMAT, include_str!("../../../tests/fixtures/reports/bandit/app.json"))
    }

    #[test]
    fn results_keep_severity_confidence_and_their_own_lines() {
        let report = fixture();
        assert_eq!((report.observations.len(), report.unread), (3, 0));
        let shell = &report.observations[0];
        assert_eq!(
            (shell.rule.as_str(), shell.severity, shell.confidence),
            ("B602", Severity::High, Some(Confidence::High))
        );
        assert_eq!((shell.cwe[0], shell.locations[0].path.as_str()), (78, "app/run.py"));
        let at = &shell.locations[0];
        assert_eq!((at.line, at.end_line), (Some(7), Some(8)));
        assert_eq!(at.snippet.as_deref(), Some("    subprocess.run(command,\n                   shell=True)"));
        assert_eq!(report.observations[2].severity, Severity::Unknown, "UNDEFINED is not a severity");
        assert_eq!(report.scan.at.unwrap().to_string(), "2026-11-21T21:07:31Z");
    }

    #[test]
    fn a_quoted_password_is_masked_everywhere() {
        let report = fixture();
        let password = &report.observations[1];
        assert_eq!(password.title, "Possible hardcoded password: 'corr****'");
        assert_eq!(password.locations[0].snippet.as_deref(), Some("PASSWORD = 'corr****'"));
        assert_eq!(password.secret_digest, secret::digest("correct-horse-battery"));
        assert!(!format!("{report:?}").contains("horse"));
    }

    #[test]
    fn files_that_were_not_scanned_are_missing_evidence_and_hidden_lines_a_remark() {
        let problems: Vec<_> = fixture().problems.into_iter().map(|p| (p.evidence_missing, p.message)).collect();
        assert_eq!(
            problems[0],
            (true, "Bandit did not scan ./app/old.py: syntax error while parsing AST from file".into())
        );
        assert_eq!(problems[1], (false, "2 lines are marked # nosec; Bandit lists no results for them".into()));
    }
}
