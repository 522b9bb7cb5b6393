//! A promise that is kept: what the ledger holds when a run on the target branch has seen that it is.

use std::path::Path;

use detente::ledger::{Ledger, Want};
use detente::model::ledger::{CommitmentEvent, Event, Record};

/// Closes the commitment that an issue with this text stands for, in the ledger of `checkout` and in that of its remote.
pub fn keep(checkout: &Path, issue: &str) {
    let ledger = Ledger::open(checkout).unwrap();
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let want = Want { closed: true, now, ..Want::default() };
    let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
    let marker = issue.lines().next().unwrap();
    let (_, events) = history.commitments.iter().find(|(id, _)| marker.contains(id.as_str())).unwrap();
    let closed = CommitmentEvent {
        at: now,
        event: Event::Closed { baseline: "x".to_owned(), evidence: "gone".to_owned() },
        ..events[0].record.clone()
    };
    ledger.append(&[Record::Commitment(closed)], "Closed", now).unwrap();
    ledger.push("origin", now).unwrap();
}
