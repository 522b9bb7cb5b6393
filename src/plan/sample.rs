//! Small assessments for the planner's tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::appetite::{Agreement, AgreementState, Appetite, Authority, CoverageRule, Delivery};
use crate::model::assessment::{AssessedFinding, Assessment, Due, DueKind, JudgedSeverity, Rate, RowResult};
use crate::model::basis::{Basis, Range};
use crate::model::category::Category;
use crate::model::clock::Clock;
use crate::model::component::{Component, Fix};
use crate::model::digest::Digest;
use crate::model::effort::Effort;
use crate::model::facts::Facts;
use crate::model::finding::{Finding, Source};
use crate::model::intel::Knowledge;
use crate::model::origin::Origin;
use crate::model::service::Service;
use crate::model::severity::Severity;
use crate::model::ssvc::TimeLimit;
use crate::model::verdict::Verdict;
use crate::model::work::{TakesEffect, Treatment, TreatmentKind, WorkItem};

/// A Monday morning at the beginning of the nominal working day.
pub fn now() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub fn component(ecosystem: &str, name: &str, version: &str, fixes: &[&str]) -> Component {
    Component {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        fix: Fix::in_versions(fixes.iter().copied()),
        ..Component::default()
    }
}

/// A high introduced finding of one point a day.
pub fn finding(id: &str, category: Category) -> AssessedFinding {
    let service = Service::undeclared();
    let facts = Facts {
        origin: Origin::Introduced,
        tools: vec!["scanner".to_owned()],
        rules: vec!["rule-1".to_owned()],
        title: format!("Problem {id}"),
        ..Facts::bare(category, Severity::High)
    };
    let finding = Finding {
        sources: vec![Source { tool: "scanner".to_owned(), rule: "rule-1".to_owned(), report: "r.sarif".to_owned() }],
        origin: Origin::Introduced,
        ..Finding::new(id.to_owned(), category, format!("Problem {id}"), Severity::High)
    };
    AssessedFinding {
        severity: JudgedSeverity { value: finding.severity, basis: None },
        finding,
        knowledge: Knowledge::default(),
        service: service.into(),
        facts,
        decision_points: Vec::new().into(),
        due: None,
        accepted: None,
        rate: Rate {
            points_per_day: Range::exactly(1.0),
            likelihood_per_day: Range::exactly(0.01),
            impact: Range::exactly(100.0),
            parts: BTreeMap::new().into(),
            basis: BTreeMap::from([("likelihood", Basis::Assumed("exposure".to_owned()))]).into(),
        },
    }
}

pub fn with(id: &str, origin: Origin, rate: f64) -> AssessedFinding {
    let mut finding = finding(id, Category::Secret);
    finding.finding.origin = origin;
    finding.facts.origin = origin;
    finding.rate.points_per_day = Range::exactly(rate);
    finding
}

pub fn due(days: i64, waivable: bool) -> Due {
    Due {
        at: now() + jiff::SignedDuration::from_hours(24 * days),
        limit: TimeLimit {
            table: "cisa-bod-26-04".to_owned(),
            row: 3,
            outcome: format!("{days} days"),
            #[expect(clippy::cast_precision_loss, reason = "a few days")]
            days: Some(days as f64),
            because: Vec::new(),
        },
        clock: "detected now".to_owned(),
        began: None,
        kind: DueKind::Limit,
        waivable,
    }
}

pub fn row(id: &str, findings: &[&str], appetite: u64, tolerance: Option<u64>, before_ship: bool) -> RowResult {
    let mut row = RowResult {
        id: id.to_owned(),
        says: String::new(),
        measured: findings.len() as u64,
        appetite,
        tolerance,
        state: Verdict::WithinAppetite,
        before_ship,
        findings: findings.iter().map(|&id| id.to_owned()).collect(),
        accepted: Vec::new(),
        undecided: BTreeMap::new(),
    };
    row.state = row.state_at(row.measured);
    row
}

pub fn assessment(findings: Vec<AssessedFinding>) -> Assessment {
    Assessment {
        now: now(),
        verdict: Verdict::BeyondTolerance,
        unresolved_because: Vec::new(),
        coverage: Vec::new(),
        findings,
        suppressed: Vec::new(),
        rows: Vec::new(),
        counterfactual: Vec::new(),
    }
}

/// An appetite in which `waivers` says whether delegates may approve the fastest option.
pub fn appetite(delivery: Delivery, waivers: bool) -> Appetite {
    use crate::model::appetite::OptionName::{Balanced, Fastest, MostSecure};
    let mut by_option =
        BTreeMap::from([(Balanced, vec!["security-delegate".to_owned()]), (MostSecure, vec!["anyone".to_owned()])]);
    if waivers {
        by_option.insert(Fastest, vec!["delivery-delegate".to_owned(), "security-delegate".to_owned()]);
    }
    Appetite {
        origin: "sample".to_owned(),
        sha256: Digest::of(b"sample"),
        agreement: Agreement { state: AgreementState::Agreed, signers: Vec::new(), remark: String::new() },
        name: "Sample".to_owned(),
        statement: String::new(),
        agreed: None,
        levels: BTreeMap::new(),
        services: Vec::new(),
        timeline: None,
        timelines: BTreeMap::new(),
        clock: Clock::default(),
        clocks: BTreeMap::new(),
        tolerance: Vec::new(),
        assumed_severity: BTreeMap::new(),
        coverage: CoverageRule::default(),
        budget: Some(500.0),
        delivery,
        authority: Authority {
            approvers: BTreeMap::from([(Verdict::BeyondTolerance, by_option)]),
            default: None,
            withheld_if_overdue: None,
        },
        roles: BTreeMap::new(),
        baseline: None,
    }
}

/// One engineer, six hours on weekdays, nine to five in UTC, declared.
pub fn declared() -> Delivery {
    let mut capacity = super::calendar::capacity(&Delivery::default());
    capacity.basis = Basis::Declared("delivery.capacity".to_owned());
    capacity.holidays = BTreeSet::new();
    Delivery { capacity: Some(capacity), ..Delivery::default() }
}

pub fn treatment(hours: f64, residual: f64, takes_effect: TakesEffect, lead_days: f64) -> Treatment {
    Treatment {
        id: format!("t-{hours}-{residual}"),
        title: "Do it".to_owned(),
        kind: TreatmentKind::Fix,
        effort: Effort { p50: hours, p90: 2.0 * hours },
        uncalibrated: None,
        takes_effect,
        residual: Range { low: residual / 2.0, likely: residual, high: f64::midpoint(residual, 1.0) },
        lead_days,
        effort_basis: Basis::Assumed("t".to_owned()).into(),
        residual_basis: Basis::Assumed("t".to_owned()).into(),
        disruption: Arc::default(),
        pros: Arc::default(),
        cons: Arc::default(),
        references: Arc::default(),
        command: None,
    }
}

pub fn work(id: &str, findings: &[&str], treatments: Vec<Treatment>) -> WorkItem {
    WorkItem {
        id: id.to_owned(),
        title: format!("Work {id}"),
        findings: findings.iter().map(|&id| id.to_owned()).collect(),
        treatments,
    }
}
