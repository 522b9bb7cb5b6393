//! Adding records: objects first, then the ref, by compare and swap.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use git2::build::TreeUpdateBuilder;
use git2::{ErrorCode, FileMode, Oid, Repository, RepositoryOpenFlags, Signature, Time, Tree};
use jiff::Timestamp;

use super::error::LedgerError;
use super::snapshot::Snapshot;
use crate::model::digest::Digest;
use crate::model::ledger::Record;

/// Where the ledger lies.
pub const REFERENCE: &str = "refs/detente/ledger";

/// Attempts to write before giving up; each one lost means that somebody else wrote.
const MOST_ATTEMPTS: usize = 400;

/// Attempts at a lock that nobody releases.
const MOST_LOCKED: usize = 100;

/// The ledger of a repository.
pub struct Ledger {
    pub(super) repository: Repository,
    pub(super) folder: PathBuf,
}

impl Ledger {
    /// Opens the ledger of the repository that `folder` is or lies in; it need not hold anything yet.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let no_ceiling: [&Path; 0] = [];
        let repository = Repository::open_ext(folder, RepositoryOpenFlags::empty(), no_ceiling)
            .map_err(|error| LedgerError::opening(folder, error))?;
        Ok(Self { repository, folder: folder.to_owned() })
    }

    /// The commit that the ledger is at, if it holds anything.
    pub fn tip(&self) -> Result<Option<String>, LedgerError> {
        Ok(self.at(REFERENCE)?.map(|id| id.to_string()))
    }

    /// The ledger as it is now; `None` if there is none.
    pub fn snapshot(&self) -> Result<Option<Snapshot<'_>>, LedgerError> {
        self.at(REFERENCE)?.map(|id| Snapshot::of(&self.repository, id)).transpose()
    }

    /// Adds records, all of them or none. Those that are there already are not added again, nor is a version of the agreement
    /// that was written down before. Returns the commit that the ledger is at.
    pub fn append(&self, records: &[Record], message: &str, now: Timestamp) -> Result<String, LedgerError> {
        let snapshot = self.snapshot()?;
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for record in records {
            let known = match (record, &snapshot) {
                (Record::Appetite(version), Some(snapshot)) => snapshot.has_appetite(version)?,
                _ => false,
            };
            if !known {
                files.push((record.path(), record.bytes()));
            }
        }
        let seed = files.iter().map(|(path, _)| path.as_str()).collect::<String>();
        let blobs: Vec<(&str, Oid)> = files
            .iter()
            .map(|(path, bytes)| Ok((path.as_str(), self.repository.blob(bytes)?)))
            .collect::<Result<_, git2::Error>>()?;
        let tip = self.swap(&seed, |tip| {
            let parent = tip.map(|id| self.repository.find_commit(id)).transpose()?;
            let before = parent.as_ref().map(|commit| commit.tree()).transpose()?;
            let Some(tree) = self.with(before.as_ref(), &blobs)? else { return Ok(None) };
            let who = who(now)?;
            let tree = self.repository.find_tree(tree)?;
            let parents: Vec<_> = parent.iter().collect();
            Ok(Some(self.repository.commit(None, &who, &who, message, &tree, &parents)?))
        })?;
        Ok(tip.map(|id| id.to_string()).unwrap_or_default())
    }

    /// Brings the ledger forward to what `next` makes of its tip; `None` leaves it. Whoever loses the race begins again
    /// from the new tip.
    pub(super) fn swap(
        &self,
        seed: &str,
        next: impl Fn(Option<Oid>) -> Result<Option<Oid>, LedgerError>,
    ) -> Result<Option<Oid>, LedgerError> {
        let mut locked = 0;
        for attempt in 0..MOST_ATTEMPTS {
            let tip = self.at(REFERENCE)?;
            let Some(id) = next(tip)? else { return Ok(tip) };
            // The zero id stands for no ref at all. It is compared while the lock is held; "do not overwrite" is not: of
            // two who begin a ledger at once, the second would take the place of the first.
            let before = tip.unwrap_or(Oid::ZERO_SHA1);
            match self.repository.reference_matching(REFERENCE, id, true, before, "detente") {
                Ok(_) => return Ok(Some(id)),
                Err(error) if error.code() == ErrorCode::Locked => locked += 1,
                Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) => {
                }
                Err(error) => return Err(error.into()),
            }
            if locked > MOST_LOCKED {
                let lock = self.repository.commondir().join(format!("{REFERENCE}.lock"));
                return Err(LedgerError::Locked(lock.display().to_string()));
            }
            sleep(pause(seed, attempt, 40));
        }
        Err(LedgerError::Busy(MOST_ATTEMPTS))
    }

    pub(super) fn at(&self, reference: &str) -> Result<Option<Oid>, LedgerError> {
        match self.repository.find_reference(reference) {
            Ok(found) => Ok(Some(found.peel_to_commit()?.id())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// `before` with the files that it does not hold yet; `None` if it holds them all.
    pub(super) fn with(&self, before: Option<&Tree<'_>>, files: &[(&str, Oid)]) -> Result<Option<Oid>, git2::Error> {
        let mut update = TreeUpdateBuilder::new();
        let mut any = before.is_none();
        for &(path, blob) in files {
            let there = before.is_some_and(|tree| tree.get_path(Path::new(path)).is_ok_and(|entry| entry.id() == blob));
            if !there {
                update.upsert(path, blob, FileMode::Blob);
                any = true;
            }
        }
        let empty;
        let base = if let Some(tree) = before {
            tree
        } else {
            empty = self.repository.find_tree(self.repository.treebuilder(None)?.write()?)?;
            &empty
        };
        if any { update.create_updated(&self.repository, base).map(Some) } else { Ok(None) }
    }
}

/// Commits of the ledger are the program's, at the moment of what they record: who decided stands in the records.
pub(super) fn who(now: Timestamp) -> Result<Signature<'static>, git2::Error> {
    Signature::new("detente", "ledger@detente.invalid", &Time::new(now.as_second(), 0))
}

/// How long to wait after a lost attempt: a little more each time, and different for each writer, so that they do not
/// meet again.
pub(super) fn pause(seed: &str, attempt: usize, most_each: u64) -> Duration {
    let drawn = Digest::of(format!("{seed} {attempt} {}", std::process::id()).as_bytes()).to_string();
    let drawn = u64::from_str_radix(&drawn[..8], 16).unwrap_or_default();
    let most = most_each * (attempt as u64 + 1).min(16);
    Duration::from_millis(1 + drawn % most)
}
