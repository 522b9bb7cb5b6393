//! The best plan for an objective, proven: dynamic programming over sets of treated items.
//!
//! A plan is a set of items before the marker, each with a choice and in an order, then the marker, then another such
//! set. What an order of the first set settles is little: the moment at which all of it is ready (and with it the ship
//! day) and what its at-once treatments of ambient findings save on the way. Of two orders of the same choices that
//! are ready at the same moment, the one that saves less and meets no more dates can be dropped ([`Before`]). Once the ship
//! day is known, all that counts about the items done after the marker is which ones they are, how many hours they
//! took, what they saved, and which rows and dates they met: of two beginnings with the same items, one that is no
//! better in any of these can be dropped ([`After`]).
//!
//!
//! A beginning is also dropped if its best imaginable end is no better than the best plan known: every remaining item
//! alone, next in the queue, by whichever treatment is best in each respect; and all of them together no better than the
//! relaxation of [`bound`](super::bound) allows. That the key never gets better when a figure
//! gets worse makes both arguments sound. Search provides the first plan known, and often the best.
//!
//! The states number at most Π(2 + choices) over the items, which [`STATES`] bounds: fourteen items with one choice each,
//! eleven with two, nine with three. [`STEPS`] bounds the work in case too little can be dropped.

use super::bound::{Relaxation, Shipping};
use super::evaluate::{Evaluator, Measure, Place, Queue, Solved, effect_day, untreated};
use super::objective::{Key, Objective};
use super::problem::{Choice, EPSILON, HORIZON, Item, Problem, Row};

/// Largest number of states, counted without their labels.
pub const STATES: u64 = 5_000_000;

/// Largest amount of work: extensions of labels, and comparisons with labels kept.
pub const STEPS: u64 = 20_000_000;

/// How far the due dates are met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Met {
    firm: u32,
    soft: u32,
    ended: u32,
}

impl Met {
    fn with(mut self, item: &Item, effect: f64, ship: f64) -> Self {
        for due in &item.dues {
            if !due.missed(effect, ship) {
                *(if due.firm { &mut self.firm } else { &mut self.soft }) += due.count;
            }
            if !due.lasting(effect, ship) {
                self.ended += due.count;
            }
        }
        self
    }

    const fn covers(self, other: Self) -> bool {
        self.firm >= other.firm && self.soft >= other.soft && self.ended >= other.ended
    }
}

/// One way to order a set of choices before the marker.
#[derive(Debug, Clone, Copy)]
struct Before {
    /// Day on which all of it is ready to ship.
    ready: f64,
    /// Exposure of ambient findings saved by at-once treatments, in points.
    saved: f64,
    /// Dates that they meet.
    met: Met,
    /// The last item in the order, and the label that it extends.
    last: usize,
    parent: usize,
}

impl Before {
    fn covers(&self, other: &Self, more_is_better: bool) -> bool {
        (self.ready - other.ready).abs() <= EPSILON
            && at_least(self.saved, other.saved, more_is_better)
            && self.met.covers(other.met)
    }
}

/// One way to treat a set of items after the marker.
#[derive(Debug, Clone, Copy)]
struct After {
    hours: f64,
    saved: f64,
    met: Met,
    /// Items in effect at ship, and at the horizon, as far as rows count them.
    at_ship: u32,
    at_horizon: u32,
    /// The last place, and the label that it extends.
    last: Place,
    parent: usize,
}

