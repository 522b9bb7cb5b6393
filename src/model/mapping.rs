//! How to read a tool's own report, as data: what a file under `rules/formats/` says.
//!
//! A mapping names what the report looks like, where its rows are, and which part of a row is which fact. It can leave
//! rows out and keep rows apart, but it cannot compute: what needs more is written in Rust.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use super::category::Category;
use super::severity::Severity;

/// A format described by a file. What its reports look like is known at once; how they are read is looked up when one is
/// there, because a run meets a few formats out of hundreds.
#[derive(Clone)]
pub struct Described {
    /// Id, equal to the file name.
    pub id: Text,
    /// What such a report looks like.
    pub signs: Signs,
    /// What separates the columns of CSV, if the file says it.
    pub delimiter: Option<u8>,
    whole: Arc<LazyLock<Looked, LookUp>>,
}

/// What a look-up found; boxed, as most are never made.
type Looked = Result<Box<Mapping>, String>;
type LookUp = Box<dyn FnOnce() -> Looked + Send>;

impl Described {
    /// A format whose mapping is looked up once, when it is first asked for.
    pub fn later(
        id: impl Into<Text>,
        signs: Signs,
        delimiter: Option<u8>,
        look_up: impl FnOnce() -> Result<Mapping, String> + Send + 'static,
    ) -> Self {
        let whole: LookUp = Box::new(|| look_up().map(Box::new));
        Self { id: id.into(), signs, delimiter, whole: Arc::new(LazyLock::new(whole)) }
    }

    /// All that its file says.
    ///
    /// # Errors
    /// What is wrong with the file; only one that was not read before ([`later`](Self::later)) can be wrong here.
    pub fn whole(&self) -> Result<&Mapping, &str> {
        LazyLock::force(&self.whole).as_deref().map_err(String::as_str)
    }

    /// Name for people.
    pub fn title(&self) -> &str {
        self.whole().map_or(&self.id, |mapping| &mapping.title)
    }
}

impl From<Mapping> for Described {
    fn from(mapping: Mapping) -> Self {
        let (id, signs, delimiter) = (mapping.id.clone(), mapping.signs.clone(), mapping.delimiter);
        Self::later(id, signs, delimiter, || Ok(mapping))
    }
}

/// As its file, so that two are the same if and only if their files say the same.
impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, signs, delimiter, whole: _ } = self;
        f.debug_tuple("Described").field(id).field(signs).field(delimiter).field(&self.whole()).finish()
    }
}

/// All that a file says of a report format.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// The tool, in lower case.
    pub tool: String,
    /// Kinds of test that such a report is evidence for; the first is the kind of a finding that says nothing else.
    pub kinds: Vec<Category>,
    /// Versions that are understood, in words.
    pub versions: String,
    /// Where the format is documented.
    pub specification: String,
    /// What such a report looks like.
    pub signs: Signs,
    /// Where the rows are: the first path is streamed, each further one leads deeper within what the one before found.
    pub rows: Vec<Path>,
    /// Lists beside the rows that rows refer to.
    pub tables: Vec<Table>,
    /// What separates the columns of CSV; if it is not said, a comma, a semicolon or a tab.
    pub delimiter: Option<u8>,
    /// Rows that do not pass these are no findings.
    pub only: Vec<Check>,
    /// Rows that pass one of these are no findings.
    pub except: Vec<Check>,
    /// Rows that say what could not be tested; those that `except` leaves out say nothing.
    pub untested: Vec<Untested>,
    /// Findings that somebody decided not to count.
    pub not_counted: Vec<NotCounted>,
    /// What a row says about its finding.
    pub finding: FindingMap,
    /// What the document says about the scan.
    pub scan: ScanMap,
}

impl Mapping {
    /// Every kind that a finding can be of: those that a report is evidence for, and those that only some rows are.
    pub fn categories(&self) -> Vec<Category> {
        let mut all = self.kinds.clone();
        for (_, category) in &self.finding.categories {
            if !all.contains(category) {
                all.push(*category);
            }
        }
        all
    }
}

/// The kind of text that a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// JSON, one document or several.
    Json,
    /// XML.
    Xml,
    /// Comma-separated values with a header line.
    Csv,
}

/// A text of a description: of one that is built in it lies in the program, and reading hundreds of them takes no time.
pub type Text = Cow<'static, str>;

/// Several of them.
pub type Texts = Cow<'static, [Text]>;

/// What a report of a format looks like: all of it must be so.
#[derive(Debug, Clone, PartialEq)]
pub struct Signs {
    /// Kind of text.
    pub shape: Shape,
    /// Members, elements or columns that are there, by path.
    pub has: Texts,
    /// Members, elements or columns that are not.
    pub lacks: Texts,
    /// Texts at paths, one of those listed.
    pub is: Cow<'static, [(Text, Texts)]>,
}

