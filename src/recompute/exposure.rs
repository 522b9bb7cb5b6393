//! Exposure of a plan, finding by finding.
//!
//! With s the start of exposure (0 if ambient, the ship day if introduced or unknown), c the day on which the finding's
//! work item takes effect (none if accepted) and H the horizon:
//!
//! E_f = ρ·max(0, min(c, H) − s) + ρ·residual·max(0, H − max(c, s)); of a resolved finding ρ·min(ship day, H).

use std::collections::BTreeMap;

use crate::model::origin::Origin;
use crate::render::json::v1;

/// Rounding of a published day.
const SLACK: f64 = 1e-6;

/// Exposure of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure<'a> {
    /// Every finding of the brief, in its order.
    pub findings: Vec<Exposed<'a>>,
    /// Σ E_f.
    pub total: f64,
    /// E₀: the change ships now and nothing is treated.
    pub baseline: f64,
    /// 100·(1 − E/E₀), and 100 if there is nothing to avoid.
    pub score: f64,
}

/// Exposure of one finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposed<'a> {
    /// The finding.
    pub finding: &'a v1::Finding,
    /// The work item that it is in, if any.
    pub work: Option<&'a v1::Work>,
    /// s, in days since `now`.
    pub start: f64,
    /// What takes effect first; `None` if nothing does.
    pub effect: Option<InEffect<'a>>,
    /// Days at the full rate.
    pub days_full: f64,
    /// Days at the residual rate.
    pub days_residual: f64,
    /// E_f, in points.
    pub points: f64,
    /// Whether it is open when the change ships.
    pub open_at_ship: bool,
}

/// A treatment in effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InEffect<'a> {
    /// c, in days since `now`.
    pub day: f64,
    /// The treatment.
    pub treatment: &'a v1::Treatment,
}

/// Computes the exposure of a plan again, from the rates, the ship day and the effect days that the brief states.
pub fn exposure<'a>(brief: &'a v1::Brief, option: &'a v1::PlanOption) -> Exposure<'a> {
    let (horizon, ship) = (brief.planning.horizon_days, option.ships.day);
    let effects = effects(brief, option);
    let mut work_of: BTreeMap<&str, &v1::Work> = BTreeMap::new();
    for item in &brief.work {
        for id in &item.findings {
            work_of.entry(id).or_insert(item);
        }
    }
    let (mut total, mut baseline) = (0.0, 0.0);
    let findings = brief.findings.iter().map(|finding| {
        let id = finding.id.as_str();
        let rate = finding.rate.likely;
        let (start, effect) = match finding.origin.0 {
            Origin::Ambient | Origin::Resolved => (0.0, effects.get(id).copied()),
            Origin::Introduced | Origin::Unknown => (ship, effects.get(id).copied()),
        };
        let resolved = finding.origin.0 == Origin::Resolved;
        let effect = effect.filter(|_| !resolved);
        let (until, after) = match effect {
            _ if resolved => (ship.min(horizon), 0.0),
            None => (horizon, 0.0),
            Some(effect) => (effect.day.min(horizon), (horizon - effect.day.max(start)).max(0.0)),
        };
        let days_full = (until - start).max(0.0);
        let residual = effect.map_or(0.0, |effect| effect.treatment.residual);
        let points = rate * days_full + rate * residual * after;
        let open_at_ship = !resolved && effect.is_none_or(|effect| effect.day > ship + SLACK);
        total += points;
        baseline += if resolved { 0.0 } else { rate * horizon };
        let work = work_of.get(id).copied();
        Exposed { finding, work, start, effect, days_full, days_residual: after, points, open_at_ship }
    });
    let findings = findings.collect();
    let score = if baseline > 0.0 { 100.0 * (1.0 - total / baseline) } else { 100.0 };
    Exposure { findings, total, baseline, score }
}

/// By finding, the treatment that takes effect first.
fn effects<'a>(brief: &'a v1::Brief, option: &'a v1::PlanOption) -> BTreeMap<&'a str, InEffect<'a>> {
    let work: BTreeMap<&str, &v1::Work> = brief.work.iter().map(|item| (item.id.as_str(), item)).collect();
    let mut effects: BTreeMap<&str, InEffect<'a>> = BTreeMap::new();
    for step in &option.steps {
        let Some(day) = step.effect_day else { continue };
        let Some(item) = work.get(step.work.as_str()) else { continue };
        let Some(treatment) = item.treatments.iter().find(|known| known.id == step.treatment) else { continue };
        for id in &item.findings {
            let first = effects.get(id.as_str()).is_none_or(|known| day < known.day);
            if first {
                effects.insert(id, InEffect { day, treatment });
            }
        }
    }
    effects
}