impl After {
    fn covers(&self, other: &Self, more_is_better: bool) -> bool {
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
fn keep<L>(labels: &mut Vec<L>, new: L, covers: impl Fn(&L, &L) -> bool) {
    if !labels.iter().any(|old| covers(old, &new)) {
        labels.retain(|old| !covers(&new, old));
        labels.push(new);
    }
}

/// Whether the problem is small enough to be tried.
pub fn fits(problem: &Problem, candidates: &[usize]) -> bool {
    let states = candidates.iter().try_fold(1_u64, |product, &item| {
        product.checked_mul(2 + problem.items[item].choices.len() as u64).filter(|&p| p <= STATES)
    });
    states.is_some()
}

/// The best plan that treats only `candidates` (indices of items), given a good one; `None` if the problem is too large.
pub fn best(problem: &Problem, candidates: &[usize], objective: &Objective, known: &Solved) -> Option<Solved> {
    if !fits(problem, candidates) {
        return None;
    }
    let relaxation = Relaxation::new(problem, candidates);
    let mut search = Search::new(problem, candidates, objective, &relaxation, objective.key(&known.1));
    search.unavoidable = search.count_unavoidable();
    search.order_before()?;
    search.complete_all()?;
    // The figures of the winner are those of the evaluator, so that nothing rests on a second way of adding up.
    let found = search.found.and_then(|queue| Evaluator::new(problem).measure(&queue).map(|measure| (queue, measure)));
    Some(found.unwrap_or_else(|| known.clone()))
}

struct Search<'a> {
    problem: &'a Problem,
    items: &'a [usize],
    objective: &'a Objective,
    /// Per item, the weight of its digit in the code of a set of choices: digit 0 is "not before", 1.. the choice.
    weights: Vec<usize>,
    /// Labels per code.
    before: Vec<Vec<Before>>,
    /// Rows that a plan can change, each with the items that it counts, as bits over `items`.
    rows: Vec<(Row, Vec<(u32, u32)>)>,
    /// Items that some such row counts.
    counted: u32,
    relaxation: &'a Relaxation<'a>,
    /// Least exposure if it ships on a whole day or later.
    least_from: Vec<f64>,
    /// What no plan attains.
    unavoidable: Measure,
    steps: u64,
    key: Key,
    found: Option<Queue>,
    /// Labels per mask of items after the marker; reused.
    after: Vec<Vec<After>>,
}

impl<'a> Search<'a> {
    fn new(
        problem: &'a Problem,
        items: &'a [usize],
        objective: &'a Objective,
        relaxation: &'a Relaxation<'a>,
        key: Key,
    ) -> Self {
        let mut weights = Vec::with_capacity(items.len());
        let mut codes = 1;
        for &item in items {
            weights.push(codes);
            codes *= 1 + problem.items[item].choices.len();
        }
        let mut rows = Vec::new();
        for (number, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.matters()) {
            let counted = items.iter().enumerate().flat_map(|(i, &item)| {
                let counts = problem.items[item].rows.iter().filter(move |(row, _)| *row == number);
                counts.map(move |(_, count)| (1 << i, *count))
            });
            rows.push((*row, counted.collect::<Vec<(u32, u32)>>()));
        }
        let counted = rows.iter().flat_map(|(_, counts)| counts).fold(0, |mask, (bit, _)| mask | bit);
        Self {
            problem,
            items,
            objective,
            weights,
            before: vec![Vec::new(); codes],
            rows,
            counted,
            relaxation,
            least_from: relaxation.least_from(problem),
            unavoidable: Measure {
                firm: 0,
                missed: 0,
                lasting: 0,
                red: 0,
                amber: 0,
                ship: 0.0,
                effort: 0.0,
                exposure: 0.0,
            },
            steps: 0,
            key,
            found: None,
            after: Vec::new(),
        }
    }

    fn item(&self, i: usize) -> &'a Item {
        &self.problem.items[self.items[i]]
    }

    /// The choice of item `i` in a code, if it stands before the marker.
    fn digit(&self, code: usize, i: usize) -> Option<usize> {
        (code / self.weights[i] % (1 + self.item(i).choices.len())).checked_sub(1)
    }

    /// Whether a plan with so many hours before the marker, done on that day, could be better than the best so far,
    /// judged by its ship day and effort, the least exposure from that day on, and the limits that no plan attains.
    fn could_win(&self, hours: f64, done: f64) -> bool {
        let ship = self.problem.clock.release(done);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day from 0 to the horizon")]
        let exposure = self.least_from[ship.clamp(0.0, HORIZON) as usize];
        let best = Measure { ship, effort: hours, exposure, ..self.unavoidable };
        !self.objective.monotone() || self.objective.key(&best).better_than(&self.key)
    }

    /// The counts that remain if every item is treated at once and before all others; its other figures are 0.
    fn count_unavoidable(&self) -> Measure {
        let all: Vec<usize> = (0..self.items.len()).collect();
        let mask = all.iter().fold(0, |mask, i| mask | 1 << i) & self.counted;
        let mut met = Met::default();
        for &i in &all {
            let item = self.item(i);
            let readies = item.choices.iter().map(|choice| self.problem.clock.done(choice.hours) + choice.lead);
            let ready = readies.fold(f64::INFINITY, f64::min);
            // A late ship keeps dates of introduced findings: none of them counts as missed here.
            met = met.with(item, ready, ready);
        }
        let label = After {
            hours: 0.0,
            saved: 0.0,
            met,
            at_ship: mask,
            at_horizon: mask,
            last: Place { item: 0, choice: 0 },
            parent: usize::MAX,
        };
        self.measure(&label, 0.0)
    }

    /// Accounts for work; `None` when it is too much.
    fn step(&mut self, work: usize) -> Option<()> {
        self.steps += work as u64;
        (self.steps <= STEPS).then_some(())
    }

