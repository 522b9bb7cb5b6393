//! Stage: inventory, rules, appetite → [`Assessment`].
//!
//! The order matters and is the order of the files here: evidence first ([`coverage`]), so that missing evidence is
//! `unresolved` before any threshold is looked at; then the facts of every finding ([`service`], [`decision_points`],
//! [`facts`]), its time limit ([`due`], counted by a [`clock`]) and its exposure rate ([`rate`]); last the tolerance rows ([`rows`]) and what
//! would change the verdict ([`counterfactual`]).

mod clock;
mod counterfactual;
mod coverage;
mod decision_points;
mod due;
mod facts;
mod rate;
mod rows;
mod service;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::acceptance::Acceptance;
use crate::model::appetite::Appetite;
use crate::model::assessment::{AssessedFinding, Assessment};
use crate::model::basis::{Basis, Range};
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::coverage::CoverageState;
use crate::model::finding::{Finding, Inventory};
use crate::model::intel::Knowledge;
use crate::model::report::Report;
use crate::model::rules::RuleSet;
use crate::model::severity::Severity;
use crate::model::ssvc::DecisionPoint;
use crate::model::verdict::Verdict;

/// What an assessment is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was read.
    pub reports: &'a [Report],
    /// What the reports come to: each problem once.
    pub inventory: &'a Inventory,
    /// What is known about each finding of the inventory, in the same order.
    pub knowledge: &'a [Knowledge],
    /// The change under test.
    pub change: &'a Change,
    /// What it is judged against.
    pub appetite: &'a Appetite,
    /// Tables and assumptions.
    pub rules: &'a RuleSet,
    /// What is accepted until a date, by finding.
    pub accepted: &'a BTreeMap<String, Acceptance>,
    /// When findings that were there before were first found, by finding, as far as it is known.
    pub known_since: &'a BTreeMap<String, Timestamp>,
    /// The moment of judgement.
    pub now: Timestamp,
}

/// Judges the evidence.
pub fn assess(evidence: &Evidence<'_>) -> Assessment {
    let services = service::Services::new(&evidence.appetite.services);
    let mut shared = Shared::default();
    let findings: Vec<AssessedFinding> = evidence
        .inventory
        .findings
        .iter()
        .zip(evidence.knowledge)
        .map(|(finding, knowledge)| {
            let mut assessed = assess_finding(evidence, &services, finding, knowledge);
            shared.share(&mut assessed);
            assessed
        })
        .collect();
    let coverage = coverage::judge(evidence.reports, evidence.appetite, evidence.change, evidence.now);
    let rows = rows::judge(&evidence.appetite.tolerance, &findings);

    let mut unresolved_because: Vec<String> = coverage
        .iter()
        .filter(|kind| kind.state != CoverageState::Present)
        .map(|kind| kind.remark.clone())
        .chain(coverage::unrecognised(evidence.reports))
        .chain(rows.iter().filter_map(rows::why_unresolved))
        .collect();
    unresolved_because.dedup();
    let verdict = if unresolved_because.is_empty() {
        rows.iter().map(|row| row.state).max().unwrap_or(Verdict::WithinAppetite)
    } else {
        Verdict::Unresolved
    };
    let counterfactual = counterfactual::sentences(verdict, &rows);
    Assessment {
        now: evidence.now,
        verdict,
        unresolved_because,
        coverage,
        findings,
        suppressed: evidence.inventory.suppressed.clone(),
        rows,
        counterfactual,
    }
}

fn assess_finding(
    evidence: &Evidence<'_>,
    services: &service::Services<'_>,
    finding: &Finding,
    knowledge: &Knowledge,
) -> AssessedFinding {
    let service = services.of(finding);
    let severity = facts::severity(finding, knowledge, evidence.appetite);
    let decision_points = decision_points::derive(knowledge, service, severity.value);
    let ssvc = decision_points::ssvc_outcome(&evidence.rules.timelines, &decision_points);
    let exploited = knowledge.kev.as_ref().is_some_and(|kev| kev.listed);
    let accepted = evidence.accepted.get(&finding.id).filter(|it| it.outgrown(severity.value, exploited).is_none());
    let since = evidence.known_since.get(&finding.id).copied();
    let moments = clock::Moments::of(finding, since, evidence.now);
    let due = due::earliest(finding, service, &decision_points, evidence.appetite, &evidence.rules.timelines, moments)
        .map(|due| due::at_the_end_of(due, accepted));
    let facts = facts::of(finding, knowledge, service, severity.value, ssvc, evidence.now);
    let rate = rate::of(finding, knowledge, service, severity.value, &evidence.rules.exposure);
    AssessedFinding {
        finding: finding.clone(),
        severity,
        knowledge: knowledge.clone(),
        service: service.clone(),
        facts,
        decision_points: decision_points.into(),
        due,
        accepted: accepted.cloned(),
        rate,
    }
}

/// What findings of one kind and severity have in common, held once: without feeds it is the same for nearly all of them.
#[derive(Default)]
struct Shared(BTreeMap<(Category, Severity), Common>);

struct Common {
    decision_points: Arc<[DecisionPoint]>,
    parts: Arc<BTreeMap<&'static str, Range>>,
    basis: Arc<BTreeMap<&'static str, Basis>>,
}

impl Shared {
    /// Lets a finding share what is equal to that of the last of its kind.
    fn share(&mut self, assessed: &mut AssessedFinding) {
        fn one<T: PartialEq + ?Sized>(held: &mut Arc<T>, own: &mut Arc<T>) {
            if held == own {
                own.clone_from(held);
            } else {
                held.clone_from(own);
            }
        }
        let held = self.0.entry((assessed.finding.category, assessed.severity.value)).or_insert_with(|| Common {
            decision_points: Arc::clone(&assessed.decision_points),
            parts: Arc::clone(&assessed.rate.parts),
            basis: Arc::clone(&assessed.rate.basis),
        });
        one(&mut held.decision_points, &mut assessed.decision_points);
        one(&mut held.parts, &mut assessed.rate.parts);
        one(&mut held.basis, &mut assessed.rate.basis);
    }
}

#[cfg(test)]
mod tests;
