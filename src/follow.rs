//! Stage: what the ledger holds → how matters stand. Pure: the same records at the same moment say the same.

pub mod authority;
pub mod budget;
pub mod closure;
pub mod commitments;
pub mod decide;
pub mod promise;
pub mod proof;
pub mod review;
pub mod waivers;
