//! MobSF static analysis JSON, of Android and iOS. What a part of the analysis is called changed over the versions, and so
//! did whether its findings stand in a list, in an object by rule, or in `findings` of one.
//!
//! What MobSF calls good or secure is no finding. A dangerous permission is what the app asks for, not a fault of it: it is
//! informational.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::Text;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain, secret};
use crate::model::category::Category;
use crate::model::location::Location;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "mobsf",
    title: "MobSF JSON",
    kinds: &[Category::Code, Category::Configuration, Category::Secret],
    versions: "3 and 4 (`api/v1/report_json`), Android and iOS",
    specification: "https://mobsf.github.io/docs/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("app_name")
        && sniff.has("file_name")
        && ["code_analysis", "appsec", "binary_analysis"].iter().any(|part| sniff.has(part))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scan {
    version: Text,
    app_name: Text,
    package_name: Text,
    bundle_id: Text,
    timestamp: Text,
    manifest_analysis: Value,
    certificate_analysis: Value,
    network_security: Value,
    ats_analysis: Value,
    binary_analysis: Value,
    macho_analysis: Value,
    dylib_analysis: Value,
    framework_analysis: Value,
    code_analysis: Value,
    permissions: Value,
    secrets: Value,
}

/// A finding in any of its spellings.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    #[serde(alias = "rule", alias = "issue")]
    id: Text,
    title: Text,
    name: Text,
    #[serde(alias = "desc", alias = "detailed_desc", alias = "info")]
    description: Text,
    #[serde(alias = "stat", alias = "level", alias = "status")]
    severity: Text,
    cwe: Text,
    cvss: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    let scan: Scan = document.whole_json()?;
    report.scan.tool = "mobsf".into();
    report.scan.tool_version.clone_from(&scan.version.0);
    report.scan.at = scan.timestamp.parse().ok();
    let app = [&scan.package_name, &scan.bundle_id, &scan.app_name].into_iter().find_map(Text::given);
    report.scan.artefact = app.map(str::to_owned);
    report.scan.kinds.extend([Category::Code, Category::Configuration]);
    for (part, value, category) in [
        ("manifest", &scan.manifest_analysis, Category::Configuration),
        ("certificate", &scan.certificate_analysis, Category::Configuration),
        ("network_security", &scan.network_security, Category::Configuration),
        ("ats", &scan.ats_analysis, Category::Configuration),
        ("code", &scan.code_analysis, Category::Code),
    ] {
        findings(part, value, category, report);
    }
    for (part, value) in [
        ("binary", &scan.binary_analysis),
        ("macho", &scan.macho_analysis),
        ("dylib", &scan.dylib_analysis),
        ("framework", &scan.framework_analysis),
    ] {
        binaries(part, value, report);
    }
    for (name, permission) in scan.permissions.as_object().into_iter().flatten() {
        if permission["status"] == "dangerous" {
            let row = Row {
                title: Text(format!("Dangerous permission {name}")),
                severity: Text("info".into()),
                ..row(permission)
            };
            observe("permission", name, &row, Category::Configuration, Vec::new(), report);
        }
    }
    for found in scan.secrets.as_array().into_iter().flatten().filter_map(Value::as_str) {
        credential(found, report);
    }
    Ok(())
}

fn row(value: &Value) -> Row {
    Row::deserialize(value).unwrap_or_default()
}

/// The findings of a part: a list, `…_findings` in an object, or an object by rule.
fn findings(part: &str, value: &Value, category: Category, report: &mut Collector) {
    let nested = |members: &Map<String, Value>| {
        let list = members.iter().find(|(name, _)| *name == "findings" || name.ends_with("_findings"));
        list.map(|(_, value)| value.clone())
    };
    match value {
        Value::Array(list) => list.iter().for_each(|found| one(part, "", found, category, report)),
        Value::Object(members) => match nested(members) {
            Some(inner) => findings(part, &inner, category, report),
            None => members.iter().for_each(|(rule, found)| one(part, rule, found, category, report)),
        },
        _ => {}
    }
}

fn one(part: &str, rule: &str, found: &Value, category: Category, report: &mut Collector) {
    match found {
        // Certificates: severity, text and, from 3.5 on, a title.
        Value::Array(texts) => {
            let text = |index: usize| Text(texts.get(index).and_then(Value::as_str).unwrap_or_default().to_owned());
            let title = if texts.len() > 2 { text(2) } else { text(1) };
            let row = Row { severity: text(0), description: text(1), title, ..Row::default() };
            observe(part, rule, &row, category, Vec::new(), report);
        }
        Value::Object(members) => {
            let about = members.get("metadata").unwrap_or(found);
            observe(part, rule, &row(about), category, places(&found["files"]), report);
        }
        // Summaries are numbers and texts.
        _ => {}
    }
}

