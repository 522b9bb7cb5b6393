//! govulncheck JSON: a stream of messages (since 0.2), the same messages in a list, or one object (before).
//!
//! A vulnerability of a module is listed once for each way in which it concerns the code: the module is required, a
//! package of it is imported, a function is called. It is one problem, whose closest relation is the one that counts.
//!
//! A scan that broke off leaves a stream that is as whole as that of one which found nothing: since 1.1.1 only the progress
//! message `Checking the code against the vulnerabilities...` tells that it came to look for any.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;

use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::sniff::{Shape, Sniff};
use crate::ingest::{packages, place, plain, rating};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "govulncheck",
    title: "govulncheck JSON",
    kinds: &[Category::Dependency],
    versions: "protocol 0 and 1 (`-format json`, `-json`)",
    specification: "https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let message = |prefix: &str| sniff.has(&format!("{prefix}config.protocol_version"));
    message("") || message("[].") || (sniff.has("Vulns") && sniff.has("Modules") && sniff.has("Calls"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    config: Option<Config>,
    progress: Option<Progress>,
    osv: Option<Osv>,
    finding: Option<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    scanner_version: Text,
    scan_level: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Progress {
    message: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Osv {
    id: Text,
    summary: Text,
    details: Text,
    published: Text,
    aliases: Texts,
    severity: serde_json::Value,
    #[serde(deserialize_with = "or_default")]
    affected: Vec<Affected>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Affected {
    #[serde(deserialize_with = "or_default")]
    package: Package,
    #[serde(deserialize_with = "or_default")]
    ranges: Vec<Range>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Range {
    #[serde(deserialize_with = "or_default")]
    events: Vec<BTreeMap<String, Text>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    osv: Text,
    fixed_version: Text,
    #[serde(deserialize_with = "or_default")]
    trace: Vec<Frame>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Frame {
    module: Text,
    version: Text,
    function: Text,
    position: Option<Position>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    filename: Text,
    line: Number,
}

/// A row of `Vulns`, before protocol 1.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Early {
    #[serde(rename = "OSV")]
    osv: Osv,
    mod_path: Text,
    call_sink: Number,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Module {
    path: Text,
    version: Text,
}

/// All that was read, by vulnerability and module.
#[derive(Default)]
struct Scan {
    vulnerabilities: BTreeMap<String, Osv>,
    concerned: BTreeMap<(String, String), Concern>,
    versions: BTreeMap<String, String>,
    /// Whether calls were looked at, so that none found means that there is none.
    symbols: bool,
    /// Whether it says that it began to fetch what is known of vulnerabilities.
    fetching: bool,
    /// Whether it says that it began to look for them.
    checking: bool,
}

#[derive(Default)]
struct Concern {
    version: String,
    fixed: Option<String>,
    called: bool,
    place: Option<Location>,
    rows: u32,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "govulncheck".into();
    report.scan.kinds.insert(Category::Dependency);
    let mut scan = Scan::default();
    let early = document.sniff().has("Vulns");
    let outcome = if early || document.sniff().shape == Shape::JsonArray {
        scan.symbols = early;
        let patterns = [Pattern::Value("[]"), Pattern::Value("Vulns[]"), Pattern::Value("Modules[]")];
        document.json(&patterns, &mut |event| {
            let Kind::Value(text) = event.kind else { return Ok(()) };
            match event.pattern {
                0 => message(text, &mut scan, report),
                1 => match json::read::<Early>(text) {
                    Ok(row) => scan.early(row),
                    Err(error) => report.unread(&error.to_string()),
                },
                _ => {
                    let module: Module = json::read(text)?;
                    scan.versions.insert(module.path.0, module.version.0);
                }
            }
            Ok(())
        })
    } else {
        document.json_documents(&mut |text| {
            message(text, &mut scan, report);
            Ok(())
        })
    };
    for ((id, module), concern) in &scan.concerned {
        report.push(observation(id, module, concern, &scan));
    }
    if outcome.is_ok() && scan.broke_off(&report.scan.tool_version) {
        report.missing("it ends before the code was checked against the vulnerabilities: the scan broke off");
    }
    outcome
}

/// The first version that says when it begins to look for vulnerabilities.
const SAYS_WHEN_IT_CHECKS: [u32; 3] = [1, 1, 1];

/// Whether a version such as `v1.1.4` says when it begins to look for vulnerabilities.
fn says_when_it_checks(version: &str) -> bool {
    let release = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
    let numbers: Option<Vec<u32>> = release.split('.').map(|number| number.parse().ok()).collect();
    numbers.is_some_and(|numbers| numbers.as_slice() >= SAYS_WHEN_IT_CHECKS.as_slice())
}

fn message(text: &str, scan: &mut Scan, report: &mut Collector) {
    match json::read::<Message>(text) {
        Ok(Message { config: Some(config), .. }) => {
            report.scan.tool_version = config.scanner_version.0;
            scan.symbols = &*config.scan_level == "symbol";
        }
        Ok(Message { progress: Some(progress), .. }) => {
            scan.fetching |= progress.message.starts_with("Fetching ");
            scan.checking |= progress.message.starts_with("Checking the ");
        }
        Ok(Message { osv: Some(osv), .. }) => {
            scan.vulnerabilities.insert(osv.id.0.clone(), osv);
        }
        Ok(Message { finding: Some(finding), .. }) if !finding.trace.is_empty() => scan.found(&finding),
        Ok(Message { finding: Some(_), .. }) => report.unread("a finding without trace"),
        // Kinds of message that later versions may bring.
        Ok(_) => {}
        Err(error) => report.unread(&error.to_string()),
    }
}

impl Scan {
    /// Whether nothing shows that it came to look for vulnerabilities, where something should: findings, or that it says so.
    fn broke_off(&self, version: &str) -> bool {
        let should_say = self.fetching || says_when_it_checks(version);
        self.concerned.is_empty() && !self.checking && should_say
    }

    /// The first frame is the vulnerable code, the last one the code of the project.
    fn found(&mut self, finding: &Found) {
        let Some(vulnerable) = finding.trace.first() else { return };
        let key = (finding.osv.0.clone(), vulnerable.module.0.clone());
        let concern = self.concerned.entry(key).or_default();
        concern.rows += 1;
        concern.version.clone_from(&vulnerable.version.0);
        concern.fixed = concern.fixed.take().or_else(|| finding.fixed_version.given().map(str::to_owned));
        if vulnerable.function.given().is_some() && !concern.called {
            concern.called = true;
            let position = finding.trace.last().and_then(|frame| frame.position.as_ref());
            concern.place = position.and_then(|at| place::in_file(&at.filename, at.line.line(), None));
        }
    }

    fn early(&mut self, row: Early) {
        let fixed = row.osv.affected.iter().filter(|affected| affected.package.name == row.mod_path);
        let mut events = fixed.flat_map(|affected| &affected.ranges).flat_map(|range| &range.events);
        let concern = self.concerned.entry((row.osv.id.0.clone(), row.mod_path.0.clone())).or_default();
        concern.rows += 1;
        concern.called |= row.call_sink.line().is_some();
        concern.fixed = events.find_map(|event| event.get("fixed")).map(|version| version.0.clone());
        self.vulnerabilities.entry(row.osv.id.0.clone()).or_insert(row.osv);
    }
}

fn observation(id: &str, module: &str, concern: &Concern, scan: &Scan) -> Observation {
    let nothing = Osv::default();
    let osv = scan.vulnerabilities.get(id).unwrap_or(&nothing);
    let vectors = osv.severity.as_array().into_iter().flatten();
    let cvss: Vec<_> =
        vectors.filter_map(|row| row.get("score")?.as_str()).filter_map(|text| rating::vector(text, "osv")).collect();
    let named = osv.severity.as_str().map(Severity::from_word);
    let version = Some(&concern.version).filter(|version| !version.is_empty()).or_else(|| scan.versions.get(module));
    let version = version.cloned().unwrap_or_default();
    Observation {
        rule: id.to_owned(),
        category: Some(Category::Dependency),
        title: plain::first_title(&[&osv.summary, &format!("{id} in {module}")]),
        description: osv.details.0.clone(),
        severity: named.unwrap_or_else(|| rating::severity(&cvss)),
        cvss,
        identifiers: std::iter::once(id)
            .chain(osv.aliases.iter().map(String::as_str))
            .filter_map(Identifier::parse)
            .collect(),
        published: osv.published.trim().parse().ok(),
        reachable: if concern.called { Some(true) } else { scan.symbols.then_some(false) },
        component: Some(Component {
            ecosystem: "golang".into(),
            name: module.to_owned(),
            purl: packages::purl("golang", module, &version),
            version,
            direct: None,
            fix: Fix::in_versions(concern.fixed.clone()),
        }),
        locations: concern.place.clone().into_iter().collect(),
        occurrences: concern.rows,
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn the_closest_relation_to_a_vulnerability_counts() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/govulncheck/stream.ndjson"));
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (2, 0, 0));
        let text = &report.observations[0];
        assert_eq!((text.rule.as_str(), text.reachable, text.occurrences), ("GO-2021-0113", Some(true), 3));
        let identifiers: Vec<_> = text.identifiers.iter().map(Identifier::as_str).collect();
        assert_eq!(identifiers, ["GO-2021-0113", "CVE-2021-38561", "GHSA-ppp9-7jff-5vj2"]);
        let component = text.component.as_ref().unwrap();
        assert_eq!(
            (component.to_string().as_str(), component.fix.versions()),
            ("golang.org/x/text v0.3.5", &["v0.3.7".to_owned()][..])
        );
        assert_eq!((text.locations[0].path.as_str(), text.locations[0].line), ("cmd/main.go", Some(12)));
        let imported = &report.observations[1];
        assert_eq!((imported.reachable, imported.severity), (Some(false), Severity::Unknown));
        assert_eq!(report.scan.tool_version, "v1.1.4");
    }

    #[test]
    fn without_a_look_at_calls_nothing_is_said_about_them() {
        let text = include_str!("../../../tests/fixtures/reports/govulncheck/stream.ndjson");
        let report = collect(&FORMAT, &text.replace("\"symbol\"", "\"package\""));
        assert_eq!(report.observations[1].reachable, None);
    }

    #[test]
    fn a_scan_that_did_not_come_to_look_for_vulnerabilities_is_no_evidence() {
        let config =
            |version: &str| format!(r#"{{"config":{{"protocol_version":"v1.0.0","scanner_version":"{version}"}}}}"#);
        let progress = |message: &str| format!(r#"{{"progress":{{"message":"{message}"}}}}"#);
        let (fetching, sbom) = (progress("Fetching vulnerabilities from the database..."), r#"{"SBOM":{}}"#.to_owned());
        let code = progress("Checking the code against the vulnerabilities...");
        let binary = progress("Checking the binary against the vulnerabilities...");
        let finding = r#"{"finding":{"osv":"GO-2021-0113","trace":[{"module":"golang.org/x/text"}]}}"#.to_owned();
        let pseudo = "v1.1.5-0.20250101000000-0123456789ab";
        for (messages, broke_off) in [
            (vec![config("v1.1.4"), sbom.clone(), fetching.clone()], true),
            (vec![config("v1.1.4"), sbom.clone(), fetching.clone(), code.clone()], false),
            (vec![config("v1.1.4"), fetching.clone(), binary], false),
            (vec![config(pseudo)], true),
            (vec![config("v1.1.1")], true),
            (vec![config("v1.1.4"), finding], false),
            (vec![config("v1.1.0"), fetching], true),
            (vec![config("v1.1.0"), progress("Scanning your code and 0 packages")], false),
            (vec![config("v1.0.1")], false),
            (vec![config("(devel)")], false),
            (vec![config("")], false),
        ] {
            for text in [messages.join("\n"), format!("[{}]", messages.join(","))] {
                let report = collect(&FORMAT, &text);
                let missing = report.problems.iter().any(|problem| problem.evidence_missing);
                assert_eq!((missing, report.unread), (broke_off, 0), "{text}");
            }
        }
    }

    #[test]
    fn the_early_form_is_read() {
        let early = r#"{"Calls":{},"Imports":{},"Requires":{},"Modules":[{"Path":"stdlib","Version":"v1.19.0"}],
            "Vulns":[{"OSV":{"id":"GO-2022-1144","aliases":["CVE-2022-41717"],"affected":[{"package":{"name":"stdlib"},
            "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.18.9"}]}]}]},
            "Symbol":"Serve","ModPath":"stdlib","CallSink":9},
            {"OSV":{"id":"GO-2022-1144"},"Symbol":"ListenAndServe","ModPath":"stdlib","CallSink":0}]}"#;
        let report = collect(&FORMAT, early);
        assert_eq!(report.observations.len(), 1);
        let only = &report.observations[0];
        assert_eq!((only.component.as_ref().unwrap().version.as_str(), only.reachable), ("v1.19.0", Some(true)));
    }
}
