//! ZAP's traditional JSON report.

use serde::Deserialize;

use super::zap::{self, Alert, Instance};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::{Text, or_default};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::model::category::Category;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "zap-json",
    title: "ZAP JSON",
    kinds: &[Category::Runtime],
    versions: "2.4 and later (templates `traditional-json` and `traditional-json-plus`)",
    specification: "https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-json/",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    let names_itself = sniff.has("@version") && (sniff.has("@generated") || sniff.has("@programName"));
    // GitLab's DAST report once carried ZAP's along; it is read by its own reader.
    let gitlab = sniff.has("vulnerabilities") || sniff.has("remediations") || sniff.has("scan");
    !gitlab && ((names_itself && sniff.has("site")) || sniff.has("site[].alerts[].pluginid"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    pluginid: Text,
    #[serde(rename = "alertRef")]
    alert_ref: Text,
    alert: Text,
    name: Text,
    riskcode: Text,
    confidence: Text,
    desc: Text,
    solution: Text,
    cweid: Text,
    count: Text,
    #[serde(deserialize_with = "or_default")]
    instances: Vec<Place>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    uri: Text,
    method: Text,
    param: Text,
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    zap::begin("", "", report);
    let patterns = [
        Pattern::Scope("site[]"),
        Pattern::Value("site[].@name"),
        Pattern::Value("site[].alerts[]"),
        Pattern::Value("@version"),
        Pattern::Value("created"),
        Pattern::Value("@created"),
    ];
    let (mut sites, mut site) = (0, String::new());
    let (mut version, mut created) = (Text::default(), Text::default());
    document.json(&patterns, &mut |event| {
        match (event.pattern, event.kind) {
            (0, Kind::Begin) => {
                sites += 1;
                site.clear();
            }
            (1, Kind::Value(text)) => site = json::read::<Text>(text)?.0,
            (2, Kind::Value(text)) => match json::read::<Row>(text) {
                Ok(row) => zap::observe(&alert(row, &site), report),
                Err(error) => report.unread(&error.to_string()),
            },
            (3, Kind::Value(text)) => version = json::read(text)?,
            (4 | 5, Kind::Value(text)) => created = json::read(text)?,
            _ => {}
        }
        Ok(())
    })?;
    zap::begin(&version, &created, report);
    zap::end(sites, report);
    Ok(())
}

fn alert(row: Row, site: &str) -> Alert {
    let instance = |place: Place| Instance { uri: place.uri.0, method: place.method.0, parameter: place.param.0 };
    Alert {
        site: site.to_owned(),
        plugin: row.pluginid.0,
        reference: row.alert_ref.0,
        name: row.name.given().unwrap_or(&row.alert).to_owned(),
        risk: row.riskcode.0,
        confidence: row.confidence.0,
        description: row.desc.0,
        solution: row.solution.0,
        cwe: row.cweid.0,
        count: row.count.0,
        instances: row.instances.into_iter().map(instance).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;
    use crate::model::report::Confidence;
    use crate::model::severity::Severity;

    #[test]
    fn one_alert_is_one_observation_with_its_instances() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/zap-json/shop.json"));
        assert_eq!((report.observations.len(), report.unread, report.problems.len()), (2, 0, 0));
        assert_eq!(
            (report.scan.tool_version.as_str(), report.scan.at.unwrap().to_string().as_str()),
            ("2.16.0", "2026-10-05T08:00:00Z")
        );
        let header = &report.observations[0];
        assert_eq!((header.rule.as_str(), header.severity, header.occurrences), ("10038-1", Severity::Medium, 12));
        assert_eq!((header.confidence, header.cwe.as_slice()), (Some(Confidence::High), &[693][..]));
        let at = header.endpoint.as_ref().unwrap();
        assert_eq!(
            (at.url.as_str(), at.method.as_deref(), at.parameter.as_deref()),
            ("https://shop.example", Some("GET"), None)
        );
        assert_eq!(
            header.description,
            "CSP helps against XSS & \"injection\".\n\nSet the header.\n\nSeen at:\nGET https://shop.example/\nGET https://shop.example/cart (parameter q)"
        );
        assert!(report.observations[1].cwe.is_empty(), "-1 is no CWE");
    }

    #[test]
    fn what_zap_was_told_is_a_false_positive_is_kept_apart() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/zap-json/shop.json"));
        assert_eq!(report.suppressed.len(), 1);
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().kind, "false positive");
    }

    #[test]
    fn a_report_of_gitlab_that_carries_one_of_zap_is_not_ours() {
        let both =
            br#"{"@generated":"x","@version":"D","remediations":[],"scan":{},"site":[{"alerts":[{"pluginid":"1"}]}]}"#;
        assert!(!recognise(&Sniff::of(both)));
    }

    #[test]
    fn a_report_without_any_site_is_no_evidence() {
        let nothing = r#"{"@programName":"ZAP","@version":"2.16.0","@generated":"Mon, 5 Oct 2026 08:00:00","site":[]}"#;
        let report = collect(&FORMAT, nothing);
        assert!(report.problems[0].evidence_missing);
        let clean = nothing.replace("[]", r#"[{"@name":"https://shop.example","alerts":[]}]"#);
        assert!(collect(&FORMAT, &clean).problems.is_empty());
    }
}
