//! `detente schema`: JSON Schemas of the files that Detente writes and reads.

use crate::commands::error::CommandError;
use crate::commands::output;
use crate::exit::Exit;
use crate::{appetite, render};

/// What `detente schema` is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which one
    #[arg(value_enum)]
    name: Name,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Name {
    /// What `detente gate --format json` writes
    Brief,
    /// The appetite file
    Appetite,
}

/// Prints the schema.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let schema = match args.name {
        Name::Brief => render::brief_schema(),
        Name::Appetite => appetite::schema(),
    };
    output::print(&format!("{schema:#}\n"))?;
    Ok(Exit::Proceed)
}
