//! `detente appetite`: check the appetite file, verify who signed it, list the facts that rows are written about.

use std::path::PathBuf;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::{governance, output};
use crate::exit::Exit;
use crate::model::appetite::{AgreementState, Appetite};
use crate::model::facts::FACTS;

/// Check, verify and document the appetite file
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Read the file and say what is wrong with it, with line and column
    Check {
        /// Appetite file
        #[arg(value_name = "FILE", default_value = governance::DEFAULT_PATH)]
        file: PathBuf,
    },
    /// Verify both signatures: exit code 0 if agreed, 4 if not
    Verify {
        /// Appetite file; the signatures lie beside it as FILE.cio.sig and FILE.ciso.sig
        #[arg(value_name = "FILE", default_value = governance::DEFAULT_PATH)]
        file: PathBuf,
        /// Keys that may sign, in the form of ssh-keygen's allowed signers, principals `cio` and `ciso`
        #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
        allowed_signers: Option<PathBuf>,
        /// Moment at which the agreement has to be in effect [default: now]
        #[arg(long, value_name = "RFC3339")]
        now: Option<Timestamp>,
    },
    /// List the facts that a tolerance row's condition can ask about
    Facts,
}

/// Runs the chosen action.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    match &args.action {
        Action::Check { file } => {
            let read = governance::read_from_disk(file, None, Timestamp::now())?;
            output::print(&format!("{}: readable; {}\n", file.display(), summary(&read)))?;
            Ok(Exit::Proceed)
        }
        Action::Verify { file, allowed_signers, now } => {
            let now = now.unwrap_or_else(Timestamp::now);
            let read = governance::read_from_disk(file, allowed_signers.as_deref(), now)?;
            let agreement = &read.agreement;
            let remark = if agreement.remark.is_empty() { String::new() } else { format!(" {}", agreement.remark) };
            output::print(&format!("{}: {}.{remark}\n", file.display(), agreement.state.as_str()))?;
            Ok(if agreement.state == AgreementState::Agreed { Exit::Proceed } else { Exit::Trust })
        }
        Action::Facts => {
            let mut table = Table::new();
            table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(output::screen().width);
            table.set_header(["Fact", "Type", "Values", "Meaning"]);
            for fact in FACTS {
                table.add_row([fact.name, fact.kind.name(), &fact.kind.values(), fact.meaning]);
            }
            output::print(&format!("{table}\n"))?;
            Ok(Exit::Proceed)
        }
    }
}

fn summary(appetite: &Appetite) -> String {
    let held = appetite.tolerance.iter().filter(|row| row.before_ship).count();
    format!(
        "{}: {} services, {} tolerance rows, of which {held} must be treated before ship",
        appetite.name,
        appetite.services.len(),
        appetite.tolerance.len()
    )
}
