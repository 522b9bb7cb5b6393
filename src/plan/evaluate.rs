//! What a queue of work amounts to: when it ships, what it exposes, which limits and dates it misses.
//!
//! Everything here follows DESIGN section 5 to the letter, because it is recomputed from outside. The one rewriting is
//! that exposure is counted as what accepting everything would expose, less what each treatment saves
//! ([`Item::saving`](super::problem::Item::saving)); the sum per finding is the same.

use super::problem::{EPSILON, HORIZON, Problem};

/// A treated item in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Problem::items`].
    pub item: usize,
    /// Index into the item's choices.
    pub choice: usize,
}

/// A plan in the solvers' terms: treated items in the order of work, and the ship marker after the first `marker` of
/// them. Items that are not in it are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// Treated items in the order of work.
    pub places: Vec<Place>,
    /// How many of them stand before the ship marker.
    pub marker: usize,
}

/// What a queue amounts to. Every figure is better when lower.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measure {
    /// Findings above tolerance at ship in `before_ship` rows, and missed due dates that may not be waived.
    pub firm: u32,
    /// Missed due dates that may be waived.
    pub missed: u32,
    /// Findings above tolerance at the horizon, and findings whose missed due date has no end within it.
    pub lasting: u32,
    /// Findings above tolerance at ship in rows that may be waived.
    pub red: u32,
    /// Findings above appetite at ship.
    pub amber: u32,
    /// Day on which it ships.
    pub ship: f64,
    /// Effort in hours.
    pub effort: f64,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
}

/// A plan and what it amounts to.
pub type Solved = (Queue, Measure);

/// When one treated item is done and in effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// Day on which the work is done.
    pub done: f64,
    /// Day on which it takes effect.
    pub effect: f64,
}

/// Evaluates queues of one problem without allocating for each.
pub struct Evaluator<'a> {
    problem: &'a Problem,
    timings: Vec<Timing>,
    open_at_ship: Vec<u32>,
    open_at_horizon: Vec<u32>,
}

/// Effect day of a treatment whose work and lead are over on day `ready`: with the release if that is still to come,
/// else with the next release; at once if it needs none.
pub fn effect_day(problem: &Problem, at_once: bool, ready: f64, ship: f64) -> f64 {
    if at_once {
        ready
    } else if ready <= ship {
        ship
    } else {
        problem.clock.release(ready)
    }
}

/// Exposure if nothing were treated and the change shipped on day `ship`.
pub fn untreated(problem: &Problem, ship: f64) -> f64 {
    let totals = &problem.totals;
    let shipped = HORIZON - ship.min(HORIZON);
    totals.introduced * shipped + totals.ambient * HORIZON + totals.resolved * ship.min(HORIZON)
}

impl<'a> Evaluator<'a> {
    /// An evaluator for one problem.
    pub fn new(problem: &'a Problem) -> Self {
        let rows = problem.rows.len();
        Self { problem, timings: Vec::new(), open_at_ship: vec![0; rows], open_at_horizon: vec![0; rows] }
    }

    /// Measures a queue; `None` if it does not ship, or something in it takes no effect, before the calendar ends.
    pub fn measure(&mut self, queue: &Queue) -> Option<Measure> {
        let problem = self.problem;
        let ship = self.times(queue)?;
        for (row, (at_ship, at_horizon)) in
            problem.rows.iter().zip(self.open_at_ship.iter_mut().zip(&mut self.open_at_horizon))
        {
            *at_ship = row.total;
            *at_horizon = row.total;
        }
        let mut lasting = problem.totals.firm_dues + problem.totals.soft_dues;
        let mut measure = Measure {
            firm: problem.totals.firm_dues,
            missed: problem.totals.soft_dues,
            lasting: 0,
            red: 0,
            amber: 0,
            ship,
            effort: 0.0,
            exposure: untreated(problem, ship),
        };
        for (place, timing) in queue.places.iter().zip(&self.timings) {
            let item = &problem.items[place.item];
            let choice = &item.choices[place.choice];
            measure.effort += choice.hours;
            measure.exposure -= item.saving(choice, timing.effect, ship);
            for due in &item.dues {
                if !due.missed(timing.effect, ship) {
                    *(if due.firm { &mut measure.firm } else { &mut measure.missed }) -= due.count;
                }
                if !due.lasting(timing.effect, ship) {
                    lasting -= due.count;
                }
            }
            let by_ship = timing.effect <= ship + EPSILON;
            let by_horizon = timing.effect <= ship.max(HORIZON) + EPSILON;
            for &(row, count) in &item.rows {
                self.open_at_ship[row] -= if by_ship { count } else { 0 };
                self.open_at_horizon[row] -= if by_horizon { count } else { 0 };
            }
        }
        measure.lasting = lasting;
        for (row, (at_ship, at_horizon)) in problem.rows.iter().zip(self.open_at_ship.iter().zip(&self.open_at_horizon))
        {
            let red = at_ship.saturating_sub(row.tolerance);
            *(if row.before_ship { &mut measure.firm } else { &mut measure.red }) += red;
            measure.amber += at_ship.saturating_sub(row.appetite);
            measure.lasting += at_horizon.saturating_sub(row.tolerance);
        }
        Some(measure)
    }

    /// How many places, from the first, are done before the calendar ends.
    pub fn fitting(&self, queue: &Queue) -> usize {
        let (mut hours, mut window) = (0.0, 0);
        let is_done = |place: &&Place| {
            hours += self.problem.items[place.item].choices[place.choice].hours;
            self.problem.clock.done_next(hours, &mut window).is_finite()
        };
        queue.places.iter().take_while(is_done).count()
    }

    /// Ship day of a queue; the timings of its places can then be read. `None` as for [`Self::measure`].
    pub fn times(&mut self, queue: &Queue) -> Option<f64> {
        let problem = self.problem;
        self.timings.clear();
        let mut hours = 0.0;
        let mut latest: f64 = 0.0;
        let mut window = 0;
        for (position, place) in queue.places.iter().enumerate() {
            let choice = &problem.items[place.item].choices[place.choice];
            hours += choice.hours;
            let done = problem.clock.done_next(hours, &mut window);
            // What is never done takes no effect, and neither does what comes after it.
            if done.is_infinite() {
                return None;
            }
            if position < queue.marker {
                latest = latest.max(done + choice.lead);
            }
            self.timings.push(Timing { done, effect: f64::INFINITY });
        }
        let ship = problem.clock.release(latest);
        if !ship.is_finite() {
            return None;
        }
        for (place, timing) in queue.places.iter().zip(&mut self.timings) {
            let choice = &problem.items[place.item].choices[place.choice];
            timing.effect = effect_day(problem, choice.at_once, timing.done + choice.lead, ship);
            if !timing.effect.is_finite() {
                return None;
            }
        }
        Some(ship)
    }

    /// Timings of the places of the queue measured last.
    pub fn timings(&self) -> &[Timing] {
        &self.timings
    }
}
