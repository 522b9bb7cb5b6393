//! Every item for itself: which treatment, and where in the queue, pays best if hours of work, open rows and missed dates
//! have a price.

use super::grid::{Grid, Interval, Manner, Stop, Worth};
use super::kept::Kept;
use crate::plan::problem::{Choice, EPSILON, HORIZON, Item, Problem};

/// What the shared things cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// An hour of work in each cell, never rising from cell to cell.
    pub hour: Vec<f64>,
    /// A finding of a row that is open at ship.
    pub open: Vec<f64>,
    /// A missed date that may not be waived.
    pub firm: f64,
    /// A missed date that may be waived.
    pub missed: f64,
}

/// What is asked for of the shared things, less what there is of them.
pub type Excess = Prices;

/// What one item does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deal {
    /// The choice, if it is treated.
    pub choice: Option<usize>,
    /// Hours of queued work at its end.
    pub end: f64,
}

/// The market for one interval of the ship day.
pub struct Market<'a> {
    problem: &'a Problem,
    grid: &'a Grid,
    kept: &'a Kept,
    manners: Vec<Manner>,
    ways: Vec<Way>,
    /// The ways of an item end here.
    ends: Vec<usize>,
    /// Exposure of everything that is not treated, at its least within the interval.
    untreated: f64,
}

/// One way to treat an item.
struct Way {
    /// Its place among the item's choices.
    choice: usize,
    hours: f64,
    introduced: f64,
    ambient: f64,
    manner: usize,
    /// It must end by then.
    latest: f64,
    /// What it costs more from where on.
    steps: Vec<Step>,
}

#[derive(Clone, Copy)]
struct Step {
    /// It is due if the work ends later than this.
    hours: f64,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    OpenAtShip,
    Firm(u32),
    Missed(u32),
}

impl<'a> Market<'a> {
    /// Opens the market; `None` if what must be kept cannot be kept by a release in the interval.
    pub fn new(problem: &'a Problem, grid: &'a Grid, kept: &'a Kept, ship: Interval) -> Option<Self> {
        let mut manners: Vec<Manner> = Vec::new();
        let mut ways = Vec::new();
        let mut ends = Vec::new();
        for item in &problem.items {
            for (index, choice) in worthwhile(item) {
                let known = manners.iter().position(|m| m.at_once == choice.at_once && same(m.lead, choice.lead));
                let manner = known.unwrap_or_else(|| {
                    manners.push(Manner::new(problem, grid, ship, choice.lead, choice.at_once));
                    manners.len() - 1
                });
                let (latest, steps) = conditions(problem, kept, item, &manners[manner], ship);
                let share = 1.0 - choice.residual;
                let (introduced, ambient) = (share * item.introduced, share * item.ambient);
                ways.push(Way { choice: index, hours: choice.hours, introduced, ambient, manner, latest, steps });
            }
            ends.push(ways.len());
        }
        let totals = &problem.totals;
        let untreated = totals.introduced * (HORIZON - ship.to.min(HORIZON))
            + totals.ambient * HORIZON
            + totals.resolved * ship.from.min(HORIZON);
        let market = Self { problem, grid, kept, manners, ways, ends, untreated };
        market.is_possible(ship).then_some(market)
    }

    /// Whether those that must be done by the ship day can be.
    fn is_possible(&self, ship: Interval) -> bool {
        let mut hours = 0.0;
        for index in 0..self.ends.len() {
            if !self.must(index) {
                continue;
            }
            let ways = self.ways_of(index);
            if ways.iter().all(|way| way.latest < way.hours) {
                return false;
            }
            if is_forced(self.kept, &self.problem.items[index]) {
                hours += ways.iter().map(|way| way.hours).fold(f64::INFINITY, f64::min);
            }
        }
        hours <= self.problem.clock.hours_by(ship.to) + 1e-6
    }

