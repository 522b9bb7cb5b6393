//! What a queue of work amounts to: when it ships, what it exposes, which limits and dates it misses.
//!
//! Everything here follows DESIGN section 5 to the letter, because it is recomputed from outside. The one rewriting is
//! that exposure is counted as what accepting everything would expose, less what each treatment saves
//! ([`Item::saving`](super::problem::Item::saving)); the sum per finding is the same.

use super::problem::{EPSILON, HORIZON, Problem, Row};

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
    /// Findings above tolerance at ship in `before_ship` rows: the release is held for them, so that a plan with any is one
    /// only where there is no other.
    pub held: u32,
    /// Missed due dates that may not be waived.
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

/// Evaluates queues of one problem, over and over: what it needs of the problem lies side by side, and nothing is allocated for
/// a queue.
pub struct Evaluator<'a> {
    problem: &'a Problem,
    /// Where the ways of each item begin.
    first: Vec<usize>,
    ways: Vec<Way>,
    tally: Tally<'a>,
    /// When each place of the queue is ready, with the index of its way.
    ready: Vec<(f64, usize)>,
}

/// Counts dates that are missed and findings that are open.
struct Tally<'a> {
    problem: &'a Problem,
    /// Of the rows that matter: their index among them, and how many findings each of them counts.
    counts: Vec<(usize, u32)>,
    /// Where the counts of each item begin; they end where those of the next begin.
    from: Vec<usize>,
    /// The rows that matter; the others are within appetite whatever is done.
    rows: Vec<Row>,
    open_at_ship: Vec<u32>,
    open_at_horizon: Vec<u32>,
}

/// One way to treat an item.
#[derive(Debug, Clone, Copy)]
struct Way {
    hours: f64,
    lead: f64,
    /// Share of the exposure rate that it takes away.
    share: f64,
    introduced: f64,
    ambient: f64,
    at_once: bool,
    /// Whether a date or a row that matters counts the item.
    is_counted: bool,
}

impl Way {
    /// [`Item::saving`](super::problem::Item::saving).
    fn saving(&self, effect: f64, ship: f64) -> f64 {
        let introduced = self.introduced * later(HORIZON - later(effect, ship), 0.0);
        let ambient = self.ambient * later(HORIZON - effect, 0.0);
        self.share * (introduced + ambient)
    }
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
        let mut place_of = vec![None; problem.rows.len()];
        let mut rows = Vec::new();
        for (row, place) in problem.rows.iter().zip(&mut place_of).filter(|(row, _)| row.matters()) {
            *place = Some(rows.len());
            rows.push(*row);
        }
        let (mut first, mut from) = (Vec::with_capacity(problem.items.len()), vec![0]);
        let (mut ways, mut counts) = (Vec::with_capacity(3 * problem.items.len()), Vec::new());
        for item in &problem.items {
            first.push(ways.len());
            let before = counts.len();
            counts.extend(item.rows.iter().filter_map(|&(row, count)| Some((place_of[row]?, count))));
            from.push(counts.len());
            let is_counted = !item.dues.is_empty() || counts.len() > before;
            ways.extend(item.choices.iter().map(|choice| Way {
                hours: choice.hours,
                lead: choice.lead,
                share: 1.0 - choice.residual,
                introduced: item.introduced,
                ambient: item.ambient,
                at_once: choice.at_once,
                is_counted,
            }));
        }
        let (open_at_ship, open_at_horizon) = (vec![0; rows.len()], vec![0; rows.len()]);
        let tally = Tally { problem, counts, from, rows, open_at_ship, open_at_horizon };
        Self { problem, first, ways, tally, ready: Vec::new() }
    }

    fn way(&self, place: Place) -> &Way {
        &self.ways[self.first[place.item] + place.choice]
    }

    /// Measures a queue; `None` if it does not ship, or something in it takes no effect, before the calendar ends.
    pub fn measure(&mut self, queue: &Queue) -> Option<Measure> {
        let ship = self.ship(queue)?;
        self.amount(queue, ship)
    }

    /// As [`Self::measure`], where the ship waits for these places instead of those before the marker.
    pub fn measure_waiting(&mut self, queue: &Queue, waits: &[bool]) -> Option<Measure> {
        self.make_ready(queue)?;
        let waited = self.ready.iter().zip(waits).filter(|(_, waits)| **waits);
        let latest = waited.fold(0.0, |latest, (&(ready, _), _)| later(latest, ready));
        let ship = self.problem.clock.release(latest);
        if ship.is_finite() { self.amount(queue, ship) } else { None }
    }

    /// What a queue amounts to that ships on a day, once it is known when its places are ready.
    fn amount(&mut self, queue: &Queue, ship: f64) -> Option<Measure> {
        let Self { problem, ways, tally, ready, .. } = self;
        let mut measure = tally.begin(ship);
        let mut window = 0;
        for (place, &(ready, way)) in queue.places.iter().zip(&*ready) {
            let way = &ways[way];
            let effect = if way.at_once {
                ready
            } else if ready <= ship {
                ship
            } else {
                problem.clock.release_near(ready, &mut window)
            };
            if effect == f64::INFINITY {
                return None;
            }
            measure.effort += way.hours;
            measure.exposure -= way.saving(effect, ship);
            if way.is_counted {
                tally.treat(place.item, effect, &mut measure);
            }
        }
        tally.end(&mut measure);
        Some(measure)
    }

    /// How many places, from the first, are done before the calendar ends.
    pub fn fitting(&self, queue: &Queue) -> usize {
        let (mut hours, mut window) = (0.0, 0);
        let is_done = |place: &&Place| {
            hours += self.way(**place).hours;
            self.problem.clock.done_next(hours, &mut window).is_finite()
        };
        queue.places.iter().take_while(is_done).count()
    }

    /// Ship day of a queue; when each of its places is ready can then be read. `None` if it does not ship, or something is not
    /// done, before the calendar ends.
    fn ship(&mut self, queue: &Queue) -> Option<f64> {
        self.make_ready(queue)?;
        let latest = self.ready[..queue.marker].iter().fold(0.0, |latest, &(ready, _)| later(latest, ready));
        let ship = self.problem.clock.release(latest);
        ship.is_finite().then_some(ship)
    }

    /// Notes when each place of a queue is ready; `None` if something is not done before the calendar ends.
    fn make_ready(&mut self, queue: &Queue) -> Option<()> {
        let clock = &self.problem.clock;
        let (mut hours, mut window) = (0.0, 0);
        let ready = |place: &Place| {
            let index = self.first[place.item] + place.choice;
            let way = &self.ways[index];
            hours += way.hours;
            (clock.done_next(hours, &mut window) + way.lead, index)
        };
        self.ready.clear();
        self.ready.extend(queue.places.iter().map(ready));
        // What is never done takes no effect, and neither does what comes after it.
        if self.ready.last().is_some_and(|&(ready, _)| ready == f64::INFINITY) { None } else { Some(()) }
    }

    /// Which places of a queue are done when it ships, wherever they stand: its ship would wait for each of them.
    pub fn by_ship(&mut self, queue: &Queue) -> Vec<bool> {
        let Some(ship) = self.ship(queue) else { return vec![false; queue.places.len()] };
        self.ready.iter().map(|&(ready, _)| ready <= ship + EPSILON).collect()
    }

    /// Ship day of a queue, and when each of its places is done and in effect. `None` as for [`Self::measure`].
    pub fn times(&mut self, queue: &Queue) -> Option<(f64, Vec<Timing>)> {
        let ship = self.ship(queue)?;
        let (mut hours, mut window) = (0.0, 0);
        let timing = |&(ready, way): &(f64, usize)| {
            let way = &self.ways[way];
            hours += way.hours;
            let done = self.problem.clock.done_next(hours, &mut window);
            let effect = effect_day(self.problem, way.at_once, ready, ship);
            effect.is_finite().then_some(Timing { done, effect })
        };
        let timings: Option<Vec<Timing>> = self.ready.iter().map(timing).collect();
        Some((ship, timings?))
    }
}

