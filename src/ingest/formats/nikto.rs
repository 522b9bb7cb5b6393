//! Nikto JSON: a web server scanner. It gives no severity, so it stays unknown.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::Observation;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "nikto",
    title: "Nikto JSON",
    kinds: &[Category::Runtime],
    versions: "2.1.6 and later (`-Format json`)",
    specification: "https://github.com/sullo/nikto/wiki/Export-Formats",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    is_host(sniff, "[].") || is_host(sniff, "")
}

fn is_host(sniff: &Sniff, prefix: &str) -> bool {
    ["host", "ip", "port", "banner", "vulnerabilities"].iter().all(|name| sniff.has(&format!("{prefix}{name}")))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Host {
    host: Text,
    port: Text,
    #[serde(deserialize_with = "or_default")]
    vulnerabilities: Vec<Row>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    id: Text,
    method: Text,
    url: Text,
    msg: Text,
    references: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "nikto".into();
    report.scan.kinds.insert(Category::Runtime);
    let path = if is_host(document.sniff(), "[].") { "[]" } else { "" };
    document.rows::<Host>(&[path], report, &mut |_, host, report| {
        host.vulnerabilities.iter().for_each(|row| observe(&host, row, report));
    })
}

fn observe(host: &Host, row: &Row, report: &mut Collector) {
    let Some(rule) = row.id.given() else { return report.unread("a row without id") };
    // What stopped the scan stands among the results: a host that was not found, too many errors, too little time.
    if let Some(what) = row.msg.trim().strip_prefix("ERROR:") {
        return report.missing(format!("Nikto did not look at all of it: {}; run it again", plain::title(what)));
    }
    let address = match (&*host.port, row.url.contains("://")) {
        (_, true) => row.url.0.clone(),
        ("80", _) => format!("http://{}{}", host.host, row.url),
        ("443", _) => format!("https://{}{}", host.host, row.url),
        // Whether another port speaks TLS is not told.
        (port, _) => format!("{}:{port}{}", host.host, row.url),
    };
    report.push(Observation {
        rule: rule.to_owned(),
        category: Some(Category::Runtime),
        title: plain::first_title(&[&row.msg, rule]),
        description: row.msg.0.clone(),
        identifiers: Identifier::find_in(&format!("{} {}", row.msg, row.references)),
        endpoint: place::endpoint(&address, &row.method, ""),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::severity::Severity;

    #[test]
    fn rows_have_an_address_and_no_severity() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/nikto/shop.json"));
        assert_eq!((report.observations.len(), report.unread), (2, 0));
        assert_eq!(report.observations[0].severity, Severity::Unknown);
        assert_eq!(report.observations[0].endpoint.as_ref().unwrap().url, "https://shop.example/");
        assert_eq!(report.observations[1].identifiers[0].as_str(), "CVE-2003-1418");
    }

    #[test]
    fn what_stopped_the_scan_is_no_result() {
        let report = collect(
            &FORMAT,
            r#"[{"host": "", "ip": "", "port": "80", "banner": "", "vulnerabilities": [{"id": "0", "method": "GET", "url": "/",
                "msg": "ERROR: Cannot resolve hostname 'shop.example'"}]}]"#,
        );
        assert!(report.observations.is_empty());
        let [problem] = report.problems.as_slice() else { panic!("{report:?}") };
        assert!(problem.evidence_missing && problem.message.contains("resolve hostname"), "{}", problem.message);
    }
}
