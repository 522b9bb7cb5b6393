//! Messages (SARIF 2.1.0, 3.11): text with placeholders and with links into the log.

use std::borrow::Cow;

use super::wire::{Record, Rule};
use crate::ingest::written::Written;

/// Most bytes that a message grows to: a placeholder may stand a million times in it.
const LONGEST: usize = 16 << 10;

/// The message of a result: its own text, or the text that its rule keeps under the message's id (3.11.7), with its
/// placeholders filled in and embedded links reduced to their text.
pub fn of<'m>(record: &'m Record<'_>, rule: Option<&'m Rule>) -> Cow<'m, str> {
    let message = &record.message;
    let named = || rule?.message_strings.get(message.id.as_deref()?);
    let plain = if message.plain().is_empty() { named().map_or("", |named| named.plain()) } else { message.plain() };
    // Most messages are plain text.
    let bytes = plain.as_bytes();
    let has_braces = bytes.contains(&b'{') || bytes.contains(&b'}');
    let refers = bytes.contains(&b']') && has_place_link(plain);
    if !has_braces && !refers {
        return Cow::Borrowed(plain);
    }
    Cow::Owned(without_place_links(&filled(plain, &message.arguments)))
}

/// The first line that says something.
pub fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// `text` with `{0}` replaced by the first argument and so on (3.11.5); `{{` and `}}` stand for braces.
fn filled(text: &str, arguments: &[Written<'_>]) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']).filter(|_| shown.len() < LONGEST) {
        shown.push_str(&rest[..at]);
        let brace = &rest[at..];
        let argument = brace[1..].split_once('}').and_then(|(number, after)| {
            let index: usize = number.parse().ok().filter(|_| brace.starts_with('{'))?;
            Some((arguments.get(index)?, after))
        });
        if let Some((argument, after)) = argument {
            shown.push_str(argument);
            rest = after;
        } else {
            shown.push_str(&brace[..1]);
            let doubled = !arguments.is_empty() && brace[1..].starts_with(&brace[..1]);
            rest = &brace[if doubled { 2 } else { 1 }..];
        }
    }
    shown.push_str(rest);
    shown
}

/// Whether anything in a message may refer to a related location.
fn has_place_link(message: &str) -> bool {
    message.split("](").skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}

/// `[text](3)` refers to a related location (3.11.6): only its text says something here.
fn without_place_links(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(middle) = rest.find("](") {
        let (before, after) = (&rest[..middle], &rest[middle + 2..]);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let refers = digits > 0 && after[digits..].starts_with(')');
        if let Some(open) = before.rfind('[').filter(|_| refers) {
            shown.push_str(&before[..open]);
            shown.push_str(&before[open + 1..]);
            rest = &after[digits + 1..];
        } else {
            shown.push_str(&rest[..middle + 2]);
            rest = after;
        }
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments<'a>(texts: &[&'a str]) -> Vec<Written<'a>> {
        texts.iter().map(|text| Written::from(*text)).collect()
    }

    #[test]
    fn placeholders_are_filled_once_and_braces_stay() {
        assert_eq!(filled("'{0}' flows to {1}, {2}", &arguments(&["{1}", "x"])), "'{1}' flows to x, {2}");
        assert_eq!(filled("{{0}} {0}", &arguments(&["a"])), "{0} a");
        assert_eq!(filled("map {} and {{x}}", &[]), "map {} and {{x}}");
    }

    #[test]
    fn a_message_does_not_grow_without_bound() {
        let text = "{0}".repeat(10_000);
        assert!(filled(&text, &arguments(&["x".repeat(1000).as_str()])).len() < 3 * LONGEST);
    }

    #[test]
    fn links_into_the_log_are_reduced_to_their_text_and_others_stay() {
        assert_eq!(without_place_links("from [user input](1) to [sink](12)."), "from user input to sink.");
        assert_eq!(without_place_links("see [docs](https://a.example) a[0](x"), "see [docs](https://a.example) a[0](x");
    }

    #[test]
    fn a_message_by_id_comes_from_the_rule() {
        let record = serde_json::from_str(r#"{"message":{"id":"default","arguments":["count"]}}"#).unwrap();
        let rule =
            serde_json::from_str(r#"{"id":"C1","messageStrings":{"default":{"text":"'{0}' is used"}}}"#).unwrap();
        assert_eq!(of(&record, Some(&rule)), "'count' is used");
    }
}
