//! `detente appetite diff`: what an edit of the agreement would change, in plain words.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::commands::error::CommandError;
use crate::commands::sheet::Sheet;
use crate::commands::{governance, output, rulebook};
use crate::exit::Exit;
use crate::model::appetite::Appetite;
use crate::model::edit::{Direction, Edit};
use crate::{appetite, change, rules};

use super::check::rules_beside;

/// Say what an edited appetite would change, in plain words: what gets looser, what tighter
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite diff                             the target branch against the file on disk
  detente appetite diff draft.yml                   the target branch against a draft
  detente appetite diff old.yml new.yml")]
pub(super) struct Args {
    /// One file: compared with the target branch's. Two files: old and new
    #[arg(value_name = "FILE", num_args = 0..=2)]
    files: Vec<PathBuf>,
    /// Branch whose version is the old one [default: the remote's default branch]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Form
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// For people
    #[default]
    Terminal,
    /// For programs
    Json,
}

/// Compares and prints.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let default = governance::file(None);
    let (old, new) = match args.files.as_slice() {
        [old, new] => (read(old)?, new.clone()),
        files => {
            let new = files.first().cloned().unwrap_or_else(|| default.clone());
            (on_target(args.base.as_deref(), &default)?, new)
        }
    };
    let read_new = read(&new)?;
    let rules = rules::load(&rules_beside(&new)?).map_err(|error| rulebook::refused(&error))?;
    let edits = appetite::difference(&old, &read_new, &rules.timelines);
    output::print(&match args.format {
        Form::Terminal => on_screen(&old, &read_new, &edits),
        Form::Json => format!("{:#}\n", as_json(&old, &read_new, &edits)),
    })?;
    Ok(Exit::Proceed)
}

fn read(path: &Path) -> Result<Appetite, CommandError> {
    let bytes = governance::read_bytes(path)?;
    appetite::read(&bytes, &path.display().to_string()).map_err(governance::refused)
}

fn on_target(base: Option<&str>, path: &Path) -> Result<Appetite, CommandError> {
    let here = Path::new(".");
    let (target, tip) = change::target(here, base).map_err(CommandError::usage)?;
    let inside = change::path_in_repository(here, path)
        .ok_or_else(|| CommandError::usage(format!("{}: is outside the repository", path.display())))?;
    let bytes = change::trusted_file(here, &tip, &inside).map_err(CommandError::usage)?.ok_or_else(|| {
        CommandError::usage(format!("{inside} is not on {target}"))
            .hint("name the old file too: `detente appetite diff OLD NEW`")
    })?;
    appetite::read(&bytes, &format!("{inside} on {target}")).map_err(governance::refused)
}

fn on_screen(old: &Appetite, new: &Appetite, edits: &[Edit]) -> String {
    let mut sheet = Sheet::new(&output::screen());
    sheet.title(&format!("{} → {}", old.origin, new.origin));
    if old.sha256 == new.sha256 {
        sheet.say("The same file, byte for byte.");
    } else if edits.is_empty() {
        sheet.say("Only wording or comments differ; both still have to sign the new bytes.");
    }
    for (direction, heading) in
        [(Direction::Looser, "Looser"), (Direction::Tighter, "Tighter"), (Direction::Other, "Otherwise")]
    {
        let some: Vec<&Edit> = edits.iter().filter(|edit| edit.direction == direction).collect();
        if !some.is_empty() {
            sheet.heading(heading);
            some.iter().for_each(|edit| sheet.item(&edit.say));
        }
    }
    sheet.finish()
}

fn as_json(old: &Appetite, new: &Appetite, edits: &[Edit]) -> serde_json::Value {
    let edits: Vec<_> =
        edits.iter().map(|edit| json!({ "direction": edit.direction.as_str(), "say": edit.say })).collect();
    let side = |appetite: &Appetite| json!({ "origin": appetite.origin, "sha256": appetite.sha256.to_string() });
    json!({ "schema": "detente.appetite-diff/1", "old": side(old), "new": side(new), "edits": edits })
}