    /// Labels every set of choices with the orders worth keeping. Taking a digit out lowers the code, so that codes in
    /// ascending order find their predecessors ready.
    fn order_before(&mut self) -> Option<()> {
        let start = Before { ready: 0.0, saved: 0.0, met: Met::default(), last: usize::MAX, parent: 0 };
        self.before[0].push(start);
        let monotone = self.objective.monotone();
        for code in 1..self.before.len() {
            let hours: f64 = (0..self.items.len())
                .filter_map(|i| self.digit(code, i).map(|choice| self.item(i).choices[choice].hours))
                .sum();
            let done = self.problem.clock.done(hours);
            // Neither does a set that contains this one have to be looked at: it ships no earlier and takes no less work.
            if !done.is_finite() || !self.could_win(hours, done) {
                continue;
            }
            let mut labels = Vec::new();
            for i in 0..self.items.len() {
                let Some(choice) = self.digit(code, i) else { continue };
                let item = self.item(i);
                let chosen = &item.choices[choice];
                let ready = done + chosen.lead;
                let parents = &self.before[code - (choice + 1) * self.weights[i]];
                for (parent, label) in parents.iter().enumerate() {
                    let mut next = Before { ready: label.ready.max(ready), last: i, parent, ..*label };
                    if chosen.at_once {
                        // The ship day is not known yet and not needed: an ambient finding is exposed from now, an
                        // introduced one never before ship.
                        next.saved += (1.0 - chosen.residual) * item.ambient * (HORIZON - ready).max(0.0);
                        next.met = next.met.with(item, ready, ready);
                    }
                    keep(&mut labels, next, |a: &Before, b| a.covers(b, monotone));
                }
            }
            self.step(1 + labels.len() * labels.len())?;
            self.before[code] = labels;
        }
        Some(())
    }

    /// Completes every beginning in every way worth keeping.
    fn complete_all(&mut self) -> Option<()> {
        for code in 0..self.before.len() {
            for index in 0..self.before[code].len() {
                self.complete(code, index)?;
            }
        }
        Some(())
    }

    fn complete(&mut self, code: usize, index: usize) -> Option<()> {
        let label = self.before[code][index];
        let ship = self.problem.clock.release(label.ready);
        if !ship.is_finite() {
            return Some(());
        }
        let n = self.items.len();
        let monotone = self.objective.monotone();
        let mut start = After {
            hours: 0.0,
            saved: label.saved,
            met: label.met,
            at_ship: 0,
            at_horizon: 0,
            last: Place { item: 0, choice: 0 },
            parent: usize::MAX,
        };
        let mut rest = Vec::with_capacity(n);
        for i in 0..n {
            let Some(choice) = self.digit(code, i) else {
                rest.push(i);
                continue;
            };
            let item = self.item(i);
            let chosen = &item.choices[choice];
            start.hours += chosen.hours;
            start.at_ship |= 1 << i;
            if chosen.at_once {
                start.saved += (1.0 - chosen.residual) * item.introduced * (HORIZON - ship).max(0.0);
            } else {
                start.saved += item.saving(chosen, ship, ship);
                start.met = start.met.with(item, ship, ship);
            }
        }
        start.at_ship &= self.counted;
        start.at_horizon = start.at_ship;
        self.after.resize(self.after.len().max(1 << rest.len()), Vec::new());
        self.after[..1 << rest.len()].iter_mut().for_each(Vec::clear);
        self.after[0].push(start);
        // The relaxation takes a moment to set up; most beginnings are dropped without it.
        if !self.is_promising(&start, &rest, ship, None) {
            self.consider(code, index, 0, 0, &rest, ship);
            return Some(());
        }
        let relaxation = self.relaxation;
        let relaxed = (ship <= HORIZON).then(|| relaxation.shipping_on(ship));
        let mut left = Vec::with_capacity(n);
        for mask in 0..1_usize << rest.len() {
            for parent in 0..self.after[mask].len() {
                let from = self.after[mask][parent];
                self.consider(code, index, mask, parent, &rest, ship);
                self.step(2 * rest.len())?;
                left.clear();
                left.extend(rest.iter().enumerate().filter(|(bit, _)| mask & 1 << bit == 0).map(|(_, &i)| i));
                if !self.is_promising(&from, &left, ship, relaxed.as_ref()) {
                    continue;
                }
                for (bit, &i) in rest.iter().enumerate().filter(|(bit, _)| mask & 1 << bit == 0) {
                    self.step(4 + self.after[mask | 1 << bit].len())?;
                    for (choice, chosen) in self.item(i).choices.iter().enumerate() {
                        let Some(next) = self.extend(&from, i, chosen, ship) else { continue };
                        let next = After { last: Place { item: i, choice }, parent, ..next };
                        keep(&mut self.after[mask | 1 << bit], next, |a: &After, b| a.covers(b, monotone));
                    }
                }
            }
        }
        Some(())
    }

