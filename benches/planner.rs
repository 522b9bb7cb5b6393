//! How long the planner takes, and how far from the best its plans can be: `cargo bench --bench planner`.
//!
//! Two kinds of problem, both made from a fixed seed:
//!
//! - *real*: as a gate has them, with order, calendar, leads, due dates and rows; all three options are planned, and
//!   the gap is that of the exposure, (E − bound) / E₀;
//! - *choice*: one treatment per item under one limit of hours, which is what a solver for integer programs can be
//!   given too. There is one work window, so that neither order nor dates matter. HiGHS gets the same problem in the same run
//!   if a Python can import `highspy`: that of `PYTHON`, of the environment `target/highs`, or `python3`.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may stop")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use detente::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
use detente::plan::bound;
use detente::plan::choose::{Approved, choose, wished};
use detente::plan::objective::{Compromise, Limits};
use detente::plan::problem::{Choice, Clock, Due, Item, Problem, Row, Totals};
use detente::plan::random::Random;

/// How often each time is taken; the median counts.
const TIMES: usize = 3;

fn main() {
    // `cargo test --benches` only wants to know whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "planner: medians of {TIMES}, {}; a target of the same kind of problem stands beside each\n",
        if cpu_time().is_some() { "processor time of this thread" } else { "time by the clock" }
    );
    println!("{:<28} {:>10} {:>10} {:>12} {:>14}", "real problem", "time", "gap", "exact", "target");
    for (items, time, gap) in
        [(9, 0.1, 0.0), (20, 0.1, 0.0), (100, 0.1, 0.0), (1_000, 0.05, 0.000_5), (10_000, 1.0, 0.001)]
    {
        let problem = real(items);
        let approved = Approved { fastest: true, balanced: true, secure: true };
        let (took, chosen) = timed(|| choose(&problem, approved, Compromise::Closest).unwrap());
        let found = (chosen.least_exposure - chosen.bound) / problem.totals.baseline();
        println!(
            "{:<28} {:>10} {:>9.4}% {:>12} {:>14}",
            format!("three options of {items}"),
            shown(took),
            100.0 * found,
            if chosen.exact { "proven" } else { "bounded" },
            format!("{:.2} s, {:.2} %", time, 100.0 * gap)
        );
    }
    for (items, points) in [(100, 30_u32), (1_000, 10)] {
        let problem = free(items);
        let (took, gaps) = timed(|| frontier(&problem, points));
        println!(
            "{:<28} {:>10} {:>9.4}% {:>12} {:>14}",
            format!("frontier of {items}"),
            shown(took),
            100.0 * gaps.iter().copied().fold(0.0, f64::max),
            format!("{} points", gaps.len()),
            if items == 100 { "3 s, exact" } else { "bounded gap" }
        );
    }
    println!(
        "\n{:<28} {:>10} {:>10} {:>12} {:>10} {:>14}",
        "choice under a limit", "time", "gap", "HiGHS", "ratio", "target"
    );
    for (items, time, gap) in [(100, 0.1, 0.0), (1_000, 0.05, 0.000_5), (10_000, 1.0, 0.001)] {
        let problem = choices(items);
        let (took, exposure) = timed(|| least(&problem));
        let bound = bound::least_exposure(&problem);
        let (highs, ratio) = highs(&problem).map_or_else(
            |why| (why, String::new()),
            |(seconds, best)| {
                println!("    HiGHS {best:.4}, found {exposure:.4}, bound {bound:.4}");
                (format!("{seconds:.3} s"), format!("{:.1}x", seconds / took.as_secs_f64()))
            },
        );
        println!(
            "{:<28} {:>10} {:>9.4}% {:>12} {:>10} {:>14}",
            format!("least exposure of {items}"),
            shown(took),
            100.0 * (exposure - bound) / problem.totals.baseline(),
            highs,
            ratio,
            format!("{:.2} s, {:.2} %", time, 100.0 * gap)
        );
    }
}

fn least(problem: &Problem) -> f64 {
    let limits = Limits { exposure: 0.0, ..Limits::NONE };
    wished(problem, true, limits, false, &[]).unwrap().0.1.exposure
}

/// The least exposure for ever later ship days, each with its gap to the least possible.
fn frontier(problem: &Problem, points: u32) -> Vec<f64> {
    let mut gaps = Vec::new();
    for point in 0..points {
        let ship = f64::from(point) + 0.34;
        let limits = Limits { ship, ..Limits::NONE };
        let ((_, measure), exact) = wished(problem, true, limits, false, &[]).unwrap();
        let bound = if exact { measure.exposure } else { bound::least_exposure_by(problem, ship) };
        gaps.push((measure.exposure - bound) / problem.totals.baseline());
    }
    gaps
}

/// A real problem without rows and dates, so that exposure is all that counts beside the ship day.
fn free(items: usize) -> Problem {
    let mut problem = real(items);
    problem.rows.clear();
    (problem.totals.firm_dues, problem.totals.soft_dues) = (0, 0);
    for item in &mut problem.items {
        item.dues.clear();
        item.rows.clear();
    }
    problem
}

fn timed<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..TIMES {
        let (start, before) = (Instant::now(), cpu_time());
        result = Some(work());
        let worked = cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        times.push(worked.unwrap_or_else(|| start.elapsed()));
    }
    times.sort();
    (times[TIMES / 2], result.unwrap())
}

