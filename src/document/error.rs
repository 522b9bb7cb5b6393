//! What is wrong with a file, where, and what to do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// What is wrong with a file, where, and what to do. As text it is one line; [`DocumentError::render`] shows the place.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentError {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; empty if the message says it.
    pub help: String,
    excerpt: Option<Box<Excerpt>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Excerpt {
    text: Arc<str>,
    range: Range<usize>,
    /// Another place that has to do with it, and how.
    other: Option<(Range<usize>, String)>,
}

impl DocumentError {
    /// An error about a file as a whole.
    pub fn of_file(file: &str, message: String) -> Self {
        Self { file: file.to_owned(), line: 1, column: 1, message, help: String::new(), excerpt: None }
    }

    /// An error about the bytes `range` of `text`.
    pub(super) fn at(file: &str, text: &Arc<str>, range: Range<usize>, message: String) -> Self {
        let range = first_line(text, range);
        let before = &text[..range.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            help: String::new(),
            excerpt: Some(Box::new(Excerpt { text: Arc::clone(text), range, other: None })),
        }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same error with another place that has to do with it.
    #[must_use]
    pub(super) fn with_other(mut self, range: Range<usize>, label: &str) -> Self {
        if let Some(excerpt) = &mut self.excerpt {
            excerpt.other = Some((first_line(&excerpt.text, range), label.to_owned()));
        }
        self
    }

    /// The error with an excerpt of the file, over several lines, coloured for a terminal or plain.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut group = Group::with_title(Level::ERROR.primary_title(&self.message));
        match &self.excerpt {
            Some(excerpt) => {
                let Excerpt { text, range, other } = &**excerpt;
                let mut snippet =
                    Snippet::source(&**text).path(&self.file).annotation(AnnotationKind::Primary.span(range.clone()));
                if let Some((range, label)) = other {
                    snippet = snippet.annotation(AnnotationKind::Context.span(range.clone()).label(label));
                }
                group = group.element(snippet);
            }
            None => group = group.element(annotate_snippets::Origin::path(&self.file)),
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        renderer.render(&[group])
    }
}

/// The part of a range on its first line: a mapping of fifty lines is best marked at its beginning.
fn first_line(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(range.start), floor(range.end.max(range.start)));
    let line = text[start..end].find(['\r', '\n']).map_or(end, |length| start + length);
    start..line
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, " ({})", self.help) }
    }
}

impl fmt::Debug for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for DocumentError {}
