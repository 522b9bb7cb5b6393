//! What a renderer is, and what it is told about the screen.

use std::io::{self, Write};

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
    /// How a brief becomes text. The text ends with a line break.
    pub form: Form,
}

/// How a brief becomes text.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// Made as a whole: what people read is short, however many findings there are.
    Whole(fn(&Brief, &Screen) -> String),
    /// Written while it is made: it says everything of each finding.
    Written(fn(&Brief, &mut dyn Write) -> io::Result<()>),
}

impl Renderer {
    /// Writes a brief in this form.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&self, brief: &Brief, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match self.form {
            Form::Whole(render) => out.write_all(render(brief, screen).as_bytes()),
            Form::Written(write) => write(brief, out),
        }
    }
}
