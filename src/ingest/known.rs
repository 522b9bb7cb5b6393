//! The formats that a report is looked at for: those written in Rust, and those described by data.

use super::collector::Collector;
use super::document::Document;
use super::format::Format;
use super::formats::FORMATS;
use super::mapped;
use super::read_error::ReadError;
use super::sniff::Sniff;
use crate::model::mapping::Described;

/// The known formats. A mapping with the id of a format written in Rust takes its place.
#[derive(Debug, Clone, Copy)]
pub struct Formats<'m> {
    mappings: &'m [Described],
    alone: bool,
    assumed: Option<&'m str>,
}

impl<'m> Formats<'m> {
    /// Every format written in Rust, with these mappings.
    pub const fn with(mappings: &'m [Described]) -> Self {
        Self { mappings, alone: false, assumed: None }
    }

    /// One mapping and nothing else, to try it.
    pub const fn only(mapping: &'m Described) -> Self {
        Self { mappings: std::slice::from_ref(mapping), alone: true, assumed: None }
    }

    /// Takes every document for the format called `id`, whatever it looks like: to see what its reader makes of bytes that
    /// nobody recognises.
    #[must_use]
    pub const fn assuming(self, id: &'m str) -> Self {
        Self { assumed: Some(id), ..self }
    }

    /// The format that every document is taken for.
    pub(super) fn assumed(&self) -> Option<Known<'m>> {
        let id = self.assumed?;
        self.all().find(|known| known.id() == id)
    }

    /// Each of them.
    pub fn all(&self) -> impl Iterator<Item = Known<'m>> {
        let (mappings, alone) = (self.mappings, self.alone);
        // Both are looked through for every file, so a mapping is looked for among the formats, which are in order.
        let is_written = |mapping: &&Described| FORMATS.binary_search_by(|format| format.id.cmp(&*mapping.id)).is_ok();
        let replaced: Vec<&str> = mappings.iter().filter(is_written).map(|mapping| &*mapping.id).collect();
        let written = FORMATS.iter().filter(move |format| !alone && !replaced.contains(&format.id));
        written.map(|format| Known::Written(format)).chain(mappings.iter().map(Known::Mapped))
    }

    /// The mapping that is tried alone.
    pub fn single(&self) -> Option<&'m Described> {
        self.mappings.first().filter(|_| self.alone)
    }
}

/// One known format.
#[derive(Debug, Clone, Copy)]
pub enum Known<'m> {
    /// Written in Rust.
    Written(&'static Format),
    /// Described by data.
    Mapped(&'m Described),
}

impl Known<'_> {
    /// Stable id.
    pub fn id(&self) -> &str {
        match self {
            Self::Written(format) => format.id,
            Self::Mapped(mapping) => &mapping.id,
        }
    }

    /// Name for people.
    pub fn title(&self) -> &str {
        match self {
            Self::Written(format) => format.title,
            Self::Mapped(described) => described.title(),
        }
    }

    /// Whether a document looks like this format.
    pub fn recognise(&self, sniff: &Sniff) -> bool {
        match self {
            Self::Written(format) => (format.recognise)(sniff),
            Self::Mapped(mapping) => mapped::recognise(mapping, sniff),
        }
    }

    /// Whether it is told from others by what a document does not have, which only its end shows.
    pub fn depends_on_what_lacks(&self) -> bool {
        matches!(self, Self::Mapped(mapping) if !mapping.signs.lacks.is_empty())
    }

    /// Reads a document.
    pub fn read(&self, document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
        match self {
            Self::Written(format) => (format.read)(document, report),
            Self::Mapped(described) => match described.whole() {
                Ok(mapping) => mapped::read(mapping, document, report),
                Err(fault) => Err(ReadError::Content(format!("its format is not well described: {fault}"))),
            },
        }
    }
}
