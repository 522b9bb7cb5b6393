//! Which items stand before the marker: branch and bound over intervals of the ship day.
//!
//! Within an interval every item is decided in turn: before the marker with one of its choices, or not. The best
//! imaginable end of such a beginning counts for each item the least exposure that any of its ways can leave:
//!
//! - decided to stand before: in effect with the ship, or at once if it were done first;
//! - decided not to: done right after those decided to stand before, or accepted;
//! - not decided yet: the better of the two.
//!
//! All these figures are taken at whichever end of the interval is the better for them, so that they hold for every ship
//! day in it. What items not decided to stand before save together is also bounded by the relaxation of
//! [`bound`](crate::plan::bound).

use std::cell::RefCell;
use std::collections::HashMap;

use super::completion::Search;
use super::label::Met;
use crate::plan::bound::Shipping;
use crate::plan::evaluate::Measure;
use crate::plan::kinds::kinds;
use crate::plan::objective::Weights;
use crate::plan::problem::{Choice, EPSILON, HORIZON, Item, Problem};

/// Intervals of the ship day shorter than this, in days, are not halved.
const SHORTEST: f64 = 0.26;

/// Hours that may be lost in rounding.
const MOMENT: f64 = 1e-6;

/// The items in the order in which they are decided: what takes longest first, because it settles soonest which ship day can
/// be kept; then by the exposure that is at stake. Items of a kind stand next to each other.
pub fn order(problem: &Problem, candidates: &[usize]) -> Vec<usize> {
    let kinds = kinds(candidates.iter().map(|&item| &problem.items[item]));
    let weight = |i: usize| {
        let item = &problem.items[i];
        (item.choices.iter().map(|choice| choice.hours).fold(0.0, f64::max), item.introduced + item.ambient)
    };
    let weighed = candidates.iter().zip(kinds).map(|(&item, kind)| (weight(item), kind, item));
    let mut order: Vec<((f64, f64), usize, usize)> = weighed.collect();
    order
        .sort_by(|(a, first, _), (b, second, _)| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(first.cmp(second)));
    order.into_iter().map(|(_, _, item)| item).collect()
}

/// An interval of the ship day.
struct Interval<'a> {
    from: f64,
    to: f64,
    /// Hours of work that are done by its end.
    hours: f64,
    /// The relaxation if it ships at the beginning and at the end of the interval; `None` after the horizon.
    relaxed: Option<(Shipping<'a>, Shipping<'a>)>,
    /// What was imagined of items so far.
    imagined: RefCell<Imagined>,
}

/// Most items that are remembered what was imagined of: some 2 MB. Then it begins anew.
const REMEMBERED: usize = 1 << 14;

/// What is imagined of items that do not stand before the marker, by the hours of work that do and the ship day: many
/// beginnings are the same in these.
#[derive(Default)]
struct Imagined {
    /// Where the items begin, for hours and ship day.
    rows: HashMap<(u64, u64), usize>,
    /// Of each item what it does if it is decided not to stand before the marker, and if that is open.
    bests: Vec<[Option<Best>; 2]>,
}

impl Imagined {
    /// Where the items begin, of which there are so many.
    fn row(&mut self, hours: f64, ship: f64, items: usize) -> usize {
        if self.bests.len() >= REMEMBERED {
            *self = Self::default();
        }
        let next = self.bests.len();
        let row = *self.rows.entry((hours.to_bits(), ship.to_bits())).or_insert(next);
        if row == next {
            self.bests.resize(next + items, [None; 2]);
        }
        row
    }
}

/// What the relaxation says of a beginning.
#[derive(Clone, Copy)]
struct Together {
    /// The exposure that all items leave at least that do not stand before the marker.
    exposure: f64,
    /// The same where an hour of work has the price of the weights.
    priced: f64,
}

/// Decisions so far.
#[derive(Clone, Copy)]
struct Node {
    /// Items decided, from the first.
    decided: usize,
    /// Those decided to stand before the marker.
    before: u64,
    /// Their hours.
    hours: f64,
    /// Day before which not each of them can be ready, were it the first in the queue.
    ready: f64,
    /// What the relaxation says, if it was asked.
    together: Option<Together>,
}

impl Node {
    /// Nothing decided yet.
    const START: Self = Self { decided: 0, before: 0, hours: 0.0, ready: 0.0, together: None };
}

/// The least that an item can expose, and the most dates that it can meet.
#[derive(Clone, Copy, Default)]
struct Best {
    exposure: f64,
    /// The least that effort and exposure can amount to, weighed against each other.
    joint: f64,
    met: Met,
    /// Whether it can be in effect at ship.
    at_ship: bool,
    /// Whether it can be in effect at the horizon.
    at_horizon: bool,
}

