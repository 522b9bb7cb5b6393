//! Good plans for problems that are too large to solve exactly: many beginnings, then local search.
//!
//! Beginnings combine answers to four questions, each by a rule that is best for a simpler problem: which items stand
//! before the marker (a greedy cover of what the rows demand, longer and longer stretches of the queue, what is due), which
//! treatment each gets (densest, cheapest, or most thorough), what is treated at all (what is needed, or everything), and
//! in which order (Smith's rule: most exposure saved per hour first; or earliest due date first). Local search then
//! changes one thing at a time and keeps what does not worsen the key; where that leads nowhere any more it goes on from a
//! few random changes away. It is deterministic: the random numbers are
//! seeded from the problem, and the budget counts work and not time.

use super::evaluate::{Evaluator, Place, Queue, Solved};
use super::objective::{Key, Objective};
use super::problem::{HORIZON, Item, Problem};
use super::random::Random;

/// How often a search goes on from random changes to the best plan without finding a better one, before it ends.
const KICKS: u32 = 20;

/// Changes without a better plan after which a search is stuck at the earliest.
const PATIENCE: usize = 200;

/// So few items all have their share of a sketch.
const FEW: usize = 64;

/// How much work a search may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Beginnings and a short polish: a first plan for the exact solver.
    Sketch,
    /// What a problem gets that is not solved exactly.
    Full,
    /// The same where a sketch is among the plans that are known: it had all beginnings.
    More,
    /// Only a polish of the plans that are known.
    Polish,
}

impl Budget {
    /// What is left of it after a sketch, if there was one.
    pub fn after(self, sketch: Option<&Solved>) -> Self {
        if self == Self::Full && sketch.is_some() { Self::More } else { self }
    }

    /// Places looked at, summed over the queues that are measured: so many per item, up to a limit. A sketch has as many moves for
    /// a queue of any length; of many items the calendar may hold few.
    fn places(self, items: usize, length: usize) -> u64 {
        match self {
            Self::Sketch => 600 * items.min(length.max(FEW)) as u64,
            Self::Full | Self::More => (60_000 * items as u64).min(3_500_000),
            Self::Polish => (20_000 * items as u64).min(500_000),
        }
    }
}

/// The best plan found for an objective; `None` if not even the empty queue ships.
pub fn best(
    problem: &Problem,
    candidates: &[usize],
    objective: &Objective,
    known: &[Queue],
    budget: Budget,
) -> Option<Solved> {
    let mut search = Search::new(problem, candidates, objective);
    search.try_queue(&Queue::default());
    for queue in known {
        search.try_queue(queue);
    }
    if matches!(budget, Budget::Sketch | Budget::Full) {
        search.begin();
        if !candidates.is_empty() {
            search.begin_priced();
        }
    }
    // Beginnings have a budget of their own: their number does not depend on the problem.
    search.spent = 0;
    search.improve(budget.places(candidates.len(), search.best.places.len()));
    let queue = search.best;
    Evaluator::new(problem).measure(&queue).map(|measure| (queue, measure))
}

/// What the rows demand of the items before the marker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Rows that hold the release are within tolerance.
    Firm,
    /// Every row is within tolerance.
    Tolerance,
    /// Every row is within appetite.
    Appetite,
}

/// Which treatment an item gets.
#[derive(Clone, Copy)]
enum Taste {
    Densest,
    Cheapest,
    Thorough,
    AtOnce,
    /// Cheapest where a limit or a date asks for it, else densest.
    Mixed,
    /// What saves most if an hour of work costs so much exposure.
    Priced(f64),
}

