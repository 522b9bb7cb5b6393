//! Waivers in the scanners' own forms, so that what was accepted on the record is not reported anew until it expires.
//!
//! An accepted risk is a risk: no form here says `not_affected`. Where a form has no expiry, what has expired is left out,
//! the date stands in a comment, and the export says that it is to be made anew by every run. Where a form cannot say that
//! it is one package or one file that was accepted, it says that it accepts more. `tests/scanner_clients.rs` holds the forms
//! against the scanners themselves.

use std::fmt::Write as _;

use jiff::Timestamp;
use packageurl::PackageUrl;
use serde_json::{Value, json};

use crate::model::clock::last_moment;
use crate::model::digest::Digest;
use crate::model::ledger::{WaivedFinding, Waiver};

use super::escape::clean;

/// The forms, by the name that the command line uses.
pub const FORMS: &[(&str, Form)] = &[
    ("trivyignore", trivyignore),
    ("trivyignore-yaml", trivyignore_yaml),
    ("grype", grype),
    ("osv-scanner", osv_scanner),
    ("snyk", snyk),
    ("semgrep", semgrep),
    ("checkov", checkov),
    ("openvex", openvex),
    ("cyclonedx-vex", cyclonedx_vex),
    ("sarif", sarif),
];

/// Writes waivers that hold at a moment in one form; nothing if the form cannot say that there is none.
pub type Form = fn(&[&Waiver], Timestamp) -> String;

/// One finding of one waiver.
fn findings<'w>(waivers: &'w [&'w Waiver], now: Timestamp) -> impl Iterator<Item = (&'w Waiver, &'w WaivedFinding)> {
    let holds = move |waiver: &&&Waiver| waiver.from <= now && now < waiver.until;
    waivers.iter().filter(holds).flat_map(|waiver| waiver.findings.iter().map(move |finding| (*waiver, finding)))
}

/// Text out of a record as one line, with nothing in it that ends a comment or a string.
fn line(text: &str) -> String {
    clean(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn why(waiver: &Waiver) -> String {
    format!("{} (accepted by {} until {}, {})", line(&waiver.reason), line(&waiver.owner), last_day(waiver), waiver.id)
}

/// The last day on which it holds, for people.
fn last_day(waiver: &Waiver) -> String {
    let last = last_moment(waiver.until);
    last.strftime("%Y-%m-%d").to_string()
}

/// The day on which it ends, for scanners: from its beginning on it no longer holds for them.
fn day(waiver: &Waiver) -> String {
    waiver.until.strftime("%Y-%m-%d").to_string()
}

/// Rules under which `tool` knows the finding.
fn rules<'f>(finding: &'f WaivedFinding, tools: &'f [&str]) -> impl Iterator<Item = &'f str> {
    finding.saw.iter().filter(|(tool, _)| tools.contains(&tool.as_str())).map(|(_, rule)| rule.as_str())
}

/// A word that needs no quoting in any of the forms; anything else is left out rather than quoted wrongly.
fn plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c))
}

/// A string in JSON, which is also one in YAML and, for one line, in TOML.
fn quoted(text: &str) -> String {
    Value::from(line(text)).to_string()
}

fn trivyignore(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out = "# .trivyignore, written by detente ledger export; a line holds wherever Trivy finds it:\n\
                   # --as trivyignore-yaml names the package or the file too\n"
        .to_owned();
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["trivy"]).filter(|rule| plain(rule)) {
            out.push_str(&format!("# {}: {}\n{rule} exp:{}\n", line(&finding.title), why(waiver), day(waiver)));
        }
    }
    out
}

/// Names the package or the file, so that the same elsewhere is still reported. Which list a rule belongs to, its name does
/// not say; in the wrong one it does nothing.
fn trivyignore_yaml(waivers: &[&Waiver], now: Timestamp) -> String {
    let (mut packages, mut files) = (String::new(), String::new());
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["trivy"]).filter(|rule| plain(rule)) {
            let (list, key, place) = match (finding.purl.as_str(), finding.path.as_str()) {
                ("", "") => continue,
                ("", path) => (&mut files, "paths", path),
                (purl, _) => (&mut packages, "purls", purl),
            };
            let _ = writeln!(
                list,
                "  # {}\n  - id: {rule}\n    {key}: [{}]\n    expired_at: {}\n    statement: {}",
                line(&finding.title),
                quoted(place),
                day(waiver),
                quoted(&why(waiver))
            );
        }
    }
    let mut out = "# for --ignorefile, written by detente ledger export\n".to_owned();
    for (name, list) in [("vulnerabilities", &packages), ("misconfigurations", &files), ("secrets", &files)] {
        let _ = if list.is_empty() { writeln!(out, "{name}: []") } else { write!(out, "{name}:\n{list}") };
    }
    out
}