    fn ways_of(&self, index: usize) -> &[Way] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ways[start..self.ends[index]]
    }

    /// Whether an item must be treated.
    fn must(&self, index: usize) -> bool {
        self.ways_of(index).iter().any(|way| way.latest.is_finite())
    }

    /// A lower bound on the exposure of any plan that keeps what is to be kept and ships in the interval. What each item does
    /// goes to `deals`, what is asked for beyond what there is to `excess`.
    pub fn clear(&self, prices: &Prices, deals: &mut Vec<Deal>, excess: &mut Excess) -> f64 {
        let sums = Sums::new(self.grid, &prices.hour);
        let at_stops: Vec<Vec<f64>> = self
            .manners
            .iter()
            .map(|manner| manner.stops.iter().map(|stop| sums.up_to(stop.hours)).collect())
            .collect();
        deals.clear();
        for (cell, value) in excess.hour.iter_mut().enumerate() {
            *value = -self.grid.hours(cell);
        }
        for (value, &open) in excess.open.iter_mut().zip(&self.kept.open) {
            *value = -f64::from(open);
        }
        excess.firm = -f64::from(self.kept.firm);
        excess.missed = -f64::from(self.kept.missed);
        let mut saved = 0.0;
        for (index, item) in self.problem.items.iter().enumerate() {
            let rows: f64 = item.rows.iter().map(|&(row, count)| prices.open[row] * f64::from(count)).sum();
            let cost = |steps: &[Step], end: f64| -> f64 {
                steps
                    .iter()
                    .filter(|step| end > step.hours)
                    .map(|step| match step.what {
                        What::OpenAtShip => rows,
                        What::Firm(count) => prices.firm * f64::from(count),
                        What::Missed(count) => prices.missed * f64::from(count),
                    })
                    .sum()
            };
            let ways = self.ways_of(index);
            let mut best = (f64::NEG_INFINITY, Deal { choice: None, end: f64::INFINITY });
            if !self.must(index) {
                let accepted = ways.first().map_or(0.0, |way| -cost(&way.steps, f64::INFINITY));
                best.0 = accepted;
            }
            for way in ways {
                let manner = &self.manners[way.manner];
                let offer = Offer { way, stops: &manner.stops, at_stops: &at_stops[way.manner], sums: &sums };
                offer.best(&cost, &mut best);
            }
            saved += best.0;
            deals.push(best.1);
            self.book(ways, item, best.1, excess);
        }
        // An item that must be treated and cannot: no plan does.
        if saved == f64::NEG_INFINITY {
            return f64::INFINITY;
        }
        let paid: f64 = prices.hour.iter().enumerate().map(|(cell, price)| price * self.grid.hours(cell)).sum();
        let mut allowed = 0.0;
        for (price, count) in prices
            .open
            .iter()
            .zip(&self.kept.open)
            .chain([(&prices.firm, &self.kept.firm), (&prices.missed, &self.kept.missed)])
        {
            allowed += if *price > 0.0 { price * f64::from(*count) } else { 0.0 };
        }
        self.untreated - saved - paid - allowed
    }

    /// Books what an item asks for.
    fn book(&self, ways: &[Way], item: &Item, deal: Deal, excess: &mut Excess) {
        let way = deal.choice.and_then(|choice| ways.iter().find(|way| way.choice == choice));
        if let Some(way) = way.filter(|_| deal.end < self.grid.end()) {
            self.grid.spread(deal.end - way.hours, deal.end, |cell, hours| excess.hour[cell] += hours);
        }
        let steps = way.or(ways.first()).map_or(&[][..], |way| &way.steps);
        for step in steps.iter().filter(|step| deal.end > step.hours) {
            match step.what {
                What::OpenAtShip => item.rows.iter().for_each(|&(row, count)| excess.open[row] += f64::from(count)),
                What::Firm(count) => excess.firm += f64::from(count),
                What::Missed(count) => excess.missed += f64::from(count),
            }
        }
    }
}

/// The choices of an item, without those that another one matches or beats in everything: at any place in the queue, and
/// at any prices, that one pays at least as well.
fn worthwhile(item: &Item) -> impl Iterator<Item = (usize, &Choice)> {
    let choices = || item.choices.iter().enumerate();
    choices().filter(move |&(index, choice)| {
        !choices().any(|(other, better)| {
            let no_worse = better.hours <= choice.hours
                && better.residual <= choice.residual
                && better.lead <= choice.lead
                && (better.at_once || !choice.at_once);
            // Of two that are alike the first stays.
            no_worse
                && (other < index || *better != Choice { treatment: better.treatment, ..*choice })
                && other != index
        })
    })
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

/// Whether the item must be in effect at ship, because a row allows fewer open findings than it has.
fn is_forced(kept: &Kept, item: &Item) -> bool {
    item.rows.iter().any(|&(row, count)| count > kept.open[row])
}

/// Until when a treatment must be done, and what it costs to be later than that.
fn conditions(problem: &Problem, kept: &Kept, item: &Item, manner: &Manner, ship: Interval) -> (f64, Vec<Step>) {
    let clock = &problem.clock;
    let mut latest = f64::INFINITY;
    let mut steps = Vec::new();
    let by_ship = manner.hours_by(clock, ship.to);
    if is_forced(kept, item) {
        latest = by_ship;
    } else if item.rows.iter().any(|&(row, _)| kept.open[row] != u32::MAX) {
        steps.push(Step { hours: by_ship, what: What::OpenAtShip });
    }
    for due in &item.dues {
        // A finding that comes with the change is not late if it is treated by ship, and ship is in the interval.
        let by = |day: f64| {
            let day = if due.introduced {
                manner.last_ready(clock, day).max(ship.to)
            } else if manner.at_once || ship.from <= day + EPSILON {
                manner.last_ready(clock, day)
            } else {
                f64::NEG_INFINITY
            };
            manner.hours_by(clock, day)
        };
        let in_time = by(due.day.max(0.0));
        let allowed = if due.firm { kept.firm } else { kept.missed };
        if allowed < due.count {
            latest = latest.min(in_time);
        } else {
            let what = if due.firm { What::Firm(due.count) } else { What::Missed(due.count) };
            if allowed != u32::MAX {
                steps.push(Step { hours: in_time, what });
            }
            if kept.ended {
                latest = latest.min(by(due.day.max(HORIZON)));
            }
        }
    }
    (latest, steps)
}

/// Integrals of the price of an hour.
struct Sums<'a> {
    grid: &'a Grid,
    price: &'a [f64],
    at_bounds: Vec<f64>,
}

