//! What a document looks like, learned from its first bytes alone.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How many bytes are looked at.
pub const SNIFF_BYTES: usize = 256 << 10;

/// How many bytes at most are looked at where the first ones do not tell: in many reports the list of results stands before
/// what names the tool.
pub const WIDE_SNIFF_BYTES: usize = 64 << 20;

/// How deep paths are recorded.
const DEPTH: usize = 5;

/// Most paths recorded.
const MOST_PATHS: usize = 4096;

/// Lines of text that are looked at, and how much of each.
const LINES: usize = 12;
const LINE_BYTES: usize = 2000;

/// What a document looks like. JSON paths are written as in [`json`](super::json): `runs[].tool`, `[].vulnerability`.
/// Elements of XML are noted in the same way (`report.results`), with their attributes (`report.results.@name`); those of
/// the root also as `@name`.
#[derive(Debug, Default)]
pub struct Sniff {
    /// Coarse shape.
    pub shape: Shape,
    /// Paths of JSON members seen, up to five deep.
    paths: HashSet<String>,
    /// Texts, numbers and booleans at those paths, the first of each, cut at 200 characters.
    texts: HashMap<String, String>,
    /// Root element of XML, without prefix; first line of other text.
    pub head: String,
    /// First lines of text that is neither JSON nor XML, and where each begins: some tools write what the report is about
    /// before the header of their CSV.
    pub lines: Vec<(usize, String)>,
    /// What is wrong with a JSON document that is damaged within the part that was looked at.
    pub fault: Option<String>,
}

/// Coarse shape of a document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but white space.
    #[default]
    Empty,
    /// One JSON object.
    JsonObject,
    /// One JSON array.
    JsonArray,
    /// Several JSON documents, one after another (JSON lines or concatenated).
    JsonLines,
    /// XML; the root element is in `head`.
    Xml,
    /// A web page: often an error page saved in place of a report.
    Html,
    /// Text of some other kind; the first line is in `head`.
    Text,
    /// Not text.
    Binary,
}

impl Sniff {
    /// Looks at the beginning of a document.
    pub fn of(start: &[u8]) -> Self {
        Self::within(start, SNIFF_BYTES)
    }

    /// Looks at more of the document than its beginning.
    pub fn wide(start: &[u8]) -> Self {
        Self::within(start, WIDE_SNIFF_BYTES)
    }

    fn within(start: &[u8], most: usize) -> Self {
        let start = &start[..start.len().min(most)];
        let trimmed = start.trim_ascii_start();
        match trimmed.first() {
            None => Self::default(),
            // UTF-16 without a byte order mark.
            Some(_) if trimmed.get(1) == Some(&0) => Self { shape: Shape::Binary, ..Self::default() },
            Some(b'{' | b'[') => Self::of_json(trimmed, start.len() < most),
            Some(b'<') => Self::of_markup(trimmed),
            Some(_) if trimmed.contains(&0) => Self { shape: Shape::Binary, ..Self::default() },
            Some(_) => {
                let lines = first_lines(trimmed, start.len() - trimmed.len());
                let head = lines.first().map(|(_, line)| line.clone()).unwrap_or_default();
                Self { shape: Shape::Text, head, lines, ..Self::default() }
            }
        }
    }

    /// Whether a JSON member was seen at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether a member was seen at `path`, in which one `*` stands for any name.
    pub fn has_like(&self, path: &str) -> bool {
        match path.split_once('*') {
            None => self.has(path),
            Some((before, after)) => self.paths.iter().any(|seen| {
                seen.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(|name| !name.is_empty())
            }),
        }
    }

