//! One opened report, as an adapter sees it.

use std::io::{BufRead, Read};

use serde::de::DeserializeOwned;

use super::begun::Begun;
use super::collector::Collector;
use super::json::{self, Kind, Pattern};
use super::read_error::ReadError;
use super::sniff::{Shape, Sniff};
use super::window::Window;

/// Largest document that may be held in memory as a whole; formats that stream are not bound by it.
const MOST_WHOLE: u64 = 512 << 20;

/// Opens a document again from its beginning, calls what it is given with it, and returns what that returns; `None` if
/// it cannot be opened again.
pub type Again<'a> = dyn Fn(&mut Look<'_>) -> Option<Result<(), ReadError>> + 'a;

/// A look at the text of a document.
pub type Look<'l> = dyn FnMut(&mut dyn Read) -> Result<(), ReadError> + 'l;

/// One opened report: what was learned from its beginning, and its bytes, which can be read once.
pub struct Document<'a> {
    sniff: &'a Sniff,
    bytes: Begun<'a>,
    again: Option<&'a Again<'a>>,
}

impl<'a> Document<'a> {
    /// A document whose beginning was sniffed and whose bytes (from the beginning) come from `bytes`.
    pub fn new(sniff: &'a Sniff, bytes: impl Into<Begun<'a>>) -> Self {
        Self { sniff, bytes: bytes.into(), again: None }
    }

    /// The same document, which is so large that it is worth opening it `again` to learn what stands behind the rows.
    #[must_use]
    pub fn or_again(self, again: Option<&'a Again<'a>>) -> Self {
        Self { again, ..self }
    }

    /// Looks through the whole document before it is read, so that rows can be understood one at a time although what
    /// gives them their meaning stands behind them. `None` where that is not worth it, or not possible: then the rows
    /// have to be held. What is wrong with the document is for the reading to tell.
    pub fn look_ahead(
        &self,
        patterns: &[json::Pattern<'_>],
        on: &mut dyn FnMut(json::Event<'_>) -> Result<(), ReadError>,
    ) -> Option<Result<(), ReadError>> {
        self.again?(&mut |bytes| json::walk(Window::new(bytes), patterns, on))
    }

    /// Whether it can be opened again, and is so large that this is worth it.
    pub const fn can_be_read_again(&self) -> bool {
        self.again.is_some()
    }

    /// What was learned from the document's beginning.
    pub const fn sniff(&self) -> &Sniff {
        self.sniff
    }

    /// Streams a JSON document: calls `on` for each value and scope that matches a pattern, in the order of the
    /// document. See [`json::walk`].
    pub fn json(
        &mut self,
        patterns: &[json::Pattern<'_>],
        on: &mut dyn FnMut(json::Event<'_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        json::walk(self.window(), patterns, on)
    }

    /// Streams the rows of a JSON document: calls `on` with each value at one of `paths`, and the index of that path.
    /// A row that cannot be read as `T` is counted as not understood. For formats that are lists and little else.
    pub fn rows<T: DeserializeOwned>(
        &mut self,
        paths: &[&str],
        report: &mut Collector,
        on: &mut dyn FnMut(usize, T, &mut Collector),
    ) -> Result<(), ReadError> {
        let patterns: Vec<json::Pattern<'_>> = paths.iter().map(|path| json::Pattern::Value(path)).collect();
        self.json(&patterns, &mut |event| {
            if let json::Kind::Value(text) = event.kind {
                match json::read::<T>(text) {
                    Ok(row) => on(event.pattern, row, report),
                    Err(error) => report.unread(&error.to_string()),
                }
            }
            Ok(())
        })
    }

    /// Reads a whole JSON document as `T`. Only for formats that cannot grow large; others stream.
    pub fn whole_json<T: DeserializeOwned>(&mut self) -> Result<T, ReadError> {
        let text = self.text()?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Calls `on` with the text of each JSON document, one after another: JSON lines, or documents that simply follow
    /// each other over several lines. One broken document loses what follows it, because nothing tells where the next
    /// one begins.
    pub fn json_documents(&mut self, on: &mut dyn FnMut(&str) -> Result<(), ReadError>) -> Result<(), ReadError> {
        json::documents(self.window(), on)
    }

    /// Calls `on` with the text of each record of a tool that writes them as one list, or one after another.
    pub fn records(&mut self, on: &mut dyn FnMut(&str)) -> Result<(), ReadError> {
        if self.sniff().shape != Shape::JsonArray {
            return self.json_documents(&mut |text| {
                on(text);
                Ok(())
            });
        }
        self.json(&[Pattern::Value("[]")], &mut |event| {
            if let Kind::Value(text) = event.kind {
                on(text);
            }
            Ok(())
        })
    }

    /// Calls `on` with the number (from 1) and text of each line that is not blank.
    pub fn lines(&mut self, on: &mut dyn FnMut(u64, &str) -> Result<(), ReadError>) -> Result<(), ReadError> {
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let read = (&mut self.bytes).take(MOST_WHOLE).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            let text = std::str::from_utf8(&line)
                .map_err(|error| ReadError::Content(format!("line {number} is not UTF-8: {error}")))?
                .trim();
            if !text.is_empty() {
                on(number, text)?;
            }
        }
    }

    /// The whole document as text.
    pub fn text(&mut self) -> Result<String, ReadError> {
        let mut bytes = Vec::new();
        (&mut self.bytes).take(MOST_WHOLE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_WHOLE {
            return Err(ReadError::Bound(format!(
                "is larger than {} MiB, the most that this format is read with",
                MOST_WHOLE >> 20
            )));
        }
        String::from_utf8(bytes).map_err(|error| ReadError::Content(format!("is not UTF-8: {}", error.utf8_error())))
    }

    /// The bytes, for formats with a streaming reader of their own (XML, CSV).
    pub fn reader(&mut self) -> &mut (dyn BufRead + 'a) {
        &mut self.bytes
    }

    fn window(&mut self) -> Window<'_> {
        match self.bytes.parts() {
            (start, Some(rest)) => Window::begun(start, Some(rest)),
            (start, None) => Window::begun(start, None),
        }
    }
}
