//! A sheet of text for the terminal: headings, sentences, formulas with their numbers, tables.
//!
//! What it shows is input like any other: every text passes through [`render::shown`] on its way out.

use crate::commands::output;
use crate::commands::table::table;
use crate::model::explanation::{Block, Explanation};
use crate::render::{self, Screen};

/// An explanation on a screen.
pub fn explanation(page: &Explanation) -> String {
    let mut sheet = Sheet::new(&output::screen());
    sheet.title(&page.title);
    page.lead.iter().for_each(|sentence| sheet.say(sentence));
    for section in &page.sections {
        sheet.heading(section.heading);
        for block in &section.blocks {
            match block {
                Block::Say(text) => sheet.say(text),
                Block::Items(items) => items.iter().for_each(|item| sheet.item(item)),
                Block::Table { header, rows } => sheet.wide_table(header.clone(), rows.iter().cloned()),
            }
        }
    }
    sheet.finish()
}

/// Text as it grows.
pub struct Sheet {
    text: String,
    screen: Screen,
}

impl Sheet {
    /// An empty sheet for a screen.
    pub fn new(screen: &Screen) -> Self {
        Self { text: String::new(), screen: Screen { width: screen.width.max(60), ..screen.clone() } }
    }

    /// The headline of what is explained.
    pub fn title(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.wrapped(text, "", "");
    }

    /// The headline of a part.
    pub fn heading(&mut self, text: &str) {
        self.text.push('\n');
        self.wrapped(text, "", "");
    }

    /// A sentence.
    pub fn say(&mut self, text: &str) {
        self.wrapped(text, "  ", "  ");
    }

    /// One of several things.
    pub fn item(&mut self, text: &str) {
        self.wrapped(text, "  - ", "    ");
    }

    /// What a number in a table stands for.
    pub fn numbered(&mut self, number: usize, text: &str) {
        self.wrapped(text, &format!("  {number:>2}. "), "      ");
    }

    /// A formula, or the next line of one.
    pub fn formula(&mut self, text: &str) {
        self.wrapped(text, "    ", "      ");
    }

    /// A table.
    pub fn table<const N: usize>(&mut self, header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        self.wide_table(header.map(str::to_owned).to_vec(), rows.into_iter().map(Vec::from));
    }

    /// A table with as many columns as its header has.
    pub fn wide_table(&mut self, header: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) {
        let fit = |cells: Vec<String>| cells.iter().map(|cell| render::shown(cell, &self.screen)).collect();
        let table = table(fit(header), rows.into_iter().map(fit).collect(), &self.screen);
        self.text += &table;
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        // Addresses and ids are not divided at their hyphens.
        let splitter = textwrap::WordSplitter::NoHyphenation;
        let options = textwrap::Options::new(self.screen.width.into())
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_splitter(splitter);
        self.text += &textwrap::fill(&render::shown(text, &self.screen), options);
        self.text.push('\n');
    }
}

/// A figure with six significant digits, without trailing zeros.
pub fn figure(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.abs().to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "the decimal exponent of a double is within ±324")]
    let exponent = number.abs().log10().floor() as i32;
    if exponent < -6 {
        return format!("{number:.5e}");
    }
    let places = usize::try_from(5 - exponent).unwrap_or(0);
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// `1 day`, `2.5 days`.
pub fn counted(number: f64, noun: &str) -> String {
    let shown = figure(number);
    let ending = if shown == "1" { "" } else { "s" };
    format!("{shown} {noun}{ending}")
}

/// A figure that may be missing.
pub fn figure_or(number: Option<f64>, otherwise: &str) -> String {
    number.map_or_else(|| otherwise.to_owned(), figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_six_digits_that_mean_something() {
        for (number, text) in [
            (0.135_205_372_5, "0.135205"),
            (240.288_462_1, "240.288"),
            (90.0, "90"),
            (1_234_567.8, "1234568"),
            (0.000_123_456_78, "0.000123457"),
            (3.333e-9, "3.33300e-9"),
            (0.0, "0"),
            (-1.5, "-1.5"),
        ] {
            assert_eq!(figure(number), text);
        }
    }
}
