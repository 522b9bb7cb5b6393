//! Where in the queue work of one length can end, and where that pays best.
//!
//! What a treatment saves and what its hours cost are linear in its end between the stops of its manner, the bounds of the
//! cells, and the bounds moved by its length, so that the best end is one of these. Where they are depends on the length and
//! the manner alone: all treatments that share both share them. The later work ends, the less it saves and the less its hours
//! cost, so that a run of ends is left out at once where even what its first saves, less what its last costs, is too little.
//!
//! Of treatments whose findings all come with the change, or all are live, each end asks for a line over the rate of
//! exposure that is saved. Where many share a length, the envelope of these lines is laid once, and each is looked up.

use super::grid::{Grid, Manner, Stop, Worth};
use super::stock::{Saves, Span};

/// Ends that are left out at once, or looked at one by one.
const RUN: usize = 16;

/// So many treatments of a length make it worth laying the envelope.
const MANY: u32 = 6;

/// A place in the queue: a cell and the hours from its beginning.
#[derive(Debug, Clone, Copy)]
struct Mark {
    cell: usize,
    hours: f64,
}

/// Where work can end.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// Hours of queued work up to its end.
    pub end: f64,
    /// Days of the horizon that remain after effect.
    left: Worth,
    from: Mark,
    to: Mark,
}

/// Integrals of the price of an hour.
pub struct Sums<'a> {
    price: &'a [f64],
    at_bounds: Vec<f64>,
}

impl<'a> Sums<'a> {
    /// Of the prices of the cells.
    pub fn new(grid: &Grid, price: &'a [f64]) -> Self {
        let mut at_bounds = Vec::with_capacity(price.len());
        let mut sum = 0.0;
        for (cell, price) in price.iter().enumerate() {
            at_bounds.push(sum);
            sum += price * grid.hours(cell);
        }
        Self { price, at_bounds }
    }

    fn up_to(&self, mark: Mark) -> f64 {
        self.at_bounds[mark.cell] + self.price[mark.cell] * mark.hours
    }

    /// Price of the hours of work that ends in a slot.
    fn cost(&self, slot: &Slot) -> f64 {
        self.up_to(slot.to) - self.up_to(slot.from)
    }
}

impl Slot {
    /// Of work so long that ends after so many hours, which are within the cells.
    pub fn new(grid: &Grid, manner: &Manner, hours: f64, end: f64) -> Self {
        let at = manner.stops.partition_point(|stop| stop.hours <= end) - 1;
        let left = manner.stops.get(at + 1).map_or(manner.stops[at].left, |next| between(&manner.stops[at], next, end));
        let mark = |hours: f64| {
            let cell = grid.cell_of(hours);
            Mark { cell, hours: hours - grid.bounds[cell] }
        };
        Self { end, left, from: mark((end - hours).max(0.0)), to: mark(end) }
    }

    /// What ending here saves less what it costs.
    pub fn value(&self, sums: &Sums<'_>, saves: Saves) -> f64 {
        saves.over(self.left) - sums.cost(self)
    }

    /// Hands out the hours of the work to the cells in which they are.
    pub fn spread(&self, grid: &Grid, mut add: impl FnMut(usize, f64)) {
        let mut from = self.from.hours;
        for cell in self.from.cell..self.to.cell {
            add(cell, grid.hours(cell) - from);
            from = 0.0;
        }
        add(self.to.cell, self.to.hours - from);
    }
}

/// Days that remain if work ends between a stop and the next.
fn between(from: &Stop, to: &Stop, end: f64) -> Worth {
    let share = (end - from.hours) / (to.hours - from.hours);
    if share <= 0.0 {
        return from.left;
    }
    let value = |a: f64, b: f64| a + (b - a) * share;
    Worth {
        introduced: value(from.later.introduced, to.left.introduced),
        ambient: value(from.later.ambient, to.left.ambient),
    }
}

/// Work of one length that takes effect in one manner.
#[derive(Debug)]
pub struct Length {
    /// Where it can end, the earliest first.
    slots: Vec<Slot>,
    /// Treatments of which all findings come with the change, and of which all are live.
    pure: [u32; 2],
}

/// Where a treatment ends best, at some prices.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Index of the slot.
    pub slot: usize,
    /// What it saves less what it costs.
    pub value: f64,
}

impl Length {
    /// The slots of a length.
    pub fn new(grid: &Grid, manner: &Manner, span: &Span) -> Self {
        let hours = span.hours;
        let (bounds, end) = (&grid.bounds, grid.end());
        let first = manner.stops.partition_point(|stop| stop.hours < hours - 1e-9);
        let mut moved = bounds.iter().map(|bound| bound + hours).take_while(|&moved| moved < end).peekable();
        let mut slots = Vec::with_capacity(2 * manner.stops.len());
        let (mut from, mut to) = (0, 0);
        let mut add = |end: f64, left: Worth| {
            let mark = |cell: &mut usize, hours: f64| {
                while *cell + 2 < bounds.len() && bounds[*cell + 1] <= hours {
                    *cell += 1;
                }
                Mark { cell: *cell, hours: hours - bounds[*cell] }
            };
            slots.push(Slot { end, left, from: mark(&mut from, (end - hours).max(0.0)), to: mark(&mut to, end) });
        };
        for (at, stop) in manner.stops.iter().enumerate().skip(first) {
            while let Some(end) = moved.next_if(|&end| end <= stop.hours) {
                if end < stop.hours && at > 0 {
                    add(end, between(&manner.stops[at - 1], stop, end));
                }
            }
            add(stop.hours, stop.left);
        }
        Self { slots, pure: span.pure }
    }

