//! Mend (`WhiteSource`) open-source findings: the platform's API 3 (`response`) and the earlier `vulnerabilities`.
//!
//! The API gives pages and a total; fewer rows are missing evidence.

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
    id: "mend",
    title: "Mend SCA JSON",
    kinds: &[Category::Dependency],
    versions: "platform API 3.0, API 1.x (`getProjectAlerts`, vulnerability report)",
    specification: "https://docs.mend.io/platform/latest/mend-api-3-0",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    (sniff.has("supportToken") && sniff.has("response"))
        || (sniff.has("vulnerabilities[].library") && sniff.has("vulnerabilities[].name"))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    uuid: Text,
    name: Text,
    severity: Text,
    score: Number,
    #[serde(rename = "cvss3_severity")]
    cvss3_severity: Text,
    #[serde(rename = "cvss3_score")]
    cvss3_score: Number,
    score_metadata_vector: Text,
    description: Text,
    publish_date: Text,
    #[serde(alias = "library", deserialize_with = "or_default")]
    component: Library,
    #[serde(deserialize_with = "or_default")]
    vulnerability: Known,
    #[serde(deserialize_with = "or_default")]
    finding_info: Info,
    #[serde(deserialize_with = "or_default")]
    top_fix: TopFix,
    #[serde(deserialize_with = "or_default")]
    threat_assessment: Threat,
    #[serde(deserialize_with = "or_default")]
    locations: Vec<Place>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Library {
    name: Text,
    group_id: Text,
    artifact_id: Text,
    version: Text,
    #[serde(alias = "type")]
    library_type: Text,
    path: Text,
    dependency_type: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Known {
    name: Text,
    description: Text,
    score: Number,
    severity: Text,
    publish_date: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    status: Text,
    #[serde(deserialize_with = "or_default")]
    comment: Comment,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Comment {
    text: Text,
    comment: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct TopFix {
    fix_resolution: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Threat {
    epss_percentage: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    path: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "mend".into();
    report.scan.kinds.insert(Category::Dependency);
    let patterns = [
        Pattern::Value("response[]"),
        Pattern::Value("vulnerabilities[]"),
        Pattern::Value("additionalData.totalItems"),
    ];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == 2 {
            total = json::read::<Number>(text)?.line();
            return Ok(());
        }
        rows += 1;
        match json::read::<Row>(text) {
            Ok(row) => observe(&row, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("this is a page of {rows} findings out of {total}: give all pages, in one list"));
    }
    Ok(())
}

fn observe(row: &Row, report: &mut Collector) {
    let Some(id) = row.name.given().or(row.vulnerability.name.given()) else {
        return report.unread("a vulnerability without name");
    };
    let known = &row.vulnerability;
    // A library that is gone takes its vulnerabilities along.
    let status = row.finding_info.status.to_ascii_uppercase();
    if matches!(status.as_str(), "LIBRARY_REMOVED" | "REMEDIATED" | "INACTIVE") {
        return;
    }
    let component = component(row);
    let severity = [&row.cvss3_severity, &known.severity, &row.severity].into_iter().find_map(Text::given);
    let score = row.cvss3_score.0.or(known.score.0).or(row.score.0).filter(|score| *score > 0.0);
    let vector = row.score_metadata_vector.0.clone();
    let paths = row.locations.iter().map(|place| &place.path).chain([&row.component.path]);
    report.push(Observation {
        rule: id.to_owned(),
        native_id: row.uuid.given().map(str::to_owned),
        category: Some(Category::Dependency),
        title: plain::title(&format!("{id} in {}", component.name)),
        description: plain::paragraphs([row.description.given().unwrap_or(&known.description)]),
        severity: severity.map_or(Severity::Unknown, Severity::from_word),
        cvss: (score.is_some() || !vector.is_empty())
            .then(|| Cvss { vector, score, source: "mend".into() })
            .into_iter()
            .collect(),
        identifiers: Identifier::parse(id).into_iter().collect(),
        epss: row.threat_assessment.epss_percentage.0.filter(|share| *share > 0.0).map(|percent| percent / 100.0),
        published: row.publish_date.given().unwrap_or(&known.publish_date).parse().ok(),
        locations: paths.filter_map(|path| place::in_file(path, None, None)).collect(),
        component: Some(component),
        suppression: matches!(status.as_str(), "IGNORED" | "SUPPRESSED").then(|| Suppression {
            kind: "ignored in Mend".into(),
            reason: row
                .finding_info
                .comment
                .text
                .given()
                .unwrap_or(&row.finding_info.comment.comment)
                .trim()
                .to_owned(),
        }),
        ..Observation::default()
    });
}

fn component(row: &Row) -> Component {
    let library = &row.component;
    let kind = library.library_type.to_ascii_uppercase();
    let ecosystem = match kind.split('_').next().unwrap_or_default() {
        "NODE" | "NPM" | "JAVASCRIPT" => "npm",
        word => packages::ecosystem(word),
    };
    let name = match (library.group_id.given(), library.artifact_id.given()) {
        // Of a jar that no repository knows, both are names of its file.
        (Some(group), Some(artifact)) if ecosystem == "maven" && !artifact.starts_with(group) => {
            format!("{group}:{artifact}")
        }
        (Some(group), Some(artifact)) if kind == "MAVEN_ARTIFACT" => format!("{group}:{artifact}"),
        (_, Some(artifact)) if ecosystem != "maven" => artifact.to_owned(),
        _ => library.name.0.clone(),
    };
    let version = library.version.0.clone();
    Component {
        purl: packages::purl(ecosystem, &name, &version).filter(|_| kind != "JAVA_ARCHIVE"),
        ecosystem: ecosystem.to_owned(),
        name,
        version,
        direct: match &*library.dependency_type {
            "Direct" => Some(true),
            "Transitive" => Some(false),
            _ => None,
        },
        fix: Fix::in_versions(row.top_fix.fix_resolution.split(',').filter_map(fixed_version)),
    }
}

/// The version in `Upgrade to version commons-codec:commons-codec:1.13` or in `github.com/a/b-v4.5.1`.
fn fixed_version(advice: &str) -> Option<&str> {
    let word = advice.split_whitespace().last()?;
    let version = match word.rsplit_once(':') {
        Some((_, version)) => version,
        None => word.rsplit_once('-').map_or(word, |(_, version)| version),
    };
    version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn findings_of_both_interfaces_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/mend/platform.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let jwt = report.observations[0].component.as_ref().unwrap();
        assert_eq!((jwt.ecosystem.as_str(), jwt.fix.versions()), ("golang", &["v4.5.1".to_owned()][..]));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "test code only");
        assert_eq!(report.problems[0].message, "this is a page of 2 findings out of 9: give all pages, in one list");
        let earlier = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/mend/earlier.json"));
        let codec = earlier.observations[0].component.as_ref().unwrap();
        assert_eq!(codec.purl.as_deref(), Some("pkg:maven/commons-codec/commons-codec@1.3"));
        assert_eq!(
            (earlier.observations[0].severity, codec.fix.versions()),
            (Severity::Medium, &["1.13".to_owned()][..])
        );
    }
}
