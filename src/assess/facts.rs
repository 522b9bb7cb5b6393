//! The facts of a finding, as conditions see them.

use jiff::Timestamp;

use crate::model::appetite::Appetite;
use crate::model::assessment::JudgedSeverity;
use crate::model::basis::Basis;
use crate::model::component::Fix;
use crate::model::facts::Facts;
use crate::model::finding::Finding;
use crate::model::intel::Knowledge;
use crate::model::service::Service;
use crate::model::severity::Severity;
use crate::model::version;

/// The severity to judge by: what the scanners state; else the band of the CVSS score; else what the leaders declared
/// for the category; else unknown.
pub(super) fn severity(finding: &Finding, knowledge: &Knowledge, appetite: &Appetite) -> JudgedSeverity {
    if finding.severity != Severity::Unknown {
        let tools: Vec<&str> = finding.sources.iter().map(|source| source.tool.as_str()).collect();
        return judged(finding.severity, Basis::Reported(list(&tools)));
    }
    if let Some(cvss) = &knowledge.cvss {
        let source = if cvss.vector.is_empty() { "CVSS score".to_owned() } else { cvss.vector.clone() };
        return judged(Severity::from_score(cvss.score), Basis::Reported(source));
    }
    match appetite.assumed_severity.get(&finding.category) {
        Some(&severity) => judged(severity, Basis::Declared(format!("unknown.severity.{}", finding.category))),
        None => JudgedSeverity { value: Severity::Unknown, basis: None },
    }
}

fn judged(value: Severity, basis: Basis) -> JudgedSeverity {
    JudgedSeverity { value, basis: Some(basis) }
}

/// Names in order, each once.
fn list(names: &[&str]) -> String {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// All facts of a finding.
pub(super) fn of(
    finding: &Finding,
    knowledge: &Knowledge,
    service: &Service,
    severity: Severity,
    ssvc: Option<String>,
    now: Timestamp,
) -> Facts {
    let component = finding.component.as_ref();
    Facts {
        category: finding.category,
        severity,
        cvss: knowledge.cvss.as_ref().map(|cvss| cvss.score),
        epss: knowledge.epss.as_ref().map(|epss| epss.probability),
        kev: knowledge.kev.as_ref().map(|kev| kev.listed),
        origin: finding.origin,
        fix_available: component.and_then(|component| match component.fix {
            Fix::Available(_) => Some(true),
            Fix::NotAvailable => Some(false),
            Fix::Unknown => None,
        }),
        upgrade: component.and_then(|component| {
            let target = version::least_above(&component.ecosystem, &component.version, component.fix.versions())?;
            version::distance(&component.version, target)
        }),
        direct: component.and_then(|component| component.direct),
        reachable: finding.reachable,
        verified: finding.verified,
        confidence: finding.confidence,
        age_days: finding.published.as_ref().map(|stated| now.duration_since(stated.at).as_secs_f64() / 86_400.0),
        identifiers: finding.identifiers.iter().map(|id| id.as_str().to_owned()).collect(),
        cwe: finding.cwe.clone(),
        tools: finding.sources.iter().map(|source| source.tool.clone()).collect(),
        rules: finding.sources.iter().map(|source| source.rule.clone()).collect(),
        title: finding.title.clone(),
        path: finding.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
        ecosystem: component.map(|component| component.ecosystem.clone()).unwrap_or_default(),
        package: component.map(|component| component.name.clone()).unwrap_or_default(),
        ssvc,
        service: service.name.clone(),
        exposure: service.exposure,
        criticality: service.criticality,
        data: service.data.clone(),
        obligations: service.obligations.clone(),
    }
}
