//! What can be wrong with a ledger, and what to do about it.

use std::path::Path;

use git2::ErrorCode;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no repository.
    #[error("{0} is not in a git repository, and the ledger is kept in one")]
    NoRepository(String),
    /// The repository belongs to another user.
    #[error(
        "{0}: the repository belongs to another user, and git does not open it. If you trust it: git config --global --add safe.directory {0}"
    )]
    Owner(String),
    /// A file of the ledger is not what its name says.
    #[error("the ledger holds a record that was altered: {path}: {why}")]
    Altered {
        /// Its path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The remote's ledger does not contain what it contained before.
    #[error(
        "the ledger of {remote} was rewritten: {before} was seen there, and {now} does not contain it. Nothing was taken over. Find out who rewrote it; the former state is kept as {kept}"
    )]
    Rewritten {
        /// The remote.
        remote: String,
        /// What was there.
        before: String,
        /// What is there.
        now: String,
        /// Where the former state is kept.
        kept: String,
    },
    /// The remote did not answer, or not as expected.
    #[error("the ledger could not be fetched from {remote}: {why}")]
    Fetch {
        /// The remote.
        remote: String,
        /// What git says.
        why: String,
    },
    /// The remote does not take the records.
    #[error("{remote} does not take the ledger's records: {why}")]
    Push {
        /// The remote.
        remote: String,
        /// What git says.
        why: String,
    },
    /// The repository has remotes, and none of that name.
    #[error(
        "this repository has no remote {0}. Name the one that keeps the ledger (--remote), or `none` to keep it in this clone"
    )]
    NoRemote(String),
    /// Somebody holds the lock.
    #[error(
        "the ledger is locked by another process, or by one that was ended while it wrote. If none runs, delete {0}; nothing is lost by it"
    )]
    Locked(String),
    /// Others were always faster.
    #[error("the ledger could not be written: {0} attempts, and others were faster each time; try again")]
    Busy(usize),
    /// The `git` program could not be started.
    #[error("the `git` program is needed to fetch and push the ledger, and could not be started: {0}")]
    NoGit(std::io::Error),
    /// Anything else that libgit2 reports.
    #[error(
        "the ledger could not be used: {0}. See that you may read and write the repository, that the disk has room, and that `git fsck` finds it whole"
    )]
    Git(#[from] git2::Error),
}

impl LedgerError {
    /// Whether the ledger cannot be trusted, as opposed to reached or written.
    pub const fn is_trust(&self) -> bool {
        matches!(self, Self::Altered { .. } | Self::Rewritten { .. })
    }

    pub(super) fn opening(folder: &Path, error: git2::Error) -> Self {
        match error.code() {
            ErrorCode::NotFound => Self::NoRepository(folder.display().to_string()),
            ErrorCode::Owner => Self::Owner(folder.canonicalize().unwrap_or(folder.into()).display().to_string()),
            _ => error.into(),
        }
    }
}
