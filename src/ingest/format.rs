//! What a format is to the reader: one row of the table in [`formats`](super::formats).

use super::collector::Collector;
use super::document::Document;
use super::read_error::ReadError;
use super::sniff::Sniff;
use crate::model::category::Category;

/// One report format. Each lives in a file of its own under `formats/` with private wire types, and is one row of
/// [`FORMATS`](super::FORMATS).
#[derive(Debug)]
pub struct Format {
    /// Stable id, equal to the file name with `-` for `_`: `trivy`, `npm-audit`, `sarif`.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Kinds of test that a report of this format can be evidence for.
    pub kinds: &'static [Category],
    /// Versions that are understood, in words.
    pub versions: &'static str,
    /// Where the format is specified or documented.
    pub specification: &'static str,
    /// Whether a document looks like this format. Must be true for exactly one format, for every well-formed report.
    pub recognise: fn(&Sniff) -> bool,
    /// Reads a document. An error means that the rest of it is lost; what was collected before counts, and the
    /// report is marked as incomplete.
    pub read: fn(&mut Document<'_>, &mut Collector) -> Result<(), ReadError>,
}
