//! Completing a plan of which the items before the marker are settled: their order, and what is done after ship.

use std::collections::BTreeMap;

use super::demand::Demand;
use super::label::{After, Before, Met, keep};
use super::sets::Sets;
use crate::plan::bound::{Relaxation, Shipping};
use crate::plan::evaluate::{Measure, Place, Queue, effect_day, untreated};
use crate::plan::kinds::kinds;
use crate::plan::objective::{Joint, Key, Objective, Weights};
use crate::plan::problem::{Choice, EPSILON, HORIZON, Item, Problem, Row};

/// Largest amount of work: ways to treat an item that are looked at, and comparisons with labels kept. Some 60 ms at most; what a
/// dozen items take is far less, and what twenty that differ take far more.
const STEPS: u64 = 3_000_000;

/// Of larger problems hardly any is proven: where there are twice as many sets of items half as much is spent on the attempt.
const SMALL: f64 = 16.0;

/// What may be spent on a problem with so many items of each kind.
fn limit(kinds: &BTreeMap<usize, u32>) -> u64 {
    let doublings: f64 = kinds.values().map(|&items| f64::from(items + 1).log2()).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of items")]
    let halvings = (doublings - SMALL).max(0.0) as u32;
    STEPS >> halvings
}

/// The best plan found so far, and what it takes to find a better one.
pub struct Search<'a> {
    /// What there is to decide.
    pub problem: &'a Problem,
    /// Indices of the items that may be treated; everywhere else here an item is called by its place among them.
    pub items: &'a [usize],
    objective: &'a Objective,
    /// The objective by which branches are judged: no plan is worse by it than by the other.
    judge: Objective,
    /// Rows that a plan can change, each with the items that it counts, as bits over `items`.
    rows: Vec<(Row, Vec<(u64, u32)>)>,
    /// Items that some such row counts.
    pub counted: u64,
    /// What all of them can save together.
    pub relaxation: &'a Relaxation<'a>,
    /// The plan known from the start.
    pub known: Measure,
    /// How effort and exposure are weighed against each other to see that both together are too much.
    pub weights: Option<Weights>,
    /// What a plan that is better than the one known has to have in effect at ship.
    pub at_ship: Demand,
    /// What it has to treat at all.
    pub at_horizon: Demand,
    /// Hours and lead of the longest treatments of all items from one on, together.
    pub longest: Vec<(f64, f64)>,
    /// Of each item, whether it is of the kind of the one before it.
    pub repeats: Vec<bool>,
    /// Number of ways to treat an item or leave it, of all kinds, and of items: what it costs to look at each.
    pub ways: usize,
    /// Ways to treat an item that were looked at, to hold what it costs against what is accounted for.
    #[cfg(test)]
    looked: std::cell::Cell<u64>,
    steps: u64,
    /// How much may be spent.
    limit: u64,
    key: Key,
    /// The best plan, if it is better than the one known from the start.
    pub found: Option<Queue>,
    /// Items before the marker, each with its choice.
    pub front: Vec<(usize, usize)>,
    /// Labels per set of them; reused.
    before: Vec<Vec<Before>>,
    /// Labels per set of items after the marker; reused.
    after: Vec<Vec<After>>,
}

/// The most that treating one more item can save and meet.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    saved: f64,
    met: Met,
    /// Whether rows that count it can count it as treated at ship, and at the horizon.
    at_ship: bool,
    at_horizon: bool,
    /// The least that its hours and what it saves amount to, weighed against each other.
    joint: f64,
}

