//! A window onto JSON text of any size: finds where a value ends by its quotes and brackets, and holds only that value.
//!
//! To find the end needs no more than a look at each byte outside strings and a search for the next quote inside them;
//! whether the value is well formed is found when it is read.

use std::io::Read;

use memchr::{memchr_iter, memchr2, memrchr};

use super::read_error::ReadError;

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

/// The search for the end of a value, which can go on when there are more bytes.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes looked at, of those that are still there.
    seen: usize,
    /// Bytes of the value that were let go.
    gone: usize,
    depth: usize,
    in_string: bool,
    /// Whether the value is a number or word.
    bare: bool,
}

/// What a byte outside strings means for the end of a value.
const PLAIN: u8 = 0;
const QUOTE: u8 = 1;
const OPEN: u8 = 2;
const CLOSE: u8 = 3;

const MEANING: [u8; 256] = {
    let mut meaning = [PLAIN; 256];
    meaning[b'"' as usize] = QUOTE;
    meaning[b'{' as usize] = OPEN;
    meaning[b'[' as usize] = OPEN;
    meaning[b'}' as usize] = CLOSE;
    meaning[b']' as usize] = CLOSE;
    meaning
};

/// The first quote or escape. Most strings are short: a search that has to be set up first would take longer for them.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    /// How much is looked at eight bytes at a time.
    const SHORT: usize = 32;
    const EACH: u64 = u64::MAX / 255;
    // A byte that is zero has its highest bit in this; of several the lowest is right.
    let zero = |word: u64| word.wrapping_sub(EACH) & !word & (EACH << 7);
    let mut at = 0;
    while at < SHORT
        && let Some(chunk) = bytes[at..].first_chunk()
    {
        let word = u64::from_le_bytes(*chunk);
        let found = zero(word ^ (EACH * b'"' as u64)) | zero(word ^ (EACH * b'\\' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += chunk.len();
    }
    memchr2(b'"', b'\\', &bytes[at..]).map(|found| at + found)
}

impl Scan {
    const fn is_bare(&self) -> bool {
        self.bare && self.has_begun()
    }

    /// How many bytes are no longer needed, which are then gone.
    const fn let_go(&mut self) -> usize {
        self.gone += self.seen;
        std::mem::replace(&mut self.seen, 0)
    }

    const fn has_begun(&self) -> bool {
        self.seen + self.gone > 0
    }

    /// The length of the value that begins with `bytes`, if it ends there.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        if !self.has_begun() {
            self.bare = !matches!(bytes.first()?, b'"' | b'{' | b'[');
        }
        if self.bare {
            return self.bare_end(bytes);
        }
        let mut at = self.seen;
        loop {
            if self.in_string {
                match quote_or_escape(bytes.get(at..)?).map(|found| at + found) {
                    None => {
                        self.seen = bytes.len();
                        return None;
                    }
                    Some(found) if bytes[found] == b'\\' => {
                        // The escaped byte may not be there yet.
                        if found + 1 >= bytes.len() {
                            self.seen = found;
                            return None;
                        }
                        at = found + 2;
                    }
                    Some(found) => {
                        at = found + 1;
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(at);
                        }
                    }
                }
                continue;
            }
            let Some(found) = bytes[at..].iter().position(|byte| MEANING[usize::from(*byte)] != PLAIN) else {
                self.seen = bytes.len();
                return None;
            };
            at += found + 1;
            match MEANING[usize::from(bytes[at - 1])] {
                QUOTE => self.in_string = true,
                OPEN => self.depth += 1,
                _ => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
            }
        }
    }

    fn bare_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let ends =
            |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b':' | b'{' | b'[' | b'"');
        let found = bytes[self.seen..].iter().position(ends);
        if found.is_none() {
            self.seen = bytes.len();
        }
        // Something that is no value at all (`,`) has a length of one, so that reading it says what is wrong.
        found.map(|found| (self.seen + found).max(usize::from(self.gone == 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_quote_or_escape_is_found_wherever_it_is() {
        for length in 0..80 {
            let plain: Vec<u8> = (0..length).map(|at| b"a!#[]\x80\xff "[at % 8]).collect();
            assert_eq!(quote_or_escape(&plain), None);
            for first in 0..length {
                for mark in [b'"', b'\\'] {
                    let mut marked = plain.clone();
                    marked[first] = mark;
                    marked[length - 1] = b'"';
                    assert_eq!(quote_or_escape(&marked), Some(first), "{length}");
                }
            }
        }
    }
}
