//! Stage: where a change is discussed and decided: where am I, what is published there, who asks for what.
//!
//! ```text
//! environment, event ──context──▶ where we are, which pull request, what it is compared with
//! Publication ──publish──▶ one comment, one check run, labels, issues
//! ```
//!
//! A forge knows the vocabulary and what it is given to publish, nothing of how it was judged. The words that all forges
//! share are in [`publication`]; everything else is the forge's own.

pub mod checkout;
pub mod error;
pub mod github;
pub mod gitlab;
mod patience;
pub mod publication;
pub mod published;
pub mod request;
