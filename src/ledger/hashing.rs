//! Whether objects are hashed once more when they are read: a setting of libgit2, and so of the whole process.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by whoever depends on the setting.
static SETTING: Mutex<()> = Mutex::new(());

/// While this lives, objects are read as git reads them: as they were stored, without another SHA-1 of each, which takes a
/// quarter of the time. They were hashed when they came over the network, the content of a record has its SHA-256 in its
/// name, and a check of the ledger hashes everything again.
pub(super) struct AsStored {
    _alone: MutexGuard<'static, ()>,
}

impl AsStored {
    pub(super) fn read() -> Self {
        let alone = SETTING.lock().unwrap_or_else(PoisonError::into_inner);
        git2::opts::strict_hash_verification(false);
        Self { _alone: alone }
    }
}

impl Drop for AsStored {
    fn drop(&mut self) {
        git2::opts::strict_hash_verification(true);
    }
}

/// While this lives, every object that is read is what its name says, or an error.
pub(super) struct Hashed {
    _alone: MutexGuard<'static, ()>,
}

impl Hashed {
    pub(super) fn read() -> Self {
        Self { _alone: SETTING.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}
