//! Reading what was promised: first the names of all events, which say what is closed, then the records that are needed.
//!
//! A ledger of years has hundreds of folders of them. Reading one is inflating it, so several readers share the work, each
//! with the repository opened for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::{available_parallelism, scope};

use git2::{Oid, Repository, TreeEntry};

use super::error::LedgerError;
use super::snapshot::{Snapshot, entries, record};
use crate::model::ledger::{CommitmentEvent, Entry, Record};

/// Events by commitment.
pub(super) type Events = BTreeMap<String, Vec<Entry<CommitmentEvent>>>;

/// Most closed commitments that a run reads to calibrate efforts, the latest first.
const MOST_WORKED: usize = 100;

/// Readers at most; the more there are, the more of the time goes into opening the repository.
const MOST_READERS: usize = 4;

/// Folders or records that make another reader worth opening the repository.
const WORTH: usize = 64;

/// A folder of events.
struct Folder {
    path: String,
    id: Oid,
}

/// A commitment by the names of its events.
struct Named {
    id: String,
    /// Whether an event closes it.
    ended: bool,
    /// Whether an event says what it took.
    hours: bool,
    events: Vec<(String, Oid)>,
}

impl Snapshot<'_> {
    /// Events by commitment, and those of the commitments that were closed and worked on. Only those still open are read, and
    /// the latest of those that say what they took; unless all are asked for.
    pub(super) fn commitments(&self, closed: bool) -> Result<(Events, Events), LedgerError> {
        let named = self.side_by_side(&self.folders()?, |repository, folders| names(repository, folders, closed))?;
        let mut calibrating = BTreeSet::new();
        let mut wanted: Vec<(bool, (String, Oid))> = Vec::new();
        for commitment in named {
            let is_open = closed || !commitment.ended;
            let calibrates =
                commitment.hours && (calibrating.len() < MOST_WORKED || calibrating.contains(&commitment.id));
            if is_open || calibrates {
                wanted.extend(commitment.events.into_iter().map(|event| (is_open, event)));
            }
            if calibrates && !is_open {
                calibrating.insert(commitment.id);
            }
        }
        let records = self.side_by_side(&wanted, |repository, wanted| {
            wanted.iter().map(|(_, (path, blob))| record(repository, path, *blob)).collect()
        })?;
        let (mut open, mut worked) = (Events::new(), Events::new());
        for ((is_open, (path, _)), record) in wanted.into_iter().zip(records) {
            if let Record::Commitment(record) = record {
                let into = if is_open { &mut open } else { &mut worked };
                into.entry(record.commitment.clone()).or_default().push(Entry { path, record });
            }
        }
        for events in open.values_mut().chain(worked.values_mut()) {
            events.sort_by(|a, b| (a.record.at, &a.path).cmp(&(b.record.at, &b.path)));
        }
        Ok((open, worked))
    }

    /// The folders in which events lie, those of the latest month first.
    fn folders(&self) -> Result<Vec<Folder>, LedgerError> {
        let Some(months) = self.folder("commitment/")? else { return Ok(Vec::new()) };
        let mut months = entries(&months);
        months.sort_by(|a, b| b.0.cmp(&a.0));
        let mut folders = Vec::new();
        for (month, id, _) in months {
            let shards = entries(&self.repository.find_tree(id)?);
            folders.extend(
                shards.into_iter().map(|(shard, id, _)| Folder { path: format!("commitment/{month}/{shard}"), id }),
            );
        }
        Ok(folders)
    }

    /// What `read` makes of all parts, in their order, whoever read them.
    fn side_by_side<T: Sync, R: Send>(
        &self,
        parts: &[T],
        read: impl Fn(&Repository, &[T]) -> Result<Vec<R>, LedgerError> + Sync,
    ) -> Result<Vec<R>, LedgerError> {
        let processors = available_parallelism().map_or(1, usize::from);
        let readers = processors.min(MOST_READERS).min(parts.len() / WORTH).max(1);
        let mut shares = parts.chunks(parts.len().div_ceil(readers).max(1));
        let first = shares.next().unwrap_or_default();
        // Of a further worktree, too, this is where the objects are.
        let place = self.repository.commondir();
        scope(|scope| {
            let read = &read;
            let others: Vec<_> =
                shares.map(|share| scope.spawn(move || read(&Repository::open(place)?, share))).collect();
            let mut all = read(self.repository, first)?;
            for other in others {
                all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(all)
        })
    }
}

/// The commitments of some folders, without those that nobody asks for: most are closed, and say nothing of what they took.
/// In the order of git the events of one follow each other.
fn names(repository: &Repository, folders: &[Folder], closed: bool) -> Result<Vec<Named>, LedgerError> {
    let mut named = Vec::new();
    for folder in folders {
        let tree = repository.find_tree(folder.id)?;
        let entries: Vec<TreeEntry<'_>> = tree.iter().collect();
        for events in entries.chunk_by(|a, b| part(a, COMMITMENT) == part(b, COMMITMENT)) {
            let has = |event: &[u8]| events.iter().any(|entry| part(entry, EVENT) == Some(event));
            let (ended, hours) = (has(b"closed"), has(b"worked"));
            if ended && !hours && !closed {
                continue;
            }
            let Some(id) = part(&events[0], COMMITMENT).and_then(|id| std::str::from_utf8(id).ok()) else { continue };
            let events_of = |entry: &TreeEntry<'_>| {
                (format!("{}/{}", folder.path, String::from_utf8_lossy(entry.name_bytes())), entry.id())
            };
            named.push(Named { id: id.to_owned(), ended, hours, events: events.iter().map(events_of).collect() });
        }
    }
    Ok(named)
}

/// Parts of the name of an event: `<commitment>.<event>.<digest>.json`.
const COMMITMENT: usize = 0;
const EVENT: usize = 1;

fn part<'e>(entry: &'e TreeEntry<'_>, number: usize) -> Option<&'e [u8]> {
    entry.name_bytes().split(|byte| *byte == b'.').nth(number)
}
