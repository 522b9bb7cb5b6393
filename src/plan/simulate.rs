//! How sure the figures are: the same steps in the same order, with efforts, residuals and rates drawn from their ranges.
//!
//! Every run draws, for each work item in turn, one standard normal number z for its effort and one unit u for its
//! residual, and then for each finding in turn one unit u for its rate, from one sequence of random numbers
//! ([`random`](super::random)) that the seed begins. What is drawn belongs to the item and not to the treatment, and all
//! options meet the same draws, so that their differences are not luck:
//!
//! - hours = p50 · (p90/p50)^(z / 1.2815515655446004), the log-normal distribution of which p50 and p90 are the quantiles;
//! - residual and rate: low + 2u·(likely − low) for u below a half, else likely + (2u − 1)·(high − likely).
//!
//! The queue is then timed and its exposure added up as always (DESIGN section 5); the ship waits for what is done before it in
//! the plan. What does not fit into the calendar any
//! more is accepted; if not even the ship day does, the run never ships and nothing is avoided. Quantiles are nearest ranks.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::moment;
use super::describe::Setting;
use super::evaluate::{Evaluator, Place, Queue, untreated};
use super::pose::likely_rate;
use super::problem::{HORIZON, Item, Problem, Totals};
use super::random::Random;
use crate::model::assessment::AssessedFinding;
use crate::model::basis::Range;
use crate::model::digest::Digest;
use crate::model::effort::Effort;
use crate::model::origin::Origin;
use crate::model::outlook::{Outlook, Simulation, Spread};

/// The standard normal number that nine in ten do not exceed.
const Z90: f64 = 1.281_551_565_544_600_4;

/// Runs of a small problem.
const RUNS: usize = 1_000;

/// Draws that all runs together may make; larger problems get fewer runs, but never fewer than a hundred.
const DRAWS: usize = 2_000_000;

/// What one run of one option came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Ship day; infinite if it never ships.
    pub ship: f64,
    /// Security score.
    pub score: f64,
}

/// The seed and the number of runs of a problem. The seed is made of what was judged and against what: the first eight
/// bytes of the SHA-256 digest of the appetite's digest, and the ids of findings and work items, a line each. Not the moment:
/// a run that is repeated shows the same luck.
pub fn plan_runs(setting: &Setting<'_>) -> Simulation {
    let mut text = format!("{}\n", setting.appetite.sha256);
    let findings = setting.assessment.findings.iter().map(|f| f.finding.id.as_str());
    for id in findings.chain(setting.work.iter().map(|item| item.id.as_str())) {
        text.push_str(id);
        text.push('\n');
    }
    let digest = Digest::of(text.as_bytes()).to_string();
    let seed = u64::from_str_radix(&digest[..16], 16).unwrap_or_default();
    let draws = 1 + 3 * setting.work.len() + setting.assessment.findings.len();
    let runs = (DRAWS / draws).clamp(100, RUNS);
    Simulation { seed, runs: u32::try_from(runs).unwrap_or(u32::MAX) }
}

/// Simulates every queue: for each of them, what every run came to.
pub fn simulate(setting: &Setting<'_>, queues: &[&Queue], simulation: Simulation) -> Vec<Vec<Run>> {
    let mut random = Random::new(simulation.seed);
    let (mut problem, queues) = what_is_placed(setting.problem, queues);
    let mut runs = vec![Vec::new(); queues.len()];
    let rated = setting.assessment.findings.iter().map(|finding| Rated::of(finding, setting)).collect();
    let mut drawn = Drawn { rated, ..Drawn::default() };
    let places: BTreeSet<(usize, usize)> =
        queues.iter().flat_map(|queue| &queue.places).map(|place| (place.item, place.choice)).collect();
    drawn.places.extend(places);
    drawn.is_placed.resize(setting.work.len(), false);
    problem.items.iter().for_each(|item| drawn.is_placed[item.work] = true);
    let mut evaluator = Evaluator::new(&problem);
    let waits: Vec<Vec<bool>> = queues.iter().map(|queue| evaluator.by_ship(queue)).collect();
    for _ in 0..simulation.runs {
        drawn.draw(&mut random);
        drawn.put_into(&mut problem, setting);
        let mut evaluator = Evaluator::new(&problem);
        for ((queue, waits), runs) in queues.iter().zip(&waits).zip(&mut runs) {
            runs.push(run(&problem, &mut evaluator, queue, waits));
        }
    }
    runs
}

