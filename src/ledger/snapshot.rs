//! Reading: only the folders that a run needs.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid, Repository, Tree};
use jiff::Timestamp;

use super::error::LedgerError;
use super::hashing::AsStored;
use crate::model::clock::is_future;
use crate::model::digest::Digest;
use crate::model::ledger::{
    AppetiteVersion, Assessed, Baseline, Decision, Entry, Event, History, Kind, Record, Waiver, baseline_folder,
    change_folder, month,
};

/// What a run needs to know.
#[derive(Debug, Clone, Default)]
pub struct Want {
    /// The change whose judgements and decisions are read; none if empty.
    pub change: String,
    /// Branch whose latest baseline is read; none if empty.
    pub branch: String,
    /// Whether commitments that are closed are read too.
    pub closed: bool,
    /// Whether decisions are read that made commitments which are not due yet.
    pub promises: bool,
    /// The moment to look from: waivers have expired before it, and baselines after it do not count yet.
    pub now: Timestamp,
}

/// The ledger at one commit.
pub struct Snapshot<'r> {
    pub(super) repository: &'r Repository,
    tip: Oid,
    root: Tree<'r>,
}

impl<'r> Snapshot<'r> {
    pub(super) fn of(repository: &'r Repository, tip: Oid) -> Result<Self, LedgerError> {
        let root = repository.find_commit(tip)?.tree()?;
        Ok(Self { repository, tip, root })
    }

    /// What one run needs.
    pub fn history(&self, want: &Want) -> Result<History, LedgerError> {
        let _stored = AsStored::read();
        let mut history = History { tip: self.tip.to_string(), ..History::default() };
        if !want.change.is_empty() {
            history.assessments = self.assessments(&want.change)?;
            history.decisions = self.decisions(&want.change)?;
        }
        if !want.branch.is_empty() {
            history.baselines.extend(self.latest_baseline(&want.branch, want.now)?);
        }
        (history.commitments, history.worked) = self.commitments(want.closed)?;
        history.waivers = self.waivers(want.now)?;
        let waived = history.waivers.iter().filter(|waiver| !waiver.record.decision.is_empty());
        let waived = waived.map(|waiver| waiver.record.change.as_str());
        // A promise that is not due makes no difference to most runs, whoever made it.
        let matters = |due: Timestamp| want.closed || want.promises || due < want.now;
        let promised = history.commitments.values().flatten();
        let promised = promised.filter_map(|entry| match &entry.record.event {
            Event::Made { change, promise, .. } if matters(promise.due) => Some(change.as_str()),
            _ => None,
        });
        let changes: BTreeSet<&str> = waived.chain(promised).collect();
        history.deciding = changes
            .into_iter()
            .map(|change| Ok((change.to_owned(), self.decisions(change)?)))
            .collect::<Result<_, LedgerError>>()?;
        history.appetites = self.appetites(None)?;
        Ok(history)
    }

    /// Judgements of a change, earliest first.
    pub fn assessments(&self, change: &str) -> Result<Vec<Entry<Assessed>>, LedgerError> {
        let records = self.records(&change_folder(Kind::Assessment, change))?;
        // The folder is named by a digest; what else may lie in it is not about this change.
        let about = |(path, record)| match record {
            Record::Assessment(record) if record.change == change => Some(Entry { path, record }),
            _ => None,
        };
        Ok(records.into_iter().filter_map(about).collect())
    }

    /// Decisions on a change, earliest first.
    pub fn decisions(&self, change: &str) -> Result<Vec<Entry<Decision>>, LedgerError> {
        let records = self.records(&change_folder(Kind::Decision, change))?;
        let about = |(path, record)| match record {
            Record::Decision(record) if record.change == change => Some(Entry { path, record }),
            _ => None,
        };
        Ok(records.into_iter().filter_map(about).collect())
    }

