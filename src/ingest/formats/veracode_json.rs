//! Veracode as JSON: the findings of the platform's API, and the results of the pipeline scan.
//!
//! The API gives pages, and says how many findings there are in all: fewer rows are missing evidence. Its closed
//! findings are no findings any more unless they are closed because someone accepted a mitigation.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "veracode-json",
    title: "Veracode findings JSON",
    kinds: &[Category::Code, Category::Runtime, Category::Dependency],
    versions: "Findings API 2, pipeline scan",
    specification: "https://docs.veracode.com/r/c_findings_v2_intro",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let of_api =
        |path: &str| sniff.has(&format!("{path}[].finding_details")) && sniff.has(&format!("{path}[].scan_type"));
    // The pipeline scan did not name itself before version 20, and does so only behind its findings.
    let of_pipeline = || sniff.has("pipeline_scan") || (sniff.has("scan_status") && sniff.has("modules"));
    of_api("_embedded.findings") || of_api("findings") || (sniff.has("findings") && of_pipeline())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    issue_id: Text,
    scan_type: Text,
    description: Text,
    #[serde(deserialize_with = "or_default")]
    finding_status: Status,
    #[serde(deserialize_with = "or_default")]
    finding_details: Details,
    // Of the pipeline scan:
    title: Text,
    issue_type: Text,
    cwe_id: Text,
    severity: Text,
    display_text: Text,
    #[serde(deserialize_with = "or_default")]
    files: Files,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    status: Text,
    resolution: Text,
    resolution_status: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    cwe: Weakness,
    #[serde(deserialize_with = "or_default")]
    cve: Cve,
    #[serde(deserialize_with = "or_default")]
    finding_category: Named,
    file_path: Text,
    file_line_number: Number,
    url: Text,
    vulnerable_parameter: Text,
    component_filename: Text,
    version: Text,
    #[serde(deserialize_with = "or_default")]
    component_path: Vec<Path>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Weakness {
    id: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Path {
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cve {
    name: Text,
    cvss: Number,
    vector: Text,
    #[serde(deserialize_with = "or_default")]
    cvss3: Cvss3,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cvss3 {
    score: Number,
    vector: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Files {
    #[serde(deserialize_with = "or_default")]
    source_file: File,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    file: Text,
    line: Number,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "veracode".into();
    let patterns = [
        Pattern::Value("_embedded.findings[]"),
        Pattern::Value("findings[]"),
        Pattern::Value("pipeline_scan"),
        Pattern::Value("scan_status"),
        Pattern::Value("page.total_elements"),
    ];
    let (mut rows, mut total) = (0_u32, None);
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 | 1 => {
                rows += 1;
                match json::read::<Row>(text) {
                    Ok(row) => observe(&row, report),
                    Err(error) => report.unread(&error.to_string()),
                }
            }
            2 => report.scan.tool_version = json::read::<Text>(text)?.0,
            3 => {
                // The pipeline scan alone has a status, and it looks at code.
                report.scan.kinds.insert(Category::Code);
                let status = json::read::<Text>(text)?;
                if &*status != "SUCCESS" {
                    report.missing(format!("Veracode's scan ended as {}: run it again", plain::title(&status)));
                }
            }
            _ => total = json::read::<Number>(text)?.line(),
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > rows) {
        report.missing(format!("this is a page of {rows} findings out of {total}: give all pages, in one list"));
    }
    Ok(())
}

/// The same scale as in the XML report: informational, very low, low, medium, high, very high.
fn severity(number: &str) -> Severity {
    match number {
        "0" => Severity::Info,
        "1" | "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" => Severity::Critical,
        _ => Severity::Unknown,
    }
}

fn observe(row: &Row, report: &mut Collector) {
    let (details, status) = (&row.finding_details, &row.finding_status);
    let category = match &*row.scan_type {
        "" | "STATIC" => Category::Code,
        "DYNAMIC" | "MANUAL" => Category::Runtime,
        "SCA" => Category::Dependency,
        kind => return report.unread(&format!("a finding of the unknown kind {}", plain::title(kind))),
    };
    report.scan.kinds.insert(category);
    let weakness = cwe(&details.cwe.id).or_else(|| cwe(&row.cwe_id));
    let accepted = &*status.resolution == "MITIGATED" && &*status.resolution_status == "APPROVED";
    if &*status.status == "CLOSED" && !accepted {
        return;
    }
    let Some(rule) = details.cve.name.given().map(str::to_owned).or(weakness.map(|number| format!("CWE-{number}")))
    else {
        return report.unread("a finding without CWE and CVE");
    };
    let component = (category == Category::Dependency).then(|| Component {
        name: details.component_filename.0.clone(),
        version: details.version.0.clone(),
        ecosystem: packages::of_file(&details.component_filename).to_owned(),
        ..Component::default()
    });
    let place = details.file_path.given().map(|path| (path, details.file_line_number));
    let place = place.or(row.files.source_file.file.given().map(|path| (path, row.files.source_file.line)));
    let paths = details.component_path.iter().filter_map(|path| place::in_file(&path.path, None, None));
    let named = component.as_ref().map(|component| format!("{rule} in {}", component.name)).unwrap_or_default();
    report.push(Observation {
        native_id: row.issue_id.given().map(str::to_owned),
        category: Some(category),
        title: plain::first_title(&[
            &named,
            &details.finding_category.name,
            &row.issue_type,
            &details.cwe.name,
            &row.title,
        ]),
        description: plain::from_html(row.description.given().unwrap_or(&row.display_text)),
        severity: severity(details.severity.given().unwrap_or(&row.severity)),
        cvss: cvss(&details.cve),
        identifiers: Identifier::parse(&details.cve.name).into_iter().collect(),
        cwe: weakness.into_iter().collect(),
        endpoint: place::endpoint(&details.url, "", &details.vulnerable_parameter),
        locations: place
            .and_then(|(path, line)| place::in_file(path, line.line(), None))
            .into_iter()
            .chain(paths)
            .collect(),
        component,
        suppression: accepted.then(|| Suppression { kind: "mitigation accepted".into(), reason: String::new() }),
        rule,
        ..Observation::default()
    });
}

/// Vectors of version 3 stand there without their prefix.
fn cvss(cve: &Cve) -> Vec<Cvss> {
    let three = cve.cvss3.vector.given().map(|vector| match vector.starts_with("CVSS:") {
        true => vector.to_owned(),
        false => format!("CVSS:3.0/{vector}"),
    });
    [(three, cve.cvss3.score), (cve.vector.given().map(str::to_owned), cve.cvss)]
        .into_iter()
        .filter(|(vector, score)| vector.is_some() || score.0.is_some())
        .map(|(vector, score)| Cvss { vector: vector.unwrap_or_default(), score: score.0, source: "veracode".into() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn findings_of_the_platform_keep_their_kind_and_state() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/veracode-json/platform.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (2, 1, 0));
        assert_eq!(report.observations[0].endpoint.as_ref().unwrap().parameter.as_deref(), Some("api"));
        assert_eq!(report.observations[1].cvss[0].vector, "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H");
        assert_eq!(report.problems[0].message, "this is a page of 4 findings out of 10: give all pages, in one list");
    }

    #[test]
    fn a_pipeline_scan_is_known_by_its_status_and_modules_too() {
        let text = include_str!("../../../tests/fixtures/reports/veracode-json/pipeline-earlier.json");
        let none = r#"{"scan_id":"1234","scan_status":"SUCCESS","modules":["shop.jar"],"findings":[]}"#;
        for (text, found) in [(text, 2), (none, 0)] {
            assert!(recognise(&Sniff::of(text.as_bytes())), "{text}");
            let report = collect(&FORMAT, text);
            assert_eq!((report.observations.len(), report.problems.len()), (found, 0), "{text}");
            assert_eq!(report.scan.kinds.into_iter().collect::<Vec<_>>(), [Category::Code]);
        }
    }

    #[test]
    fn a_pipeline_scan_names_itself_without_a_finding() {
        let report = collect(&FORMAT, r#"{"scan_status":"FAILURE","findings":[],"pipeline_scan":"22.7.0-0"}"#);
        assert!(report.scan.kinds.contains(&Category::Code));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("FAILURE"));
        let good = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/veracode-json/pipeline.json"));
        assert_eq!((good.observations[0].severity, good.observations[0].locations[0].line), (Severity::High, Some(28)));
        assert!(good.problems.is_empty());
    }
}