    /// The scalar at `path`, as text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether some JSON member was seen whose path begins with `prefix` and ends with `suffix`; for objects whose
    /// member names are data.
    pub fn has_between(&self, prefix: &str, suffix: &str) -> bool {
        self.paths.iter().any(|path| path.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(suffix)))
    }

    /// Whether no text, number or boolean was seen.
    pub fn is_without_values(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether the document is XML with this root element (without prefix).
    pub fn is_xml(&self, root: &str) -> bool {
        self.shape == Shape::Xml && self.head == root
    }

    /// Whether the document is JSON of any shape.
    pub const fn is_json(&self) -> bool {
        matches!(self.shape, Shape::JsonObject | Shape::JsonArray | Shape::JsonLines)
    }

    /// Paths of the JSON members seen, in order, for messages about unknown formats.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let mut paths: Vec<&str> = self.paths.iter().map(String::as_str).collect();
        paths.sort_unstable();
        paths.into_iter()
    }

    fn of_json(start: &[u8], whole: bool) -> Self {
        let (mut sniff, mut path) = (Self::default(), String::new());
        let mut documents = serde_json::Deserializer::from_slice(start);
        // A cut-off document ends in an error; what was seen before it counts.
        let first = Look { seen: &mut sniff, path: &mut path, depth: 0 }.deserialize(&mut documents);
        let another = first.is_ok() && {
            // Only whether a second document begins matters; it may be cut off.
            documents.into_iter::<serde::de::IgnoredAny>().next().is_some()
        };
        sniff.fault = first.err().filter(|_| whole).map(|error| error.to_string());
        sniff.shape = match (another, start.first()) {
            (true, _) => Shape::JsonLines,
            (false, Some(b'[')) => Shape::JsonArray,
            (false, _) => Shape::JsonObject,
        };
        sniff
    }

    fn of_markup(start: &[u8]) -> Self {
        let mut reader = quick_xml::Reader::from_reader(start);
        let mut html = false;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::DocType(doctype)) => {
                    html = doctype.trim_ascii_start().to_ascii_lowercase().starts_with("html");
                }
                Ok(quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element)) => {
                    let head = element.local_name().as_ref().to_owned();
                    let shape = if html || head.eq_ignore_ascii_case("html") { Shape::Html } else { Shape::Xml };
                    let mut sniff = Self { shape, head, ..Self::default() };
                    for attribute in element.attributes().flatten() {
                        let path = format!("@{}", attribute.key.local_name().into_inner());
                        sniff.note(&path);
                        sniff.note_text(&path, &attribute.value);
                    }
                    if shape == Shape::Xml {
                        sniff.note_elements(start);
                    }
                    return sniff;
                }
                Ok(quick_xml::events::Event::Eof) | Err(_) => {
                    let shape = if html { Shape::Html } else { Shape::Text };
                    return Self { shape, ..Self::default() };
                }
                Ok(_) => {}
            }
        }
    }

    /// Notes the elements of XML up to the depth of paths. A cut-off document ends in an error; what was seen before
    /// it counts.
    fn note_elements(&mut self, start: &[u8]) {
        let mut reader = quick_xml::Reader::from_reader(start);
        let mut open: Vec<String> = Vec::new();
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Start(element)) => {
                    open.push(element.local_name().as_ref().to_owned());
                    if open.len() <= DEPTH {
                        self.note_element(&open.join("."), &element);
                    }
                }
                Ok(quick_xml::events::Event::Empty(element)) if open.len() < DEPTH => {
                    let parents = open.join(".");
                    let dot = if parents.is_empty() { "" } else { "." };
                    self.note_element(&format!("{parents}{dot}{}", element.local_name().as_ref()), &element);
                }
                Ok(quick_xml::events::Event::End(_)) => drop(open.pop()),
                Ok(quick_xml::events::Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    fn note_element(&mut self, path: &str, element: &quick_xml::events::BytesStart<'_>) {
        self.note(path);
        for attribute in element.attributes().flatten() {
            let path = format!("{path}.@{}", attribute.key.local_name().into_inner());
            self.note(&path);
            self.note_text(&path, &attribute.value);
        }
    }

    fn note(&mut self, path: &str) {
        if !self.paths.contains(path) && self.paths.len() < most_paths(path) {
            self.paths.insert(path.to_owned());
        }
    }

    fn note_value(&mut self, path: &str, value: impl fmt::Display) {
        if !self.texts.contains_key(path) {
            self.note_text(path, &value.to_string());
        }
    }

    fn note_text(&mut self, path: &str, text: &str) {
        if !self.texts.contains_key(path) && self.texts.len() < most_paths(path) {
            self.texts.insert(path.to_owned(), text.chars().take(200).collect());
        }
    }
}

