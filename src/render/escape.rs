//! Making text out of reports harmless: the one place, for every target.
//!
//! Titles, paths, package names and reasons come from reports, and reports are hostile. All text passes through here
//! on its way out, our own included, so that nobody has to remember which is which:
//!
//! - [`clean`], for every target: one line; no control, invisible or direction-changing characters (so no ANSI escapes
//!   and no "Trojan Source" reordering); no word and no text of unbounded length.
//! - [`markdown`]: no markup, HTML, mention, reference, link or task-list item, on GitHub and on GitLab.
//! - [`code`]: the same for commands of our own that people copy, without the invisible spaces.
//! - [`terminal`]: no control sequences, no runner commands in the middle of a line. [`log`]: for lines of our own that quote
//!   such text.
//! - [`by_number`]: JSON as programs read it, the same values. [`visible`]: paths that programs look for.
//! - [`Html`]: text and attribute values of pages, everything that a template writes; [`json`] for data in a script.
//! - [`mermaid`]: only letters, digits and a few marks that mean nothing to the diagram language.
//!
//! Both forges look for mentions, references and links *after* markdown was turned into HTML, in the decoded text. A
//! character reference alone does not stop them, an invisible space behind the sigil does.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::iter::Peekable;
use std::str::Chars;

/// Characters of a word that are kept; a longer word is cut.
const LONGEST_WORD: usize = 120;
/// Characters of a text that are kept; a longer text is cut.
const LONGEST_TEXT: usize = 1_000;
/// U+200B: invisible, and no part of any name that a forge would link.
const INVISIBLE_SPACE: &str = "&#8203;";

/// `text` as one line of visible characters, bounded.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST_TEXT));
    let (mut kept, mut word) = (0, 0);
    for c in text.chars() {
        if kept == LONGEST_TEXT {
            out.push('…');
            break;
        }
        if c.is_whitespace() {
            word = 0;
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
                kept += 1;
            }
        } else if !c.is_control() && !is_hidden(c) {
            word += 1;
            match word {
                ..=LONGEST_WORD => out.push(c),
                _ if word == LONGEST_WORD + 1 => out.push('…'),
                _ => continue,
            }
            kept += 1;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Cleaned `text` of at most `most` characters, the last of them `…` if something was cut.
pub fn clip(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// `text` with at most so many characters: cut in the middle, so that the place at its end can still be read.
pub fn clip_middle(text: &str, most: usize) -> String {
    let text = clean(text);
    let length = text.chars().count();
    if length <= most {
        return text;
    }
    let end = most / 2;
    let start: String = text.chars().take(most.saturating_sub(end + 1)).collect();
    let end: String = text.chars().skip(length - end).collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

/// `text` as markdown that shows it and does nothing else.
pub fn markdown(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // At the end of the text as well: what follows in the document is not known here.
        let glued = chars.peek().is_none_or(|next| !next.is_whitespace());
        match c {
            // Markup and HTML: a character reference is never structure (CommonMark 0.31, section 2.5).
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '<' | '>' | '|' => refer(&mut out, c),
            // Mentions, issues, merge requests, labels, milestones, snippets, epics, alerts.
            '@' | '#' | '~' | '$' | '&' | '^' => {
                refer(&mut out, c);
                if glued {
                    out.push_str(INVISIBLE_SPACE);
                }
            }
            '!' | '%' if next_is(&mut chars, |n| n.is_alphanumeric() || n == '"') => {
                refer(&mut out, c);
                out.push_str(INVISIBLE_SPACE);
            }
            // Bare addresses, runner commands and emoji names; not the colon of prose or of a time of day.
            ':' if !is_prose_colon(before, chars.peek()) => {
                refer(&mut out, c);
                if next_is(&mut chars, |n| n == '/') {
                    out.push_str(INVISIBLE_SPACE);
                }
            }
            '.' if ends_with(&out, "www") => {
                refer(&mut out, c);
                out.push_str(INVISIBLE_SPACE);
            }
            '-' if ends_with(&out, "gh") && next_is(&mut chars, |n| n.is_ascii_digit()) => {
                out.push(c);
                out.push_str(INVISIBLE_SPACE);
            }
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// A command of our own as the content of a `<code>` element, to be copied as it stands.
pub fn code(command: &str) -> String {
    let mut out = String::new();
    for c in clean(command).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '-' | '.' | '/' | ',' | '"' | '\'' | '=') {
            refer(&mut out, c);
        } else {
            out.push(c);
        }
    }
    out
}

/// `text` for a terminal or a job log; with `unicode` false in ASCII alone.
pub fn terminal(text: &str, unicode: bool) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        // `##[` and `##vso[` are commands to some runners wherever in a line they stand.
        if c == '#' && out.ends_with('#') {
            out.push(' ');
        }
        out.push(if unicode { c } else { ascii(c) });
    }
    out
}

/// A line of a log or of a message that quotes text of others: nothing in it is hidden, breaks the line or speaks to a
/// runner. Our own words around stay as they are: indented, coloured, and as long as they are. What is coloured has to
/// be safe already.
pub fn log(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            _ if c.is_whitespace() => out.push(' '),
            '\u{1b}' => out.push(c),
            _ if c.is_control() || is_hidden(c) => {}
            '#' if out.ends_with('#') => out.push_str(" #"),
            _ => out.push(c),
        }
    }
    // To GitHub's runner a line that begins like this is a command.
    let begin = out.len() - out.trim_start().len();
    if out[begin..].starts_with("::") {
        out.insert(begin + 1, ' ');
    }
    out
}

