//! Every item for itself: which treatment, and where in the queue, pays best if hours of work, open rows and missed dates
//! have a price.

use super::grid::{Grid, Interval, Manner};
use super::kept::Kept;
use super::slots::{Envelope, Found, Length, Slot, Sums};
use super::stock::{Kind, Stock, Way, pure};
use crate::plan::problem::{EPSILON, HORIZON, Item, Problem};

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

/// What each item of a kind does.
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
    stock: &'a Stock,
    /// Where work can end, for every span of the stock.
    lengths: Vec<Length>,
    /// What is asked of a way besides: an index of `terms` for each way of the stock.
    terms_of: Vec<Option<u32>>,
    terms: Vec<Terms>,
    /// Kinds that must be treated.
    must: Vec<bool>,
    /// Exposure of everything that is not treated, at its least within the interval.
    untreated: f64,
}

/// What is asked of a way because of rows and dates.
struct Terms {
    /// It must end by then.
    latest: f64,
    /// What it costs more from where on.
    steps: Vec<Step>,
    /// Where it can end just before one of these.
    own: Vec<Slot>,
}

/// Nothing is asked.
static FREE: Terms = Terms { latest: f64::INFINITY, steps: Vec::new(), own: Vec::new() };

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
    pub fn new(problem: &'a Problem, grid: &'a Grid, kept: &'a Kept, stock: &'a Stock, ship: Interval) -> Option<Self> {
        let manners: Vec<Manner> =
            stock.effects.iter().map(|effect| Manner::new(problem, grid, ship, effect.lead, effect.at_once)).collect();
        let (mut terms, mut terms_of, mut must) = (Vec::new(), Vec::new(), Vec::new());
        // Hours that those take at least that must be done by the ship day.
        let mut hours = 0.0;
        for (index, kind) in stock.kinds.iter().enumerate() {
            let item = &problem.items[kind.item];
            let (_, ways) = stock.of(index);
            let limited = item.rows.iter().any(|&(row, _)| kept.open[row] != u32::MAX);
            if item.dues.is_empty() && !limited {
                terms_of.extend(ways.iter().map(|_| None));
                must.push(false);
                continue;
            }
            let first = terms.len();
            for way in ways {
                let manner = &manners[stock.spans[way.span].effect];
                let (latest, steps) = conditions(problem, kept, item, manner, ship);
                let within = |&hours: &f64| hours >= way.hours && hours <= latest && hours < grid.end();
                let last = steps.iter().map(|step| step.hours).chain([latest]).filter(within);
                let own = last.map(|end| Slot::new(grid, manner, way.hours, end)).collect();
                terms_of.push(u32::try_from(terms.len()).ok());
                terms.push(Terms { latest, steps, own });
            }
            let is_bound = terms[first..].iter().any(|terms| terms.latest.is_finite());
            must.push(is_bound);
            if is_bound && ways.iter().zip(&terms[first..]).all(|(way, terms)| terms.latest < way.hours) {
                return None;
            }
            if is_bound && is_forced(kept, item) {
                hours += kind.count * ways.iter().map(|way| way.hours).fold(f64::INFINITY, f64::min);
            }
        }
        if hours > problem.clock.hours_by(ship.to) + 1e-6 {
            return None;
        }
        let lengths = stock.spans.iter().map(|span| Length::new(grid, &manners[span.effect], span)).collect();
        let totals = &problem.totals;
        let untreated = totals.introduced * (HORIZON - ship.to.min(HORIZON))
            + totals.ambient * HORIZON
            + totals.resolved * ship.from.min(HORIZON);
        Some(Self { problem, grid, kept, stock, lengths, terms_of, terms, must, untreated })
    }

    /// What is asked of a way.
    fn terms(&self, way: usize) -> &Terms {
        self.terms_of[way].map_or(&FREE, |terms| &self.terms[terms as usize])
    }

    /// A lower bound on the exposure of any plan that keeps what is to be kept and ships in the interval. What each kind does
    /// goes to `deals`, what is asked for beyond what there is to `excess`.
    pub fn clear(&self, prices: &Prices, deals: &mut Vec<Deal>, excess: &mut Excess) -> f64 {
        let sums = Sums::new(self.grid, &prices.hour);
        let laid: Vec<[Option<Envelope>; 2]> = self.lengths.iter().map(|length| length.envelopes(&sums)).collect();
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
        for (index, kind) in self.stock.kinds.iter().enumerate() {
            let best = self.deal(index, prices, &sums, &laid);
            saved += kind.count * best.value;
            deals.push(Deal { choice: best.choice, end: best.end });
            self.book(kind, &best, excess);
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

    /// What the items of a kind do.
    fn deal(&self, kind: usize, prices: &Prices, sums: &Sums<'_>, laid: &[[Option<Envelope>; 2]]) -> Best<'_> {
        let item = &self.problem.items[self.stock.kinds[kind].item];
        let rows: f64 = item.rows.iter().map(|&(row, count)| prices.open[row] * f64::from(count)).sum();
        let extra = |steps: &[Step], end: f64| -> f64 {
            let due = steps.iter().filter(|step| end > step.hours);
            let price = |step: &Step| match step.what {
                What::OpenAtShip => rows,
                What::Firm(count) => prices.firm * f64::from(count),
                What::Missed(count) => prices.missed * f64::from(count),
            };
            due.map(price).sum()
        };
        let (first, ways) = self.stock.of(kind);
        let mut best = Best { value: f64::NEG_INFINITY, choice: None, slot: None, end: f64::INFINITY, terms: &FREE };
        if !ways.is_empty() {
            best.terms = self.terms(first);
        }
        if !self.must[kind] {
            best.value = -extra(&best.terms.steps, f64::INFINITY);
        }
        for (place, way) in (first..).zip(ways) {
            let terms = self.terms(place);
            self.offer(way, terms, sums, &laid[way.span], |end| extra(&terms.steps, end), &mut best);
        }
        best
    }

    /// Finds the place in the queue at which a way pays best, if it pays better than the best so far.
    fn offer<'m>(
        &'m self,
        way: &Way,
        terms: &'m Terms,
        sums: &Sums<'_>,
        laid: &[Option<Envelope>; 2],
        extra: impl Fn(f64) -> f64,
        best: &mut Best<'m>,
    ) {
        let end = self.grid.end().max(way.hours);
        let length = &self.lengths[way.span];
        // Beyond the cells nothing is saved, and hours cost nothing.
        if terms.latest >= end {
            best.take(-extra(end), way, terms, None, end);
        }
        // Where nothing more is to be paid at the best of all places, it is the best.
        let free = terms.steps.iter().map(|step| step.hours).fold(terms.latest, f64::min);
        let envelope = pure(way.saves).and_then(|kind| laid[kind].as_ref());
        let found = match envelope.and_then(|laid| laid.best(way.saves.rate())) {
            Some(Found { value, .. }) if value <= best.value => None,
            Some(found) if length.slot(found.slot).end <= free => Some(found),
            _ => length.best(sums, way.saves, terms.latest, best.value, &extra),
        };
        if let Some(Found { slot, value }) = found {
            let slot = length.slot(slot);
            best.take(value, way, terms, Some(slot), slot.end);
        }
        // Just before something more is to be paid, or it is too late.
        for slot in &terms.own {
            best.take(slot.value(sums, way.saves) - extra(slot.end), way, terms, Some(slot), slot.end);
        }
    }

    /// Books what the items of a kind ask for.
    fn book(&self, kind: &Kind, best: &Best<'_>, excess: &mut Excess) {
        if let Some(slot) = best.slot {
            slot.spread(self.grid, |cell, hours| excess.hour[cell] += kind.count * hours);
        }
        for step in best.terms.steps.iter().filter(|step| best.end > step.hours) {
            match step.what {
                What::OpenAtShip => {
                    let rows = &self.problem.items[kind.item].rows;
                    rows.iter().for_each(|&(row, count)| excess.open[row] += kind.count * f64::from(count));
                }
                What::Firm(count) => excess.firm += kind.count * f64::from(count),
                What::Missed(count) => excess.missed += kind.count * f64::from(count),
            }
        }
    }
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

/// The best place of an item so far.
struct Best<'a> {
    value: f64,
    choice: Option<usize>,
    /// `None` beyond the cells, and if it is not treated.
    slot: Option<&'a Slot>,
    end: f64,
    terms: &'a Terms,
}

impl<'a> Best<'a> {
    fn take(&mut self, value: f64, way: &Way, terms: &'a Terms, slot: Option<&'a Slot>, end: f64) {
        if value > self.value {
            *self = Self { value, choice: Some(way.choice), slot, end, terms };
        }
    }
}
