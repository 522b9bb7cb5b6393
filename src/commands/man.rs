//! `detente man`: manual pages.

use std::path::PathBuf;

use crate::commands::error::CommandError;
use crate::commands::output;
use crate::exit::Exit;

/// What `detente man` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente man | man -l -                            read it now
  detente man --output ~/.local/share/man/man1      one page for each subcommand: man detente-gate")]
pub struct Args {
    /// Folder for the pages of all subcommands
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Prints or writes the pages of `command`.
pub(crate) fn run(args: &Args, command: clap::Command) -> Result<Exit, CommandError> {
    let Some(folder) = &args.output else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(CommandError::usage)?;
        output::print(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Proceed);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|error| {
        CommandError::usage(format!("{}: the pages cannot be written: {error}", folder.display()))
            .hint("name a folder that can be written to with --output")
    })?;
    Ok(Exit::Proceed)
}
