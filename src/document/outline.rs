//! The strict pass over the events of a YAML parser: refuses what is not accepted, and notes where everything is.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::error::DocumentError;

/// Deepest nesting of lists and mappings.
const MOST_DEPTH: usize = 64;

/// A value of the document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Bytes of the value.
    pub(super) value: Range<usize>,
    /// Bytes of the key that leads to it, if it is a member of a mapping.
    pub(super) key: Option<Range<usize>>,
    /// Its text, if it is a scalar.
    pub(super) text: Option<String>,
}

/// An open list or mapping.
enum Frame {
    List { path: String, next: usize },
    Mapping { path: String, keys: BTreeMap<String, Range<usize>>, key: Option<String> },
}

/// Reads the outline of `text`: its values by path.
pub(super) fn outline(text: &Arc<str>, origin: &str) -> Result<BTreeMap<String, Node>, DocumentError> {
    let refuse = |range: Range<usize>, message: &str| DocumentError::at(origin, text, range, message.to_owned());
    // The two parsers differ on whether these end a line.
    if let Some((at, strange)) = text.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')) {
        let message = format!("the character U+{:04X} is not accepted", u32::from(strange));
        return Err(refuse(at..at + strange.len_utf8(), &message).with_help("replace it by a line break or a space"));
    }
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        emit_comments: false,
        strict_indentation: true,
        flow_nesting_limit: MOST_DEPTH,
        block_nesting_limit: MOST_DEPTH,
    };
    let mut reader = Reader { text, origin, nodes: BTreeMap::new(), frames: Vec::new() };
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| not_yaml(text, origin, &error))?;
        let range = range_of(&span);
        if event.tag().is_some() {
            let start = span.tag_start().and_then(|mark| mark.byte_offset()).unwrap_or(range.start);
            return Err(refuse(start..range.end.max(start), "tags are not accepted").with_help("leave the tag out"));
        }
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    return Err(refuse(range, "a second document begins here")
                        .with_help("keep one document to a file, and leave out `---`"));
                }
            }
            Event::Anchor(..) => {
                return Err(refuse(range, "anchors are not accepted").with_help("write the value out where it is used"));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return Err(refuse(range, "aliases are not accepted")
                    .with_help("write the value out, or put it in quotes if the asterisk is meant"));
            }
            Event::Scalar(value, style, ..) => reader.scalar(&value, style, range)?,
            Event::SequenceStart(..) => reader.open(range, |path| Frame::List { path, next: 0 })?,
            Event::MappingStart(..) => {
                reader.open(range, |path| Frame::Mapping { path, keys: BTreeMap::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => reader.close(&range),
            _ => {}
        }
    }
    if reader.nodes.get("").is_none_or(|root| root.text.as_deref().is_some_and(str::is_empty)) {
        return Err(DocumentError::of_file(origin, "the file is empty".to_owned()));
    }
    Ok(reader.nodes)
}

struct Reader<'a> {
    text: &'a Arc<str>,
    origin: &'a str,
    nodes: BTreeMap<String, Node>,
    frames: Vec<Frame>,
}

impl Reader<'_> {
    fn refuse(&self, range: Range<usize>, message: String) -> DocumentError {
        DocumentError::at(self.origin, self.text, range, message)
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, range: Range<usize>) -> Result<(), DocumentError> {
        if let Some(Frame::Mapping { keys, key: key @ None, .. }) = self.frames.last_mut() {
            if style == ScalarStyle::Plain && value == "<<" {
                return Err(self
                    .refuse(range, "merge keys are not accepted".to_owned())
                    .with_help("write the keys out"));
            }
            if let Some(first) = keys.insert(value.to_owned(), range.clone()) {
                return Err(self
                    .refuse(range, format!("the key `{value}` is here a second time"))
                    .with_other(first, "the first time")
                    .with_help("keep one of the two"));
            }
            *key = Some(value.to_owned());
            return Ok(());
        }
        self.note(range, Some(value.to_owned()));
        Ok(())
    }

    fn open(&mut self, range: Range<usize>, frame: impl FnOnce(String) -> Frame) -> Result<(), DocumentError> {
        if let Some(Frame::Mapping { key: None, .. }) = self.frames.last() {
            return Err(self.refuse(range, "a key must be a single word or text".to_owned()));
        }
        if self.frames.len() == MOST_DEPTH {
            return Err(self.refuse(range, format!("lists and mappings are nested deeper than {MOST_DEPTH}")));
        }
        let path = self.note(range, None);
        self.frames.push(frame(path));
        Ok(())
    }

    fn close(&mut self, range: &Range<usize>) {
        if let Some(Frame::List { path, .. } | Frame::Mapping { path, .. }) = self.frames.pop()
            && let Some(node) = self.nodes.get_mut(&path)
        {
            node.value.end = range.end.max(node.value.start);
        }
    }

    /// Notes the value that comes next, and returns its path.
    fn note(&mut self, value: Range<usize>, text: Option<String>) -> String {
        let (path, key) = match self.frames.last_mut() {
            None => (String::new(), None),
            Some(Frame::List { path, next }) => {
                *next += 1;
                (format!("{path}[{}]", *next - 1), None)
            }
            Some(Frame::Mapping { path, keys, key }) => {
                let name = key.take().unwrap_or_default();
                (member(path, &name), keys.get(&name).cloned())
            }
        };
        self.nodes.insert(path.clone(), Node { value, key, text });
        path
    }
}

/// The path of a member of the mapping with this path.
fn member(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The paths of everything in `value`, as the second parser sees it, with the text where it is a text.
pub(super) fn leaves(value: &serde_yaml::Value, path: String, into: &mut BTreeMap<String, Option<String>>) {
    match value {
        serde_yaml::Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{path}[{index}]"), into);
            }
        }
        serde_yaml::Value::Mapping(members) => {
            for (key, item) in members {
                let key = match key {
                    serde_yaml::Value::String(key) => key.clone(),
                    other => serde_yaml::to_string(other).unwrap_or_default().trim_end().to_owned(),
                };
                leaves(item, member(&path, &key), into);
            }
        }
        _ => {}
    }
    into.insert(path, value.as_str().map(str::to_owned));
}

fn range_of(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or(0..0)
}

fn not_yaml(text: &Arc<str>, origin: &str, error: &ScanError) -> DocumentError {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let info = error.info();
    let failure = DocumentError::at(origin, text, at..end, format!("not valid YAML: {info}"));
    // A tab is the usual reason where an editor indents by itself.
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if text[line_start..line_end].contains('\t') {
        failure.with_help("indent with spaces, not with tabs")
    } else {
        failure
    }
}
