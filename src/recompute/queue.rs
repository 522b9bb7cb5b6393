//! The queue of work: when each step is done and in effect, and in which release window the change ships.

use std::collections::BTreeMap;

use crate::model::option::Phase;
use crate::model::work::TakesEffect;
use crate::render::json::v1;

/// Rounding, in hours or days, that does not push anything over the edge of a window: published edges have ten
/// significant digits.
const SLACK: f64 = 1e-6;

/// A plan's steps with their days computed again.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue<'a> {
    /// In the order of the plan, accepted items included.
    pub steps: Vec<Queued<'a>>,
    /// When it ships; `None` if no release window is left.
    pub shipping: Option<Shipping>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued<'a> {
    /// As the brief states it.
    pub step: &'a v1::Step,
    /// Its work item, if the brief has it.
    pub work: Option<&'a v1::Work>,
    /// Its treatment, if the brief has it; `None` if the item is accepted.
    pub treatment: Option<&'a v1::Treatment>,
    /// Hours of work up to the end of this step.
    pub hours_so_far: f64,
    /// Day on which so many hours are done; `None` if accepted or beyond the calendar.
    pub done: Option<f64>,
    /// Day on which it takes effect; `None` as above.
    pub effect: Option<f64>,
}

/// How the ship day comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shipping {
    /// Day on which the work before ship, and what has to pass after it, is over.
    pub ready: f64,
    /// Number of the release window, from 0.
    pub number: usize,
    /// The release window.
    pub window: v1::ReleaseWindow,
    /// The later of `ready` and the beginning of the window.
    pub day: f64,
}

/// Computes the days of a plan again, from its hours, the work windows and the release windows.
pub fn queue<'a>(brief: &'a v1::Brief, option: &'a v1::PlanOption) -> Queue<'a> {
    let work: BTreeMap<&str, &v1::Work> = brief.work.iter().map(|item| (item.id.as_str(), item)).collect();
    let mut hours = 0.0;
    let mut steps: Vec<Queued<'a>> = Vec::new();
    for step in &option.steps {
        let item = work.get(step.work.as_str()).copied();
        let treatment = item.and_then(|item| item.treatments.iter().find(|known| known.id == step.treatment));
        hours += step.hours;
        let treated = step.phase.0 != Phase::Accept;
        let done = if treated { day_of_hours(hours, &brief.planning.work_windows) } else { None };
        steps.push(Queued { step, work: item, treatment, hours_so_far: hours, done, effect: None });
    }
    let before = steps.iter().filter(|queued| queued.step.phase.0 == Phase::BeforeShip);
    let ready = before.map(ready_day).try_fold(0.0_f64, |latest, ready| Some(latest.max(ready?)));
    let releases = &brief.planning.release_windows;
    let shipping = ready.and_then(|ready| {
        let (number, day) = release(ready, releases)?;
        Some(Shipping { ready, number, window: releases[number], day })
    });
    for queued in &mut steps {
        queued.effect = effect_day(queued, shipping.map(|shipping| shipping.day), releases);
    }
    Queue { steps, shipping }
}

/// Day on which the work of a step and its lead time are over.
fn ready_day(queued: &Queued<'_>) -> Option<f64> {
    Some(queued.done? + queued.treatment.map_or(0.0, |treatment| treatment.lead_days))
}

/// With the release if that is still to come, else with the next one; at once if it needs none.
fn effect_day(queued: &Queued<'_>, ship: Option<f64>, releases: &[v1::ReleaseWindow]) -> Option<f64> {
    let (ready, treatment) = (ready_day(queued)?, queued.treatment?);
    match (treatment.takes_effect.0, ship) {
        (TakesEffect::AtOnce, _) => Some(ready),
        (TakesEffect::AtRelease, Some(ship)) if ready <= ship + SLACK => Some(ship),
        (TakesEffect::AtRelease, _) => release(ready, releases).map(|(_, day)| day),
    }
}

/// The day on which so many hours of work are done.
fn day_of_hours(hours: f64, windows: &[v1::WorkWindow]) -> Option<f64> {
    if hours <= 0.0 {
        return Some(0.0);
    }
    let mut left = hours;
    for window in windows.iter().filter(|window| window.hours > 0.0) {
        if left <= window.hours + SLACK {
            return Some(window.from + (left / window.hours).clamp(0.0, 1.0) * (window.to - window.from));
        }
        left -= window.hours;
    }
    None
}

/// The first release window that is not over on that day, and the first moment in it.
fn release(day: f64, windows: &[v1::ReleaseWindow]) -> Option<(usize, f64)> {
    let number = windows.iter().position(|window| window.to.is_none_or(|to| to >= day - SLACK))?;
    Some((number, day.max(windows[number].from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stands_still_between_windows_and_a_release_waits_for_its_window() {
        let work = [0.0, 1.0].map(|from| v1::WorkWindow { from, to: from + 0.25, hours: 6.0 });
        for (hours, day) in [(0.0, Some(0.0)), (3.0, Some(0.125)), (6.0, Some(0.25)), (9.0, Some(1.125)), (13.0, None)]
        {
            assert_eq!(day_of_hours(hours, &work), day, "{hours}");
        }
        let releases = [(0.0, Some(0.25)), (2.0, None)].map(|(from, to)| v1::ReleaseWindow { from, to });
        assert_eq!(release(0.25, &releases), Some((0, 0.25)));
        assert_eq!(release(0.3, &releases), Some((1, 2.0)));
        assert_eq!(release(9.0, &releases), Some((1, 9.0)));
    }
}