    /// The slot of that index.
    pub fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// The envelopes that are worth laying.
    pub fn envelopes(&self, sums: &Sums<'_>) -> [Option<Envelope>; 2] {
        if self.pure.iter().all(|&count| count < MANY) {
            return [None, None];
        }
        let costs: Vec<f64> = self.slots.iter().map(|slot| sums.cost(slot)).collect();
        let kinds: [fn(&Slot) -> f64; 2] = [|slot| slot.left.introduced, |slot| slot.left.ambient];
        let lay =
            |kind: usize| (self.pure[kind] >= MANY).then(|| Envelope::new(self.slots.iter().map(kinds[kind]), &costs));
        [lay(0), lay(1)]
    }

    /// Where it pays best to end by `latest`, if `extra` is to be paid for an end besides (never less for a later end) and only
    /// more than `least` is of use.
    pub fn best(
        &self,
        sums: &Sums<'_>,
        saves: Saves,
        latest: f64,
        mut least: f64,
        extra: impl Fn(f64) -> f64,
    ) -> Option<Found> {
        let mut found = None;
        for (run, slots) in self.slots.chunks(RUN).enumerate() {
            let (first, last) = (&slots[0], &slots[slots.len() - 1]);
            let saved = saves.over(first.left);
            // No price is below 0, and later ends save no more.
            if first.end > latest || saved <= least {
                break;
            }
            if saved - sums.cost(last) - extra(first.end) <= least {
                continue;
            }
            for (index, slot) in slots.iter().enumerate() {
                if slot.end > latest {
                    break;
                }
                let value = slot.value(sums, saves) - extra(slot.end);
                if value > least {
                    least = value;
                    found = Some(Found { slot: run * RUN + index, value });
                }
            }
        }
        found
    }
}

/// The slots at which it pays best to end, for every rate.
#[derive(Debug)]
pub struct Envelope {
    /// Rate from which on each of them is better than the next, falling.
    breaks: Vec<f64>,
    lines: Vec<Line>,
}

/// What ending in a slot is worth: so many points for each of the rate, less what it costs.
#[derive(Debug, Clone, Copy)]
struct Line {
    slot: usize,
    days: f64,
    cost: f64,
}

