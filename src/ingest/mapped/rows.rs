//! The rows of a document, one at a time.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::{Map, Value};

use super::select::{self, Level};
use super::tree;
use super::unique::Unique;
use crate::ingest::document::Document;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::{self, Sniff};
use crate::ingest::xml::{self, Visit};
use crate::model::mapping::{Mapping, Path, Segment, Shape, Signs, Table};

/// What is met in a document.
pub enum Event<'v> {
    /// A row, with what it is in before it.
    Row(&'v [Level<'v>]),
    /// An entry of the table of this number.
    Entry(usize, Level<'v>),
    /// Texts at a path about the scan.
    Scan(ScanTexts<'v>),
    /// A row that cannot be read.
    Unread(String),
    /// Something worth knowing.
    Remark(String),
}

/// Texts at a path about the scan.
pub struct ScanTexts<'v> {
    /// Which fact.
    pub fact: Fact<'v>,
    /// The texts, none of them blank.
    pub texts: Vec<String>,
}

/// A fact about the scan.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'v> {
    ToolVersion,
    At,
    Commit,
    Artefact,
    Total,
    /// Any text at this path but these says that the scan did not succeed, or that more of it stands elsewhere.
    Failure(&'v Path, &'v [String]),
    /// The place of this number where one of these texts says that what the report is evidence of took place.
    Ran(usize, &'v [String]),
}

type On<'o> = dyn FnMut(Event<'_>) + 'o;

/// Calls `on` for everything that the mapping asks for, in the order of the document.
pub fn walk(mapping: &Mapping, document: &mut Document<'_>, on: &mut On<'_>) -> Result<(), ReadError> {
    match (mapping.signs.shape, document.sniff().shape) {
        (Shape::Csv, _) => csv_rows(mapping, document, on),
        (Shape::Xml, _) => xml_rows(mapping, document, on),
        (Shape::Json, sniff::Shape::JsonLines) => document.json_documents(&mut |text| {
            json_value(text, "", on, &mut |root, on| {
                about_scan(mapping, &[], root, on);
                entries(mapping, root, on);
                expand(&mapping.rows, &mut vec![root], on);
            });
            Ok(())
        }),
        (Shape::Json, _) => json_rows(mapping, document, on),
    }
}

/// Facts about the scan, with their paths.
fn facts(mapping: &Mapping) -> impl Iterator<Item = (Fact<'_>, &Path)> {
    let scan = &mapping.scan;
    let single = [
        (Fact::ToolVersion, &scan.tool_version),
        (Fact::At, &scan.at),
        (Fact::Commit, &scan.commit),
        (Fact::Artefact, &scan.artefact),
        (Fact::Total, &scan.total),
    ];
    let single = single.into_iter().filter_map(|(fact, path)| Some((fact, path.as_ref()?)));
    let failure = scan.failure.iter().map(|(path, usual)| (Fact::Failure(path, usual), path));
    let ran = scan.ran.iter().enumerate().map(|(number, (path, texts))| (Fact::Ran(number, texts), path));
    single.chain(failure).chain(ran)
}

/// Tells the facts about the scan that stand within a value at `place`.
fn about_scan(mapping: &Mapping, place: &[Segment], value: Level<'_>, on: &mut On<'_>) {
    for (fact, path) in facts(mapping) {
        if let Some(rest) = path.0.strip_prefix(place) {
            let texts = select::texts_at(value, rest);
            on(Event::Scan(ScanTexts { fact, texts }));
        }
    }
}

/// Tells each entry of the tables within a whole document.
fn entries(mapping: &Mapping, root: Level<'_>, on: &mut On<'_>) {
    for (number, table) in mapping.tables.iter().enumerate() {
        let mut found = Vec::new();
        select::values(root, &table.rows.0, &mut found);
        found.into_iter().for_each(|entry| on(Event::Entry(number, entry)));
    }
}

