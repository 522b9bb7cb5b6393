//! Partial plans of the exact solver, and when one of them can be dropped for another.

use crate::plan::evaluate::Place;
use crate::plan::problem::{EPSILON, Item};

/// How far the due dates are met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// Dates met that may not be waived.
    pub firm: u32,
    /// Dates met that may be waived.
    pub soft: u32,
    /// Dates that are met, or missed with an end within the horizon.
    pub ended: u32,
}

impl Met {
    /// With the dates of one more item, in effect on day `effect`.
    pub fn with(self, item: &Item, effect: f64, ship: f64) -> Self {
        let dates = Self::of(item, effect, ship);
        Self { firm: self.firm + dates.firm, soft: self.soft + dates.soft, ended: self.ended + dates.ended }
    }

    /// The dates of one item.
    pub fn of(item: &Item, effect: f64, ship: f64) -> Self {
        let mut met = Self::default();
        for due in &item.dues {
            if !due.missed(effect, ship) {
                *(if due.firm { &mut met.firm } else { &mut met.soft }) += due.count;
            }
            if !due.lasting(effect, ship) {
                met.ended += due.count;
            }
        }
        met
    }

    /// At least as many of each kind as either.
    pub fn or(self, other: Self) -> Self {
        Self { firm: self.firm.max(other.firm), soft: self.soft.max(other.soft), ended: self.ended.max(other.ended) }
    }

    const fn covers(self, other: Self) -> bool {
        self.firm >= other.firm && self.soft >= other.soft && self.ended >= other.ended
    }
}

impl std::ops::AddAssign for Met {
    fn add_assign(&mut self, more: Self) {
        self.firm += more.firm;
        self.soft += more.soft;
        self.ended += more.ended;
    }
}

/// One way to order some of the items before the marker.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// Day on which all of them are ready to ship.
    pub ready: f64,
    /// Exposure of ambient findings saved by at-once treatments, in points.
    pub saved: f64,
    /// Dates that at-once treatments meet.
    pub met: Met,
    /// The last of them, by its place among the items before the marker, and the label that it extends.
    pub last: usize,
    /// See `last`.
    pub parent: usize,
}

impl Before {
    /// Whether nothing is lost without the other.
    pub fn covers(&self, other: &Self, more_is_better: bool) -> bool {
        (self.ready - other.ready).abs() <= EPSILON
            && at_least(self.saved, other.saved, more_is_better)
            && self.met.covers(other.met)
    }
}

/// One way to treat some of the items after the marker.
#[derive(Debug, Clone, Copy)]
pub struct After {
    /// Hours of work so far, from the beginning of the queue.
    pub hours: f64,
    /// Exposure saved so far.
    pub saved: f64,
    /// Dates met so far.
    pub met: Met,
    /// Items in effect at ship, as far as rows count them.
    pub at_ship: u64,
    /// Items in effect at the horizon, as far as rows count them.
    pub at_horizon: u64,
    /// The last place, its item called by its place among those that may stand after the marker, and the label that it
    /// extends.
    pub last: Place,
    /// See `last`.
    pub parent: usize,
}

impl After {
    /// Whether nothing is lost without the other.
    pub fn covers(&self, other: &Self, more_is_better: bool) -> bool {
        at_least(-self.hours, -other.hours, more_is_better)
            && at_least(self.saved, other.saved, more_is_better)
            && self.met.covers(other.met)
            && self.at_ship & other.at_ship == other.at_ship
            && self.at_horizon & other.at_horizon == other.at_horizon
    }
}

/// Whether `a` is at least `b`. For an objective with a lower bound on exposure more saved, and fewer hours used, is not
/// always better: then only the same will do.
fn at_least(a: f64, b: f64, more_is_better: bool) -> bool {
    a >= b - EPSILON && (more_is_better || a <= b + EPSILON)
}

/// Adds a label unless another covers it, and drops those that it covers. Labels that others already extend are final,
/// because sets are visited in order of size.
pub fn keep<L>(labels: &mut Vec<L>, new: L, covers: impl Fn(&L, &L) -> bool) {
    if !labels.iter().any(|old| covers(old, &new)) {
        labels.retain(|old| !covers(&new, old));
        labels.push(new);
    }
}
