//! The agreements by which records are read: the one in force, and those that were in force when they were made.

use jiff::Timestamp;

use crate::model::appetite::Appetite;
use crate::model::clock::is_future;

/// Versions of the agreement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agreements<'a> {
    in_force: Option<&'a Appetite>,
    known: &'a [(Timestamp, Appetite)],
}

impl<'a> Agreements<'a> {
    /// The one in force, if it is known, and those that both parties signed before, with when the ledger first saw each.
    pub const fn new(in_force: Option<&'a Appetite>, known: &'a [(Timestamp, Appetite)]) -> Self {
        Self { in_force, known }
    }

    /// The one in force, if it is known.
    pub const fn in_force(&self) -> Option<&'a Appetite> {
        self.in_force
    }

    /// The one with this digest.
    pub fn named(&self, digest: &str) -> Option<&'a Appetite> {
        let known = self.known.iter().map(|(_, appetite)| appetite);
        self.in_force.into_iter().chain(known).find(|appetite| appetite.sha256.to_string() == digest)
    }

    /// Those by which something that was done at a moment is read: the one that was in force then, as far as the ledger
    /// knows, and the one that is now.
    pub fn at(&self, at: Timestamp) -> impl Iterator<Item = &'a Appetite> {
        let then = self.known.iter().filter(|(since, _)| !is_future(*since, at)).max_by_key(|(since, _)| *since);
        then.map(|(_, appetite)| appetite).into_iter().chain(self.in_force)
    }
}