    /// Decisions on every change about which somebody decided since a moment, by change.
    pub fn decided_since(&self, since: Timestamp) -> Result<BTreeMap<String, Vec<Entry<Decision>>>, LedgerError> {
        let mut out: BTreeMap<String, Vec<Entry<Decision>>> = BTreeMap::new();
        let Some(shards) = self.folder("decision/")? else { return Ok(out) };
        // Names begin with the moment: what is older is not read.
        let earliest = since.strftime("%Y%m%dT%H%M%SZ").to_string();
        for (shard, id, _) in entries(&shards).into_iter().filter(|(_, _, is_folder)| *is_folder) {
            for (folder, id, _) in
                entries(&self.repository.find_tree(id)?).into_iter().filter(|(_, _, is_folder)| *is_folder)
            {
                if entries(&self.repository.find_tree(id)?).iter().all(|(name, _, _)| *name < earliest) {
                    continue;
                }
                for (path, record) in self.records(&format!("decision/{shard}/{folder}/"))? {
                    if let Record::Decision(record) = record {
                        out.entry(record.change.clone()).or_default().push(Entry { path, record });
                    }
                }
            }
        }
        Ok(out)
    }

    /// Whether a commitment was made in one of these months.
    pub fn has_commitment(&self, id: &str, months: &BTreeSet<String>) -> Result<bool, LedgerError> {
        let shard: String = id.chars().skip(2).take(1).collect();
        for month in months {
            let folder = self.folder(&format!("commitment/{month}/{shard}/"))?;
            if folder
                .is_some_and(|folder| entries(&folder).iter().any(|(name, _, _)| name.split('.').next() == Some(id)))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything, in order of path; for reviews, exports and checks.
    pub fn everything(&self) -> Result<Vec<(String, Record)>, LedgerError> {
        let mut files = Vec::new();
        self.files(&self.root, "", &mut files)?;
        files.into_iter().map(|(path, blob)| Ok((path.clone(), record(self.repository, &path, blob)?))).collect()
    }

    /// The latest baseline of a branch. One that is dated ahead says nothing yet: a clock was wrong.
    fn latest_baseline(&self, branch: &str, now: Timestamp) -> Result<Option<Entry<Baseline>>, LedgerError> {
        let folder = baseline_folder(branch);
        let Some(months) = self.folder(&folder)? else { return Ok(None) };
        // Names begin with the moment, so the last name is the latest.
        let mut names: Vec<String> = entries(&months).into_iter().map(|(name, _, _)| name).collect();
        names.sort();
        for month in names.iter().rev() {
            let Some(tree) = self.folder(&format!("{folder}{month}/"))? else { continue };
            let mut names: Vec<(String, Oid, bool)> = entries(&tree);
            names.sort();
            for (name, blob, _) in names.into_iter().rev() {
                let path = format!("{folder}{month}/{name}");
                if let Record::Baseline(record) = record(self.repository, &path, blob)?
                    && !is_future(record.at, now)
                {
                    return Ok(Some(Entry { path, record }));
                }
            }
        }
        Ok(None)
    }

    /// Waivers that have not expired. The name begins with the day of expiry.
    fn waivers(&self, now: Timestamp) -> Result<Vec<Entry<Waiver>>, LedgerError> {
        let today = now.strftime("%Y%m%d").to_string();
        let mut out = Vec::new();
        let Some(months) = self.folder("waiver/")? else { return Ok(out) };
        for (begun, id, _) in entries(&months) {
            if begun > month(now) {
                continue;
            }
            for (name, blob, _) in entries(&self.repository.find_tree(id)?) {
                if name.split('.').next().unwrap_or_default() < today.as_str() {
                    continue;
                }
                let path = format!("waiver/{begun}/{name}");
                if let Record::Waiver(record) = record(self.repository, &path, blob)? {
                    out.push(Entry { path, record });
                }
            }
        }
        Ok(out)
    }

    /// Versions of the appetite by digest: those named, or all.
    pub fn appetites(&self, named: Option<&BTreeSet<&str>>) -> Result<BTreeMap<String, AppetiteVersion>, LedgerError> {
        let mut out = BTreeMap::new();
        let Some(folder) = self.folder("appetite/")? else { return Ok(out) };
        for (name, blob, _) in entries(&folder) {
            let digest = name.split('.').next().unwrap_or_default();
            if named.is_none_or(|named| named.contains(digest)) {
                let path = format!("appetite/{name}");
                // One that is not what it is named by must not stand in for the one that is.
                if let Record::Appetite(record) = record(self.repository, &path, blob)?
                    && Digest::of(record.text.as_bytes()).to_string() == record.sha256
                {
                    // The same version may have been written down more than once: the ledger knows it since the first time.
                    let known = out.entry(record.sha256.clone()).or_insert_with(|| record.clone());
                    if record.at < known.at {
                        *known = record;
                    }
                }
            }
        }
        Ok(out)
    }

    /// Whether this version was written down before, with these signatures.
    pub(super) fn has_appetite(&self, version: &AppetiteVersion) -> Result<bool, LedgerError> {
        let known = self.appetites(Some(&BTreeSet::from([version.sha256.as_str()])))?;
        let same = |known: &AppetiteVersion| known.text == version.text && known.signatures == version.signatures;
        Ok(known.get(&version.sha256).is_some_and(|known| same(known) && known.at <= version.at))
    }

    fn records(&self, folder: &str) -> Result<Vec<(String, Record)>, LedgerError> {
        let Some(tree) = self.folder(folder)? else { return Ok(Vec::new()) };
        let mut names = entries(&tree);
        names.sort_by(|a, b| a.0.cmp(&b.0));
        names
            .into_iter()
            .map(|(name, blob, _)| {
                let path = format!("{folder}{name}");
                Ok((path.clone(), record(self.repository, &path, blob)?))
            })
            .collect()
    }

    pub(super) fn folder(&self, path: &str) -> Result<Option<Tree<'r>>, LedgerError> {
        let mut tree = self.root.clone();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let found = tree.get_name(segment).map(|entry| (entry.id(), entry.kind()));
            let Some((id, Some(ObjectType::Tree))) = found else { return Ok(None) };
            tree = self.repository.find_tree(id)?;
        }
        Ok(Some(tree))
    }

