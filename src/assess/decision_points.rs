//! Decision points of SSVC and CISA BOD 26-04, each derived by a rule that is named.
//!
//! Where nothing is known, the worse value is taken and said so: CERT/CC's SSVC guidance asks for that (an unknown
//! `automatable` is taken as yes). The one exception is exploitation: without a catalogue or a statement in the
//! vector it is taken as `none`, because the opposite would make every finding an emergency; the rule text says that
//! no catalogue was given.

use std::collections::BTreeMap;

use crate::model::intel::Knowledge;
use crate::model::rules::TimelineTable;
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::model::severity::Severity;
use crate::model::ssvc::{DECISION_POINTS, DecisionPoint};

/// Table that gives every finding its SSVC outcome.
const DEPLOYER: &str = "ssvc-deployer";

/// Data whose loss raises the human impact to `very high`, whatever the service's criticality.
const SENSITIVE: [&str; 4] = ["cardholder", "health", "safety", "biometric"];

/// All decision points of a finding, ordered by key. A point whose value cannot be told at all is absent.
pub(super) fn derive(knowledge: &Knowledge, service: &Service, severity: Severity) -> Vec<DecisionPoint> {
    let mut points = vec![
        automatable(knowledge),
        exploitation(knowledge),
        human_impact(service),
        in_kev(knowledge),
        publicly_exposed(service),
        system_exposure(service),
        technical_impact(knowledge),
    ];
    if severity != Severity::Unknown {
        points.push(point("severity", severity.as_str(), "severity as judged"));
    }
    // What the leaders declared for the service counts before what is derived.
    for (key, value) in &service.decision_points {
        let Some((key, _)) = DECISION_POINTS.iter().find(|(known, _)| known == key) else { continue };
        points.retain(|point| point.key != *key);
        points.push(point(key, value, format!("declared for {}", service.name)));
    }
    points.sort_by_key(|point| point.key);
    points
}

/// The SSVC outcome (`defer`, `scheduled`, `out-of-cycle`, `immediate`) by the deployer table.
pub(super) fn ssvc_outcome(tables: &BTreeMap<String, TimelineTable>, points: &[DecisionPoint]) -> Option<String> {
    tables.get(DEPLOYER)?.look_up(points).map(|limit| limit.outcome)
}

fn point(key: &'static str, value: &str, rule: impl Into<String>) -> DecisionPoint {
    DecisionPoint { key, value: value.to_owned(), rule: rule.into() }
}

fn exploitation(knowledge: &Knowledge) -> DecisionPoint {
    const KEY: &str = "exploitation";
    let public = knowledge.cvss.as_ref().and_then(|cvss| cvss.metrics).and_then(|metrics| metrics.exploit_public);
    match (&knowledge.kev, public) {
        (Some(kev), _) if kev.listed => point(KEY, "active", format!("listed in {}", kev.source)),
        (_, Some(true)) => point(KEY, "public poc", "exploit maturity in the CVSS vector"),
        (Some(kev), _) => point(KEY, "none", format!("not listed in {}", kev.source)),
        (None, _) => point(KEY, "none", "no catalogue of known exploited vulnerabilities was given"),
    }
}

fn in_kev(knowledge: &Knowledge) -> DecisionPoint {
    const KEY: &str = "in_kev";
    match &knowledge.kev {
        Some(kev) => point(KEY, yes_no(kev.listed), kev.source.clone()),
        None => point(KEY, "no", "no catalogue of known exploited vulnerabilities was given"),
    }
}

fn automatable(knowledge: &Knowledge) -> DecisionPoint {
    const KEY: &str = "automatable";
    let metrics = knowledge.cvss.as_ref().and_then(|cvss| cvss.metrics);
    match metrics {
        Some(metrics) => {
            let yes = metrics.network && metrics.low_complexity && metrics.no_privileges && metrics.no_interaction;
            point(KEY, yes_no(yes), "attack vector, complexity, privileges and interaction in the CVSS vector")
        }
        None => point(KEY, "yes", "no CVSS vector: the worse value is taken"),
    }
}

fn technical_impact(knowledge: &Knowledge) -> DecisionPoint {
    const KEY: &str = "technical_impact";
    match knowledge.cvss.as_ref().and_then(|cvss| cvss.metrics) {
        Some(metrics) => {
            let value = if metrics.total_impact { "total" } else { "partial" };
            point(KEY, value, "confidentiality, integrity and availability in the CVSS vector")
        }
        None => point(KEY, "total", "no CVSS vector: the worse value is taken"),
    }
}

fn system_exposure(service: &Service) -> DecisionPoint {
    let value = match service.exposure {
        NetworkExposure::Internet => "open",
        NetworkExposure::Internal => "controlled",
        NetworkExposure::Isolated => "small",
    };
    point("system_exposure", value, of_service(service, service.exposure.as_str()))
}

fn publicly_exposed(service: &Service) -> DecisionPoint {
    let value = yes_no(service.exposure == NetworkExposure::Internet);
    point("publicly_exposed", value, of_service(service, service.exposure.as_str()))
}

fn human_impact(service: &Service) -> DecisionPoint {
    const KEY: &str = "human_impact";
    if let Some(data) = service.data.iter().find(|data| SENSITIVE.contains(&data.as_str())) {
        return point(KEY, "very high", format!("{} handles {data} data", service.name));
    }
    let value = match service.criticality {
        Criticality::Essential => "high",
        Criticality::Important => "medium",
        Criticality::Supporting => "low",
    };
    point(KEY, value, of_service(service, service.criticality.as_str()))
}

fn of_service(service: &Service, value: &str) -> String {
    if service.declared {
        format!("{} is declared {value}", service.name)
    } else {
        format!("no declared service matches: taken as {value}")
    }
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
