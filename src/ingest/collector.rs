//! What an adapter fills while it reads: the report in the making.

use std::collections::BTreeMap;

use crate::model::digest::Digest;
use crate::model::report::{Observation, Problem, Scan};

/// Most observations kept of one report. A report beyond it is marked as incomplete rather than read without bound.
const MOST_OBSERVATIONS: usize = 5_000_000;

/// Most problems kept of one report: a million broken records are one message with a count, not a million messages.
const MOST_PROBLEMS: usize = 20;

/// The report in the making.
#[derive(Debug, Default)]
pub struct Collector {
    /// What the report says about the scan; adapters fill it as they meet it.
    pub scan: Scan,
    observations: Vec<Observation>,
    suppressed: Vec<Observation>,
    unread: u64,
    problems: Vec<Problem>,
    /// Where the row with this digest went: whether to the suppressed ones, and its place in the list.
    rows: BTreeMap<Digest, (bool, usize)>,
}

/// What a collector holds when reading has ended.
#[derive(Debug)]
pub struct Collected {
    /// About the scan.
    pub scan: Scan,
    /// Open observations.
    pub observations: Vec<Observation>,
    /// Observations that someone told the scanner not to count.
    pub suppressed: Vec<Observation>,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong, in words.
    pub problems: Vec<Problem>,
}

impl Collector {
    /// Adds one observation: to the suppressed ones if it says why it is not counted, else to the open ones.
    /// Every observation counts at least one occurrence, and its category is evidence that this kind of test ran.
    pub fn push(&mut self, mut observation: Observation) {
        debug_assert!(observation.category.is_some(), "an adapter must say what kind of problem it read");
        observation.occurrences = observation.occurrences.max(1);
        self.scan.kinds.extend(observation.category);
        let list = if observation.suppression.is_some() { &mut self.suppressed } else { &mut self.observations };
        if list.len() < MOST_OBSERVATIONS {
            list.push(observation);
        } else {
            self.unread(&format!("more than {MOST_OBSERVATIONS} results"));
        }
    }

    /// Adds one observation, unless an equal row was there before: then that one counts once more. `row` is whatever
    /// makes two rows of this format the same; formats whose tool never repeats itself use [`push`](Self::push).
    pub fn push_once(&mut self, row: &[&str], observation: Observation) {
        let row = Digest::of(row.join("\0").as_bytes());
        let suppressed = observation.suppression.is_some();
        let list = if suppressed { &mut self.suppressed } else { &mut self.observations };
        let before = self.rows.get(&row).filter(|(before, _)| *before == suppressed);
        if let Some(before) = before.and_then(|(_, at)| list.get_mut(*at)) {
            before.occurrences = before.occurrences.saturating_add(observation.occurrences.max(1));
        } else {
            self.rows.insert(row, (suppressed, list.len()));
            self.push(observation);
        }
    }

    /// Counts one record that was not understood, with the reason. Evidence is missing because of it.
    pub fn unread(&mut self, why: &str) {
        self.unread += 1;
        if self.unread <= 3 {
            self.missing(format!("a record was not understood: {why}"));
        }
    }

    /// Says that evidence is missing: the scan did not succeed, the list is cut off, totals disagree with rows.
    pub fn missing(&mut self, message: impl Into<String>) {
        self.problem(true, message.into());
    }

    /// Says something worth knowing that does not make evidence missing.
    pub fn remark(&mut self, message: impl Into<String>) {
        self.problem(false, message.into());
    }

    fn problem(&mut self, evidence_missing: bool, message: String) {
        let problem = Problem { evidence_missing, message };
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Number of open observations so far.
    pub fn len(&self) -> usize {
        self.observations.len()
    }

    /// Ends reading.
    pub fn finish(self) -> Collected {
        Collected {
            scan: self.scan,
            observations: self.observations,
            suppressed: self.suppressed,
            unread: self.unread,
            problems: self.problems,
        }
    }
}