impl Tally<'_> {
    /// What it amounts to if it ships on a day and nothing is treated; [`Self::end`] adds the rows.
    fn begin(&mut self, ship: f64) -> Measure {
        for (row, (at_ship, at_horizon)) in
            self.rows.iter().zip(self.open_at_ship.iter_mut().zip(&mut self.open_at_horizon))
        {
            *at_ship = row.total;
            *at_horizon = row.total;
        }
        let totals = &self.problem.totals;
        Measure {
            held: 0,
            firm: totals.firm_dues,
            missed: totals.soft_dues,
            lasting: totals.firm_dues + totals.soft_dues,
            red: 0,
            amber: 0,
            ship,
            effort: 0.0,
            exposure: untreated(self.problem, ship),
        }
    }

    /// Takes off the dates that an item meets that is in effect on a day, and what rows count of it.
    fn treat(&mut self, item: usize, effect: f64, measure: &mut Measure) {
        let ship = measure.ship;
        for due in &self.problem.items[item].dues {
            if !due.missed(effect, ship) {
                *(if due.firm { &mut measure.firm } else { &mut measure.missed }) -= due.count;
            }
            if !due.lasting(effect, ship) {
                measure.lasting -= due.count;
            }
        }
        let (by_ship, by_horizon) = (effect <= ship + EPSILON, effect <= later(ship, HORIZON) + EPSILON);
        for &(row, count) in &self.counts[self.from[item]..self.from[item + 1]] {
            self.open_at_ship[row] -= if by_ship { count } else { 0 };
            self.open_at_horizon[row] -= if by_horizon { count } else { 0 };
        }
    }

    /// Adds what is over the limits of the rows.
    fn end(&self, measure: &mut Measure) {
        for (row, (at_ship, at_horizon)) in self.rows.iter().zip(self.open_at_ship.iter().zip(&self.open_at_horizon)) {
            let red = at_ship.saturating_sub(row.tolerance);
            *(if row.before_ship { &mut measure.held } else { &mut measure.red }) += red;
            measure.amber += at_ship.saturating_sub(row.appetite);
            measure.lasting += at_horizon.saturating_sub(row.tolerance);
        }
    }
}

/// The later of two days, neither of which is not a number.
fn later(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
