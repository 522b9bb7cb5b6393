//! Stage: assessment and delivery calendar → [`Plan`].
//!
//! The idea: a change that exceeds the appetite gets up to three complete plans (*options*), each a treatment and a time for
//! every work item, so that delivery and security can choose with open eyes. Nothing in them is canned: they are the
//! solutions of one optimisation problem under three objectives, and every figure can be recomputed from the output.
//!
//! **The model.** Open findings are partitioned into work items ([`work`]). An item is treated in one of the ways that the
//! rules offer, or accepted. Treated items stand in a queue and are done one after another, at the capacity's pace on working
//! time ([`calendar`]); p50 efforts drive the queue. The ship marker stands in the queue too:
//!
//! - *ship* is the first release opportunity at or after the latest `done + lead` of the items before the marker;
//! - an item takes effect at `done + lead` if it works at once; with the ship if it works with the release and its
//!   `done + lead` is not after the ship; else with the first release opportunity from `done + lead` on;
//! - an item whose `done + lead` is not after the ship counts as before ship, wherever it stood.
//!
//! Exposure, score and the three options are those of DESIGN section 5 ([`evaluate`], [`objective`], [`choose`]); days are
//! days of 24 hours since `now`; the horizon is 90 days and the calendar ends after 400, beyond which nothing is planned. A plan
//! is measured first by the agreement: findings over a limit and due dates missed are *counted*, so that where the
//! agreement cannot be kept in full, as much of it as possible is. A missed date may not be left open-ended: where it can
//! be, the finding is treated within the horizon all the same.
//!
//! **Solving.** Small problems are solved exactly ([`exact`], held against an exhaustive twin in tests); larger ones by
//! [`prices`] and [`search`], with a proven bound on how far from the best the exposure can be ([`prices`], [`bound`]).
//!
//! **Uncertainty.** Efforts, residuals and rates are ranges; a seeded simulation turns them into ranges of ship day and score
//! ([`simulate`]). Efforts are corrected by what such work took before ([`calibrate`]). Other points of the frontier
//! than the three are had by a wish ([`wishes`]).
//!
//! **Showing.** Options that do not differ are merged and dominated ones left out ([`offer`]); the rest is dates, prices
//! and words ([`describe`], [`words`], [`remarks`]).

mod arrange;
pub mod bound;
mod calendar;
mod calibrate;
pub mod choose;
mod describe;
pub mod evaluate;
mod exact;
mod kinds;
mod meanwhile;
pub mod objective;
mod offer;
mod pose;
mod prices;
pub mod problem;
pub mod random;
mod remarks;
mod search;
mod simulate;
mod wishes;
mod words;
mod work;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod story;
#[cfg(test)]
mod twin;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::many;
use crate::model::appetite::{Appetite, Delivery, OptionName};
use crate::model::assessment::Assessment;
use crate::model::budget::Budget;
use crate::model::closure::Closure;
use crate::model::option::{BalancedBy, Optimality, Phase, Plan, PlanOption, Planning, Point, Selection, Waivable};
use crate::model::rules::RuleSet;
use crate::model::verdict::Verdict;
use crate::model::wish::Wish;
use crate::model::work::{Treatment, WorkItem};
use calendar::moment;
use choose::{Approved, Chosen};
use describe::Setting;
use evaluate::{Measure, Queue};
use objective::Compromise;

/// What is asked of a plan besides what was agreed.
#[derive(Debug, Default)]
pub struct Request {
    /// Another point of the frontier.
    pub wish: Wish,
    /// What such work took before.
    pub closures: Vec<Closure>,
    /// An option that is not to be offered now, and why.
    pub withheld: Option<Withheld>,
    /// How the exposure budget stands, if anything is known of it.
    pub budget: Option<Budget>,
}

/// An option that both leaders agreed not to offer as things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The option.
    pub option: OptionName,
    /// Why, as the rest of a sentence.
    pub because: String,
}

