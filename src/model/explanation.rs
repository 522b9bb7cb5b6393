//! An appetite told to a person: headings, sentences, lists and tables, in reading order. A renderer lays it out.

/// The whole page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Title.
    pub title: String,
    /// What to know first, in a few sentences.
    pub lead: Vec<String>,
    /// The sections in the order of the reader's interest.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Stable name: `statement`, `levels`, `limits`, `who-decides`, `clocks`, `budget`, `obligations`, `delivery`,
    /// `services`, `evidence`, `baseline`, `agreement`.
    pub id: &'static str,
    /// Heading.
    pub heading: &'static str,
    /// Content.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Say(String),
    /// Several things of a kind.
    Items(Vec<String>),
    /// A table; every row has as many cells as the header.
    Table {
        /// Names of the columns.
        header: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
    },
}
