//! Hours of queued work, cut into cells that have a price each, and what a day of them is worth.

use crate::plan::problem::{Clock, HORIZON, Problem};

/// Hours of work within the horizon, cut at the ends of work windows and between.
#[derive(Debug)]
pub struct Grid {
    /// Ends of the cells in hours of queued work, from 0 on.
    pub bounds: Vec<f64>,
}

impl Grid {
    /// About so many cells, at least one for each work window in which something can be done within the horizon.
    pub fn new(problem: &Problem, cells: usize) -> Self {
        let longest = |item: &crate::plan::problem::Item| item.choices.iter().map(|c| c.hours).fold(0.0, f64::max);
        let most: f64 = problem.items.iter().map(longest).sum();
        let mut windows = Vec::new();
        let mut done = 0.0;
        for window in problem.clock.calendar().work.iter().filter(|window| window.from < HORIZON) {
            if done >= most {
                break;
            }
            windows.push((done, window.hours));
            done += window.hours;
        }
        let parts = u32::try_from((cells / windows.len().max(1)).clamp(1, 8)).unwrap_or(1);
        let mut bounds = vec![0.0];
        for (from, hours) in windows {
            bounds.extend((1..=parts).map(|part| hours.mul_add(f64::from(part) / f64::from(parts), from)));
        }
        Self { bounds }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Hours of a cell.
    pub fn hours(&self, cell: usize) -> f64 {
        self.bounds[cell + 1] - self.bounds[cell]
    }

    /// The cell in which work that begins after so many hours is done; the last one if it is in none.
    pub fn cell_of(&self, hours: f64) -> usize {
        self.bounds.partition_point(|&bound| bound <= hours).clamp(1, self.len()) - 1
    }

    /// End of the last cell.
    pub fn end(&self) -> f64 {
        self.bounds[self.len()]
    }
}

/// An interval of the ship day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// First day.
    pub from: f64,
    /// Last day.
    pub to: f64,
}

/// A place at which work can end, and what it then is worth.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Hours of queued work up to the end of this one.
    pub hours: f64,
    /// Days that remain of the horizon after effect: for findings that come with the change, and for those that are live.
    pub left: Worth,
    /// The same if it ends a moment later.
    pub later: Worth,
}

/// Days of the horizon that remain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Of findings that come with the change, of which none is open before ship.
    pub introduced: f64,
    /// Of findings that are live.
    pub ambient: f64,
}

/// Treatments that take effect in the same manner.
#[derive(Debug)]
pub struct Manner {
    /// Days between the end of the work and its effect.
    pub lead: f64,
    /// Whether it takes effect at once rather than with a release.
    pub at_once: bool,
    /// Where its worth bends, and the bounds of the cells; between two stops it is linear.
    pub stops: Vec<Stop>,
}

/// Rounding in days, to look at the other side of a jump.
const MOMENT: f64 = 1e-8;

impl Manner {
    /// The worth of days within an interval of the ship day is taken where it is highest: findings that come with the change
    /// are exposed least if it ships last, those that are live if it ships first.
    pub fn new(problem: &Problem, grid: &Grid, ship: Interval, lead: f64, at_once: bool) -> Self {
        let clock = &problem.clock;
        let mut hours = grid.bounds.clone();
        let mut bends = vec![ship.from, ship.to, HORIZON];
        if !at_once {
            let releases = clock.calendar().releases.iter().take_while(|window| window.from < HORIZON);
            bends.extend(releases.flat_map(|window| [window.from, window.to]));
        }
        let end = grid.end();
        hours.extend(bends.iter().map(|day| clock.hours_by(day - lead)).filter(|&hours| hours > 0.0 && hours < end));
        hours.sort_by(f64::total_cmp);
        hours.dedup_by(|a, b| *a - *b < 1e-9);
        let worth = |ready: f64, later: bool| {
            let moment = if later { MOMENT } else { 0.0 };
            let effect = |ship: f64| {
                if at_once {
                    ready
                } else if ready + moment <= ship {
                    ship
                } else {
                    clock.release(ready + moment)
                }
            };
            let days = |effect: f64| (HORIZON - effect).max(0.0);
            Worth { introduced: days(effect(ship.to).max(ship.to)), ambient: days(effect(ship.from)) }
        };
        let stop = |hours: f64| Stop {
            hours,
            left: worth(clock.done(hours) + lead, false),
            later: worth(begins(clock, hours) + lead, true),
        };
        Self { lead, at_once, stops: hours.into_iter().map(stop).collect() }
    }

    /// Hours of queued work by which a treatment must be done to be ready by a day; negative if it cannot be.
    pub fn hours_by(&self, clock: &Clock, day: f64) -> f64 {
        let day = day - self.lead + 1e-9;
        if day < 0.0 { -1.0 } else { clock.hours_by(day) + 1e-9 }
    }

    /// Last day on which a treatment may be ready to be in effect by `day`, if that is not by the ship day itself.
    pub fn last_ready(&self, clock: &Clock, day: f64) -> f64 {
        if self.at_once {
            return day;
        }
        let releases = &clock.calendar().releases;
        let next = releases.partition_point(|window| window.from <= day + 1e-9);
        next.checked_sub(1).map_or(f64::NEG_INFINITY, |last| day.min(releases[last].to))
    }
}

/// Day on which work begins after so many hours.
fn begins(clock: &Clock, hours: f64) -> f64 {
    clock.done_in(hours, clock.window_of(hours + 1e-8))
}
