//! Where a JSON value ends, by its quotes and brackets, in bytes that come piece by piece.
//!
//! Large documents are looked through for little else, so 64 bytes are looked at in one go: a bit for each of them says
//! whether it is a quote, and the bits between quotes are those of strings, in which brackets mean nothing. The idea is
//! that of simdjson (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019).

use memchr::memchr2;
use wide::u8x16;

/// The search for the end of a value, which can go on when there are more bytes.
#[derive(Debug, Default)]
pub struct Scan {
    /// Bytes looked at, of those that are still there.
    seen: usize,
    /// Bytes of the value that were let go.
    gone: usize,
    shape: Shape,
    depth: usize,
    in_string: bool,
    /// Whether the byte before was an escape.
    escaped: bool,
}

/// What kind of value it is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A number or word.
    #[default]
    Bare,
    Text,
    /// An object or array.
    Container,
}

impl Scan {
    /// Whether the value is a number or word, which may end with the document.
    pub fn is_bare(&self) -> bool {
        self.shape == Shape::Bare && self.has_begun()
    }

    /// How many bytes are no longer needed, which are then gone.
    pub const fn let_go(&mut self) -> usize {
        self.gone += self.seen;
        std::mem::replace(&mut self.seen, 0)
    }

    const fn has_begun(&self) -> bool {
        self.seen + self.gone > 0
    }

    /// The length of the value that begins with `bytes`, if it ends there.
    pub fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        if !self.has_begun() {
            self.shape = match bytes.first()? {
                b'"' => Shape::Text,
                b'{' | b'[' => Shape::Container,
                _ => Shape::Bare,
            };
        }
        let rest = &bytes[self.seen..];
        let found = match self.shape {
            Shape::Bare => rest.iter().position(|byte| ends_bare(*byte)),
            Shape::Text => self.end_of_text(rest),
            Shape::Container => self.end_of_container(rest),
        };
        let Some(found) = found else {
            self.seen = bytes.len();
            return None;
        };
        // Something that is no value at all (`,`) has a length of one, so that reading it says what is wrong.
        Some((self.seen + found).max(usize::from(self.gone == 0)))
    }

    fn end_of_text(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if !self.has_begun() {
            at = 1;
        } else if std::mem::take(&mut self.escaped) {
            at = usize::from(!bytes.is_empty());
            self.escaped = at == 0;
        }
        while let Some(found) = quote_or_escape(bytes.get(at..)?) {
            at += found + 1;
            if bytes[at - 1] == b'"' {
                return Some(at);
            }
            self.escaped = at == bytes.len();
            at += 1;
        }
        None
    }

    fn end_of_container(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        for block in bytes.as_chunks().0.as_chunks().0 {
            if let Some(end) = self.end_in_block(block) {
                return Some(at + end);
            }
            at += BLOCK;
        }
        bytes[at..].iter().position(|byte| self.ends_with(*byte)).map(|last| at + last + 1)
    }

    /// Looks at one byte; whether the container ends with it.
    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            _ if std::mem::take(&mut self.escaped) => {}
            b'\\' => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            b'{' | b'[' if !self.in_string => self.depth += 1,
            b'}' | b']' if !self.in_string => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// The same for 64 bytes: where in them the container ends, if it does.
    #[inline]
    fn end_in_block(&mut self, block: &[[u8; 16]; 4]) -> Option<usize> {
        let bytes = Bytes::of(block);
        let escaped = self.escaped_in(bytes.are(b'\\'));
        let quotes = bytes.are(b'"') & !escaped;
        // The quote that opens a string counts as in it, the one that closes it does not.
        let strings = parity(quotes) ^ if self.in_string { u64::MAX } else { 0 };
        self.in_string = strings >> (BLOCK - 1) == 1;
        let bytes = bytes.with_bracket_for_brace();
        let means = !strings & !escaped;
        let (opened, closed) = (bytes.are(b'{') & means, bytes.are(b'}') & means);
        let closes = closed.count_ones() as usize;
        if self.depth > closes {
            self.depth = self.depth + opened.count_ones() as usize - closes;
            return None;
        }
        let mut brackets = opened | closed;
        while brackets != 0 {
            let at = brackets.trailing_zeros();
            brackets &= brackets - 1;
            if opened >> at & 1 == 1 {
                self.depth += 1;
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Some(at as usize + 1);
                }
            }
        }
        None
    }

    /// The bytes that an escape stands before, given where the backslashes are.
    fn escaped_in(&mut self, backslashes: u64) -> u64 {
        let mut escaped = u64::from(std::mem::take(&mut self.escaped));
        let mut escapes = backslashes & !escaped;
        while escapes != 0 {
            let at = escapes.trailing_zeros() as usize;
            if at == BLOCK - 1 {
                self.escaped = true;
                break;
            }
            escaped |= 2 << at;
            escapes &= !(3 << at);
        }
        escaped
    }
}

