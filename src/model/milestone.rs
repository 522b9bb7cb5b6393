//! A commitment as one line of a plan of action: what, by when, how it stands.

use jiff::Timestamp;

/// One commitment, as exports and lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Id of the commitment.
    pub id: String,
    /// What was promised.
    pub title: String,
    /// The change that made it.
    pub change: String,
    /// When it was made.
    pub made: Timestamp,
    /// By when.
    pub due: Timestamp,
    /// When it was verified closed; `None` if it is not.
    pub closed: Option<Timestamp>,
    /// Whether it is still to be kept.
    pub open: bool,
    /// How it stands, in a word.
    pub state: &'static str,
}
