//! Aqua (`scannercli`, image scan) JSON: the packages of an image with their vulnerabilities.
//!
//! Every package is listed; the summary says how many vulnerabilities there are, and fewer rows are missing evidence.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "aqua",
    title: "Aqua image scan JSON",
    kinds: &[Category::Container, Category::Dependency],
    versions: "4 to 2022 (`scannercli scan --jsonfile`)",
    specification: "https://docs.aquasec.com/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("resources[].resource") && sniff.has("image_assurance_results")
        || (sniff.has("resources") && sniff.has("vulnerability_summary") && sniff.has("image"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(deserialize_with = "or_default")]
    resource: Part,
    scanned: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Part {
    format: Text,
    name: Text,
    version: Text,
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    name: Text,
    description: Text,
    nvd_score: Number,
    nvd_vectors: Text,
    nvd_score_v3: Number,
    nvd_vectors_v3: Text,
    aqua_severity: Text,
    vendor_severity: Text,
    nvd_severity: Text,
    fix_version: Text,
    solution: Text,
    already_acknowledged: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Started {
    seconds: Option<i64>,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "aqua".into();
    report.scan.kinds.insert(Category::Container);
    let patterns = [
        Pattern::Value("resources[]"),
        Pattern::Value("image"),
        Pattern::Value("vulnerability_summary.total"),
        Pattern::Value("scan_started"),
    ];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 => match json::read::<Row>(text) {
                Ok(row) => {
                    if row.scanned == Some(false) {
                        report.missing(format!("Aqua did not scan {} {}", row.resource.name, row.resource.version));
                    }
                    for vulnerability in &row.vulnerabilities {
                        rows += 1;
                        observe(&row.resource, vulnerability, report);
                    }
                }
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.artefact = json::read::<Text>(text)?.given().map(str::to_owned),
            2 => total = json::read::<Number>(text)?.line(),
            _ => {
                let seconds = json::read::<Started>(text).unwrap_or_default().seconds;
                report.scan.at = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
            }
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("the summary says {total} vulnerabilities, but {rows} are listed"));
    }
    let image = report.scan.artefact.clone();
    report.amend(|observation| observation.artefact.clone_from(&image));
    Ok(())
}

fn observe(part: &Part, row: &Vulnerability, report: &mut Collector) {
    let Some(id) = row.name.given() else { return report.unread("a vulnerability without name") };
    let ecosystem = packages::ecosystem(&part.format);
    let (name, version) = (part.name.0.clone(), part.version.0.clone());
    // Aqua's own rating is the one that its policies use.
    let severity = [&row.aqua_severity, &row.vendor_severity, &row.nvd_severity].into_iter().find_map(Text::given);
    let scores = [(&row.nvd_vectors_v3, row.nvd_score_v3), (&row.nvd_vectors, row.nvd_score)];
    report.push(Observation {
        rule: id.to_owned(),
        category: Some(if ecosystem.is_empty() { Category::Container } else { packages::category(ecosystem) }),
        title: plain::title(&format!("{id} in {name}")),
        description: plain::paragraphs([&*row.description, &*row.solution]),
        severity: severity.map_or(Severity::Unknown, Severity::from_word),
        cvss: scores
            .into_iter()
            .filter(|(vector, score)| vector.given().is_some() || score.0.is_some())
            .map(|(vector, score)| Cvss { vector: vector.0.clone(), score: score.0, source: "nvd".into() })
            .collect(),
        identifiers: Identifier::parse(id).into_iter().collect(),
        locations: place::in_file(&part.path, None, None).into_iter().collect(),
        component: Some(Component {
            purl: packages::purl(ecosystem, &name, &version),
            ecosystem: ecosystem.to_owned(),
            name,
            version,
            direct: None,
            fix: Fix::in_versions(row.fix_version.split(',')),
        }),
        suppression: (row.already_acknowledged == Some(true))
            .then(|| Suppression { kind: "acknowledged".into(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn packages_of_an_image_are_read_against_the_summary() {
        let text = include_str!("../../../tests/fixtures/reports/aqua/image.json");
        let report = collect(&FORMAT, text);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 0, 0));
        let musl = &report.observations[0];
        assert_eq!((musl.severity, musl.artefact.as_deref()), (Severity::High, Some("shop:1.0")));
        assert_eq!(musl.component.as_ref().unwrap().fix.versions(), ["1.1.20-r5"]);
        assert_eq!(musl.cvss.iter().filter_map(|cvss| cvss.score).collect::<Vec<_>>(), [9.8, 7.5]);
        let report = collect(&FORMAT, &text.replace("\"total\":1", "\"total\":24"));
        assert_eq!(report.problems[0].message, "the summary says 24 vulnerabilities, but 1 are listed");
    }
}
