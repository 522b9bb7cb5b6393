//! From the raw bytes of a report to text, within bounds.
//!
//! ```text
//! file ──Raw (counts, hashes)──▶ gzip, if it begins like it ──Bounded──▶ byte order mark, UTF-16 ──▶ text
//! ```
//!
//! Everything streams, so a report may be far larger than memory. A small compressed file can stand for any amount of
//! text; hence both an absolute bound and one on how much a compressed file may grow.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::model::digest::Digest;

/// How many bytes are held on their way; whoever reads more at a time is passed them without a copy.
pub const BUFFER: usize = 128 << 10;

/// Bounds of reading.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of one report, after decompression.
    pub bytes: u64,
    /// Most bytes that one byte of a compressed report may stand for.
    pub ratio: u64,
    /// Decompressed size in bytes from which `ratio` is held against a report; small reports may repeat themselves.
    pub ratio_from: u64,
    /// Most files that are looked at in the folders and patterns given.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 30, ratio: 250, ratio_from: 64 << 20, files: 100_000 }
    }
}

impl Limits {
    /// Refuses what `compressed` bytes have grown to, if it is beyond measure.
    pub(super) fn hold_growth(&self, grown: u64, compressed: u64) -> io::Result<()> {
        let Self { bytes, ratio, ratio_from, .. } = *self;
        if grown > bytes {
            return Err(too_large(bytes));
        }
        if grown > ratio_from && grown / compressed.max(1) > ratio {
            return Err(bound(format!(
                "it decompresses to more than {ratio} times its size, which no ordinary report does; \
                 give it uncompressed if it is genuine"
            )));
        }
        Ok(())
    }
}

/// The raw bytes of a report: counted and hashed while something reads them.
pub struct Raw<R> {
    inner: R,
    hash: Option<Sha256>,
    count: Cell<u64>,
    most: u64,
}

impl<R: Read> Raw<R> {
    /// Wraps `inner`.
    pub fn new(inner: R, limits: &Limits) -> Self {
        Self { inner, hash: Some(Sha256::new()), count: Cell::new(0), most: limits.bytes }
    }

    /// Wraps `inner` where no digest is wanted: it is read once more, or only counted.
    pub fn unhashed(inner: R, limits: &Limits) -> Self {
        Self { inner, hash: None, count: Cell::new(0), most: limits.bytes }
    }

    /// Reads what is left, within the bound, and returns the digest of all bytes read.
    pub fn finish(mut self) -> io::Result<Digest> {
        // What lies beyond the bound was never looked at; such a report carries a problem, so it is evidence of nothing.
        match io::copy(&mut self, &mut io::sink()) {
            Err(error) if !is_bound(&error) => return Err(error),
            _ => {}
        }
        Ok(Digest::from_bytes(self.hash.unwrap_or_default().finalize().into()))
    }
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..read]);
        }
        self.count.set(self.count.get() + read as u64);
        if self.count.get() > self.most { Err(too_large(self.most)) } else { Ok(read) }
    }
}

/// The text in `raw`: decompressed and decoded where necessary, within `limits`.
pub fn text<'a, R: Read>(raw: &'a mut Raw<R>, limits: &Limits) -> io::Result<Box<dyn BufRead + 'a>> {
    let bytes = BufReader::with_capacity(BUFFER, raw);
    let (start, bytes) = peek(bytes)?;
    if !start.starts_with(&[0x1f, 0x8b]) {
        return Ok(decoded(&start, bytes));
    }
    let bytes =
        BufReader::with_capacity(BUFFER, Bounded { inner: MultiGzDecoder::new(bytes), read: 0, limits: *limits });
    let (start, bytes) = peek(bytes)?;
    Ok(decoded(&start, bytes))
}

/// The first three bytes, or fewer if there are no more, and a reader that begins with them.
fn peek<R: BufRead>(mut bytes: R) -> io::Result<(Vec<u8>, Looked<R>)> {
    let mut start = Vec::with_capacity(3);
    (&mut bytes).take(3).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(bytes)))
}

type Looked<R> = Chain<Cursor<Vec<u8>>, R>;

fn decoded<'a>(start: &[u8], mut bytes: Looked<impl BufRead + 'a>) -> Box<dyn BufRead + 'a> {
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            let decoder = DecodeReaderBytesBuilder::new().strip_bom(true).build(bytes);
            return Box::new(BufReader::with_capacity(BUFFER, decoder));
        }
        [0xef, 0xbb, 0xbf] => bytes.consume(3),
        _ => {}
    }
    // UTF-8 passes unchanged, so that a byte which is no UTF-8 is told rather than replaced.
    Box::new(bytes)
}

/// Decompression within bounds.
struct Bounded<'a, R> {
    inner: MultiGzDecoder<Looked<BufReader<&'a mut Raw<R>>>>,
    read: u64,
    limits: Limits,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        self.limits.hold_growth(self.read, self.inner.get_ref().get_ref().1.get_ref().count.get())?;
        Ok(read)
    }
}

/// The error about what is larger than is read.
pub fn too_large(most: u64) -> io::Error {
    bound(format!("it holds more than {}, the most that is read of one report", in_words(most)))
}

fn bound(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// Whether reading ended because of a bound of ours.
pub fn is_bound(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

fn in_words(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 30 => format!("{} GiB", b >> 30),
        b if b >= 1 << 20 => format!("{} MiB", b >> 20),
        b => format!("{b} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8], limits: &Limits) -> (io::Result<String>, Digest) {
        let mut raw = Raw::new(bytes, limits);
        let mut out = String::new();
        let outcome = text(&mut raw, limits).and_then(|mut text| text.read_to_string(&mut out));
        (outcome.map(|_| out), raw.finish().unwrap())
    }

    #[test]
    fn compression_and_encoding_are_undone_and_the_raw_bytes_are_hashed() {
        let limits = Limits::default();
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain("{é}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big_endian: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("{é}".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let twice = [gzip("{é".as_bytes()), gzip(b"}")].concat();
        for bytes in [little, big_endian, "\u{feff}{é}".into(), "{é}".into(), gzip("\u{feff}{é}".as_bytes()), twice]
        {
            let (text, digest) = read(&bytes, &limits);
            assert_eq!(text.unwrap(), "{é}");
            assert_eq!(digest, Digest::of(&bytes));
        }
    }

    #[test]
    fn a_compressed_file_that_grows_beyond_measure_is_refused() {
        let bomb = gzip(&vec![b' '; 3 << 20]);
        let (text, digest) = read(&bomb, &Limits { ratio_from: 1 << 20, ..Limits::default() });
        assert!(text.unwrap_err().to_string().contains("more than 250 times its size"));
        assert_eq!(digest, Digest::of(&bomb));
        assert!(read(&bomb, &Limits::default()).0.is_ok(), "small reports may repeat themselves");
    }

    #[test]
    fn the_size_is_bounded_with_and_without_compression() {
        let limits = Limits { bytes: 1 << 20, ..Limits::default() };
        for bytes in [vec![b' '; 2 << 20], gzip(&vec![b' '; 2 << 20])] {
            assert!(read(&bytes, &limits).0.unwrap_err().to_string().contains("more than 1 MiB"));
        }
        assert!(read(&vec![b' '; 1 << 20], &limits).0.is_ok());
    }
}
