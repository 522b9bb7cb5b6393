//! Tables on a screen.

use comfy_table::presets::{ASCII_FULL_CONDENSED, UTF8_FULL_CONDENSED};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

use crate::render::Screen;

/// Longest word that is kept whole; what is longer is a path or an address, and is divided where the column ends.
const LONGEST_KEPT: usize = 32;

/// Columns that a cell takes beside its content: a blank on each side and a line.
const FRAME: usize = 3;

/// A table that is as wide as the screen, if that is possible. Words are divided only where not all of them fit beside each
/// other, those of the column with the longest ones first. The texts are fit to be shown.
pub(super) fn table(header: Vec<String>, rows: Vec<Vec<String>>, screen: &Screen) -> String {
    let width = usize::from(screen.width);
    let mut needed: Vec<usize> = (0..header.len())
        .map(|column| {
            let cells = rows.iter().chain([&header]).filter_map(|row| row.get(column));
            let words = cells.flat_map(|cell| cell.split_whitespace()).map(textwrap::core::display_width);
            words.filter(|width| *width <= LONGEST_KEPT).max().unwrap_or_default()
        })
        .collect();
    while needed.iter().map(|column| column + FRAME).sum::<usize>() + 1 > width {
        let Some(longest) = needed.iter_mut().max_by_key(|column| **column).filter(|column| **column > 1) else {
            break;
        };
        *longest -= 1;
    }
    let mut table = Table::new();
    table
        .load_style(if screen.unicode { UTF8_FULL_CONDENSED } else { ASCII_FULL_CONDENSED })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(screen.width)
        .set_header(header)
        .add_rows(rows);
    for (column, needed) in table.column_iter_mut().zip(needed) {
        // The blanks count, the line does not.
        let least = u16::try_from(needed + FRAME - 1).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
    }
    format!("{table}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[&str]], width: u16) -> String {
        let mut rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        table(rows.next().unwrap(), rows.collect(), &Screen { width, ..Screen::default() })
    }

    #[test]
    fn words_are_whole_where_there_is_room_for_them() {
        let long = "a path without any blank in it that is long".replace(' ', "/");
        let shown = of(&[&["Report", "Kinds"], &[&long, "configuration, dependency"]], 50);
        assert!(shown.contains("configuration,") && shown.contains("dependency"), "{shown}");
        assert!(shown.lines().all(|line| textwrap::core::display_width(line) <= 50), "{shown}");
    }

    #[test]
    fn what_cannot_fit_is_divided_and_nothing_is_lost() {
        let shown = of(&[&["A", "B", "C"], &["configuration", "configuration", "configuration"]], 30);
        let letters: String = shown.chars().filter(char::is_ascii_lowercase).collect();
        assert_eq!(letters.len(), 3 * "configuration".len(), "{shown}");
        assert!(shown.lines().all(|line| textwrap::core::display_width(line) <= 30), "{shown}");
    }
}
