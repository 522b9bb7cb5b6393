//! The planning problem as bare numbers, so that solvers neither read nor allocate text.

use crate::model::calendar::{Calendar, WorkWindow};

/// Horizon of the exposure sum, in days.
pub const HORIZON: f64 = 90.0;

/// Rounding that no comparison of days or counts may depend on.
pub const EPSILON: f64 = 1e-9;

/// What there is to decide: for each item a choice and a place in the queue, and where the ship marker stands.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Items that can be treated. What cannot be treated only shows in the totals.
    pub items: Vec<Item>,
    /// Tolerance rows.
    pub rows: Vec<Row>,
    /// Working time and releases.
    pub clock: Clock,
    /// Totals over all open findings and the resolved ones.
    pub totals: Totals,
}

/// Sums over findings that no plan can change.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Exposure rate of introduced (and unknown) findings, in points per day.
    pub introduced: f64,
    /// Exposure rate of ambient findings.
    pub ambient: f64,
    /// Exposure rate of findings that the change resolves.
    pub resolved: f64,
    /// Due dates that may not be waived.
    pub firm_dues: u32,
    /// Due dates that may be waived.
    pub soft_dues: u32,
}

impl Totals {
    /// E₀: exposure if the change shipped now and nothing were treated.
    pub fn baseline(&self) -> f64 {
        (self.introduced + self.ambient) * HORIZON
    }
}

/// One work item.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Its place in the list of work items.
    pub work: usize,
    /// Exposure rate of its introduced (and unknown) findings.
    pub introduced: f64,
    /// Exposure rate of its ambient findings.
    pub ambient: f64,
    /// Ways to treat it, never empty.
    pub choices: Vec<Choice>,
    /// Tolerance rows that count its findings: index of the row, number of findings.
    pub rows: Vec<(usize, u32)>,
    /// Due dates of its findings.
    pub dues: Vec<Due>,
}

/// One way to treat an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Its place in the work item's list of treatments.
    pub treatment: usize,
    /// Effort in hours of one person.
    pub hours: f64,
    /// Share of the exposure rate that remains.
    pub residual: f64,
    /// Whether it takes effect at once rather than with a release.
    pub at_once: bool,
    /// Days between the end of the work and its effect.
    pub lead: f64,
}

/// A due date that one or more findings of an item share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Due {
    /// Days since `now`; negative if it has passed.
    pub day: f64,
    /// Whether the findings come with the change, so that they are not open before it ships.
    pub introduced: bool,
    /// Whether it may not be waived.
    pub firm: bool,
    /// Number of findings.
    pub count: u32,
}

impl Due {
    /// Whether a treatment with effect on day `effect` misses it, if the change ships on day `ship`.
    pub fn missed(&self, effect: f64, ship: f64) -> bool {
        effect > self.last_day(ship) + EPSILON
    }

    /// Whether the findings are still open when both the date and the horizon have passed: late without an end.
    pub fn lasting(&self, effect: f64, ship: f64) -> bool {
        effect > self.last_day(ship).max(HORIZON) + EPSILON
    }

    /// A finding is not open before `now`, and one that comes with the change is not open before ship.
    fn last_day(&self, ship: f64) -> f64 {
        self.day.max(if self.introduced { ship } else { 0.0 })
    }
}

/// One tolerance row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Open findings that it counts if nothing is treated.
    pub total: u32,
    /// Amber above this.
    pub appetite: u32,
    /// Red above this, `u32::MAX` if it cannot be red.
    pub tolerance: u32,
    /// Whether it must be within tolerance at ship.
    pub before_ship: bool,
}

impl Row {
    /// Whether any plan can change how it stands.
    pub fn matters(&self) -> bool {
        self.total > self.appetite.min(self.tolerance)
    }
}

