//! Stage: what the ledger holds → how matters stand. Pure: the same records at the same moment say the same.

pub mod agreements;
pub mod authority;
pub mod budget;
pub mod calibration;
pub mod choices;
pub mod closure;
pub mod commitments;
pub mod decide;
pub mod decided;
pub mod promise;
pub mod proof;
pub mod review;
pub mod unrecorded;
pub mod waivers;
