//! Foundation: a published brief, computed again from its own parts by the published formulas (DESIGN section 5).
//!
//! ```text
//! rate        ρ = −ln(1 − p)/30 · network · min(100, impact · criticality)
//! queue       hours → day done → day in effect; the ship day is the first release window after the work before ship
//! exposure    E_f from ρ, the ship day and the days in effect; Σ E_f, E₀, score
//! ```
//!
//! Nothing here uses what planned: the only input is the JSON that anyone can read. It is therefore what a sceptic
//! would do with a pocket calculator, and it serves as an independent check of the planner. [`check`] says where the
//! stated figures and the recomputed ones differ by more than a millionth: then the brief was altered after it was
//! written, or this program has a mistake.

mod comparison;
mod exposure;
mod queue;
mod rate;

use std::collections::BTreeSet;

use crate::model::appetite::OptionName;
use crate::model::option::Phase;
use crate::render::json::v1;

pub use comparison::{Comparison, Disagreement, agree};
pub use exposure::{Exposed, Exposure, InEffect, exposure};
pub use queue::{Queue, Queued, Shipping, queue};
pub use rate::{Rate, rate};

/// Computes every figure of the brief again that its formulas determine, and compares.
pub fn check(brief: &v1::Brief) -> Comparison {
    let mut comparison = Comparison::default();
    for finding in &brief.findings {
        check_rate(finding, &mut comparison);
    }
    for option in &brief.options {
        check_queue(brief, option, &mut comparison);
        check_exposure(brief, option, &mut comparison);
        check_cost(brief, option, &mut comparison);
        check_budget(brief, option, &mut comparison);
        check_selection(brief, option, &mut comparison);
    }
    comparison
}

fn check_rate(finding: &v1::Finding, comparison: &mut Comparison) {
    let (id, stated) = (&finding.id, &finding.rate);
    let Some(again) = rate(stated) else {
        // A brief of an earlier version publishes the two factors and not what they are made of.
        comparison.figure(&format!("{id}: rate"), Some(stated.likely), Some(stated.likelihood_per_day * stated.impact));
        return;
    };
    let mut compare = |what: &str, range: v1::Spread, likely: f64, low: Option<f64>, high: Option<f64>| {
        comparison.figure(&format!("{id}: {what}"), Some(likely), Some(range.likely));
        comparison.figure(&format!("{id}: {what}, low end"), low, Some(range.low));
        comparison.figure(&format!("{id}: {what}, high end"), high, Some(range.high));
    };
    let (day, impact) = (stated.likelihood_range, stated.impact_range);
    compare("likelihood per day", again.per_day, stated.likelihood_per_day, day.low, day.high);
    compare("impact", again.impact, stated.impact, impact.low, impact.high);
    compare("rate", again.points_per_day, stated.likely, stated.low, stated.high);
}

fn check_queue(brief: &v1::Brief, option: &v1::PlanOption, comparison: &mut Comparison) {
    let name = option.name.0.as_str();
    let again = queue(brief, option);
    let (mut p50, mut p90, mut before, mut before_p90) = (0.0, 0.0, 0.0, 0.0);
    for queued in &again.steps {
        let step = queued.step;
        let at = |what: &str| format!("{name}: {what} of {} ({})", step.work, step.treatment);
        p50 += step.hours;
        p90 += step.hours_p90;
        if step.phase.0 == Phase::BeforeShip {
            before += step.hours;
            before_p90 += step.hours_p90;
        }
        if step.phase.0 == Phase::Accept {
            comparison.figure(&at("effect day"), step.effect_day, None);
            continue;
        }
        let Some(treatment) = queued.treatment else {
            comparison.text(&at("treatment"), "in the plan", "not among the work items and treatments of the brief");
            continue;
        };
        comparison.figure(&at("hours"), Some(step.hours), Some(treatment.effort_hours.p50));
        comparison.figure(&at("p90 hours"), Some(step.hours_p90), Some(treatment.effort_hours.p90));
        comparison.figure(&at("day done"), step.done, queued.done);
        comparison.figure(&at("effect day"), step.effect_day, queued.effect);
    }
    let ship = again.shipping.as_ref().map(|shipping| shipping.day);
    comparison.figure(&format!("{name}: ship day"), Some(option.ships.day), ship);
    comparison.figure(&format!("{name}: effort"), Some(option.effort_hours.p50), Some(p50));
    comparison.figure(&format!("{name}: p90 effort"), Some(option.effort_hours.p90), Some(p90));
    comparison.figure(&format!("{name}: hours before ship"), Some(option.ships.hours_before_ship), Some(before));
    let stated = Some(option.ships.hours_before_ship_p90);
    comparison.figure(&format!("{name}: p90 hours before ship"), stated, Some(before_p90));
}