impl Item {
    /// Exposure that a treatment with effect on day `effect` saves compared with accepting the item, in points, if the
    /// change ships on day `ship`: (1 − residual)·(ρᵢ·(H − max(effect, ship)) + ρₐ·(H − effect)), with the
    /// rates of its introduced and of its ambient findings; differences below 0 count as 0.
    pub fn saving(&self, choice: &Choice, effect: f64, ship: f64) -> f64 {
        let introduced = self.introduced * (HORIZON - effect.max(ship)).max(0.0);
        let ambient = self.ambient * (HORIZON - effect).max(0.0);
        (1.0 - choice.residual) * (introduced + ambient)
    }
}

/// [`Calendar`] with the sums that make it quick to ask. *Never* is infinity here.
#[derive(Debug, Clone)]
pub struct Clock {
    calendar: Calendar,
    /// Hours done by the end of each work window.
    done_by: Vec<f64>,
    /// The work windows, and after the last of them the time in which nothing is done.
    windows: Vec<Stretch>,
    /// Where to begin to look for the window in which an hour is done, for equal parts of all hours.
    parts: Parts,
    /// Where to begin to look for the release window of a day.
    days: Parts,
}

/// A work window.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Hours done before it.
    before: f64,
    /// Hours done by its end, and a moment.
    until: f64,
    from: f64,
    to: f64,
    days_per_hour: f64,
}

impl Stretch {
    /// Day on which the last of `hours` is done.
    fn done(&self, hours: f64) -> f64 {
        // Not `max` and `min`, which look for what is not a number.
        let worked = hours - self.before;
        let done = self.from + if worked > 0.0 { worked } else { 0.0 } * self.days_per_hour;
        if done < self.to { done } else { self.to }
    }
}

/// A first guess at where a value stands in an ascending list: it never stands before it.
#[derive(Debug, Clone, Default)]
struct Parts {
    per_part: f64,
    first: Vec<u32>,
}

impl Parts {
    /// For ends up to `last`, in so many parts for each end that most parts hold no more than one.
    fn new(ends: impl Iterator<Item = f64> + Clone, last: f64) -> Self {
        let count = 2 * ends.clone().count();
        if count == 0 || !(last > 0.0 && last.is_finite()) {
            return Self::default();
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred windows")]
        let per_part = last / count as f64;
        let mut first = Vec::with_capacity(count);
        let (mut index, mut ends) = (0, ends.peekable());
        for part in 0..count {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred windows")]
            let begin = per_part * part as f64;
            // A little early: a value may be taken for one of this part by rounding.
            while ends.next_if(|&end| end < begin - 1e-6 - 1e-9 * begin).is_some() {
                index += 1;
            }
            first.push(index);
        }
        Self { per_part, first }
    }

    /// Where to begin to look.
    fn before(&self, value: f64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in the list, or beyond it"
        )]
        let part = (value.max(0.0) / self.per_part) as usize;
        self.first.get(part.min(self.first.len().wrapping_sub(1))).map_or(0, |&first| first as usize)
    }
}

impl Clock {
    /// Prepares a calendar.
    pub fn new(calendar: Calendar) -> Self {
        let done_by: Vec<f64> = calendar
            .work
            .iter()
            .scan(0.0, |sum, window| {
                *sum += window.hours;
                Some(*sum)
            })
            .collect();
        let stretch = |(index, window): (usize, &WorkWindow)| Stretch {
            before: if index == 0 { 0.0 } else { done_by[index - 1] },
            until: done_by[index] + 1e-9,
            from: window.from,
            to: window.to,
            days_per_hour: (window.to - window.from) / window.hours,
        };
        let never = f64::INFINITY;
        let after = Stretch { before: 0.0, until: never, from: never, to: never, days_per_hour: 0.0 };
        let windows = calendar.work.iter().enumerate().map(stretch).chain([after]).collect();
        let ends = calendar.releases.iter().map(|window| window.to);
        let parts = Parts::new(done_by.iter().copied(), done_by.last().copied().unwrap_or_default());
        let days = Parts::new(ends, calendar.releases.last().map_or(0.0, |window| window.from));
        Self { calendar, done_by, windows, parts, days }
    }

    /// Day on which `hours` of queued work are done: [`Calendar::day_of_hours`], looked up.
    pub fn done(&self, hours: f64) -> f64 {
        if hours <= 0.0 {
            return 0.0;
        }
        self.done_in(hours, self.window_of(hours))
    }

