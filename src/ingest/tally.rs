//! How many observations a report holds, for whoever needs no more than that: a million of them take no more room than one.

use std::collections::BTreeMap;

use crate::model::report::{Problem, Report, Scan};
use crate::model::severity::Severity;

/// What is kept of a report's observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// All that the report says.
    #[default]
    Everything,
    /// All that they are judged by: without the scanner's own ids and long texts.
    Judged,
    /// Their numbers only.
    Numbers,
}

/// A report of which the numbers alone are kept.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Path as given by the user; see [`Report::path`].
    pub path: String,
    /// Id of the format that was recognised, or `None` if the file could not be read as any.
    pub format: Option<String>,
    /// What the report says about the scan itself.
    pub scan: Scan,
    /// Numbers of its observations.
    pub tally: Tally,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong with the report, in words.
    pub problems: Vec<Problem>,
}

impl Counted {
    /// What is kept of a report of which the numbers are known.
    pub(super) fn of(report: Report, tally: Tally) -> Self {
        let Report { path, format, scan, unread, problems, .. } = report;
        Self { path, format, scan, tally, unread, problems }
    }
}

/// The numbers of a report's observations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Open ones by severity.
    pub open: BTreeMap<Severity, usize>,
    /// Those that someone told the scanner not to count.
    pub suppressed: usize,
}

impl Tally {
    /// Counts so many more.
    pub fn add(&mut self, number: usize, severity: Severity, suppressed: bool) {
        if suppressed {
            self.suppressed += number;
        } else if number > 0 {
            *self.open.entry(severity).or_default() += number;
        }
    }

    /// Number of open ones.
    pub fn open(&self) -> usize {
        self.open.values().sum()
    }
}
