//! detect-secrets JSON: the baseline file or the output of a scan, which have one shape.
//!
//! It names a secret by its SHA-1 only, so nothing needs to be masked. A result that an audit called no secret is
//! suppressed by that audit.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text};
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, secret};
use crate::model::category::Category;
use crate::model::report::{Observation, Suppression};

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "detect-secrets",
    title: "detect-secrets baseline",
    kinds: &[Category::Secret],
    versions: "0.12 to 1.5",
    specification: "https://github.com/Yelp/detect-secrets#usage",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("plugins_used") && sniff.has("results") && sniff.has("version")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(rename = "type")]
    kind: Text,
    hashed_secret: Text,
    is_verified: Option<bool>,
    is_secret: Option<bool>,
    line_number: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "detect-secrets".into();
    report.scan.kinds.insert(Category::Secret);
    let patterns = [Pattern::Value("results.*"), Pattern::Value("version"), Pattern::Value("generated_at")];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Option<Vec<Row>>>(text) {
                Ok(rows) => rows.iter().flatten().for_each(|row| observe(event.key, row, report)),
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool_version = json::read::<Text>(text)?.0,
            _ => report.scan.at = json::read::<Text>(text)?.parse().ok(),
        }
        Ok(())
    })
}

fn observe(file: &str, row: &Row, report: &mut Collector) {
    let Some(kind) = row.kind.given() else {
        return report.unread("a result without type");
    };
    report.push(Observation {
        rule: kind.to_owned(),
        category: Some(Category::Secret),
        title: kind.to_owned(),
        cwe: vec![798],
        locations: place::in_file(file, row.line_number.line(), None).into_iter().collect(),
        secret_digest: secret::digest_of_sha1(&row.hashed_secret),
        // `false` is also written when nothing was tried.
        verified: row.is_verified.filter(|verified| *verified),
        suppression: (row.is_secret == Some(false))
            .then(|| Suppression { kind: "audit".into(), reason: "audited as no secret".into() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn results_are_read_and_comparable_with_other_scanners() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/detect-secrets/baseline.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        let key = &report.observations[0];
        assert_eq!((key.rule.as_str(), key.verified, key.locations[0].line), ("AWS Access Key", Some(true), Some(4)));
        assert_eq!(key.locations[0].path, "deploy/prod.env");
        assert_eq!(key.secret_digest, secret::digest("AKIAIOSFODNN7EXAMPLE"));
        assert_eq!(report.observations[1].verified, None);
        assert_eq!(report.scan.at.unwrap().to_string(), "2026-11-21T21:07:50Z");
    }
}
