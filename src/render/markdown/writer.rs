//! Markdown under construction.
//!
//! Markup is only what stands in this program as a literal (`&'static str`); everything else is text and is escaped.
//! The types keep the two apart, so that text out of a report cannot become markup by oversight.

use super::super::{escape, words};

/// A piece of markdown.
#[derive(Debug, Default)]
pub struct Markup(String);

impl Markup {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Starts with markup.
    pub fn of(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Starts with text.
    pub fn of_text(text: &str) -> Self {
        Self::new().and_text(text)
    }

    /// Adds markup.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape::markdown(text));
        self
    }

    /// Adds a command of our own, escaped, inside a `<code>` element.
    pub fn code(&mut self, command: &str) -> &mut Self {
        self.0.push_str(&escape::code(command));
        self
    }

    /// Adds a name to a Mermaid diagram.
    pub fn name(&mut self, name: &str, most: usize) -> &mut Self {
        self.0.push_str(&escape::mermaid(name, most));
        self
    }

    /// Adds a piece.
    pub fn append(&mut self, piece: &Self) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// With markup behind it.
    #[must_use]
    pub fn then(mut self, markup: &'static str) -> Self {
        self.raw(markup);
        self
    }

    /// With text behind it.
    #[must_use]
    pub fn and_text(mut self, text: &str) -> Self {
        self.text(text);
        self
    }

    /// With a piece behind it.
    #[must_use]
    pub fn and(mut self, piece: &Self) -> Self {
        self.append(piece);
        self
    }

    /// Without line breaks at either end.
    #[must_use]
    pub fn trimmed(self) -> Self {
        Self(self.0.trim_matches('\n').to_owned())
    }

    /// Whether there is anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markdown.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// The pieces that fit into `room` bytes, in their order, and the number of those that do not.
pub fn fitting(pieces: impl IntoIterator<Item = Markup>, room: usize) -> (Markup, usize) {
    let mut out = Markup::new();
    let mut left = 0;
    for piece in pieces {
        if left == 0 && out.0.len() + piece.0.len() <= room {
            out.append(&piece);
        } else {
            left += 1;
        }
    }
    (out, left)
}

/// The pieces that fit into `room` bytes, and how many `noun`s do not.
pub fn joined(pieces: impl IntoIterator<Item = Markup>, room: usize, noun: &str) -> Markup {
    let (out, left) = fitting(pieces, room);
    if left == 0 {
        return out;
    }
    let more = format!(
        "{} more {noun}{} left out here; the JSON brief has everything.",
        words::grouped(left as u64),
        if left == 1 { "" } else { "s" }
    );
    out.then("\nand ").and_text(&more).then("\n\n")
}
