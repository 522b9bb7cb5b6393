//! The choice in plain lines, one after the other: for screen readers, and for terminals that cannot be drawn on.

use std::io::{self, BufRead, Write};

use super::panel::about;
use crate::model::appetite::OptionName;
use crate::render::{Detail, Offer};

/// What can be typed.
const HELP: &str = "Type the name of an option to choose it. Type timeline, pros, findings or why with its name to hear more, \
for example: why balanced. Type options to hear the options again, or q to leave.";

/// Lets somebody choose; `None` if they left without a choice.
pub fn ask(offer: &Offer, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Option<(OptionName, String)>> {
    writeln!(out, "{}", offer.headline)?;
    for sentence in &offer.summary {
        writeln!(out, "{sentence}")?;
    }
    options(offer, out)?;
    writeln!(out, "\n{HELP}")?;
    loop {
        let Some(line) = read(input, out, "choose")? else { return Ok(None) };
        let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let named = words.iter().find_map(|word| offer.options.iter().find(|option| option.name.as_str() == word));
        let detail = words.iter().find_map(|word| detail(word));
        match (detail, named, words.first().map(String::as_str)) {
            (_, _, None) => {}
            (_, _, Some("q" | "quit" | "exit")) => return Ok(None),
            (_, _, Some("options")) => options(offer, out)?,
            (Some(detail), named, _) => {
                for option in offer.options.iter().filter(|option| named.is_none_or(|named| named == *option)) {
                    writeln!(out, "\n{} of {}", detail.heading(), option.heading)?;
                    for line in about(option, detail) {
                        writeln!(out, "{line}")?;
                    }
                    if detail == Detail::Why {
                        break;
                    }
                }
            }
            (None, Some(option), _) => {
                writeln!(
                    out,
                    "{} is chosen. Why? The reason is kept with the decision. An empty line goes back.",
                    option.heading
                )?;
                match read(input, out, "reason")? {
                    None => return Ok(None),
                    Some(reason) if reason.trim().is_empty() => {}
                    Some(reason) => return Ok(Some((option.name, reason.trim().to_owned()))),
                }
            }
            (None, None, Some(_)) => writeln!(out, "That is not understood. {HELP}")?,
        }
    }
}

fn options(offer: &Offer, out: &mut dyn Write) -> io::Result<()> {
    for (number, option) in offer.options.iter().enumerate() {
        let recommended = if option.recommended { ", recommended" } else { "" };
        let name = option.name.as_str();
        writeln!(out, "\nOption {} of {}: {} ({name}){recommended}", number + 1, offer.options.len(), option.heading)?;
        for (label, fact) in &option.facts {
            writeln!(out, "{label}: {fact}")?;
        }
    }
    for note in &offer.notes {
        writeln!(out, "\n{note}")?;
    }
    Ok(())
}

fn detail(word: &str) -> Option<Detail> {
    match word {
        "timeline" => Some(Detail::Timeline),
        "pros" | "cons" => Some(Detail::ProsAndCons),
        "findings" => Some(Detail::Findings),
        "why" => Some(Detail::Why),
        _ => None,
    }
}

/// One line; `None` at the end of the input.
fn read(input: &mut dyn BufRead, out: &mut dyn Write, prompt: &str) -> io::Result<Option<String>> {
    write!(out, "{prompt}> ")?;
    out.flush()?;
    let mut line = String::new();
    Ok((input.read_line(&mut line)? > 0).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Offered;

    fn talk(said: &str) -> (Option<(OptionName, String)>, String) {
        let option = |name: OptionName, heading: &str| Offered {
            name,
            heading: heading.to_owned(),
            recommended: false,
            facts: vec![("Ships", "today".to_owned())],
            details: vec![(Detail::Why, vec![format!("because of {heading}")])],
        };
        let offer = Offer {
            headline: "Beyond tolerance".to_owned(),
            summary: Vec::new(),
            options: vec![option(OptionName::Fastest, "Fastest"), option(OptionName::Balanced, "Balanced")],
            notes: Vec::new(),
        };
        let mut out = Vec::new();
        let chosen = ask(&offer, &mut said.as_bytes(), &mut out).unwrap();
        (chosen, String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_option_is_chosen_by_its_name_and_a_reason() {
        let (chosen, _) = talk("balanced\nthe parser goes\n");
        assert_eq!(chosen, Some((OptionName::Balanced, "the parser goes".to_owned())));
        assert_eq!(talk("balanced\n\nq\n").0, None, "no reason, no choice");
        assert_eq!(talk("balanced\n").0, None, "the end of the input chooses nothing");
        assert_eq!(talk("").0, None);
    }

    #[test]
    fn details_are_told_and_choose_nothing() {
        let (chosen, heard) = talk("why balanced\nnonsense\nq\n");
        assert_eq!(chosen, None);
        assert!(heard.contains("because of Balanced") && heard.contains("not understood"), "{heard}");
        assert!(!heard.contains('\u{1b}'), "{heard}");
    }
}
