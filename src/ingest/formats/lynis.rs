//! Lynis: an audit of the settings of one host, as the lines `name=value` that it writes to `lynis-report.dat`.
//!
//! It gives no severity, but tells what it warns of from what it suggests.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::plain;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{Shape, Sniff};
use crate::model::category::Category;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "lynis",
    title: "Lynis report",
    kinds: &[Category::Configuration],
    versions: "report version 1 (`lynis-report.dat` of Lynis 2 and 3)",
    specification: "https://cisofy.com/documentation/lynis/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.shape == Shape::Text && sniff.head.trim() == "# Lynis Report"
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "lynis".into();
    report.scan.kinds.insert(Category::Configuration);
    let mut finished = false;
    let outcome = document.lines(&mut |_, line| {
        let Some((name, value)) = line.trim().split_once('=') else { return Ok(()) };
        match name {
            "warning[]" => observe(value, Severity::Medium, report),
            "suggestion[]" => observe(value, Severity::Low, report),
            "lynis_version" => report.scan.tool_version = value.to_owned(),
            "hostname" => report.scan.artefact = Some(value.to_owned()).filter(|host| !host.is_empty()),
            "exception_event[]" => report.missing(format!("Lynis reports an error: {}", plain::title(value))),
            "finish" => finished = value == "true",
            _ => {}
        }
        Ok(())
    });
    if !finished {
        report.missing("the audit did not come to its end (finish=true is missing): run it again");
    }
    outcome
}

/// Adds `TEST|text|details|solution|`, in which `-` stands for nothing.
fn observe(value: &str, severity: Severity, report: &mut Collector) {
    let mut parts = value.split('|').map(|part| Some(part.trim()).filter(|part| !part.is_empty() && *part != "-"));
    let (Some(Some(test)), Some(text)) = (parts.next(), parts.next()) else {
        return report.unread("a line without the test that it is about");
    };
    let told: Vec<&str> = parts.flatten().map(|part| part.strip_prefix("text:").unwrap_or(part)).collect();
    report.push(Observation {
        rule: test.to_owned(),
        category: Some(Category::Configuration),
        title: plain::first_title(&[text.unwrap_or_default(), test]),
        description: plain::paragraphs(told),
        severity,
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/lynis/lynis-report.dat");

    #[test]
    fn warnings_and_suggestions_are_findings() {
        let report = collect(&FORMAT, HOST);
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (3, 0, 0));
        let reboot = &report.observations[0];
        assert_eq!((reboot.rule.as_str(), reboot.severity), ("KRNL-5830", Severity::Medium));
        assert_eq!((reboot.title.as_str(), reboot.description.as_str()), ("The host needs a restart", "reboot"));
        assert_eq!(report.observations[1].description, "MaxAuthTries (set 6 to 3)");
    }

    #[test]
    fn an_audit_that_was_stopped_is_not_clean() {
        let report = collect(&FORMAT, "# Lynis Report\nlynis_version=3.0.8\n");
        assert!(report.problems[0].evidence_missing && report.observations.is_empty());
    }
}
