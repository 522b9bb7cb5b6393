//! Talisman JSON (`--scan`): secrets in the history of a repository.
//!
//! Its messages quote what was found, so only those about a file's name or size are kept.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "talisman",
    title: "Talisman JSON",
    kinds: &[Category::Secret],
    versions: "1 (`--scan`, `talisman_reports/data/report.json`)",
    specification: "https://github.com/thoughtworks/talisman#talisman-as-a-cli-utility",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("summary.types.filecontent") && sniff.has("results")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    filename: Text,
    #[serde(deserialize_with = "or_default")]
    failure_list: Vec<Detail>,
    #[serde(deserialize_with = "or_default")]
    warning_list: Vec<Detail>,
    #[serde(deserialize_with = "or_default")]
    ignore_list: Vec<Detail>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    #[serde(rename = "type")]
    kind: Text,
    message: Text,
    severity: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "talisman".into();
    report.scan.kinds.insert(Category::Secret);
    document.rows::<Row>(&["results[]"], report, &mut |_, row, report| {
        let counted = row.failure_list.iter().chain(&row.warning_list).map(|detail| (detail, false));
        for (detail, ignored) in counted.chain(row.ignore_list.iter().map(|detail| (detail, true))) {
            observe(&row.filename, detail, ignored, report);
        }
    })
}

fn observe(file: &str, detail: &Detail, ignored: bool, report: &mut Collector) {
    let Some(rule) = detail.kind.given() else { return report.unread("a detail without type") };
    let title = match rule {
        "filename" | "filesize" => plain::first_title(&[&detail.message, rule]),
        _ => "The file holds what looks like a secret".to_owned(),
    };
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Secret),
        title,
        severity: Severity::from_word(&detail.severity),
        locations: place::in_file(file, None, None).into_iter().collect(),
        suppression: ignored.then(|| Suppression { kind: ".talismanrc".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn what_was_found_is_not_kept() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/talisman/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        assert_eq!(report.observations[0].severity, Severity::Low);
        assert!(!format!("{report:?}").contains("hunter2"));
    }
}
