//! What somebody asks for in a discussion: `/detente choose fastest because …`, or a box ticked in our comment.
//!
//! Text of anybody who may comment. A command is one line of its own; what is quoted, shown as code or hidden from readers
//! asks for nothing.

use crate::model::appetite::OptionName;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Take this option, for this reason.
    Choose {
        /// The option.
        option: OptionName,
        /// Why; empty if not said.
        reason: String,
    },
    /// Say more about an option.
    Explain {
        /// Which one; the recommended one if none is named.
        option: Option<OptionName>,
    },
    /// Accept a finding, or what stands in a row, until a date.
    Waive {
        /// The finding, by id or public name, or the row.
        row: String,
        /// Until when, as written.
        until: String,
        /// Why; empty if not said.
        reason: String,
    },
}

/// Why a line that begins like a command is none, in words for whoever wrote it.
pub type NotUnderstood = String;

/// Words with which an option may be named.
const NAMES: [(&str, OptionName); 5] = [
    ("fastest", OptionName::Fastest),
    ("balanced", OptionName::Balanced),
    ("most-secure", OptionName::MostSecure),
    ("most_secure", OptionName::MostSecure),
    ("secure", OptionName::MostSecure),
];

/// Longest reason that is kept.
const REASON: usize = 2_000;

/// What `comment` asks for; `None` if it does not speak to us.
///
/// # Errors
/// If it does, and it is not clear what is asked for. Two commands in one comment are not clear.
pub fn in_comment(comment: &str) -> Option<Result<Request, NotUnderstood>> {
    let mut code = None;
    let mut hidden = false;
    let mut found: Vec<Result<Request, NotUnderstood>> = Vec::new();
    for line in comment.lines() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let text = line.trim();
        if code.is_none() {
            // Nobody who reads the discussion sees what stands in a comment of HTML.
            let was = hidden;
            if let Some(last) = text.rfind("-->").max(text.rfind("<!--")) {
                hidden = text[last..].starts_with("<!--");
            }
            if was {
                continue;
            }
        }
        if let Some(fence) = ["```", "~~~"].into_iter().find(|fence| text.starts_with(fence)) {
            match code {
                None => code = Some(fence),
                Some(open) if open == fence => code = None,
                Some(_) => {}
            }
            continue;
        }
        if code.is_some() || indent >= 4 || line.starts_with('\t') {
            continue;
        }
        let mut words = text.split_whitespace();
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("/detente")) {
            found.push(command(words.collect::<Vec<_>>().as_slice()));
        }
    }
    match found.len() {
        0 => None,
        1 => found.pop(),
        several => {
            Some(Err(format!("there are {several} commands in one comment, so it is not clear which one counts")))
        }
    }
}

fn command(words: &[&str]) -> Result<Request, NotUnderstood> {
    let verb = words.first().map(|verb| verb.to_lowercase()).unwrap_or_default();
    let rest = words.get(1..).unwrap_or_default();
    match verb.as_str() {
        "choose" => {
            let (option, rest) = option(rest).ok_or_else(|| unknown_option(rest))?;
            Ok(Request::Choose { option, reason: reason(rest)? })
        }
        "explain" if rest.is_empty() => Ok(Request::Explain { option: None }),
        "explain" => match option(rest) {
            Some((option, [])) => Ok(Request::Explain { option: Some(option) }),
            _ => Err(unknown_option(rest)),
        },
        "waive" => waive(rest),
        "" => Err("the command says nothing".to_owned()),
        _ => Err("the command is none of choose, explain, waive".to_owned()),
    }
}