struct Search<'a> {
    problem: &'a Problem,
    candidates: &'a [usize],
    objective: &'a Objective,
    evaluator: Evaluator<'a>,
    random: Random,
    spent: u64,
    best: Queue,
    key: Key,
    trial: Queue,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem, candidates: &'a [usize], objective: &'a Objective) -> Self {
        // FNV-1a over the numbers: the same problem gets the same moves.
        let seed = candidates.iter().flat_map(|&i| {
            let item = &problem.items[i];
            [item.introduced.to_bits(), item.ambient.to_bits(), item.choices[0].hours.to_bits()]
        });
        let seed = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, bits| (hash ^ bits).wrapping_mul(0x0100_0000_01b3));
        Self {
            problem,
            candidates,
            objective,
            evaluator: Evaluator::new(problem),
            random: Random::new(seed),
            spent: 0,
            best: Queue::default(),
            key: Key::WORST,
            trial: Queue::default(),
        }
    }

    /// Measures a queue and remembers it if it is not worse than the best; says whether it is better.
    fn try_queue(&mut self, queue: &Queue) -> bool {
        self.trial.clone_from(queue);
        self.try_trial()
    }

    /// As [`Self::try_queue`], for the trial queue.
    fn try_trial(&mut self) -> bool {
        let before = self.key;
        self.measure_trial().is_some_and(|key| key.better_than(&before))
    }

    /// Drops the end of a queue that the calendar cannot hold, then tries it.
    fn try_fitting(&mut self, mut queue: Queue) {
        queue.places.truncate(self.evaluator.fitting(&queue));
        queue.marker = queue.marker.min(queue.places.len());
        self.trial = queue;
        // What is done and does not take effect any more is rare.
        while self.measure_trial().is_none() && !self.trial.places.is_empty() {
            let length = self.trial.places.len();
            self.trial.places.truncate(length - length / 16 - 1);
            self.trial.marker = self.trial.marker.min(self.trial.places.len());
        }
    }

    fn begin(&mut self) {
        let problem = self.problem;
        let is_due = |place: &Place| !problem.items[place.item].dues.is_empty();
        let needed = self.cover(Demand::Tolerance);
        let mut in_front = vec![false; problem.items.len()];
        // Stretches of the queue that are tried; fewer where each costs more.
        let parts = match problem.items.len() {
            0..=200 => 8,
            201..=2_000 => 4,
            _ => 2,
        };
        // Different demands often ask for the same items.
        let mut covers = vec![vec![false; problem.items.len()]];
        for demand in [Demand::Firm, Demand::Tolerance, Demand::Appetite] {
            let cover = self.cover(demand);
            if !covers.contains(&cover) {
                covers.push(cover);
            }
        }
        let has_dues = self.candidates.iter().any(|&item| !problem.items[item].dues.is_empty());
        let tastes = [Taste::Densest, Taste::Cheapest, Taste::Thorough, Taste::AtOnce];
        let ordered = tastes.map(|taste| self.orders(taste, |_| false));
        for before in covers {
            let mixed = self.orders(Taste::Mixed, |item| before[item] || needed[item]);
            for (smith, due) in ordered.iter().chain([&mixed]) {
                let urgent: Vec<Place> = due.iter().filter(|p| !before[p.item] && is_due(p)).copied().collect();
                let orders = [(smith, false), (smith, true), (due, false), (due, true)];
                for (order, all) in orders.into_iter().take(if has_dues { 4 } else { 2 }) {
                    let wanted = |place: &Place| all || needed[place.item] || is_due(place);
                    let mut places: Vec<Place> = order.iter().filter(|p| before[p.item]).copied().collect();
                    let first = places.len();
                    places.extend(order.iter().filter(|p| !before[p.item] && wanted(p)));
                    for part in 0..=parts {
                        // A longer and longer stretch of the rest before the marker …
                        let marker = first + (places.len() - first) * part / parts;
                        self.try_fitting(Queue { places: places.clone(), marker });
                        if urgent.is_empty() {
                            // Nothing stands in front, and with nothing after ship all stretches are the same.
                            if places.len() == first {
                                break;
                            }
                            continue;
                        }
                        // … or of what is due soonest in front of everything.
                        let front = &urgent[..urgent.len() * part / parts];
                        for place in front {
                            in_front[place.item] = true;
                        }
                        let behind = places.iter().filter(|place| !in_front[place.item]);
                        let places = front.iter().chain(behind).copied().collect();
                        self.try_fitting(Queue { places, marker: if first == 0 { 0 } else { front.len() + first } });
                        for place in front {
                            in_front[place.item] = false;
                        }
                    }
                }
            }
        }
    }

    /// Queues in which an hour of work has a price: what is not worth it is accepted. One of the prices is that at which the
    /// calendar is just filled, as for the Lagrangian relaxation of one choice per item under a common limit.
    fn begin_priced(&mut self) {
        let mut densities: Vec<f64> = Vec::new();
        for &index in self.candidates {
            let item = &self.problem.items[index];
            densities.extend((0..item.choices.len()).map(|choice| HORIZON * density(item, choice)));
        }
        densities.sort_unstable_by(f64::total_cmp);
        let (mut low, mut high) = (0, densities.len());
        // By bisection: the lowest price at which everything that is worth it fits.
        while low < high {
            let middle = usize::midpoint(low, high);
            let queue = self.priced(densities[middle]);
            self.spent += queue.places.len() as u64;
            if self.evaluator.measure(&queue).is_some() {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let steps = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        let around = steps.iter().flat_map(|&step| [high.checked_sub(step), high.checked_add(step)]).flatten();
        let mut prices: Vec<f64> = around.filter_map(|index| densities.get(index).copied()).collect();
        prices.extend((1..8).map(|part| densities[(densities.len() - 1) * part / 8]));
        for price in prices {
            let queue = self.priced(price);
            for part in [0, 1, 2, 4] {
                let marker = queue.places.len() * part / 4;
                self.try_fitting(Queue { places: queue.places.clone(), marker });
            }
        }
    }

    /// Everything that is worth its hours at a price, densest first.
    fn priced(&self, price: f64) -> Queue {
        let is_worth_it = |place: &Place| {
            let item = &self.problem.items[place.item];
            let choice = &item.choices[place.choice];
            item.saving(choice, 0.0, 0.0) >= choice.hours * price
        };
        Queue { places: self.smith_order(Taste::Priced(price), |_| false, is_worth_it), marker: 0 }
    }

    /// Most exposure saved per hour first, and earliest due date first.
    fn orders(&self, taste: Taste, asked_for: impl Fn(usize) -> bool) -> (Vec<Place>, Vec<Place>) {
        let smith = self.smith_order(taste, asked_for, |_| true);
        let due = self.due_order(&smith);
        (smith, due)
    }

    /// What is wanted, most exposure saved per hour first.
    fn smith_order(
        &self,
        taste: Taste,
        asked_for: impl Fn(usize) -> bool,
        wanted: impl Fn(&Place) -> bool,
    ) -> Vec<Place> {
        let mut order: Vec<(f64, Place)> = self
            .candidates
            .iter()
            .map(|&index| {
                let item = &self.problem.items[index];
                let taste = match taste {
                    Taste::Mixed if asked_for(index) || !item.dues.is_empty() => Taste::Cheapest,
                    Taste::Mixed => Taste::Densest,
                    other => other,
                };
                Place { item: index, choice: pick(item, taste) }
            })
            .filter(wanted)
            .map(|place| (density(&self.problem.items[place.item], place.choice), place))
            .collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.item.cmp(&b.1.item)));
        order.into_iter().map(|(_, place)| place).collect()
    }

    /// Earliest due date first; without one, in the given order.
    fn due_order(&self, order: &[Place]) -> Vec<Place> {
        let mut order = order.to_vec();
        let due =
            |place: &Place| self.problem.items[place.item].dues.iter().map(|due| due.day).fold(f64::INFINITY, f64::min);
        order.sort_by(|a, b| due(a).total_cmp(&due(b)));
        order
    }

    /// Items whose treatment satisfies a demand, chosen greedily by findings counted per hour, per index of item.
    fn cover(&self, demand: Demand) -> Vec<bool> {
        let mut excess: Vec<u32> = self
            .problem
            .rows
            .iter()
            .map(|row| match demand {
                Demand::Firm if !row.before_ship => 0,
                Demand::Firm | Demand::Tolerance => row.total.saturating_sub(row.tolerance),
                Demand::Appetite => row.total.saturating_sub(row.appetite),
            })
            .collect();
        let mut taken = vec![false; self.problem.items.len()];
        let mut order: Vec<(f64, usize)> = Vec::new();
        for &index in self.candidates {
            let item = &self.problem.items[index];
            let counted: u32 = item.rows.iter().map(|&(row, count)| count.min(excess[row])).sum();
            if counted > 0 {
                let hours = item.choices[pick(item, Taste::Cheapest)].hours;
                order.push((hours / f64::from(counted), index));
            }
        }
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, index) in order {
            let rows = &self.problem.items[index].rows;
            if rows.iter().any(|&(row, _)| excess[row] > 0) {
                taken[index] = true;
                for &(row, count) in rows {
                    excess[row] = excess[row].saturating_sub(count);
                }
            }
        }
        taken
    }

    /// Local search from the best beginning until the budget is spent.
    fn improve(&mut self, budget: u64) {
        let most = self.candidates.len();
        if most == 0 {
            return;
        }
        // Doubling strides first: they settle how much is treated and where the marker stands.
        let mut stride = most.next_power_of_two();
        while stride > 0 && self.spent < budget {
            let again = self.shift_marker(stride) | self.drop_last(stride);
            if !again {
                stride /= 2;
            }
        }
        // As many changes as there are pairs: of short searches and many kicks more comes than of few and long ones. Of few items
        // there are few pairs, but many ways to treat them and orders.
        let patience = (most * most / 2).max(PATIENCE);
        let (mut current, mut key) = (self.best.clone(), self.key);
        let (mut round, mut quiet) = (0_u64, 0);
        let (mut kicks, mut best) = (0, self.key);
        while self.spent < budget {
            round += 1;
            quiet += 1;
            if quiet > patience {
                // Stuck: on from a few moves away, whatever they cost.
                quiet = 0;
                kicks += 1;
                if self.key.better_than(&best) {
                    best = self.key;
                    kicks = 0;
                }
                if kicks > KICKS {
                    break;
                }
                self.trial.clone_from(&self.best);
                for _ in 0..3 + self.random.below(3) {
                    self.random_move();
                }
                if let Some(kicked) = self.measure_trial() {
                    key = kicked;
                    current.clone_from(&self.trial);
                }
                continue;
            }
            // Every so often two moves at once, for what one alone would worsen.
            self.trial.clone_from(&current);
            let moves = if round.is_multiple_of(4) { 2 } else { 1 };
            for _ in 0..moves {
                self.random_move();
            }
            let Some(moved) = self.measure_trial() else { continue };
            let order = moved.compare(&key);
            if order.is_le() {
                key = moved;
                current.clone_from(&self.trial);
            }
            if order.is_lt() {
                quiet = 0;
            }
        }
    }

    /// The key of the trial queue, which is remembered if it is not worse than the best; `None` if it cannot be measured.
    fn measure_trial(&mut self) -> Option<Key> {
        self.spent += 1 + self.trial.places.len() as u64;
        let key = self.objective.key(&self.evaluator.measure(&self.trial)?);
        if key.compare(&self.key).is_le() {
            self.key = key;
            self.best.clone_from(&self.trial);
        }
        Some(key)
    }

    fn shift_marker(&mut self, stride: usize) -> bool {
        let mut better = false;
        for marker in [self.best.marker.checked_sub(stride), self.best.marker.checked_add(stride)].into_iter().flatten()
        {
            if marker <= self.best.places.len() {
                self.trial.clone_from(&self.best);
                self.trial.marker = marker;
                better |= self.try_trial();
            }
        }
        better
    }

    fn drop_last(&mut self, stride: usize) -> bool {
        let Some(left) = self.best.places.len().checked_sub(stride) else { return false };
        self.trial.clone_from(&self.best);
        self.trial.places.truncate(left);
        self.trial.marker = self.trial.marker.min(left);
        self.try_trial()
    }

    /// Changes one thing about the trial queue.
    fn random_move(&mut self) {
        let length = self.trial.places.len();
        let kind = self.random.below(8);
        if kind == 0 || length == 0 {
            self.insert_random();
            return;
        }
        let from = self.random.below(length);
        match kind {
            1 => self.remove(from),
            2 => self.change(from),
            3 => self.trial.marker = (self.trial.marker + 1 + self.random.below(length)) % (length + 1),
            4 => {
                let to = self.another(from, length);
                self.trial.places.swap(from, to);
            }
            5 => self.trial.places.swap(from, (from + 1).min(length - 1)),
            6 => {
                // Across the marker: the last before it, or the first after it.
                let place = self.trial.places[from];
                let was_before = from < self.trial.marker;
                self.remove(from);
                self.trial.places.insert(self.trial.marker, place);
                self.trial.marker += usize::from(!was_before);
            }
            _ => self.shift(from),
        }
    }

    /// A number below `length`, another one than `one` if there is any.
    fn another(&mut self, one: usize, length: usize) -> usize {
        (one + 1 + self.random.below(length - 1)) % length
    }

    /// Gives a place another treatment; where its item has no other, another place in the queue.
    fn change(&mut self, at: usize) {
        let Place { item, choice } = self.trial.places[at];
        let choices = self.problem.items[item].choices.len();
        if choices > 1 {
            self.trial.places[at].choice = self.another(choice, choices);
        } else {
            self.shift(at);
        }
    }

    /// Puts a place elsewhere in the queue.
    fn shift(&mut self, from: usize) {
        let place = self.trial.places[from];
        let to = self.another(from, self.trial.places.len());
        self.remove(from);
        self.trial.places.insert(to, place);
        self.trial.marker += usize::from(to < self.trial.marker);
    }

    /// Puts an item into the queue; one that is in it gets another treatment.
    fn insert_random(&mut self) {
        let item = self.candidates[self.random.below(self.candidates.len())];
        if let Some(at) = self.trial.places.iter().position(|place| place.item == item) {
            self.change(at);
            return;
        }
        let choice = self.random.below(self.problem.items[item].choices.len());
        let to = self.random.below(self.trial.places.len() + 1);
        let before = to < self.trial.marker || (to == self.trial.marker && self.random.below(2) == 0);
        self.trial.places.insert(to, Place { item, choice });
        self.trial.marker += usize::from(before);
    }

    fn remove(&mut self, from: usize) {
        self.trial.places.remove(from);
        self.trial.marker -= usize::from(from < self.trial.marker);
    }
}