impl Best {
    fn or(self, other: Self) -> Self {
        Self {
            exposure: self.exposure.min(other.exposure),
            joint: self.joint.min(other.joint),
            met: self.met.or(other.met),
            at_ship: self.at_ship | other.at_ship,
            at_horizon: self.at_horizon | other.at_horizon,
        }
    }
}

/// Exposure that a treatment in effect on day `effect` leaves. `ship` is the ship day for introduced findings.
fn left(item: &Item, residual: f64, effect: f64, ship: f64) -> f64 {
    let (effect, ship) = (effect.min(HORIZON), ship.min(HORIZON));
    let start = effect.max(ship);
    item.introduced * (start - ship + residual * (HORIZON - start))
        + item.ambient * (effect + residual * (HORIZON - effect))
}

/// Looks through every interval of the ship day; `None` if that is too much work.
pub fn look_through(search: &mut Search<'_>) -> Option<()> {
    search.run()
}

impl Search<'_> {
    /// Looks through every interval of the ship day.
    fn run(&mut self) -> Option<()> {
        let problem = self.problem;
        self.weigh();
        let last = problem.clock.calendar().work.last().map_or(0.0, |window| window.to);
        let leads = self.items.iter().flat_map(|&i| problem.items[i].choices.iter().map(|choice| choice.lead));
        let last = last + leads.fold(0.0, f64::max);
        let first = problem.clock.release(0.0);
        // The empty queue ships first, whatever follows.
        let mut open = Vec::new();
        for window in &problem.clock.calendar().releases {
            let (from, to) = (window.from.max(first), window.to.min(last.max(first)));
            if from <= to {
                open.push((from, to));
            }
        }
        open.reverse();
        // A ship day after the last work still has a window: the first one that is open then.
        let beyond = problem.clock.release(last);
        if beyond.is_finite() && open.first().is_none_or(|&(_, to)| to < beyond) {
            open.insert(0, (beyond, beyond));
        }
        while let Some((from, to)) = open.pop() {
            let relaxation = self.relaxation;
            let ends = || (relaxation.shipping_on(from), relaxation.shipping_on(to.min(HORIZON)));
            let relaxed = (from <= HORIZON).then(ends);
            let interval =
                Interval { from, to, hours: problem.clock.hours_by(to), relaxed, imagined: RefCell::default() };
            let mut node = Node::START;
            self.step(self.ways)?;
            if !self.is_worth_it(&mut node, &interval) {
                continue;
            }
            if to - from > SHORTEST {
                let middle = f64::midpoint(from, to);
                open.push((middle, to));
                open.push((from, middle));
            } else {
                self.decide(node, &interval)?;
            }
        }
        Some(())
    }

    /// Decides the next item in every way.
    fn decide(&mut self, node: Node, interval: &Interval<'_>) -> Option<()> {
        let i = node.decided;
        if i == self.items.len() {
            return self.complete_front(interval.from, interval.to);
        }
        let item = self.item(i);
        let ways = (0..item.choices.len()).map(Some).chain([None]);
        for choice in ways.skip(self.first_way(i)) {
            let mut next = Node { decided: i + 1, ..node };
            if let Some(chosen) = choice.map(|choice| &item.choices[choice]) {
                next.before |= 1 << i;
                next.hours += chosen.hours;
                next.ready = next.ready.max(self.alone(chosen));
                next.together = None;
            }
            self.front.extend(choice.map(|choice| (i, choice)));
            self.step(self.ways)?;
            let result = if self.is_worth_it(&mut next, interval) { self.decide(next, interval) } else { Some(()) };
            if choice.is_some() {
                self.front.pop();
            }
            result?;
        }
        Some(())
    }

    /// The first way in which an item is decided. Of items of a kind it makes no difference which is treated how: each is
    /// decided in no earlier way than the one before it.
    fn first_way(&self, i: usize) -> usize {
        match self.front.last() {
            _ if !self.repeats[i] => 0,
            Some(&(previous, choice)) if previous + 1 == i => choice,
            _ => self.item(i).choices.len(),
        }
    }

    /// Whether the best imaginable end of the decisions so far is better than the best plan known.
    fn is_worth_it(&self, node: &mut Node, interval: &Interval<'_>) -> bool {
        let clock = &self.problem.clock;
        let done = clock.done(node.hours);
        let ship = clock.release(done.max(node.ready)).max(interval.from);
        if ship > interval.to + EPSILON
            || node.hours + self.at_ship.hours(node.before) > interval.hours + MOMENT
            || !self.can_last_until(node, interval.from)
        {
            return false;
        }
        let (mut best, joint, others) = self.imagine(node, interval, ship, self.weights);
        if !self.could_win(&best, joint) {
            return false;
        }
        let Some(relaxed) = &interval.relaxed else { return true };
        let together =
            *node.together.get_or_insert_with(|| self.together(node.before, node.hours, interval.to, relaxed));
        let settled = best.exposure - others;
        best.exposure += (together.exposure - others).max(0.0);
        let joint = self
            .weights
            .zip(joint)
            .map(|(weights, joint)| joint.max(weights.point * (settled + together.priced) + weights.hour * node.hours));
        self.could_win(&best, joint)
    }

    /// What the relaxation says of the items that do not stand before the marker.
    fn together(&self, before: u64, hours: f64, to: f64, relaxed: &(Shipping<'_>, Shipping<'_>)) -> Together {
        let (first, last) = relaxed;
        let is_other = |i: usize| before & 1 << i == 0;
        let to = to.min(HORIZON);
        let untreated: f64 = (0..self.items.len())
            .filter(|&i| is_other(i))
            .map(|i| self.item(i).introduced * (HORIZON - to) + self.item(i).ambient * HORIZON)
            .sum();
        let rest = untreated - last.before_ship(0.0, is_other);
        let priced = self
            .weights
            .map_or(rest, |weights| rest - first.after_ship_for(weights.hour / weights.point, hours, is_other));
        Together { exposure: rest - first.after_ship(hours, is_other), priced }
    }

    /// The best imaginable end, what effort and exposure amount to together, and how much of the exposure is that of items
    /// that are not decided to stand before the marker.
    fn imagine(
        &self,
        node: &Node,
        interval: &Interval<'_>,
        ship: f64,
        weights: Option<Weights>,
    ) -> (Measure, Option<f64>, f64) {
        let totals = &self.problem.totals;
        // What no item can be treated for, and what stays of those that are decided to stand before.
        let (mut introduced, mut ambient) = (totals.introduced, totals.ambient);
        let mut all = Best::default();
        let (mut at_ship, mut at_horizon) = (0, 0);
        let mut others = 0.0;
        let mut front = self.front.iter();
        let mut imagined = interval.imagined.borrow_mut();
        let row = imagined.row(node.hours, ship, self.items.len());
        // Items of a kind do the same.
        let mut first = 0;
        for i in 0..self.items.len() {
            let item = self.item(i);
            if !self.repeats[i] {
                first = i;
            }
            introduced -= item.introduced;
            ambient -= item.ambient;
            let best = if node.before & 1 << i != 0 {
                let Some(&(_, choice)) = front.next() else { continue };
                self.before_ship(i, &item.choices[choice], ship, interval.to, weights)
            } else {
                let is_open = i >= node.decided;
                let best = *imagined.bests[row + first][usize::from(is_open)].get_or_insert_with(|| {
                    if is_open {
                        self.undecided(i, node.hours, ship, interval.to, weights)
                    } else {
                        self.after_ship(i, node.hours, ship, interval.to, weights)
                    }
                });
                others += best.exposure;
                best
            };
            all.exposure += best.exposure;
            all.joint += best.joint;
            all.met += best.met;
            at_ship |= u64::from(best.at_ship) << i;
            at_horizon |= u64::from(best.at_horizon) << i;
        }
        let to = interval.to.min(HORIZON);
        let never = introduced.max(0.0) * (HORIZON - to) + ambient.max(0.0) * HORIZON;
        let rest = never + totals.resolved * ship.min(HORIZON);
        let best = Measure {
            ship,
            effort: node.hours + self.at_horizon.hours(node.before),
            exposure: all.exposure + rest,
            ..self.counts(all.met, at_ship & self.counted, at_horizon & self.counted)
        };
        (best, weights.map(|weights| all.joint + weights.point * rest), others)
    }

    /// Finds weights for effort and exposure at which the two together tell most about the effort that it takes to expose
    /// little enough.
    fn weigh(&mut self) {
        let Some(enough) = self.enough().filter(|_| self.known.ship <= HORIZON) else { return };
        let ship = self.known.ship;
        let mut slopes: Vec<f64> = Vec::new();
        for i in 0..self.items.len() {
            let item = self.item(i);
            let ways = item.choices.iter().map(|choice| (choice.hours, self.before_ship(i, choice, ship, ship, None)));
            let ways: Vec<(f64, f64)> = ways.map(|(hours, best)| (hours, best.exposure)).collect();
            let accepted = (0.0, left(item, 1.0, HORIZON, ship));
            let cheaper = ways.iter().chain([&accepted]);
            let pairs = cheaper.flat_map(|a| ways.iter().map(move |b| (b.0 - a.0) / (a.1 - b.1)));
            slopes.extend(pairs.filter(|slope| slope.is_finite() && *slope > 0.0));
        }
        slopes.sort_by(f64::total_cmp);
        let weights = |slope: f64| Weights { hour: 1.0, point: slope };
        let effort = |slope: f64| {
            let imagined = RefCell::default();
            let interval = Interval { from: ship, to: ship, hours: f64::INFINITY, relaxed: None, imagined };
            let (_, joint, _) = self.imagine(&Node::START, &interval, ship, Some(weights(slope)));
            joint.unwrap_or_default() - slope * enough
        };
        // What the weights tell first rises with the slope, then falls.
        let (mut low, mut high) = (0, slopes.len());
        while high - low > 2 {
            let middle = usize::midpoint(low, high);
            if effort(slopes[middle - 1]) < effort(slopes[middle]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let best = slopes[low..high].iter().copied().max_by(|&a, &b| effort(a).total_cmp(&effort(b)));
        self.weights = best.map(weights);
    }

    /// Whether the work before ship can still take until the interval begins, were all that is undecided to join it.
    fn can_last_until(&self, node: &Node, from: f64) -> bool {
        let (mut hours, mut lead) = self.longest[node.decided];
        hours += node.hours;
        for &(i, choice) in &self.front {
            lead = lead.max(self.item(i).choices[choice].lead);
        }
        self.problem.clock.release(self.problem.clock.done(hours) + lead) >= from - EPSILON
    }

    /// The best of an item that stands before the marker with this choice.
    fn before_ship(&self, i: usize, chosen: &Choice, ship: f64, to: f64, weights: Option<Weights>) -> Best {
        #[cfg(test)]
        self.look();
        let item = self.item(i);
        let effect = if chosen.at_once { self.alone(chosen) } else { ship };
        // Introduced findings are treated by the ship day, whenever that is.
        let exposure = left(item, chosen.residual, effect.min(to), to);
        let joint = together(weights, chosen.hours, exposure);
        Best { exposure, joint, met: Met::of(item, effect, effect.max(to)), at_ship: true, at_horizon: true }
    }

    /// The best of an item that stands after the marker, behind so many hours of work, or is accepted.
    fn after_ship(&self, i: usize, hours: f64, ship: f64, to: f64, weights: Option<Weights>) -> Best {
        let item = self.item(i);
        let exposure = left(item, 1.0, HORIZON, to);
        let joint = if self.at_horizon.forced & 1 << i == 0 { together(weights, 0.0, exposure) } else { f64::INFINITY };
        let mut best = Best { exposure, joint, ..Best::default() };
        for chosen in &item.choices {
            #[cfg(test)]
            self.look();
            let ready = self.problem.clock.done(hours + chosen.hours) + chosen.lead;
            let effect = if chosen.at_once { ready } else { ready.max(ship) };
            if !effect.is_finite() {
                continue;
            }
            let within = |day: f64| effect <= day + EPSILON;
            let exposure = left(item, chosen.residual, effect, to);
            best = best.or(Best {
                exposure,
                joint: together(weights, chosen.hours, exposure),
                met: Met::of(item, effect, to.max(ship)),
                at_ship: within(to),
                at_horizon: within(to.max(HORIZON)),
            });
        }
        best
    }

    /// The best of an item that may stand on either side of the marker.
    fn undecided(&self, i: usize, hours: f64, ship: f64, to: f64, weights: Option<Weights>) -> Best {
        let clock = &self.problem.clock;
        let mut best = self.after_ship(i, hours, ship, to, weights);
        for chosen in &self.item(i).choices {
            let earliest = clock.done(hours + chosen.hours).max(self.alone(chosen));
            if earliest <= to + EPSILON {
                best = best.or(self.before_ship(i, chosen, ship.max(earliest), to, weights));
            }
        }
        best
    }

    /// Day on which a treatment is ready if it is the first in the queue.
    fn alone(&self, chosen: &Choice) -> f64 {
        self.problem.clock.done(chosen.hours) + chosen.lead
    }
}

/// What effort and exposure amount to together.
fn together(weights: Option<Weights>, hours: f64, exposure: f64) -> f64 {
    weights.map_or(0.0, |weights| weights.hour * hours + weights.point * exposure)
}
