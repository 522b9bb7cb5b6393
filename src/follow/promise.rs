//! What a complete decision sets going: commitments and waivers, the same from whoever derives them.

use std::collections::BTreeMap;

use crate::model::digest::Digest;
use crate::model::ledger::{CommitmentEvent, Decision, Entry, Event, Record, WaivedFinding, Waiver, commitment_id};

use super::authority::name;

/// The id of the waiver of a row that follows from a decision.
pub fn waived_id(decision: &Decision, row: &str) -> String {
    let digest = Digest::of(format!("{}\n{}\n{row}", decision.change, decision.findings_digest).as_bytes());
    format!("v-{}", digest.short())
}

/// The commitments that follow from a decision which is complete, one per promise.
pub fn made(decision: &Entry<Decision>) -> impl Iterator<Item = CommitmentEvent> {
    follows(decision, &BTreeMap::new()).into_iter().filter_map(|record| match record {
        Record::Commitment(event) => Some(event),
        _ => None,
    })
}

/// The records that follow from a decision which is complete: one commitment per promise, one waiver per row.
///
/// `waived` are the findings of each row that is accepted to be beyond tolerance.
pub fn follows(decision: &Entry<Decision>, waived: &BTreeMap<String, Vec<WaivedFinding>>) -> Vec<Record> {
    let record = &decision.record;
    let promises = record.offer.promises.iter().map(|promise| {
        Record::Commitment(CommitmentEvent {
            commitment: commitment_id(&record.change, &record.findings_digest, &promise.work),
            made: record.at,
            at: record.at,
            event: Event::Made {
                change: record.change.clone(),
                head: record.head.clone(),
                appetite: record.appetite.clone(),
                approval: record.offer.approval.clone(),
                promise: promise.clone(),
                decision: decision.path.clone(),
                lane: None,
            },
            signature: String::new(),
        })
    });
    let waivers = record.offer.waivers.iter().map(|waiver| {
        Record::Waiver(Waiver {
            id: waived_id(record, &waiver.row),
            at: record.at,
            from: record.at,
            until: waiver.until,
            row: waiver.row.clone(),
            change: record.change.clone(),
            findings: waived.get(&waiver.row).cloned().unwrap_or_default(),
            owner: name(&record.by),
            reason: record.reason.clone(),
            by: record.by.clone(),
            authors: Vec::new(),
            appetite: record.appetite.clone(),
            decision: decision.path.clone(),
            signature: String::new(),
        })
    });
    promises.chain(waivers).collect()
}
