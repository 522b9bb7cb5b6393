//! `detente appetite facts`: the facts that rows are written about.

use crate::commands::error::CommandError;
use crate::commands::output;
use crate::commands::sheet::Sheet;
use crate::exit::Exit;
use crate::model::facts::FACTS;

/// List the facts that a tolerance row's condition can ask about
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints the table.
pub(super) fn run(_: &Args) -> Result<Exit, CommandError> {
    let mut sheet = Sheet::new(&output::screen());
    sheet.table(
        ["Fact", "Type", "Values", "Meaning"],
        FACTS.iter().map(|fact| {
            [fact.name.to_owned(), fact.kind.name().to_owned(), fact.kind.values(), fact.meaning.to_owned()]
        }),
    );
    output::print(&sheet.finish())?;
    Ok(Exit::Proceed)
}