impl Envelope {
    /// From days that never rise and costs that never rise.
    fn new(days: impl Iterator<Item = f64>, costs: &[f64]) -> Self {
        let (mut lines, mut breaks): (Vec<Line>, Vec<f64>) = (Vec::new(), Vec::new());
        'slots: for (slot, (days, &cost)) in days.zip(costs).enumerate() {
            while let Some(last) = lines.last() {
                if days < last.days {
                    let from = ((last.cost - cost) / (last.days - days)).max(0.0);
                    if breaks.last().is_none_or(|&before| from < before) {
                        breaks.push(from);
                        break;
                    }
                } else if cost >= last.cost {
                    continue 'slots;
                }
                // No rate is left for which the last one is the best.
                lines.pop();
                breaks.pop();
            }
            lines.push(Line { slot, days, cost });
        }
        Self { breaks, lines }
    }

    /// The best slot for a rate.
    pub fn best(&self, rate: f64) -> Option<Found> {
        let line = self.lines.get(self.breaks.partition_point(|&from| rate <= from))?;
        Some(Found { slot: line.slot, value: rate * line.days - line.cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
    use crate::plan::prices::grid::Interval;
    use crate::plan::problem::{Choice, Clock, Item, Problem, Totals};
    use crate::plan::random::Random;

    /// Three hundred hours of work for one item, releases every other day.
    fn problem(hours: f64) -> Problem {
        let day = |n: u32| f64::from(n + 2 * (n / 5));
        let windows = (0..60).map(|n| WorkWindow { from: day(n), to: day(n) + 0.3, hours: 6.0 }).collect();
        let releases =
            (0..60).map(|n| ReleaseWindow { from: 2.0 * f64::from(n), to: 2.0 * f64::from(n) + 0.4 }).collect();
        let choice = |hours| Choice { treatment: 0, hours, residual: 0.0, at_once: false, lead: 0.0 };
        let items = vec![Item { choices: vec![choice(300.0), choice(hours)], ..Item::default() }];
        let clock = Clock::new(Calendar { now: jiff::Timestamp::UNIX_EPOCH, work: windows, releases });
        Problem { items, rows: Vec::new(), clock, totals: Totals::default() }
    }

    /// Prices that never rise, some of them alike and the last ones 0.
    fn prices(random: &mut Random, cells: usize) -> Vec<f64> {
        let mut price = 0.0;
        let mut prices: Vec<f64> = (0..cells)
            .map(|cell| {
                price += if cell % 3 == 0 || cell < 5 { 0.0 } else { random.unit() };
                price
            })
            .collect();
        prices.reverse();
        prices
    }

    /// The envelope knows the best end for every rate, no run of ends is left out that has a better one, and no end between
    /// the slots is better than the best of them.
    #[test]
    fn the_best_end_is_found_whichever_way_it_is_looked_for() {
        let mut random = Random::new(7);
        let mut later = 0;
        for hours in [0.0, 0.5, 4.0, 6.0, 17.5] {
            for at_once in [false, true] {
                let problem = problem(hours);
                let grid = Grid::new(&problem, 1);
                let manner = Manner::new(&problem, &grid, Interval { from: 4.0, to: 6.3 }, 1.5, at_once);
                let length = Length::new(&grid, &manner, &Span { effect: 0, hours, pure: [MANY, MANY] });
                for _ in 0..20 {
                    let prices = prices(&mut random, grid.len());
                    let sums = Sums::new(&grid, &prices);
                    let laid = length.envelopes(&sums);
                    let rate = 40.0 * random.unit() * random.unit();
                    for (kind, envelope) in laid.iter().enumerate() {
                        let saves =
                            [Saves { introduced: rate, ambient: 0.0 }, Saves { introduced: 0.0, ambient: rate }][kind];
                        let looked_up = envelope.as_ref().unwrap().best(rate).unwrap();
                        let scanned = length.best(&sums, saves, f64::INFINITY, f64::NEG_INFINITY, |_| 0.0).unwrap();
                        assert!((looked_up.value - scanned.value).abs() < 1e-9, "{looked_up:?} {scanned:?}");
                        let value = length.slot(looked_up.slot).value(&sums, saves);
                        assert!((looked_up.value - value).abs() < 1e-9);
                        later += u32::from(looked_up.slot > RUN);
                        let ends = (0..=3_000).map(|part| grid.end() * f64::from(part) / 3_000.0);
                        for end in ends.filter(|&end| end >= hours && end < grid.end()) {
                            let value = Slot::new(&grid, &manner, hours, end).value(&sums, saves);
                            assert!(value <= scanned.value + 1e-9, "{end}: {value} {scanned:?}");
                        }
                    }
                }
            }
        }
        // Not always the first run.
        assert!(later > 20, "{later}");
    }

    #[test]
    fn an_end_is_looked_for_up_to_the_latest_and_what_is_to_be_paid_besides_counts() {
        let problem = problem(4.0);
        let grid = Grid::new(&problem, 1);
        let manner = Manner::new(&problem, &grid, Interval { from: 4.0, to: 6.3 }, 0.0, true);
        let length = Length::new(&grid, &manner, &Span { effect: 0, hours: 4.0, pure: [0, 0] });
        let prices: Vec<f64> = (0..grid.len()).map(|cell| if cell < 20 { 50.0 } else { 0.0 }).collect();
        let sums = Sums::new(&grid, &prices);
        let saves = Saves { introduced: 1.0, ambient: 1.0 };
        let best = |latest: f64, extra: &dyn Fn(f64) -> f64| {
            let found = length.best(&sums, saves, latest, f64::NEG_INFINITY, extra).unwrap();
            (length.slot(found.slot).end, found.value)
        };
        // Work is cheap from 120 hours on; until then it is not worth its price of 200.
        assert!((best(f64::INFINITY, &|_| 0.0).0 - 124.0).abs() < 1e-9);
        assert!(best(60.0, &|_| 0.0).0 <= 60.0);
        let (end, value) = best(f64::INFINITY, &|end| if end > 30.0 { 1_000.0 } else { 0.0 });
        assert!(end <= 30.0 && value < 0.0, "{end} {value}");
        assert!(length.best(&sums, saves, 60.0, 0.0, |_| 0.0).is_none());
    }

    #[test]
    fn the_hours_of_a_slot_are_those_of_the_work() {
        let problem = problem(17.5);
        let grid = Grid::new(&problem, 1);
        let manner = Manner::new(&problem, &grid, Interval { from: 4.0, to: 6.3 }, 0.0, false);
        for end in [17.5, 18.0, 20.25, 100.0, grid.end()] {
            let mut hours = vec![0.0; grid.len()];
            Slot::new(&grid, &manner, 17.5, end).spread(&grid, |cell, part| hours[cell] += part);
            assert!((hours.iter().sum::<f64>() - 17.5).abs() < 1e-9, "{end}: {hours:?}");
            assert!((0..grid.len()).all(|cell| hours[cell] <= grid.hours(cell) + 1e-9), "{end}: {hours:?}");
        }
    }
}
