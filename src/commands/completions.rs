//! `detente completions`: completion scripts for shells.

use clap_complete::Shell;

use crate::commands::error::CommandError;
use crate::commands::output;
use crate::exit::Exit;

/// What `detente completions` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente completions bash > ~/.local/share/bash-completion/completions/detente
  detente completions zsh > ~/.zfunc/_detente                    with ~/.zfunc in fpath
  detente completions fish > ~/.config/fish/completions/detente.fish
  detente completions powershell >> $PROFILE")]
pub struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script for `command`.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "detente", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Proceed)
}