/// Goes deeper along the paths of rows, and tells each row at their end.
fn expand(paths: &[Path], levels: &mut Vec<Level<'_>>, on: &mut On<'_>) {
    let (Some((path, deeper)), Some(&from)) = (paths.split_first(), levels.last()) else {
        return on(Event::Row(levels));
    };
    let mut found = Vec::new();
    select::values(from, &path.0, &mut found);
    for row in found.into_iter().flat_map(rows_of) {
        levels.push(row);
        expand(deeper, levels, on);
        levels.pop();
    }
}

/// A list in the place of a row is a list of rows, as elements of one name in XML are; `null` is one without any.
fn rows_of(level: Level<'_>) -> Vec<Level<'_>> {
    match level.value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(|value| Level { key: level.key, value }).collect(),
        _ => vec![level],
    }
}

fn json_value(text: &str, key: &str, on: &mut On<'_>, with: &mut dyn FnMut(Level<'_>, &mut On<'_>)) {
    match json::read::<Unique>(text) {
        Ok(Unique(value)) => with(Level { key, value: &value }, on),
        Err(error) => on(Event::Unread(error.to_string())),
    }
}

fn json_rows(mapping: &Mapping, document: &mut Document<'_>, on: &mut On<'_>) -> Result<(), ReadError> {
    let Some((first, deeper)) = mapping.rows.split_first() else { return Ok(()) };
    let unit = &first.0[..unit(mapping, first)];
    let is_elsewhere = |path: &Path| path.0.strip_prefix(unit).is_none();
    let elsewhere: Vec<(Fact<'_>, &Path)> = facts(mapping).filter(|(_, path)| is_elsewhere(path)).collect();
    let tables: Vec<(usize, &Table)> = mapping.tables.iter().enumerate().collect();
    let (other, own): (Vec<_>, Vec<_>) = tables.into_iter().partition(|(_, table)| is_elsewhere(&table.rows));
    let tables = other.iter().map(|(_, table)| written(&table.rows.0));
    let streamed = elsewhere.iter().map(|(_, path)| written(&path.0[..plain_steps(path)]));
    let paths: Vec<String> = std::iter::once(written(unit)).chain(streamed).chain(tables).collect();
    let patterns: Vec<Pattern<'_>> = paths.iter().map(|path| Pattern::Value(path)).collect();
    let steps = unit.len();
    document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        json_value(text, event.key, on, &mut |level, on| match event.pattern.checked_sub(1) {
            None if level.value.is_null() => {}
            None => {
                about_scan(mapping, unit, level, on);
                for (number, table) in &own {
                    let entries = within(level, &table.rows.0[steps..]).into_iter();
                    let entries =
                        entries.flat_map(|entry| if table.rows == *first { rows_of(entry) } else { vec![entry] });
                    entries.for_each(|entry| on(Event::Entry(*number, entry)));
                }
                for row in within(level, &first.0[steps..]).into_iter().flat_map(rows_of) {
                    expand(deeper, &mut vec![row], on);
                }
            }
            Some(index) => match elsewhere.get(index) {
                Some((fact, path)) => {
                    let texts = select::texts_at(level, &path.0[plain_steps(path)..]);
                    on(Event::Scan(ScanTexts { fact: *fact, texts }));
                }
                None => on(Event::Entry(other[index - elsewhere.len()].0, level)),
            },
        });
        Ok(())
    })
}

/// What stands at a path within a value.
fn within<'v>(level: Level<'v>, path: &[Segment]) -> Vec<Level<'v>> {
    let mut found = Vec::new();
    select::values(level, path, &mut found);
    found
}

/// How many steps of the path of rows lead to what is read as one value: all of them, unless something else is asked for
/// that would take rows with it when it is visited, or that a row would take with it.
fn unit(mapping: &Mapping, rows: &Path) -> usize {
    let facts = facts(mapping).map(|(_, path)| (path, plain_steps(path)));
    let others = facts.chain(mapping.tables.iter().map(|table| (&table.rows, table.rows.0.len())));
    let any = |segment: &Segment| *segment == Segment::AnyMember;
    others.fold(plain_steps(rows), |unit, (path, steps)| {
        let streamed = &path.0[..steps];
        let same = path.0.iter().zip(&rows.0).take_while(|(a, b)| a == b).count();
        let meets = streamed.iter().zip(&rows.0).all(|(a, b)| a == b || any(a) || any(b));
        // A text that is named beside rows of any name holds none of them.
        let is_text = steps == path.0.len() && steps < rows.0.len();
        let is_beside = is_text && same < steps && !streamed.iter().any(any);
        if meets && !is_beside { unit.min(same) } else { unit }
    })
}

