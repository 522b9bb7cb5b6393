//! Where the ledger of a command is, and what is read of it first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::appetite::Appetite;
use crate::model::ledger::AppetiteVersion;

/// Where the ledger is.
#[derive(Debug, clap::Args)]
pub(super) struct PlaceArgs {
    /// Repository that holds the ledger
    #[arg(long, value_name = "FOLDER", default_value = ".", global = true)]
    pub repository: PathBuf,
    /// Remote that keeps the ledger; `none` keeps it in this clone
    #[arg(long, value_name = "REMOTE", default_value = "origin", global = true)]
    pub remote: String,
    /// Do not fetch first: read what is in this clone
    #[arg(long, global = true)]
    pub local: bool,
    /// Moment to look from [default: now]
    #[arg(long, value_name = "RFC3339", global = true)]
    pub now: Option<Timestamp>,
}

impl PlaceArgs {
    /// The moment to look from.
    pub(super) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }

    /// The remote, unless none is wanted.
    pub(super) fn remote(&self) -> Option<&str> {
        Some(self.remote.as_str()).filter(|remote| *remote != "none")
    }

    /// The ledger, with what the remote has.
    pub(super) fn open(&self) -> Result<Ledger, CommandError> {
        open(&self.repository, self.remote().filter(|_| !self.local), self.now())
    }
}

/// Opens the ledger of a repository, and fetches what `remote` has.
pub(super) fn open(repository: &Path, remote: Option<&str>, now: Timestamp) -> Result<Ledger, CommandError> {
    let ledger = Ledger::open(repository).map_err(refused)?;
    if let Some(remote) = remote.filter(|remote| ledger.has_remote(remote)) {
        ledger.fetch(remote, now).map_err(refused)?;
    }
    Ok(ledger)
}

/// What is said where nothing was ever recorded.
pub(super) fn nothing() -> CommandError {
    CommandError::new(Exit::Usage, "there is no ledger yet: nothing was recorded in this repository")
        .hint("`detente choose` records a decision, `detente gate --record` what a run found")
}

/// The version of the agreement that was recorded last.
pub(super) fn latest_appetite(versions: BTreeMap<String, AppetiteVersion>) -> Option<Appetite> {
    let latest = versions.into_values().max_by_key(|version| version.at)?;
    crate::appetite::read(latest.text.as_bytes(), &latest.origin).ok()
}
