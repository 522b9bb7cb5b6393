//! What can go wrong at the edge: what happened, what to do, and the exit code that says so to scripts.

use std::fmt::Display;

use crate::exit::Exit;

/// A failure of a command as its user sees it.
#[derive(Debug)]
pub struct CommandError {
    /// The exit code.
    pub exit: Exit,
    /// What happened: which file, where, what was expected. May span lines.
    message: String,
    /// What to do about it, one sentence each.
    hints: Vec<String>,
}

impl CommandError {
    /// A failure that ends with `exit`.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string(), hints: Vec::new() }
    }

    /// The command line, or a file that it names, is not usable as given.
    pub fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What happened, without what to do about it.
    pub fn message(&self) -> &str {
        self.message.trim_end()
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// What happened and what to do, as one line for somebody who is answered elsewhere.
    pub fn one_line(&self) -> String {
        let message = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        std::iter::once(message).chain(self.hints.iter().cloned()).collect::<Vec<_>>().join("; ")
    }

    /// Writes the failure to standard error.
    pub fn print(&self) {
        anstream::eprintln!("detente: {}", self.message.trim_end());
        for hint in &self.hints {
            anstream::eprintln!("  to do: {hint}");
        }
    }
}