/// Processor time of this thread, where the system tells it: other work on the machine does not count.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", 1_000.0 * time.as_secs_f64())
}

/// Treatments as rules have them: an upgrade, something at once that leaves more, something thorough that takes long.
fn ways(random: &mut Random) -> Vec<Choice> {
    let upgrade = 1.0 + (20.0 * random.unit()).floor() / 2.0;
    let way = |treatment, hours, residual, at_once, lead| Choice { treatment, hours, residual, at_once, lead };
    let mut ways = vec![
        way(0, upgrade, 0.02, false, 0.0),
        way(1, 4.0, 0.5, true, 0.0),
        way(2, 5.0, 0.15, true, 2.0),
        way(3, 16.0, 0.0, false, 0.0),
    ];
    ways.truncate(2 + random.below(3));
    ways
}

/// A problem as a gate has it, with a team that grows with the work.
fn real(items: usize) -> Problem {
    let mut random = Random::new(20_261_101);
    let mut problem = Problem {
        items: Vec::new(),
        rows: Vec::new(),
        clock: Clock::new(Calendar { now: jiff::Timestamp::UNIX_EPOCH, work: Vec::new(), releases: Vec::new() }),
        totals: Totals::default(),
    };
    let mut counted = [0, 0];
    for work in 0..items {
        let rate = (1.5 * random.normal() - 2.0).exp();
        let introduced = random.below(3) == 0;
        let mut item = Item { work, choices: ways(&mut random), ..Item::default() };
        *(if introduced { &mut item.introduced } else { &mut item.ambient }) = rate;
        *(if introduced { &mut problem.totals.introduced } else { &mut problem.totals.ambient }) += rate;
        if random.below(3) == 0 {
            let day = [3.0, 14.0, 60.0][random.below(3)];
            item.dues.push(Due { day, introduced, firm: false, count: 1 });
            problem.totals.soft_dues += 1;
        }
        if introduced && random.below(3) == 0 {
            let row = random.below(2);
            item.rows.push((row, 1));
            counted[row] += 1;
        }
        problem.items.push(item);
    }
    problem.totals.resolved = 0.1;
    problem.rows = vec![
        Row { total: counted[0], appetite: 0, tolerance: 0, before_ship: false },
        Row { total: counted[1], appetite: 0, tolerance: 2, before_ship: false },
    ];
    #[expect(clippy::cast_precision_loss, reason = "few items")]
    let hours = (items as f64 / 4.0).max(5.0);
    let work_days = (0..280_u32).map(|n| f64::from(n + 2 * (n / 5)));
    let windows: Vec<(f64, f64)> = work_days.map(|day| (day, day + 1.0 / 3.0)).collect();
    let work = windows.iter().map(|&(from, to)| WorkWindow { from, to, hours }).collect();
    let releases = windows.iter().map(|&(from, to)| ReleaseWindow { from, to }).collect();
    problem.clock = Clock::new(Calendar { now: jiff::Timestamp::UNIX_EPOCH, work, releases });
    problem
}

/// One treatment per item under one limit: half of what the cheapest treatments of all items would take.
fn choices(items: usize) -> Problem {
    let mut problem = real(items);
    let cheapest = |item: &Item| item.choices.iter().map(|choice| choice.hours).fold(f64::INFINITY, f64::min);
    let limit = 0.5 * problem.items.iter().map(cheapest).sum::<f64>();
    problem.rows.clear();
    problem.totals = Totals::default();
    for item in &mut problem.items {
        item.introduced += item.ambient;
        item.ambient = 0.0;
        item.dues.clear();
        item.rows.clear();
        problem.totals.introduced += item.introduced;
        for choice in &mut item.choices {
            choice.at_once = true;
            choice.lead = 0.0;
        }
    }
    let work = vec![WorkWindow { from: 0.0, to: 1e-9, hours: limit }];
    let releases = vec![ReleaseWindow { from: 1e-6, to: f64::INFINITY }];
    problem.clock = Clock::new(Calendar { now: jiff::Timestamp::UNIX_EPOCH, work, releases });
    problem
}

/// Seconds that HiGHS takes for the same problem, and the exposure that it finds; or why it is not there.
fn highs(problem: &Problem) -> Result<(f64, f64), String> {
    let prepared = concat!(env!("CARGO_MANIFEST_DIR"), "/target/highs/bin/python");
    let usual = if std::path::Path::new(prepared).exists() { prepared } else { "python3" };
    let python = std::env::var("PYTHON").unwrap_or_else(|_| usual.to_owned());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/highs.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| "no python".to_owned())?;
    let limit = problem.clock.calendar().work[0].hours;
    let mut text = format!("{limit}\n{}\n", problem.items.len());
    for item in &problem.items {
        let ways = item.choices.iter().map(|choice| format!("{} {}", choice.hours, item.saving(choice, 0.0, 0.0)));
        text.push_str(&ways.collect::<Vec<_>>().join(" "));
        text.push('\n');
    }
    child.stdin.take().unwrap().write_all(text.as_bytes()).map_err(|_| "absent".to_owned())?;
    let output = child.wait_with_output().map_err(|_| "absent".to_owned())?;
    // The last line: newer versions introduce themselves first.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default();
    let mut figures = last.split_whitespace().filter_map(|figure| figure.parse::<f64>().ok());
    let (Some(seconds), Some(saved)) = (figures.next(), figures.next()) else { return Err("not there".to_owned()) };
    Ok((seconds, problem.totals.baseline() - saved))
}
