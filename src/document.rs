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
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use error::DocumentError;
pub use parts::Document;
use parts::Form;

/// Most bytes of a policy file: a hundred times what a long one needs.
pub const MOST_BYTES: usize = 1 << 20;

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
        Ok(Self { origin: origin.to_owned(), text, nodes, form: Form::Yaml })
    }

    /// A document of our own that was read before, when the program was built, and is carried along as JSON.
    pub fn packed(json: &str, origin: &str) -> Self {
        Self { origin: origin.to_owned(), text: json.into(), nodes: BTreeMap::new(), form: Form::Packed }
    }

    /// The typed content.
    ///
    /// # Errors
    /// If the content does not have the shape of `T`: file, line, column, what was expected, and the nearest known
    /// word. `T` should refuse unknown keys (`#[serde(deny_unknown_fields)]`), all the way down.
    pub fn content<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        if self.form == Form::Packed {
            let content = serde_json::from_str(&self.text);
            return content.map_err(|error| DocumentError::of_file(&self.origin, error.to_string()));
        }
        self.check_agreement()?;
        serde_yaml::from_str(&self.text).map_err(|error| expectation::explain(self, &error))
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
