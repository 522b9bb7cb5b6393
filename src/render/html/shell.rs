//! What every page has: its title, its style, its script if it needs one, and a policy that allows nothing else.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("page.css");
const MARKS: &str = include_str!("marks.svg");

/// The frame of a page.
pub struct Shell {
    /// Title of the window.
    pub title: String,
    /// What the browser may load and run: this page's own style and script, known by their digests.
    pub policy: String,
    /// The style sheet.
    pub style: &'static str,
    /// Shapes that are drawn in several places.
    pub marks: &'static str,
    /// The script; empty if the page has none.
    pub script: &'static str,
}

impl Shell {
    /// A page without script.
    pub fn plain(title: String) -> Self {
        Self::with_script(title, "")
    }

    /// A page with one script.
    pub fn with_script(title: String, script: &'static str) -> Self {
        let scripts = if script.is_empty() { "'none'".to_owned() } else { digest(script) };
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {scripts}; img-src data:; base-uri 'none'; form-action 'none'",
            digest(STYLE)
        );
        Self { title, policy, style: STYLE, marks: MARKS, script }
    }
}

/// The text of a page.
pub fn rendered(page: &impl Template) -> String {
    // Writing to a string does not end in an error; if a template ever did, the page says so and is not empty.
    page.render().map_or_else(
        |error| format!("<!doctype html>\n<title>Detente</title>\n<p>This page could not be written: {error}\n"),
        |text| unbroken(&text),
    )
}

/// Elements in which nothing is marked: what is not read as text, and what takes no markup.
const AS_IT_IS: [&str; 5] = ["option", "script", "style", "text", "title"];

const WEEKDAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];

/// The longest name that is kept on one line; a longer one may be wider than a narrow screen.
const LONGEST_WHOLE: usize = 20;

/// A finished page in which no date and no name such as `CVE-2024-1234` is broken at the end of a line: browsers break behind a
/// hyphen. The sentences are those of every form, so it is done here, in the text between the tags.
fn unbroken(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((text, behind)) = rest.split_once('<') {
        mark_whole(text, &mut out);
        let name = behind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let content = AS_IT_IS.contains(&name).then(|| behind.find(&format!("</{name}"))).flatten();
        let end = content.or_else(|| behind.find('>').map(|end| end + 1)).unwrap_or(behind.len());
        let (tag, further) = behind.split_at(end);
        out.push('<');
        out.push_str(tag);
        rest = further;
    }
    mark_whole(rest, &mut out);
    out
}

/// Writes text with every date, its weekday with it, and every name marked as a whole.
fn mark_whole(text: &str, out: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let date = is_date(word);
        if date || is_name(word) {
            let weekday = if date && WEEKDAYS.iter().any(|day| out.ends_with(day)) { 4 } else { 0 };
            out.insert_str(out.len() - weekday, "<span class=\"whole\">");
            out.push_str(word);
            out.push_str("</span>");
        } else {
            out.push_str(word);
        }
        let mut behind = behind.chars();
        out.extend(behind.next());
        rest = behind.as_str();
    }
}

/// `2026-11-24`.
fn is_date(word: &str) -> bool {
    let digits = |part: Option<&str>, count: usize| {
        part.is_some_and(|part| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = word.split('-');
    digits(parts.next(), 4) && digits(parts.next(), 2) && digits(parts.next(), 2) && parts.next().is_none()
}

/// The name of a vulnerability, or of one of our own findings, work items and commitments: `CVE-2024-1234`, `f-5a438b1758f3`.
fn is_name(word: &str) -> bool {
    let Some((kind, name)) = word.split_once('-') else { return false };
    let public = kind.len() >= 3 && kind.bytes().all(|byte| byte.is_ascii_uppercase());
    let own = kind.len() == 1 && name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    word.len() <= LONGEST_WHOLE && (public || own) && name.bytes().any(|byte| byte.is_ascii_digit())
}

fn digest(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_names_stay_whole() {
        let whole = |text: &str| format!("<span class=\"whole\">{text}</span>");
        let said = unbroken(
            "<p title=\"Thu 2026-12-10\">by Thu 2026-12-10, or 2026-12-11; CVE-2024-1234 (f-5a438b1758f3)</p>",
        );
        let (weekday, date) = (whole("Thu 2026-12-10"), whole("2026-12-11"));
        let (public, own) = (whole("CVE-2024-1234"), whole("f-5a438b1758f3"));
        assert_eq!(said, format!("<p title=\"Thu 2026-12-10\">by {weekday}, or {date}; {public} ({own})</p>"));
        for same in [
            "<script>if (a < b) { c = \"2026-12-10\"; }</script><title>2026-12-10</title>",
            "<text x=\"1\">2026-12-10</text>",
            "<p>spring-security-config 5.8.5, 12026-12-10, new-high, e-mail, a < b</p>",
            "é 2026-12",
        ] {
            assert_eq!(unbroken(same), same);
        }
        assert_eq!(unbroken("<textarea>2026-12-10"), format!("<textarea>{}", whole("2026-12-10")));
    }
}
