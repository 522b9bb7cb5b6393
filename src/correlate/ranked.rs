//! Texts that are few and compared often: they are put in order once, and compared by their place in it.

use std::cmp::Ordering;
use std::collections::HashMap;

/// A text with its place among all of its kind.
#[derive(Debug, Clone, Copy)]
pub struct Ranked<'t> {
    rank: usize,
    /// The text.
    pub text: &'t str,
}

/// The place of every text of a kind.
pub struct Ranks<'t>(HashMap<&'t str, usize>);

impl<'t> Ranks<'t> {
    /// Puts texts in order.
    pub fn of(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut ranks: HashMap<&str, usize> = texts.map(|text| (text, 0)).collect();
        let mut sorted: Vec<&str> = ranks.keys().copied().collect();
        sorted.sort_unstable();
        for (rank, text) in sorted.into_iter().enumerate() {
            ranks.insert(text, rank);
        }
        Self(ranks)
    }

    /// A text that was among those put in order.
    pub fn ranked(&self, text: &'t str) -> Ranked<'t> {
        Ranked { rank: self.0.get(text).copied().unwrap_or(usize::MAX), text }
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked<'_> {}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_texts() {
        let texts = ["src/b.c", "", "src/a.c", "src/b.c", "z", "src"];
        let ranks = Ranks::of(texts.into_iter());
        let mut ranked: Vec<Ranked<'_>> = texts.into_iter().map(|text| ranks.ranked(text)).collect();
        ranked.sort();
        let mut sorted = texts;
        sorted.sort_unstable();
        assert_eq!(ranked.iter().map(|ranked| ranked.text).collect::<Vec<_>>(), sorted);
        assert_eq!(ranked.chunk_by(|a, b| a == b).count(), 5);
    }
}
