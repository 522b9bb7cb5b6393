//! What can go wrong with a forge, and what to do about it.

use std::fmt;

/// A request that did not do what it was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeError {
    /// Of what sort.
    pub kind: Kind,
    /// What happened, one sentence.
    pub message: String,
    /// What to do about it, one sentence.
    pub advice: String,
}

/// Sorts of errors, as far as anything is done differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no token, or it is not (any longer) valid.
    Token,
    /// The token is valid and may not do this.
    Permission,
    /// It is not there, or the token may not see it.
    NotFound,
    /// The conversation is locked or the repository archived: nobody may.
    Closed,
    /// The forge refuses the request as it is.
    Refused,
    /// Too many requests, and the wait would be too long.
    RateLimit,
    /// No answer, half an answer, or an answer that is none of the forge's.
    Unreachable,
    /// The event or the pull request is not in a state in which this makes sense.
    State,
}

impl ForgeError {
    /// An error with what to do.
    pub fn new(kind: Kind, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { kind, message: message.into(), advice: advice.into() }
    }

    /// A list that goes on after as much of it as is read: what is known of a part is not said of the whole.
    pub fn too_long(what: &str, read: usize) -> Self {
        Self::new(
            Kind::Refused,
            format!("could not {what}: the list has more than the {read} entries that are read"),
            "shorten it: split the change, or close what is done with",
        )
    }
}

impl fmt::Display for ForgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.advice)
    }
}

impl std::error::Error for ForgeError {}