    /// Index of the work window in which the last of `hours` is done; the number of windows if it is in none.
    pub fn window_of(&self, hours: f64) -> usize {
        let mut index = self.parts.before(hours);
        while self.done_by.get(index).is_some_and(|&sum| sum + 1e-9 < hours) {
            index += 1;
        }
        index
    }

    /// As [`Self::done`] for hours that only grow from call to call: `window` remembers where the last call ended.
    pub fn done_next(&self, hours: f64, window: &mut usize) -> f64 {
        if hours <= 0.0 {
            return 0.0;
        }
        while self.windows[*window].until < hours {
            *window += 1;
        }
        self.windows[*window].done(hours)
    }

    /// Day on which the last of `hours` is done, given the window in which that is.
    pub fn done_in(&self, hours: f64, index: usize) -> f64 {
        self.windows.get(index).map_or(f64::INFINITY, |window| window.done(hours))
    }

    /// First day at or after `day` on which a release can happen: [`Calendar::release_at_or_after`], looked up.
    pub fn release(&self, day: f64) -> f64 {
        if !day.is_finite() {
            return f64::INFINITY;
        }
        let releases = &self.calendar.releases;
        let mut index = self.days.before(day);
        while releases.get(index).is_some_and(|window| window.to < day - 1e-9) {
            index += 1;
        }
        releases.get(index).map_or(f64::INFINITY, |window| day.max(window.from))
    }

    /// As [`Self::release`] for days near to each other: `window` remembers where the last call ended.
    pub fn release_near(&self, day: f64, window: &mut usize) -> f64 {
        let releases = &self.calendar.releases;
        let is_over = |index: usize| releases.get(index).is_some_and(|window| window.to < day - 1e-9);
        while *window > 0 && !is_over(*window - 1) {
            *window -= 1;
        }
        while is_over(*window) {
            *window += 1;
        }
        releases.get(*window).map_or(f64::INFINITY, |window| if day > window.from { day } else { window.from })
    }

    /// Hours of work that fit before `day`.
    pub fn hours_by(&self, day: f64) -> f64 {
        let index = self.calendar.work.partition_point(|window| window.to < day);
        let before = if index == 0 { 0.0 } else { self.done_by[index - 1] };
        self.calendar.work.get(index).map_or(before, |window| {
            let share = ((day - window.from) / (window.to - window.from)).clamp(0.0, 1.0);
            before + window.hours * share
        })
    }

    /// The calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::ReleaseWindow;

    #[test]
    fn the_clock_says_what_the_calendar_says() {
        let calendar = Calendar {
            now: jiff::Timestamp::UNIX_EPOCH,
            work: vec![
                WorkWindow { from: 0.0, to: 0.25, hours: 4.0 },
                WorkWindow { from: 1.0, to: 1.5, hours: 6.0 },
                WorkWindow { from: 4.0, to: 4.5, hours: 6.0 },
            ],
            releases: vec![ReleaseWindow { from: 0.5, to: 0.6 }, ReleaseWindow { from: 3.0, to: 5.0 }],
        };
        let clock = Clock::new(calendar.clone());
        for step in 0..200 {
            let hours = f64::from(step) * 0.1;
            let expected = calendar.day_of_hours(hours).unwrap_or(f64::INFINITY);
            let same = (clock.done(hours) - expected).abs() < 1e-9
                || clock.done(hours).is_infinite() && expected.is_infinite();
            assert!(same, "{hours}");
            if clock.done(hours).is_finite() && hours > 0.0 {
                assert!((clock.hours_by(clock.done(hours)) - hours).abs() < 1e-6, "{hours}");
            }
            let (day, expected) = (hours / 3.0, calendar.release_at_or_after(hours / 3.0).unwrap_or(f64::INFINITY));
            assert_eq!(clock.release(day).to_bits(), expected.to_bits(), "{day}");
        }
        assert!(clock.release(5.1).is_infinite());
    }
}