fn grype(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out =
        "# .grype.yaml, written by detente ledger export; it has no expiry, so write it anew in every run\nignore:\n"
            .to_owned();
    let begun = out.len();
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["grype"]).filter(|rule| plain(rule)) {
            out.push_str(&format!(
                "  # {}\n  - vulnerability: {rule}\n    reason: {}\n",
                line(&finding.title),
                quoted(&why(waiver))
            ));
            if let Some(name) = package(&finding.purl) {
                out.push_str(&format!("    package: {{ name: {} }}\n", quoted(&name)));
            }
        }
    }
    if out.len() == begun {
        out = out.replace("ignore:\n", "ignore: []\n");
    }
    out
}

/// The package's name as Grype compares it, which is by a regular expression.
fn package(purl: &str) -> Option<String> {
    let purl: PackageUrl<'_> = purl.parse().ok()?;
    let name = match (purl.ty(), purl.namespace()) {
        // Grype leaves out the group of a Maven package, and the vendor of one of an operating system.
        ("apk" | "deb" | "rpm" | "alpm" | "maven", _) | (_, None) => purl.name().to_owned(),
        (_, Some(namespace)) => format!("{namespace}/{}", purl.name()),
    };
    Some(name.chars().fold(String::new(), |mut out, c| {
        if "\\+*?()|[]{}^$.".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    }))
}

fn osv_scanner(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out =
        "# osv-scanner.toml, written by detente ledger export; an entry holds for every package with this id\n"
            .to_owned();
    for (waiver, finding) in findings(waivers, now) {
        let ids: Vec<&str> = rules(finding, &["osv-scanner"]).filter(|rule| plain(rule)).collect();
        for id in ids {
            out.push_str(&format!(
                "\n[[IgnoredVulns]]\nid = {}\nignoreUntil = {}\nreason = {}\n",
                quoted(id),
                day(waiver),
                quoted(&why(waiver))
            ));
        }
    }
    out
}

fn snyk(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out = "# .snyk, written by detente ledger export\nversion: v1.25.0\nignore:\n".to_owned();
    let begun = out.len();
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["snyk"]).filter(|rule| plain(rule)) {
            out.push_str(&format!(
                "  {}:\n    - '*':\n        reason: {}\n        expires: {}\n",
                quoted(rule),
                quoted(&why(waiver)),
                waiver.until
            ));
        }
    }
    if out.len() == begun {
        out = out.replace("ignore:\n", "ignore: {}\n");
    }
    out
}

/// Semgrep has no file for it: a comment in the code is its own form, so the export says where it goes.
fn semgrep(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out =
        "# Semgrep takes a comment on the line itself, which has no expiry: put it there, take it out by the date.\n"
            .to_owned();
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["semgrep"]).filter(|rule| plain(rule)) {
            out.push_str(&format!("{}: nosemgrep: {rule} -- {}\n", line(&finding.path), why(waiver)));
        }
    }
    out
}

/// Checkov too: its configuration file would switch the check off everywhere, which is more than was accepted.
fn checkov(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut out = "# Checkov takes a comment in the resource itself, which has no expiry: put it there, take it out by the date.\n".to_owned();
    for (waiver, finding) in findings(waivers, now) {
        for rule in rules(finding, &["checkov"]).filter(|rule| plain(rule)) {
            out.push_str(&format!("{}: checkov:skip={rule}:{}\n", line(&finding.path), why(waiver)));
        }
    }
    out
}

fn openvex(waivers: &[&Waiver], now: Timestamp) -> String {
    let statements: Vec<Value> = findings(waivers, now)
        .filter_map(|(waiver, finding)| {
            let name = finding.identifiers.first()?;
            (!finding.purl.is_empty()).then(|| {
                json!({
                    "vulnerability": { "name": name },
                    "products": [{ "@id": finding.purl }],
                    "status": "affected",
                    "action_statement": format!("Accepted until {}: {}", last_day(waiver), why(waiver)),
                })
            })
        })
        .collect();
    // A document without a statement is none.
    if statements.is_empty() {
        return String::new();
    }
    let digest = Digest::of(Value::from(statements.clone()).to_string().as_bytes());
    pretty(&json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:detente:vex:{digest}"),
        "author": "detente ledger",
        "timestamp": now.to_string(),
        "version": 1,
        "statements": statements,
    }))
}

