//! Prices that make the bound high: where more is asked for than there is, the price rises.
//!
//! Subgradient steps of Polyak's length towards the exposure of the plan that is known, along a running mean of the
//! directions (Barahona and Anbil, "The volume algorithm", 2000).

use super::grid::Grid;
use super::market::{Deal, Excess, Market, Prices};
use crate::plan::arrange::Tight;
use crate::plan::evaluate::Queue;
use crate::plan::problem::{HORIZON, Problem};

/// The prices at which a bound was had, and what each kind of items does at them.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The bound, in points.
    pub bound: f64,
    /// The prices.
    pub prices: Prices,
    /// What each kind does.
    pub deals: Vec<Deal>,
}

/// Weight of the newest direction in the mean.
const NEWEST: f64 = 0.4;

/// Rounds without a better bound after which steps are halved.
const PATIENCE: usize = 4;

/// How much of each shared thing there is, by which steps are scaled.
#[derive(Debug)]
pub struct Scale {
    hours: Vec<f64>,
    /// Findings that each row counts, over the hours that treating one takes.
    open: Vec<f64>,
    dates: f64,
}

impl Scale {
    /// The scale of a problem.
    pub fn new(problem: &Problem, grid: &Grid) -> Self {
        let least = problem.items.iter().map(|item| item.choices.iter().map(|c| c.hours).fold(f64::INFINITY, f64::min));
        #[expect(clippy::cast_precision_loss, reason = "few items")]
        let mean = (least.sum::<f64>() / problem.items.len().max(1) as f64).max(0.1);
        let dates = problem.totals.firm_dues + problem.totals.soft_dues;
        Self {
            hours: grid.bounds[1..].iter().map(|end| end.powi(3)).collect(),
            open: problem.rows.iter().map(|row| f64::from(row.total.max(1)) / mean).collect(),
            dates: f64::from(dates.max(1)) / mean,
        }
    }
}

/// Raises the bound for so many rounds, or until it is at `enough`.
pub fn ascend(market: &Market<'_>, scale: &Scale, from: &Prices, enough: f64, rounds: usize) -> Reached {
    let mut prices = from.clone();
    let mut excess = from.clone();
    let mut deals = Vec::new();
    let mut best = Reached { bound: f64::NEG_INFINITY, prices: prices.clone(), deals: Vec::new() };
    let mut mean: Option<Excess> = None;
    let mut step = 1.0;
    let mut quiet = 0;
    for round in 0..=rounds {
        let bound = market.clear(&prices, &mut deals, &mut excess);
        if bound > best.bound {
            quiet = 0;
            best.bound = bound;
            best.prices.clone_from(&prices);
            best.deals.clone_from(&deals);
        } else {
            quiet += 1;
        }
        if best.bound >= enough || round == rounds {
            break;
        }
        let direction = mean.get_or_insert_with(|| excess.clone());
        direction.blend(&excess);
        if quiet >= PATIENCE {
            quiet = 0;
            step *= 0.5;
            prices.clone_from(&best.prices);
        }
        let length = direction.length(scale);
        if length <= 0.0 || step < 1e-3 {
            break;
        }
        prices.rise(direction, scale, step * (enough - bound).max(0.0) / length);
    }
    best
}

impl Prices {
    /// No price for anything.
    pub fn none(cells: usize, rows: usize) -> Self {
        Self { hour: vec![0.0; cells], open: vec![0.0; rows], firm: 0.0, missed: 0.0 }
    }

    /// Prices at which a queue could come about: an hour costs what it costs to push back everything that is done later, and
    /// before a tight deadline what the last hour won cost.
    pub fn of_queue(problem: &Problem, grid: &Grid, queue: &Queue, tight: &[Tight], ship: f64) -> Self {
        let mut prices = Self::none(grid.len(), problem.rows.len());
        let windows = &problem.clock.calendar().work;
        // Days per hour of work, nights and weekends included.
        let pace = |hours: f64| {
            let at = problem.clock.window_of(hours);
            let (Some(window), Some(next)) = (windows.get(at), windows.get(at + 1)) else { return 0.0 };
            (next.from - window.from) / window.hours
        };
        let mut hours = 0.0;
        for place in &queue.places {
            let item = &problem.items[place.item];
            let choice = &item.choices[place.choice];
            hours += choice.hours;
            let ready = problem.clock.done(hours) + choice.lead;
            if ready > HORIZON {
                break;
            }
            let mut rate = 0.0;
            if ready > ship {
                rate += item.introduced + item.ambient;
            } else if choice.at_once {
                rate += item.ambient;
            }
            let price = (1.0 - choice.residual) * rate * pace(hours);
            let last = grid.cell_of(hours - 0.5 * choice.hours);
            prices.hour[..=last].iter_mut().for_each(|sum| *sum += price);
        }
        for &Tight { deadline, rate } in tight.iter().rev() {
            let last = grid.cell_of(deadline - 1e-6);
            let more = rate * (HORIZON - problem.clock.done(deadline)).max(0.0) - prices.hour[last];
            if more > 0.0 {
                prices.hour[..=last].iter_mut().for_each(|price| *price += more);
            }
        }
        prices
    }

    fn blend(&mut self, newest: &Self) {
        let blend = |old: &mut f64, new: f64| *old += NEWEST * (new - *old);
        self.hour.iter_mut().zip(&newest.hour).for_each(|(old, new)| blend(old, *new));
        self.open.iter_mut().zip(&newest.open).for_each(|(old, new)| blend(old, *new));
        blend(&mut self.firm, newest.firm);
        blend(&mut self.missed, newest.missed);
    }

    /// Excess hours up to the end of each cell.
    fn so_far(&self) -> impl Iterator<Item = f64> {
        self.hour.iter().scan(0.0, |sum, excess| {
            *sum += excess;
            Some(*sum)
        })
    }

    fn length(&self, scale: &Scale) -> f64 {
        let hours: f64 = self.so_far().zip(&scale.hours).map(|(d, hours)| d * d / hours).sum();
        let open: f64 = self.open.iter().zip(&scale.open).map(|(d, count)| bounded(*d) * bounded(*d) / count).sum();
        hours + open + (bounded(self.firm).powi(2) + bounded(self.missed).powi(2)) / scale.dates
    }

    fn rise(&mut self, direction: &Self, scale: &Scale, step: f64) {
        let rises: Vec<f64> = direction.so_far().zip(&scale.hours).map(|(d, hours)| step * d / hours).collect();
        let mut later = 0.0;
        let mut new = 0.0;
        for (price, rise) in self.hour.iter_mut().zip(rises).rev() {
            // What this cell costs more than the next one is the price of having to be done by its end.
            let fall = *price - later;
            later = *price;
            new += (fall + rise).max(0.0);
            *price = new;
        }
        let open = direction.open.iter().zip(&scale.open);
        self.open
            .iter_mut()
            .zip(open)
            .for_each(|(price, (d, count))| *price = (*price + step * bounded(*d) / count).max(0.0));
        self.firm = (self.firm + step * bounded(direction.firm) / scale.dates).max(0.0);
        self.missed = (self.missed + step * bounded(direction.missed) / scale.dates).max(0.0);
    }
}

/// What is not limited has no price.
fn bounded(excess: f64) -> f64 {
    if excess < -1e9 { 0.0 } else { excess }
}
