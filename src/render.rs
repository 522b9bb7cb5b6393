//! Stage: [`Brief`](crate::model::brief::Brief) → text for people and machines.
//!
//! ```text
//! Brief ──page──▶ Page (plain text, in reading order) ──escape──▶ terminal, markdown, html
//!       ──json──▶ detente.brief/1 (a versioned wire struct of its own)
//! ```
//!
//! A renderer is one file with one function, and one row in [`RENDERERS`]. What is said to people is decided once, in
//! [`page`], so that the engineer in the terminal and the leaders in the comment read the same words and figures; how
//! it is laid out is the renderer's. Renderers show, they do not judge: every figure comes out of the brief.

mod code_quality;
mod dates;
mod dotenv;
mod escape;
mod html;
pub mod json;
mod junit;
mod markdown;
mod offer;
mod page;
pub mod poam;
mod renderer;
pub mod review;
mod sarif;
mod terminal;
pub mod waivers;
mod words;
mod written;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;

use crate::model::brief::Brief;

pub use html::{explanation as explanation_page, review as review_page};
pub use json::schema as brief_schema;
pub use markdown::{MARKER, explanation};
pub use offer::{Detail, Offer, Offered, in_short, offer};
pub use renderer::{Renderer, Screen};
pub use written::write_json;

/// Every renderer, the default first.
pub const RENDERERS: &[Renderer] = &[
    terminal::RENDERER,
    markdown::RENDERER,
    html::RENDERER,
    json::RENDERER,
    sarif::RENDERER,
    junit::RENDERER,
    code_quality::RENDERER,
    dotenv::RENDERER,
];

/// The renderer of that name.
pub fn find(id: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.id == id)
}

/// The renderer for a file of that name, by its ending.
pub fn for_file(name: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().find(|renderer| renderer.endings.iter().any(|ending| name.ends_with(ending)))
}

/// The verdict and what it asks for, in a few words of plain text.
pub fn headline(brief: &Brief) -> String {
    page::Page::of(brief).headline
}

/// The comment on a change.
pub fn comment(brief: &Brief) -> String {
    markdown::render(brief, &Screen::default())
}

/// The answer without what is folded under it in the comment, and with nothing to tick.
pub fn short_markdown(brief: &Brief) -> String {
    markdown::short(brief)
}

/// Plain text as markdown that shows it and does nothing else.
pub fn markdown_text(text: &str) -> String {
    escape::markdown(text)
}

/// A line of a log or of a message, with text of others in it, that does nothing in a terminal or a job log.
pub fn log_line(line: &str) -> String {
    escape::log(line)
}

/// Text out of a report as one bounded line that does nothing in a terminal or a job log.
pub fn plain(text: &str) -> String {
    escape::terminal(text, true)
}

/// The same for a screen, in characters that it can show.
pub fn shown(text: &str, screen: &Screen) -> String {
    escape::terminal(text, screen.unicode)
}

/// Text out of a report as a paragraph for a screen, its lines behind those beginnings.
pub fn wrapped(screen: &Screen, first: &str, further: &str, text: &str) -> String {
    terminal::paragraph(screen, first, further, text)
}
