//! SSLyze JSON: what a server answers to TLS. SSLyze reports facts; those that are a known weakness are findings, with
//! the severity that the weakness has in the lists of CVE, or medium for what is merely outdated.

use serde::Deserialize;
use serde_json::Value;

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
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "sslyze-json",
    title: "SSLyze JSON",
    kinds: &[Category::Runtime],
    versions: "3 to 6 (`--json_out`)",
    specification: "https://nabla-c0d3.github.io/sslyze/documentation/json-output.html",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("server_scan_results")
        && ["sslyze_version", "server_connectivity_errors", "invalid_server_strings"].iter().any(|name| sniff.has(name))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Server {
    server_location: Option<Location>,
    #[serde(deserialize_with = "or_default")]
    server_info: Info,
    server_scan_status: Text,
    /// From 5 on each result has a `status` and a `result`.
    #[serde(alias = "scan_commands_results")]
    scan_result: Value,
    #[serde(deserialize_with = "or_default")]
    scan_commands_errors: serde_json::Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    server_location: Option<Location>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    hostname: Text,
    ip_address: Text,
    port: Text,
}

/// A fact that is a weakness: where it stands, what it has to be, and what is known about it.
struct Weakness {
    command: &'static str,
    fact: &'static str,
    bad: &'static [&'static str],
    title: &'static str,
    severity: Severity,
    cve: &'static str,
    cwe: u32,
}

const WEAKNESSES: &[Weakness] = &[
    Weakness {
        command: "heartbleed",
        fact: "is_vulnerable_to_heartbleed",
        bad: &["true"],
        title: "Heartbleed: memory of the server can be read",
        severity: Severity::High,
        cve: "CVE-2014-0160",
        cwe: 125,
    },
    Weakness {
        command: "openssl_ccs_injection",
        fact: "is_vulnerable_to_ccs_injection",
        bad: &["true"],
        title: "OpenSSL accepts an early ChangeCipherSpec message",
        severity: Severity::High,
        cve: "CVE-2014-0224",
        cwe: 326,
    },
    Weakness {
        command: "robot",
        fact: "robot_result",
        bad: &["VULNERABLE_WEAK_ORACLE", "VULNERABLE_STRONG_ORACLE"],
        title: "ROBOT: RSA answers tell an attacker about the secret",
        severity: Severity::Medium,
        cve: "CVE-2017-13099",
        cwe: 203,
    },
    Weakness {
        command: "session_renegotiation",
        fact: "supports_secure_renegotiation",
        bad: &["false"],
        title: "Renegotiation is not secure",
        severity: Severity::Medium,
        cve: "CVE-2009-3555",
        cwe: 295,
    },
    Weakness {
        command: "session_renegotiation",
        fact: "is_vulnerable_to_client_renegotiation_dos",
        bad: &["true"],
        title: "Clients can wear the server out by renegotiation",
        severity: Severity::Medium,
        cve: "CVE-2011-1473",
        cwe: 264,
    },
    Weakness {
        command: "tls_compression",
        fact: "supports_compression",
        bad: &["true"],
        title: "CRIME: TLS compression is on",
        severity: Severity::Medium,
        cve: "CVE-2012-4929",
        cwe: 310,
    },
    Weakness {
        command: "tls_fallback_scsv",
        fact: "supports_fallback_scsv",
        bad: &["false"],
        title: "Nothing keeps an attacker from downgrading the protocol (TLS_FALLBACK_SCSV)",
        severity: Severity::Low,
        cve: "",
        cwe: 757,
    },
];

/// Protocols that nobody should offer any more (RFC 6176, 7568, 8996).
const OUTDATED: [(&str, &str, Severity); 4] = [
    ("ssl_2_0_cipher_suites", "SSL 2.0", Severity::High),
    ("ssl_3_0_cipher_suites", "SSL 3.0", Severity::High),
    ("tls_1_0_cipher_suites", "TLS 1.0", Severity::Medium),
    ("tls_1_1_cipher_suites", "TLS 1.1", Severity::Medium),
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "sslyze".into();
    report.scan.kinds.insert(Category::Runtime);
    let paths = ["server_scan_results[]", "server_connectivity_errors[]", "sslyze_version", "date_scans_completed"];
    document.rows::<Value>(&paths, report, &mut |path, value, report| match path {
        0 => match Server::deserialize(&value) {
            Ok(server) => take(&server, report),
            Err(error) => report.unread(&error.to_string()),
        },
        1 => report.missing(format!(
            "a server could not be reached: {}",
            plain::title(value["error_message"].as_str().unwrap_or("SSLyze does not say why"))
        )),
        2 => value.as_str().unwrap_or_default().clone_into(&mut report.scan.tool_version),
        // A moment without an offset is in UTC.
        _ => report.scan.at = value.as_str().and_then(|at| format!("{}Z", at.trim_end_matches('Z')).parse().ok()),
    })
}

