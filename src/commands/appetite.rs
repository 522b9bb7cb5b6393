//! `detente appetite`: everything about the file that CIO and CISO agree on. One action, one file.

mod check;
mod diff;
mod explain;
mod facts;
mod new;
mod sign;
mod simulate;
mod verify;

use crate::commands::error::CommandError;
use crate::exit::Exit;

/// What `detente appetite` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite new --profile cautious --cio cio.pub --ciso ciso.pub results/
  detente appetite sign --as cio --key ~/.ssh/id_ed25519
  detente appetite verify
  detente appetite explain --for board --format markdown
  detente appetite diff                                   what an edit would change
  detente appetite simulate briefs/ --draft draft.yml     what a draft would have meant
  detente appetite facts                                  what a row's condition can ask about")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    New(new::Args),
    Check(check::Args),
    Explain(explain::Args),
    Diff(diff::Args),
    Simulate(simulate::Args),
    Sign(sign::Args),
    Verify(verify::Args),
    Facts(facts::Args),
}

/// Runs the chosen action.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    match &args.action {
        Action::New(args) => new::run(args),
        Action::Check(args) => check::run(args),
        Action::Explain(args) => explain::run(args),
        Action::Diff(args) => diff::run(args),
        Action::Simulate(args) => simulate::run(args),
        Action::Sign(args) => sign::run(args),
        Action::Verify(args) => verify::run(args),
        Action::Facts(args) => facts::run(args),
    }
}
