//! Stage: what the ledger holds → how matters stand. Pure: the same records at the same moment say the same.

pub mod authority;
pub mod decide;
pub mod promise;
