//! `detente intel`: public feeds, fetched once and kept. The only command here that uses a network.

mod fetch;
mod show;
mod update;

use crate::commands::error::CommandError;
use crate::exit::Exit;

/// What `detente intel` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente intel update                                    CISA's and FIRST's own addresses
  detente intel update --kev-url https://mirror.example.com/kev.json --epss-url https://mirror.example.com/epss.csv.gz
  detente intel show

`detente gate` uses what is kept here where --kev and --epss are not given. It never fetches anything itself.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Update(update::Args),
    Show(show::Args),
}

/// Runs the chosen action.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    match &args.action {
        Action::Update(args) => update::run(args),
        Action::Show(args) => show::run(args),
    }
}
