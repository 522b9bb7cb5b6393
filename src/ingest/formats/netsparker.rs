//! Invicti (earlier Netsparker) and Acunetix 360: the vulnerabilities of a scan as JSON.
//!
//! A finding carries a state: what is fixed is no finding any more, what was accepted or called a false positive is
//! kept apart. Requests and answers are not kept.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Number, Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::cvss::Cvss;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "netsparker",
    title: "Invicti / Acunetix 360 JSON",
    kinds: &[Category::Runtime],
    versions: "vulnerabilities list as JSON",
    specification: "https://docs.invicti.com/invicti-enterprise/reports",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("Generated") && sniff.has("Target.ScanId") && sniff.has("Vulnerabilities")
}

/// A vulnerability, whichever form it was written in.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Row {
    pub lookup_id: Text,
    pub name: Text,
    #[serde(rename = "Type")]
    pub kind: Text,
    pub severity: Text,
    pub state: Text,
    pub confirmed: Option<bool>,
    pub certainty: Number,
    pub description: Text,
    pub impact: Text,
    pub remedial_procedure: Text,
    pub url: Text,
    #[serde(deserialize_with = "or_default")]
    pub classification: Classes,
    #[serde(deserialize_with = "or_default")]
    pub http_request: Request,
}

/// How a vulnerability is classified.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Classes {
    pub cwe: Text,
    #[serde(deserialize_with = "or_default")]
    pub cvss: Score,
    #[serde(deserialize_with = "or_default")]
    pub cvss31: Score,
}

/// A CVSS vector with its base score.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Score {
    pub vector: Text,
    #[serde(deserialize_with = "or_default")]
    pub base_score: Value,
}

/// A number.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Value {
    pub value: Number,
}

/// The request that showed the vulnerability.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Request {
    pub method: Text,
    #[serde(deserialize_with = "or_default")]
    pub parameters: Vec<Parameter>,
}

/// A parameter of a request.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub struct Parameter {
    pub name: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "invicti".into();
    report.scan.kinds.insert(Category::Runtime);
    let patterns = [Pattern::Value("Vulnerabilities[]"), Pattern::Value("Target.Initiated")];
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        if event.pattern == 1 {
            // The time zone is that of the account, which is universal time unless someone changed it.
            let at = DateTime::strptime("%d/%m/%Y %I:%M %p", &*json::read::<Text>(text)?).ok();
            report.scan.at = at.and_then(|at| Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp()));
            return Ok(());
        }
        match json::read::<Row>(text) {
            Ok(row) => observe(&row, report),
            Err(error) => report.unread(&error.to_string()),
        }
        Ok(())
    })
}

/// Adds what a row says.
pub fn observe(row: &Row, report: &mut Collector) {
    let Some(rule) = row.kind.given().or(row.name.given()) else {
        return report.unread("a vulnerability without Type and Name");
    };
    if row.state.contains("Fixed (Confirmed)") {
        return;
    }
    let set_aside = ["AcceptedRisk", "Accepted Risk", "FalsePositive", "False Positive"];
    let set_aside = set_aside.into_iter().find(|state| row.state.contains(state));
    let classes = &row.classification;
    let cvss = [&classes.cvss31, &classes.cvss].into_iter().find(|score| score.vector.given().is_some());
    let parameter = row.http_request.parameters.first().map(|parameter| parameter.name.0.clone()).unwrap_or_default();
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: row.lookup_id.given().map(str::to_owned),
        category: Some(Category::Runtime),
        title: plain::first_title(&[&row.name, rule]),
        description: plain::paragraphs([
            plain::from_html(&row.description),
            plain::from_html(&row.impact),
            plain::from_html(&row.remedial_procedure),
        ]),
        severity: match &*row.severity {
            // Its own word for the lowest step, a matter of good practice.
            "BestPractice" | "Best Practice" => Severity::Info,
            word => Severity::from_word(word),
        },
        confidence: match (row.confirmed, row.certainty.0) {
            (Some(true), _) => Some(Confidence::Certain),
            (_, Some(certainty)) if certainty >= 90.0 => Some(Confidence::High),
            (_, Some(certainty)) if certainty >= 50.0 => Some(Confidence::Medium),
            (_, Some(_)) => Some(Confidence::Low),
            _ => None,
        },
        cvss: cvss
            .map(|score| Cvss {
                // Temporal metrics do not belong to the base score.
                vector: score.vector.split("/E:").next().unwrap_or_default().to_owned(),
                score: score.base_score.value.0,
                source: "invicti".into(),
            })
            .into_iter()
            .collect(),
        cwe: packages::cwe_numbers(classes.cwe.split(',')),
        endpoint: place::endpoint(&row.url, &row.http_request.method, &parameter),
        suppression: set_aside.map(|state| Suppression { kind: state.to_lowercase(), reason: String::new() }),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn vulnerabilities_keep_their_state() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/netsparker/shop.json"));
        assert_eq!((report.observations.len(), report.suppressed.len(), report.unread), (1, 1, 0));
        let cookie = &report.observations[0];
        assert_eq!((cookie.severity, cookie.confidence), (Severity::Medium, Some(Confidence::Certain)));
        assert_eq!((cookie.cwe[0], cookie.cvss[0].score), (16, Some(5.7)));
        assert_eq!(cookie.cvss[0].vector, "CVSS:3.0/AV:N/AC:L/PR:L/UI:R/S:U/C:H/I:N/A:N");
        assert_eq!(report.scan.at.unwrap().to_string(), "2024-03-09T14:13:00Z");
        assert!(!format!("{report:?}").contains("PHPSESSID"), "requests and answers hold cookies");
    }
}
