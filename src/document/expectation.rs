//! From serde's words for a mismatch to words that help the writer of the file.

use super::error::DocumentError;
use super::parts::Document;
use crate::model::spelling::nearest;

/// Explains why the content does not have the expected shape.
pub(super) fn explain(document: &Document, error: &serde_yaml::Error) -> DocumentError {
    let text = error.to_string();
    let place = error.location().map(|location| offset(&document.text, location.line(), location.column()));
    let at = place.unwrap_or(0);
    // serde_yaml writes "path: message at line 3 column 5".
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let (path, message) = message
        .split_once(": ")
        .filter(|(path, _)| document.has(path))
        .map_or((String::new(), message), |(path, message)| (path.to_owned(), message));
    let (what, help) = reword(message);
    let range = at..at + token(&document.text[at..]);
    let mut failure = DocumentError::at(&document.origin, &document.text, range, what);
    // The place of a missing key is the mapping that lacks it; of a mismatch, the value.
    if message.starts_with("missing field") || place.is_none() {
        failure = document.error_at(&path, failure.message);
    }
    failure.with_help(help)
}

/// The message in our words, and what to do.
fn reword(message: &str) -> (String, String) {
    let words = quoted(message);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let [name, known @ ..] = words.as_slice() else { return (message.to_owned(), String::new()) };
        return not_one_of(
            &format!("there is no key `{name}` here"),
            name,
            known,
            rest.contains("there are no fields"),
        );
    }
    if message.starts_with("unknown variant ") {
        let [name, known @ ..] = words.as_slice() else { return (message.to_owned(), String::new()) };
        return not_one_of(&format!("`{name}` is not one of the words expected here"), name, known, false);
    }
    if message.starts_with("missing field ") {
        let name = words.first().copied().unwrap_or_default();
        return (format!("the key `{name}` is missing here"), format!("add `{name}: …`"));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        if found.starts_with("unit value") {
            return (format!("there is no value here; expected {}", plain(expected)), String::new());
        }
        // Of the words and numbers that YAML takes for something other than text, where no type of its own is expected.
        let taken = ["boolean ", "integer ", "floating point "].iter().any(|kind| found.starts_with(kind));
        let help = match expected {
            "a boolean" => "write `true` or `false`",
            _ if taken && plain(expected) == expected => "put it in quotes if text is meant",
            _ => "",
        };
        return (format!("expected {}, found {}", plain(expected), plain(found)), help.to_owned());
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", expected "))
    {
        return (format!("expected {}, found {}", plain(expected), plain(found)), String::new());
    }
    (message.to_owned(), String::new())
}

fn not_one_of(message: &str, name: &str, known: &[&str], none: bool) -> (String, String) {
    if none || known.is_empty() {
        return (message.to_owned(), "leave it out".to_owned());
    }
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let message = match nearest(name, known.iter().copied()) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message.to_owned(),
    };
    (message, format!("expected {}{list}", if known.len() > 1 { "one of " } else { "" }))
}

/// The words between backticks, in order.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// Rust's names for types, in the words of a person who writes YAML.
fn plain(type_name: &str) -> String {
    let known = [
        ("a boolean", "`true` or `false`"),
        ("a string", "text"),
        ("a sequence", "a list (`[…]` or lines with `- `)"),
        ("sequence", "a list"),
        ("a map", "a mapping (`key: value`)"),
        ("map", "a mapping"),
        ("usize", "a whole number, 0 or more"),
        ("u64", "a whole number, 0 or more"),
        ("u32", "a whole number, 0 or more"),
        ("f64", "a number"),
    ];
    if let Some((_, word)) = known.iter().find(|(rust, _)| *rust == type_name) {
        return (*word).to_owned();
    }
    if type_name.starts_with("struct ") {
        return "a mapping (`key: value`)".to_owned();
    }
    for (rust, word) in [
        ("string ", "the text "),
        ("boolean ", "the word "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
    ] {
        if let Some(value) = type_name.strip_prefix(rust) {
            return format!("{word}{value}");
        }
    }
    type_name.to_owned()
}

/// Length of the word, quoted text or other token at the beginning of `text`.
fn token(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    if matches!(first, '"' | '\'') {
        let line = text.lines().next().unwrap_or(text);
        return line[1..].find(first).map_or(line.len(), |length| length + 2);
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | ']' | '}' | '#');
    text.find(ends).unwrap_or(text.len()).max(first.len_utf8())
}

/// Byte offset of a line and column (in characters), both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = &text[start..];
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(offset, _)| offset)
}
