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
use crate::model::appetite::{Agreement, AgreementState, Appetite};
use crate::model::assessment::{AssessedFinding, Assessment, Rate};
use crate::model::basis::{Basis, Range};
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::coverage::CoverageState;
use crate::model::finding::{Finding, Inventory};
use crate::model::intel::Knowledge;
use crate::model::report::Report;
use crate::model::rules::{RuleSet, TimelineTable};
use crate::model::service::Service;
use crate::model::severity::Severity;
use crate::model::ssvc::DecisionPoint;
use crate::model::verdict::Verdict;

/// What an assessment is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was read.
    pub reports: &'a [Report],
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

/// Judges what the reports come to, each problem once. `knowledge` is what is known about each of its findings, in the
/// same order.
pub fn assess(evidence: &Evidence<'_>, inventory: Inventory, knowledge: Vec<Knowledge>) -> Assessment {
    let services = service::Services::new(&evidence.appetite.services);
    let mut shared = Shared::default();
    let Inventory { findings, suppressed, .. } = inventory;
    let findings: Vec<AssessedFinding> = findings
        .into_iter()
        .zip(knowledge)
        .map(|(finding, knowledge)| assess_finding(evidence, &services, finding, knowledge, &mut shared))
        .collect();
    let coverage = coverage::judge(evidence.reports, evidence.appetite, evidence.change, evidence.now);
    let rows = rows::judge(&evidence.appetite.tolerance, &findings);

    let mut unresolved_because: Vec<String> = coverage
        .iter()
        .filter(|kind| kind.state != CoverageState::Present)
        .map(|kind| kind.remark.clone())
        .chain(unseen(&evidence.appetite.agreement))
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
    Assessment { now: evidence.now, verdict, unresolved_because, coverage, findings, suppressed, rows, counterfactual }
}

/// What was agreed may hold a release, so that nothing can be concluded where it cannot be seen.
fn unseen(agreement: &Agreement) -> Option<String> {
    (agreement.state == AgreementState::Unverified).then(|| {
        format!("What was agreed cannot be verified from this clone: {}.", agreement.remark.trim_end_matches('.'))
    })
}

fn assess_finding(
    evidence: &Evidence<'_>,
    services: &service::Services,
    finding: Finding,
    knowledge: Knowledge,
    shared: &mut Shared,
) -> AssessedFinding {
    let service = services.of(&finding);
    let severity = facts::severity(&finding, &knowledge, evidence.appetite);
    let derived = shared.derived(&knowledge, service, severity.value, &evidence.rules.timelines);
    let decision_points = Arc::clone(&derived.decision_points);
    let ssvc = derived.ssvc.clone();
    let exploited = knowledge.kev.as_ref().is_some_and(|kev| kev.listed);
    let accepted = evidence.accepted.get(&finding.id).filter(|it| it.outgrown(severity.value, exploited).is_none());
    let since = evidence.known_since.get(&finding.id).copied();
    let moments = clock::Moments::of(&finding, since, evidence.now);
    let due = due::earliest(&finding, service, &decision_points, evidence.appetite, &evidence.rules.timelines, moments)
        .map(|due| due::at_the_end_of(due, accepted));
    let facts = facts::of(&finding, &knowledge, service, severity.value, ssvc, evidence.now);
    let mut rate = rate::of(&finding, &knowledge, service, severity.value, &evidence.rules.exposure);
    shared.share(finding.category, severity.value, &mut rate);
    AssessedFinding {
        severity,
        knowledge,
        service: Arc::clone(service),
        facts,
        decision_points,
        due,
        accepted: accepted.cloned(),
        rate,
        finding,
    }
}

/// What findings have in common, held once: without feeds it is the same for nearly all of them.
#[derive(Default)]
struct Shared {
    /// What was derived last for a severity.
    derived: BTreeMap<Severity, Derived>,
    /// What the rate of the last finding of its kind and severity is made of.
    rates: BTreeMap<(Category, Severity), Parts>,
}

struct Derived {
    knowledge: Knowledge,
    service: Arc<Service>,
    decision_points: Arc<[DecisionPoint]>,
    ssvc: Option<String>,
}

struct Parts {
    parts: Arc<BTreeMap<&'static str, Range>>,
    basis: Arc<BTreeMap<&'static str, Basis>>,
}

impl Shared {
    /// Decision points and what follows from them, which depend on nothing else than this.
    fn derived(
        &mut self,
        knowledge: &Knowledge,
        service: &Arc<Service>,
        severity: Severity,
        tables: &BTreeMap<String, TimelineTable>,
    ) -> &Derived {
        let derive = || {
            let decision_points: Arc<[DecisionPoint]> = decision_points::derive(knowledge, service, severity).into();
            let ssvc = decision_points::ssvc_outcome(tables, &decision_points);
            Derived { knowledge: knowledge.clone(), service: Arc::clone(service), decision_points, ssvc }
        };
        let last = self.derived.entry(severity).or_insert_with(derive);
        if last.knowledge != *knowledge || !Arc::ptr_eq(&last.service, service) {
            *last = derive();
        }
        last
    }

    /// Lets a rate share what is equal to that of the last of its kind.
    fn share(&mut self, category: Category, severity: Severity, rate: &mut Rate) {
        fn one<T: PartialEq>(held: &mut Arc<T>, own: &mut Arc<T>) {
            if held == own {
                own.clone_from(held);
            } else {
                held.clone_from(own);
            }
        }
        let last = self
            .rates
            .entry((category, severity))
            .or_insert_with(|| Parts { parts: Arc::clone(&rate.parts), basis: Arc::clone(&rate.basis) });
        one(&mut last.parts, &mut rate.parts);
        one(&mut last.basis, &mut rate.basis);
    }
}

#[cfg(test)]
mod tests;
