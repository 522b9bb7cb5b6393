//! `TruffleHog` 3: one JSON document for each found credential.
//!
//! What was verified works; what was not may have been tried or not, which the report does not tell apart.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json;
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{place, plain, secret};
use crate::model::category::Category;
use crate::model::report::Observation;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "trufflehog",
    title: "TruffleHog 3 JSON",
    kinds: &[Category::Secret],
    versions: "3 (`--json`): git, filesystem, docker and other sources",
    specification: "https://github.com/trufflesecurity/trufflehog",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let prefix = if sniff.shape == Shape::JsonArray { "[]." } else { "" };
    sniff.has(&format!("{prefix}SourceMetadata")) && sniff.has(&format!("{prefix}DetectorName"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    source_metadata: Metadata,
    detector_name: Text,
    detector_description: Text,
    verified: Option<bool>,
    verification_error: Text,
    raw: Text,
}

/// Where a credential was found.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Metadata {
    /// One member, named after the kind of source.
    #[serde(deserialize_with = "or_default")]
    pub data: BTreeMap<String, Place>,
}

/// A place in a source.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Place {
    pub file: Text,
    pub line: Number,
    pub commit: Text,
    pub image: Text,
    bucket: Text,
    link: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "trufflehog".into();
    report.scan.kinds.insert(Category::Secret);
    document.records(&mut |text| record(text, report))
}

fn record(text: &str, report: &mut Collector) {
    match json::read::<Row>(text) {
        Ok(row) if row.detector_name.given().is_some() => observe(&row, report),
        Ok(_) => report.unread("a result without DetectorName"),
        // The error may quote the record, and with it the secret.
        Err(_) => report.unread("a result is not of the shape that TruffleHog writes"),
    }
}

fn observe(row: &Row, report: &mut Collector) {
    let nowhere = Place::default();
    let at = row.source_metadata.data.values().next().unwrap_or(&nowhere);
    let commit: String = at.commit.chars().take(12).collect();
    let found_in = if commit.is_empty() { String::new() } else { format!("In commit {commit}.") };
    // The text of the error may hold the credential.
    let tried = row.verification_error.given().map_or("", |_| "Whether it works could not be found out.");
    let observation = Observation {
        rule: row.detector_name.0.clone(),
        category: Some(Category::Secret),
        title: plain::title(&format!("{} credential", row.detector_name)),
        description: plain::paragraphs([&row.detector_description.0, &found_in, tried]),
        cwe: vec![798],
        locations: place::in_file(&at.file, at.line.line(), None).into_iter().collect(),
        artefact: [&at.image, &at.bucket, &at.link].into_iter().find_map(Text::given).map(str::to_owned),
        verified: row.verified.filter(|verified| *verified),
        secret_digest: secret::digest(&row.raw),
        ..Observation::default()
    };
    // The same credential at the same place is listed once for each way in which it was decoded.
    let line = format!("{:?}", at.line.line());
    let artefact = observation.artefact.clone().unwrap_or_default();
    report.push_once(&[&row.detector_name, &row.raw, &at.file, &line, &at.commit, &artefact], observation);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn credentials_are_read_once_and_not_kept() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/trufflehog/git.ndjson"));
        assert_eq!((report.observations.len(), report.unread), (2, 0));
        let aws = &report.observations[0];
        assert_eq!((aws.rule.as_str(), aws.verified, aws.occurrences), ("AWS", Some(true), 2));
        assert_eq!((aws.locations[0].path.as_str(), aws.locations[0].line), ("deploy/prod.env", Some(12)));
        assert!(aws.description.contains("In commit 3f9d2c4b7a10."));
        let postgres = &report.observations[1];
        assert_eq!((postgres.verified, postgres.artefact.as_deref()), (None, Some("shop/api:1.4")));
        let all = format!("{report:?}");
        assert!(!all.contains("IOSFODNN7EXAMPLE") && !all.contains("s3cret") && !all.contains("jane"), "{all}");
        assert_eq!(aws.secret_digest, secret::digest("AKIAIOSFODNN7EXAMPLE"));
    }
}
