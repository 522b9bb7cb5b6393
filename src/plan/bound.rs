//! A lower bound on the exposure of any plan, to say how far from the best a plan found by search can be.
//!
//! Let D(x) be the day on which x hours of queued work are done, and S the ship day. A treatment done after x hours
//! saves at most (1 − r)·(ρᵢ + ρₐ)·V(x) + (1 − r)·ρₐ·Q(x), with ρᵢ the rate of the item's introduced findings and ρₐ that of
//! its ambient ones, where V(x) = (H − max(D(x), S))⁺ is time after ship and Q(x) = (S − D(x))⁺ is time before it, which only at-once treatments of ambient findings
//! can use. V and Q never rise with x, so the value at the end of a piece of work is at most its mean over the hours
//! that the work takes (the mean-busy-time relaxation of Goemans et al., "Single machine scheduling with release dates",
//! 2002). What remains is to hand out hours to work of different density (saving rate per hour), and by the
//! rearrangement inequality the densest first is best, even if work may be cut into pieces. Where an item has several
//! treatments, the upper concave hull of their (hours, saving rate) points only adds. Leads and the order of V and Q,
//! which share the same hours, are left out; both only lower the bound.
//!
//! The ship day is not known: intervals of it are bounded from both ends and the most promising one is halved until it is
//! short. The exact solver uses the same relaxation for what is left to treat after a beginning, where the ship day is known.

use super::problem::{Choice, Clock, HORIZON, Item, Problem};

/// Halvings of the ship day.
const HALVINGS: usize = 200;

/// Intervals of the ship day shorter than this, in days, are not halved.
const SHORTEST: f64 = 0.01;

/// A lower bound on the exposure of any plan of the problem, in points.
pub fn least_exposure(problem: &Problem) -> f64 {
    least_exposure_by(problem, f64::INFINITY)
}

/// A lower bound on the exposure of any plan that ships on day `last` at the latest.
pub fn least_exposure_by(problem: &Problem, last: f64) -> f64 {
    let all: Vec<usize> = (0..problem.items.len()).collect();
    let relaxation = Relaxation::new(problem, &all);
    let bound = |from: f64, to: f64| relaxation.least_between(problem, from, to);
    let first = problem.clock.release(0.0).min(HORIZON);
    let last = last.min(latest_ship(problem)).clamp(first, HORIZON);
    // Beyond the horizon nothing of the change counts any more.
    let beyond = if last < HORIZON { f64::INFINITY } else { bound(HORIZON, HORIZON) };
    let mut open = vec![(bound(first, last), first, last)];
    for _ in 0..HALVINGS {
        open.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some((_, from, to)) = open.last().copied().filter(|(_, from, to)| to - from > SHORTEST) else { break };
        open.pop();
        let middle = f64::midpoint(from, to);
        open.push((bound(from, middle), from, middle));
        open.push((bound(middle, to), middle, to));
    }
    open.iter().map(|interval| interval.0).fold(beyond, f64::min).max(0.0)
}

/// The day after which nothing ships: all work is before the marker, each item treated in the way that takes longest.
fn latest_ship(problem: &Problem) -> f64 {
    let longest = |value: fn(&Choice) -> f64, item: &Item| item.choices.iter().map(value).fold(0.0, f64::max);
    let hours: f64 = problem.items.iter().map(|item| longest(|choice| choice.hours, item)).sum();
    let lead = problem.items.iter().map(|item| longest(|choice| choice.lead, item)).fold(0.0, f64::max);
    let last_work = problem.clock.calendar().work.last().map_or(0.0, |window| window.to);
    problem.clock.release(problem.clock.done(hours).min(last_work) + lead)
}

/// The relaxed problem: work in order of density.
pub struct Relaxation<'a> {
    clock: &'a Clock,
    /// What saves time after ship.
    after: Pieces,
    /// What saves time before ship.
    before: Pieces,
}

/// Work in order of density, and what saves without any.
#[derive(Debug, Default)]
struct Pieces {
    sorted: Vec<Piece>,
    /// Item and saving rate, in points per day.
    free: Vec<(usize, f64)>,
}

