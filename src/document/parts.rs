//! A document that was read: its parts by their path, and errors that point at them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::error::DocumentError;
use super::outline::Node;

/// A YAML file that passed the strict reading, with the place of each of its parts.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) origin: String,
    pub(super) text: Arc<str>,
    /// By path: `tolerance[1].when`. The path of the document itself is empty.
    pub(super) nodes: BTreeMap<String, Node>,
    pub(super) form: Form,
}

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Yaml,
    /// JSON of our own.
    Packed,
}

impl Document {
    /// An error at the value with this path (`tolerance[1].when`), or at its nearest ancestor that exists.
    pub fn error_at(&self, path: &str, message: impl Into<String>) -> DocumentError {
        DocumentError::at(&self.origin, &self.text, self.place(path), message.into())
    }

    /// An error at the key that leads to this path, or at the value if it is an element of a list.
    pub fn error_at_key(&self, path: &str, message: impl Into<String>) -> DocumentError {
        let place = self.nodes.get(path).and_then(|node| node.key.clone()).unwrap_or_else(|| self.place(path));
        DocumentError::at(&self.origin, &self.text, place, message.into())
    }

    /// An error within the text of the scalar with this path, at the word that begins `offset` bytes after its
    /// beginning. Where the word cannot be found in the file (written with escapes), the error is at the whole scalar.
    pub fn error_within(&self, path: &str, offset: usize, message: impl Into<String>) -> DocumentError {
        let place = self.place(path);
        let within = self.scalar(path).and_then(|value| {
            // Folding changes the spaces between words and nothing else: the same word is the same time in both.
            let rest = value.get(offset..).filter(|rest| !rest.is_empty())?;
            let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            let end = match rest.find(|c| !part(c)) {
                None => rest.len(),
                Some(0) => rest.chars().next().map_or(0, char::len_utf8),
                Some(end) => end,
            };
            let word = &rest[..end];
            let earlier = value.match_indices(word).take_while(|&(at, _)| at < offset).count();
            let (at, _) = self.text.get(place.clone())?.match_indices(word).nth(earlier)?;
            Some(place.start + at..place.start + at + word.len())
        });
        DocumentError::at(&self.origin, &self.text, within.unwrap_or(place), message.into())
    }

    /// Whether there is a value with this path.
    pub fn has(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    /// The name to show.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The text of the scalar with this path.
    pub fn scalar(&self, path: &str) -> Option<&str> {
        self.nodes.get(path)?.text.as_deref()
    }

    fn place(&self, path: &str) -> Range<usize> {
        let mut path = path;
        loop {
            match self.nodes.get(path) {
                Some(node) => return node.value.clone(),
                None if path.is_empty() => return 0..0,
                None => path = &path[..path.rfind(['.', '[']).unwrap_or(0)],
            }
        }
    }
}
