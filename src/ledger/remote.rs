//! Fetching and pushing, by the `git` program and with the credentials of whoever runs it.
//!
//! A push that comes second is refused by the remote, which only takes commits that contain its own. Then the remote's
//! ledger is fetched, the files of both are put together, and the push is tried again: nothing is ever forced.

use std::process::{Command, Stdio};
use std::thread::sleep;

use git2::Oid;
use jiff::Timestamp;

use super::changes::{Change, changes};
use super::error::LedgerError;
use super::store::{Ledger, REFERENCE, pause, who};

/// What the remote had when it was last looked at: it may only ever grow.
const SEEN: &str = "refs/detente/seen/";
/// Where fetched commits wait until they are known to contain what was seen before.
const INCOMING: &str = "refs/detente/incoming/ledger";

/// Attempts at a push that others win.
const MOST_RACES: usize = 200;
/// Longest pause after the first push that others won, in milliseconds; a push takes about as long.
const PAUSE: u64 = 200;
/// Attempts at a push that is refused for another reason.
const MOST_REFUSALS: usize = 3;

impl Ledger {
    /// Whether the repository has a remote of that name.
    pub fn has_remote(&self, remote: &str) -> bool {
        self.repository.find_remote(remote).is_ok()
    }

    /// Whether this clone has records that `remote` had not when it was last looked at. A remote that was never looked at, and
    /// is not the `origin` of everything, keeps no ledger.
    pub fn is_ahead_of(&self, remote: &str) -> Result<bool, LedgerError> {
        let seen = self.at(&format!("{SEEN}{}", name_of(remote)))?;
        let ours = self.at(REFERENCE)?;
        Ok(ours.is_some() && ours != seen && (seen.is_some() || remote == "origin"))
    }

    /// Whether the repository has any remote.
    fn has_remotes(&self) -> Result<bool, LedgerError> {
        Ok(!self.repository.remotes()?.is_empty())
    }

    /// Hands the ledger to `remote`, as [`Ledger::push`] does. A repository without any remote is the only place that it has.
    pub fn hand_over(&self, remote: &str, now: Timestamp) -> Result<(), LedgerError> {
        match self.has_remote(remote) {
            true => self.push(remote, now),
            false if self.has_remotes()? => Err(LedgerError::NoRemote(remote.to_owned())),
            false => Ok(()),
        }
    }

    /// Brings in what `remote` has. Returns whether it has a ledger.
    pub fn fetch(&self, remote: &str, now: Timestamp) -> Result<bool, LedgerError> {
        let failed = |why: String| LedgerError::Fetch { remote: remote.to_owned(), why };
        let listed = self.git(&["ls-remote", "--quiet", "--end-of-options", remote, REFERENCE])?.map_err(failed)?;
        let seen = format!("{SEEN}{}", name_of(remote));
        let before = self.at(&seen)?;
        let Some(theirs) = listed.split_whitespace().next().and_then(|id| Oid::from_str(id).ok()) else {
            return match before {
                None => Ok(false),
                Some(before) => Err(Self::rewritten(remote, before, "nothing".to_owned(), seen)),
            };
        };
        if before == Some(theirs) {
            self.take(theirs, now)?;
        } else {
            let refspec = format!("+{REFERENCE}:{INCOMING}");
            let fetched = self.git(&[
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-auto-maintenance",
                "--no-recurse-submodules",
                "--end-of-options",
                remote,
                &refspec,
            ])?;
            fetched.map_err(failed)?;
            let theirs = self.at(INCOMING)?.unwrap_or(theirs);
            if let Some(before) = before
                && before != theirs
                && !self.repository.graph_descendant_of(theirs, before)?
            {
                return Err(Self::rewritten(remote, before, theirs.to_string(), seen));
            }
            self.take(theirs, now)?;
            self.repository.reference(&seen, theirs, true, "detente")?;
        }
        Ok(true)
    }