const BLOCK: usize = 64;

/// 64 bytes that are looked at together.
struct Bytes([u8x16; 4]);

impl Bytes {
    #[inline]
    const fn of(block: &[[u8; 16]; 4]) -> Self {
        Self([u8x16::new(block[0]), u8x16::new(block[1]), u8x16::new(block[2]), u8x16::new(block[3])])
    }

    /// A bit for each of them, the lowest for the first, that says whether it is `byte`.
    #[inline]
    fn are(&self, byte: u8) -> u64 {
        let wanted = u8x16::splat(byte);
        let bits = |quarter: u8x16| u64::from(quarter.simd_eq(wanted).to_bitmask());
        let Self([a, b, c, d]) = *self;
        bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48
    }

    /// `[` and `{` are one bit apart, and so are `]` and `}`: sets that bit everywhere.
    #[inline]
    fn with_bracket_for_brace(self) -> Self {
        let bit = u8x16::splat(b'[' ^ b'{');
        let Self([a, b, c, d]) = self;
        Self([a | bit, b | bit, c | bit, d | bit])
    }
}

/// Each bit says whether the number of bits set up to it, itself included, is odd.
const fn parity(mut bits: u64) -> u64 {
    let mut distance = 1;
    while distance < u64::BITS {
        bits ^= bits << distance;
        distance *= 2;
    }
    bits
}

const fn ends_bare(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b':' | b'{' | b'[' | b'"')
}

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
        let found = zero(word ^ (EACH * u64::from(b'"'))) | zero(word ^ (EACH * u64::from(b'\\')));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += chunk.len();
    }
    memchr2(b'"', b'\\', &bytes[at..]).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    /// Where a container ends, told in the plainest way.
    fn plainly(bytes: &[u8]) -> Option<usize> {
        let mut scan = Scan::default();
        bytes.iter().position(|byte| scan.ends_with(*byte)).map(|last| last + 1)
    }

    /// The same, of bytes of which at first so many are there, then so many more at a time.
    fn in_pieces(bytes: &[u8], pieces: &[usize], let_go: bool) -> Option<usize> {
        let (mut scan, mut there, mut begin) = (Scan::default(), 0, 0);
        for piece in pieces.iter().cycle() {
            there = (there + piece).min(bytes.len());
            if let Some(length) = scan.end(&bytes[begin..there]) {
                return Some(begin + length);
            }
            if let_go {
                begin += scan.let_go();
            }
            if there == bytes.len() {
                return None;
            }
        }
        None
    }

    proptest! {
        #[test]
        fn a_container_ends_where_it_ends_byte_by_byte(
            text in r#"[{\[]([{}\[\]"\\a,]|[a-z]{1,40}|\\\\){0,200}"#,
            pieces in proptest::collection::vec(1_usize..200, 1..4),
            let_go: bool,
        ) {
            prop_assert_eq!(in_pieces(text.as_bytes(), &pieces, let_go), plainly(text.as_bytes()));
        }

        #[test]
        fn a_text_ends_with_its_quote_in_whatever_pieces_it_comes(
            inside in r#"([a-z{}]|\\["\\n]){0,100}"#,
            pieces in proptest::collection::vec(1_usize..80, 1..4),
            let_go: bool,
        ) {
            let text = format!("\"{inside}\" , 1");
            prop_assert_eq!(in_pieces(text.as_bytes(), &pieces, let_go), Some(inside.len() + 2));
            prop_assert_eq!(in_pieces(&text.as_bytes()[..=inside.len()], &pieces, let_go), None);
        }
    }
}
