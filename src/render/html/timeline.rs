//! One timeline per option: work before ship, the ship marker, work after ship, what is promised by when, and under it
//! the exposure that is left meanwhile. All options share one scale, so that the eye compares.

use std::collections::BTreeMap;

use crate::model::brief::Brief;
use crate::model::option::{Commitment, Phase, PlanOption, Step};

use super::super::dates::Dates;
use super::super::page;
use super::super::words;
use super::axis::{self, Axis};
use super::exposure::{self, Area, Level};
use super::marks;
use super::scale::Scale;

/// Steps that are drawn; the others are counted and listed.
const STEPS: usize = 14;
/// Steps that are listed.
const LISTED: usize = 200;
/// Days that a chart shows at least.
const SHORTEST: f64 = 3.0;

/// The options over time.
pub struct Timelines {
    /// The days; `None` without declared capacity, because there are no dates then.
    pub axis: Option<Axis>,
    /// The days to the horizon.
    pub whole: Axis,
    /// Length of the horizon.
    pub horizon: String,
    /// One per option.
    pub options: Vec<Timeline>,
    /// Time zone of the dates.
    pub zone: String,
    /// Points a day if nothing were treated.
    pub untreated: String,
}

/// One option over time.
pub struct Timeline {
    /// Name of the option as commands write it.
    pub id: &'static str,
    /// Its name for people.
    pub name: String,
    /// What it is marked as: chosen, or recommended.
    pub tag: Option<&'static str>,
    /// When it ships, in words.
    pub ships: String,
    /// Where it ships.
    pub ship_x: String,
    /// Steps before ship.
    pub before: Vec<Bar>,
    /// Steps after ship.
    pub after: Vec<Bar>,
    /// Steps that are not drawn, in words.
    pub more: Vec<String>,
    /// How many steps are neither drawn nor listed.
    pub left: usize,
    /// What is not treated, in words; empty if everything is.
    pub accepted: String,
    /// Exposure while the work goes on.
    pub near: Area,
    /// Exposure to the horizon.
    pub far: Area,
    /// Exposure in words.
    pub exposure: String,
}

/// One step.
pub struct Bar {
    /// What is done.
    pub title: String,
    /// How long it takes, when it is done, and until when it is promised.
    pub note: String,
    /// Where the work begins.
    pub x: String,
    /// How long it takes.
    pub width: String,
    /// Where it takes effect, if later than it is done.
    pub effect: Option<String>,
    /// Where it ends.
    pub end: String,
    /// Where it is promised, if that is within the chart.
    pub due: Option<String>,
}

/// The options over time; `None` without options.
pub fn timelines(brief: &Brief, dates: &Dates) -> Option<Timelines> {
    let plan = &brief.plan;
    if plan.options.is_empty() {
        return None;
    }
    let horizon = plan.planning.horizon_days;
    let last = last_day(brief, horizon);
    let (near, far) = (Scale::new(0.0, last), Scale::new(0.0, horizon));
    let staircases: Vec<Vec<Level>> = plan.options.iter().map(|option| exposure::levels(brief, option)).collect();
    let untreated = exposure::untreated(brief);
    let top = staircases.iter().flatten().map(|level| level.rate).fold(untreated, f64::max);
    let timeline = |(option, levels): (&PlanOption, &Vec<Level>)| {
        let drawn: Vec<&Step> = option.steps.iter().filter(|step| step.phase != Phase::Accept).collect();
        let promises: BTreeMap<&str, &Commitment> =
            option.commitments.iter().map(|promise| (promise.work.as_str(), promise)).collect();
        let (before, after) = bars(brief, &drawn, &promises, &near, dates);
        let lines = drawn
            .iter()
            .skip(STEPS)
            .map(|step| format!("{}: {}", page::step_title(brief, step), note(brief, step, &promises, dates)));
        let column = page::column(brief, option);
        Timeline {
            id: marks::option(option.name),
            name: column.name,
            tag: column.tag,
            ships: if plan.planning.dated {
                page::planned(option, dates)
            } else {
                words::hours(option.ships.hours_before_ship)
            },
            ship_x: near.x(option.ships.day),
            before,
            after,
            more: lines.take(LISTED).collect(),
            left: drawn.len().saturating_sub(STEPS + LISTED),
            accepted: accepted(brief, option),
            near: exposure::area(levels, &near, last, untreated, top),
            far: exposure::area(levels, &far, horizon, untreated, top),
            exposure: format!(
                "{} of {} points are left within {horizon} days; {} % is avoided.",
                words::points(option.exposure),
                words::points(option.baseline_exposure),
                words::score(option.score),
            ),
        }
    };
    Some(Timelines {
        axis: plan.planning.dated.then(|| axis::axis(brief, dates, &near, last)),
        whole: Axis { closed: Vec::new(), ..axis::axis(brief, dates, &far, horizon) },
        horizon: format!("{horizon}"),
        options: plan.options.iter().zip(&staircases).map(timeline).collect(),
        zone: dates.zone_name().to_owned(),
        untreated: words::points(untreated),
    })
}

