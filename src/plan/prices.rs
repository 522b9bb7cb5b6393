//! Near the least exposure from both sides: a lower bound that knows rows, dates and hours, and plans that come close to it.
//!
//! What ties work items together is shared: hours of work up to a day, findings that a row may leave open, dates that may be
//! missed. Give each of these a price, and every item can be decided for itself: the treatment, and the place in the
//! queue, that saves most exposure after what it costs ([`market`]). What all items save, less the price of what there is to
//! share, is never less than what a plan can save (Lagrangian duality; for hours in time slots see van den Akker,
//! Hurkens and Savelsbergh, "Time-indexed formulations for machine scheduling problems", 2000), and it is least at the
//! right prices ([`ascent`]). The ship day is not known: intervals of it are bounded, the least bound first, and halved
//! where their length is what makes the bound loose. Within an interval, findings that come with the change are counted as if it
//! shipped last, live ones as if it shipped first.
//!
//! What the items do at the prices is almost a plan. [`arrange`](super::arrange) makes it one, and says where hours were
//! short, which in turn is where the next prices begin.
//!
//! The bound holds for plans that keep as much of the agreement as the plan it is held against ([`Kept`]).

mod ascent;
mod grid;
mod kept;
mod market;
mod slots;
mod stock;

use super::arrange::{Arranged, Intent, Tight, arrange};
use super::evaluate::{Evaluator, Measure, Place, Queue, Solved};
use super::objective::Objective;
use super::problem::{Choice, EPSILON, HORIZON, Item, Problem};
use ascent::{Reached, Scale, ascend};
use grid::{Grid, Interval};
pub use kept::Kept;
use market::{Deal, Market, Prices};
use stock::Stock;

/// How far the exposure of the plan known may be from the bound to leave it there, as a share of the baseline.
const CLOSE: f64 = 0.000_1;

/// Problems of so few items get cells of their own and less work: their bound is had soon, or not at all.
const FEW: usize = 50;

/// What may be spent: ways to treat an item that are looked at, times cells; for few items, and for more of them.
const WORK: [u64; 2] = [2_200_000, 6_000_000];

/// Rounds that large problems get anyway.
const LEAST_ROUNDS: u64 = 240;

/// Up to so many items a work window is worth cutting.
const SOME: usize = 300;

/// Cells into which the hours of work are cut at least, for few items and for some; of more items there is one for each work
/// window. More of them make the bound no nearer than as many more rounds do.
const CELLS: [usize; 2] = [40, 80];

/// Rounds of an ascent, to begin with.
const ROUNDS: usize = 12;

/// Intervals of the ship day are not longer than this to begin with, in days.
const LONGEST: f64 = 2.0;

/// Intervals of the ship day shorter than this, in days, are not halved.
const SHORTEST: f64 = 0.01;

/// Due dates nearer to each other than this, in days, do not both begin an interval.
const APART: f64 = 0.25;

/// Due dates that begin an interval, if there are no more than these.
const DUES: usize = 32;

/// Rounding of the bound, as a share of the baseline.
pub const ROUNDING: f64 = 1e-9;

/// How near the best possible a plan is, and better ones that were found on the way.
#[derive(Debug)]
pub struct Closed {
    /// A lower bound on the exposure of any plan that keeps as much of the agreement as the best one known.
    pub bound: f64,
    /// The best plan known.
    pub best: Solved,
    /// Other plans with little exposure, for other ship days.
    pub others: Vec<Queue>,
}

/// Closes in on the least exposure from both sides, beginning with a plan that is known. With `appetite` the limits of
/// appetite count too, if they do for the plan that is compared with. `None` if nothing can be done within the horizon.
pub fn close_in(
    problem: &Problem,
    objective: &Objective,
    known: &Solved,
    appetite: impl Fn(&Measure) -> bool,
) -> Option<Closed> {
    let (cells, work) = match problem.items.len() {
        items if items <= FEW => (CELLS[0], WORK[0]),
        items if items <= SOME => (CELLS[1], WORK[1]),
        _ => (1, WORK[1]),
    };
    let grid = Grid::new(problem, cells);
    if grid.len() == 0 {
        return None;
    }
    let ways: usize = problem.items.iter().map(|item| item.choices.len()).sum();
    let round = (ways * grid.len()) as u64;
    let work = work.max(LEAST_ROUNDS * round);
    let stock = Stock::new(problem);
    let evaluator = Evaluator::new(problem);
    let mut seeker =
        Seeker { problem, objective, best: known.clone(), tight: Vec::new(), others: Vec::new(), evaluator };
    let kept = |measure: &Measure| Kept::by(problem, measure, appetite(measure));
    // First as if all of the agreement could be kept.
    let ideal = Kept::by(problem, &Measure::default(), true);
    if kept(&seeker.best.1) != ideal {
        seek(&mut seeker, &grid, &stock, &ideal, work / 2);
    }
    // What is found on the way may keep more than what was known: then the bound must, too.
    let mut asked = kept(&seeker.best.1);
    let mut bound = seek(&mut seeker, &grid, &stock, &asked, work);
    if kept(&seeker.best.1) != asked {
        asked = kept(&seeker.best.1);
        bound = seek(&mut seeker, &grid, &stock, &asked, work);
        if kept(&seeker.best.1) != asked {
            bound = 0.0;
        }
    }
    let bound = (bound - ROUNDING * problem.totals.baseline()).max(0.0);
    Some(Closed {
        bound: bound.min(seeker.best.1.exposure),
        best: seeker.best,
        others: seeker.others.into_iter().map(|(queue, _)| queue).collect(),
    })
}