/// How many steps of a path the streaming reader can take: to it a dot in a name is the end of the name, and it chooses no
/// elements.
fn plain_steps(path: &Path) -> usize {
    let is_more = |segment: &Segment| match segment {
        Segment::Member(name) => name.contains('.'),
        segment => matches!(segment, Segment::Where(..)),
    };
    path.0.iter().position(is_more).unwrap_or(path.0.len())
}

/// A path as the streaming reader of JSON takes it.
pub fn written(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Element => text.push_str("[]"),
            Segment::Member(name) => {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(name);
            }
            Segment::AnyMember => text.push_str(if text.is_empty() { "*" } else { ".*" }),
            Segment::Where(name, says) => text.extend(["[", name, "=", says, "]"]),
            Segment::Key => {}
        }
    }
    text
}

fn xml_rows(mapping: &Mapping, document: &mut Document<'_>, on: &mut On<'_>) -> Result<(), ReadError> {
    let Some((first, deeper)) = mapping.rows.split_first() else { return Ok(()) };
    let elements = |path: &Path| -> Vec<String> {
        let names = path.0.iter().filter_map(|segment| match segment {
            Segment::Member(name) if !name.starts_with('@') => Some(name.clone()),
            _ => None,
        });
        names.collect()
    };
    let rows = elements(first);
    let tables: Vec<Vec<String>> = mapping.tables.iter().map(|table| elements(&table.rows)).collect();
    let mut paths = vec![rows.join("/")];
    paths.extend(tables.iter().map(|table| table.join("/")));
    for (_, path) in facts(mapping) {
        let names = elements(path);
        // An element on the way to the rows is met anyway, and one within a row is part of it.
        if !rows.starts_with(&names) && !names.starts_with(&rows) {
            paths.push(names.join("/"));
        }
    }
    let ways: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut open: Vec<String> = Vec::new();
    xml::walk(document.reader(), &paths, &mut |visit| {
        let element = match visit {
            Visit::Begin(depth, element) => {
                open.truncate(depth);
                open.push(element.name.clone());
                element
            }
            Visit::Element(element) => {
                // It stands at one of the ways that were asked for, within what is open.
                let leads_here = |way: &&Vec<&str>| {
                    way.split_last().is_some_and(|(name, way)| *name == element.name && begins_with(&open, way))
                };
                open.truncate(ways.iter().find(leads_here).map_or(0, |way| way.len() - 1));
                open.push(element.name.clone());
                element
            }
        };
        let value = tree::of(element);
        let level = Level { key: &element.name, value: &value };
        let place: Vec<Segment> = open.iter().map(|name| Segment::Member(name.clone())).collect();
        if open == rows {
            about_scan(mapping, &place, level, on);
            expand(deeper, &mut vec![level], on);
        } else {
            let entry = tables.iter().enumerate().filter(|(_, table)| **table == open);
            entry.for_each(|(number, _)| on(Event::Entry(number, level)));
            for (fact, path) in facts(mapping) {
                let names = elements(path);
                if names == open {
                    let texts = select::texts_at(level, &path.0[names.len()..]);
                    on(Event::Scan(ScanTexts { fact, texts }));
                }
            }
        }
        Ok(())
    })
}

fn begins_with(open: &[String], way: &[&str]) -> bool {
    open.len() >= way.len() && open.iter().zip(way).all(|(open, way)| open == way)
}

/// The line that names the columns of CSV.
pub struct Header {
    /// Where it begins, in bytes.
    at: usize,
    delimiter: u8,
    /// Names of the columns.
    pub columns: Vec<String>,
}

