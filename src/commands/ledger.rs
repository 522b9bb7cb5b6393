//! `detente ledger`: what was decided and promised, whether it holds, and what became of it.

mod event;
mod export;
mod on_branch;
mod show;
mod verify;

use crate::commands::error::CommandError;
use crate::commands::ledger_place::PlaceArgs;
use crate::exit::Exit;

/// What `detente ledger` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente ledger show                              how every commitment stands
  detente ledger verify                            exit code 4 if anything was altered or taken out
  detente ledger export --format csv
  detente ledger extend c-0123456789ab --until 2026-12-20 --reason \"vendor fix is late\"")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// How decisions and commitments stand
    Show(show::Args),
    /// Check that nothing was altered or taken out, and that every decision is by whom it says
    Verify(verify::Args),
    /// Write every record
    Export(export::Args),
    /// Move the date of a commitment; takes somebody one level above those who approved it
    Extend(event::Extend),
    /// Stop the clock of a commitment; takes somebody one level above those who approved it
    Pause(event::Clock),
    /// Let the clock of a commitment run again
    Resume(event::Clock),
    /// Report hours that were worked on a commitment, by which later estimates become better
    Worked(event::Worked),
    /// Give up the commitments of a change that was not merged
    Withdraw(event::Withdraw),
}

/// Runs the chosen action.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let place = &args.place;
    match &args.action {
        Action::Show(args) => show::run(place, args),
        Action::Verify(args) => verify::run(place, args),
        Action::Export(args) => export::run(place, args),
        Action::Extend(args) => event::extend(place, args),
        Action::Pause(args) => event::pause(place, args),
        Action::Resume(args) => event::resume(place, args),
        Action::Worked(args) => event::worked(place, args),
        Action::Withdraw(args) => event::withdraw(place, args),
    }
}
