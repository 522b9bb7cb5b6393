//! A promise that is kept: what the ledger holds when a run on the target branch has seen that it is.

use std::path::Path;

use detente::ledger::{Ledger, Want};
use detente::model::ledger::{CommitmentEvent, Decider, Event, Record};

/// Closes the commitment that an issue with this text stands for, in the ledger of `checkout` and in that of its remote.
pub fn keep(checkout: &Path, issue: &str) {
    put(checkout, issue, Event::Closed { baseline: "x".to_owned(), evidence: "gone".to_owned() });
}

/// Gives it up, and moves its date, in the name of nobody who may.
pub fn forge(checkout: &Path, issue: &str) {
    let (until, reason) = ("2027-06-01T00:00:00Z".parse().unwrap(), "no time".to_owned());
    put(checkout, issue, Event::Extended { until, reason: reason.clone(), by: Decider::Default });
    put(checkout, issue, Event::Withdrawn { reason, by: Decider::Default });
}

fn put(checkout: &Path, issue: &str, event: Event) {
    let ledger = Ledger::open(checkout).unwrap();
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let want = Want { closed: true, now, ..Want::default() };
    let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
    let marker = issue.lines().next().unwrap();
    let (_, events) = history.commitments.iter().find(|(id, _)| marker.contains(id.as_str())).unwrap();
    let event = CommitmentEvent { at: now, event, ..events[0].record.clone() };
    ledger.append(&[Record::Commitment(event)], "An event", now).unwrap();
    ledger.push("origin", now).unwrap();
}
