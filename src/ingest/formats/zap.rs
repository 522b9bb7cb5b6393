//! What an alert of ZAP is, whichever way it was written down; `zap_json` and `zap_xml` read it.
//!
//! ZAP groups what it saw: an alert is one kind of problem on one site, its instances are the places. One alert is
//! one observation, and its instances count as occurrences, since that is how ZAP itself and its users count. The
//! endpoint of the observation is the site, because which instance comes first depends on the crawl; the instances
//! are named in the description.

use std::collections::BTreeSet;

use crate::ingest::collector::Collector;
use crate::ingest::lenient::cwe;
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::location::Endpoint;
use crate::model::report::{Confidence, Observation, Suppression};
use crate::model::severity::Severity;

/// Most instances named in a description.
const MOST_NAMED: usize = 20;

/// An alert, as text from the report. Description, solution and the rest may be HTML.
#[derive(Debug, Default)]
pub struct Alert {
    /// Address of the site.
    pub site: String,
    /// Id of the rule that raised it (`10055`).
    pub plugin: String,
    /// Id of the alert, which tells several alerts of one rule apart (`10055-4`); newer versions only.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Risk as a number: 0 informational, 1 low, 2 medium, 3 high.
    pub risk: String,
    /// Confidence as a number: 0 false positive, 1 low, 2 medium, 3 high, 4 confirmed.
    pub confidence: String,
    /// What it is.
    pub description: String,
    /// What to do.
    pub solution: String,
    /// Number of the weakness in CWE, `-1` or `0` if there is none.
    pub cwe: String,
    /// Number of instances; more than are listed if ZAP was told to list only some.
    pub count: String,
    /// Where it was seen.
    pub instances: Vec<Instance>,
}

/// One place where an alert was seen.
#[derive(Debug, Default)]
pub struct Instance {
    /// Address.
    pub uri: String,
    /// HTTP method.
    pub method: String,
    /// Parameter, header or cookie.
    pub parameter: String,
}

/// Starts a report of ZAP.
pub fn begin(version: &str, created: &str, report: &mut Collector) {
    report.scan.tool = "zap".into();
    version.trim().clone_into(&mut report.scan.tool_version);
    report.scan.kinds.insert(Category::Runtime);
    // `generated` has no time zone and is therefore not used; `created` has one.
    report.scan.at = created.trim().parse().ok();
}

/// Ends a report of ZAP that named this many sites.
pub fn end(sites: usize, report: &mut Collector) {
    if sites == 0 {
        report.missing("the report names no site: ZAP lists every site that it reached, so it reached none");
    }
}

/// Adds an alert to the report.
pub fn observe(alert: &Alert, report: &mut Collector) {
    if alert.plugin.trim().is_empty() && alert.name.trim().is_empty() {
        return report.unread("an alert without pluginid and name");
    }
    let places: BTreeSet<Endpoint> = alert
        .instances
        .iter()
        .filter_map(|instance| place::endpoint(&instance.uri, &instance.method, &instance.parameter))
        .collect();
    let rule = [&alert.reference, &alert.plugin, &alert.name].into_iter().find(|id| !id.trim().is_empty());
    let listed = u32::try_from(alert.instances.len()).unwrap_or(u32::MAX);
    report.push(Observation {
        rule: rule.map(|id| id.trim().to_owned()).unwrap_or_default(),
        category: Some(Category::Runtime),
        title: plain::title(&plain::from_html(&alert.name)),
        description: plain::paragraphs([
            plain::from_html(&alert.description),
            plain::from_html(&alert.solution),
            seen_at(&places),
        ]),
        severity: match alert.risk.trim() {
            "0" => Severity::Info,
            "1" => Severity::Low,
            "2" => Severity::Medium,
            "3" => Severity::High,
            _ => Severity::Unknown,
        },
        confidence: match alert.confidence.trim() {
            "0" | "1" => Some(Confidence::Low),
            "2" => Some(Confidence::Medium),
            "3" => Some(Confidence::High),
            "4" => Some(Confidence::Certain),
            _ => None,
        },
        suppression: (alert.confidence.trim() == "0")
            .then(|| Suppression { kind: "false positive".into(), reason: String::new() }),
        cwe: cwe(&alert.cwe).into_iter().collect(),
        endpoint: place::endpoint(
            &alert.site,
            &shared(&places, |at| at.method.as_deref()),
            &shared(&places, |at| at.parameter.as_deref()),
        )
        .or_else(|| places.first().cloned()),
        occurrences: alert.count.trim().parse::<u32>().unwrap_or_default().max(listed),
        ..Observation::default()
    });
}

/// What all places have in common, or nothing.
fn shared(places: &BTreeSet<Endpoint>, part: impl Fn(&Endpoint) -> Option<&str>) -> String {
    let parts: BTreeSet<_> = places.iter().map(part).collect();
    parts.first().filter(|_| parts.len() == 1).copied().flatten().unwrap_or_default().to_owned()
}

fn seen_at(places: &BTreeSet<Endpoint>) -> String {
    let name = |at: &Endpoint| {
        let method = at.method.as_deref().map(|method| format!("{method} ")).unwrap_or_default();
        let parameter = at.parameter.as_deref().map(|name| format!(" (parameter {name})")).unwrap_or_default();
        plain::title(&format!("{method}{}{parameter}", at.url))
    };
    let mut lines: Vec<String> = places.iter().take(MOST_NAMED).map(name).collect();
    if places.len() > MOST_NAMED {
        lines.push(format!("and {} more", places.len() - MOST_NAMED));
    }
    if lines.is_empty() { String::new() } else { format!("Seen at:\n{}", lines.join("\n")) }
}
