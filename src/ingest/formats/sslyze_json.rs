//! SSLyze JSON: what a server answers to TLS. SSLyze reports facts; those that are a known weakness are findings, with
//! the severity that the weakness has in the lists of CVE, or medium for what is merely outdated.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{json, place, plain};
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
        && ["sslyze_version", "server_connectivity_errors", "invalid_server_strings", "date_scans_completed"]
            .iter()
            .any(|name| sniff.has(name))
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
    scan_result: Option<Results>,
    #[serde(deserialize_with = "or_default")]
    scan_commands_errors: serde_json::Map<String, Value>,
}

/// Certificates hold moduli of hundreds of digits, which no number type takes: only what is looked at is read of them.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Results {
    #[serde(deserialize_with = "or_default")]
    certificate_info: Certificates,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Certificates {
    status: Text,
    result: Option<Deployments>,
    #[serde(deserialize_with = "or_default")]
    certificate_deployments: Vec<Deployment>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Deployments {
    #[serde(deserialize_with = "or_default")]
    certificate_deployments: Vec<Deployment>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Deployment {
    #[serde(deserialize_with = "or_default")]
    path_validation_results: Vec<PathValidation>,
    leaf_certificate_subject_matches_hostname: Option<bool>,
    verified_chain_has_sha1_signature: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PathValidation {
    openssl_error_string: Option<String>,
    validation_error: Option<String>,
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
pub struct Weakness {
    command: &'static str,
    pub fact: &'static str,
    bad: &'static [&'static str],
    title: &'static str,
    severity: Severity,
    cve: &'static str,
    cwe: u32,
}

impl Weakness {
    /// The weakness at an address.
    pub fn at(&self, address: &str) -> Observation {
        observation(address, self.fact, self.title, self.severity, self.cve, self.cwe)
    }
}

/// The weaknesses that SSLyze looks for.
pub const WEAKNESSES: &[Weakness] = &[
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
pub const OUTDATED: [(&str, &str, Severity); 4] = [
    ("ssl_2_0_cipher_suites", "SSL 2.0", Severity::High),
    ("ssl_3_0_cipher_suites", "SSL 3.0", Severity::High),
    ("tls_1_0_cipher_suites", "TLS 1.0", Severity::Medium),
    ("tls_1_1_cipher_suites", "TLS 1.1", Severity::Medium),
];

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "sslyze".into();
    report.scan.kinds.insert(Category::Runtime);
    let paths = ["server_scan_results[]", "server_connectivity_errors[]", "sslyze_version", "date_scans_completed"];
    document.rows::<Box<RawValue>>(&paths, report, &mut |path, raw, report| {
        if path == 0 {
            return match json::read::<Server>(raw.get()) {
                Ok(server) => take(&server, report),
                Err(error) => report.unread(&error.to_string()),
            };
        }
        let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        match path {
            1 => report.missing(format!(
                "a server could not be reached: {}",
                plain::title(value["error_message"].as_str().unwrap_or("SSLyze does not say why"))
            )),
            2 => value.as_str().unwrap_or_default().clone_into(&mut report.scan.tool_version),
            // A moment without an offset is in UTC.
            _ => report.scan.at = value.as_str().and_then(|at| format!("{}Z", at.trim_end_matches('Z')).parse().ok()),
        }
    })
}

fn take(server: &Server, report: &mut Collector) {
    let address = server.server_location.as_ref().or(server.server_info.server_location.as_ref());
    let address = address.map_or(String::new(), |location| {
        let host = location.hostname.given().or(location.ip_address.given()).unwrap_or_default();
        format!("{host}:{}", location.port).trim_end_matches(':').to_owned()
    });
    let results = server.scan_result.as_ref().filter(|_| !server.server_scan_status.starts_with("ERROR"));
    let Some(results) = results else {
        return report.missing(format!("{} could not be scanned; run it again", plain::title(&address)));
    };
    for command in server.scan_commands_errors.keys() {
        report.missing(format!("{} was not looked at on {address}: SSLyze reports an error", plain::title(command)));
    }
    let certificates = (&*results.certificate_info.status == "ERROR").then_some("certificate_info");
    let others = results.others.iter().filter(|(_, of)| of["status"] == "ERROR").map(|(command, _)| command.as_str());
    for command in certificates.into_iter().chain(others) {
        report.missing(format!("{} was not looked at on {address}: SSLyze reports an error", plain::title(command)));
    }
    let result = |command: &str| {
        let of = results.others.get(command).unwrap_or(&Value::Null);
        of.get("status").and(of.get("result")).unwrap_or(of)
    };
    for weakness in WEAKNESSES {
        let found = match &result(weakness.command)[weakness.fact] {
            Value::Bool(flag) => flag.to_string(),
            value => value.as_str().unwrap_or_default().to_owned(),
        };
        if weakness.bad.contains(&found.as_str()) {
            report.push(weakness.at(&address));
        }
    }
    for (command, protocol, severity) in OUTDATED {
        let accepted = result(command)["accepted_cipher_suites"].as_array().map_or(0, Vec::len);
        if accepted > 0 {
            report.push(outdated(&address, command, protocol, severity, accepted));
        }
    }
    let info = &results.certificate_info;
    let deployments = info.result.as_ref().map_or(&info.certificate_deployments, |of| &of.certificate_deployments);
    for deployment in deployments {
        certificate(deployment, &address, report);
    }
}

/// Something at an address that is not as it should be.
pub fn observation(address: &str, rule: &str, title: &str, severity: Severity, cve: &str, cwe: u32) -> Observation {
    Observation {
        rule: rule.to_owned(),
        category: Some(Category::Runtime),
        title: title.to_owned(),
        severity,
        identifiers: Identifier::parse(cve).into_iter().collect(),
        cwe: vec![cwe],
        endpoint: place::endpoint(address, "", ""),
        ..Observation::default()
    }
}

/// A protocol that is offered and should not be.
pub fn outdated(address: &str, rule: &str, protocol: &str, severity: Severity, suites: usize) -> Observation {
    let title = format!("{protocol} is offered, with {suites} cipher suites");
    observation(address, rule, &title, severity, "", 327)
}

/// A certificate that no trust store accepts, for the reason that one of them gives.
pub fn not_trusted(address: &str, fault: &str) -> Observation {
    let title = format!("No trust store accepts the certificate: {}", plain::title(fault));
    observation(address, "certificate_not_trusted", &title, Severity::Medium, "", 295)
}

/// A certificate for another name.
pub fn of_another_name(address: &str) -> Observation {
    let title = "The certificate is for another name";
    observation(address, "certificate_of_another_name", title, Severity::Medium, "", 297)
}

/// A chain of certificates with a signature by SHA-1.
pub fn with_sha1(address: &str) -> Observation {
    let title = "The certificate chain is signed with SHA-1";
    observation(address, "certificate_with_sha1", title, Severity::Medium, "", 328)
}

fn certificate(deployment: &Deployment, address: &str, report: &mut Collector) {
    let paths = &deployment.path_validation_results;
    let fault = |path: &PathValidation| path.openssl_error_string.clone().or_else(|| path.validation_error.clone());
    let good = paths.iter().any(|path| fault(path).is_none());
    if let Some(fault) = paths.iter().find_map(fault).filter(|_| !good) {
        report.push(not_trusted(address, &fault));
    }
    if deployment.leaf_certificate_subject_matches_hostname == Some(false) {
        report.push(of_another_name(address));
    }
    if deployment.verified_chain_has_sha1_signature == Some(true) {
        report.push(with_sha1(address));
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
    fn a_modulus_of_hundreds_of_digits_is_in_no_way() {
        let modulus = "9".repeat(617);
        let text = SERVERS.replace(
            "\"path_validation_results\"",
            &format!("\"received_certificate_chain\": [{{\"public_key\": {{\"rsa_n\": {modulus}}}}}], \"path_validation_results\""),
        );
        assert_ne!(text, SERVERS);
        let report = collect(&FORMAT, &text);
        assert_eq!((report.observations.len(), report.unread), (collect(&FORMAT, SERVERS).observations.len(), 0));
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
