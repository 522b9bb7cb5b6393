//! Commands, what they cost, and the lines of the report.

use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

use super::Outcome;

/// How often a command is run; the median counts.
const RUNS: usize = 3;

/// How often a command is run that takes next to no time.
const OFTEN: usize = 41;

/// A command to measure.
pub struct Run {
    program: String,
    arguments: Vec<String>,
    threads: Option<usize>,
    runs: usize,
}

/// CPU seconds, wall seconds and peak memory in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub cpu: f64,
    pub wall: f64,
    pub peak: u64,
}

impl Run {
    pub fn of(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { program: program.to_owned(), arguments, threads: None, runs: RUNS }
    }

    /// With so many threads.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// Measured many times, because each takes next to no time.
    pub fn often(self) -> Self {
        Self { runs: OFTEN, ..self }
    }

    /// Runs it once. A command that reports findings ends with an exit code of its own; one that was killed is no measure.
    pub fn once(&self) -> Outcome<Cost> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(threads) = self.threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        let begin = Instant::now();
        let ended = command.spawn()?.wait4()?;
        let wall = begin.elapsed().as_secs_f64();
        if ended.status.code().is_none() {
            return Err(format!("{} {:?} was ended from outside", self.program, self.arguments).into());
        }
        let cpu = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
        Ok(Cost { cpu, wall, peak: ended.rusage.maxrss })
    }

    /// The median of several runs.
    pub fn median(&self) -> Outcome<Cost> {
        let [cost] = in_turn([self])?;
        Ok(cost)
    }
}

/// Runs each command in turn, several times, so that whatever else the machine does meets all of them; the median of
/// each figure.
pub fn in_turn<const N: usize>(runs: [&Run; N]) -> Outcome<[Cost; N]> {
    let mut costs: [Vec<Cost>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..runs.iter().map(|run| run.runs).max().unwrap_or(RUNS) {
        for (run, costs) in runs.iter().zip(&mut costs) {
            costs.push(run.once()?);
        }
    }
    let middle = |costs: &[Cost], figure: fn(&Cost) -> f64| {
        let mut figures: Vec<f64> = costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Ok(costs.map(|costs| Cost {
        cpu: middle(&costs, |cost| cost.cpu),
        wall: middle(&costs, |cost| cost.wall),
        peak: costs.iter().map(|cost| cost.peak).max().unwrap_or(0),
    }))
}

/// One line of the report.
pub fn say(what: &str, measured: &str, target: &str) {
    println!("{what:<62}{measured:>12}{target:>14}");
}

pub fn ratio(value: f64) -> String {
    format!("{value:.2}×")
}

pub fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}
