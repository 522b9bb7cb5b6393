//! Log lines and messages on standard error: whatever names they quote, a line stays a line, and speaks to people only.

use std::io::{self, Write};

use crate::render;

/// Standard error for the subscriber, which writes each event at once and keeps colours to itself.
#[derive(Debug, Clone, Copy)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = render::log_line(String::from_utf8_lossy(event).trim_end());
        writeln!(io::stderr(), "{line}")?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