/// Up to where the charts go: a little beyond the last work, ship or effect of any option, and to due dates that are
/// not far beyond that.
fn last_day(brief: &Brief, horizon: f64) -> f64 {
    let steps = brief.plan.options.iter().flat_map(|option| &option.steps);
    let work = steps.flat_map(|step| [step.done, step.effect]).flatten();
    let ships = brief.plan.options.iter().map(|option| option.ships.day);
    let busy = work.chain(ships).fold(0.0, f64::max);
    let due = brief
        .plan
        .options
        .iter()
        .flat_map(|option| &option.commitments)
        .map(|promise| promise.due.duration_since(brief.plan.planning.calendar.now).as_secs_f64() / 86_400.0);
    let near_due = due.filter(|&day| day <= busy.max(SHORTEST) * 2.0).fold(busy, f64::max);
    (near_due * 1.12).max(SHORTEST).min(horizon.max(busy * 1.02))
}

/// The first steps, those before ship and those after it.
fn bars(
    brief: &Brief,
    steps: &[&Step],
    promises: &BTreeMap<&str, &Commitment>,
    scale: &Scale,
    dates: &Dates,
) -> (Vec<Bar>, Vec<Bar>) {
    // Work items are done one after another: each begins where the one before it is done.
    let starts = std::iter::once(0.0).chain(steps.iter().map(|step| step.done.unwrap_or(0.0)));
    let bar = |(step, start): (&&Step, f64)| {
        let done = step.done.unwrap_or(start);
        let due = promises.get(step.work.as_str()).map(|promise| dates.day_of(promise.due));
        Bar {
            title: page::step_title(brief, step),
            note: note(brief, step, promises, dates),
            x: scale.x(start),
            width: scale.width(start, done, 0.4),
            effect: step.effect.filter(|&effect| effect > done + 1e-6).map(|effect| scale.x(effect)),
            end: scale.x(done),
            due: due.filter(|&day| scale.holds(day)).map(|day| scale.x(day)),
        }
    };
    let drawn = steps.iter().zip(starts).take(STEPS);
    let (before, after): (Vec<_>, Vec<_>) = drawn.partition(|(step, _)| step.phase == Phase::BeforeShip);
    (before.into_iter().map(bar).collect(), after.into_iter().map(bar).collect())
}

/// "2–10 h, done Wed 2026-11-25; promised by Tue 2026-12-08".
fn note(brief: &Brief, step: &Step, promises: &BTreeMap<&str, &Commitment>, dates: &Dates) -> String {
    let mut note = words::hours(step.effort);
    if !brief.plan.planning.dated {
        return note;
    }
    if let Some(done) = step.done.and_then(|day| dates.at_day(day)) {
        note.push_str(&format!(", done {}", dates.time(done)));
    }
    if let Some(promise) = promises.get(step.work.as_str()) {
        note.push_str(&format!("; promised by {}", dates.weekday(promise.due)));
    }
    note
}

fn accepted(brief: &Brief, option: &PlanOption) -> String {
    let titles: Vec<String> = option
        .steps
        .iter()
        .filter(|step| step.phase == Phase::Accept)
        .map(|step| brief.work(&step.work).map_or_else(|| step.work.clone(), |item| item.title.clone()))
        .collect();
    words::list_up_to(&titles, 6)
}
