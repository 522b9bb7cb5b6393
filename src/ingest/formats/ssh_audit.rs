//! ssh-audit JSON: what a server offers for SSH, algorithm by algorithm. One that ssh-audit calls a failure is high, one
//! that it warns of is medium.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "ssh-audit",
    title: "ssh-audit JSON",
    kinds: &[Category::Runtime],
    versions: "2.5 and later (`-j`)",
    specification: "https://github.com/jtesta/ssh-audit",
    recognise,
    read,
};

/// Where servers stand: one alone, or a list of those that were given in a file.
const PATHS: [&str; 2] = ["", "[]"];

fn recognise(sniff: &Sniff) -> bool {
    place_of_servers(sniff).is_some()
}

fn place_of_servers(sniff: &Sniff) -> Option<&'static str> {
    PATHS.into_iter().find(|path| {
        let dot = if path.is_empty() { "" } else { "." };
        ["banner", "kex", "mac"].iter().all(|name| sniff.has(&format!("{path}{dot}{name}")))
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Server {
    target: Text,
    #[serde(deserialize_with = "or_default")]
    banner: Banner,
    #[serde(deserialize_with = "or_default")]
    cves: Vec<Vulnerability>,
    kex: Value,
    key: Value,
    enc: Value,
    mac: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Banner {
    raw: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    name: Text,
    description: Text,
    cvssv2: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Algorithm {
    algorithm: Text,
    keysize: Text,
    #[serde(deserialize_with = "or_default")]
    notes: Notes,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Notes {
    fail: Texts,
    warn: Texts,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "ssh-audit".into();
    report.scan.kinds.insert(Category::Runtime);
    let path = place_of_servers(document.sniff()).unwrap_or_default();
    document.rows::<Server>(&[path], report, &mut |_, server, report| take(&server, report))
}

fn take(server: &Server, report: &mut Collector) {
    for row in &server.cves {
        let Some(name) = row.name.given() else {
            report.unread("a vulnerability without name");
            continue;
        };
        report.push(Observation {
            rule: name.to_owned(),
            title: plain::title(&format!("{name} in {}", server.banner.raw)),
            description: row.description.0.clone(),
            severity: row.cvssv2.0.map_or(Severity::Unknown, Severity::from_score),
            identifiers: Identifier::parse(name).into_iter().collect(),
            ..about(server)
        });
    }
    let kinds = [
        ("key exchange", "kex", &server.kex),
        ("host key", "key", &server.key),
        ("cipher", "enc", &server.enc),
        ("message authentication", "mac", &server.mac),
    ];
    for (words, kind, list) in kinds {
        for value in list.as_array().into_iter().flatten() {
            let Ok(algorithm) = Algorithm::deserialize(value) else {
                // Before 2.9 an algorithm is its name alone, and nothing is said about it.
                continue;
            };
            weak(server, kind, words, &algorithm, report);
        }
    }
    let judged = [&server.kex, &server.key].into_iter().any(|list| list[0]["notes"].is_object());
    if !judged {
        report.missing("it lists algorithms without notes about them: take ssh-audit 2.9 or later");
    }
}

fn weak(server: &Server, kind: &str, words: &str, algorithm: &Algorithm, report: &mut Collector) {
    let notes = &algorithm.notes;
    let severity = match (notes.fail.is_empty(), notes.warn.is_empty()) {
        (false, _) => Severity::High,
        (true, false) => Severity::Medium,
        (true, true) => return,
    };
    let Some(name) = algorithm.algorithm.given() else { return report.unread("an algorithm without name") };
    let size = algorithm.keysize.given().map_or(String::new(), |size| format!(" ({size} bits)"));
    report.push(Observation {
        rule: format!("{kind} {name}"),
        title: plain::title(&format!("Weak {words} algorithm: {name}{size}")),
        description: plain::paragraphs(notes.fail.iter().chain(&notes.warn.0)),
        severity,
        cwe: vec![327],
        ..about(server)
    });
}

fn about(server: &Server) -> Observation {
    Observation {
        category: Some(Category::Runtime),
        endpoint: place::endpoint(&server.target, "", ""),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SERVER: &str = include_str!("../../../tests/fixtures/reports/ssh-audit/server.json");

    #[test]
    fn only_algorithms_with_a_failure_or_a_warning_are_findings() {
        let report = collect(&FORMAT, SERVER);
        let rules: Vec<(&str, Severity)> = report.observations.iter().map(|o| (o.rule.as_str(), o.severity)).collect();
        let expected = [
            ("CVE-2023-48795", Severity::Medium),
            ("kex ecdh-sha2-nistp256", Severity::High),
            ("mac hmac-sha2-256", Severity::Medium),
        ];
        assert_eq!((rules.as_slice(), report.problems.len()), (&expected[..], 0));
        assert_eq!(report.observations[1].endpoint.as_ref().unwrap().url, "shop.example:22");
        let several = format!("[{SERVER},{SERVER}]");
        assert!(recognise(&Sniff::of(several.as_bytes())) && collect(&FORMAT, &several).observations.len() == 6);
    }

    #[test]
    fn names_without_notes_are_no_clean_server() {
        let report = collect(&FORMAT, r#"{"banner":{},"target":"a:22","kex":["x"],"key":["y"],"enc":[],"mac":[]}"#);
        assert!(report.problems[0].evidence_missing);
    }
}