fn take(server: &Server, report: &mut Collector) {
    let address = server.server_location.as_ref().or(server.server_info.server_location.as_ref());
    let address = address.map_or(String::new(), |location| {
        let host = location.hostname.given().or(location.ip_address.given()).unwrap_or_default();
        format!("{host}:{}", location.port).trim_end_matches(':').to_owned()
    });
    if server.scan_result.is_null() || server.server_scan_status.starts_with("ERROR") {
        return report.missing(format!("{} could not be scanned; run it again", plain::title(&address)));
    }
    for command in server.scan_commands_errors.keys() {
        report.missing(format!("{} was not looked at on {address}: SSLyze reports an error", plain::title(command)));
    }
    let observe = |rule: &str, title: &str, severity, cve: &str, cwe: u32| Observation {
        rule: rule.to_owned(),
        category: Some(Category::Runtime),
        title: title.to_owned(),
        severity,
        identifiers: Identifier::parse(cve).into_iter().collect(),
        cwe: vec![cwe],
        endpoint: place::endpoint(&address, "", ""),
        ..Observation::default()
    };
    for command in server.scan_result.as_object().into_iter().flatten() {
        if command.1["status"].as_str() == Some("ERROR") {
            report.missing(format!(
                "{} was not looked at on {address}: SSLyze reports an error",
                plain::title(command.0)
            ));
        }
    }
    let result = |command: &str| {
        let of = &server.scan_result[command];
        of.get("status").and(of.get("result")).unwrap_or(of)
    };
    for weakness in WEAKNESSES {
        let found = match &result(weakness.command)[weakness.fact] {
            Value::Bool(flag) => flag.to_string(),
            value => value.as_str().unwrap_or_default().to_owned(),
        };
        if weakness.bad.contains(&found.as_str()) {
            report.push(observe(weakness.fact, weakness.title, weakness.severity, weakness.cve, weakness.cwe));
        }
    }
    for (command, protocol, severity) in OUTDATED {
        let accepted = result(command)["accepted_cipher_suites"].as_array().map_or(0, Vec::len);
        if accepted > 0 {
            let title = format!("{protocol} is offered, with {accepted} cipher suites");
            report.push(observe(command, &title, severity, "", 327));
        }
    }
    for deployment in result("certificate_info")["certificate_deployments"].as_array().into_iter().flatten() {
        certificate(deployment, &observe, report);
    }
}

fn certificate(
    deployment: &Value,
    observe: &dyn Fn(&str, &str, Severity, &str, u32) -> Observation,
    report: &mut Collector,
) {
    let paths: Vec<&Value> = deployment["path_validation_results"].as_array().into_iter().flatten().collect();
    let fault = |path: &&Value| {
        let fault = path["openssl_error_string"].as_str().or(path["validation_error"].as_str());
        fault.map(plain::title)
    };
    let good = paths.iter().any(|path| fault(path).is_none());
    if let Some(fault) = paths.iter().find_map(fault).filter(|_| !good) {
        let title = format!("No trust store accepts the certificate: {fault}");
        report.push(observe("certificate_not_trusted", &title, Severity::Medium, "", 295));
    }
    if deployment["leaf_certificate_subject_matches_hostname"] == false {
        report.push(observe(
            "certificate_of_another_name",
            "The certificate is for another name",
            Severity::Medium,
            "",
            297,
        ));
    }
    if deployment["verified_chain_has_sha1_signature"] == true {
        report.push(observe(
            "certificate_with_sha1",
            "The certificate chain is signed with SHA-1",
            Severity::Medium,
            "",
            328,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const SERVERS: &str = include_str!("../../../tests/fixtures/reports/sslyze-json/servers.json");

    #[test]
    fn facts_that_are_weaknesses_are_findings_in_each_version() {
        let report = collect(&FORMAT, SERVERS);
        let rules: Vec<&str> = report.observations.iter().map(|o| o.rule.as_str()).collect();
        assert_eq!(rules, ["is_vulnerable_to_heartbleed", "tls_1_0_cipher_suites", "certificate_not_trusted"]);
        assert_eq!(report.observations[0].endpoint.as_ref().unwrap().url, "shop.example:443");
        let earlier = r#"{"server_connectivity_errors":[{"error_message":"time is up"}],"server_scan_results":[{"scan_commands_errors":{},
            "scan_commands_results":{"session_renegotiation":{"supports_secure_renegotiation":false}},
            "server_info":{"server_location":{"hostname":"a.example","port":443}}}]}"#;
        let report = collect(&FORMAT, earlier);
        assert_eq!((report.observations[0].cwe[0], report.problems.len()), (295, 1));
        assert!(report.problems[0].evidence_missing && report.problems[0].message.contains("time is up"));
    }

    #[test]
    fn a_server_that_was_not_scanned_is_missing_evidence() {
        let report = collect(
            &FORMAT,
            &SERVERS.replace("\"COMPLETED\", \"scan_result\": {", "\"ERROR_NO_CONNECTIVITY\", \"scan_result\": {"),
        );
        assert!(report.observations.is_empty() && report.problems[0].evidence_missing);
    }
}