fn cyclonedx_vex(waivers: &[&Waiver], now: Timestamp) -> String {
    let vulnerabilities: Vec<Value> = findings(waivers, now)
        .filter_map(|(waiver, finding)| {
            let id = finding.identifiers.first()?;
            let affects: Vec<Value> =
                if finding.purl.is_empty() { Vec::new() } else { vec![json!({ "ref": finding.purl })] };
            Some(json!({
                "id": id,
                "analysis": { "state": "exploitable", "detail": format!("Accepted until {}: {}", last_day(waiver), why(waiver)) },
                "affects": affects,
            }))
        })
        .collect();
    pretty(&json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "timestamp": now.to_string() },
        "vulnerabilities": vulnerabilities,
    }))
}

/// SARIF 2.1.0: results with a suppression that somebody accepted (section 3.35).
fn sarif(waivers: &[&Waiver], now: Timestamp) -> String {
    let mut results = Vec::new();
    for (waiver, finding) in findings(waivers, now) {
        for (tool, rule) in &finding.saw {
            let mut result = json!({
                "ruleId": rule,
                "message": { "text": format!("{} ({tool})", line(&finding.title)) },
                "partialFingerprints": { "detente/v1": finding.id },
                "suppressions": [{ "kind": "external", "status": "accepted", "justification": why(waiver) }],
            });
            if !finding.path.is_empty() {
                let place = json!({ "physicalLocation": { "artifactLocation": { "uri": finding.path } } });
                result["locations"] = json!([place]);
            }
            results.push(result);
        }
    }
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": { "name": "detente ledger" } }, "results": results }],
    }))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ledger::Decider;

    fn waiver(until: &str) -> Waiver {
        let finding = WaivedFinding {
            id: "f-0123456789ab".to_owned(),
            title: "Log4Shell\nCVE-2099-1 exp:2099-01-01".to_owned(),
            identifiers: vec!["CVE-2021-44228".to_owned()],
            saw: ["trivy", "grype", "osv-scanner", "snyk", "semgrep", "checkov"]
                .map(|tool| (tool.to_owned(), "CVE-2021-44228".to_owned()))
                .to_vec(),
            path: "pom.xml".to_owned(),
            purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1".to_owned(),
            severity: crate::model::word::Word(crate::model::severity::Severity::Critical),
            exploited: false,
        };
        Waiver {
            id: "v-0123456789ab".to_owned(),
            at: "2026-11-24T10:00:00Z".parse().unwrap(),
            from: "2026-11-24T10:00:00Z".parse().unwrap(),
            until: until.parse().unwrap(),
            row: String::new(),
            change: String::new(),
            findings: vec![finding],
            owner: "A. Example".to_owned(),
            reason: "behind a filter\n\"until\" the release".to_owned(),
            by: Decider::Default,
            authors: Vec::new(),
            appetite: String::new(),
            decision: String::new(),
            signature: String::new(),
        }
    }

    #[test]
    fn every_form_names_it_until_it_expires_and_no_form_says_not_affected() {
        let waiver = waiver("2026-12-24T12:00:00Z");
        for (name, form) in FORMS {
            let text = form(&[&waiver], "2026-11-25T00:00:00Z".parse().unwrap());
            assert!(text.contains("CVE-2021-44228"), "{name}: {text}");
            assert!(text.contains("2026-12-24"), "{name}: {text}");
            assert!(!text.contains("not_affected"), "{name}: {text}");
            // What a report or a person wrote never becomes a line of its own.
            assert!(!text.lines().any(|line| line.trim_start().starts_with("CVE-2099")), "{name}: {text}");
            let expired = form(&[&waiver], "2026-12-24T12:00:00Z".parse().unwrap());
            assert!(!expired.contains("CVE-2021-44228"), "{name}: {expired}");
            if name.ends_with("vex") || *name == "sarif" {
                serde_json::from_str::<Value>(&text).unwrap();
            }
            if ["grype", "snyk", "trivyignore-yaml"].contains(name) {
                let _: serde_json::Value = serde_yaml::from_str(&text).unwrap();
                let _: serde_json::Value = serde_yaml::from_str(&expired).unwrap();
            }
            // Without a date that the scanner itself heeds, the form says so.
            let heeds = ["trivyignore", "trivyignore-yaml", "osv-scanner", "snyk"].contains(name);
            assert!(heeds || name.ends_with("vex") || *name == "sarif" || text.contains("no expiry"), "{name}: {text}");
        }
    }

    #[test]
    fn grype_is_told_the_package_as_it_names_it() {
        for (purl, name) in [
            ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "log4j-core"),
            ("pkg:npm/%40babel/traverse@7.0.0", "@babel/traverse"),
            ("pkg:golang/github.com/a/b@1.0.0", "github\\.com/a/b"),
            ("pkg:deb/debian/libstdc%2B%2B6@12", "libstdc\\+\\+6"),
        ] {
            assert_eq!(package(purl).as_deref(), Some(name), "{purl}");
        }
        assert_eq!(package(""), None);
    }
}
