//! Text of reports as plain text: HTML without its mark-up, messages on one line. The collector bounds the length.

/// Longest text on one line, in characters.
const LONGEST_LINE: usize = 200;

/// Elements of HTML that stand on lines of their own.
const BLOCKS: [&str; 12] = ["p", "br", "li", "ul", "ol", "div", "tr", "h1", "h2", "h3", "h4", "pre"];

/// A text on one line: white space collapsed, cut after 200 characters.
pub fn title(text: &str) -> String {
    if is_title(text) {
        return text.to_owned();
    }
    if let Some((start, [next, ..])) = text.as_bytes().split_at_checked(LONGEST_LINE)
        && is_single_spaced(start)
        && next.is_ascii_graphic()
    {
        // Whatever comes behind it, the line is cut here.
        return [text[..LONGEST_LINE].trim_end(), "…"].concat();
    }
    collapsed(text)
}

/// [`title`], word by word.
fn collapsed(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST_LINE + 8));
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word.chars().count();
        if length > LONGEST_LINE {
            let end = line.char_indices().nth(LONGEST_LINE).map_or(line.len(), |(end, _)| end);
            line.truncate(line[..end].trim_end().len());
            line.push('…');
            break;
        }
    }
    line
}

/// Whether a text is a title as it stands; most are.
fn is_title(text: &str) -> bool {
    text.len() <= LONGEST_LINE && is_line(text)
}

/// Whether a text is one line in ASCII, with no blank at its ends and never two in a row.
pub fn is_line(text: &str) -> bool {
    is_single_spaced(text.as_bytes()) && !text.ends_with(' ')
}

fn is_single_spaced(bytes: &[u8]) -> bool {
    let two_blanks = |(a, b): (&u8, &u8)| *a == b' ' && *b == b' ';
    all_fit(bytes, |byte| matches!(byte, b' '..=b'~'))
        && !bytes.starts_with(b" ")
        && !any(bytes.iter().zip(bytes.iter().skip(1)).map(two_blanks))
}

/// Whether all bytes fit.
pub fn all_fit(bytes: &[u8], fits: impl Fn(u8) -> bool) -> bool {
    !any(bytes.iter().map(|byte| !fits(*byte)))
}

/// Whether any is true. Mostly none is, so all are looked at, many at once, rather than each before the next.
fn any(found: impl Iterator<Item = bool>) -> bool {
    found.fold(0, |any, found| any | u8::from(found)) != 0
}

/// The first of the texts that is not blank, as a title.
pub fn first_title(texts: &[&str]) -> String {
    texts.iter().find(|text| !text.trim().is_empty()).map(|text| title(text)).unwrap_or_default()
}

/// The paragraphs that are not blank, with an empty line in between.
pub fn paragraphs<S: AsRef<str>>(parts: impl IntoIterator<Item = S>) -> String {
    let mut joined = String::new();
    for part in parts {
        let part = part.as_ref().trim();
        if !part.is_empty() {
            if !joined.is_empty() {
                joined.push_str("\n\n");
            }
            joined.push_str(part);
        }
    }
    joined
}

/// The text of a piece of HTML: tags dropped, block elements on lines of their own, character references resolved.
/// A `<` that opens no tag stays.
pub fn from_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    // Where no tag ends any more, none is looked for again: a text may be a million `<`.
    let last = html.rfind('>').unwrap_or(0);
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let ends = is_tag && html.len() - after.len() <= last;
        let Some(end) = ends.then(|| after.find('>')).flatten() else {
            text.push('<');
            rest = after;
            continue;
        };
        let name = after[..end].trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)) {
            text.push('\n');
        }
        rest = &after[end + 1..];
    }
    text.push_str(rest);
    let lines = text.lines().map(|line| resolve(line).split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Most bytes of a character reference between `&` and `;`.
const LONGEST_REFERENCE: usize = 10;

/// Character references resolved, once; unknown ones stay as they are.
fn resolve(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        resolved.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.bytes().take(LONGEST_REFERENCE + 1).position(|byte| byte == b';');
        let reference = end.and_then(|end| Some((end, character(&after[..end])?)));
        let (character, length) = reference.map_or(('&', 0), |(end, character)| (character, end + 1));
        resolved.push(character);
        rest = &after[length..];
    }
    resolved.push_str(rest);
    resolved
}

fn character(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_million_marks_that_open_nothing_are_text() {
        for mark in ["<", "<a ", "&", "&#", "<a>", "< >"] {
            let text = from_html(&mark.repeat(1 << 20));
            assert_eq!(text.is_empty(), mark == "<a>", "{mark}");
        }
    }

    proptest! {
        #[test]
        fn a_title_is_the_text_word_by_word(text in "([a-z.]{1,9} ){0,60}[a-z é\n\t]{0,9}([a-z ]{0,40}|)") {
            prop_assert_eq!(title(&text), collapsed(&text));
        }
    }

    #[test]
    fn html_becomes_lines_of_text() {
        assert_eq!(
            from_html("<p>Set the <b>HttpOnly</b> flag.</p><ul><li>a &amp; b</li>\n<li>if x &lt; 3</li></ul>"),
            "Set the HttpOnly flag.\na & b\nif x < 3"
        );
        assert_eq!(from_html("a < b and <script>alert(1)</script>"), "a < b and alert(1)");
        assert_eq!(from_html("open <p"), "open <p");
    }

    #[test]
    fn references_are_resolved_once_and_never_to_control_characters() {
        assert_eq!(from_html("&amp;lt;b&amp;gt; &#39;x&#x27; &unknown; &#0; & &"), "&lt;b&gt; 'x' &unknown; &#0; & &");
    }

    #[test]
    fn titles_stay_on_one_short_line() {
        assert_eq!(title(" a\n b\t c "), "a b c");
        for text in ["", " ", "a b", "a  b", "a ", "a\tb", "\u{a0}a", "a\u{2003}b", "é", &"x".repeat(LONGEST_LINE)] {
            assert_eq!(title(text), text.split_whitespace().collect::<Vec<_>>().join(" "), "{text:?}");
        }
        assert_eq!(title(&"ä".repeat(300)).chars().count(), LONGEST_LINE + 1);
        let long = format!("{} tail", "word ".repeat(39));
        for at in 195..=205 {
            for odd in [" ", "  ", "\n", "é", "x"] {
                let text = format!("{}{odd}{}", &long.repeat(2)[..at], long);
                assert_eq!(title(&text), collapsed(&text), "{text:?}");
            }
        }
        assert_eq!(first_title(&["", " ", "third"]), "third");
        assert_eq!(paragraphs(["a", " ", "b"]), "a\n\nb");
    }
}