/// The problem of the items that stand in a queue, and the queues in it: the others only add to the totals, and neither rows
/// nor dates are asked for.
fn what_is_placed(problem: &Problem, queues: &[&Queue]) -> (Problem, Vec<Queue>) {
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut items = Vec::new();
    let mut placed = |place: &Place| {
        let item = *place_of.entry(place.item).or_insert_with(|| {
            items.push(Item { rows: Vec::new(), dues: Vec::new(), ..problem.items[place.item].clone() });
            items.len() - 1
        });
        Place { item, choice: place.choice }
    };
    let queues = queues
        .iter()
        .map(|queue| Queue { places: queue.places.iter().map(&mut placed).collect(), marker: queue.marker });
    let queues = queues.collect();
    let totals = Totals { firm_dues: 0, soft_dues: 0, ..problem.totals };
    (Problem { items, rows: Vec::new(), clock: problem.clock.clone(), totals }, queues)
}

/// What the runs of one option come to.
pub fn outlook(setting: &Setting<'_>, runs: &[Run]) -> Outlook {
    let ship_day = spread(runs.iter().map(|run| run.ship));
    let at = |day: f64| day.is_finite().then(|| moment(setting.planning.calendar.now, day));
    Outlook {
        ship_day,
        early: at(ship_day.p10),
        middle: at(ship_day.p50),
        late: at(ship_day.p90),
        score: spread(runs.iter().map(|run| run.score)),
    }
}

/// What of a finding the runs need, the same in all of them.
struct Rated {
    /// Its rate, in points a day.
    points_per_day: Range,
    /// What counts where a draw is no number.
    likely: f64,
    origin: Origin,
    /// Index of its work item.
    item: Option<usize>,
}

impl Rated {
    fn of(finding: &AssessedFinding, setting: &Setting<'_>) -> Self {
        Self {
            points_per_day: finding.rate.points_per_day,
            likely: likely_rate(finding),
            origin: finding.finding.origin,
            item: setting.item_of.get(finding.finding.id.as_str()).copied(),
        }
    }

    fn rate(&self, u: f64) -> f64 {
        let drawn = within(&self.points_per_day, u);
        if drawn.is_finite() { drawn.max(0.0) } else { self.likely }
    }
}

/// Figures drawn in one run.
#[derive(Default)]
struct Drawn {
    /// The findings.
    rated: Vec<Rated>,
    /// Items and their choices that stand in a queue: what no queue needs is not computed.
    places: Vec<(usize, usize)>,
    /// Whether a work item stands in a queue.
    is_placed: Vec<bool>,
    /// Per work item: the normal number of its effort, and the unit of its residual; nothing for those in no queue.
    work: Vec<(f64, f64)>,
    /// Per finding: its rate.
    rates: Vec<f64>,
}

impl Drawn {
    fn draw(&mut self, random: &mut Random) {
        self.work.clear();
        self.work.extend(self.is_placed.iter().map(|&is_placed| {
            if is_placed {
                (random.normal(), random.unit())
            } else {
                random.skip(3);
                (0.0, 0.0)
            }
        }));
        self.rates.clear();
        self.rates.extend(self.rated.iter().map(|finding| finding.rate(random.unit())));
    }

    fn put_into(&self, problem: &mut Problem, setting: &Setting<'_>) {
        let mut by_work = vec![(0.0, 0.0); setting.work.len()];
        let mut totals = Totals { introduced: 0.0, ambient: 0.0, resolved: 0.0, ..problem.totals };
        for (finding, rate) in self.rated.iter().zip(&self.rates) {
            let mut unplaced = (0.0, 0.0);
            let item = finding.item.map_or(&mut unplaced, |item| &mut by_work[item]);
            let (sum, total) = match finding.origin {
                Origin::Introduced | Origin::Unknown => (&mut item.0, &mut totals.introduced),
                Origin::Ambient => (&mut item.1, &mut totals.ambient),
                Origin::Resolved => (&mut unplaced.0, &mut totals.resolved),
            };
            *sum += rate;
            *total += rate;
        }
        problem.totals = totals;
        for item in &mut problem.items {
            (item.introduced, item.ambient) = by_work[item.work];
        }
        for &(item, choice) in &self.places {
            let item = &mut problem.items[item];
            let choice = &mut item.choices[choice];
            let treatment = &setting.work[item.work].treatments[choice.treatment];
            let (z, u) = self.work[item.work];
            choice.hours = hours(&treatment.effort, z);
            choice.residual = within(&treatment.residual, u).clamp(0.0, 1.0);
        }
    }
}