fn option<'w>(words: &'w [&'w str]) -> Option<(OptionName, &'w [&'w str])> {
    let first = words.first()?.to_lowercase();
    if first == "most" && words.get(1).is_some_and(|second| second.eq_ignore_ascii_case("secure")) {
        return Some((OptionName::MostSecure, &words[2..]));
    }
    let (_, name) = NAMES.iter().find(|(known, _)| *known == first)?;
    Some((*name, &words[1..]))
}

fn unknown_option(words: &[&str]) -> NotUnderstood {
    let names = OptionName::ALL.map(OptionName::as_str);
    let nearest = words.first().and_then(|word| {
        let distance = |name: &&str| strsim::levenshtein(name, &word.to_lowercase());
        names.iter().min_by_key(|name| distance(name)).filter(|name| distance(name) <= 3)
    });
    match nearest {
        Some(name) => format!("no option has that name; did you mean {name}?"),
        None => format!("no option is named; it takes one of {}", names.join(", ")),
    }
}

/// What stands behind `because`; anything else that stands there was meant to say something.
fn reason(words: &[&str]) -> Result<String, NotUnderstood> {
    match words {
        [] => Ok(String::new()),
        [because, why @ ..] if because.eq_ignore_ascii_case("because") => {
            Ok(why.join(" ").chars().filter(|c| !c.is_control()).take(REASON).collect())
        }
        _ => Err("a reason begins with `because`".to_owned()),
    }
}

fn waive(words: &[&str]) -> Result<Request, NotUnderstood> {
    let form = || "it takes the form `/detente waive FINDING until 2026-12-31 because …`".to_owned();
    match words {
        [row, until, date, rest @ ..] if until.eq_ignore_ascii_case("until") => {
            let digits = date.len() == 10 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
            if !digits {
                return Err(form());
            }
            Ok(Request::Waive { row: (*row).to_owned(), until: (*date).to_owned(), reason: reason(rest)? })
        }
        _ => Err(form()),
    }
}

/// The option whose box was ticked between two states of our comment; `None` if none was.
///
/// # Errors
/// If anything else differs, or more than one box was ticked: then it is not clear what whoever did it wanted, and the
/// comment no longer says what we wrote.
pub fn ticked(before: &str, after: &str) -> Option<Result<OptionName, NotUnderstood>> {
    let (was, is) = (boxes(before), boxes(after));
    let same = |a: &str, b: &str| reset(a) == reset(b);
    if !same(before, after) {
        return Some(Err("more than a box was changed in the comment, so it does not count".to_owned()));
    }
    let new: Vec<OptionName> = is
        .iter()
        .filter(|(option, ticked)| *ticked && was.iter().any(|(other, ticked)| other == option && !ticked))
        .map(|(option, _)| *option)
        .collect();
    match new.as_slice() {
        [] => None,
        [option] => Some(Ok(*option)),
        _ => Some(Err("more than one box was ticked, so it is not clear which option counts".to_owned())),
    }
}

/// Our boxes: lines that end with the hidden name of an option.
fn boxes(comment: &str) -> Vec<(OptionName, bool)> {
    comment.lines().filter_map(a_box).collect()
}

fn a_box(line: &str) -> Option<(OptionName, bool)> {
    let (ticked, rest) = match line {
        line if line.starts_with("- [ ] ") => (false, &line[6..]),
        line if line.starts_with("- [x] ") || line.starts_with("- [X] ") => (true, &line[6..]),
        _ => return None,
    };
    let name = rest.trim_end().strip_suffix(" -->")?.rsplit_once("<!-- detente:choose:")?.1;
    let (_, option) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some((*option, ticked))
}

/// The comment with every box of ours empty and line breaks as we write them.
pub fn reset(comment: &str) -> String {
    // A line break may come with more than one carriage return, of which the first reading takes but one.
    let lines = comment.lines().map(|line| line.trim_end_matches('\r')).map(|line| match a_box(line) {
        Some((_, true)) => format!("- [ ] {}", &line[6..]),
        _ => line.to_owned(),
    });
    let end = if comment.ends_with('\n') { "\n" } else { "" };
    lines.collect::<Vec<_>>().join("\n") + end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(option: OptionName, reason: &str) -> Option<Result<Request, NotUnderstood>> {
        Some(Ok(Request::Choose { option, reason: reason.to_owned() }))
    }

    #[test]
    fn a_choice_is_a_line_of_its_own() {
        use OptionName::{Balanced, Fastest, MostSecure};
        assert_eq!(in_comment("/detente choose fastest because the fair opens"), choose(Fastest, "the fair opens"));
        assert_eq!(in_comment("Fine.\n\n  /Detente Choose  Balanced\r\n"), choose(Balanced, ""));
        assert_eq!(in_comment("/detente choose most secure BECAUSE x"), choose(MostSecure, "x"));
        assert_eq!(in_comment("/detente choose most-secure"), choose(MostSecure, ""));
        assert_eq!(in_comment("<!-- a template's words -->\n/detente choose fastest"), choose(Fastest, ""));
        assert_eq!(in_comment("```\n<!--\n```\n/detente choose fastest"), choose(Fastest, ""));
    }

    #[test]
    fn what_is_quoted_or_shown_asks_for_nothing() {
        for comment in [
            "> /detente choose fastest",
            "```\n/detente choose fastest\n```",
            "~~~\n```\n/detente choose fastest\n~~~",
            "    /detente choose fastest",
            "\t/detente choose fastest",
            "You could reply `/detente choose fastest`.",
            "see /detente choose fastest",
            "Fine.\n<!--\n/detente choose fastest\n-->",
            "Fine. <!-- x --> <!-- y\n/detente choose fastest -->",
            "<!-- /detente choose fastest -->",
            "/detentechoose fastest",
            "",
        ] {
            assert_eq!(in_comment(comment), None, "{comment:?}");
        }
    }

    #[test]
    fn what_is_unclear_is_said_to_be() {
        for (comment, says) in [
            ("/detente choose fastes", "did you mean fastest?"),
            ("/detente choose", "one of fastest, balanced, most-secure"),
            ("/detente choose fastest the fair opens", "begins with `because`"),
            ("/detente choose fastest\n/detente choose balanced", "2 commands"),
            ("/detente", "says nothing"),
            ("/detente merge", "none of choose, explain, waive"),
            ("/detente waive new-critical", "/detente waive FINDING until"),
            ("/detente waive new-critical until tomorrow", "/detente waive FINDING until"),
        ] {
            let answer = in_comment(comment).unwrap().unwrap_err();
            assert!(answer.contains(says), "{comment}: {answer}");
        }
    }

    #[test]
    fn other_requests_are_understood() {
        assert_eq!(in_comment("/detente explain"), Some(Ok(Request::Explain { option: None })));
        let waiver = Request::Waive {
            row: "new-critical".to_owned(),
            until: "2026-12-31".to_owned(),
            reason: "the parser goes".to_owned(),
        };
        assert_eq!(
            in_comment("/detente waive new-critical until 2026-12-31 because the parser goes"),
            Some(Ok(waiver))
        );
    }

    const COMMENT: &str = "### Choose\n- [ ] choose **Fastest** <!-- detente:choose:fastest -->\n- [ ] choose **Balanced** <!-- detente:choose:balanced -->\n\nText\n";

    fn tick(name: &str) -> String {
        let line = format!("[ ] choose **{name}**");
        COMMENT.replace(&line, &line.replace("[ ]", "[x]"))
    }

    #[test]
    fn one_ticked_box_is_a_choice() {
        assert_eq!(ticked(COMMENT, &tick("Fastest")), Some(Ok(OptionName::Fastest)));
        // GitHub stores what a browser edits with other line breaks.
        assert_eq!(ticked(COMMENT, &tick("Balanced").replace('\n', "\r\n")), Some(Ok(OptionName::Balanced)));
        assert_eq!(ticked(&tick("Fastest"), COMMENT), None, "unticking chooses nothing");
        assert_eq!(ticked(COMMENT, COMMENT), None);
    }

    /// Found by fuzzing: `\r\r\n` became `\r\n`, and with that another comment than the one that was set back.
    #[test]
    fn to_set_back_twice_is_to_set_back_once() {
        let cleared = reset("- [x] a <!-- detente:choose:fastest -->\r\r\n\r\r\nend");
        assert_eq!(cleared, "- [ ] a <!-- detente:choose:fastest -->\n\nend");
        assert_eq!(reset(&cleared), cleared);
    }

    #[test]
    fn an_edit_of_the_words_is_no_choice() {
        let reworded = tick("Fastest").replace("Text", "Everybody agreed");
        assert!(ticked(COMMENT, &reworded).unwrap().is_err());
        // A box that is renamed would make a click on one option choose another.
        let swapped = tick("Fastest").replace("choose:fastest", "choose:balanced");
        assert!(ticked(COMMENT, &swapped).unwrap().is_err());
        let both = tick("Fastest").replace("- [ ]", "- [x]");
        assert!(ticked(COMMENT, &both).unwrap().unwrap_err().contains("more than one box"));
    }
}
