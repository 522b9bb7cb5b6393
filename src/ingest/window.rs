//! A window onto JSON text of any size: finds where a value ends by its quotes and brackets, and holds only that value.
//!
//! Whether the value is well formed is found when it is read.

use std::io::Read;

use memchr::{memchr_iter, memrchr};

use super::read_error::ReadError;
use super::value_end::Scan;

/// How much is read at a time: larger than the buffers below, which then pass the bytes on without copying them, and
/// small enough to be still at hand when it is looked at.
const CHUNK: usize = 256 << 10;

/// Largest single value that is visited.
const LARGEST: usize = 256 << 20;

/// Where a value is: its length from the current place.
#[derive(Debug, Clone, Copy)]
pub struct Extent(usize);

/// The window.
pub struct Window<'r> {
    /// What the rest is read from; `None` if there is none.
    source: Option<&'r mut dyn Read>,
    /// Where bytes are read to; empty until something is.
    chunk: Box<[u8]>,
    /// What is there of the document.
    text: String,
    /// Where in it the next byte is.
    at: usize,
    /// What stands behind that.
    rest: Rest,
    /// Line ends before the text, and the bytes since the last of them.
    lines: usize,
    column: usize,
}

fn new_chunk() -> Box<[u8]> {
    vec![0; CHUNK].into_boxed_slice()
}

/// What stands behind the text that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// More, of which so many bytes have been read: the beginning of a character.
    More(usize),
    /// Bytes that are no text.
    NoText,
    /// Nothing.
    Nothing,
}

impl<'r> Window<'r> {
    /// A window at the beginning of `source`.
    pub fn new(source: &'r mut dyn Read) -> Self {
        Self::begun(Vec::new(), Some(source))
    }

    /// A window at the beginning of a document that begins with `start`, and goes on with `source`.
    pub fn begun(start: Vec<u8>, source: Option<&'r mut dyn Read>) -> Self {
        let end = if source.is_some() { Rest::More(0) } else { Rest::Nothing };
        let empty = Box::default();
        let mut window = Self { source, chunk: empty, text: String::new(), at: 0, rest: end, lines: 0, column: 0 };
        match String::from_utf8(start) {
            Ok(text) => window.text = text,
            Err(fault) => {
                let (valid, is_none) = (fault.utf8_error().valid_up_to(), fault.utf8_error().error_len().is_some());
                let mut bytes = fault.into_bytes();
                let begun = bytes.split_off(valid);
                window.text = String::from_utf8(bytes).unwrap_or_default();
                // A character that the source may complete.
                window.rest = if is_none || window.source.is_none() { Rest::NoText } else { Rest::More(begun.len()) };
                if let Rest::More(length) = window.rest {
                    window.chunk = new_chunk();
                    window.chunk[..length].copy_from_slice(&begun);
                }
            }
        }
        window
    }

    /// The next byte that is not white space, which becomes the current place; `None` at the end.
    pub fn next_token(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            if let Some(blank) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
                let token = rest[blank];
                self.at += blank;
                return Ok(Some(token));
            }
            self.at = self.text.len();
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Goes beyond the current byte.
    pub fn pass_token(&mut self) {
        self.at += 1;
    }