impl<'a> Sums<'a> {
    fn new(grid: &'a Grid, price: &'a [f64]) -> Self {
        let mut at_bounds = vec![0.0];
        let mut sum = 0.0;
        for (cell, price) in price.iter().enumerate() {
            sum += price * grid.hours(cell);
            at_bounds.push(sum);
        }
        Self { grid, price, at_bounds }
    }

    /// From 0 to so many hours; hours beyond the last cell cost nothing.
    fn up_to(&self, hours: f64) -> f64 {
        if hours >= self.grid.end() {
            return self.at_bounds[self.grid.len()];
        }
        let cell = self.grid.cell_of(hours);
        self.within(cell, hours)
    }

    fn within(&self, cell: usize, hours: f64) -> f64 {
        self.at_bounds[cell] + self.price[cell] * (hours - self.grid.bounds[cell])
    }
}

/// One way, looking for its place in the queue.
struct Offer<'a> {
    way: &'a Way,
    stops: &'a [Stop],
    at_stops: &'a [f64],
    sums: &'a Sums<'a>,
}

impl Offer<'_> {
    /// Looks at every place where the best can be: what it saves and what its hours cost are linear between the stops, the
    /// stops moved by its length, and the places from which on something costs more.
    fn best(&self, cost: &impl Fn(&[Step], f64) -> f64, best: &mut (f64, Deal)) {
        let way = self.way;
        let (bounds, end) = (&self.sums.grid.bounds, self.sums.grid.end());
        let offer = |best: &mut (f64, Deal), end: f64, value: f64| {
            let value = if way.steps.is_empty() { value } else { value - cost(&way.steps, end) };
            if value > best.0 {
                *best = (value, Deal { choice: Some(way.choice), end });
            }
        };
        // Beyond the cells nothing is saved, and hours cost nothing.
        if way.latest >= end.max(way.hours) {
            offer(best, end.max(way.hours), 0.0);
        }
        let worth = |worth: Worth| way.introduced * worth.introduced + way.ambient * worth.ambient;
        let mut begin = 0;
        for (stop, &sum) in self.stops.iter().zip(self.at_stops) {
            let start = stop.hours - way.hours;
            if start < -1e-9 {
                continue;
            }
            // What it saves falls from stop to stop, and no price is below 0.
            let saved = worth(stop.left);
            if stop.hours > way.latest || saved <= best.0 {
                break;
            }
            while begin + 2 < bounds.len() && bounds[begin + 1] <= start {
                begin += 1;
            }
            offer(best, stop.hours, saved - (sum - self.sums.within(begin, start.max(0.0))));
        }
        if way.hours > 0.0 {
            let mut at = 0;
            for (start, sum) in bounds.iter().zip(&self.sums.at_bounds) {
                let hours = start + way.hours;
                if hours > way.latest || hours >= end {
                    break;
                }
                while self.stops[at + 1].hours <= hours {
                    at += 1;
                }
                let (saved, paid) = self.between(at, hours, &worth);
                if saved <= best.0 {
                    break;
                }
                offer(best, hours, saved - (paid - sum));
            }
        }
        for hours in way.steps.iter().map(|step| step.hours).chain([way.latest]) {
            if hours >= way.hours && hours <= way.latest && hours < end {
                let at = self.stops.partition_point(|stop| stop.hours <= hours) - 1;
                let (saved, paid) = self.between(at, hours, &worth);
                offer(best, hours, saved - (paid - self.sums.up_to(hours - way.hours)));
            }
        }
    }

    /// What ending between a stop and the next saves, and the price of all hours until then.
    fn between(&self, at: usize, hours: f64, worth: &impl Fn(Worth) -> f64) -> (f64, f64) {
        let (from, to) = (&self.stops[at], &self.stops[at + 1]);
        let share = (hours - from.hours) / (to.hours - from.hours);
        let value = |a: f64, b: f64| a + (b - a) * share;
        let saved = if share <= 0.0 { worth(from.left) } else { value(worth(from.later), worth(to.left)) };
        (saved, value(self.at_stops[at], self.at_stops[at + 1]))
    }
}