/// Plans how to proceed. `files` are the repository's, which tell how upgrades are carried out in it.
///
/// `within-appetite` and `unresolved` leave nothing to choose: the work is listed, and there are no options.
pub fn plan(
    assessment: &Assessment,
    appetite: &Appetite,
    rules: &RuleSet,
    files: &BTreeSet<String>,
    request: &Request,
) -> Plan {
    let groups = work::groups(assessment);
    let asked_for = work::asked_for(assessment);
    let treatments = work::applicable::Applicable::of(&rules.treatments);
    let items = many::map(groups.iter().collect(), |group| {
        let asked_for = group.findings.iter().any(|finding| asked_for.contains(finding.finding.id.as_str()));
        work::treatments::work_item(group, &treatments, asked_for)
    });
    let (mut work, said): (Vec<WorkItem>, Vec<Vec<String>>) = items.into_iter().unzip();
    let mut remarks: Vec<String> = Vec::new();
    for remark in said.into_iter().flatten() {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    work::names::tell_apart(&groups, &mut work);
    work::commands::add(&groups, &mut work, &rules.treatments, files);
    let today = assessment.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let corrections = calibrate::corrections(&request.closures, today);
    remarks.extend(calibrate::apply(work.iter_mut().flat_map(|item| &mut item.treatments), &corrections));
    let ways_to_wait = |item: usize| {
        let mut ways = work::treatments::meanwhile(&groups[item], &treatments);
        calibrate::apply(&mut ways, &corrections);
        ways
    };
    let mut plan = plan_request(assessment, appetite, work, request, &ways_to_wait);
    plan.remarks.extend(remarks);
    plan
}

/// The moment at which so many working hours have passed since `from`, by the declared (or nominal) working time; `None`
/// beyond the end of the calendar.
pub fn after_working_hours(delivery: &Delivery, from: Timestamp, hours: f64) -> Option<Timestamp> {
    let capacity = calendar::capacity(delivery);
    let calendar = calendar::lay_out(from, &capacity, delivery);
    let day = calendar.day_of_working_time(hours)?;
    Some(moment(from, day))
}

/// Plans given work items.
#[cfg(test)]
fn plan_work(assessment: &Assessment, appetite: &Appetite, work: Vec<WorkItem>) -> Plan {
    plan_request(assessment, appetite, work, &Request::default(), &|_| Vec::new())
}

/// Plans given work items, and what is asked besides. `ways_to_wait` are the ways to live with a work item, by its index,
/// until it is treated.
fn plan_request(
    assessment: &Assessment,
    appetite: &Appetite,
    work: Vec<WorkItem>,
    request: &Request,
    ways_to_wait: &dyn Fn(usize) -> Vec<Treatment>,
) -> Plan {
    let delivery = &appetite.delivery;
    let capacity = calendar::capacity(delivery);
    let planning = Planning {
        horizon_days: problem::HORIZON,
        calendar: calendar::lay_out(assessment.now, &capacity, delivery),
        dated: delivery.capacity.is_some(),
        capacity,
        hourly_rate: delivery.hourly_rate.clone(),
        cost_of_delay: delivery.cost_of_delay.clone(),
        loss_per_point: delivery.loss_per_point.clone(),
        exposure_budget: appetite.budget,
    };
    let mut plan = Plan {
        planning,
        work,
        options: Vec::new(),
        merged: Vec::new(),
        recommended: None,
        common: Vec::new(),
        selection: None,
        optimality: Optimality { exact: true, gap: 0.0 },
        simulation: None,
        wished: None,
        budget: request.budget.clone(),
        remarks: Vec::new(),
    };
    if matches!(assessment.verdict, Verdict::WithinTolerance | Verdict::BeyondTolerance) {
        add_options(&mut plan, assessment, appetite, request, ways_to_wait);
    } else if !request.wish.is_empty() {
        plan.remarks.push(remarks::nothing_to_wish(assessment.verdict));
    }
    plan
}

fn add_options(
    plan: &mut Plan,
    assessment: &Assessment,
    appetite: &Appetite,
    request: &Request,
    ways_to_wait: &dyn Fn(usize) -> Vec<Treatment>,
) {
    let wish = request.wish;
    let problem = pose::pose(assessment, &plan.work, plan.planning.calendar.clone());
    let budget = request.budget.as_ref();
    let setting = Setting { budget, ..Setting::new(assessment, appetite, &plan.planning, &plan.work, &problem) };
    let mut remarks = remarks::on_setting(&setting);
    let approved = |name| !appetite.approvers(assessment.verdict, name).is_empty();
    let approved = Approved {
        fastest: approved(OptionName::Fastest),
        balanced: approved(OptionName::Balanced),
        secure: approved(OptionName::MostSecure),
    };
    let compromise = compromise(&plan.planning);
    let Some(chosen) = choose::choose(&problem, approved, compromise) else {
        remarks.push(remarks::no_release());
        plan.remarks = remarks;
        return;
    };
    let gap = (chosen.least_exposure - chosen.bound).max(0.0);
    let baseline = problem.totals.baseline();
    let gap = if baseline > 0.0 { gap / baseline } else { 0.0 };
    let wanted = appetite.authority.default.as_ref().map_or(OptionName::Balanced, |default| default.option);
    let mut offer = offer::offer(&chosen, |e| setting.score(e), |a, b| same_day(&plan.planning, a, b), wanted);
    if let Some(withheld) = &request.withheld {
        remarks.extend(offer::withhold(&mut offer, withheld.option, &withheld.because));
    }

    let simulation = simulate::plan_runs(&setting);
    let queues: Vec<&Queue> = offer.shown.iter().map(|(_, (queue, _))| queue).collect();
    let runs = simulate::simulate(&setting, &queues, simulation);
    let shown = offer.shown.iter().zip(&runs);
    let mut options: Vec<PlanOption> = shown
        .map(|((name, (queue, measure)), runs)| {
            setting.option(*name, queue, measure, simulate::outlook(&setting, runs))
        })
        .collect();
    for option in &mut options {
        option.meanwhile = meanwhile::proposals(&setting, option, ways_to_wait);
    }
    words::write(&mut options, &setting);
    remarks.extend(remarks::on_options(&setting, &chosen, &options, gap));
    remarks.extend(remarks::on_runs(&options, &runs, |a, b| same_day(&plan.planning, a, b)));
    let mut wished =
        if wish.is_empty() { None } else { wishes::answer(&setting, &chosen, approved.fastest, simulation, wish) };
    if let Some(wished) = &mut wished {
        wished.plan.meanwhile = meanwhile::proposals(&setting, &wished.plan, ways_to_wait);
    }

    plan.common = common(&options);
    plan.selection = Some(selection(&chosen, compromise, approved));
    plan.optimality = Optimality { exact: chosen.exact, gap };
    plan.simulation = Some(simulation);
    plan.wished = wished;
    plan.options = options;
    plan.merged = offer.merged;
    plan.recommended = offer.recommended;
    plan.remarks = remarks;
}

/// Least money if the leaders put a price on delay and on exposure, in one currency; else the least distance.
fn compromise(planning: &Planning) -> Compromise {
    let (Some(delay), Some(loss)) = (&planning.cost_of_delay, &planning.loss_per_point) else {
        return Compromise::Closest;
    };
    let currency = &loss.currency;
    let hour = planning.hourly_rate.as_ref();
    if delay.per_day.currency != *currency || hour.is_some_and(|hour| hour.currency != *currency) {
        return Compromise::Closest;
    }
    Compromise::Cheapest { hour: hour.map_or(0.0, |hour| hour.amount), day: delay.per_day.amount, point: loss.amount }
}

/// Whether two ship days are the same to the reader: the same date, or the same moment where there are no dates.
fn same_day(planning: &Planning, a: f64, b: f64) -> bool {
    if planning.dated {
        let zone = calendar::time_zone(&planning.capacity).0;
        let date = |day: f64| calendar::moment(planning.calendar.now, day).to_zoned(zone.clone()).date();
        date(a) == date(b)
    } else {
        (a - b).abs() < 1e-6
    }
}

fn selection(chosen: &Chosen, by: Compromise, approved: Approved) -> Selection {
    let point = |m: &Measure| Point { ship_day: m.ship, exposure: m.exposure, effort_hours: m.effort };
    Selection {
        fastest: point(&chosen.fastest.1),
        balanced: chosen.balanced.as_ref().map(|(_, measure)| point(measure)),
        most_secure: chosen.secure.as_ref().map(|(_, measure)| point(measure)),
        least_exposure: chosen.least_exposure,
        exposure_bound: chosen.bound,
        balanced_by: match by {
            Compromise::Closest => BalancedBy::ClosestToIdeal,
            Compromise::Cheapest { .. } => BalancedBy::LeastCost,
        },
        waivable: Waivable { fastest: approved.fastest, balanced: approved.balanced, most_secure: approved.secure },
    }
}

/// Work items that every option does before ship, in the same way.
fn common(options: &[PlanOption]) -> Vec<String> {
    let before = |option: &PlanOption| -> BTreeSet<(String, String)> {
        let steps = option.steps.iter().filter(|step| step.phase == Phase::BeforeShip);
        steps.map(|step| (step.work.clone(), step.treatment.clone())).collect()
    };
    let shared = options.iter().map(before).reduce(|a, b| a.intersection(&b).cloned().collect());
    shared.unwrap_or_default().into_iter().map(|(work, _)| work).collect()
}
