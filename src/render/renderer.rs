//! What a renderer is, and what it is told about the screen.

use crate::model::brief::Brief;

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