    /// What is there from the current byte on.
    pub fn ahead(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes beyond so many of the bytes that are there.
    pub fn pass_bytes(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes beyond a value.
    pub fn pass(&mut self, extent: Extent) {
        self.at += extent.0;
    }

    /// The text of a value at the current place.
    pub fn text(&self, extent: Extent) -> Result<&str, ReadError> {
        self.text.get(self.at..self.at + extent.0).ok_or_else(|| self.fault("expected value"))
    }

    /// The value at the current place.
    pub fn whole_value(&mut self) -> Result<Extent, ReadError> {
        let found = self.value_within(LARGEST)?;
        found.ok_or_else(|| ReadError::Bound(format!("a single value is larger than {} MiB", LARGEST >> 20)))
    }

    /// The value at the current place, unless it is larger than `most`.
    pub fn value_within(&mut self, most: usize) -> Result<Option<Extent>, ReadError> {
        let mut scan = Scan::default();
        loop {
            let bytes = &self.text.as_bytes()[self.at..];
            if let Some(length) = scan.end(bytes) {
                return Ok(Some(Extent(length)));
            }
            if bytes.len() > most.min(LARGEST) {
                return match most {
                    usize::MAX => Err(ReadError::Bound(format!("a single value is larger than {} MiB", LARGEST >> 20))),
                    _ => Ok(None),
                };
            }
            if !self.more()? {
                // A number or word may end with the document.
                return match scan.is_bare() {
                    true => Ok(Some(Extent(self.text.len() - self.at))),
                    false => Err(self.cut_off()),
                };
            }
        }
    }

    /// Goes beyond the value at the current place, whatever its size, and without a look at whether it is well formed:
    /// for whoever comes by here again and reads it then.
    pub fn skip_value(&mut self) -> Result<(), ReadError> {
        let mut scan = Scan::default();
        loop {
            if let Some(length) = scan.end(&self.text.as_bytes()[self.at..]) {
                self.at += length;
                return Ok(());
            }
            self.at += scan.let_go();
            if !self.more()? {
                return if scan.is_bare() { Ok(()) } else { Err(self.cut_off()) };
            }
        }
    }

    /// Reads more; whether there was any.
    fn more(&mut self) -> Result<bool, ReadError> {
        let (begun, source) = match (self.rest, &mut self.source) {
            (Rest::More(begun), Some(source)) => (begun, source),
            (Rest::NoText, _) => return Err(self.no_text()),
            _ => return Ok(false),
        };
        if self.chunk.is_empty() {
            self.chunk = new_chunk();
        }
        if self.at > 0 {
            let gone = &self.text.as_bytes()[..self.at];
            let lines = memchr_iter(b'\n', gone).count();
            let last = if lines > 0 { memrchr(b'\n', gone) } else { None };
            self.column = last.map_or(self.column + gone.len(), |last| gone.len() - last - 1);
            self.lines += lines;
            self.text.drain(..self.at);
            self.at = 0;
        }
        let read = loop {
            match source.read(&mut self.chunk[begun..]) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        };
        let bytes = &self.chunk[..begun + read];
        let (text, fault) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]);
                (valid.unwrap_or_default(), Some(error))
            }
        };
        if self.text.capacity() - self.text.len() < text.len() {
            // Only what is there is copied; to grow would copy as much as there was room for.
            let room = (self.text.len() + text.len()).max(self.text.capacity() * 2);
            let text = std::mem::replace(&mut self.text, String::with_capacity(room));
            self.text.push_str(&text);
        }
        self.text.push_str(text);
        let (valid, whole) = (text.len(), bytes.len());
        self.rest = match fault {
            // A character that ends with the document, or is none.
            Some(fault) if fault.error_len().is_some() || read == 0 => Rest::NoText,
            _ if read == 0 => Rest::Nothing,
            _ => {
                self.chunk.copy_within(valid..whole, 0);
                Rest::More(whole - valid)
            }
        };
        if self.rest == Rest::NoText && valid == 0 { Err(self.no_text()) } else { Ok(read > 0) }
    }

    /// The document goes on with something that is no text.
    fn no_text(&self) -> ReadError {
        let (line, column) = self.place(self.text.len());
        ReadError::Syntax { line, column, what: "invalid unicode code point".to_owned() }
    }

    /// Line and column (from 1) of a place in the buffer.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        let column = memrchr(b'\n', before).map_or(self.column + before.len(), |last| before.len() - last - 1);
        (self.lines + memchr_iter(b'\n', before).count() + 1, column + 1)
    }

    /// The document ends too early.
    pub fn cut_off(&self) -> ReadError {
        let (line, column) = self.place(self.text.len());
        ReadError::CutOff { line, column: column.saturating_sub(1) }
    }

    /// Something is wrong at the current place.
    pub fn fault(&self, what: &str) -> ReadError {
        let (line, column) = self.place(self.at);
        ReadError::Syntax { line, column, what: what.to_owned() }
    }

    /// Something else than a list is at the current place.
    pub fn no_list(&self) -> ReadError {
        let (line, column) = self.place(self.at);
        ReadError::NoList { line, column }
    }

    /// Something else than expected is at the current place, perhaps the end.
    pub fn unexpected(&self, what: &str) -> ReadError {
        if self.at == self.text.len() { self.cut_off() } else { self.fault(what) }
    }

    /// An error within the value at the current place, with its place in the document.
    pub fn placed(&self, error: ReadError) -> ReadError {
        let ReadError::Json(json) = &error else { return error };
        if json.line() == 0 {
            return error;
        }
        let (line, column) = self.place(self.at);
        let column = if json.line() == 1 { column + json.column().saturating_sub(1) } else { json.column() };
        let what = json.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        ReadError::Syntax { line: line + json.line() - 1, column, what }
    }
}
