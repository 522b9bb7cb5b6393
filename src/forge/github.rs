//! GitHub, in the cloud and on one's own server.
//!
//! ```text
//! runner's variables, event ──context──▶ Context ──checkout──▶ revision to compare with
//! Publication + Context ──publish──▶ comment, check, labels, promises, sarif ──api──▶ GitHub
//! outputs, summary ──runner──▶ the steps that follow
//! ```
//!
//! Answers are read into types of our own with only what is needed: servers differ in the rest. Everything that is
//! known about a change comes from GitHub or from the brief, and the brief's text is data.

mod address;
mod api;
mod artifact;
mod changed_lines;
mod check;
mod checkout;
mod comment;
mod context;
mod error;
mod labels;
mod myself;
mod patience;
mod payload;
mod promises;
mod publish;
mod pull;
mod runner;
mod sarif;

pub use api::{Api, Server};
pub use artifact::{NAME as ARTIFACT, of_commit as brief_of_commit, of_run as brief_of_run};
pub use checkout::{Compared, complete as complete_checkout};
pub use comment::{LIMIT as COMMENT_LIMIT, fit as fit_comment};
pub use context::{Base, Context, PullRequest};
pub use error::{ForgeError, Kind};
pub use myself::JOB as JOB_LOGIN;
pub use publish::{Parts, Published, conclusion, publish};
pub use runner::{append, outputs, summary};
