//! Stage: [`Brief`] → text for people and machines.
//!
//! ```text
//! Brief ──page──▶ Page (plain text, in reading order) ──escape──▶ terminal, markdown
//!       ──json──▶ detente.brief/1 (a versioned wire struct of its own)
//! ```
//!
//! A renderer is one file with one function, and one row in [`RENDERERS`]. What is said to people is decided once, in
//! [`page`], so that the engineer in the terminal and the leaders in the comment read the same words and figures; how
//! it is laid out is the renderer's. Renderers show, they do not judge: every figure comes out of the brief.

mod dates;
mod escape;
pub mod json;
mod markdown;
mod page;
mod terminal;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;

use crate::model::brief::Brief;

pub use json::schema as brief_schema;
pub use markdown::MARKER;

/// Where the text is going to be looked at. Documents do not depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub width: u16,
    /// Whether styles may be used.
    pub color: bool,
    /// Whether more than ASCII can be shown.
    pub unicode: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self { width: 80, color: false, unicode: true }
    }
}

/// One way to show a brief.
#[derive(Debug, Clone, Copy)]
pub struct Renderer {
    /// Name on the command line.
    pub id: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Endings of files that get this form.
    pub endings: &'static [&'static str],
    /// Renders a brief. The text ends with a line break.
    pub render: fn(&Brief, &Screen) -> String,
}

/// Every renderer, the default first.
pub const RENDERERS: &[Renderer] = &[terminal::RENDERER, markdown::RENDERER, json::RENDERER];

/// The renderer of that name.
pub fn find(id: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.id == id)
}

/// The renderer for a file of that name, by its ending.
pub fn for_file(name: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.endings.iter().any(|ending| name.ends_with(ending)))
}

/// Text out of a report as one bounded line that does nothing in a terminal or a job log.
pub fn plain(text: &str) -> String {
    escape::terminal(text, true)
}
