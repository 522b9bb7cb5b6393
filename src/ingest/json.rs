//! Streaming JSON: visits the values at given paths of a document of any size, one at a time.
//!
//! A pattern is a path such as `runs[].results[]`, `vulnerabilities.*` (every member of an object) or the empty path
//! (the document itself). The document is never held as a whole: only the value being visited is.

use std::cell::RefCell;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::read_error::ReadError;

/// What to visit.
#[derive(Debug, Clone, Copy)]
pub enum Pattern {
    /// Each value at this path, as its JSON text. Nothing below it is visited separately.
    Value(&'static str),
    /// The beginning and the end of each object or array at this path; patterns below it are visited in between.
    Scope(&'static str),
}

/// A visit.
#[derive(Debug)]
pub struct Event<'a> {
    /// Index of the pattern that matched.
    pub pattern: usize,
    /// Name of the member, if the value is a member of an object; empty for elements of arrays.
    pub key: &'a str,
    /// What happened.
    pub kind: Kind<'a>,
}

/// What happened at a visited path.
#[derive(Debug)]
pub enum Kind<'a> {
    /// A value was read; its JSON text.
    Value(&'a str),
    /// A scope begins.
    Begin,
    /// A scope ends.
    End,
}

/// What is called for each visit; an error from it ends the walk.
pub type Visit<'a> = dyn FnMut(Event<'_>) -> Result<(), ReadError> + 'a;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Key(&'static str),
    AnyKey,
    Element,
}

/// Visits the values of a JSON document that match `patterns`, in the order of the document.
///
/// # Errors
/// If the text is not well-formed JSON (with line and column), or `on` fails.
pub fn walk(bytes: &mut dyn Read, patterns: &[Pattern], on: &mut Visit<'_>) -> Result<(), ReadError> {
    let parsed: Vec<Parsed> = patterns
        .iter()
        .map(|pattern| match pattern {
            Pattern::Value(path) => (segments(path), false),
            Pattern::Scope(path) => (segments(path), true),
        })
        .collect();
    let state = State { patterns: &parsed, on: RefCell::new(on), failure: RefCell::new(None) };
    let active: Vec<(usize, usize)> = (0..parsed.len()).map(|index| (index, 0)).collect();
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let outcome = Node { state: &state, active: &active, key: "" }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    let failure = state.failure.borrow_mut().take();
    match (failure, outcome) {
        (Some(failure), _) => Err(failure),
        (None, outcome) => Ok(outcome?),
    }
}

fn segments(path: &'static str) -> Vec<Segment> {
    let mut parsed = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        match name {
            "" => {}
            "*" => parsed.push(Segment::AnyKey),
            name => parsed.push(Segment::Key(name)),
        }
        parsed.extend(std::iter::repeat_n(Segment::Element, (part.len() - name.len()) / 2));
    }
    parsed
}

/// The segments of a pattern, and whether it is a scope.
type Parsed = (Vec<Segment>, bool);

struct State<'s> {
    patterns: &'s [Parsed],
    on: RefCell<&'s mut Visit<'s>>,
    failure: RefCell<Option<ReadError>>,
}

impl State<'_> {
    /// Hands a visit over; a failure is kept aside, and parsing stops with a marker error.
    fn emit<E: serde::de::Error>(&self, pattern: usize, key: &str, kind: Kind<'_>) -> Result<(), E> {
        (self.on.borrow_mut())(Event { pattern, key, kind }).map_err(|failure| {
            *self.failure.borrow_mut() = Some(failure);
            E::custom("stopped")
        })
    }
}

/// One value of the document, with the patterns that can still match at or below it.
struct Node<'s, 'a> {
    state: &'s State<'s>,
    /// (pattern, number of its segments that are matched)
    active: &'a [(usize, usize)],
    key: &'a str,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.active.is_empty() {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        let complete = |&&(pattern, matched): &&(usize, usize)| self.state.patterns[pattern].0.len() == matched;
        let value = self.active.iter().filter(complete).find(|(pattern, _)| !self.state.patterns[*pattern].1);
        if let Some(&(pattern, _)) = value {
            let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer)?;
            return self.state.emit(pattern, self.key, Kind::Value(raw.get()));
        }
        let scopes: Vec<usize> = self.active.iter().filter(complete).map(|&(pattern, _)| pattern).collect();
        deserializer.deserialize_any(Inside { state: self.state, active: self.active, scopes: &scopes, key: self.key })
    }
}

