//! What of a change is on the default branch: what was promised about that is not given up, whoever wants to.

use std::collections::BTreeSet;

use crate::change;
use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::PlaceArgs;
use crate::commands::record::merged;
use crate::commands::surroundings;
use crate::ledger::Ledger;
use crate::model::ledger::{Baseline, CommitmentEvent, Entry, Event, History};

/// Name of the default branch; empty if none is known.
pub(super) fn default_branch(place: &PlaceArgs) -> String {
    surroundings::default_branch().or_else(|| change::default_branch(&place.repository)).unwrap_or_default()
}

/// What the default branch has of one change.
pub(super) struct OnBranch {
    /// Heads of the change that it has, however they were merged.
    heads: BTreeSet<String>,
    /// Findings of its latest baseline.
    found: BTreeSet<String>,
}

impl OnBranch {
    /// By this clone and by the latest baseline of the branch: a clone may be older than what was recorded.
    pub(super) fn read(place: &PlaceArgs, ledger: &Ledger, history: &History, of: &str) -> Result<Self, CommandError> {
        let latest: Option<&Baseline> = history.baselines.last().map(|entry| &entry.record);
        let commitments = history.commitments.iter().filter(|(_, events)| is_of(events, of));
        let about = History {
            commitments: commitments.map(|(id, it)| (id.clone(), it.clone())).collect(),
            ..History::default()
        };
        let snapshot = ledger.snapshot().map_err(refused)?;
        let branch = default_branch(place);
        let mut heads: BTreeSet<String> = latest.into_iter().flat_map(|latest| latest.contains.clone()).collect();
        for tip in ["refs/remotes/origin/", "refs/heads/"] {
            if let Some(commit) = change::commit(&place.repository, &format!("{tip}{branch}")) {
                heads.extend(merged::heads(&place.repository, snapshot.as_ref(), &about, latest, &commit)?);
            }
        }
        let found = latest.into_iter().flat_map(|latest| &latest.findings).map(|finding| finding.id.clone());
        Ok(Self { heads, found: found.collect() })
    }

    /// Whether the change of a commitment was merged: the head that was decided about is there.
    pub(super) fn is_merged(&self, events: &[Entry<CommitmentEvent>]) -> bool {
        events.iter().any(|entry| matches!(&entry.record.event, Event::Made { head, .. } if self.heads.contains(head)))
    }

    /// Whether something that the commitment is about was seen there, whoever brought it.
    pub(super) fn shows(&self, events: &[Entry<CommitmentEvent>]) -> bool {
        events.iter().any(|entry| match &entry.record.event {
            Event::Made { promise, .. } => promise.findings.iter().any(|finding| self.found.contains(&finding.id)),
            event => matches!(event, Event::NotClosed { .. }),
        })
    }
}

/// Whether these are the events of a commitment of that change.
pub(super) fn is_of(events: &[Entry<CommitmentEvent>], name: &str) -> bool {
    events.iter().any(|entry| matches!(&entry.record.event, Event::Made { change, .. } if *change == *name))
}
