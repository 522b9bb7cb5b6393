//! The three options, out of the agreement: solve for the ends, then for the compromise between them.
//!
//! 1. *fastest*, over the items that any limit or date asks for (treating another costs effort and brings no earlier
//!    ship, and effort comes before exposure);
//! 2. the *least exposure* E* of any plan that could be the most secure one, then *most secure* within E* + E₀/100;
//! 3. *balanced*, in the box between them.
//!
//! *Most secure* is only an end if it is one: where every plan that keeps the rows at ship exposes more than the
//! fastest (because what is already live stays open while the release is held), neither it nor a compromise is
//! offered.

use super::bound;
use super::evaluate::{Evaluator, Measure, Queue, Solved};
use super::objective::{Compromise, Ends, Limits, Objective, differs};
use super::problem::{HORIZON, Item, Problem};
use super::search::Budget;
use super::{exact, prices, search};

/// How often the ends are solved for, at most.
const ROUNDS: u32 = 3;

/// For which options somebody may approve waivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approved {
    /// For the fastest.
    pub fastest: bool,
    /// For the balanced.
    pub balanced: bool,
    /// For the most secure.
    pub secure: bool,
}

/// The ends and what lies between.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The fastest plan.
    pub fastest: Solved,
    /// The most secure plan, unless it would expose more than the fastest or ship before it.
    pub secure: Option<Solved>,
    /// The compromise between the two.
    pub balanced: Option<Solved>,
    /// Least exposure found among plans that could be the most secure one.
    pub least_exposure: f64,
    /// Lower bound on the exposure of any plan; equal to `least_exposure` if that is proven.
    pub bound: f64,
    /// Whether every option is proven best.
    pub exact: bool,
    /// Every plan that was found on the way.
    pub known: Vec<Queue>,
}

/// Solves for the three options; `None` if nothing can ship before the calendar ends.
pub fn choose(problem: &Problem, approved: Approved, by: Compromise) -> Option<Chosen> {
    let mut solver = Solver {
        problem,
        known: Vec::new(),
        budget: Budget::Full,
        exact: true,
        too_many: usize::MAX,
        bounds: Vec::new(),
    };
    let everything: Vec<usize> = (0..problem.items.len()).collect();
    let needed: Vec<usize> = everything.iter().copied().filter(|&i| is_asked_for(&problem.items[i], problem)).collect();

    let fast = Objective::Fastest { approved: approved.fastest };
    let mut fastest = solver.solve(&needed, &fast)?;
    // A search for one objective can come upon a better plan for another: then the other two are looked at again.
    let mut rounds = 0;
    let (secure, balanced, least_exposure, bound) = loop {
        let cap = fastest.1.exposure;
        let (least, bound) = solver.least(&everything, approved.secure, cap)?;
        let enough = least.exposure + problem.totals.baseline() / 100.0;
        let secure = Objective::MostSecure { approved: approved.secure, fastest: cap, enough };
        let secure = solver.solve(&everything, &secure)?;
        // In a small problem what is known by now is near, and a polish settles it.
        let is_large = everything.len() > exact::ITEMS;
        solver.budget = if rounds == 0 && is_large { Budget::Full } else { Budget::Polish };
        let ends = Ends { fastest: fastest.1, secure: secure.1 };
        let balanced =
            if are_ends(&ends) { Some(solver.between(&everything, approved.balanced, ends, by)?) } else { None };
        rounds += 1;
        solver.budget = Budget::Polish;
        let better = solver.best_known(&fast)?;
        if rounds < ROUNDS && fast.key(&better.1).better_than(&fast.key(&fastest.1)) {
            fastest = better;
        } else {
            break (secure, balanced, least.exposure, bound);
        }
    };
    Some(Chosen {
        fastest,
        secure: balanced.is_some().then_some(secure),
        balanced,
        least_exposure,
        bound,
        exact: solver.exact,
        known: solver.known,
    })
}

/// Whether the most secure plan is an end: it exposes no more than the fastest, and does not ship before it.
fn are_ends(ends: &Ends) -> bool {
    let above = |a: f64, b: f64| a > b && differs(a, b);
    !above(ends.fastest.ship, ends.secure.ship) && !above(ends.secure.exposure, ends.fastest.exposure)
}