/// Work of one item that saves `density` points per day and hour, `hours` long.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    item: usize,
    density: f64,
    hours: f64,
}

impl<'a> Relaxation<'a> {
    /// Relaxes the choice among `items`; what they are called later are their places in that list.
    pub fn new(problem: &'a Problem, items: &[usize]) -> Self {
        let pieces = |rate: fn(&Item) -> f64, allowed: fn(&Choice) -> bool| {
            Pieces::new(items.iter().map(|&index| &problem.items[index]), rate, allowed)
        };
        Self {
            clock: &problem.clock,
            after: pieces(|item| item.introduced + item.ambient, |_| true),
            before: pieces(|item| item.ambient, |choice| choice.at_once),
        }
    }

    /// A lower bound on exposure if it ships between the days `from` and `to`, neither after the horizon: what counts from
    /// ship on is counted from the last day, what counts until ship until the first, and what can be saved is what could be
    /// saved if it shipped on the first.
    fn least_between(&self, problem: &Problem, from: f64, to: f64) -> f64 {
        let totals = &problem.totals;
        totals.introduced * (HORIZON - to) + totals.ambient * HORIZON + totals.resolved * from
            - self.shipping_on(from).most_saved(0.0, |_| true)
    }

    /// Fixes the ship day, which must not be after the horizon.
    pub fn shipping_on(&self, ship: f64) -> Shipping<'_> {
        let sums = |value: fn(f64, f64) -> f64| {
            let mut sum = 0.0;
            let windows = self.clock.calendar().work.iter();
            windows
                .map(|window| {
                    let per_hour = window.hours / (window.to - window.from);
                    sum += (value(ship, window.to) - value(ship, window.from)) * per_hour;
                    sum
                })
                .collect()
        };
        Shipping { relaxation: self, ship, after: sums(time_after), before: sums(time_before) }
    }
}

/// ∫ (H − max(t, ship))⁺ dt from 0 to `day`.
fn time_after(ship: f64, day: f64) -> f64 {
    let end = day.clamp(ship, HORIZON);
    (HORIZON - ship) * day.min(ship) + HORIZON * (end - ship) - (end * end - ship * ship) / 2.0
}

/// ∫ (ship − t)⁺ dt from 0 to `day`.
fn time_before(ship: f64, day: f64) -> f64 {
    let end = day.min(ship);
    ship * end - end * end / 2.0
}

/// The relaxed problem for one ship day.
pub struct Shipping<'a> {
    relaxation: &'a Relaxation<'a>,
    ship: f64,
    /// Integrals of V and Q over the hours of work up to the end of each window.
    after: Vec<f64>,
    before: Vec<f64>,
}

impl Shipping<'_> {
    /// Most exposure that treating items `left` can save if `hours` of work are already queued, in points.
    pub fn most_saved(&self, hours: f64, left: impl Fn(usize) -> bool) -> f64 {
        self.after_ship(hours, &left) + self.before_ship(hours, &left)
    }

    /// The part of it from ship on; it falls or stays as the ship day rises.
    pub fn after_ship(&self, hours: f64, left: impl Fn(usize) -> bool) -> f64 {
        self.after_ship_for(0.0, hours, left)
    }

    /// The same less the price of the hours that it takes, at so many points an hour: what is not worth it is left undone.
    pub fn after_ship_for(&self, price: f64, hours: f64, left: impl Fn(usize) -> bool) -> f64 {
        let day = self.relaxation.clock.done(hours);
        let now = (HORIZON - day.max(self.ship)).max(0.0);
        self.relaxation.after.hand_out(hours, now, price, &left, |x| self.integral(&self.after, time_after, x))
    }

    /// The part of it until ship; it rises or stays as the ship day rises.
    pub fn before_ship(&self, hours: f64, left: impl Fn(usize) -> bool) -> f64 {
        let now = (self.ship - self.relaxation.clock.done(hours)).max(0.0);
        self.relaxation.before.hand_out(hours, now, 0.0, &left, |x| self.integral(&self.before, time_before, x))
    }

    /// Integral over the first `hours` of work.
    fn integral(&self, sums: &[f64], value: fn(f64, f64) -> f64, hours: f64) -> f64 {
        let clock = self.relaxation.clock;
        let index = clock.window_of(hours);
        let before = if index == 0 { 0.0 } else { sums[index - 1] };
        let Some(window) = clock.calendar().work.get(index) else { return before };
        let per_hour = window.hours / (window.to - window.from);
        before + (value(self.ship, clock.done_in(hours, index)) - value(self.ship, window.from)) * per_hour
    }
}

