//! Streaming JSON: visits the values at given paths of a document of any size, one at a time.
//!
//! A pattern is a path such as `runs[].results[]`, `vulnerabilities.*` (every member of an object) or the empty path
//! (the document itself). The document is never held as a whole: only the value being visited is, in a
//! [`Window`](super::window::Window) that finds its end.
//!
//! Everything is validated: what is visited by whoever reads it, what is passed over here.

use std::cell::Cell;

use serde::de::{Deserialize, Error as _, IgnoredAny};

use super::read_error::ReadError;
use super::window::{Extent, Window};

/// Deepest nesting on the way to what is visited.
const DEEPEST: usize = 128;

/// Values that nobody asked for are checked as a whole up to this size, and piece by piece beyond it.
const PIECE: usize = 64 << 10;

/// What to visit.
#[derive(Debug, Clone, Copy)]
pub enum Pattern<'p> {
    /// Each value at this path, as its JSON text. Nothing below it is visited separately. The text is one value by its
    /// brackets and quotes; whether it is well formed is for its reader to find.
    Value(&'p str),
    /// Each value at this path; an object is first shown [`Ahead`], so that it can be read without a search for its end,
    /// and visited as a value only if that was not done.
    Ahead(&'p str),
    /// The beginning and the end of each object or array at this path; patterns below it are visited in between.
    Scope(&'p str),
    /// Each value at this path is gone beyond without a visit, and without a look at whether it is well formed. Only for
    /// a document that is read once more.
    Later(&'p str),
}

/// What becomes of a value that a pattern fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Value,
    Ahead,
    Scope,
    Later,
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
    /// An object begins.
    Ahead(Ahead<'a>),
    /// A scope begins.
    Begin,
    /// A scope ends.
    End,
}

/// The text from the beginning of an object on, as far as it is there.
#[derive(Debug)]
pub struct Ahead<'a> {
    text: &'a str,
    read: &'a Cell<usize>,
}

impl<'a> Ahead<'a> {
    /// Reads the object. `None` if it is not all there yet or anything is wrong with it: then it is visited as a value,
    /// whose reader finds the rest or says what is wrong.
    pub fn read<T: Deserialize<'a>>(self) -> Option<T> {
        let (value, length) = self.value()?;
        self.read.set(length);
        Some(value)
    }

    /// Reads the object and gives it, with its text, to `take`. It is visited as a value if it cannot be read, or is not
    /// taken.
    pub fn read_if<T: Deserialize<'a>>(self, take: impl FnOnce(&'a str, &T) -> bool) {
        if let Some((value, length)) = self.value()
            && take(&self.text[..length], &value)
        {
            self.read.set(length);
        }
    }

    fn value<T: Deserialize<'a>>(&self) -> Option<(T, usize)> {
        let mut values = serde_json::Deserializer::from_str(self.text).into_iter::<T>();
        let value = values.next()?.ok()?;
        Some((value, values.byte_offset()))
    }
}

/// What is called for each visit; an error from it ends the walk.
pub type Visit<'a> = dyn FnMut(Event<'_>) -> Result<(), ReadError> + 'a;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment<'p> {
    Key(&'p str),
    AnyKey,
    Element,
}

/// Visits the values of a JSON document that match `patterns`, in the order of the document.
///
/// # Errors
/// If the text is not well-formed JSON (with line and column), or `on` fails; and, when everything else has been visited, if
/// something else stands where a list belongs.
pub fn walk(window: Window<'_>, patterns: &[Pattern<'_>], on: &mut Visit<'_>) -> Result<(), ReadError> {
    let parsed: Vec<(Vec<Segment<'_>>, Fate)> = patterns
        .iter()
        .map(|pattern| match pattern {
            Pattern::Value(path) => (segments(path), Fate::Value),
            Pattern::Ahead(path) => (segments(path), Fate::Ahead),
            Pattern::Scope(path) => (segments(path), Fate::Scope),
            Pattern::Later(path) => (segments(path), Fate::Later),
        })
        .collect();
    let active: Vec<Partial> = (0..parsed.len()).map(|pattern| Partial { pattern, matched: 0 }).collect();
    let mut walker = Walker { window, patterns: &parsed, on, no_list: None };
    walker.value(&active, "", 0)?;
    match walker.window.next_token()? {
        None => walker.no_list.map_or(Ok(()), Err),
        Some(_) => Err(walker.window.fault("trailing characters")),
    }
}

/// Calls `on` with the text of each JSON document, one after another.
pub fn documents(mut window: Window<'_>, on: &mut dyn FnMut(&str) -> Result<(), ReadError>) -> Result<(), ReadError> {
    while window.next_token()?.is_some() {
        let extent = window.whole_value()?;
        let outcome = on(window.text(extent)?);
        outcome.map_err(|error| window.placed(error))?;
        window.pass(extent);
    }
    Ok(())
}

fn segments(path: &str) -> Vec<Segment<'_>> {
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

/// A pattern, and how many of its segments are matched so far.
#[derive(Debug, Clone, Copy)]
struct Partial {
    pattern: usize,
    matched: usize,
}

struct Walker<'r, 'w, 'v> {
    window: Window<'r>,
    /// The segments of each pattern, and what becomes of what it fits.
    patterns: &'w [(Vec<Segment<'w>>, Fate)],
    on: &'w mut Visit<'v>,
    /// The first place where something else stands than the list that is looked for. What is beside it is visited all the same.
    no_list: Option<ReadError>,
}