/// The best plan under a wish, given plans that are known; with it, whether it is proven best.
pub fn wished(
    problem: &Problem,
    approved: bool,
    limits: Limits,
    soonest: bool,
    known: &[&Queue],
) -> Option<(Solved, bool)> {
    let known = known.iter().map(|&queue| queue.clone()).collect();
    let mut solver =
        Solver { problem, known, budget: Budget::Full, exact: true, too_many: usize::MAX, bounds: Vec::new() };
    let everything: Vec<usize> = (0..problem.items.len()).collect();
    let objective = Objective::Wished { approved, limits, soonest };
    if !solver.may_fit(&everything) {
        let sketch = search::best(problem, &everything, &objective, &solver.known, Budget::Sketch)?;
        solver.close_in(&Objective::LeastExposure { approved, fastest: f64::INFINITY }, &sketch, f64::INFINITY);
        solver.known.push(sketch.0);
        solver.budget = Budget::Polish;
    }
    let solved = solver.solve(&everything, &objective)?;
    Some((solved, solver.exact))
}

/// Whether a date, or a row that would be red, asks for the item; or whether it is for free.
fn is_asked_for(item: &Item, problem: &Problem) -> bool {
    !item.dues.is_empty()
        || item.rows.iter().any(|&(row, _)| problem.rows[row].total > problem.rows[row].tolerance)
        || item.choices.iter().any(|choice| choice.hours <= 0.0)
}

struct Solver<'a> {
    problem: &'a Problem,
    /// Plans found so far: beginnings for the next search.
    known: Vec<Queue>,
    /// What a search may spend where the exact solver cannot be used.
    budget: Budget,
    exact: bool,
    /// Number of items that proved too many for the exact solver.
    too_many: usize,
    /// Bounds that were found by prices.
    bounds: Vec<Bound>,
}

/// A bound on the exposure of plans that keep as much of the agreement as one that is known.
struct Bound {
    kept: Measure,
    /// Whether they have to keep the limits of appetite, too.
    appetite: bool,
    least: f64,
}

impl Bound {
    /// Whether it holds for every plan that keeps as much as this one does.
    fn holds_for(&self, measure: &Measure, fastest: f64) -> bool {
        let counts = |m: &Measure| (m.held, m.firm, m.missed, m.lasting, m.red, m.amber, m.ship > HORIZON);
        counts(&self.kept) == counts(measure) && self.appetite == counts_appetite(measure, fastest)
    }
}

/// Whether the limits of appetite count for the most secure plan: not where keeping them exposes more than the fastest does.
fn counts_appetite(measure: &Measure, fastest: f64) -> bool {
    measure.exposure <= fastest || !differs(measure.exposure, fastest)
}

/// What came of an attempt to prove a plan best.
enum Tried {
    /// It is.
    Proven(Solved),
    /// That would take too long; with a first plan, if the attempt made one.
    Unproven(Option<Solved>),
    /// No plan ships at all.
    NothingShips,
}

