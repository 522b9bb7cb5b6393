//! Text of reports, brought to the shape that observations carry.

use crate::model::digest::Digest;

/// Most characters of a title.
const TITLE: usize = 160;

/// Most characters of a description.
const DESCRIPTION: usize = 4000;

/// The first line that says something, as a title: white space collapsed, cut at a length fit for a table.
pub fn title(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    cut(&line.split_whitespace().collect::<Vec<_>>().join(" "), TITLE)
}

/// Text as a description: cut at a bounded length.
pub fn description(text: &str) -> String {
    cut(text.trim(), DESCRIPTION)
}

/// At most `most` characters of `text`; an ellipsis shows that something was cut off.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// A secret in a form that can be shown and compared: its first characters, at most a quarter of it, and the
/// beginning of its digest.
pub fn masked(secret: &str) -> String {
    let secret = secret.trim();
    let shown: String = secret.chars().take((secret.chars().count() / 4).min(4)).collect();
    format!("{shown}*** (sha256 {})", &Digest::of(secret.as_bytes()).short()[..8])
}

/// `text` with everything between quotation marks replaced by asterisks, for messages that quote a credential.
pub fn without_quotations(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(open);
        let mark = &quoted[..1];
        shown.push_str(before);
        let Some(close) = quoted[1..].find(mark) else {
            rest = quoted;
            break;
        };
        shown.push_str(mark);
        shown.push_str("***");
        shown.push_str(mark);
        rest = &quoted[close + 2..];
    }
    shown.push_str(rest);
    shown
}

/// Numbers of the weaknesses that a text names as `CWE-79`, `cwe-079` or `CWE:79`, in order, each once.
pub fn cwe_numbers(text: &str) -> Vec<u32> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in lower.match_indices("cwe") {
        let rest = lower[at + 3..].trim_start_matches(['-', ':', '_', ' ']);
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        if let Ok(number) = digits.parse()
            && number > 0
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_bounded_length() {
        assert_eq!(title("\n  SQL   injection\nmore"), "SQL injection");
        assert_eq!(title(&"é".repeat(500)).chars().count(), TITLE + 1);
    }

    #[test]
    fn a_masked_secret_shows_at_most_a_quarter_and_tells_secrets_apart() {
        let shown = masked("AKIAIOSFODNN7EXAMPLE");
        assert!(shown.starts_with("AKIA***") && !shown.contains("IOSF"), "{shown}");
        assert!(!masked("abc").contains('a') || masked("abc").starts_with("***"));
        assert_ne!(masked("AKIAIOSFODNN7EXAMPLE"), masked("AKIAIOSFODNN7EXAMPLF"));
    }

    #[test]
    fn quotations_are_hidden() {
        assert_eq!(without_quotations("password: 'hunter2' in \"x\""), "password: '***' in \"***\"");
        assert_eq!(without_quotations("it isn't quoted"), "it isn't quoted");
    }

    #[test]
    fn weaknesses_are_found_in_every_spelling() {
        assert_eq!(cwe_numbers("external/cwe/cwe-079"), [79]);
        assert_eq!(cwe_numbers("(CWE-119!/CWE-120), CWE-119: x"), [119, 120]);
        assert_eq!(cwe_numbers("CWE and cwe-0"), [] as [u32; 0]);
    }
}
