//! The review: what came of the decisions of a period, in figures that both leaders read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// Value of [`Review::schema`].
pub const SCHEMA: &str = "detente.review/1";

/// What came of the decisions of a period. A figure that nothing is known about is absent, never 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// `detente.review/1`.
    pub schema: &'static str,
    /// Name of the agreement in force, if it is known.
    pub name: Option<String>,
    /// Beginning of the period.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// Commit of the ledger that it was computed from.
    pub ledger: String,
    /// Changes that were judged, as far as they were recorded.
    pub judged: u64,
    /// Those of them that never went beyond tolerance.
    pub within: u64,
    /// Changes that were decided, by option.
    pub decided: BTreeMap<&'static str, u64>,
    /// Those of them for which the agreed default took effect.
    pub by_default: u64,
    /// Hours from the first verdict to the decision.
    pub time_to_yes_hours: Option<Distribution>,
    /// Promises that were due in the period, and those that are open at its end.
    pub promises: Promises,
    /// Commitments that are overdue at the end of the period, longest first.
    pub overdue: Vec<Overdue>,
    /// Exposure that stood on the default branch, at each baseline (the last one of a day).
    pub exposure: Vec<Standing>,
    /// The exposure budget at the end of the period.
    pub budget: Option<Budget>,
    /// What a gate that blocks on every new high or critical finding would have cost, for the same changes.
    pub delay_avoided: Option<Delay>,
    /// How far estimates were off: hours worked by hours estimated, for commitments that were closed with hours reported.
    pub estimates: Option<Distribution>,
    /// Days from a promise to its verified closure, for commitments that were closed in the period.
    pub days_to_close: Option<Distribution>,
    /// Uses of the revert and hotfix lane.
    pub hotfixes: u64,
    /// What is accepted at the end of the period, and what should not be.
    pub waivers: Waivers,
    /// Day by which the agreement has to be looked at again.
    pub agreement_review: Option<String>,
    /// Figures of others to hold these against.
    pub published: Vec<Published>,
}

/// What is accepted until a date, and what scanners leave out without anybody having accepted it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Waivers {
    /// Waivers that hold.
    pub holding: u64,
    /// Findings that they are about.
    pub findings: u64,
    /// The day on which the first of them ends.
    pub first_end: Option<String>,
    /// Waivers of which nothing is found any more: one sentence each.
    pub obsolete: Vec<String>,
    /// What scanners were told without a waiver: one sentence each.
    pub unrecorded: Vec<String>,
}

/// A distribution by its number, middle and upper end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Distribution {
    /// How many.
    pub n: usize,
    /// Half of them are at most this.
    pub median: f64,
    /// Nine in ten are at most this.
    pub p90: f64,
}

/// What became of promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Promises {
    /// Due in the period.
    pub due: u64,
    /// Verified closed by their date.
    pub kept: u64,
    /// Verified closed after their date.
    pub late: u64,
    /// Open at the end of the period, whenever they are due.
    pub open: u64,
    /// Those of them whose date has passed.
    pub overdue: u64,
    /// Those of these that were due before the period.
    pub overdue_before: u64,
    /// Given up in the period, with changes that were not merged.
    pub given_up: u64,
}

impl Promises {
    /// Open, and not due yet.
    pub const fn not_due(&self) -> u64 {
        self.open.saturating_sub(self.overdue)
    }

    /// Share of what was due that was kept; `None` if nothing was due.
    #[allow(clippy::cast_precision_loss, reason = "counts of promises are small")]
    pub fn rate(&self) -> Option<f64> {
        (self.due > 0).then(|| self.kept as f64 / self.due as f64)
    }
}

/// A commitment whose date has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overdue {
    /// Its id.
    pub id: String,
    /// What was promised.
    pub title: String,
    /// The change that made it.
    pub change: String,
    /// Its date.
    pub due: Timestamp,
    /// Days since then.
    pub days: i64,
    /// With whom the matter is now.
    pub owners: Vec<String>,
    /// Why it is not closed although it is no longer found, if so.
    pub remarks: Vec<String>,
}

/// Exposure at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The moment.
    pub at: Timestamp,
    /// Open findings.
    pub findings: usize,
    /// Points a day.
    pub per_day: f64,
}

/// How the budget of the quarter stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Budget {
    /// The quarter.
    pub quarter: String,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Since when the points are counted: the beginning of the quarter, or the first baseline in it.
    pub since: Timestamp,
    /// Points spent by each baseline of the quarter (the last one of a day), and by the end of the period.
    pub trail: Vec<Spent>,
    /// Points agreed.
    pub agreed: f64,
    /// Points spent.
    pub spent: f64,
    /// Points by the end of the quarter if nothing changes.
    pub forecast: f64,
}

/// Points of the budget that were spent by a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spent {
    /// The moment.
    pub at: Timestamp,
    /// Points.
    pub points: f64,
}

/// Delay that a gate which blocks would have brought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delay {
    /// Decided changes for which both dates are known.
    pub changes: usize,
    /// Those of them that such a gate would have held.
    pub held: usize,
    /// Calendar days that they shipped earlier, together.
    pub days: f64,
}

/// A figure of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Published {
    /// What was measured.
    pub what: &'static str,
    /// The figure.
    pub figure: &'static str,
    /// Who published it, where and when.
    pub source: &'static str,
    /// What to mind in comparing.
    pub mind: &'static str,
}

/// Who reads the review. The figures are the same; what stands first is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Delivery first.
    Cio,
    /// Exposure first.
    Ciso,
    /// The agreement first.
    Board,
}
