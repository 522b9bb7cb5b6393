//! `detente appetite check`: is the file readable, and does what it names exist.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::{governance, output, rulebook};
use crate::exit::Exit;
use crate::model::appetite::Appetite;
use crate::{appetite, rules};

/// Read the file and say what is wrong with it, with line and column
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Appetite file [default: .detente/appetite.yml]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Reads the file, and says what is worth knowing about it.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let file = governance::file(args.file.as_deref());
    let bytes = governance::read_bytes(&file)?;
    let read = appetite::read(&bytes, &file.display().to_string()).map_err(governance::refused)?;
    let rules = rules::load(&rules_beside(&file)?).map_err(|error| rulebook::refused(&error))?;
    let tables: Vec<&str> = rules.timelines.keys().map(String::as_str).collect();
    appetite::check_timelines(&bytes, &read, &tables).map_err(governance::refused)?;
    let mut said = format!("{}: readable; {}\n", file.display(), summary(&read));
    for remark in appetite::remarks(&read, Timestamp::now()) {
        said += &format!("  - {}\n", crate::render::plain(&remark));
    }
    output::print(&said)?;
    Ok(Exit::Proceed)
}

/// The repository's own rules, which lie in the folder `rules` beside the appetite file.
pub(super) fn rules_beside(file: &Path) -> Result<Vec<rulebook::RuleFile>, CommandError> {
    match file.parent().map(|folder| folder.join("rules")) {
        Some(folder) if folder.is_dir() => rulebook::from_disk(&folder),
        _ => Ok(Vec::new()),
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
