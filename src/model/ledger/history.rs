//! What a run knows of the ledger: a snapshot of the records that it needs, as plain data.

use std::collections::BTreeMap;

use super::agreement::AppetiteVersion;
use super::baseline::{Assessed, Baseline};
use super::commitment::CommitmentEvent;
use super::decision::Decision;
use super::waiver::Waiver;

/// A record with the path at which it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// Path in the ledger.
    pub path: String,
    /// The record.
    pub record: T,
}

/// The records of the ledger that one run needs. What is computed from it depends on nothing else.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Commit of the ledger that was read.
    pub tip: String,
    /// Judgements of the change, earliest first.
    pub assessments: Vec<Entry<Assessed>>,
    /// Decisions on the change, earliest first.
    pub decisions: Vec<Entry<Decision>>,
    /// Baselines of the target branch, earliest first: the latest, and those of the quarter where they are asked for.
    pub baselines: Vec<Entry<Baseline>>,
    /// Events of commitments, by commitment, earliest first.
    pub commitments: BTreeMap<String, Vec<Entry<CommitmentEvent>>>,
    /// Events of the commitments that were closed last and of which somebody reported what they took.
    pub worked: BTreeMap<String, Vec<Entry<CommitmentEvent>>>,
    /// Waivers that have not expired.
    pub waivers: Vec<Entry<Waiver>>,
    /// Decisions by change: on those from which some of these waivers follow, and on those whose commitments may be overdue or
    /// were asked for.
    pub deciding: BTreeMap<String, Vec<Entry<Decision>>>,
    /// Versions of the appetite, by digest.
    pub appetites: BTreeMap<String, AppetiteVersion>,
}
