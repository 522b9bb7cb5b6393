//! How sure the figures of an option are: ranges from a simulation that anyone can repeat.

use jiff::Timestamp;

/// How the ranges were simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulation {
    /// Seed of the random numbers, made from the input.
    pub seed: u64,
    /// Number of runs.
    pub runs: u32,
}

/// A figure in nine of ten runs, and in one of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// One run in ten is at or below it.
    pub p10: f64,
    /// Half of the runs are at or below it.
    pub p50: f64,
    /// Nine runs in ten are at or below it.
    pub p90: f64,
}

/// What the simulation says of one option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Ship day in days since `now`; infinite where the calendar ends before.
    pub ship_day: Spread,
    /// The moment by which one run in ten has shipped; `None` beyond the calendar.
    pub early: Option<Timestamp>,
    /// The moment by which half of the runs have shipped; `None` beyond the calendar. Later than planned as a rule: the plan adds up
    /// the medians of its steps, and the median of a sum of efforts lies above that.
    pub middle: Option<Timestamp>,
    /// The moment by which nine runs in ten have shipped; `None` beyond the calendar.
    pub late: Option<Timestamp>,
    /// Security score.
    pub score: Spread,
}