/// A way to a part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<Segment>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The member (JSON), attribute `@name` or child element (XML), or column (CSV) of this name.
    Member(String),
    /// Every member of an object, whatever its name.
    AnyMember,
    /// Every element of a list; a single value is a list of one.
    Element,
    /// The element of a list in which a member says this: `[key=package_name]`.
    Where(String, String),
    /// The name of the member that the row is (`@key`).
    Key,
}

/// A list beside the rows, such as one of rules: each row refers to one of its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Where its entries are.
    pub rows: Path,
    /// What an entry is called, from the entry on.
    pub key: Path,
    /// What a row calls the entry that it refers to.
    pub of: Vec<Expression>,
}

/// A part of the row, or of what the row is in, or of an entry of a table that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// How many levels of rows up: 0 is the row itself. Beyond the outermost row are the entries of the tables, in their
    /// order.
    pub up: usize,
    /// The way from there.
    pub path: Path,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// The same text for every row.
    Literal(String),
    /// What stands there.
    Reference(Reference),
    /// Texts and references in turn; nothing at all if one of the references leads to nothing.
    Template(Vec<Expression>),
}

/// A condition: one of the texts at a reference is one of `values` (case aside; `*` is any text, `text*` any that begins so,
/// an empty one is none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is looked at.
    pub reference: Reference,
    /// What it may be.
    pub values: Vec<String>,
}

/// Whether a text is one that a description names, in lower case; `text*` is any that begins so.
pub fn names(value: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    value.strip_suffix('*').map_or_else(|| text == value, |begin| text.starts_with(begin))
}

/// Rows that are no findings: they say that something was not tested, and evidence is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untested {
    /// All of these hold.
    pub when: Vec<Check>,
    /// What was not tested, or why.
    pub say: Vec<Expression>,
}

/// Findings that somebody decided not to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCounted {
    /// All of these hold.
    pub when: Vec<Check>,
    /// What the decision is called.
    pub kind: String,
    /// The reason given.
    pub reason: Vec<Expression>,
}

/// Where each fact of a finding comes from. Of several sources of one text the first that says anything counts; of
/// lists all count.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FindingMap {
    /// The scanner's rule or check; required.
    pub rule: Vec<Expression>,
    /// One line; the rule if nothing is said.
    pub title: Vec<Expression>,
    /// Paragraphs; mark-up of HTML is dropped.
    pub description: Vec<Expression>,
    /// Kind of problem, in the words of `categories`.
    pub category: Vec<Expression>,
    /// The tool's words for categories.
    pub categories: Vec<(String, Category)>,
    /// The tool's word for the severity.
    pub severity: Vec<Expression>,
    /// The tool's words, where they are not the usual ones.
    pub severities: Vec<(String, Severity)>,
    /// A score from 0 to 10.
    pub score: Vec<Expression>,
    /// CVSS vectors.
    pub cvss: Vec<Expression>,
    /// Texts that hold public names of vulnerabilities.
    pub identifiers: Vec<Expression>,
    /// Texts that hold CWE numbers.
    pub cwe: Vec<Expression>,
    /// The scanner's stable id of this very result.
    pub native_id: Vec<Expression>,
    /// Confidence in words.
    pub confidence: Vec<Expression>,
    /// Package URL.
    pub purl: Vec<Expression>,
    /// Type of the package in any scanner's word.
    pub ecosystem: Vec<Expression>,
    /// Name of the package.
    pub package: Vec<Expression>,
    /// Its version.
    pub version: Vec<Expression>,
    /// Versions without the problem.
    pub fixed_in: Vec<Expression>,
    /// File.
    pub path: Vec<Expression>,
    /// First line.
    pub line: Vec<Expression>,
    /// Last line.
    pub end_line: Vec<Expression>,
    /// Whether the tool calls the first line 0.
    pub lines_from_zero: bool,
    /// The code at that place.
    pub snippet: Vec<Expression>,
    /// Address.
    pub url: Vec<Expression>,
    /// HTTP method.
    pub method: Vec<Expression>,
    /// Parameter.
    pub parameter: Vec<Expression>,
    /// Image, host or resource.
    pub artefact: Vec<Expression>,
    /// A credential itself: it is masked wherever it is shown.
    pub secret: Vec<Expression>,
    /// Probability of exploitation, 0 to 1.
    pub epss: Vec<Expression>,
}

/// What the document says about the scan, by paths from its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanMap {
    /// Version of the tool.
    pub tool_version: Option<Path>,
    /// When the scan ended.
    pub at: Option<Path>,
    /// Commit that was scanned.
    pub commit: Option<Path>,
    /// What was scanned.
    pub artefact: Option<Path>,
    /// How many rows there should be.
    pub total: Option<Path>,
    /// Texts that are there only if the scan did not succeed, except those listed.
    pub failure: Vec<(Path, Vec<String>)>,
    /// Where one of the texts listed stands if what the report is evidence of took place.
    pub ran: Vec<(Path, Vec<String>)>,
}