fn check_exposure(brief: &v1::Brief, option: &v1::PlanOption, comparison: &mut Comparison) {
    let name = option.name.0.as_str();
    let again = exposure(brief, option);
    comparison.figure(&format!("{name}: exposure"), Some(option.exposure), Some(again.total));
    comparison.figure(&format!("{name}: baseline exposure"), Some(option.baseline_exposure), Some(again.baseline));
    comparison.figure(&format!("{name}: score"), Some(option.score), Some(again.score));
    let stated: BTreeSet<&str> = option.open_at_ship.iter().map(String::as_str).collect();
    let open: BTreeSet<&str> =
        again.findings.iter().filter(|f| f.open_at_ship).map(|f| f.finding.id.as_str()).collect();
    if stated != open {
        let words = |ids: BTreeSet<&str>| ids.into_iter().collect::<Vec<_>>().join(", ");
        comparison.text(&format!("{name}: open at ship"), &words(stated), &words(open));
    }
}

fn check_cost(brief: &v1::Brief, option: &v1::PlanOption, comparison: &mut Comparison) {
    let name = option.name.0.as_str();
    let Some(stated) = &option.cost else { return };
    let priced = |price: &Option<v1::Money>, amount: f64| {
        let price = price.as_ref().filter(|price| price.currency == stated.currency);
        price.map_or(0.0, |price| price.amount * amount)
    };
    let planning = &brief.planning;
    let effort = priced(&planning.hourly_rate, option.effort_hours.p50);
    let delay = priced(&planning.cost_of_delay, option.ships.day);
    let loss = priced(&planning.loss_per_point, option.exposure);
    comparison.figure(&format!("{name}: cost of effort"), Some(stated.effort), Some(effort));
    comparison.figure(&format!("{name}: cost of delay"), Some(stated.delay), Some(delay));
    comparison.figure(&format!("{name}: cost of exposure"), Some(stated.loss), Some(loss));
    comparison.figure(&format!("{name}: cost"), Some(stated.total), Some(effort + delay + loss));
}

fn check_budget(brief: &v1::Brief, option: &v1::PlanOption, comparison: &mut Comparison) {
    // What is left of the quarter, where something is known of it. A brief of an earlier version states the share and not
    // the budget.
    let left = brief.budget.as_ref().map(|budget| (budget.agreed - budget.spent).max(0.0));
    let Some(budget) = left.or(brief.planning.exposure_budget) else { return };
    let again = (budget > 0.0).then(|| option.exposure / budget);
    comparison.figure(&format!("{}: share of the budget", option.name.0.as_str()), option.budget_share, again);
}

/// The point by which an option was chosen is that of the option, unless another was merged into it.
fn check_selection(brief: &v1::Brief, option: &v1::PlanOption, comparison: &mut Comparison) {
    let merged = brief.merged_options.iter().any(|merged| merged.names.contains(&option.name));
    let Some(selection) = brief.selection.filter(|_| !merged) else { return };
    let point = match option.name.0 {
        OptionName::Fastest => Some(selection.fastest),
        OptionName::Balanced => selection.balanced,
        OptionName::MostSecure => selection.most_secure,
    };
    let Some(point) = point else { return };
    let at = |what: &str| format!("selection of {}: {what}", option.name.0.as_str());
    comparison.figure(&at("ship day"), Some(point.ship_day), Some(option.ships.day));
    comparison.figure(&at("exposure"), Some(point.exposure), Some(option.exposure));
    comparison.figure(&at("effort"), Some(point.effort_hours), Some(option.effort_hours.p50));
}
