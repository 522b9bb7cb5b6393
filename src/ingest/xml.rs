//! Streaming XML: visits the elements at given paths, one at a time, as small trees.
//!
//! Nothing a hostile document does is without bound: entities are never expanded (a reference other than the
//! five of XML and character references stays as it is written), depth, one token and one visited element are
//! limited, and the document is never held as a whole. Names are local: prefixes say nothing about a scanner's output.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::read_error::ReadError;

/// Deepest nesting read.
const DEEPEST: usize = 64;

/// Largest single token (a text, a tag, a document type) and largest visited element, in bytes.
const LARGEST: usize = 64 << 20;

/// What an element costs in memory beside its text, so that many empty ones are bounded too.
const ELEMENT: usize = 128;

/// An element with all that is in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Attributes by local name.
    pub attributes: BTreeMap<String, String>,
    /// Text directly in it, trimmed.
    pub text: String,
    /// Elements in it, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Attribute `name`, or an empty text.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The first child `name`.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child `name`, or an empty text.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }

    /// Every element two levels down: the `item` in `list` of this one.
    pub fn each<'a>(&'a self, list: &'a str, item: &'a str) -> impl Iterator<Item = &'a Self> {
        let lists = self.children.iter().filter(move |child| child.name == list);
        lists.flat_map(move |list| list.children.iter().filter(move |child| child.name == item))
    }
}

/// A visit.
#[derive(Debug)]
pub enum Visit<'a> {
    /// An element on the way to the visited ones begins; it has no children and no text yet. The number is the
    /// count of elements that it is in.
    Begin(usize, &'a Element),
    /// An element at the visited path, complete.
    Element(&'a Element),
}

/// Visits each element at one of `paths` (names from the root on, separated by `/`; `**/name` is at any depth), and the
/// beginning of each element on the way there.
///
/// # Errors
/// If the XML is not well formed, goes beyond a bound, or `on` fails.
pub fn walk(
    bytes: &mut dyn BufRead,
    paths: &[&str],
    on: &mut dyn FnMut(Visit<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let mut reader = Reader::from_reader(Bounded { inner: bytes, left: LARGEST });
    let mut buffer = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut building: Vec<Element> = Vec::new();
    let mut size = 0;
    let mut any = false;
    loop {
        buffer.clear();
        reader.get_mut().left = LARGEST;
        let event = reader.read_event_into(&mut buffer).map_err(|error| explain(&error))?;
        if building.is_empty() {
            size = 0;
        } else {
            size += event.len() + ELEMENT;
            if size > LARGEST {
                return Err(ReadError::Bound(format!("an element is larger than {} MiB", LARGEST >> 20)));
            }
        }
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                any = true;
                let element = element(start)?;
                open.push(element.name.clone());
                if open.len() > DEEPEST {
                    return Err(ReadError::Bound(format!("elements are nested deeper than {DEEPEST}")));
                }
                let at = |path: &&Vec<&str>| path.iter().zip(&open).all(|(path, open)| path == open);
                let deep = |path: &Vec<&str>| path[0] == "**" && path[1..] == [element.name.as_str()];
                let here = |path: &Vec<&str>| deep(path) || (path.len() == open.len() && at(&path));
                if !building.is_empty() || paths.iter().any(here) {
                    building.push(element);
                } else if paths.iter().any(|path| path[0] == "**" || (path.len() > open.len() && at(&path))) {
                    on(Visit::Begin(open.len() - 1, &element))?;
                }
                if matches!(event, Event::Empty(_)) {
                    close(&mut open, &mut building, on)?;
                }
            }
            Event::End(_) => close(&mut open, &mut building, on)?,
            Event::Text(text) => append(&mut building, &text.xml10_content()),
            Event::CData(text) => append(&mut building, &text.xml10_content()),
            Event::GeneralRef(reference) => append(&mut building, &resolved(&reference)),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            Event::Eof if !any || !open.is_empty() => {
                return Err(ReadError::Xml(match open.last() {
                    Some(name) => format!("it ends within <{name}>"),
                    None => "it holds no element".to_owned(),
                }));
            }
            Event::Eof => return Ok(()),
        }
    }
}

