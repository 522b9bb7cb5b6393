//! GitLab, in the cloud and on one's own server.
//!
//! ```text
//! runner's variables ──context──▶ Context: which project, which merge request, what it is compared with
//! Publication + Context ──publish──▶ thread, status, labels, issues ──api──▶ GitLab
//! outputs ──artifacts──▶ the files that GitLab draws
//! job, notes ──asked──▶ who chose what ──actor──▶ who that is, and in which groups
//! target branch ──baseline──▶ what its own pipelines left behind
//! ```
//!
//! Few endpoints of its REST interface on one HTTP client: answers are read into types of our own with only what is needed,
//! because versions of GitLab differ in the rest.

pub mod actor;
pub mod artifact;
pub mod asked;
pub mod baseline;
pub mod context;
pub mod merge_request;
pub mod payload;
pub mod publish;
pub mod thread;

mod api;
mod error;
mod labels;
mod promises;
mod status;

pub use api::{Api, Server, Token};
pub use context::Context;
pub use error::no_token;
