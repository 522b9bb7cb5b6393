//! Asking the person at the terminal, in the way that the terminal and the person can use.

use std::io::{self, IsTerminal as _};

use super::panel::Panel;
use super::{aloud, screen};
use crate::commands::error::CommandError;
use crate::commands::output;
use crate::exit::Exit;
use crate::model::appetite::OptionName;
use crate::render;
use crate::render::json::v1;

/// Whether somebody can be asked at all; said before anything is read.
pub fn possible(plain: bool) -> Result<(), CommandError> {
    if plain || is_screen() || is_simple() {
        return Ok(());
    }
    Err(CommandError::usage("no option is named, and nobody can be asked here because this is not a terminal")
        .hint("name one: `detente choose balanced --reason \"…\"`, or ask in plain lines with --plain"))
}

/// Lets the person choose, with a `note` for them under the options; `None` if they left without a choice.
pub fn ask(brief: &v1::Brief, note: Option<String>, plain: bool) -> Result<Option<(OptionName, String)>, CommandError> {
    let brief = render::json::read_back(brief)
        .map_err(|problem| CommandError::usage(format!("the brief cannot be read: {problem}")))?;
    let unicode = output::screen().unicode;
    let mut offer = render::offer(&brief, unicode);
    offer.notes.extend(note);
    if offer.options.is_empty() {
        return Err(CommandError::new(
            Exit::Proceed,
            format!("there is nothing to choose. {} {}", offer.headline, offer.summary.join(" ")),
        ));
    }
    let asked = if plain || !is_screen() {
        aloud::ask(&offer, &mut io::stdin().lock(), &mut io::stdout())
    } else {
        screen::ask(Panel::new(offer, unicode))
    };
    asked.map_err(|error| {
        CommandError::usage(format!("the terminal: {error}")).hint("try --plain, or name the option and --reason")
    })
}

/// Whether the terminal can be drawn on.
fn is_screen() -> bool {
    is_simple() && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Whether there is a terminal.
fn is_simple() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
