//! Promises of decisions that became complete where nobody saw it: two who choose out of reach of each other each know of
//! their own choice only, and the change may ship before anybody judges it again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::follow::agreements::Agreements;
use crate::follow::decided::{Complete, decided};
use crate::follow::promise;
use crate::ledger::Snapshot;
use crate::model::clock::is_future;
use crate::model::figure;
use crate::model::ledger::{CommitmentEvent, Decider, Decision, Entry, History, month};

/// How far back decisions are looked at: a quarter.
const RECENT: SignedDuration = SignedDuration::from_hours(92 * 24);

/// What complete decisions promise and is not on record yet, and what to tell of it.
pub(super) fn missing(
    snapshot: &Snapshot<'_>,
    history: &History,
    agreements: Agreements<'_>,
    now: Timestamp,
) -> Result<(Vec<CommitmentEvent>, Vec<String>), CommandError> {
    let (mut events, mut said) = (Vec::new(), Vec::new());
    let since = now.checked_sub(RECENT).unwrap_or(now);
    let decisions = snapshot.decided_since(since).map_err(refused)?;
    for (change, decisions) in &decisions {
        // A default is recorded together with what it promises.
        let complete = decided(decisions, agreements)
            .pop()
            .filter(|last| !matches!(last.entry.record.by, Decider::Default) && !is_future(last.at, now));
        let Some(complete) = complete else { continue };
        let made = promised(snapshot, decisions, &complete)?;
        if made.is_empty() {
            continue;
        }
        let (option, count) = (complete.entry.record.option.0.as_str(), figure::count(made.len(), "commitment"));
        said.push(format!("What {option} promises, as decided for {change}, is on record now: {count}."));
        said.extend(not_waived(&complete, decisions, history));
        events.extend(made);
    }
    Ok((events, said))
}

/// What the decision promises of which nothing is on record by whoever's choice it was made.
fn promised(
    snapshot: &Snapshot<'_>,
    decisions: &[Entry<Decision>],
    complete: &Complete<'_>,
) -> Result<Vec<CommitmentEvent>, CommandError> {
    let months: BTreeSet<String> = decisions.iter().map(|entry| month(entry.record.at)).collect();
    let mut out = Vec::new();
    for event in promise::made(complete.entry) {
        if !snapshot.has_commitment(&event.commitment, &months).map_err(refused)? {
            out.push(event);
        }
    }
    Ok(out)
}

/// That rows which the decision accepts are accepted on no other change: what stood in them was known to the run of the
/// change alone.
fn not_waived(complete: &Complete<'_>, decisions: &[Entry<Decision>], history: &History) -> Option<String> {
    let waivers = &complete.entry.record.offer.waivers;
    let known = |path: &String| decisions.iter().any(|entry| entry.path == *path);
    if waivers.is_empty() || history.waivers.iter().any(|entry| known(&entry.record.decision)) {
        return None;
    }
    let rows: Vec<&str> = waivers.iter().map(|waiver| waiver.row.as_str()).collect();
    Some(format!(
        "What it accepts in {} is accepted on no other change, since this run does not know what stood there: accept it with `detente waive`.",
        rows.join(", ")
    ))
}