/// Brings neighbours on the same side of the marker into the order of most exposure saved per hour, where that makes the
/// plan no worse: of plans that are equally good, it is the one that does the most valuable work first.
pub fn tidy(problem: &Problem, objective: &Objective, solved: &mut Solved) {
    let mut evaluator = Evaluator::new(problem);
    let rank = |place: &Place| (density(&problem.items[place.item], place.choice), std::cmp::Reverse(place.item));
    let length = solved.0.places.len();
    for last in (1..length).rev() {
        for at in 0..last {
            let [a, b] = [solved.0.places[at], solved.0.places[at + 1]];
            if at + 1 == solved.0.marker || rank(&a) >= rank(&b) {
                continue;
            }
            solved.0.places.swap(at, at + 1);
            let measure = evaluator.measure(&solved.0);
            match measure.filter(|measure| objective.key(measure).compare(&objective.key(&solved.1)).is_le()) {
                Some(measure) => solved.1 = measure,
                None => solved.0.places.swap(at, at + 1),
            }
        }
    }
}

/// Points per day saved by an hour of work.
fn density(item: &Item, choice: usize) -> f64 {
    let choice = &item.choices[choice];
    item.saving(choice, 0.0, 0.0) / HORIZON / choice.hours.max(1e-6)
}

/// The index of the choice that suits a taste best.
fn pick(item: &Item, taste: Taste) -> usize {
    let cost = |index: usize| {
        let choice = &item.choices[index];
        match taste {
            Taste::Densest | Taste::Mixed => (0.0, -density(item, index)),
            Taste::Cheapest => (choice.hours, choice.residual),
            Taste::Thorough => (choice.residual, choice.hours),
            Taste::AtOnce => (f64::from(u8::from(!choice.at_once)), choice.hours),
            Taste::Priced(hour) => (choice.hours * hour - item.saving(choice, 0.0, 0.0), choice.hours),
        }
    };
    (0..item.choices.len())
        .min_by(|&a, &b| {
            let ((a0, a1), (b0, b1)) = (cost(a), cost(b));
            a0.total_cmp(&b0).then(a1.total_cmp(&b1))
        })
        .unwrap_or(0)
}
