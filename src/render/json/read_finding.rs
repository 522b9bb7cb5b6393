//! One finding of the wire → the model's.

use std::collections::BTreeMap;

use crate::model::acceptance::Acceptance;
use crate::model::assessment::{AssessedFinding, Due, DueKind, JudgedSeverity, Rate};
use crate::model::basis::Range;
use crate::model::clock::{Began, Stated};
use crate::model::component::{Component, Fix};
use crate::model::facts::Facts;
use crate::model::finding::{Finding, Source, Suppressed};
use crate::model::identifier::Identifier;
use crate::model::intel::{Epss, Kev, Knowledge, ScoredVector};
use crate::model::location::{Endpoint, Location};
use crate::model::report::Confidence;
use crate::model::service::Service;
use crate::model::ssvc::{DECISION_POINTS, DecisionPoint, TimeLimit};

use super::read_part::{basis, moment, range};
use super::v1;

/// Parts of a rate, as they are named on the wire.
const PARTS: [&str; 4] = ["criticality", "impact", "likelihood", "network"];

/// Reads a finding back.
pub fn finding(wire: &v1::Finding) -> Result<AssessedFinding, String> {
    let finding = Finding {
        identifiers: wire.identifiers.iter().filter_map(|name| Identifier::parse(name)).collect(),
        cwe: wire.cwe.clone(),
        component: wire.component.as_ref().map(component),
        locations: wire
            .locations
            .iter()
            .map(|place| Location { path: place.path.clone(), line: place.line, ..Location::default() })
            .collect(),
        endpoint: wire.endpoint.as_ref().map(|url| Endpoint {
            url: url.clone(),
            method: wire.endpoint_method.clone(),
            parameter: None,
        }),
        artefact: wire.artefact.clone(),
        confidence: wire.confidence.as_deref().and_then(Confidence::from_word),
        verified: wire.verified,
        reachable: wire.reachable,
        published: Stated::by_some_report(wire.published.as_deref()),
        fixed_since: Stated::by_some_report(wire.fixed_since.as_deref()),
        sources: wire
            .sources
            .iter()
            .map(|source| Source {
                tool: source.tool.clone(),
                rule: source.rule.clone(),
                report: source.report.clone(),
            })
            .collect(),
        origin: wire.origin.0,
        origin_evidence: wire.origin_evidence.clone(),
        ..Finding::new(wire.id.clone(), wire.category.0, wire.title.clone(), wire.severity.0)
    };
    let severity_basis = wire.severity_basis.as_deref().map(|kind| {
        let source = wire.severity_basis_source.as_deref().unwrap_or_default();
        basis(kind, source)
    });
    Ok(AssessedFinding {
        severity: JudgedSeverity { value: wire.severity.0, basis: severity_basis },
        knowledge: knowledge(wire),
        service: service(&wire.service).into(),
        facts: facts(wire, &finding),
        decision_points: Vec::new().into(),
        due: wire.due.as_ref().map(|date| due(date, wire.accepted.is_some())).transpose()?,
        accepted: wire.accepted.as_ref().map(|accepted| acceptance(wire, accepted)).transpose()?,
        rate: rate(&wire.rate),
        finding,
    })
}

fn acceptance(wire: &v1::Finding, accepted: &v1::Acceptance) -> Result<Acceptance, String> {
    Ok(Acceptance {
        waiver: accepted.waiver.clone(),
        until: moment("findings.accepted.until", &accepted.until)?,
        owner: accepted.owner.clone(),
        reason: accepted.reason.clone(),
        // It covers the finding as it is: else it would not be named here.
        severity: wire.severity.0,
        exploited: wire.kev == Some(true),
    })
}

/// Reads a finding back that is not counted.
pub fn suppressed(wire: &v1::Suppressed) -> Suppressed {
    Suppressed {
        finding: Finding::new(wire.id.clone(), wire.category.0, wire.title.clone(), wire.severity.0),
        kind: wire.kind.clone(),
        reason: wire.reason.clone(),
    }
}

fn component(wire: &v1::Component) -> Component {
    Component {
        ecosystem: String::new(),
        name: wire.name.clone(),
        version: wire.version.clone(),
        purl: wire.purl.clone(),
        direct: wire.direct,
        fix: match &wire.fixed_in {
            None => Fix::Unknown,
            Some(versions) if versions.is_empty() => Fix::NotAvailable,
            Some(versions) => Fix::Available(versions.clone()),
        },
    }
}

