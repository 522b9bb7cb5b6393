//! Stage: feeds and vectors → [`Knowledge`](crate::model::intel::Knowledge).
//!
//! ```text
//! KEV feed ──kev──▶ KevCatalogue ─┐
//! EPSS feed ─epss─▶ EpssScores ───┼─knowledge─▶ Knowledge of each finding
//! reported vectors ────cvss───────┘
//! ```
//!
//! A feed beats what a report carries, since a report is as old as the scanner's own database. What is not known stays
//! `None`: a vulnerability that a feed does not mention has no score, and not the score 0.

mod cvss;
mod epss;
mod feed;
mod kev;
mod knowledge;

pub use epss::read_epss;
pub use feed::{Feed, IntelError};
pub use kev::read_kev;
pub use knowledge::know;