/// What is left to look at: an interval of the ship day and what is known of it.
struct Open {
    ship: Interval,
    reached: Reached,
    /// How often in a row more rounds were of little use.
    quiet: u32,
}

/// Bounds every interval of the ship day, the least bound first.
fn seek(seeker: &mut Seeker<'_>, grid: &Grid, stock: &Stock, kept: &Kept, mut budget: u64) -> f64 {
    let problem = seeker.problem;
    let scale = &Scale::new(problem, grid);
    let close = CLOSE * problem.totals.baseline();
    let ways: usize = problem.items.iter().map(|item| item.choices.len()).sum();
    let round = (ways * grid.len()) as u64;
    let start = Prices::of_queue(problem, grid, &seeker.best.0, &[], seeker.best.1.ship);
    let mut open: Vec<Open> = Vec::new();
    let mut good: Vec<(f64, Prices)> = Vec::new();
    // Beyond the horizon nothing of the change counts any more.
    let mut bound = if kept.in_time { f64::INFINITY } else { 0.0 };
    for ship in intervals(problem) {
        if let Some(market) = Market::new(problem, grid, kept, stock, ship) {
            let reached = ascend(&market, scale, &start, f64::INFINITY, 0);
            budget = budget.saturating_sub(round);
            open.push(Open { ship, reached, quiet: 0 });
        }
    }
    while let Some(at) = least(&open) {
        let next = open.swap_remove(at);
        let enough = seeker.best.1.exposure;
        let before = next.reached.bound;
        if next.quiet > 1 && next.ship.to - next.ship.from <= SHORTEST || before >= enough - close || budget == 0 {
            bound = bound.min(before);
            break;
        }
        let Some(market) = Market::new(problem, grid, kept, stock, next.ship) else { continue };
        let arranged = seeker.consider(stock, &next.reached.deals, kept, next.ship);
        let mut starts = vec![Prices::of_queue(problem, grid, &arranged.queue, &arranged.tight, next.ship.to)];
        starts.extend(nearest(&good, next.ship).cloned());
        starts.push(Prices::of_queue(problem, grid, &seeker.best.0, &seeker.tight, seeker.best.1.ship));
        let mut from = next.reached.clone();
        for start in &starts {
            let reached = ascend(&market, scale, start, enough, 0);
            if reached.bound > from.bound {
                from = reached;
            }
        }
        let rounds = ROUNDS << next.quiet;
        let reached = ascend(&market, scale, &from.prices, enough, rounds);
        budget = budget.saturating_sub(round * (rounds as u64 + 4));
        seeker.consider(stock, &reached.deals, kept, next.ship);
        good.push((next.ship.from, reached.prices.clone()));
        let enough = seeker.best.1.exposure;
        let length = next.ship.to - next.ship.from;
        let reached = Reached { bound: reached.bound.max(before), ..reached };
        let missing = enough - close - reached.bound;
        let blur = 0.5 * length * (problem.totals.introduced + problem.totals.ambient);
        if missing > 0.0 && length > SHORTEST && (blur > 0.2 * missing || next.quiet > 1) {
            for ship in halves(problem, next.ship) {
                let Some(market) = Market::new(problem, grid, kept, stock, ship) else { continue };
                let half = ascend(&market, scale, &reached.prices, enough, 0);
                budget = budget.saturating_sub(round);
                let half = Reached { bound: half.bound.max(reached.bound), ..half };
                open.push(Open { ship, reached: half, quiet: 0 });
            }
        } else {
            let quiet = if reached.bound - before < 0.05 * missing { next.quiet + 1 } else { 0 };
            open.push(Open { reached, quiet, ..next });
        }
    }
    open.iter().map(|open| open.reached.bound).fold(bound, f64::min)
}

/// The two halves of an interval, without the days on which nothing can be released.
fn halves(problem: &Problem, ship: Interval) -> impl Iterator<Item = Interval> {
    let middle = f64::midpoint(ship.from, ship.to);
    [Interval { to: middle, ..ship }, Interval { from: middle, ..ship }]
        .into_iter()
        .filter_map(|half| within(problem, half))
}

/// An interval without the days before its first release and after its last; `None` if there are no others.
fn within(problem: &Problem, ship: Interval) -> Option<Interval> {
    let releases = &problem.clock.calendar().releases;
    let from = problem.clock.release(ship.from);
    let last = releases.partition_point(|window| window.from <= ship.to).checked_sub(1)?;
    let to = ship.to.min(releases[last].to);
    (from <= to).then_some(Interval { from, to })
}

