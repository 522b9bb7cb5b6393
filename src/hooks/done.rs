//! What is asked of a hook, and what came of it.

use std::path::PathBuf;

/// What happened, for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The file that was or would have been written.
    pub file: PathBuf,
    /// Whether it is another one than before.
    pub changed: bool,
    /// What to know and to do besides, a sentence each.
    pub notes: Vec<String>,
}

/// How the hook acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It says how the change stands, and never holds a push.
    Advise,
    /// It holds a push as long as a row that both leaders agreed on holds the change.
    Hold,
}
