//! GitHub, in the cloud and on one's own server.
//!
//! ```text
//! runner's variables, event ──context──▶ Context
//! Publication + Context ──publish──▶ comment, check, labels, promises, sarif ──api──▶ GitHub
//! outputs, summary ──runner──▶ the steps that follow
//! event of a comment ──asked──▶ who asks for what ──actor──▶ what they may ──answer──▶ reaction, one line
//! ```
//!
//! Answers are read into types of our own with only what is needed: servers differ in the rest. Everything that is
//! known about a change comes from GitHub or from the brief, and the brief's text is data.

pub mod actor;
pub mod answer;
pub mod artifact;
pub mod asked;
pub mod comment;
pub mod context;
pub mod myself;
pub mod payload;
pub mod publish;
pub mod pull;
pub mod runner;

mod address;
mod api;
mod changed_lines;
mod check;
mod error;
mod labels;
mod promises;
mod sarif;

pub use api::{Api, Server};
pub use context::Context;
pub use error::{ForgeError, Kind};
