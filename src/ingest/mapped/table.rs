//! Rows that refer to entries of tables, brought together with them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::select::{self, Level};
use crate::model::mapping::Table;

/// What a level is, held after its document has gone by.
type Held = (String, Value);

/// The entries of tables, and the rows that wait for them.
pub struct Tables<'m> {
    tables: &'m [Table],
    entries: Vec<BTreeMap<String, Held>>,
    waiting: Vec<Vec<Held>>,
}

impl<'m> Tables<'m> {
    /// Nothing of these tables is known yet.
    pub fn of(tables: &'m [Table]) -> Self {
        Self { tables, entries: tables.iter().map(|_| BTreeMap::new()).collect(), waiting: Vec::new() }
    }

    /// Notes an entry of a table; of several of one name the first counts.
    pub fn note(&mut self, number: usize, entry: Level<'_>) {
        let Some(name) = select::texts_at(entry, &self.tables[number].key.0).into_iter().next() else { return };
        self.entries[number].entry(name).or_insert_with(|| (entry.key.to_owned(), entry.value.clone()));
    }

    /// Holds a row, with what it is in before it.
    pub fn hold(&mut self, levels: &[Level<'_>]) {
        self.waiting.push(levels.iter().map(|level| (level.key.to_owned(), level.value.clone())).collect());
    }

    /// Calls `on` for each row that was held, in their order: the entries that it refers to stand before what it is in,
    /// the last table first.
    pub fn rows(self, on: &mut dyn FnMut(&[Level<'_>])) {
        fn level((key, value): &Held) -> Level<'_> {
            Level { key, value }
        }
        let nothing = (String::new(), Value::Null);
        for row in &self.waiting {
            let levels: Vec<Level<'_>> = row.iter().map(level).collect();
            let entries = self.tables.iter().zip(&self.entries).rev().map(|(table, entries)| {
                let name = select::every(&levels, &table.of).into_iter().find(|name| entries.contains_key(name));
                level(name.and_then(|name| entries.get(&name)).unwrap_or(&nothing))
            });
            let all: Vec<Level<'_>> = entries.chain(levels.iter().copied()).collect();
            on(&all);
        }
    }
}