impl Walker<'_, '_, '_> {
    /// Reads one value; `active` are the patterns that can still match at or below it.
    fn value(&mut self, active: &[Partial], key: &str, depth: usize) -> Result<(), ReadError> {
        let Some(first) = self.window.next_token()? else { return Err(self.window.cut_off()) };
        let complete = |partial: &&Partial| self.patterns[partial.pattern].0.len() == partial.matched;
        let visited = active.iter().filter(complete).find(|partial| self.patterns[partial.pattern].1 != Fate::Scope);
        if let Some(&Partial { pattern, .. }) = visited {
            if self.patterns[pattern].1 == Fate::Later {
                return self.window.skip_value();
            }
            if self.patterns[pattern].1 == Fate::Ahead && first == b'{' {
                let read = Cell::new(0);
                let ahead = Ahead { text: self.window.ahead(), read: &read };
                (self.on)(Event { pattern, key, kind: Kind::Ahead(ahead) })?;
                if read.get() > 0 {
                    self.window.pass_bytes(read.get());
                    return Ok(());
                }
            }
            let extent = self.window.whole_value()?;
            let text = self.window.text(extent)?;
            let outcome = (self.on)(Event { pattern, key, kind: Kind::Value(text) });
            outcome.map_err(|error| self.window.placed(error))?;
            self.window.pass(extent);
            return Ok(());
        }
        // A list of results that is no list would otherwise pass for an empty one; `null` is one.
        let (mut lists, mut named) = (!active.is_empty(), false);
        for &Partial { pattern, matched } in active {
            let segments = &self.patterns[pattern].0;
            lists &= segments.get(matched).is_none_or(|segment| *segment == Segment::Element);
            named |= matched > 0 && matches!(segments[matched - 1], Segment::Key(_)) && matched < segments.len();
        }
        lists &= active.iter().any(|partial| !complete(&partial));
        let is_no_list = lists && (first == b'{' || named && !matches!(first, b'[' | b'n'));
        if is_no_list {
            let fault = self.window.no_list();
            self.no_list.get_or_insert(fault);
            return self.value(&[], key, depth);
        }
        let is_container = matches!(first, b'{' | b'[');
        if active.is_empty() || !is_container {
            let extent = self.window.value_within(if is_container { PIECE } else { usize::MAX })?;
            if let Some(extent) = extent {
                return self.pass_over(extent);
            }
        }
        if depth == DEEPEST {
            return Err(ReadError::Bound(format!("it is nested deeper than {DEEPEST}")));
        }
        let scopes: Vec<usize> = active.iter().filter(complete).map(|partial| partial.pattern).collect();
        for &pattern in &scopes {
            (self.on)(Event { pattern, key, kind: Kind::Begin })?;
        }
        self.window.pass_token();
        if first == b'{' {
            self.members(active, depth + 1)?
        } else {
            self.elements(active, depth + 1)?
        }
        for &pattern in scopes.iter().rev() {
            (self.on)(Event { pattern, key, kind: Kind::End })?;
        }
        Ok(())
    }

    /// Checks a value that nobody asked for.
    fn pass_over(&mut self, extent: Extent) -> Result<(), ReadError> {
        let checked = serde_json::from_str::<IgnoredAny>(self.window.text(extent)?);
        checked.map_err(|error| self.window.placed(error.into()))?;
        self.window.pass(extent);
        Ok(())
    }

    fn members(&mut self, active: &[Partial], depth: usize) -> Result<(), ReadError> {
        if self.ends(b'}')? {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            if self.window.next_token()? != Some(b':') {
                return Err(self.window.unexpected("expected `:`"));
            }
            self.window.pass_token();
            let below = self.step(active, |segment| match segment {
                Segment::Key(name) => *name == key,
                Segment::AnyKey => true,
                Segment::Element => false,
            });
            self.value(&below, &key, depth)?;
            if self.ends_or_goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    fn elements(&mut self, active: &[Partial], depth: usize) -> Result<(), ReadError> {
        if self.ends(b']')? {
            return Ok(());
        }
        let below = self.step(active, |segment| *segment == Segment::Element);
        loop {
            self.value(&below, "", depth)?;
            if self.ends_or_goes_on(b']')? {
                return Ok(());
            }
        }
    }

    fn key(&mut self) -> Result<String, ReadError> {
        if self.window.next_token()? != Some(b'"') {
            return Err(self.window.unexpected("key must be a string"));
        }
        let extent = self.window.whole_value()?;
        let key = serde_json::from_str(self.window.text(extent)?).map_err(|error| self.window.placed(error.into()))?;
        self.window.pass(extent);
        Ok(key)
    }

    fn step(&self, active: &[Partial], fits: impl Fn(&Segment<'_>) -> bool) -> Vec<Partial> {
        let fitting =
            active.iter().filter(|partial| self.patterns[partial.pattern].0.get(partial.matched).is_some_and(&fits));
        fitting.map(|&Partial { pattern, matched }| Partial { pattern, matched: matched + 1 }).collect()
    }

    /// Whether the container ends before its first part.
    fn ends(&mut self, with: u8) -> Result<bool, ReadError> {
        let ends = self.window.next_token()? == Some(with);
        if ends {
            self.window.pass_token();
        }
        Ok(ends)
    }

    /// Whether the container ends after a part; if not, a comma and another part follow.
    fn ends_or_goes_on(&mut self, with: u8) -> Result<bool, ReadError> {
        match self.window.next_token()? {
            Some(byte) if byte == with || byte == b',' => {
                self.window.pass_token();
                Ok(byte == with)
            }
            _ => Err(self.window.unexpected(if with == b'}' { "expected `,` or `}`" } else { "expected `,` or `]`" })),
        }
    }
}

/// Reads one visited value as `T`, naming the place in the error.
pub fn read<'de, T: serde::Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).map_err(|error| {
        // The place stays at the end, where it can be read again and be counted from the beginning of the document.
        let told = error.to_string();
        let (what, place) = told.split_at(told.rfind(" at line ").unwrap_or(told.len()));
        serde_json::Error::custom(format!("{what} in {}{place}", start_of(text)))
    })
}