/// The escaping of page templates, named in `askama.toml`: whatever they write is text.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        clean(string).chars().try_for_each(|c| match c {
            '<' | '>' | '&' | '"' | '\'' | '`' => write!(dest, "&#{};", u32::from(c)),
            _ => dest.write_char(c),
        })
    }
}

/// JSON as the content of a script element that holds data: nothing in it can end the element or open a comment. The
/// texts in it have to be [`clean`] already.
pub fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // These occur in strings only, where they may be written by number.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// JSON with what cannot be seen, and what changes how its neighbours are seen, written by number: the same value to a program,
/// and harmless where a program prints what it read, or a person the file.
pub fn by_number(json: &str) -> Cow<'_, str> {
    // Of the control characters only those beyond ASCII stand in JSON as they are; ours between the values stay.
    let numbered = |c: char| c >= '\u{7f}' && (c.is_control() || is_hidden(c));
    if !json.bytes().any(|byte| byte >= 0x7f) || !json.chars().any(numbered) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if numbered(c) {
            let units = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            out.push_str(&units);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same for JSON that is written in pieces, each of which is text.
#[derive(Debug)]
pub struct ByNumber<W>(pub W);

impl<W: io::Write> io::Write for ByNumber<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_all(by_number(text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `text` without what cannot be seen, as long as it is: a path, which is not to be cut.
pub fn visible(text: &str) -> String {
    text.chars().filter(|&c| !c.is_control() && !is_hidden(c)).collect()
}

/// `text` as a name in a Mermaid diagram, at most `most` characters.
pub fn mermaid(text: &str, most: usize) -> String {
    let plain: String = clean(text)
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '/' | '(' | ')') { c } else { ' ' })
        .collect();
    clip_middle(&plain, most)
}

fn refer(out: &mut String, c: char) {
    out.push_str("&#");
    out.push_str(&u32::from(c).to_string());
    out.push(';');
}

fn next_is(chars: &mut Peekable<Chars<'_>>, test: impl Fn(char) -> bool) -> bool {
    chars.peek().is_some_and(|&c| test(c))
}

/// Whether a colon between these characters is that of a sentence (`why: because`) or of a time of day (`16:40`).
fn is_prose_colon(before: char, after: Option<&char>) -> bool {
    after.is_some_and(|after| after.is_whitespace() || (before.is_ascii_digit() && after.is_ascii_digit()))
}

/// Whether `text` ends with `word`, in any case.
fn ends_with(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// Whether a character cannot be seen or changes how its neighbours are seen: the format characters of Unicode (general
/// category Cf, without the Arabic number signs, which are visible), variation selectors, and the blanks that are no
/// white space.
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}'
            | '\u{ffa0}' | '\u{feff}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

const fn ascii(c: char) -> char {
    match c {
        ' '..='~' => c,
        '–' | '—' | '−' => '-',
        '·' => '*',
        '…' => '.',
        '’' => '\'',
        '“' | '”' => '"',
        '×' => 'x',
        '→' => '>',
        'ρ' => 'r',
        'Σ' => 'S',
        '₀' => '0',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_one_line_of_visible_characters() {
        assert_eq!(clean("a\r\n- [ ] b\t c "), "a - [ ] b c");
        assert_eq!(clean("\u{1b}[31mred\u{9b}0m\u{7f}"), "[31mred0m");
        assert_eq!(clean("user\u{202e}nimda\u{2066}\u{200b}\u{e0041}"), "usernimda");
        assert_eq!(clean("naïve 日本 ✓"), "naïve 日本 ✓");
    }

    #[test]
    fn long_words_and_texts_are_cut_and_show_it() {
        let word = clean(&"x".repeat(10_000));
        assert_eq!((word.chars().count(), word.ends_with('…')), (LONGEST_WORD + 1, true));
        let text = clean(&"ab ".repeat(10_000));
        assert_eq!((text.chars().count(), text.ends_with('…')), (LONGEST_TEXT + 1, true));
        assert_eq!(clip("one two three", 9), "one two…");
    }

    #[test]
    fn markdown_keeps_prose_readable() {
        assert_eq!(
            clip_middle("Correct the setting: a long title in main.tf, line 243", 40),
            "Correct the setting…in main.tf, line 243"
        );
        assert_eq!(markdown("Ships today, 16:40: 3 high (100 %), +1"), "Ships today, 16:40: 3 high (100 %), +1");
        assert_eq!(
            markdown("log4j-core 2.14.1 in services/checkout/pom.xml"),
            "log4j-core 2.14.1 in services/checkout/pom.xml"
        );
    }

    #[test]
    fn markdown_disarms_every_active_form() {
        for (hostile, harmless) in [
            ("<img src=x>", "&#60;img src=x&#62;"),
            ("a|b", "a&#124;b"),
            ("[x](y)", "&#91;x&#93;(y)"),
            ("@octocat", "&#64;&#8203;octocat"),
            ("a/b#12", "a/b&#35;&#8203;12"),
            ("GH-12", "GH-&#8203;12"),
            ("!12 %v1 ~bug", "&#33;&#8203;12 &#37;&#8203;v1 &#126;&#8203;bug"),
            ("https://x.example", "https&#58;&#8203;//x.example"),
            ("WWW.x.example", "WWW&#46;&#8203;x.example"),
            ("&lt;b&gt;", "&#38;&#8203;lt;b&#38;&#8203;gt;"),
            ("::error::x", "&#58;&#58;error&#58;&#58;x"),
            ("`x` **y** __z__", "&#96;x&#96; &#42;&#42;y&#42;&#42; &#95;&#95;z&#95;&#95;"),
        ] {
            assert_eq!(markdown(hostile), harmless, "{hostile}");
        }
    }

    #[test]
    fn a_copied_command_stays_what_it_is() {
        assert_eq!(code("detente choose balanced --reason \"a|b\""), "detente choose balanced --reason \"a&#124;b\"");
        assert_eq!(code("x </code>"), "x &#60;/code&#62;");
    }

    #[test]
    fn terminals_get_ascii_on_demand_and_no_runner_commands() {
        assert_eq!(terminal("6–11 h … 日", false), "6-11 h . ?");
        assert_eq!(terminal("x ##[add-matcher]y", true), "x # #[add-matcher]y");
        assert_eq!(terminal("x ###[group]y", true), "x # # #[group]y");
    }

    #[test]
    fn lines_of_a_log_keep_their_look_and_speak_to_nobody() {
        assert_eq!(log("  a   b\tc\r\n::error::x"), "  a   b c  ::error::x");
        assert_eq!(log("  ::error file=x::y"), "  : :error file=x::y");
        assert_eq!(log("x ##[group]y\u{202e}z\u{9b}31m"), "x # #[group]yz31m");
        assert_eq!(log(&"x".repeat(500)).len(), 500);
    }

    #[test]
    fn json_shows_nothing_that_is_not_there() {
        let text = "a\u{202e}b\u{9b}31m\u{7f}\u{e0041} é 日\n";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let numbered = by_number(&json);
        assert!(numbered.contains("a\\u202eb\\u009b31m\\u007f\\udb40\\udc41 é 日\\n"), "{numbered}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&numbered).unwrap(), [text]);
        assert!(matches!(by_number("{\n  \"é\": 1\n}"), Cow::Borrowed(_)));
        assert_eq!(visible(&format!("src/\u{202e}{}\u{9b}", "x".repeat(300))), format!("src/{}", "x".repeat(300)));
    }

    #[test]
    fn diagram_names_cannot_carry_syntax() {
        assert_eq!(mermaid("Fix: `a;b` #35; <b> %%{init}%%, 2026", 40), "Fix a b 35 b init 2026");
    }
}