fn knowledge(wire: &v1::Finding) -> Knowledge {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Knowledge {
        cvss: wire.cvss.as_ref().map(|cvss| ScoredVector {
            vector: cvss.vector.clone(),
            score: cvss.score,
            version: cvss.version.clone(),
            source: cvss.source.clone(),
            impact: None,
            metrics: None,
        }),
        epss: wire.epss.map(|probability| Epss { probability, source: text(&wire.epss_source), reported: false }),
        kev: wire.kev.map(|listed| Kev { listed, added: None, source: text(&wire.kev_source), reported: false }),
    }
}

fn service(wire: &v1::Service) -> Service {
    Service {
        // They stand in the finding's facts.
        decision_points: BTreeMap::new(),
        name: wire.name.clone(),
        paths: Vec::new(),
        images: Vec::new(),
        exposure: wire.exposure.0,
        criticality: wire.criticality.0,
        data: wire.data.clone(),
        obligations: wire.obligations.clone(),
        declared: wire.declared,
    }
}

fn facts(wire: &v1::Finding, finding: &Finding) -> Facts {
    let component = finding.component.as_ref();
    Facts {
        category: wire.category.0,
        severity: wire.severity.0,
        cvss: wire.cvss.as_ref().map(|cvss| cvss.score),
        epss: wire.epss,
        kev: wire.kev,
        origin: wire.origin.0,
        fix_available: component.and_then(|component| match &component.fix {
            Fix::Unknown => None,
            Fix::NotAvailable => Some(false),
            Fix::Available(_) => Some(true),
        }),
        upgrade: None,
        direct: component.and_then(|component| component.direct),
        reachable: wire.reachable,
        verified: wire.verified,
        confidence: None,
        age_days: None,
        identifiers: wire.identifiers.clone(),
        cwe: wire.cwe.clone(),
        tools: wire.sources.iter().map(|source| source.tool.clone()).collect(),
        rules: wire.sources.iter().map(|source| source.rule.clone()).collect(),
        title: wire.title.clone(),
        path: wire.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
        ecosystem: String::new(),
        package: component.map(|component| component.name.clone()).unwrap_or_default(),
        ssvc: wire.ssvc.clone(),
        service: wire.service.name.clone(),
        exposure: wire.service.exposure.0,
        criticality: wire.service.criticality.0,
        data: wire.service.data.clone(),
        obligations: wire.service.obligations.clone(),
    }
}

fn due(wire: &v1::Due, accepted: bool) -> Result<Due, String> {
    let point = |point: &v1::DecisionPoint| {
        let (key, _) = DECISION_POINTS.iter().find(|(key, _)| *key == point.key)?;
        Some(DecisionPoint { key, value: point.value.clone(), rule: point.rule.clone() })
    };
    Ok(Due {
        at: moment("findings.due.at", &wire.at)?,
        limit: TimeLimit {
            table: wire.table.clone(),
            row: wire.row,
            outcome: wire.outcome.clone(),
            days: wire.days,
            because: wire.because.iter().filter_map(point).collect(),
        },
        clock: wire.clock.clone(),
        began: wire.began.as_ref().map(began).transpose()?,
        // A brief tells it by what else it says: days are counted from a beginning, and what is accepted is accepted until then.
        kind: match (&wire.began, accepted) {
            (Some(_), _) => DueKind::Limit,
            (None, true) => DueKind::Waiver,
            (None, false) => DueKind::Promise,
        },
        waivable: wire.waivable,
    })
}

fn began(wire: &v1::Began) -> Result<Began, String> {
    Ok(Began {
        clock: wire.clock.0,
        at: moment("findings.due.began.at", &wire.at)?,
        source: wire.source.clone(),
        agreed: wire.agreed.0,
        because: wire.because.clone(),
    })
}

fn rate(wire: &v1::Rate) -> Rate {
    let ends = v1::Range { low: wire.low, high: wire.high };
    let part = |name: &String| PARTS.into_iter().find(|part| part == name);
    Rate {
        points_per_day: range(wire.likely, ends),
        likelihood_per_day: range(wire.likelihood_per_day, wire.likelihood_range),
        impact: range(wire.impact, wire.impact_range),
        parts: wire
            .parts
            .iter()
            .filter_map(|(name, spread)| {
                Some((part(name)?, Range { low: spread.low, likely: spread.likely, high: spread.high }))
            })
            .collect::<BTreeMap<_, _>>()
            .into(),
        basis: wire
            .basis
            .iter()
            .filter_map(|(name, kind)| {
                let source = wire.basis_source.get(name).map(String::as_str).unwrap_or_default();
                Some((part(name)?, basis(kind, source)))
            })
            .collect::<BTreeMap<_, _>>()
            .into(),
    }
}