    /// Hands the ledger to `remote`, after taking in what it has.
    pub fn push(&self, remote: &str, now: Timestamp) -> Result<(), LedgerError> {
        let (mut refusals, mut last) = (0, None);
        let seed = self.tip()?.unwrap_or_default();
        for attempt in 0..MOST_RACES {
            let refspec = format!("{REFERENCE}:{REFERENCE}");
            let pushed = self.git(&["push", "--quiet", "--no-verify", "--end-of-options", remote, &refspec])?;
            let Err(why) = pushed else {
                if let Some(tip) = self.at(REFERENCE)? {
                    self.repository.reference(&format!("{SEEN}{}", name_of(remote)), tip, true, "detente")?;
                }
                return Ok(());
            };
            // First the pause, then the look at what is there: what is fetched before it would be out of date after it.
            sleep(pause(&seed, attempt, PAUSE));
            // What is there says whether somebody else was faster, or whether this remote does not want it.
            self.fetch(remote, now)?;
            let there = self.at(&format!("{SEEN}{}", name_of(remote)))?;
            let raced = there != last || why.contains("lock");
            last = there;
            if !raced || attempt == 0 {
                refusals += 1;
            }
            if refusals > MOST_REFUSALS {
                return Err(LedgerError::Push { remote: remote.to_owned(), why });
            }
        }
        Err(LedgerError::Busy(MOST_RACES))
    }

    /// Puts the files of `theirs` and of this ledger together. A record of which the two hold different content is said
    /// before anything is written: once put together, the next look would find nothing to say, and hand it on.
    fn take(&self, theirs: Oid, now: Timestamp) -> Result<(), LedgerError> {
        self.swap(&theirs.to_string(), |ours| {
            let Some(ours) = ours else { return Ok(Some(theirs)) };
            if ours == theirs || self.repository.graph_descendant_of(ours, theirs)? {
                return Ok(None);
            }
            if self.repository.graph_descendant_of(theirs, ours)? {
                return Ok(Some(theirs));
            }
            let (mine, other) = (self.repository.find_commit(ours)?, self.repository.find_commit(theirs)?);
            let (tree, their_tree) = (mine.tree()?, other.tree()?);
            let mut files = Vec::new();
            for (path, change) in changes(&self.repository, Some(&tree), &their_tree)? {
                match change {
                    Change::Added(content) => files.push((path, content)),
                    Change::TakenOut => {}
                    Change::Replaced(_) => {
                        let why = "two ledgers hold it with different content".to_owned();
                        return Err(LedgerError::Altered { path, why });
                    }
                }
            }
            let files: Vec<(&str, Oid)> = files.iter().map(|(path, id)| (path.as_str(), *id)).collect();
            let union = match self.with(Some(&tree), &files)? {
                Some(union) => self.repository.find_tree(union)?,
                None => tree,
            };
            // Which of the two comes first says nothing; ordered, two who merge the same come to the same commit.
            let mut parents = [&mine, &other];
            parents.sort_by_key(|commit| commit.id());
            let who = who(now)?;
            let message = "Put the records of both together";
            Ok(Some(self.repository.commit(None, &who, &who, message, &union, &parents)?))
        })?;
        Ok(())
    }

    fn rewritten(remote: &str, before: Oid, now: String, kept: String) -> LedgerError {
        LedgerError::Rewritten { remote: remote.to_owned(), before: before.to_string(), now, kept }
    }

    /// Runs `git` in the repository. The inner result is what it printed, or what it complained about.
    fn git(&self, arguments: &[&str]) -> Result<Result<String, String>, LedgerError> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .map_err(LedgerError::NoGit)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(Ok(text(&output.stdout)));
        }
        let lines: Vec<String> = text(&output.stderr)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("hint:"))
            .map(str::to_owned)
            .collect();
        Ok(Err(lines.join("; ")))
    }
}

/// A remote as part of a ref name.
fn name_of(remote: &str) -> String {
    if !remote.is_empty() && remote.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return remote.to_owned();
    }
    crate::model::digest::Digest::of(remote.as_bytes()).short()
}