impl<'a> Search<'a> {
    /// Nothing found yet that is better than the plan known.
    pub fn new(
        problem: &'a Problem,
        items: &'a [usize],
        objective: &'a Objective,
        relaxation: &'a Relaxation<'a>,
        known: &Measure,
    ) -> Self {
        let mut rows = Vec::new();
        for (number, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.matters()) {
            let counted = items.iter().enumerate().flat_map(|(i, &item)| {
                let counts = problem.items[item].rows.iter().filter(move |(row, _)| *row == number);
                counts.map(move |(_, count)| (1 << i, *count))
            });
            rows.push((*row, counted.collect::<Vec<(u64, u32)>>()));
        }
        let counted = rows.iter().flat_map(|(_, counts)| counts).fold(0, |mask, (bit, _)| mask | bit);
        // Where every missed date ends within the horizon, what has one is treated.
        let has_date = |item: &usize| objective.ends(known) && !problem.items[*item].dues.is_empty();
        let dated = items.iter().enumerate().filter(|(_, item)| has_date(item)).fold(0, |mask, (i, _)| mask | 1 << i);
        let mut longest = vec![(0.0, 0.0_f64)];
        for &item in items.iter().rev() {
            let most = |value: fn(&Choice) -> f64| problem.items[item].choices.iter().map(value).fold(0.0, f64::max);
            let (hours, lead) = longest[longest.len() - 1];
            longest.push((hours + most(|choice| choice.hours), lead.max(most(|choice| choice.lead))));
        }
        longest.reverse();
        let kinds = kinds(items.iter().map(|&item| &problem.items[item]));
        let repeats: Vec<bool> = (0..items.len()).map(|i| i > 0 && kinds[i] == kinds[i - 1]).collect();
        let first = items.iter().zip(&repeats).filter(|(_, repeats)| !**repeats);
        let ways = items.len() + first.map(|(&item, _)| 1 + problem.items[item].choices.len()).sum::<usize>();
        let mut sizes: BTreeMap<usize, u32> = BTreeMap::new();
        for kind in kinds {
            *sizes.entry(kind).or_default() += 1;
        }
        Self {
            problem,
            items,
            objective,
            judge: objective.relaxed(),
            rows,
            counted,
            relaxation,
            known: *known,
            weights: objective.weights(known),
            at_ship: Demand::new(problem, items, &objective.open_at_ship(&problem.rows, known), 0),
            at_horizon: Demand::new(problem, items, &objective.open_at_horizon(&problem.rows, known), dated),
            longest,
            repeats,
            ways,
            #[cfg(test)]
            looked: std::cell::Cell::default(),
            steps: 0,
            limit: limit(&sizes),
            key: objective.key(known),
            found: None,
            front: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// The item at that place.
    pub fn item(&self, i: usize) -> &'a Item {
        &self.problem.items[self.items[i]]
    }

    /// Whether a plan no worse in any figure than this could be better than the best so far.
    pub fn could_win(&self, best: &Measure, joint: Option<f64>) -> bool {
        let joint = self.weights.zip(joint).map(|(weights, least)| Joint { weights, least });
        self.judge.least_key(best, joint.as_ref()).better_than(&self.key)
    }

    /// The exposure that a plan may have at most, if effort is weighed against it.
    pub fn enough(&self) -> Option<f64> {
        self.objective.enough()
    }

    /// Notes that a way to treat an item was looked at.
    #[cfg(test)]
    pub fn look(&self) {
        self.looked.set(self.looked.get() + 1);
    }

    /// Accounts for work; `None` when it is too much.
    pub fn step(&mut self, work: usize) -> Option<()> {
        self.steps += work as u64;
        (self.steps <= self.limit).then_some(())
    }

    /// Completes the items before the marker in every order and with every end worth keeping, where that ships within the
    /// interval.
    pub fn complete_front(&mut self, from: f64, to: f64) -> Option<()> {
        let sets = self.order_front()?;
        let full = sets.count() - 1;
        for index in 0..self.before[full].len() {
            let ship = self.problem.clock.release(self.before[full][index].ready);
            if ship >= from - EPSILON && ship <= to + EPSILON {
                self.complete(&sets, index, ship)?;
            }
        }
        Some(())
    }

    /// Labels every subset of the items before the marker with the orders worth keeping.
    fn order_front(&mut self) -> Option<Sets> {
        let is_alike = |bit: usize| {
            let ((previous, before), (i, choice)) = (self.front[bit - 1], self.front[bit]);
            previous + 1 == i && self.repeats[i] && before == choice
        };
        let sets = Sets::new(self.front.len(), |bit| bit > 0 && is_alike(bit))?;
        if self.before.len() < sets.count() {
            self.before.resize(sets.count(), Vec::new());
        }
        self.before[0] = vec![Before { ready: 0.0, saved: 0.0, met: Met::default(), last: 0, parent: 0 }];
        let monotone = self.objective.monotone();
        for set in 1..sets.count() {
            let hours = |bit: usize| self.item(self.front[bit].0).choices[self.front[bit].1].hours;
            let done = self.problem.clock.done(sets.members(set).map(hours).sum());
            let mut labels = std::mem::take(&mut self.before[set]);
            labels.clear();
            let mut tried = 0;
            for bit in sets.last(set) {
                let (i, choice) = self.front[bit];
                let item = self.item(i);
                let chosen = &item.choices[choice];
                let ready = done + chosen.lead;
                for (parent, label) in self.before[sets.without(set, bit)].iter().enumerate() {
                    tried += 1;
                    let mut next = Before { ready: label.ready.max(ready), last: bit, parent, ..*label };
                    if chosen.at_once {
                        // The ship day is not known yet and not needed: an ambient finding is exposed from now, an
                        // introduced one never before ship.
                        next.saved += (1.0 - chosen.residual) * item.ambient * (HORIZON - ready).max(0.0);
                        next.met = next.met.with(item, ready, ready);
                    }
                    keep(&mut labels, next, |a: &Before, b| a.covers(b, monotone));
                }
            }
            let work = 1 + tried + labels.len() * labels.len();
            self.before[set] = labels;
            self.step(work)?;
        }
        Some(sets)
    }

    /// Completes one order of the items before the marker, which ships on a given day.
    fn complete(&mut self, front: &Sets, index: usize, ship: f64) -> Option<()> {
        let label = self.before[front.count() - 1][index];
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
        for &(i, choice) in &self.front {
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
        let rest: Vec<usize> = (0..self.items.len()).filter(|i| start.at_ship & 1 << i == 0).collect();
        start.at_ship &= self.counted;
        start.at_horizon = start.at_ship;
        if self.after.is_empty() {
            self.after.push(Vec::new());
        }
        self.after[0].clear();
        self.after[0].push(start);
        // The relaxation takes a moment to set up; most beginnings are dropped without it.
        self.step(self.ways)?;
        if !self.is_promising(&start, &rest, ship, None) {
            self.consider(&start, ship, |_| Vec::new(), front, index);
            return Some(());
        }
        let relaxation = self.relaxation;
        let relaxed = (ship <= HORIZON).then(|| relaxation.shipping_on(ship));
        if !self.is_promising(&start, &rest, ship, relaxed.as_ref()) {
            self.consider(&start, ship, |_| Vec::new(), front, index);
            return Some(());
        }
        let is_alike = |at: usize| rest[at - 1] + 1 == rest[at] && self.repeats[rest[at]];
        let sets = Sets::new(rest.len(), |at| at > 0 && is_alike(at))?;
        self.after.resize(self.after.len().max(sets.count()), Vec::new());
        self.after[1..sets.count()].iter_mut().for_each(Vec::clear);
        let mut left = Vec::with_capacity(rest.len());
        for set in 0..sets.count() {
            for parent in 0..self.after[set].len() {
                let from = self.after[set][parent];
                self.consider(&from, ship, |search| search.trace_back(&sets, set, &from, &rest), front, index);
                self.step(self.ways)?;
                left.clear();
                left.extend(sets.others(set).map(|at| rest[at]));
                if !self.is_promising(&from, &left, ship, relaxed.as_ref()) {
                    continue;
                }
                for at in sets.next(set) {
                    let (i, more) = (rest[at], sets.with(set, at));
                    self.step(self.item(i).choices.len() * (1 + self.after[more].len()))?;
                    for (choice, chosen) in self.item(i).choices.iter().enumerate() {
                        let Some(next) = self.extend(&from, i, chosen, ship) else { continue };
                        let next = After { last: Place { item: at, choice }, parent, ..next };
                        keep(&mut self.after[more], next, |a: &After, b| a.covers(b, monotone));
                    }
                }
            }
        }
        Some(())
    }

    /// Takes a label as a complete plan (what it does not treat is accepted) and remembers it if it is the best so far.
    fn consider(
        &mut self,
        label: &After,
        ship: f64,
        after: impl FnOnce(&Self) -> Vec<Place>,
        front: &Sets,
        index: usize,
    ) {
        let key = self.objective.key(&self.measure(label, ship));
        if key.better_than(&self.key) {
            self.key = key;
            self.found = Some(self.queue(front, index, after(self)));
        }
    }

    /// Whether what is left to treat after a label could make a plan better than the best so far.
    fn is_promising(&self, from: &After, left: &[usize], ship: f64, relaxed: Option<&Shipping<'_>>) -> bool {
        let mut best = *from;
        let open = left.iter().fold(0, |mask, &i| mask | 1 << i);
        best.hours += self.at_horizon.hours(!open);
        let mut joint = 0.0;
        let mut previous: Option<(usize, Next)> = None;
        for &i in left {
            let next = match previous {
                Some((before, next)) if before + 1 == i && self.repeats[i] => next,
                _ => self.next_at_best(from, i, ship),
            };
            previous = Some((i, next));
            best.saved += next.saved;
            best.met += next.met;
            best.at_ship |= u64::from(next.at_ship) << i & self.counted;
            best.at_horizon |= u64::from(next.at_horizon) << i & self.counted;
            joint += next.joint;
        }
        let joint = self.weights.map(|weights| {
            joint + weights.hour * from.hours + weights.point * (untreated(self.problem, ship) - from.saved)
        });
        if !self.could_win(&self.measure(&best, ship), joint) {
            return false;
        }
        let Some(relaxed) = relaxed else { return true };
        let is_open = |i: usize| open & 1 << i != 0;
        let together = from.saved + relaxed.most_saved(from.hours, is_open);
        best.saved = best.saved.min(together);
        let joint = self.weights.zip(joint).map(|(weights, joint)| {
            let price = weights.hour / weights.point;
            let saved = from.saved
                + relaxed.after_ship_for(price, from.hours, is_open)
                + relaxed.before_ship(from.hours, is_open);
            joint.max(weights.hour * from.hours + weights.point * (untreated(self.problem, ship) - saved))
        });
        self.could_win(&self.measure(&best, ship), joint)
    }

    /// What an item brings if it is the next in the queue, by whichever treatment is best in each respect.
    fn next_at_best(&self, from: &After, i: usize, ship: f64) -> Next {
        let is_forced = self.at_horizon.forced & 1 << i != 0;
        // An hour weighs something, and what is saved weighs against it.
        let mut best = Next { joint: if is_forced { f64::INFINITY } else { 0.0 }, ..Next::default() };
        for chosen in &self.item(i).choices {
            let Some(next) = self.extend(from, i, chosen, ship) else { continue };
            let saved = next.saved - from.saved;
            best.saved = best.saved.max(saved);
            if let Some(weights) = self.weights {
                best.joint = best.joint.min(weights.hour * chosen.hours - weights.point * saved);
            }
            best.met.firm = best.met.firm.max(next.met.firm - from.met.firm);
            best.met.soft = best.met.soft.max(next.met.soft - from.met.soft);
            best.met.ended = best.met.ended.max(next.met.ended - from.met.ended);
            best.at_ship |= next.at_ship & 1 << i != 0;
            best.at_horizon |= next.at_horizon & 1 << i != 0;
        }
        best
    }

    /// A label with one more item treated; `None` if that takes no effect before the calendar ends.
    fn extend(&self, from: &After, i: usize, chosen: &Choice, ship: f64) -> Option<After> {
        #[cfg(test)]
        self.look();
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
        let mut measure = self.counts(label.met, label.at_ship, label.at_horizon);
        measure.ship = ship;
        measure.effort = label.hours;
        measure.exposure = untreated(self.problem, ship) - label.saved;
        measure
    }

    /// The counts of a measure, from the dates that are met and the items in effect at ship and at the horizon; its other
    /// figures are 0.
    pub fn counts(&self, met: Met, at_ship: u64, at_horizon: u64) -> Measure {
        let totals = &self.problem.totals;
        let mut measure = Measure {
            held: 0,
            firm: totals.firm_dues - met.firm,
            missed: totals.soft_dues - met.soft,
            lasting: totals.firm_dues + totals.soft_dues - met.ended,
            red: 0,
            amber: 0,
            ship: 0.0,
            effort: 0.0,
            exposure: 0.0,
        };
        for (row, counts) in &self.rows {
            let open = |mask: u64| {
                row.total - counts.iter().filter(|(bit, _)| mask & bit != 0).map(|(_, count)| count).sum::<u32>()
            };
            let open_at_ship = open(at_ship);
            let red = open_at_ship.saturating_sub(row.tolerance);
            *(if row.before_ship { &mut measure.held } else { &mut measure.red }) += red;
            measure.amber += open_at_ship.saturating_sub(row.appetite);
            measure.lasting += open(at_horizon).saturating_sub(row.tolerance);
        }
        measure
    }

    /// The places that led to a label after the marker, the last first.
    fn trace_back(&self, sets: &Sets, mut set: usize, label: &After, rest: &[usize]) -> Vec<Place> {
        let mut places = Vec::new();
        let mut label = label;
        while set != 0 {
            let Place { item: at, choice } = label.last;
            places.push(Place { item: self.items[rest[at]], choice });
            set = sets.without(set, at);
            label = &self.after[set][label.parent];
        }
        places
    }

    /// The queue of an order of the items before the marker, and of places after it, the last first.
    fn queue(&self, front: &Sets, mut index: usize, mut places: Vec<Place>) -> Queue {
        let mut set = front.count() - 1;
        while set != 0 {
            let before = self.before[set][index];
            let (item, choice) = self.front[before.last];
            places.push(Place { item: self.items[item], choice });
            set = front.without(set, before.last);
            index = before.parent;
        }
        places.reverse();
        Queue { places, marker: self.front.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
    use crate::plan::evaluate::Evaluator;
    use crate::plan::exact::branch;
    use crate::plan::objective::{Compromise, Ends, Limits};
    use crate::plan::problem::{Clock, Due, Totals};
    use crate::plan::search::{self, Budget};

    /// Twenty items of which every one can be treated in four ways, each better than the others at something.
    fn twenty() -> Problem {
        let mut problem = Problem {
            items: Vec::new(),
            rows: vec![Row { total: 20, appetite: 0, tolerance: 7, before_ship: false }],
            clock: Clock::new(Calendar {
                now: jiff::Timestamp::UNIX_EPOCH,
                work: (0..300).map(f64::from).map(|n| WorkWindow { from: n, to: n + 0.3, hours: 6.0 }).collect(),
                releases: (0..300).map(f64::from).map(|n| ReleaseWindow { from: n, to: n + 0.3 }).collect(),
            }),
            totals: Totals::default(),
        };
        for n in 0..20_u32 {
            let more = f64::from(n) * 0.37;
            let choice =
                |treatment, hours, residual, at_once, lead| Choice { treatment, hours, residual, at_once, lead };
            let choices = vec![
                choice(0, 6.0 + more % 1.7, 0.05, false, 0.0),
                choice(1, 4.0 + more % 1.1, 0.5, true, 0.0),
                choice(2, 5.0 + more % 0.7, 0.2, true, 2.0),
                choice(3, 12.0 + more % 2.3, 0.0, false, 0.0),
            ];
            let (introduced, ambient) = if n % 3 == 0 { (0.0, 1.0 + more) } else { (1.0 + more, 0.0) };
            problem.totals.introduced += introduced;
            problem.totals.ambient += ambient;
            let dues = vec![Due { day: 14.0 + more, introduced: n % 3 != 0, firm: false, count: 1 }];
            problem.totals.soft_dues += 1;
            problem.items.push(Item { work: n as usize, introduced, ambient, choices, rows: vec![(0, 1)], dues });
        }
        problem
    }

    /// What it costs is what is accounted for, and it ends when that is too much, whatever is sought. (Once only items were
    /// counted, not the ways to treat each, and a wish took a minute.)
    #[test]
    fn a_problem_that_is_too_large_is_given_up_soon() {
        let problem = twenty();
        let all: Vec<usize> = (0..problem.items.len()).collect();
        let order = branch::order(&problem, &all);
        let relaxation = Relaxation::new(&problem, &order);
        let none = Limits::NONE;
        let ends = Ends {
            fastest: Measure { exposure: 0.7 * problem.totals.baseline(), ..Measure::default() },
            secure: Measure {
                ship: 20.0,
                effort: 150.0,
                exposure: 0.1 * problem.totals.baseline(),
                ..Measure::default()
            },
        };
        let wished = |limits, soonest| Objective::Wished { approved: true, limits, soonest };
        let fastest = f64::INFINITY;
        let mut objectives = vec![
            Objective::Fastest { approved: true },
            Objective::LeastExposure { approved: true, fastest },
            Objective::MostSecure { approved: false, fastest, enough: 0.2 * problem.totals.baseline() },
            Objective::Balanced { approved: true, ends, by: Compromise::Closest, floor: false },
        ];
        // Every combination of wishes: for a day, for little work, for a score; some that can be met, and some that cannot.
        for (ship, effort, share) in [(1.0, 3.0, 0.01), (12.0, 60.0, 0.5)] {
            for asked in 1..8 {
                let one = |bit: u32, value: f64| if asked & bit != 0 { value } else { f64::INFINITY };
                let exposure = one(4, share * problem.totals.baseline());
                objectives
                    .push(wished(Limits { ship: one(1, ship), effort: one(2, effort), exposure }, asked & 4 != 0));
            }
        }
        objectives.push(wished(Limits { effort: 0.0, ..none }, true));
        objectives.push(wished(Limits { exposure: 0.0, ..none }, true));
        for objective in objectives {
            let known = search::best(&problem, &all, &objective, &[], Budget::Sketch).unwrap();
            let mut search = Search::new(&problem, &order, &objective, &relaxation, &known.1);
            // Proven or not: it may also give up because there are too many sets of items to look at.
            let _ = branch::look_through(&mut search);
            // The last step may be a large one: a label with all that it is compared with.
            assert!(search.steps < search.limit + search.limit / 10, "{} steps: {objective:?}", search.steps);
            let (looked, steps) = (search.looked.get(), search.steps);
            assert!(looked > 0 && looked <= 2 * steps, "{looked} ways looked at in {steps} steps: {objective:?}");
        }
    }

    /// Of items of a kind it makes no difference which is treated: leaving the other ways out loses nothing, and brings problems
    /// within reach that are too large otherwise.
    #[test]
    fn items_of_a_kind_are_decided_once() {
        let copies = |problem: &mut Problem, kinds: usize, times: usize| {
            let items = problem.items[..kinds].to_vec();
            problem.items = items.iter().flat_map(|item| std::iter::repeat_n(item.clone(), times)).collect();
            let sum = |value: fn(&Item) -> f64| problem.items.iter().map(value).sum();
            problem.totals.introduced = sum(|item| item.introduced);
            problem.totals.ambient = sum(|item| item.ambient);
            let count = u32::try_from(kinds * times).unwrap();
            problem.totals.soft_dues = count;
            problem.rows[0] = Row { total: count, appetite: 0, tolerance: count / 3, before_ship: false };
        };
        let (mut few, mut many) = (twenty(), twenty());
        copies(&mut few, 2, 3);
        copies(&mut many, 3, 7);
        let objectives = [
            Objective::Fastest { approved: true },
            Objective::LeastExposure { approved: true, fastest: f64::INFINITY },
            Objective::MostSecure { approved: false, fastest: f64::INFINITY, enough: 0.2 * few.totals.baseline() },
        ];
        for objective in objectives {
            let all: Vec<usize> = (0..few.items.len()).collect();
            let order = branch::order(&few, &all);
            let relaxation = Relaxation::new(&few, &order);
            // A good plan to begin with could be the best already, whatever is left out.
            let known = Evaluator::new(&few).measure(&Queue::default()).unwrap();
            let mut of_kinds = Search::new(&few, &order, &objective, &relaxation, &known);
            let mut each = Search::new(&few, &order, &objective, &relaxation, &known);
            each.repeats.fill(false);
            each.limit = u64::MAX;
            of_kinds.limit = u64::MAX;
            branch::look_through(&mut of_kinds).unwrap();
            branch::look_through(&mut each).unwrap();
            assert!(of_kinds.key.compare(&each.key).is_eq(), "{objective:?}");
            assert!(2 * of_kinds.steps < each.steps, "{} and {} steps: {objective:?}", of_kinds.steps, each.steps);
        }
        copies(&mut many, 3, 6);
        let all: Vec<usize> = (0..many.items.len()).collect();
        let order = branch::order(&many, &all);
        let relaxation = Relaxation::new(&many, &order);
        let fast = Objective::Fastest { approved: true };
        let known = search::best(&many, &all, &fast, &[], Budget::Sketch).unwrap();
        let mut of_kinds = Search::new(&many, &order, &fast, &relaxation, &known.1);
        let mut each = Search::new(&many, &order, &fast, &relaxation, &known.1);
        each.repeats.fill(false);
        assert!(branch::look_through(&mut of_kinds).is_some());
        assert!(branch::look_through(&mut each).is_none());
    }
}
