//! Alerts of GitHub's security features as the REST API lists them: code scanning, Dependabot, secret scanning.
//!
//! A fixed alert is no finding any more. One that was dismissed, by a person or a rule, is kept apart with the reason
//! given. The API gives pages without a total, so a list that is exactly as long as a page is told in a remark.

use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::{Number, Text, Texts, cwe, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain, secret};
use crate::model::category::Category;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "github-alerts",
    title: "GitHub alerts JSON",
    kinds: &[Category::Code, Category::Dependency, Category::Secret],
    versions: "REST API 2022-11-28 (`code-scanning/alerts`, `dependabot/alerts`, `secret-scanning/alerts`)",
    specification: "https://docs.github.com/en/rest/code-scanning/code-scanning",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    ["[]", ""].iter().any(|prefix| is_alert(sniff, prefix))
}

fn is_alert(sniff: &Sniff, prefix: &str) -> bool {
    let dot = if prefix.is_empty() { "" } else { "." };
    let has = |name: &str| sniff.has(&format!("{prefix}{dot}{name}"));
    has("number")
        && has("state")
        && ((has("rule") && has("most_recent_instance")) || has("security_advisory") || has("secret_type"))
}

/// Sizes of a page: what the API gives unasked, and its largest.
const PAGES: [usize; 2] = [30, 100];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Alert {
    number: Text,
    state: Text,
    updated_at: Text,
    dismissed_reason: Text,
    dismissed_comment: Text,
    rule: Option<Rule>,
    #[serde(deserialize_with = "or_default")]
    tool: Tool,
    #[serde(deserialize_with = "or_default")]
    most_recent_instance: Instance,
    security_advisory: Option<Advisory>,
    #[serde(deserialize_with = "or_default")]
    security_vulnerability: Vulnerability,
    #[serde(deserialize_with = "or_default")]
    dependency: Dependency,
    secret_type: Text,
    secret_type_display_name: Text,
    secret: Text,
    validity: Text,
    resolution: Text,
    resolution_comment: Text,
    #[serde(deserialize_with = "or_default")]
    first_location_detected: Place,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rule {
    id: Text,
    severity: Text,
    security_severity_level: Text,
    description: Text,
    full_description: Text,
    tags: Texts,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tool {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Instance {
    #[serde(deserialize_with = "or_default")]
    message: Message,
    #[serde(deserialize_with = "or_default")]
    location: Place,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    path: Text,
    start_line: Number,
    end_line: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    ghsa_id: Text,
    cve_id: Text,
    summary: Text,
    description: Text,
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    cvss: Score,
    #[serde(deserialize_with = "or_default")]
    cvss_severities: Scores,
    #[serde(deserialize_with = "or_default")]
    cwes: Vec<Weakness>,
    #[serde(deserialize_with = "or_default")]
    epss: Epss,
    published_at: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Score {
    score: Number,
    vector_string: Text,
}

impl Score {
    /// What is assessed; where nothing is, the API writes a score of 0 and no vector.
    fn assessment(&self) -> Option<Cvss> {
        let score = self.score.0.filter(|score| *score > 0.0);
        let is_given = score.is_some() || self.vector_string.given().is_some();
        is_given.then(|| Cvss { vector: self.vector_string.0.clone(), score, source: "ghsa".into() })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scores {
    #[serde(deserialize_with = "or_default")]
    cvss_v4: Score,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Weakness {
    cwe_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    percentage: Number,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    severity: Text,
    #[serde(deserialize_with = "or_default")]
    first_patched_version: Option<Patched>,
    vulnerable_version_range: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patched {
    identifier: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dependency {
    #[serde(deserialize_with = "or_default")]
    package: Package,
    manifest_path: Text,
    relationship: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    ecosystem: Text,
    name: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "github".into();
    let path = if is_alert(document.sniff(), "[]") { "[]" } else { "" };
    let mut rows = 0_usize;
    document.rows::<Alert>(&[path], report, &mut |_, alert, report| {
        rows += 1;
        report.scan.at = report.scan.at.max(alert.updated_at.parse().ok());
        observe(&alert, report);
    })?;
    if PAGES.contains(&rows) {
        report.remark(format!("the list has {rows} alerts, exactly a page: check that no further page exists"));
    }
    Ok(())
}

fn observe(alert: &Alert, report: &mut Collector) {
    let observation = if let Some(rule) = &alert.rule {
        code(alert, rule)
    } else if let Some(advisory) = &alert.security_advisory {
        dependency(alert, advisory)
    } else if alert.secret_type.given().is_some() {
        found_secret(alert)
    } else {
        return report.unread("an alert without rule, advisory and type of secret");
    };
    report.scan.kinds.extend(observation.category);
    if &*alert.state != "fixed" {
        report.push(Observation {
            native_id: alert.number.given().map(str::to_owned),
            suppression: suppression(alert),
            ..observation
        });
    }
}

fn suppression(alert: &Alert) -> Option<Suppression> {
    // Some exports write `None` where the API has null.
    let given = |text: &Text| text.given().filter(|text| *text != "None").unwrap_or_default().to_owned();
    match &*alert.state {
        "dismissed" | "auto_dismissed" => Some(Suppression {
            kind: plain::title(&format!("{} {}", alert.state.replace('_', " "), given(&alert.dismissed_reason))),
            reason: given(&alert.dismissed_comment),
        }),
        "resolved" => Some(Suppression {
            kind: plain::title(&format!("resolved: {}", given(&alert.resolution).replace('_', " "))),
            reason: given(&alert.resolution_comment),
        }),
        _ => None,
    }
}

fn code(alert: &Alert, rule: &Rule) -> Observation {
    let instance = &alert.most_recent_instance;
    let at = &instance.location;
    Observation {
        tool: alert.tool.name.given().map(str::to_lowercase),
        rule: rule.id.0.clone(),
        category: Some(Category::Code),
        title: plain::first_title(&[&rule.description, &instance.message.text]),
        description: plain::paragraphs([&*instance.message.text, &*rule.full_description]),
        severity: Severity::from_word(rule.security_severity_level.given().unwrap_or(&rule.severity)),
        cwe: packages::cwe_numbers(rule.tags.iter().filter(|tag| tag.contains("cwe-"))),
        locations: place::in_file(&at.path, at.start_line.line(), at.end_line.line()).into_iter().collect(),
        ..Observation::default()
    }
}

fn dependency(alert: &Alert, advisory: &Advisory) -> Observation {
    let (package, known) = (&alert.dependency.package, &alert.security_vulnerability);
    let ecosystem = packages::ecosystem(&package.ecosystem);
    let name = package.name.0.clone();
    let exact = known.vulnerable_version_range.strip_prefix("= ").unwrap_or_default().to_owned();
    Observation {
        tool: Some("dependabot".into()),
        rule: advisory.ghsa_id.given().or(advisory.cve_id.given()).unwrap_or_default().to_owned(),
        category: Some(packages::category(ecosystem)),
        title: plain::first_title(&[&advisory.summary, &name]),
        description: advisory.description.0.clone(),
        severity: Severity::from_word(known.severity.given().unwrap_or(&advisory.severity)),
        // `cvss` is version 3; later advisories may have version 4 alone.
        cvss: advisory
            .cvss
            .assessment()
            .or_else(|| advisory.cvss_severities.cvss_v4.assessment())
            .into_iter()
            .collect(),
        identifiers: [&advisory.cve_id, &advisory.ghsa_id].into_iter().filter_map(|id| Identifier::parse(id)).collect(),
        cwe: advisory.cwes.iter().filter_map(|weakness| cwe(&weakness.cwe_id)).collect(),
        epss: advisory.epss.percentage.share(),
        published: advisory.published_at.parse().ok(),
        locations: place::in_file(&alert.dependency.manifest_path, None, None).into_iter().collect(),
        component: Some(Component {
            purl: packages::purl(ecosystem, &name, &exact),
            ecosystem: ecosystem.to_owned(),
            name,
            version: exact,
            direct: match &*alert.dependency.relationship {
                "direct" => Some(true),
                "transitive" => Some(false),
                _ => None,
            },
            fix: known
                .first_patched_version
                .as_ref()
                .map_or(Fix::Unknown, |patched| Fix::in_versions([patched.identifier.0.clone()])),
        }),
        ..Observation::default()
    }
}

fn found_secret(alert: &Alert) -> Observation {
    let at = &alert.first_location_detected;
    Observation {
        tool: Some("secret-scanning".into()),
        rule: alert.secret_type.0.clone(),
        category: Some(Category::Secret),
        title: plain::first_title(&[&alert.secret_type_display_name, &alert.secret_type]),
        severity: Severity::Unknown,
        secret_digest: secret::digest(&alert.secret),
        verified: match &*alert.validity {
            "active" => Some(true),
            "inactive" => Some(false),
            _ => None,
        },
        locations: place::in_file(&at.path, at.start_line.line(), at.end_line.line()).into_iter().collect(),
        ..Observation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn dismissed_alerts_keep_their_reason_and_fixed_ones_are_none() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/github-alerts/code.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let stored = &report.observations[0];
        assert_eq!((stored.severity, stored.cwe.as_slice()), (Severity::High, &[312, 359][..]));
        assert_eq!(stored.tool.as_deref(), Some("codeql"));
        let why = report.suppressed[0].suppression.as_ref().unwrap();
        assert_eq!((why.kind.as_str(), why.reason.as_str()), ("dismissed false positive", "a test key"));
    }

    #[test]
    fn version_4_of_cvss_counts_where_there_is_no_version_3() {
        let v4 = r#"{"vector_string":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N","score":9.3}"#;
        let v3 = r#"{"vector_string":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","score":9.8}"#;
        let none = r#"{"vector_string":null,"score":0.0}"#;
        for (cvss, score, version) in [(none, 9.3, "CVSS:4.0"), (v3, 9.8, "CVSS:3.1"), ("null", 9.3, "CVSS:4.0")] {
            let alert = format!(
                r#"[{{"number":1,"state":"open","security_advisory":{{"ghsa_id":"GHSA-aaaa-bbbb-cccc","cvss":{cvss},
                "cvss_severities":{{"cvss_v3":{cvss},"cvss_v4":{v4}}}}}}}]"#
            );
            let report = collect(&FORMAT, &alert);
            let only = &report.observations[0].cvss[..];
            assert_eq!(only.iter().map(|cvss| cvss.score).collect::<Vec<_>>(), [Some(score)], "{cvss}");
            assert!(only[0].vector.starts_with(version), "{cvss}");
        }
    }

    #[test]
    fn dependencies_and_secrets_are_read() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/github-alerts/dependabot.json"));
        let cookie = report.observations[0].component.as_ref().unwrap();
        assert_eq!((cookie.ecosystem.as_str(), cookie.fix.versions()), ("npm", &["0.7.0".to_owned()][..]));
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/github-alerts/secrets.json"));
        assert_eq!((report.observations[0].verified, report.suppressed.len()), (Some(true), 1));
        assert_eq!(report.observations[0].secret_digest, secret::digest("AKIAIOSFODNN7EXAMPLE"));
        assert!(!format!("{report:?}").contains("AKIAIOSFODNN7"), "a found secret is not kept");
    }
}
