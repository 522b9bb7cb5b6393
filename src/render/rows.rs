//! A list that is made while it is written: its rows are never held together.

use serde::{Serialize, Serializer};

/// What the iterator gives, as a list.
#[derive(Debug)]
pub struct Rows<I>(pub I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Rows<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