impl Pieces {
    fn new<'i>(items: impl Iterator<Item = &'i Item>, rate: fn(&Item) -> f64, allowed: fn(&Choice) -> bool) -> Self {
        let mut pieces = Self::default();
        for (index, item) in items.enumerate() {
            let mut points: Vec<(f64, f64)> = item
                .choices
                .iter()
                .filter(|choice| allowed(choice))
                .map(|choice| (choice.hours, (1.0 - choice.residual) * rate(item)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
            pieces.add_hull(index, &points);
        }
        pieces.sorted.sort_by(|a, b| b.density.total_cmp(&a.density));
        pieces
    }

    /// Hands out hours to the densest work first, as long as they are worth their price; `now` is what a day's saving rate is
    /// worth at first, and for work that takes no time.
    fn hand_out(
        &self,
        hours: f64,
        now: f64,
        price: f64,
        left: &impl Fn(usize) -> bool,
        integral: impl Fn(f64) -> f64,
    ) -> f64 {
        let free: f64 = self.free.iter().filter(|(item, _)| left(*item)).map(|(_, rate)| rate * now).sum();
        let mut saved = free;
        let (mut position, mut so_far) = (hours, integral(hours));
        // The hours of a piece are worth the less the later they are, and those of the next piece less than those of this one.
        let mut worth = now;
        let mut pieces = self.sorted.iter().filter(|piece| left(piece.item)).peekable();
        while let Some(piece) = pieces.next() {
            if piece.density * worth <= price {
                break;
            }
            let mut hours = piece.hours;
            // Without a price it makes no difference where a piece ends and the next one that is as dense begins.
            while price <= 0.0
                && let Some(alike) = pieces.next_if(|next| next.density.to_bits() == piece.density.to_bits())
            {
                hours += alike.hours;
            }
            position += hours;
            let end = integral(position);
            if end <= so_far {
                break;
            }
            let mean = (end - so_far) / hours;
            if piece.density * mean < price {
                // Only its beginning may be worth the price: no hour of it is worth more than the first.
                saved += (piece.density * worth - price) * hours;
                break;
            }
            saved += piece.density * (end - so_far) - price * hours;
            (so_far, worth) = (end, mean);
        }
        saved
    }

    /// Adds the upper concave hull of points (hours, saving rate) sorted by hours, starting from (0, 0).
    fn add_hull(&mut self, item: usize, points: &[(f64, f64)]) {
        let mut hull: Vec<(f64, f64)> = vec![(0.0, 0.0)];
        for &(hours, saving) in points {
            if hours <= 0.0 {
                hull[0].1 = hull[0].1.max(saving);
                continue;
            }
            if saving <= hull[hull.len() - 1].1 {
                continue;
            }
            while let [.., a, b] = hull[..] {
                // Drop b if it lies under the line from a to the new point.
                if (b.1 - a.1) * (hours - a.0) > (saving - a.1) * (b.0 - a.0) {
                    break;
                }
                hull.pop();
            }
            hull.push((hours, saving));
        }
        if hull[0].1 > 0.0 {
            self.free.push((item, hull[0].1));
        }
        self.sorted.extend(hull.windows(2).map(|w| {
            let hours = w[1].0 - w[0].0;
            Piece { item, density: (w[1].1 - w[0].1) / hours, hours }
        }));
    }
}
