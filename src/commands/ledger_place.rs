//! Where the ledger of a command is, and what is read of it first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::appetite::TrustedKeys;
use crate::commands::decision::{self, refused};
use crate::commands::error::CommandError;
use crate::commands::folder::folder;
use crate::commands::governance::{self, Governance, Wish};
use crate::commands::rulebook;
use crate::exit::Exit;
use crate::follow::agreements::Agreements;
use crate::follow::commitments::Light;
use crate::ledger::Ledger;
use crate::model::appetite::{AgreementState, Appetite};
use crate::model::digest::Digest;
use crate::model::ledger::{AppetiteVersion, History, Record};
use crate::{appetite, change};

/// Where the ledger is.
#[derive(Debug, clap::Args)]
pub(super) struct PlaceArgs {
    /// Repository that holds the ledger
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder(), global = true)]
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
    /// Appetite file [default: .detente/appetite.yml of the target branch]
    #[arg(long, value_name = "FILE", env = "DETENTE_APPETITE", global = true)]
    pub appetite: Option<PathBuf>,
    /// Keys that may sign the appetite
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS", global = true)]
    pub allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version, from which its signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", global = true, value_parser = governance::root_digest)]
    pub appetite_root: Option<String>,
}

/// The agreement by which records are read.
pub(super) struct Agreement {
    /// The one in force; else the last one on record that both parties signed.
    pub appetite: Option<Appetite>,
    /// Those on record that both parties signed, with when the ledger first saw each.
    known: Vec<(Timestamp, Appetite)>,
    /// Whether somebody outside the ledger vouches for the keys that signed it.
    pub vouched: bool,
}

impl Agreement {
    /// All of them.
    pub(super) fn all(&self) -> Agreements<'_> {
        Agreements::new(self.appetite.as_ref(), &self.known)
    }

    /// By what commitments are read.
    pub(super) fn light<'a>(&'a self, history: &'a History, now: Timestamp) -> Light<'a> {
        Light { agreements: self.all(), decisions: &history.deciding, now }
    }
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

    /// What governs a change that goes to `base`, or to the default branch.
    pub(super) fn governance(&self, base: Option<&str>) -> Result<Governance, CommandError> {
        let change = change::read(&self.repository, base, false);
        let wish = Wish {
            appetite: self.appetite.clone(),
            allowed_signers: self.allowed_signers.clone(),
            root: self.appetite_root.clone(),
        };
        let rules = rulebook::of_change(&self.repository, &change)?.rules;
        governance::find(&wish, &self.repository, &change, &rules, self.now())
    }

    /// The remote that records are handed to, unless they are to stay in this clone.
    pub(super) fn destination(&self) -> Option<&str> {
        self.remote().filter(|_| !self.local)
    }

    /// The agreement in force, to be kept beside what is recorded under it; `None` where nothing is agreed. One that cannot
    /// be read keeps nobody from recording, and is told.
    pub(super) fn version(&self, base: Option<&str>, at: Timestamp) -> Option<Record> {
        match self.governance(base) {
            Ok(governance) => decision::version(&governance, at),
            Err(error) => {
                tracing::warn!("the record is kept without the agreement, which cannot be read: {}", error.one_line());
                None
            }
        }
    }

    /// The keys that somebody outside the repository vouches for, if any.
    pub(super) fn trusted(&self) -> Result<Option<TrustedKeys>, CommandError> {
        self.allowed_signers.as_deref().map(governance::read_trusted).transpose()
    }

    /// The agreement by which records are read, given the versions on record.
    pub(super) fn agreement(&self, versions: &BTreeMap<String, AppetiteVersion>) -> Result<Agreement, CommandError> {
        let in_force = self.governance(None).ok().map(|found| found.appetite).filter(Appetite::binds);
        let trusted = self.trusted()?;
        let vouched = trusted.is_some();
        let known = agreements(versions, trusted, in_force.as_ref());
        if in_force.is_some() {
            return Ok(Agreement { appetite: in_force, known, vouched: true });
        }
        let appetite = known.iter().max_by_key(|(since, _)| *since).map(|(_, appetite)| appetite.clone());
        Ok(Agreement { vouched: appetite.is_some() && vouched, appetite, known })
    }

    /// The ledger, with what the remote has.
    pub(super) fn open(&self) -> Result<Ledger, CommandError> {
        open(&self.repository, self.destination(), self.now())
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

/// The keys that vouch for versions on record: those that are handed in; else those of the parties in force. `None` where
/// nobody vouches.
pub(super) fn vouching(trusted: Option<TrustedKeys>, in_force: Option<&Appetite>) -> Option<TrustedKeys> {
    trusted.or_else(|| in_force.and_then(|appetite| appetite.agreed.as_ref()).map(TrustedKeys::of_parties))
}

/// The agreements on record that both parties signed, with when the ledger first saw each.
pub(super) fn agreements(
    versions: &BTreeMap<String, AppetiteVersion>,
    trusted: Option<TrustedKeys>,
    in_force: Option<&Appetite>,
) -> Vec<(Timestamp, Appetite)> {
    let trusted = vouching(trusted, in_force);
    let trusted = trusted.as_ref();
    versions.values().filter_map(|version| Some((version.at, agreed(version, trusted).ok()?))).collect()
}

/// The same for a run on a change: an agreement that is not in force vouches for none.
pub(super) fn known(history: Option<&History>, governance: &Governance) -> Vec<(Timestamp, Appetite)> {
    let in_force = Some(&governance.appetite).filter(|appetite| appetite.binds());
    let known = |history: &History| agreements(&history.appetites, None, in_force);
    history.filter(|_| in_force.is_some()).map(known).unwrap_or_default()
}

/// A version of the agreement on record, if both parties signed it: by keys that are trusted, or, where nothing says
/// which are, by those that the version itself names.
pub(super) fn agreed(version: &AppetiteVersion, trusted: Option<&TrustedKeys>) -> Result<Appetite, String> {
    let bytes = version.text.as_bytes();
    if Digest::of(bytes).to_string() != version.sha256 {
        return Err("the agreement in it is not the one that its digest names".to_owned());
    }
    let read = appetite::read(bytes, &version.origin).map_err(|_| "the agreement in it cannot be read".to_owned())?;
    let own = read.agreed.as_ref().map(TrustedKeys::of_parties);
    let signatures = version.signatures.iter().map(|(role, text)| (role.clone(), text.clone().into_bytes())).collect();
    let judged = appetite::agreement(bytes, &read, &signatures, trusted.or(own.as_ref()), version.at);
    match judged.state {
        AgreementState::Agreed | AgreementState::Lapsed => Ok(read),
        state => Err(format!("the agreement in it is {}: {}", state.as_str(), judged.remark)),
    }
}