fn hours(effort: &Effort, z: f64) -> f64 {
    if effort.p50 > 0.0 { effort.p50 * (effort.p90 / effort.p50).powf(z / Z90) } else { 0.0 }
}

fn within(range: &Range, u: f64) -> f64 {
    if u < 0.5 {
        range.low + 2.0 * u * (range.likely - range.low)
    } else {
        range.likely + (2.0 * u - 1.0) * (range.high - range.likely)
    }
}

/// One run of a queue whose ship waits for these of its places.
fn run(problem: &Problem, evaluator: &mut Evaluator<'_>, queue: &Queue, waits: &[bool]) -> Run {
    let mut measured = evaluator.measure_waiting(queue, waits);
    if measured.is_none() {
        let mut shorter = queue.clone();
        let least = waits.iter().rposition(|waits| *waits).map_or(0, |last| last + 1);
        shorter.places.truncate(evaluator.fitting(&shorter).max(least));
        measured = evaluator.measure_waiting(&shorter, waits);
        // What is done and takes no effect any more is rare.
        while measured.is_none() && shorter.places.len() > least {
            shorter.places.pop();
            measured = evaluator.measure_waiting(&shorter, waits);
        }
    }
    let (ship, exposure) = measured
        .map_or_else(|| (f64::INFINITY, untreated(problem, HORIZON)), |measure| (measure.ship, measure.exposure));
    let baseline = problem.totals.baseline();
    Run { ship, score: if baseline > 0.0 { 100.0 * (1.0 - exposure / baseline) } else { 100.0 } }
}

fn spread(figures: impl Iterator<Item = f64>) -> Spread {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let rank = |tenths: usize| {
        let rank = (figures.len() * tenths).div_ceil(10).max(1) - 1;
        figures.get(rank).copied().unwrap_or(f64::NAN)
    };
    Spread { p10: rank(1), p50: rank(5), p90: rank(9) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
    use crate::plan::problem::{Choice, Clock};

    #[test]
    fn quantiles_of_efforts_are_those_of_the_rule() {
        let effort = Effort { p50: 4.0, p90: 10.0 };
        let mut random = Random::new(1);
        let drawn = spread((0..20_000).map(|_| hours(&effort, random.normal())));
        assert!((drawn.p50 - 4.0).abs() < 0.1 && (drawn.p90 - 10.0).abs() < 0.4, "{drawn:?}");
    }

    #[test]
    fn ranges_meet_in_their_likely_value() {
        let range = Range { low: 1.0, likely: 2.0, high: 10.0 };
        for (u, value) in [(0.0, 1.0), (0.25, 1.5), (0.5, 2.0), (0.75, 6.0)] {
            assert!((within(&range, u) - value).abs() < 1e-12, "{u}");
        }
    }

    #[test]
    fn what_a_calendar_cannot_hold_is_accepted_unless_the_ship_waits_for_it() {
        let calendar = Calendar {
            now: jiff::Timestamp::UNIX_EPOCH,
            work: vec![WorkWindow { from: 0.0, to: 0.5, hours: 4.0 }],
            releases: vec![ReleaseWindow { from: 0.0, to: 10.0 }],
        };
        let item = |work: usize, hours: f64| Item {
            work,
            choices: vec![Choice { treatment: 0, hours, residual: 0.0, at_once: true, lead: 0.0 }],
            ..Item::default()
        };
        let items = vec![item(0, 2.0), item(1, 10.0)];
        let problem = Problem { items, rows: Vec::new(), clock: Clock::new(calendar), totals: Totals::default() };
        let places = [0, 1].map(|item| Place { item, choice: 0 }).to_vec();
        let queue = Queue { places, marker: 0 };
        let ship = |waits: [bool; 2]| run(&problem, &mut Evaluator::new(&problem), &queue, &waits).ship;
        assert_eq!(ship([false, false]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(ship([true, false]).to_bits(), 0.25_f64.to_bits());
        assert!(ship([true, true]).is_infinite());
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let found = spread((1..=10).map(f64::from));
        assert_eq!((found.p10, found.p50, found.p90), (1.0, 5.0, 9.0));
    }
}
