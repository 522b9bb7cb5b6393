//! Foundation: strict YAML, read with places to point at. Used by `appetite` and `rules`.
//!
//! A file that two leaders sign must mean the same to every reader, human or machine. Of YAML only the plain part is
//! accepted: no duplicate keys (of which most readers silently take the last), no anchors, aliases, merge keys or
//! tags, one document, bounded size and depth. Two independent parsers read it, and must agree.
//!
//! Every value keeps its place, so that what is wrong with its *meaning* can be shown in the file as well:
//!
//! ```
//! use detente::document::Document;
//!
//! let document = Document::read(b"limits:\n  - most: 3\n", "example.yml", 1024).unwrap();
//! let error = document.error_at("limits[0].most", "must be even").with_help("say 2 or 4");
//! assert_eq!((error.line, error.column), (2, 11));
//! println!("{}", error.render(false));
//! ```

mod error;
mod expectation;
mod outline;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use error::DocumentError;
use outline::Node;

/// Most bytes of a policy file: a hundred times what a long one needs.
pub const MOST_BYTES: usize = 1 << 20;

/// A YAML file that passed the strict reading, with the place of each of its parts.
#[derive(Debug, Clone)]
pub struct Document {
    origin: String,
    text: Arc<str>,
    /// By path: `tolerance[1].when`. The path of the document itself is empty.
    nodes: BTreeMap<String, Node>,
}

impl Document {
    /// Reads `bytes` strictly. `origin` is the name to show: a path, or a path at a revision.
    ///
    /// # Errors
    /// If the file is larger than `limit` bytes, not UTF-8, not well-formed YAML, or uses what is not accepted here.
    pub fn read(bytes: &[u8], origin: &str, limit: usize) -> Result<Self, DocumentError> {
        if bytes.len() > limit {
            let message = format!("the file has {} bytes; at most {limit} are read", bytes.len());
            return Err(DocumentError::of_file(origin, message));
        }
        // A byte-order mark is no part of the text, and libyaml would take it for a part of the first key.
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text: Arc<str> = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => {
                let (good, bad) = bytes.split_at(error.valid_up_to());
                let text = format!("{}\u{FFFD}", String::from_utf8_lossy(good));
                let byte = bad.first().copied().unwrap_or_default();
                let message = format!("the file is not UTF-8: byte {byte:#04x} has no meaning here");
                let range = good.len()..text.len();
                return Err(DocumentError::at(origin, &text.into(), range, message).with_help("save it as UTF-8"));
            }
        };
        let nodes = outline::outline(&text, origin)?;
        Ok(Self { origin: origin.to_owned(), text, nodes })
    }

    /// The typed content.
    ///
    /// # Errors
    /// If the content does not have the shape of `T`: file, line, column, what was expected, and the nearest known
    /// word. `T` should refuse unknown keys (`#[serde(deny_unknown_fields)]`), all the way down.
    pub fn content<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        self.check_agreement()?;
        serde_yaml::from_str(&self.text).map_err(|error| expectation::explain(self, &error))
    }

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

    /// The second parser must see the same keys and texts as the first: a difference could hide a limit from one of
    /// them.
    fn check_agreement(&self) -> Result<(), DocumentError> {
        let value: serde_yaml::Value =
            serde_yaml::from_str(&self.text).map_err(|error| expectation::explain(self, &error))?;
        let mut seen = BTreeMap::new();
        outline::leaves(&value, String::new(), &mut seen);
        let agree = seen.len() == self.nodes.len()
            && seen.iter().all(|(path, text)| {
                let node = self.nodes.get(path);
                node.is_some_and(|node| text.as_deref().is_none_or(|text| node.text.as_deref() == Some(text)))
            });
        if agree {
            return Ok(());
        }
        let differs = seen.keys().find(|path| !self.nodes.contains_key(*path)).cloned().unwrap_or_default();
        Err(self.error_at(&differs, "this can be read in two ways").with_help("write it in a plainer form of YAML"))
    }
}

#[cfg(test)]
mod tests;
