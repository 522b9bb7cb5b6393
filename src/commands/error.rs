//! What can go wrong at the edge: what happened, what to do, and the exit code that says so to scripts.

use std::fmt::Display;

use crate::document::DocumentError;
use crate::exit::Exit;
use crate::render;

/// A failure of a command as its user sees it.
#[derive(Debug)]
pub struct CommandError {
    /// The exit code.
    pub exit: Exit,
    /// What happened: which file, where, what was expected. May span lines.
    message: String,
    /// The same in one line, where the message shows a place in a file.
    line: Option<String>,
    /// Whether the message has colours of our own.
    colored: bool,
    /// What to do about it, one sentence each.
    hints: Vec<String>,
}

impl CommandError {
    /// A failure that ends with `exit`.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string(), line: None, colored: false, hints: Vec::new() }
    }

    /// The command line, or a file that it names, is not usable as given.
    pub fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A policy file that is not usable, shown at its place.
    pub fn excerpt(error: &DocumentError) -> Self {
        let colored = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        Self { colored, line: Some(error.to_string()), ..Self::usage(error.render(colored)) }
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
        let message = self.line.as_ref().unwrap_or(&self.message).split_whitespace().collect::<Vec<_>>().join(" ");
        std::iter::once(message).chain(self.hints.iter().cloned()).collect::<Vec<_>>().join("; ")
    }

    /// Writes the failure to standard error. Names in it may be anybody's: they break no line and colour nothing.
    pub fn print(&self) {
        let plain =
            |text: &str| render::log_line(&if self.colored { text.to_owned() } else { text.replace('\u{1b}', "") });
        for (number, line) in self.message.trim_end().split('\n').enumerate() {
            let speaks = if number == 0 { "detente: " } else { "" };
            anstream::eprintln!("{speaks}{}", plain(line));
        }
        for hint in &self.hints {
            anstream::eprintln!("  to do: {}", plain(hint));
        }
    }
}
