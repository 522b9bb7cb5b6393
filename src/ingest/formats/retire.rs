//! retire.js JSON: known vulnerabilities in JavaScript libraries, also those copied into a project by hand.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Text, Texts, or_default};
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "retire",
    title: "retire.js JSON",
    kinds: &[Category::Dependency],
    versions: "2 to 5 (`--outputformat json`, `jsonsimple`)",
    specification: "https://github.com/RetireJS/retire.js",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let frame = sniff.has("data") && sniff.has("messages") && sniff.has("errors") && sniff.has("version");
    frame || (sniff.has("[].file") && sniff.has("[].results[].component"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    file: Text,
    #[serde(deserialize_with = "or_default")]
    results: Vec<Library>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Library {
    component: Text,
    npmname: Text,
    version: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    info: Texts,
    below: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    identifiers: Names,
    cwe: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Names {
    summary: Text,
    #[serde(rename = "CVE")]
    cve: Texts,
    #[serde(rename = "githubID")]
    github: Texts,
    retid: Text,
    issue: Text,
    bug: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "retire".into();
    report.scan.kinds.insert(Category::Dependency);
    let patterns = [
        Pattern::Value("data[]"),
        Pattern::Value("[]"),
        Pattern::Value("version"),
        Pattern::Value("start"),
        Pattern::Value("errors[]"),
    ];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        match event.pattern {
            0 | 1 => match json::read::<File>(text) {
                Ok(file) => observe(&file, report),
                Err(error) => report.unread(&error.to_string()),
            },
            2 => report.scan.tool_version = json::read::<Text>(text)?.0,
            3 => report.scan.at = json::read::<Text>(text)?.parse().ok(),
            _ => {
                let error = json::read::<Text>(text).ok().filter(|error| error.given().is_some());
                report
                    .missing(format!("retire.js reports an error: {}", plain::title(error.as_deref().unwrap_or(text))));
            }
        }
        Ok(())
    })
}

fn observe(file: &File, report: &mut Collector) {
    for library in &file.results {
        for vulnerability in &library.vulnerabilities {
            let observation = observation(file, library, vulnerability);
            // One library is often recognised twice, by the file's name and by its content.
            let row = [&*file.file, &*library.component, &*library.version, &observation.rule, &observation.title];
            report.push_once(&row.map(str::to_owned).each_ref().map(String::as_str), observation);
        }
    }
}

fn observation(file: &File, library: &Library, vulnerability: &Vulnerability) -> Observation {
    let names = &vulnerability.identifiers;
    let name = library.npmname.given().unwrap_or(&library.component);
    let identifiers: Vec<Identifier> =
        names.cve.iter().chain(names.github.iter()).filter_map(|name| Identifier::parse(name)).collect();
    let own = [&names.retid, &names.issue, &names.bug].into_iter().find_map(Text::given);
    let rule = match (identifiers.first(), own) {
        (Some(identifier), _) => identifier.to_string(),
        (None, own) => format!("{}:{}", library.component, own.unwrap_or(&names.summary)),
    };
    Observation {
        title: plain::first_title(&[&names.summary, &rule]),
        rule,
        category: Some(Category::Dependency),
        description: plain::paragraphs([names.summary.0.as_str(), &vulnerability.info.join("\n")]),
        severity: Severity::from_word(&vulnerability.severity),
        identifiers,
        cwe: packages::cwe_numbers(vulnerability.cwe.iter()),
        component: Some(Component {
            ecosystem: "npm".into(),
            name: name.to_owned(),
            version: library.version.0.clone(),
            purl: packages::purl("npm", name, &library.version),
            direct: None,
            fix: fixed(&vulnerability.below),
        }),
        locations: place::in_file(&file.file, None, None).into_iter().collect(),
        ..Observation::default()
    }
}

/// The first version that is not affected. retire.js writes 3.999.999 for "no release of 3": nobody made that version.
fn fixed(below: &Text) -> Fix {
    if below.0.split('.').skip(1).any(|part| part == "999" || part == "9999") {
        Fix::default()
    } else {
        Fix::in_versions([below.0.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn each_vulnerability_of_each_file_is_read_once() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/retire/shop.json"));
        assert_eq!((report.observations.len(), report.unread), (2, 0));
        let cors = &report.observations[0];
        assert_eq!((cors.rule.as_str(), cors.occurrences, cors.severity), ("CVE-2015-9251", 2, Severity::Medium));
        assert_eq!(cors.identifiers[1].as_str(), "GHSA-rmxg-73gg-4p98");
        let jquery = cors.component.as_ref().unwrap();
        assert_eq!(
            (jquery.purl.as_deref(), jquery.fix.versions()),
            (Some("pkg:npm/jquery@1.10.2"), &["1.12.0".to_owned()][..])
        );
        assert_eq!(report.observations[1].rule, "jquery:11974");
        assert_eq!(report.scan.tool_version, "5.7.0");
    }

    #[test]
    fn a_version_that_nobody_made_is_no_fix() {
        assert_eq!(fixed(&Text("3.999.999".to_owned())).versions(), &[] as &[String]);
        assert_eq!(fixed(&Text("3.4.1".to_owned())).versions(), &["3.4.1".to_owned()][..]);
    }

    #[test]
    fn an_error_of_the_scan_is_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/retire/shop.json"));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("jsrepository"));
    }
}
