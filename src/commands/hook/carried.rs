//! Records of the ledger that were made where the remote could not be reached: they go along with a push.

use std::path::Path;

use jiff::Timestamp;

use crate::ledger::{Ledger, LedgerError};

/// Hands records that `remote` does not have over to it. Returns what to say, if there were any.
pub(super) fn along(repository: &Path, remote: &str, now: Timestamp) -> Option<String> {
    let handed = || -> Result<bool, LedgerError> {
        let ledger = Ledger::open(repository)?;
        let some = ledger.has_remote(remote) && ledger.is_ahead_of(remote)?;
        if some {
            ledger.push(remote, now)?;
        }
        Ok(some)
    };
    match handed() {
        Ok(false) => None,
        Ok(true) => Some(format!("what was decided in this clone is in the ledger of {remote} now, too.")),
        Err(error) => Some(format!("what was decided in this clone did not go along: {error}.")),
    }
}
