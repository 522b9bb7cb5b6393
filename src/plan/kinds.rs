//! Items that are the same in everything that counts.
//!
//! Scanners report the same mistake in many files. Which of such items a plan treats makes no difference, so that each kind
//! of them is looked at once.

use std::collections::BTreeMap;

use super::problem::{Choice, Due, Item};

/// The number of each item's kind; kinds are numbered as they come.
pub fn kinds<'i>(items: impl IntoIterator<Item = &'i Item>) -> Vec<usize> {
    let mut known: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let number = |item| {
        let next = known.len();
        *known.entry(figures(item)).or_insert(next)
    };
    items.into_iter().map(number).collect()
}

/// Everything about an item that counts, as numbers to compare.
fn figures(item: &Item) -> Vec<u64> {
    let mut figures = vec![item.introduced.to_bits(), item.ambient.to_bits(), item.choices.len() as u64];
    for choice in &item.choices {
        let Choice { treatment: _, hours, residual, at_once, lead } = *choice;
        figures.extend([hours.to_bits(), residual.to_bits(), u64::from(at_once), lead.to_bits()]);
    }
    figures.push(item.dues.len() as u64);
    for due in &item.dues {
        let Due { day, introduced, firm, count } = *due;
        figures.extend([day.to_bits(), u64::from(introduced), u64::from(firm), u64::from(count)]);
    }
    figures.extend(item.rows.iter().flat_map(|&(row, count)| [row as u64, u64::from(count)]));
    figures
}