    fn files(&self, tree: &Tree<'_>, prefix: &str, out: &mut Vec<(String, Oid)>) -> Result<(), LedgerError> {
        for (name, id, is_tree) in entries(tree) {
            if is_tree {
                self.files(&self.repository.find_tree(id)?, &format!("{prefix}{name}/"), out)?;
            } else {
                out.push((format!("{prefix}{name}"), id));
            }
        }
        Ok(())
    }
}

/// The record at a path, if it is what its name says.
pub(super) fn record(repository: &Repository, path: &str, blob: Oid) -> Result<Record, LedgerError> {
    let blob = repository.find_blob(blob)?;
    check(path, blob.content()).map_err(|why| LedgerError::Altered { path: path.to_owned(), why })
}

/// What a file of the ledger says, if its content is what its name promises.
pub(super) fn check(path: &str, bytes: &[u8]) -> Result<Record, String> {
    let digest = Digest::of(bytes);
    if !path.ends_with(&format!(".{digest}.json")) {
        return Err(format!("its content has the digest {digest}, which is not the one in its name"));
    }
    // The bytes read are the bytes that it writes, so the digest is known.
    let record = Record::read(bytes)?;
    let expected = record.path_of(&digest);
    if expected == path { Ok(record) } else { Err(format!("it belongs at {expected}")) }
}

/// Name, object and whether it is a folder, of each entry.
pub(super) fn entries(tree: &Tree<'_>) -> Vec<(String, Oid, bool)> {
    tree.iter()
        .map(|entry| {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            (name, entry.id(), entry.kind() == Some(ObjectType::Tree))
        })
        .collect()
}
