//! Formats described by data: a [`Mapping`] at work.
//!
//! ```text
//! document ──rows──▶ row, with the rows that it is in ──select──▶ texts ──fill──▶ Observation
//! ```
//!
//! JSON, XML and CSV become the same thing first: a row is a JSON value, in which attributes of XML are members `@name`
//! and the text of an element with attributes is `#text`. Rows that refer to entries of a table are held until the end
//! of the document, because the table may come after them; an entry is then one more thing that the row is in.

mod fill;
mod rows;
mod select;
mod table;
mod tree;
mod unique;

use super::collector::Collector;
use super::document::Document;
use super::read_error::ReadError;
use super::sniff::{self, Sniff};
use crate::model::mapping::{Described, Mapping, Shape};

/// Whether a document looks like a report of this format.
pub fn recognise(mapping: &Described, sniff: &Sniff) -> bool {
    let is_csv = mapping.signs.shape == Shape::Csv;
    has_shape(mapping.signs.shape, sniff.shape)
        && (!is_csv || rows::may_have_header(&mapping.signs, sniff))
        && absent(mapping, sniff).is_none()
}

/// What a document lacks to be a report of this format, in words; `None` if it is one.
pub fn lacking(mapping: &Described, sniff: &Sniff) -> Option<String> {
    if !has_shape(mapping.signs.shape, sniff.shape) {
        let name = match mapping.signs.shape {
            Shape::Json => "JSON",
            Shape::Xml => "XML",
            Shape::Csv => "CSV",
        };
        return Some(format!("it is not {name}"));
    }
    absent(mapping, sniff)
}

fn has_shape(shape: Shape, seen: sniff::Shape) -> bool {
    match shape {
        Shape::Json => matches!(seen, sniff::Shape::JsonObject | sniff::Shape::JsonArray | sniff::Shape::JsonLines),
        Shape::Xml => seen == sniff::Shape::Xml,
        Shape::Csv => seen == sniff::Shape::Text,
    }
}

fn absent(mapping: &Described, sniff: &Sniff) -> Option<String> {
    let columns = if mapping.signs.shape == Shape::Csv {
        rows::header(mapping.delimiter, &mapping.signs, sniff).columns
    } else {
        Vec::new()
    };
    let has = |path: &str| {
        if columns.is_empty() { sniff.has_like(path) } else { columns.iter().any(|column| column == path) }
    };
    let kind = if mapping.signs.shape == Shape::Csv { "column" } else { "part" };
    if let Some(path) = mapping.signs.has.iter().find(|path| !has(path)) {
        return Some(format!("it has no {kind} `{path}`"));
    }
    if let Some(path) = mapping.signs.lacks.iter().find(|path| has(path)) {
        return Some(format!("it has a {kind} `{path}`"));
    }
    mapping.signs.is.iter().find_map(|(path, values)| {
        let found = sniff.text(path);
        // As in conditions, an empty text is none.
        let fits = values.iter().any(|value| value.eq_ignore_ascii_case(found.unwrap_or_default()));
        (!fits).then(|| format!("`{path}` is {}, not {}", found.unwrap_or("absent"), values.join(" or ")))
    })
}

/// Reads a document.
pub fn read(mapping: &Mapping, document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool.clone_from(&mapping.tool);
    // A list of several kinds says what each finding is; one kind alone is what ran, whatever was found.
    if let [kind] = mapping.kinds.as_slice() {
        report.scan.kinds.insert(*kind);
    }
    let mut scan = fill::ScanFacts::default();
    let mut tables = table::Tables::of(&mapping.tables);
    let mut count = 0_u64;
    let outcome = rows::walk(mapping, document, &mut |event| match event {
        rows::Event::Row(levels) => {
            count += 1;
            if mapping.tables.is_empty() {
                fill::observe(mapping, levels, report);
            } else {
                tables.hold(&levels[levels.len().saturating_sub(mapping.rows.len())..]);
            }
        }
        rows::Event::Entry(number, entry) => tables.note(number, entry),
        rows::Event::Scan(texts) => scan.note(texts),
        rows::Event::Unread(why) => report.unread(&why),
        rows::Event::Remark(message) => report.remark(message),
    });
    tables.rows(&mut |levels| fill::observe(mapping, levels, report));
    scan.tell(mapping, count, report);
    outcome
}

#[cfg(test)]
mod tests;
