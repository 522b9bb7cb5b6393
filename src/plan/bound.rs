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
//! short.

use super::problem::{Choice, HORIZON, Item, Problem};

/// Halvings of the ship day.
const HALVINGS: usize = 200;

/// Intervals of the ship day shorter than this, in days, are not halved.
const SHORTEST: f64 = 0.01;

/// Work that saves `density` points per day and hour, `hours` long.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    density: f64,
    hours: f64,
}

/// Work in order of density, and what saves at once without any.
#[derive(Debug, Default)]
struct Pieces {
    sorted: Vec<Piece>,
    free: f64,
}

/// A lower bound on the exposure of any plan of the problem, in points.
pub fn least_exposure(problem: &Problem) -> f64 {
    let relaxation = Relaxation::new(problem);
    let first = problem.clock.release(0.0).min(HORIZON);
    // Beyond the horizon nothing of the change counts any more.
    let beyond = relaxation.bound(HORIZON, HORIZON);
    let mut open = vec![(relaxation.bound(first, HORIZON), first, HORIZON)];
    for _ in 0..HALVINGS {
        open.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some((_, from, to)) = open.last().copied().filter(|(_, from, to)| to - from > SHORTEST) else { break };
        open.pop();
        let middle = f64::midpoint(from, to);
        open.push((relaxation.bound(from, middle), from, middle));
        open.push((relaxation.bound(middle, to), middle, to));
    }
    open.iter().map(|interval| interval.0).fold(beyond, f64::min).max(0.0)
}

struct Relaxation<'a> {
    problem: &'a Problem,
    after_ship: Pieces,
    before_ship: Pieces,
}

impl<'a> Relaxation<'a> {
    fn new(problem: &'a Problem) -> Self {
        let all = |_: &Choice| true;
        let at_once = |choice: &Choice| choice.at_once;
        Self {
            problem,
            after_ship: Pieces::new(&problem.items, |item| item.introduced + item.ambient, all),
            before_ship: Pieces::new(&problem.items, |item| item.ambient, at_once),
        }
    }

    /// A lower bound on the exposure of any plan that ships between the days `from` and `to`.
    fn bound(&self, from: f64, to: f64) -> f64 {
        let totals = &self.problem.totals;
        let untreated =
            totals.introduced * (HORIZON - to) + totals.ambient * HORIZON + totals.resolved * from.min(HORIZON);
        // ∫ (H − max(t, from))⁺ dt and ∫ (from − t)⁺ dt from 0 to t.
        let after = |t: f64| {
            let flat = t.min(from);
            let t = t.clamp(from, HORIZON);
            (HORIZON - from) * flat + HORIZON * (t - from) - (t * t - from * from) / 2.0
        };
        let before = |t: f64| {
            let t = t.min(from);
            from * t - t * t / 2.0
        };
        untreated
            - self.most_saved(&self.after_ship, HORIZON - from, after)
            - self.most_saved(&self.before_ship, from, before)
    }

    /// Most that work handed out by density can save, where `value` is the antiderivative over time of the days that a
    /// treatment at that time gains, and `at_start` the days that one gains right now.
    fn most_saved(&self, pieces: &Pieces, at_start: f64, value: impl Fn(f64) -> f64) -> f64 {
        let mut saved = pieces.free * at_start;
        let mut piece = pieces.sorted.iter().copied();
        let Some(mut current) = piece.next() else { return saved };
        for window in &self.problem.clock.calendar().work {
            if window.from >= HORIZON {
                break;
            }
            let days_per_hour = (window.to - window.from) / window.hours;
            let mut time = window.from;
            loop {
                let left = (window.to - time) / days_per_hour;
                let hours = current.hours.min(left);
                let end = hours.mul_add(days_per_hour, time);
                saved += current.density * (value(end) - value(time)) / days_per_hour;
                time = end;
                if current.hours > left {
                    current.hours -= left;
                    break;
                }
                let Some(next) = piece.next() else { return saved };
                current = next;
            }
        }
        saved
    }
}

impl Pieces {
    fn new(items: &[Item], rate: impl Fn(&Item) -> f64, allowed: impl Fn(&Choice) -> bool) -> Self {
        let mut pieces = Self::default();
        for item in items {
            let mut points: Vec<(f64, f64)> = item
                .choices
                .iter()
                .filter(|choice| allowed(choice))
                .map(|choice| (choice.hours, (1.0 - choice.residual) * rate(item)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
            pieces.add_hull(&points);
        }
        pieces.sorted.sort_by(|a, b| b.density.total_cmp(&a.density));
        pieces
    }

    /// Adds the upper concave hull of points sorted by hours, starting from (0, 0).
    fn add_hull(&mut self, points: &[(f64, f64)]) {
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
        self.free += hull[0].1;
        self.sorted.extend(
            hull.windows(2).map(|w| Piece { density: (w[1].1 - w[0].1) / (w[1].0 - w[0].0), hours: w[1].0 - w[0].0 }),
        );
    }
}
