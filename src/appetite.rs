//! Stage: appetite file → [`Appetite`](crate::model::appetite::Appetite), how far it is agreed, and what it says.
//!
//! ```text
//! bytes ──document──▶ strict YAML ──wire──▶ keys and words ──meaning──▶ Appetite ─┬─agreement──▶ how far it is agreed
//! profile, answers ──draft──▶ a file to sign                                      ├─difference─▶ what an edit comes to
//! history of the target branch ──continuity──▶ whose signature counts             └─explanation▶ a page for people
//! ```
//!
//! An appetite file is read whole or not at all: what is wrong with it is an error that names the place. What is
//! merely worth knowing (a review that is due, a role without members) is a [remark](remarks).
//!
//! Reading says nothing of trust. A freshly read appetite is unsigned; [`agreement`] judges the signatures beside it,
//! by keys that somebody outside the file vouches for: an allowed-signers file ([`TrustedKeys`]), or the versions that
//! were agreed before it ([`Continuity`]).

mod agreement;
mod clocks;
mod continuity;
mod difference;
mod draft;
mod explanation;
mod meaning;
mod reading;
mod remarks;
mod trust;
mod values;
mod wire;

pub use agreement::{ARBITER, NAMESPACE, PARTIES, agreement};
pub use continuity::Continuity;
pub use difference::difference;
pub use draft::{Draft, Promise, draft};
pub use explanation::{Audience, explanation};
pub use reading::{check_timelines, read, schema};
pub use remarks::remarks;
pub use trust::{TrustError, TrustedKeys};

#[cfg(test)]
mod tests;