impl Solver<'_> {
    /// The best of all plans found so far for an objective.
    fn best_known(&self, objective: &Objective) -> Option<Solved> {
        let mut evaluator = Evaluator::new(self.problem);
        let measured = self.known.iter().filter_map(|queue| evaluator.measure(queue).map(|measure| (queue, measure)));
        let best = measured
            .reduce(|best, next| if objective.key(&next.1).better_than(&objective.key(&best.1)) { next } else { best });
        best.map(|(queue, measure)| (queue.clone(), measure))
    }

    /// Whether the exact solver is worth a try.
    fn may_fit(&self, candidates: &[usize]) -> bool {
        exact::fits(candidates) && candidates.len() < self.too_many
    }

    fn solve(&mut self, candidates: &[usize], objective: &Objective) -> Option<Solved> {
        let mut solved = match self.prove(candidates, objective) {
            Tried::Proven(proven) => proven,
            Tried::Unproven(sketch) => {
                let budget = self.budget.after(sketch.as_ref());
                search::best(self.problem, candidates, objective, &self.known, budget)?
            }
            Tried::NothingShips => return None,
        };
        self.settle(candidates, objective, &mut solved);
        Some(solved)
    }

    /// The best plan, if it can be proven.
    fn prove(&mut self, candidates: &[usize], objective: &Objective) -> Tried {
        // Where the exact solver gave up once it will again: what is asked for may still be small enough.
        if self.may_fit(candidates) {
            let sketch = search::best(self.problem, candidates, objective, &self.known, Budget::Sketch);
            let Some(sketch) = sketch else { return Tried::NothingShips };
            if let Some(proven) = exact::best(self.problem, candidates, objective, &sketch) {
                return Tried::Proven(proven);
            }
            self.known.push(sketch.0.clone());
            self.too_many = candidates.len();
            self.exact = false;
            return Tried::Unproven(Some(sketch));
        }
        self.exact = false;
        Tried::Unproven(None)
    }

    /// Remembers a plan, the most valuable work first.
    fn settle(&mut self, candidates: &[usize], objective: &Objective, solved: &mut Solved) {
        if candidates.len() <= exact::ITEMS {
            search::tidy(self.problem, objective, solved);
        }
        self.known.push(solved.0.clone());
    }

    /// The least exposure, and a bound that no plan which keeps as much of the agreement is below.
    fn least(&mut self, candidates: &[usize], approved: bool, fastest: f64) -> Option<(Measure, f64)> {
        let objective = Objective::LeastExposure { approved, fastest };
        let sketch = match self.prove(candidates, &objective) {
            Tried::Proven(mut proven) => {
                self.settle(candidates, &objective, &mut proven);
                return Some((proven.1, proven.1.exposure));
            }
            Tried::Unproven(sketch) => sketch,
            Tried::NothingShips => return None,
        };
        let budget = self.budget.after(sketch.as_ref());
        if self.budget == Budget::Full {
            // Prices find what a search would have to look long for.
            let sketch = if let Some(sketch) = sketch {
                sketch
            } else {
                let sketch = search::best(self.problem, candidates, &objective, &self.known, Budget::Sketch)?;
                self.known.push(sketch.0.clone());
                sketch
            };
            let mut closed = self.close_in(&objective, &sketch, fastest);
            if self.is_least(&objective, &closed.1, fastest) {
                self.budget = Budget::Polish;
                self.settle(candidates, &objective, &mut closed);
                return Some((closed.1, self.bound(&closed.1, fastest)?));
            }
        }
        // The other options begin with what is found here. In a large problem prices alone come nearer than a search would.
        let budget = if candidates.len() <= exact::ITEMS { budget } else { Budget::Polish };
        self.budget = Budget::Polish;
        let mut found = search::best(self.problem, candidates, &objective, &self.known, budget)?;
        self.settle(candidates, &objective, &mut found);
        let mut measure = found.1;
        if !self.bounds.iter().any(|bound| bound.holds_for(&measure, fastest)) {
            measure = self.close_in(&objective, &found, fastest).1;
        }
        let bound = self.bound(&measure, fastest).unwrap_or(0.0).max(bound::least_exposure(self.problem));
        Some((measure, bound.min(measure.exposure)))
    }

    /// The highest bound by prices on the exposure of plans that keep as much of the agreement.
    fn bound(&self, measure: &Measure, fastest: f64) -> Option<f64> {
        let bounds = self.bounds.iter().filter(|bound| bound.holds_for(measure, fastest)).map(|bound| bound.least);
        bounds.reduce(f64::max)
    }

    /// Whether no plan exposes less by more than rounding, and none keeps more of the agreement: this keeps all of it.
    fn is_least(&self, objective: &Objective, measure: &Measure, fastest: f64) -> bool {
        let rounding = 2.0 * prices::ROUNDING * self.problem.totals.baseline();
        objective.keeps_all(measure)
            && self.bound(measure, fastest).is_some_and(|bound| measure.exposure <= bound + rounding)
    }

    /// Closes in on the least exposure by prices, and remembers what comes of it.
    fn close_in(&mut self, objective: &Objective, known: &Solved, fastest: f64) -> Solved {
        let Some(closed) = prices::close_in(self.problem, objective, known, |m| counts_appetite(m, fastest)) else {
            return known.clone();
        };
        let kept = closed.best.1;
        self.known.extend(closed.others);
        self.known.push(closed.best.0.clone());
        self.bounds.push(Bound { kept, appetite: counts_appetite(&kept, fastest), least: closed.bound });
        closed.best
    }

    /// The balanced plan. Without a floor under its exposure the key is monotone and cheap to solve; usually the result
    /// is not below the floor anyway.
    fn between(&mut self, candidates: &[usize], approved: bool, ends: Ends, by: Compromise) -> Option<Solved> {
        let free = self.solve(candidates, &Objective::Balanced { approved, ends, by, floor: false })?;
        let floor = ends.secure.exposure;
        if free.1.exposure < floor && differs(free.1.exposure, floor) {
            self.solve(candidates, &Objective::Balanced { approved, ends, by, floor: true })
        } else {
            Some(free)
        }
    }
}
