//! How many observations a report holds, for whoever needs no more than that: a million of them take no more room than one.

use std::collections::BTreeMap;

use crate::model::severity::Severity;

/// What is kept of a report's observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// All of them.
    #[default]
    Observations,
    /// Their numbers only.
    Numbers,
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
    /// Counts one more.
    pub fn add(&mut self, severity: Severity, suppressed: bool) {
        if suppressed {
            self.suppressed += 1;
        } else {
            *self.open.entry(severity).or_default() += 1;
        }
    }

    /// Number of open ones.
    pub fn open(&self) -> usize {
        self.open.values().sum()
    }
}
