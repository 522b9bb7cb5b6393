//! Opening a downloaded feed: plain or gzip, any Unicode encoding, bounded in size, and not an error page.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;

/// Largest feed that is read, decompressed. The largest real one, EPSS, has about 10 MB.
const MOST: u64 = 512 << 20;

/// A public feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev,
    /// FIRST's EPSS scores.
    Epss,
}

impl Feed {
    /// Name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kev => "the KEV catalogue of CISA",
            Self::Epss => "the EPSS scores of FIRST",
        }
    }

    /// Where to get it.
    pub const fn address(self) -> &'static str {
        match self {
            Self::Kev => "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
            Self::Epss => "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        }
    }
}

/// Why a feed cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IntelError {
    /// An error page or a login page was saved in its place.
    #[error("this is a web page and not {}; download it from {}", feed.name(), feed.address())]
    WebPage {
        /// What was expected.
        feed: Feed,
    },
    /// The download was cut off.
    #[error("{} ends too early ({detail}); download it again from {}", feed.name(), feed.address())]
    Truncated {
        /// What was expected.
        feed: Feed,
        /// Where it ends.
        detail: String,
    },
    /// It is something else, or contradicts itself.
    #[error("this is not {}: {message}; get it from {}", feed.name(), feed.address())]
    Content {
        /// What was expected.
        feed: Feed,
        /// What is wrong, and where.
        message: String,
    },
}

impl IntelError {
    pub(super) fn content(feed: Feed, message: impl Into<String>) -> Self {
        Self::Content { feed, message: message.into() }
    }

    pub(super) fn io(feed: Feed, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Truncated { feed, detail: "in the middle of the compressed data".to_owned() };
        }
        Self::Content { feed, message: format!("it cannot be read: {error}") }
    }

    pub(super) fn csv(feed: Feed, error: &csv::Error) -> Self {
        match error.kind() {
            csv::ErrorKind::Io(error) => Self::io(feed, error),
            _ => Self::Content { feed, message: error.to_string() },
        }
    }
}

/// Opens a feed as text.
pub(super) fn open<'a>(feed: Feed, bytes: impl Read + 'a) -> Result<Box<dyn BufRead + 'a>, IntelError> {
    let mut raw = BufReader::new(bytes);
    let start = raw.fill_buf().map_err(|error| IntelError::io(feed, &error))?;
    let plain: Box<dyn Read + 'a> =
        if start.starts_with(&[0x1f, 0x8b]) { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };
    // A feed that was saved by a Windows shell is UTF-16, or has a byte-order mark.
    let decoded = DecodeReaderBytesBuilder::new().strip_bom(true).utf8_passthru(true).build(plain);
    let mut text = BufReader::new(Bounded { inner: decoded, left: MOST });
    let start = text.fill_buf().map_err(|error| IntelError::io(feed, &error))?.trim_ascii_start();
    match start.first() {
        None => Err(IntelError::Truncated { feed, detail: "it is empty".to_owned() }),
        Some(b'<') => Err(IntelError::WebPage { feed }),
        Some(_) => Ok(Box::new(text)),
    }
}

/// A reader that fails, and does not end, beyond a number of bytes: an end would pass for the end of the feed.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(format!("it is larger than {} MiB", MOST >> 20)))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_beyond_its_bound_fails_instead_of_ending() {
        let mut text = String::new();
        let mut within = Bounded { inner: &b"12345"[..], left: 5 };
        assert_eq!(within.read_to_string(&mut text).unwrap(), 5);
        let mut beyond = Bounded { inner: &b"123456"[..], left: 5 };
        assert!(beyond.read_to_string(&mut text).unwrap_err().to_string().contains("larger than 512 MiB"));
    }

    #[test]
    fn a_byte_order_mark_and_utf_16_are_text_like_any_other() {
        let utf16: Vec<u8> = "\u{feff}cve".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [utf16, b"\xef\xbb\xbfcve".to_vec(), b"cve".to_vec()] {
            let mut text = String::new();
            open(Feed::Epss, bytes.as_slice()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "cve");
        }
    }
}
