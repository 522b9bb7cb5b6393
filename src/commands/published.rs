//! How a person is told what was published on a forge, and what was not.

use super::error::CommandError;
use super::output;
use crate::exit::Exit;
use crate::forge::error::ForgeError;
use crate::forge::published::Published;
use crate::render;

/// Says what was published; whether that is everything.
pub(super) fn report(published: &Published) -> Result<bool, CommandError> {
    let mut text = String::new();
    for line in &published.done {
        text.push_str(&format!("{}\n", render::plain(line)));
    }
    for line in &published.skipped {
        text.push_str(&format!("not published: {}\n", render::plain(line)));
    }
    output::print(&text)?;
    for error in &published.errors {
        unreachable(error).print();
    }
    Ok(published.errors.is_empty() && published.skipped.is_empty())
}

/// What a forge refused. It may quote the forge's answer, which is nobody's word but its own.
pub(super) fn unreachable(error: &ForgeError) -> CommandError {
    CommandError::new(Exit::Forge, render::plain(&error.message)).hint(render::plain(&error.advice))
}
