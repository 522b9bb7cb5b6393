//! Content digests: what evidence and decisions are bound to.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest of bytes, written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that something else computed while it read.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first eight bytes: enough to tell a few texts apart.
    pub fn number(&self) -> u64 {
        self.0[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The first twelve hexadecimal digits: enough to name a thing within one brief.
    pub fn short(&self) -> String {
        let mut short = String::with_capacity(12);
        for byte in &self.0[..6] {
            short.extend([byte >> 4, byte & 15].map(digit).map(char::from));
        }
        short
    }

    /// Its digits in ASCII. Every finding has a digest in its name, so that formatting each byte would be felt.
    fn digits(&self) -> [u8; 64] {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[byte >> 4, byte & 15].map(digit));
        }
        digits
    }
}

/// A hexadecimal digit in ASCII.
fn digit(half: u8) -> u8 {
    b"0123456789abcdef"[usize::from(half)]
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_test_vector() {
        // FIPS 180-4 example: the one-block message "abc".
        assert_eq!(Digest::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::of(b"abc").short(), "ba7816bf8f01");
        assert_eq!(Digest::of(b"abc").number(), 0xba78_16bf_8f01_cfea);
    }
}
