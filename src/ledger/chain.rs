//! Whether the ledger holds: nothing that was once in it has been taken out or altered, and every file is what its
//! name says. Linear in the number of records.

use std::collections::BTreeSet;

use git2::{Commit, Oid, Sort};
use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, changes};
use super::error::LedgerError;
use super::hashing::Hashed;
use super::snapshot::check;
use super::store::{Ledger, REFERENCE};
use crate::model::ledger::Record;

/// How long a run takes at most from the moment of its judgement to its record, clocks that differ included.
const UNTIL_RECORDED: SignedDuration = SignedDuration::from_hours(1);

/// Something in the ledger that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path of the record; empty if it is about a commit.
    pub path: String,
    /// Commit that shows it.
    pub commit: String,
    /// What does not hold, in words.
    pub what: String,
}

/// What a check of the whole ledger came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Commit that was checked.
    pub tip: String,
    /// Number of commits.
    pub commits: usize,
    /// Number of records.
    pub records: usize,
    /// What does not hold.
    pub faults: Vec<Fault>,
    /// What holds and is worth a look: a clock that was wrong, or somebody who wrote by hand.
    pub doubts: Vec<Fault>,
}

impl Ledger {
    /// Checks the ledger from its beginning; `None` if there is none. With `contains` the ledger must hold that commit:
    /// one noted outside of it, by which a ledger that was rewritten as a whole is seen.
    pub fn verify(&self, contains: Option<&str>) -> Result<Option<Verified>, LedgerError> {
        let _hashed = Hashed::read();
        let Some(tip) = self.at(REFERENCE)? else { return Ok(None) };
        let mut verified =
            Verified { tip: tip.to_string(), commits: 0, records: 0, faults: Vec::new(), doubts: Vec::new() };
        let mut fault = |path: &str, commit: Oid, what: String| {
            verified.faults.push(Fault { path: path.to_owned(), commit: commit.to_string(), what });
        };
        if let Some(expected) = contains {
            let id = Oid::from_str(expected).ok();
            let held = id.is_some_and(|id| id == tip || self.repository.graph_descendant_of(tip, id).unwrap_or(false));
            if !held {
                fault("", tip, format!("the ledger does not contain the commit {expected}: it was rewritten"));
            }
        }
        let boundary = self.shallow();
        let mut walk = self.repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(tip)?;
        let mut known: BTreeSet<String> = BTreeSet::new();
        let (mut commits, mut doubts) = (0, Vec::new());
        for id in walk {
            let id = id?;
            commits += 1;
            let commit = self.repository.find_commit(id)?;
            if boundary.contains(&id.to_string()) {
                let what = "its history is cut off here by a shallow clone; fetch all of it: git fetch --unshallow";
                fault("", id, what.to_owned());
            }
            let tree = commit.tree()?;
            let parents: Vec<_> = commit.parents().collect();
            let trees: Vec<Option<git2::Tree<'_>>> = if parents.is_empty() {
                vec![None]
            } else {
                parents.iter().map(|parent| parent.tree().map(Some)).collect::<Result<_, _>>()?
            };
            for before in &trees {
                for (path, change) in changes(&self.repository, before.as_ref(), &tree)? {
                    let content = match change {
                        Change::Added(_) if known.contains(&path) => continue,
                        Change::Added(content) => content,
                        Change::TakenOut => {
                            fault(&path, id, "was taken out".to_owned());
                            continue;
                        }
                        Change::Replaced(content) => {
                            fault(&path, id, "was replaced by other content".to_owned());
                            content
                        }
                    };
                    let blob = self.repository.find_blob(content);
                    match blob.map_err(|error| error.to_string()).and_then(|blob| check(&path, blob.content())) {
                        Ok(record) => {
                            if let Some(what) = backdated(&record, &parents) {
                                doubts.push(Fault { path: path.clone(), commit: id.to_string(), what });
                            }
                            known.insert(path);
                        }
                        Err(why) => fault(&path, id, why),
                    }
                }
            }
        }
        verified.commits = commits;
        verified.records = known.len();
        verified.faults.sort();
        verified.faults.dedup();
        verified.doubts = doubts;
        Ok(Some(verified))
    }

    /// Commits at which a shallow clone cuts the history off: to git they look like beginnings.
    fn shallow(&self) -> BTreeSet<String> {
        let list = std::fs::read_to_string(self.repository.commondir().join("shallow")).unwrap_or_default();
        list.lines().map(|line| line.trim().to_owned()).collect()
    }
}

/// That a judgement claims to be older than the commit that it was put upon. Nobody signs judgements, and the time after
/// which an agreed default takes effect counts from the first of them. One that was put upon an older commit, and into the
/// ledger by a merge, is not told from one that was pushed late.
fn backdated(record: &Record, parents: &[Commit<'_>]) -> Option<String> {
    let Record::Assessment(judged) = record else { return None };
    let before = parents.iter().map(|parent| parent.time().seconds()).max()?;
    let before = Timestamp::from_second(before).ok()?;
    (judged.at.checked_add(UNTIL_RECORDED).ok()? < before)
        .then(|| format!("it claims to be of {}, and was put upon a commit of {before}", judged.at))
}