    /// Takes a label as a complete plan (what it does not treat is accepted) and remembers it if it is the best so far.
    fn consider(&mut self, code: usize, index: usize, mask: usize, label: usize, rest: &[usize], ship: f64) {
        let key = self.objective.key(&self.measure(&self.after[mask][label], ship));
        if key.better_than(&self.key) {
            self.key = key;
            self.found = Some(self.trace(code, index, mask, label, rest));
        }
    }

    /// Whether what is left to treat after a label could make a plan better than the best so far.
    fn is_promising(&self, from: &After, left: &[usize], ship: f64, relaxed: Option<&Shipping<'_>>) -> bool {
        if !self.objective.monotone() {
            return true;
        }
        let mut best = *from;
        for &i in left {
            let item = self.item(i);
            let (mut saved, mut met) = (0.0_f64, Met::default());
            for chosen in &item.choices {
                let Some(next) = self.extend(from, i, chosen, ship) else { continue };
                saved = saved.max(next.saved - from.saved);
                met.firm = met.firm.max(next.met.firm - from.met.firm);
                met.soft = met.soft.max(next.met.soft - from.met.soft);
                met.ended = met.ended.max(next.met.ended - from.met.ended);
                best.at_ship |= next.at_ship;
                best.at_horizon |= next.at_horizon;
            }
            best.saved += saved;
            best.met.firm += met.firm;
            best.met.soft += met.soft;
            best.met.ended += met.ended;
        }
        if !self.objective.key(&self.measure(&best, ship)).better_than(&self.key) {
            return false;
        }
        let Some(relaxed) = relaxed else { return true };
        let together = from.saved + relaxed.most_saved(from.hours, |i| left.contains(&i));
        best.saved = best.saved.min(together);
        self.objective.key(&self.measure(&best, ship)).better_than(&self.key)
    }

    /// A label with one more item treated; `None` if that takes no effect before the calendar ends.
    fn extend(&self, from: &After, i: usize, chosen: &Choice, ship: f64) -> Option<After> {
        let item = self.item(i);
        let hours = from.hours + chosen.hours;
        let ready = self.problem.clock.done(hours) + chosen.lead;
        let effect = effect_day(self.problem, chosen.at_once, ready, ship);
        let within = |day: f64| if effect <= day + EPSILON { 1 << i & self.counted } else { 0 };
        effect.is_finite().then(|| After {
            hours,
            saved: from.saved + item.saving(chosen, effect, ship),
            met: from.met.with(item, effect, ship),
            at_ship: from.at_ship | within(ship),
            at_horizon: from.at_horizon | within(ship.max(HORIZON)),
            ..*from
        })
    }

    /// What a label amounts to if the rest is accepted.
    fn measure(&self, label: &After, ship: f64) -> Measure {
        let totals = &self.problem.totals;
        let mut measure = Measure {
            firm: totals.firm_dues - label.met.firm,
            missed: totals.soft_dues - label.met.soft,
            lasting: totals.firm_dues + totals.soft_dues - label.met.ended,
            red: 0,
            amber: 0,
            ship,
            effort: label.hours,
            exposure: untreated(self.problem, ship) - label.saved,
        };
        for (row, counts) in &self.rows {
            let open = |mask: u32| {
                row.total - counts.iter().filter(|(bit, _)| mask & bit != 0).map(|(_, count)| count).sum::<u32>()
            };
            let at_ship = open(label.at_ship);
            let red = at_ship.saturating_sub(row.tolerance);
            *(if row.before_ship { &mut measure.firm } else { &mut measure.red }) += red;
            measure.amber += at_ship.saturating_sub(row.appetite);
            measure.lasting += open(label.at_horizon).saturating_sub(row.tolerance);
        }
        measure
    }

    /// The queue that led to a label.
    fn trace(&self, mut code: usize, mut index: usize, mut mask: usize, mut label: usize, rest: &[usize]) -> Queue {
        let mut places = Vec::new();
        while mask != 0 {
            let after = self.after[mask][label];
            places.push(Place { item: self.items[after.last.item], choice: after.last.choice });
            mask &= !rest.iter().position(|&i| i == after.last.item).map_or(0, |bit| 1 << bit);
            label = after.parent;
        }
        let behind = places.len();
        while code != 0 {
            let before = self.before[code][index];
            let Some(choice) = self.digit(code, before.last) else { break };
            places.push(Place { item: self.items[before.last], choice });
            code -= (choice + 1) * self.weights[before.last];
            index = before.parent;
        }
        places.reverse();
        let marker = places.len() - behind;
        Queue { places, marker }
    }
}