/// Near the top there is more room: a report may say what it is after very many rows.
fn most_paths(path: &str) -> usize {
    match path.matches(['.', '[']).count() {
        0 => 3 * MOST_PATHS,
        1 => 2 * MOST_PATHS,
        _ => MOST_PATHS,
    }
}

/// A look at one value; `path` is where it stands.
struct Look<'s> {
    seen: &'s mut Sniff,
    path: &'s mut String,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEPTH {
            return deserializer.deserialize_ignored_any(serde::de::IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { seen, path, depth } = self;
        let end = path.len();
        while map.next_key_seed(Name { path })?.is_some() {
            seen.note(path);
            map.next_value_seed(Look { seen, path, depth: depth + 1 })?;
            path.truncate(end);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { seen, path, depth } = self;
        path.push_str("[]");
        while seq.next_element_seed(Look { seen, path, depth: depth + 1 })?.is_some() {}
        path.truncate(path.len() - "[]".len());
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.seen.note_text(self.path, if value { "true" } else { "false" });
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.seen.note_value(self.path, value);
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.seen.note_value(self.path, value);
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.seen.note_value(self.path, value);
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.seen.note_text(self.path, value);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The name of a member, which the path goes on with.
struct Name<'s> {
    path: &'s mut String,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
        Ok(())
    }
}

/// The first lines of a text that begins at `at`.
fn first_lines(text: &[u8], mut at: usize) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n').take(LINES) {
        let shown = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES)]).trim().to_owned();
        lines.push((at, shown));
        at += line.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_texts_are_seen_even_when_the_document_is_cut_off() {
        let sniff = Sniff::of(br#" {"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"resu"#);
        assert_eq!(sniff.shape, Shape::JsonObject);
        assert_eq!(sniff.text("version"), Some("2.1.0"));
        assert_eq!(sniff.text("runs[].tool.driver.name"), Some("x"));
        assert!(sniff.has("runs[].tool") && !sniff.has("runs[].results"));
        assert!(sniff.has_like("runs[].*.driver.name") && sniff.has_like("*.tool") && !sniff.has_like("*runs"));
        assert!(sniff.fault.unwrap().contains("EOF"));
    }

    #[test]
    fn elements_of_xml_are_noted_with_the_attributes_of_the_root() {
        let sniff = Sniff::of(b"<?xml version='1.0'?><a:r v='1'><b><c x='2'/></b><d>");
        assert_eq!(sniff.paths().collect::<Vec<_>>(), ["@v", "r", "r.@v", "r.b", "r.b.c", "r.b.c.@x", "r.d"]);
        assert_eq!((sniff.text("@v"), sniff.text("r.b.c.@x")), (Some("1"), Some("2")));
    }

    #[test]
    fn what_a_report_is_may_stand_behind_more_rows_than_paths_are_kept() {
        let rows: Vec<String> = (0..3 * MOST_PATHS).map(|n| format!("\"row {n}\":{{\"a\":1}}")).collect();
        let text = format!("{{\"rows\":{{{}}},\"tool\":{{\"name\":\"x\"}},\"done\":true}}", rows.join(","));
        let sniff = Sniff::wide(text.as_bytes());
        assert!(sniff.has("rows.row 1") && sniff.has("tool") && sniff.has("done"));
    }

    #[test]
    fn shapes_are_told_apart() {
        for (text, shape) in [
            ("", Shape::Empty),
            (" \n", Shape::Empty),
            ("[]", Shape::JsonArray),
            ("{}\n{}", Shape::JsonLines),
            ("{\"a\":1}\n", Shape::JsonObject),
            ("<!DOCTYPE html><html>", Shape::Html),
            ("<HTML><body>", Shape::Html),
            ("<?xml version='1.0'?><!-- c --><a:OWASPZAPReport/>", Shape::Xml),
            ("id,name\n1,2", Shape::Text),
            ("ab\0c", Shape::Binary),
            ("{\0}\0", Shape::Binary),
        ] {
            assert_eq!(Sniff::of(text.as_bytes()).shape, shape, "{text:?}");
        }
        assert!(Sniff::of(b"<?xml version='1.0'?><a:OWASPZAPReport/>").is_xml("OWASPZAPReport"));
        assert_eq!(Sniff::of(b"id,name\n1,2").head, "id,name");
    }
}
