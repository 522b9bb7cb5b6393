//! `detente explain`: each number of a brief with its parts and their basis, so that a sceptic can work it out by hand.

mod finding;
mod option;

use std::path::PathBuf;

use crate::commands::error::CommandError;
use crate::commands::sheet::Sheet;
use crate::commands::{brief_file, output};
use crate::exit::Exit;
use crate::recompute::{self, Comparison};
use crate::render::json::v1::Brief;

/// How many disagreements are spelled out.
const MOST_SHOWN: usize = 20;

/// What `detente explain` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente gate results/ --output brief.json
  detente explain option balanced
  detente explain finding CVE-2023-34034 --brief brief.json
  detente demo --format json | detente explain option fastest --brief -

Every figure is computed again from the brief's own parts by the published formulas. If they disagree by more than a
millionth, the brief was altered after it was written; that is said, and ends with exit code 4.")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// An option: the queue of work, the ship day, the exposure sum, the cost, and why it has its name
    Option {
        /// fastest, balanced or most-secure
        #[arg(value_name = "NAME")]
        name: String,
        /// Brief that `gate` wrote, or `-` for standard input
        #[arg(long, value_name = "FILE", default_value = brief_file::DEFAULT)]
        brief: PathBuf,
    },
    /// A finding: its exposure rate, its due date, and what each option leaves open of it
    Finding {
        /// Id of the finding, or a public name such as CVE-2021-44228
        #[arg(value_name = "ID")]
        id: String,
        /// Brief that `gate` wrote, or `-` for standard input
        #[arg(long, value_name = "FILE", default_value = brief_file::DEFAULT)]
        brief: PathBuf,
    },
}

/// Explains, and compares the whole brief with its own parts.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let mut sheet = Sheet::new(&output::screen());
    let comparison = match &args.what {
        What::Option { name, brief } => {
            let brief = brief_file::read(brief)?;
            option::explain(&brief, chosen(&brief, name)?, &mut sheet);
            recompute::check(&brief)
        }
        What::Finding { id, brief } => {
            let brief = brief_file::read(brief)?;
            for found in finding::find(&brief, id)? {
                finding::explain(&brief, found, &mut sheet);
            }
            recompute::check(&brief)
        }
    };
    outcome(&comparison, &mut sheet);
    output::print(&sheet.finish())?;
    if comparison.disagreements.is_empty() {
        return Ok(Exit::Proceed);
    }
    let (differ, of) = (comparison.disagreements.len(), comparison.compared);
    Err(CommandError::new(
        Exit::Trust,
        format!("{differ} of {of} figures of the brief do not follow from its own parts: it was altered after it was written"),
    )
    .hint("do not decide by it; write a new one with `detente gate`"))
}

fn chosen<'a>(brief: &'a Brief, name: &str) -> Result<&'a crate::render::json::v1::PlanOption, CommandError> {
    if let Some(option) = brief.options.iter().find(|option| option.name.0.as_str() == name) {
        return Ok(option);
    }
    let names: Vec<&str> = brief.options.iter().map(|option| option.name.0.as_str()).collect();
    let error = CommandError::usage(format!("the brief has no option {}", name.escape_debug()));
    let merged = brief.merged_options.iter().find(|merged| merged.names.iter().any(|merged| merged.0.as_str() == name));
    Err(match (merged, names.as_slice()) {
        (Some(merged), _) => error.hint(crate::render::plain(&merged.why)),
        (None, []) => error.hint("there is nothing to choose: the brief offers no option"),
        (None, names) => error.hint(format!("one of {}", names.join(", "))),
    })
}

fn outcome(comparison: &Comparison, sheet: &mut Sheet) {
    let Comparison { compared, disagreements } = comparison;
    sheet.heading("Computed again");
    if disagreements.is_empty() {
        sheet.say(&format!(
            "{compared} figures of this brief were computed again from its own parts. All agree within a millionth."
        ));
        return;
    }
    sheet.say(&format!("{} of {compared} figures do not follow from the brief's own parts:", disagreements.len()));
    for disagreement in disagreements.iter().take(MOST_SHOWN) {
        sheet.item(&disagreement.to_string());
    }
    if disagreements.len() > MOST_SHOWN {
        sheet.item(&format!("and {} more", disagreements.len() - MOST_SHOWN));
    }
}