/// The prices that proved good for the nearest ship day.
fn nearest(good: &[(f64, Prices)], ship: Interval) -> Option<&Prices> {
    good.iter().min_by(|a, b| (a.0 - ship.from).abs().total_cmp(&(b.0 - ship.from).abs())).map(|(_, prices)| prices)
}

fn least(open: &[Open]) -> Option<usize> {
    (0..open.len()).min_by(|&a, &b| open[a].reached.bound.total_cmp(&open[b].reached.bound))
}

/// Intervals in which the change can ship within the horizon, none of them long.
fn intervals(problem: &Problem) -> Vec<Interval> {
    let longest = |value: fn(&Choice) -> f64, item: &Item| item.choices.iter().map(value).fold(0.0, f64::max);
    let hours: f64 = problem.items.iter().map(|item| longest(|choice| choice.hours, item)).sum();
    let lead = problem.items.iter().map(|item| longest(|choice| choice.lead, item)).fold(0.0, f64::max);
    let clock = &problem.clock;
    let end = clock.calendar().work.last().map_or(0.0, |window| window.to);
    let last = clock.release(clock.done(hours).min(end) + lead).min(HORIZON);
    let mut dues: Vec<f64> = problem.items.iter().flat_map(|item| &item.dues).map(|due| due.day).collect();
    dues.sort_by(f64::total_cmp);
    dues.dedup_by(|a, b| *a - *b < APART);
    if dues.len() > DUES {
        dues.clear();
    }
    let mut intervals = Vec::new();
    let mut from = clock.release(0.0);
    while from <= last {
        let due = dues.iter().copied().find(|&due| due > from).unwrap_or(last);
        let to = (from + LONGEST).min(last).min(due + EPSILON);
        intervals.extend(within(problem, Interval { from, to }));
        from = clock.release(to.next_up());
    }
    intervals
}

/// Keeps the best plan.
struct Seeker<'a> {
    problem: &'a Problem,
    objective: &'a Objective,
    best: Solved,
    /// Where its queue was tight.
    tight: Vec<Tight>,
    /// Plans of which none is better than another in every respect.
    others: Vec<Solved>,
    evaluator: Evaluator<'a>,
}

impl Seeker<'_> {
    /// Tries the queues that follow from what each kind of items does at some prices.
    fn consider(&mut self, stock: &Stock, deals: &[Deal], kept: &Kept, ship: Interval) -> Arranged {
        let by_ship = self.problem.clock.hours_by(ship.to) + 1e-6;
        let intent = |(item, &kind): (usize, &usize)| {
            let deal = &deals[kind];
            let choice = deal.choice?;
            let counts = self.problem.items[item].rows.iter().any(|&(row, _)| kept.open[row] != u32::MAX);
            Some(Intent { place: Place { item, choice }, by_ship: counts && deal.end <= by_ship })
        };
        let intents: Vec<Intent> = stock.kind_of.iter().enumerate().filter_map(intent).collect();
        let arranged = arrange(self.problem, &intents, ship.to);
        self.offer(&arranged.queue, &arranged.tight);
        // The same with the release held until the end of the interval.
        let held = self.held(&arranged.queue, ship.to);
        self.offer(&held, &arranged.tight);
        if ship.to - ship.from > SHORTEST {
            let early = arrange(self.problem, &intents, ship.from);
            self.offer(&early.queue, &early.tight);
        }
        arranged
    }

    /// A queue with the marker behind everything that is ready by a day.
    fn held(&self, queue: &Queue, day: f64) -> Queue {
        let (mut hours, mut marker) = (0.0, 0);
        for (index, place) in queue.places.iter().enumerate() {
            let choice = &self.problem.items[place.item].choices[place.choice];
            hours += choice.hours;
            if self.problem.clock.done(hours) + choice.lead <= day + 1e-6 {
                marker = index + 1;
            }
        }
        Queue { places: queue.places.clone(), marker: marker.max(queue.marker) }
    }

    fn offer(&mut self, queue: &Queue, tight: &[Tight]) {
        let Some(measure) = self.evaluator.measure(queue) else { return };
        let counts = |m: &Measure| [m.held, m.firm, m.missed, m.lasting, m.red, m.amber];
        let no_worse = |a: &Measure, b: &Measure| {
            a.ship <= b.ship && a.exposure <= b.exposure && counts(a).iter().zip(counts(b)).all(|(a, b)| *a <= b)
        };
        if !self.others.iter().any(|(_, other)| no_worse(other, &measure)) {
            self.others.retain(|(_, other)| !no_worse(&measure, other));
            self.others.push((queue.clone(), measure));
        }
        if self.objective.key(&measure).better_than(&self.objective.key(&self.best.1)) {
            self.best = (queue.clone(), measure);
            self.tight = tight.to_vec();
        }
    }
}
