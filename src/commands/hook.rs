//! `detente hook`: the same answer before a push, on the machine of whoever pushes.

mod before_push;
mod carried;
mod pushed;

use std::path::PathBuf;

use crate::commands::error::CommandError;
use crate::commands::folder::folder;
use crate::commands::output;
use crate::exit::Exit;
use crate::hooks::{self, Done, Manner};
use crate::render;

/// What `detente hook` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente hook install               advises before each push, and never holds it
  detente hook install --hold        holds a push while a before_ship row is open
  detente hook run                   what the hook says, now
  detente hook uninstall

The hook is put where git looks for it (core.hooksPath, Husky, Lefthook); hooks that are there stay. With the pre-commit
framework use .pre-commit-config.yaml instead, see docs/hooks.md.")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Put the hook in; doing it twice changes nothing
    Install {
        /// Repository
        #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
        repository: PathBuf,
        /// Hold a push while a before_ship row is open, instead of only advising
        #[arg(long)]
        hold: bool,
    },
    /// Take the hook out; what was there before stands as it stood
    Uninstall {
        /// Repository
        #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
        repository: PathBuf,
    },
    /// Say how the committed change stands; this is what the hook calls
    Run(before_push::Args),
}

/// Runs the chosen part.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    match &args.what {
        What::Install { repository, hold } => {
            let manner = if *hold { Manner::Hold } else { Manner::Advise };
            let done = hooks::install(repository, manner).map_err(CommandError::usage)?;
            say(&done, "The hook before a push is in", "The hook before a push was in already")
        }
        What::Uninstall { repository } => {
            let done = hooks::uninstall(repository).map_err(CommandError::usage)?;
            say(&done, "The hook before a push is out of", "Nothing was changed in")
        }
        What::Run(args) => before_push::run(args),
    }
}

fn say(done: &Done, changed: &str, unchanged: &str) -> Result<Exit, CommandError> {
    let what = if done.changed { changed } else { unchanged };
    let mut text = format!("{what}: {}\n", render::plain(&done.file.display().to_string()));
    for note in &done.notes {
        text.push_str(&format!("{note}\n"));
    }
    output::print(&text)?;
    Ok(Exit::Proceed)
}