/// The first line that names all columns by which the format is known; else the very first. Columns are separated by what
/// the description says, else by the first of the usual signs.
pub fn header(said: Option<u8>, signs: &Signs, sniff: &Sniff) -> Header {
    let usual = [b',', b';', b'\t'];
    let delimiters = said.as_ref().map_or(&usual[..], std::slice::from_ref);
    let mut first = None;
    for (at, line) in &sniff.lines {
        if first.is_some() && !may_name(line, signs) {
            continue;
        }
        for &delimiter in delimiters {
            let header = Header { at: *at, delimiter, columns: columns(line, delimiter) };
            if signs.has.iter().all(|name| header.columns.iter().any(|column| column == name)) {
                return header;
            }
            first.get_or_insert(header);
        }
    }
    first.unwrap_or(Header { at: 0, delimiter: b',', columns: Vec::new() })
}

/// Whether one of the first lines may be the header of this format: to split each line for each of a hundred formats takes
/// longer than to read a short file.
pub fn may_have_header(signs: &Signs, sniff: &Sniff) -> bool {
    sniff.lines.iter().any(|(_, line)| may_name(line, signs))
}

/// Whether a line may name all columns by which the format is known.
fn may_name(line: &str, signs: &Signs) -> bool {
    // The second column of one name is written as the first is, and quotes may be doubled.
    let written = |name: &str| {
        let (plain, number) = name.rsplit_once(" (").unwrap_or((name, ""));
        let is_number = number.strip_suffix(')').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        name.contains('"') || line.contains(if is_number { plain } else { name })
    };
    signs.has.iter().all(|name| written(name))
}

/// The names of the columns; of several of one name the second is called `name (2)`.
pub fn columns(header: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(header.as_bytes());
    reader.records().next().and_then(Result::ok).map_or_else(Vec::new, |record| names(&record))
}

fn names(header: &csv::StringRecord) -> Vec<String> {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    let names = header.iter().map(|name| {
        let name = name.trim();
        let time = times.entry(name).or_default();
        *time += 1;
        if *time == 1 { name.to_owned() } else { format!("{name} ({time})") }
    });
    names.collect()
}

fn csv_rows(mapping: &Mapping, document: &mut Document<'_>, on: &mut On<'_>) -> Result<(), ReadError> {
    let mut ending = Ending::default();
    let Header { at, delimiter, .. } = header(mapping.delimiter, &mapping.signs, document.sniff());
    std::io::copy(&mut document.reader().take(at as u64), &mut std::io::sink())?;
    let bytes = ending.watch(document.reader());
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::Headers).from_reader(bytes);
    let names = names(reader.headers()?);
    let mut lines = 1_u64;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        lines += 1;
        let members: Map<String, Value> =
            names.iter().zip(&record).map(|(name, value)| (name.clone(), Value::String(value.to_owned()))).collect();
        let value = Value::Object(members);
        let level = Level { key: "", value: &value };
        about_scan(mapping, &[], level, on);
        on(Event::Row(&[level]));
    }
    drop(reader);
    if ending.in_quotes {
        return Err(ReadError::Content("it ends within a quoted text: it is cut off".to_owned()));
    }
    let is_open = ending.last.is_some_and(|byte| byte != b'\n');
    if is_open && lines == 1 {
        return Err(ReadError::Content("it ends within its header line: it is cut off, or holds no result".to_owned()));
    }
    if is_open {
        on(Event::Remark("its last line does not end; if it is cut off there, nothing else would tell".to_owned()));
    }
    Ok(())
}

/// How CSV ends: the reader of CSV takes the end of the file for the end of a quoted text.
#[derive(Default)]
struct Ending {
    in_quotes: bool,
    last: Option<u8>,
}

impl Ending {
    fn watch<'w>(&'w mut self, bytes: &'w mut dyn std::io::Read) -> Watch<'w> {
        Watch { ending: self, bytes }
    }
}

struct Watch<'w> {
    ending: &'w mut Ending,
    bytes: &'w mut dyn std::io::Read,
}

impl std::io::Read for Watch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        let quotes = memchr::memchr_iter(b'"', &buffer[..read]).count();
        self.ending.in_quotes ^= quotes % 2 == 1;
        self.ending.last = buffer[..read].last().copied().or(self.ending.last);
        Ok(read)
    }
}
