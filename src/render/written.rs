//! JSON that is written while it is made: nothing of it is held but the row that is being written.

use std::io;

use serde::{Serialize, Serializer};

use super::escape::ByNumber;

/// Writes a document, with what cannot be seen in it written by number.
///
/// # Errors
/// Those of writing.
pub fn write_json(document: &impl Serialize, mut out: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(ByNumber(&mut out), document)?;
    out.write_all(b"\n")
}

/// What the iterator gives, as a list.
#[derive(Debug)]
pub struct Rows<I>(pub I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Rows<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