/// `{"a/B.java": "23,47"}`: the first line of each file.
fn places(files: &Value) -> Vec<Location> {
    let place = |(path, lines): (&String, &Value)| {
        let lines = lines.as_str().unwrap_or_default().split(',').filter_map(|line| line.trim().parse().ok());
        place::in_file(path, lines.min(), None)
    };
    files.as_object().into_iter().flatten().filter_map(place).collect()
}

/// Binaries: a list with a check in each member; for iOS also findings by their names.
fn binaries(part: &str, value: &Value, report: &mut Collector) {
    let single = std::slice::from_ref(value);
    let list = value.as_array().map_or(single, Vec::as_slice);
    for binary in list {
        if binary.get("findings").is_some() {
            findings(part, binary, Category::Code, report);
            continue;
        }
        let file = binary["name"].as_str().unwrap_or_default();
        for (check, found) in binary.as_object().into_iter().flatten().filter(|(_, found)| found.is_object()) {
            let mut row = row(found);
            // Until 3.8 what is as it should be was called informational.
            if row.severity.eq_ignore_ascii_case("info") {
                continue;
            }
            if row.title.given().is_none() && row.id.given().is_none() {
                row.title = Text(format!("{check} of {file}"));
            }
            let place = place::in_file(file, None, None);
            observe(part, check, &row, Category::Code, place.into_iter().collect(), report);
        }
    }
}

fn observe(part: &str, rule: &str, row: &Row, category: Category, locations: Vec<Location>, report: &mut Collector) {
    let severity = match row.severity.to_lowercase().as_str() {
        "good" | "secure" | "normal" | "signature" => return,
        "hotspot" => Severity::Info,
        word => Severity::from_word(word),
    };
    let title = plain::from_html(&row.title);
    let description = plain::from_html(&row.description);
    // What is found in the network configuration has nothing but a description.
    let name = [rule, &*row.id, &*row.name, &title, &description];
    let name = name.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
    if name.is_empty() {
        return report.unread(&format!("a finding of the {part} analysis without a name"));
    }
    // A rule of code is named by what it is about, which its description says.
    let shown = if title.is_empty() && part == "code" { &description } else { &title };
    let shown = plain::first_title(&[shown, name]);
    report.push(Observation {
        rule: format!("{part} {name}"),
        category: Some(category),
        title: shown,
        description,
        severity: match severity {
            Severity::Unknown => row.cvss.parse().map_or(Severity::Unknown, Severity::from_score),
            known => known,
        },
        cwe: packages::cwe_numbers([&*row.cwe]),
        locations,
        ..Observation::default()
    });
}

/// A text of the app that looks like a credential: MobSF calls this a warning, and it is often none.
fn credential(found: &str, report: &mut Collector) {
    let (name, value) = found.split_once(':').map_or(("", found), |(name, value)| (name, value));
    let name = name.trim().trim_matches('"');
    report.push(Observation {
        rule: "secrets".into(),
        category: Some(Category::Secret),
        title: plain::title(&format!("Possible credential {name} ({})", secret::masked(value))),
        severity: Severity::Medium,
        confidence: Some(Confidence::Low),
        secret_digest: secret::digest(value),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const APP: &str = include_str!("../../../tests/fixtures/reports/mobsf/android.json");

    #[test]
    fn what_is_good_is_no_finding_and_no_credential_is_kept() {
        let report = collect(&FORMAT, APP);
        let of = |category| report.observations.iter().filter(|o| o.category == Some(category)).count();
        assert_eq!((of(Category::Configuration), of(Category::Code), of(Category::Secret)), (3, 2, 1));
        let logging = report.observations.iter().find(|o| o.rule == "code android_logging").unwrap();
        assert_eq!((logging.cwe[0], logging.locations[0].line, logging.severity), (532, Some(27), Severity::Info));
        assert!(!format!("{report:?}").contains("hunter2hunter2"));
    }

    #[test]
    fn each_version_lists_its_findings_in_its_own_way() {
        for (manifest, expected) in [
            (r#"[{"title":"Debug<br>on","stat":"high","desc":"d"}]"#, 1),
            (
                r#"{"manifest_findings":[{"rule":"a","title":"t","severity":"warning"}],"manifest_summary":{"high":0}}"#,
                1,
            ),
            ("{}", 0),
        ] {
            let text = format!(
                r#"{{"app_name":"a","file_name":"a.apk","code_analysis":{{}},"manifest_analysis":{manifest}}}"#
            );
            assert_eq!(collect(&FORMAT, &text).observations.len(), expected, "{manifest}");
        }
    }
}
