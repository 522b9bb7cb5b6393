//! Exposure over time, as the steps of a staircase.
//!
//! The same sum as the exposure of an option (DESIGN section 5), before it is added up: at every moment, the rates of
//! what is open. What came with the change counts from ship, what was there before from now, what the change resolves
//! until ship; treated findings leave their remainder.

use std::collections::{BTreeMap, HashMap};

use crate::model::brief::Brief;
use crate::model::option::PlanOption;
use crate::model::origin::Origin;

use super::super::page;
use super::scale::{Scale, short};

/// Height of the drawing.
const HEIGHT: f64 = 96.0;
/// Room above the highest step, for the name of the line that nothing treated would follow.
const TOP: f64 = 20.0;

/// A period in which nothing changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// First day.
    pub from: f64,
    /// Last day.
    pub to: f64,
    /// Points a day.
    pub rate: f64,
}

/// The staircase of one option, from now to the horizon.
pub fn levels(brief: &Brief, option: &PlanOption) -> Vec<Level> {
    let horizon = brief.plan.planning.horizon_days;
    let ship = option.ships.day;
    let effects = effects(brief, option);
    // By day, how much the rate changes; days are whole thousandths of a second, so that equal days are one.
    let mut changes: BTreeMap<i64, f64> = BTreeMap::new();
    let mut change = |day: f64, by: f64| *changes.entry(moment(day.clamp(0.0, horizon))).or_default() += by;
    for assessed in &brief.assessment.findings {
        let rate = assessed.rate.points_per_day.likely;
        let start = match assessed.finding.origin {
            Origin::Resolved => {
                change(0.0, rate);
                change(ship, -rate);
                continue;
            }
            Origin::Ambient => 0.0,
            Origin::Introduced | Origin::Unknown => ship,
        };
        change(start, rate);
        if let Some(&(day, residual)) = effects.get(assessed.finding.id.as_str()) {
            change(day.max(start), rate * (residual - 1.0));
        }
    }
    changes.entry(moment(horizon)).or_default();
    let mut levels = Vec::new();
    let mut rate = 0.0;
    let mut from: Option<i64> = None;
    for (at, by) in changes {
        if let Some(from) = from {
            levels.push(Level { from: day(from), to: day(at), rate: f64::max(rate, 0.0) });
        }
        rate += by;
        from = Some(at);
    }
    levels
}

/// Points a day if the change shipped now and nothing were treated.
pub fn untreated(brief: &Brief) -> f64 {
    brief.open_findings().map(|assessed| assessed.rate.points_per_day.likely).sum()
}

/// By finding, the day of the first treatment in effect and the share of the rate that it leaves.
fn effects<'a>(brief: &'a Brief, option: &PlanOption) -> HashMap<&'a str, (f64, f64)> {
    let mut effects: HashMap<&str, (f64, f64)> = HashMap::new();
    for step in &option.steps {
        let (Some(day), Some(treatment), Some(item)) =
            (step.effect, page::treatment(brief, step), brief.work(&step.work))
        else {
            continue;
        };
        for finding in &item.findings {
            let known = effects.entry(finding).or_insert((day, treatment.residual.likely));
            if day < known.0 {
                *known = (day, treatment.residual.likely);
            }
        }
    }
    effects
}

const MOMENTS_A_DAY: f64 = 86_400_000.0;

#[allow(clippy::cast_possible_truncation, reason = "as saturates; days are within the horizon")]
fn moment(day: f64) -> i64 {
    (day * MOMENTS_A_DAY).round() as i64
}

#[allow(clippy::cast_precision_loss, reason = "a horizon has fewer moments than a double has digits")]
fn day(moment: i64) -> f64 {
    moment as f64 / MOMENTS_A_DAY
}

/// The staircase drawn.
pub struct Area {
    /// What is exposed.
    pub slabs: Vec<Slab>,
    /// Upper edge of what would be exposed if nothing were treated.
    pub untreated: String,
    /// Its height.
    pub below: String,
    /// Where its name stands.
    pub name: String,
}

/// A period as a rectangle that stands on the ground.
pub struct Slab {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// Upper edge.
    pub y: String,
    /// Height.
    pub height: String,
}

/// Draws `levels` up to `last` days; the highest of `top` points a day fills the height.
pub fn area(levels: &[Level], scale: &Scale, last: f64, untreated: f64, top: f64) -> Area {
    let height = |rate: f64| if top > 0.0 { rate / top * (HEIGHT - TOP) } else { 0.0 };
    let seen = levels.iter().filter(|level| level.from < last && level.to > level.from && level.rate > 0.0);
    let slabs = seen.map(|level| Slab {
        x: scale.x(level.from),
        width: scale.width(level.from, level.to.min(last), 0.0),
        y: short(HEIGHT - height(level.rate)),
        height: short(height(level.rate)),
    });
    Area {
        slabs: slabs.collect(),
        untreated: short(HEIGHT - height(untreated)),
        below: short(height(untreated)),
        name: short(HEIGHT - height(untreated) - 6.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    /// What is seen is what is counted: the area under the staircase is the exposure of the option.
    #[test]
    fn the_area_is_the_exposure() {
        for (name, brief) in fixture::all() {
            let horizon = brief.plan.planning.horizon_days;
            for option in &brief.plan.options {
                let area: f64 = levels(&brief, option).iter().map(|level| (level.to - level.from) * level.rate).sum();
                assert!(
                    (area - option.exposure).abs() < 1e-4,
                    "{name} {}: {area} {}",
                    option.name.as_str(),
                    option.exposure
                );
                let baseline = untreated(&brief) * horizon;
                assert!((baseline - option.baseline_exposure).abs() < 1e-6, "{name}: {baseline}");
            }
        }
    }

    #[test]
    fn the_staircase_has_no_gaps() {
        let brief = fixture::beyond_tolerance();
        for option in &brief.plan.options {
            let levels = levels(&brief, option);
            assert_eq!((levels[0].from, levels[levels.len() - 1].to), (0.0, 90.0));
            assert!(levels.windows(2).all(|pair| (pair[0].to - pair[1].from).abs() < f64::EPSILON));
        }
    }
}