fn close(
    open: &mut Vec<String>,
    building: &mut Vec<Element>,
    on: &mut dyn FnMut(Visit<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    open.pop();
    let Some(mut element) = building.pop() else { return Ok(()) };
    element.text.truncate(element.text.trim_end().len());
    element.text.drain(..element.text.len() - element.text.trim_start().len());
    match building.last_mut() {
        Some(parent) => parent.children.push(element),
        None => on(Visit::Element(&element))?,
    }
    Ok(())
}

fn append(building: &mut [Element], text: &str) {
    if let Some(element) = building.last_mut() {
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, ReadError> {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| ReadError::Xml(error.to_string()))?;
        let name: &str = attribute.key.local_name().into_inner();
        // A reference to an entity of the document's own is not expanded: the value stays as it is written.
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned);
        attributes.insert(name.to_owned(), value);
    }
    let name: &str = start.local_name().into_inner();
    Ok(Element { name: name.to_owned(), attributes, ..Element::default() })
}

fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name: &str = reference;
    quick_xml::escape::resolve_predefined_entity(name).map_or_else(|| format!("&{name};"), str::to_owned)
}

fn explain(error: &quick_xml::Error) -> ReadError {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            ReadError::Bound(format!("a text or tag is larger than {} MiB", LARGEST >> 20))
        }
        error => ReadError::Xml(error.to_string()),
    }
}

/// A reader that gives at most `left` bytes until it is reset: one token cannot fill the memory.
struct Bounded<'a> {
    inner: &'a mut dyn BufRead,
    left: usize,
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.left);
        let read = self.inner.read(&mut into[..most])?;
        self.left -= read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(text: &str, paths: &[&str]) -> Result<Vec<String>, String> {
        let mut seen = Vec::new();
        walk(&mut text.as_bytes(), paths, &mut |visit| {
            seen.push(match visit {
                Visit::Begin(depth, element) => format!("{depth}:{}", element.name),
                Visit::Element(element) => format!("{}={}", element.name, element.text),
            });
            Ok(())
        })
        .map(|()| seen)
        .map_err(|error| error.to_string())
    }

    #[test]
    fn elements_are_visited_as_trees_in_document_order() {
        let text =
            "<?xml version='1.0'?><p:r xmlns:p='u'><s n='a&amp;b'><i>x &lt; <![CDATA[<y>]]>&#33;</i><j/></s><s/></p:r>";
        assert_eq!(visits(text, &["r/s/i"]).unwrap(), ["0:r", "1:s", "i=x < <y>!", "1:s"]);
        let mut trees = Vec::new();
        walk(&mut text.as_bytes(), &["r/s"], &mut |visit| {
            if let Visit::Element(element) = visit {
                trees.push(element.clone());
            }
            Ok(())
        })
        .unwrap();
        assert_eq!((trees[0].attribute("n"), trees[0].children.len(), trees[0].text_of("i")), ("a&b", 2, "x < <y>!"));
    }

    #[test]
    fn elements_at_any_depth_are_visited_once() {
        let text = "<r><g><g><i>1</i></g><i>2<i>inner</i></i></g></r>";
        assert_eq!(visits(text, &["**/i"]).unwrap(), ["0:r", "1:g", "2:g", "i=1", "i=2"]);
    }

    #[test]
    fn entities_of_the_document_are_never_expanded() {
        let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><r t='&b;'><i>&b;</i></r>";
        assert_eq!(visits(bomb, &["r/i"]).unwrap(), ["0:r", "i=&b;"]);
        let external = "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><r><i>&x;</i></r>";
        assert_eq!(visits(external, &["r/i"]).unwrap(), ["0:r", "i=&x;"]);
    }

    #[test]
    fn depth_is_bounded_and_a_cut_off_document_is_an_error() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert!(visits(&deep, &["a/b"]).unwrap_err().contains("nested deeper"));
        assert!(visits("<r><i>x</i>", &["r/i"]).unwrap_err().contains("ends within <r>"));
        assert!(visits("<r><i>x</r>", &["r/i"]).is_err());
        assert!(visits("", &["r"]).unwrap_err().contains("no element"));
    }

    #[test]
    fn one_token_and_one_element_are_bounded() {
        let mut endless = io::BufReader::new(io::Read::chain("<r><i>".as_bytes(), io::repeat(b'x')));
        let failed = walk(&mut endless, &["r/i"], &mut |_| Ok(())).unwrap_err();
        assert!(failed.to_string().contains("larger than 64 MiB"), "{failed}");
    }
}