fn start_of(text: &str) -> String {
    let start: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(text: &str, patterns: &[Pattern<'_>]) -> Vec<String> {
        let mut seen = Vec::new();
        walk(Window::new(&mut text.as_bytes()), patterns, &mut |event| {
            seen.push(match event.kind {
                Kind::Value(value) => format!("{}:{}={value}", event.pattern, event.key),
                Kind::Ahead(ahead) => match ahead.read::<serde_json::Value>() {
                    Some(value) => format!("{}:{}>{value}", event.pattern, event.key),
                    None => return Ok(()),
                },
                Kind::Begin => format!("{}:{}(", event.pattern, event.key),
                Kind::End => format!("{}:{})", event.pattern, event.key),
            });
            Ok(())
        })
        .unwrap();
        seen
    }

    /// Bytes that come in pieces of one size.
    struct Dribble<'b>(&'b [u8], usize);
    impl std::io::Read for Dribble<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let read = self.1.min(into.len()).min(self.0.len());
            into[..read].copy_from_slice(&self.0[..read]);
            self.0 = &self.0[read..];
            Ok(read)
        }
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
    fn an_object_is_read_ahead_and_visited_as_a_value_only_if_it_was_not() {
        let patterns = [Pattern::Ahead("a[]"), Pattern::Value("b")];
        let text = r#"{"a":[{"x":"]}"}, 7,{"x":tru},{},"s"],"b":{"c":1}}"#;
        let seen = visits(text, &patterns);
        assert_eq!(seen, [r#"0:>{"x":"]}"}"#, "0:=7", r#"0:={"x":tru}"#, "0:>{}", r#"0:="s""#, r#"1:b={"c":1}"#]);
        // What does not come in one piece is read when it is there, and read once.
        for size in 1..40 {
            let mut read = Vec::new();
            walk(Window::new(&mut Dribble(text.as_bytes(), size)), &patterns, &mut |event| {
                match event.kind {
                    Kind::Ahead(ahead) => read.extend(ahead.read::<serde_json::Value>().map(|value| value.to_string())),
                    Kind::Value(text) => read.push(text.to_owned()),
                    _ => {}
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(read.join(" "), r#"{"x":"]}"} 7 {"x":tru} {} "s" {"c":1}"#, "in pieces of {size}");
        }
        // Text that is none is an error also where its reader passes over it.
        let broken = b"{\"a\":[{\"x\":\"\xff\"}]}";
        let outcome = walk(Window::new(&mut &broken[..]), &patterns, &mut |event| {
            if let Kind::Ahead(ahead) = event.kind {
                assert!(ahead.read::<IgnoredAny>().is_none());
            }
            Ok(())
        });
        assert!(outcome.unwrap_err().to_string().contains("unicode"));
    }

    #[test]
    fn a_document_of_which_the_beginning_is_held_is_visited_as_one_that_is_not() {
        let seen = |window: Window<'_>| {
            let mut seen = Vec::new();
            let outcome = walk(window, &[Pattern::Value("a[]")], &mut |event| {
                if let Kind::Value(text) = event.kind {
                    seen.push(text.to_owned());
                }
                Ok(())
            });
            (seen, outcome.map_err(|error| error.to_string()))
        };
        let cases: [&[u8]; 4] = ["{\"a\":[\"é€\",\n7]}".as_bytes(), b"{\"a\":[1,\xff]}", b"{\"a\":[1,\"\xc3", b"\xff"];
        for bytes in cases {
            let whole = seen(Window::new(&mut &bytes[..]));
            assert_eq!(whole, seen(Window::begun(bytes.to_vec(), None)), "held as a whole");
            for at in 0..=bytes.len() {
                let (start, mut rest) = bytes.split_at(at);
                assert_eq!(whole, seen(Window::begun(start.to_vec(), Some(&mut rest))), "held up to {at}");
            }
        }
    }

    #[test]
    fn what_is_for_later_is_gone_beyond_in_whatever_pieces_it_comes() {
        let text = r#"{"a":[{"s":"\\\"]}","n":-1.5},7,nul,"x"],"b":"y","c":12}"#;
        let patterns = [Pattern::Scope("a"), Pattern::Later("a[]"), Pattern::Value("b"), Pattern::Later("c")];
        assert_eq!(visits(text, &patterns), ["0:a(", "0:a)", r#"2:b="y""#]);
        for size in 1..20 {
            let mut seen = 0;
            walk(Window::new(&mut Dribble(text.as_bytes(), size)), &patterns, &mut |_| {
                seen += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, 3, "in pieces of {size}");
        }
        let big = format!("{{\"a\":[\"{}\"],\"b\":1}}", "long \\\" ".repeat(400_000));
        assert_eq!(visits(&big, &patterns), ["0:a(", "0:a)", "2:b=1"]);
        for cut in ["{\"c\":[", "{\"c\":\"", "{\"c\":\"\\", "{\"c\":1"] {
            let outcome = walk(Window::new(&mut cut.as_bytes()), &patterns, &mut |_| Ok(()));
            assert!(matches!(outcome, Err(ReadError::CutOff { .. })), "{cut}: {outcome:?}");
        }
    }

    #[test]
    fn an_unexpected_shape_is_passed_over_and_truncation_is_an_error() {
        assert!(visits(r#"{"runs":null}"#, &[Pattern::Value("runs[].results[]")]).is_empty());
        let cut = walk(Window::new(&mut r#"{"runs":[{"#.as_bytes()), &[Pattern::Value("runs[]")], &mut |_| Ok(()));
        assert!(matches!(cut.unwrap_err(), ReadError::CutOff { line: 1, column: 10 }));
    }

    #[test]
    fn where_a_list_belongs_something_else_is_an_error_that_costs_nothing_beside_it() {
        let patterns = [Pattern::Value("a.rows[]"), Pattern::Value("b[]"), Pattern::Value("*[].x")];
        for (odd, column) in [(r#"{"rows":[1]}"#, 14), ("7", 14), ("\"none\"", 14), ("true", 14)] {
            let text = format!(r#"{{"a":{{"rows":{odd}}},"b":[2]}}"#);
            let mut seen = Vec::new();
            let failed = walk(Window::new(&mut text.as_bytes()), &patterns, &mut |event| {
                seen.extend(if let Kind::Value(text) = event.kind { Some(text.to_owned()) } else { None });
                Ok(())
            });
            assert!(matches!(failed, Err(ReadError::NoList { line: 1, column: at }) if at == column), "{text}");
            assert_eq!(seen, ["2"]);
        }
        // What is no list wherever any member is looked at is none of those that are looked for.
        assert!(visits(r#"{"version":2}"#, &[Pattern::Value("*[].x")]).is_empty());
    }

    #[test]
    fn a_failing_visit_stops_the_walk_with_its_own_error() {
        let failed = walk(Window::new(&mut "[1,2]".as_bytes()), &[Pattern::Value("[]")], &mut |_| {
            Err(ReadError::Content("enough".into()))
        });
        assert_eq!(failed.unwrap_err().to_string(), "enough");
    }

    #[test]
    fn what_nobody_asked_for_is_checked_all_the_same() {
        let big = format!("[{}]", "{\"a\":[1,2.5e3,\"x\\\"]\"]},".repeat(20_000) + "null");
        for (ignored, good) in [
            ("1", true),
            (r#"{"a":"}\"]"}"#, true),
            (big.as_str(), true),
            (&big.replacen("null", "nul", 1), false),
            ("[1,]", false),
            ("01", false),
            ("\"\u{1}\"", false),
            (r#""\ud800""#, true),
            ("{\"a\" 1}", false),
            ("tru", false),
            ("[}", false),
        ] {
            for text in [format!("{{\"x\":{ignored},\"y\":7}}"), format!("{{\"x\" : {ignored} , \"y\":7 }} ")] {
                let mut seen = 0;
                let outcome = walk(Window::new(&mut text.as_bytes()), &[Pattern::Value("y")], &mut |_| {
                    seen += 1;
                    Ok(())
                });
                assert_eq!(outcome.is_ok(), good, "{} {outcome:?}", &text[..text.len().min(60)]);
                assert!(seen == 1 || !good);
            }
        }
        for bad in ["", "{", "{\"y\":1", "{\"y\":1}}", "{\"y\":1,}", "{y:1}", "[1 2]", "{\"y\":}", "\"y"] {
            assert!(walk(Window::new(&mut bad.as_bytes()), &[Pattern::Value("y")], &mut |_| Ok(())).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_names_its_place_in_the_document() {
        let text = "{\n \"x\": [1,\n  2,\n  oops]}";
        let error = walk(Window::new(&mut text.as_bytes()), &[Pattern::Value("y")], &mut |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("at line 4 column 3"), "{error}");
        let nested = "[".repeat(10_000);
        let error = walk(Window::new(&mut nested.as_bytes()), &[Pattern::Value("y")], &mut |_| Ok(())).unwrap_err();
        assert!(matches!(error, ReadError::CutOff { .. }), "{error}");
        let wide = format!("{}{}", "[".repeat(10_000), "1,".repeat(100_000));
        let error = walk(Window::new(&mut wide.as_bytes()), &[Pattern::Value("y")], &mut |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("nested deeper than 128"), "{error}");
    }

    #[test]
    fn the_pieces_in_which_bytes_come_make_no_difference() {
        let text = r#" {"a":{"b":[ "x\\", "\"]", {"c":"}"} , -1.5e3 ,true]},"é":[]} "#;
        for size in 1..text.len() {
            let mut seen = Vec::new();
            walk(Window::new(&mut Dribble(text.as_bytes(), size)), &[Pattern::Value("a.b[]")], &mut |event| {
                if let Kind::Value(value) = event.kind {
                    seen.push(value.to_owned());
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, [r#""x\\""#, r#""\"]""#, r#"{"c":"}"}"#, "-1.5e3", "true"], "in pieces of {size}");
        }
    }
}
