//! A text whose beginning is held already, because its format was told from it.

use std::io::{self, BufRead, Read};

/// The beginning of a text, and a reader of the rest.
pub struct Begun<'a> {
    start: Vec<u8>,
    /// How much of the beginning has been read.
    at: usize,
    rest: Option<Box<dyn BufRead + 'a>>,
}

impl<'a> Begun<'a> {
    /// What is held of the text, and the reader of what follows; `None` if nothing does.
    pub fn new(start: Vec<u8>, rest: Option<Box<dyn BufRead + 'a>>) -> Self {
        Self { start, at: 0, rest }
    }

    /// What is held and was not read yet, which is then left to the caller, and the reader of what follows.
    pub fn parts(&mut self) -> (Vec<u8>, Option<&mut (dyn BufRead + 'a)>) {
        let mut start = std::mem::take(&mut self.start);
        start.drain(..std::mem::take(&mut self.at));
        (start, self.rest.as_deref_mut())
    }
}

#[cfg(test)]
impl<'a> From<&'a str> for Begun<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(Vec::new(), Some(Box::new(text.as_bytes())))
    }
}

impl Read for Begun<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Begun<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.start.len() {
            return Ok(&self.start[self.at..]);
        }
        self.rest.as_deref_mut().map_or(Ok(&[]), BufRead::fill_buf)
    }

    fn consume(&mut self, read: usize) {
        if self.at < self.start.len() {
            self.at += read;
        } else if let Some(rest) = &mut self.rest {
            rest.consume(read);
        }
    }
}
