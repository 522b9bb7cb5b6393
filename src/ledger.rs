//! Stage: git ↔ the ledger's records.
//!
//! ```text
//! Record* ──store──▶ commit on refs/detente/ledger ◀──remote──▶ the same ref at origin
//!                        └─snapshot─▶ History (what one run needs)   └─chain─▶ what does not hold
//! ```
//!
//! The ledger is a branch of its own that nobody checks out: commits that only add files. A file is named by its content,
//! so two ledgers that went apart are merged by taking the files of both, and a push that comes second merges and
//! tries again. Nothing is ever written half: objects first, then the ref, by compare and swap.
//!
//! Objects and refs on this machine are read and written with libgit2. Fetching and pushing is left to the `git`
//! program, because only it knows the credentials of the job.

mod chain;
mod changes;
mod error;
mod hashing;
mod promised;
mod remote;
mod snapshot;
mod store;

pub use chain::{Fault, Verified};
pub use error::LedgerError;
pub use snapshot::{Snapshot, Want};
pub use store::{Ledger, REFERENCE};
