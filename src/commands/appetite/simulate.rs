//! `detente appetite simulate`: what a draft would have meant for the changes of the past.

mod drafts;
mod lapses;
mod outcome;
mod runs;
mod shown;

use std::path::PathBuf;

use jiff::civil::Date;

use crate::commands::error::CommandError;
use crate::commands::{governance, output, rulebook, sheet};
use crate::exit::Exit;
use crate::{render, rules};

use super::check::rules_beside;

/// Replay past runs under one or several drafts: how often each would have asked, held, missed; what it would have cost
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite simulate briefs/                                    the present appetite
  detente appetite simulate briefs/ --draft strict.yml --draft open.yml side by side
  detente appetite simulate briefs/ --what-if half-deadlines --what-if cautious=open
  detente appetite simulate reports-by-date/ --draft draft.yml         folders named 2026-11-01, 2026-11-08 …
  detente appetite simulate --at 2027-03-01                            what lapses when

A run is a brief that `gate --output run.json` wrote, or a folder of reports whose name begins with its date; of those
each is compared with the one before. Nothing is recorded and nobody is asked: it is arithmetic on stored evidence.")]
pub(super) struct Args {
    /// Briefs (JSON), folders of briefs, or a folder of dated folders of reports
    #[arg(value_name = "PATH", required_unless_present = "at")]
    runs: Vec<PathBuf>,
    /// Draft to replay under; repeat it to compare [default: the present file]
    #[arg(long, value_name = "FILE")]
    draft: Vec<PathBuf>,
    /// Variation of the first draft: half-deadlines, or one level instead of another such as cautious=open
    #[arg(long, value_name = "VARIATION")]
    what_if: Vec<String>,
    /// Show what lapses by this day
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
    /// Form
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// A table
    #[default]
    Terminal,
    /// For programs
    Json,
    /// A page with the drafts side by side, one self-contained file
    Html,
}

/// Replays and prints.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let files = if args.draft.is_empty() { vec![governance::file(None)] } else { args.draft.clone() };
    let rules = rules::load(&rules_beside(&files[0])?).map_err(|error| rulebook::refused(&error))?;
    let drafts = drafts::read(&files, &args.what_if, &rules)?;
    let mut runs = Vec::new();
    for path in &args.runs {
        runs.extend(runs::read(path)?);
    }
    runs.sort_by(|a, b| (a.now, &a.name).cmp(&(b.now, &b.name)));
    if runs.is_empty() && args.at.is_none() {
        return Err(CommandError::new(Exit::Unresolved, "there is no run to replay")
            .hint("keep briefs with `detente gate results/ --output briefs/$(date +%F).json`"));
    }
    let outcomes: Vec<_> = drafts.iter().map(|draft| outcome::of(draft, &runs)).collect();
    let lapses = args.at.map(|day| drafts.iter().map(|draft| lapses::by(&draft.appetite, day)).collect::<Vec<_>>());
    output::print(&match args.format {
        Form::Terminal => sheet::explanation(&shown::page(&outcomes, runs.len(), args.at, lapses.as_deref())),
        Form::Html => render::explanation_page(&shown::page(&outcomes, runs.len(), args.at, lapses.as_deref())),
        Form::Json => format!("{:#}\n", shown::json(&outcomes, &runs, args.at, lapses.as_deref())),
    })?;
    Ok(Exit::Proceed)
}
