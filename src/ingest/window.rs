//! A window onto JSON text of any size: finds where a value ends by its quotes and brackets, and holds only that value.
//!
//! Whether the value is well formed is found when it is read.

use std::io::Read;

use memchr::{memchr_iter, memrchr};

use super::read_error::ReadError;
use super::value_end::Scan;

/// How much is read at a time; larger than the buffers below, which then pass the bytes on without copying them.
const CHUNK: usize = 512 << 10;

/// Largest single value that is visited.
const LARGEST: usize = 256 << 20;

/// Where a value is: its length from the current place.
#[derive(Debug, Clone, Copy)]
pub struct Extent(usize);

/// The window.
pub struct Window<'r> {
    source: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// Where the next byte is.
    at: usize,
    /// Where the bytes read so far end.
    end: usize,
    /// Whether the source has no more.
    is_over: bool,
    /// Line ends before the buffer, and the bytes since the last of them.
    lines: usize,
    column: usize,
}

impl<'r> Window<'r> {
    /// A window at the beginning of `source`.
    pub fn new(source: &'r mut dyn Read) -> Self {
        Self { source, buffer: Vec::new(), at: 0, end: 0, is_over: false, lines: 0, column: 0 }
    }

    /// The next byte that is not white space, which becomes the current place; `None` at the end.
    pub fn next_token(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            let rest = &self.buffer[self.at..self.end];
            if let Some(blank) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
                self.at += blank;
                return Ok(Some(self.buffer[self.at]));
            }
            self.at = self.end;
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
    pub fn ahead(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
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
        let bytes = &self.buffer[self.at..self.at + extent.0];
        std::str::from_utf8(bytes).map_err(|error| {
            let (line, column) = self.place(self.at + error.valid_up_to());
            ReadError::Syntax { line, column, what: "invalid unicode code point".to_owned() }
        })
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
            let bytes = &self.buffer[self.at..self.end];
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
                    true => Ok(Some(Extent(self.end - self.at))),
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
            if let Some(length) = scan.end(&self.buffer[self.at..self.end]) {
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
        if self.is_over {
            return Ok(false);
        }
        if self.at > 0 {
            let gone = &self.buffer[..self.at];
            self.column = memrchr(b'\n', gone).map_or(self.column + gone.len(), |last| gone.len() - last - 1);
            self.lines += memchr_iter(b'\n', gone).count();
            self.buffer.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
        }
        if self.buffer.len() < self.end + CHUNK {
            // A large value is met in steps that double, so that it is not copied over and over.
            let size = (self.end + CHUNK).max(if self.end > CHUNK { 2 * self.end } else { 0 });
            self.buffer.resize(size, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    self.is_over = read == 0;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Line and column (from 1) of a place in the buffer.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = &self.buffer[..at.min(self.end)];
        let column = memrchr(b'\n', before).map_or(self.column + before.len(), |last| before.len() - last - 1);
        (self.lines + memchr_iter(b'\n', before).count() + 1, column + 1)
    }

    /// The document ends too early.
    pub fn cut_off(&self) -> ReadError {
        let (line, column) = self.place(self.end);
        ReadError::CutOff { line, column: column.saturating_sub(1) }
    }

    /// Something is wrong at the current place.
    pub fn fault(&self, what: &str) -> ReadError {
        let (line, column) = self.place(self.at);
        ReadError::Syntax { line, column, what: what.to_owned() }
    }

    /// Something else than expected is at the current place, perhaps the end.
    pub fn unexpected(&self, what: &str) -> ReadError {
        if self.at == self.end { self.cut_off() } else { self.fault(what) }
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
