//! What a run knows of the ledger. The one place where a run looks beyond its inputs for what was decided; from here on
//! it is plain data.

use std::path::Path;

use jiff::Timestamp;

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError, Want};
use crate::model::change::Change;
use crate::model::ledger::History;

/// Where a run learns what was decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Source {
    /// In a pipeline as `fetch`, elsewhere as `local`
    #[default]
    Auto,
    /// Fetch the ledger from the remote first
    Fetch,
    /// The ledger as it is in this clone
    Local,
    /// No ledger
    None,
}

/// What was learnt, and what the reader should know about it.
#[derive(Default)]
pub(super) struct Learnt {
    /// The records; `None` if there is no ledger.
    pub history: Option<History>,
    /// Remarks, one sentence each.
    pub notices: Vec<String>,
}

impl Learnt {
    /// Whether the target branch's baseline is known.
    pub(super) fn knows_baseline(&self) -> bool {
        self.history.as_ref().is_some_and(|history| !history.baselines.is_empty())
    }
}

/// Reads what is needed about `change`. `branch` is the one that it is compared with.
pub(super) fn read(
    source: Source,
    remote: &str,
    repository: &Path,
    change: &Change,
    branch: &str,
    now: Timestamp,
) -> Result<Learnt, CommandError> {
    let in_pipeline = std::env::var_os("CI").is_some_and(|value| value != "false");
    let fetch = match source {
        Source::None => return Ok(Learnt::default()),
        Source::Auto => in_pipeline,
        Source::Fetch => true,
        Source::Local => false,
    };
    let mut learnt = Learnt::default();
    let ledger = match Ledger::open(repository) {
        Ok(ledger) => ledger,
        Err(LedgerError::NoRepository(_)) if source == Source::Auto => return Ok(learnt),
        Err(error) if source == Source::Auto => {
            learnt.notices.push(format!("What was decided before is not known: {error}."));
            return Ok(learnt);
        }
        Err(error) => return Err(refused(error)),
    };
    if fetch && ledger.has_remote(remote) {
        match ledger.fetch(remote, now) {
            Ok(_) => {}
            Err(error) if error.is_trust() || source == Source::Fetch => return Err(refused(error)),
            Err(error) => {
                learnt.notices.push(format!("Decisions that were recorded elsewhere are not known here: {error}."));
            }
        }
    } else if source == Source::Fetch {
        return Err(CommandError::new(Exit::Usage, format!("--ledger fetch: there is no remote {remote}")));
    }
    if let Some(snapshot) = ledger.snapshot().map_err(refused)? {
        let want = Want { change: change.name.clone(), branch: branch.to_owned(), now, ..Want::default() };
        learnt.history = Some(snapshot.history(&want).map_err(refused)?);
    }
    Ok(learnt)
}