/// The inside of a value on the way to a pattern.
struct Inside<'s, 'a> {
    state: &'s State<'s>,
    active: &'a [(usize, usize)],
    /// Patterns whose scope this value is, if it is an object or array: `null` in its place is no scope.
    scopes: &'a [usize],
    key: &'a str,
}

impl Inside<'_, '_> {
    fn begin<E: serde::de::Error>(&self) -> Result<(), E> {
        self.scopes.iter().try_for_each(|&pattern| self.state.emit(pattern, self.key, Kind::Begin))
    }

    fn end<E: serde::de::Error>(&self) -> Result<(), E> {
        self.scopes.iter().rev().try_for_each(|&pattern| self.state.emit(pattern, self.key, Kind::End))
    }

    fn step(&self, fits: impl Fn(&Segment) -> bool) -> Vec<(usize, usize)> {
        self.active
            .iter()
            .filter(|&&(pattern, matched)| self.state.patterns[pattern].0.get(matched).is_some_and(&fits))
            .map(|&(pattern, matched)| (pattern, matched + 1))
            .collect()
    }
}

impl<'de> Visitor<'de> for Inside<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.begin()?;
        while let Some(key) = map.next_key::<String>()? {
            let active = self.step(|segment| match segment {
                Segment::Key(name) => *name == key,
                Segment::AnyKey => true,
                Segment::Element => false,
            });
            map.next_value_seed(Node { state: self.state, active: &active, key: &key })?;
        }
        self.end()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.begin()?;
        let active = self.step(|segment| *segment == Segment::Element);
        while seq.next_element_seed(Node { state: self.state, active: &active, key: "" })?.is_some() {}
        self.end()
    }

    // A scalar on the way to a pattern: nothing below it can match.
    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads one visited value as `T`, naming the place in the error.
pub fn read<'de, T: serde::Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).map_err(|error| serde_json::Error::custom(format!("{error} in {}", start_of(text))))
}

fn start_of(text: &str) -> String {
    let start: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(text: &str, patterns: &[Pattern]) -> Vec<String> {
        let mut seen = Vec::new();
        walk(&mut text.as_bytes(), patterns, &mut |event| {
            seen.push(match event.kind {
                Kind::Value(value) => format!("{}:{}={value}", event.pattern, event.key),
                Kind::Begin => format!("{}:{}(", event.pattern, event.key),
                Kind::End => format!("{}:{})", event.pattern, event.key),
            });
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn values_and_scopes_come_in_document_order() {
        let text = r#"{"a":1,"runs":[{"results":[{"x":[1,2]},7],"tool":{"n":"t"}},{"results":[]}]}"#;
        let patterns = [Pattern::Scope("runs[]"), Pattern::Value("runs[].results[]"), Pattern::Value("runs[].tool")];
        assert_eq!(
            visits(text, &patterns),
            ["0:(", r#"1:={"x":[1,2]}"#, "1:=7", r#"2:tool={"n":"t"}"#, "0:)", "0:(", "0:)"]
        );
    }

    #[test]
    fn null_in_the_place_of_a_scope_is_no_scope() {
        let text = r#"{"runs":[{"results":null},{"results":[]}]}"#;
        assert_eq!(visits(text, &[Pattern::Scope("runs[].results")]), ["0:results(", "0:results)"]);
    }

    #[test]
    fn a_star_visits_every_member_with_its_name() {
        assert_eq!(visits(r#"{"v":{"p":1,"q":{"r":2}},"w":3}"#, &[Pattern::Value("v.*")]), ["0:p=1", r#"0:q={"r":2}"#]);
    }

    #[test]
    fn the_empty_path_is_the_document_and_brackets_its_elements() {
        assert_eq!(visits("[1,[2]]", &[Pattern::Value("[]")]), ["0:=1", "0:=[2]"]);
        assert_eq!(visits("[1]", &[Pattern::Value("")]), ["0:=[1]"]);
    }

    #[test]
    fn an_unexpected_shape_is_passed_over_and_truncation_is_an_error() {
        assert!(visits(r#"{"runs":"none"}"#, &[Pattern::Value("runs[].results[]")]).is_empty());
        let cut = walk(&mut r#"{"runs":[{"#.as_bytes(), &[Pattern::Value("runs[]")], &mut |_| Ok(()));
        assert!(cut.unwrap_err().to_string().contains("EOF"));
    }

    #[test]
    fn a_failing_visit_stops_the_walk_with_its_own_error() {
        let failed =
            walk(&mut "[1,2]".as_bytes(), &[Pattern::Value("[]")], &mut |_| Err(ReadError::Content("enough".into())));
        assert_eq!(failed.unwrap_err().to_string(), "enough");
    }
}
