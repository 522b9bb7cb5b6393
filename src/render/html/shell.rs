//! What every page has: its title, its style, its script if it needs one, and a policy that allows nothing else.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("page.css");
const MARKS: &str = include_str!("marks.svg");

/// The frame of a page.
pub struct Shell {
    /// Title of the window.
    pub title: String,
    /// What the browser may load and run: this page's own style and script, known by their digests.
    pub policy: String,
    /// The style sheet.
    pub style: &'static str,
    /// Shapes that are drawn in several places.
    pub marks: &'static str,
    /// The script; empty if the page has none.
    pub script: &'static str,
}

impl Shell {
    /// A page without script.
    pub fn plain(title: String) -> Self {
        Self::with_script(title, "")
    }

    /// A page with one script.
    pub fn with_script(title: String, script: &'static str) -> Self {
        let scripts = if script.is_empty() { "'none'".to_owned() } else { digest(script) };
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {scripts}; img-src data:; base-uri 'none'; form-action 'none'",
            digest(STYLE)
        );
        Self { title, policy, style: STYLE, marks: MARKS, script }
    }
}

/// The text of a page.
pub fn rendered(page: &impl Template) -> String {
    // Writing to a string does not end in an error; if a template ever did, the page says so and is not empty.
    page.render().unwrap_or_else(|error| {
        format!("<!doctype html>\n<title>Detente</title>\n<p>This page could not be written: {error}\n")
    })
}

fn digest(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
