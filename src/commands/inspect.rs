//! `detente inspect`: what each report holds, as understood; nothing is judged.

mod machine;

use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::commands::table::table;
use crate::commands::{evidence, output, rulebook};
use crate::exit::Exit;
use crate::ingest::{Counted, Formats, Tally};
use crate::model::report::Problem;
use crate::render;

/// What `detente inspect` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente inspect results/
  detente inspect trivy.json --format json | jq '.reports[].findings'
  detente inspect our-tool.json --mapping our-tool.yaml      try a description of a format of your own

A repository's own formats (.detente/rules/formats) are read from the disk here; `detente gate` takes them from the
target branch.")]
pub struct Args {
    /// Reports: files, folders, globs, or `-` for standard input
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Read the reports by this description of a format, and by no other
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// A table
    #[default]
    Terminal,
    /// Every fact that was read
    Json,
}

/// Reads the reports and shows them. A report that could not be read in full ends with exit code 3.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let tried = args.mapping.as_deref().map(rulebook::mapping).transpose()?;
    let known = rulebook::formats_on_disk(Path::new("."))?;
    let formats = tried.as_ref().map_or_else(|| Formats::with(&known), Formats::only);
    let incomplete = match args.format {
        Form::Terminal => {
            let reports = evidence::count(&args.reports, &formats)?;
            output::print(&overview(&reports))?;
            reports.iter().any(|report| is_incomplete(&report.problems))
        }
        Form::Json => {
            let reports = evidence::read_in_full(&args.reports, &formats)?;
            output::print_json(&machine::Document::of(&reports))?;
            reports.iter().any(|report| is_incomplete(&report.problems))
        }
    };
    Ok(if incomplete { Exit::Unresolved } else { Exit::Proceed })
}

fn is_incomplete(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.evidence_missing)
}

fn overview(reports: &[Counted]) -> String {
    let screen = output::screen();
    let plain = |text: &str| render::shown(text, &screen);
    let header = ["Report", "Format", "Tool", "Kinds", "Findings", "Not counted", "Unread"];
    let rows = reports.iter().map(|report| {
        let kinds: Vec<&str> = report.scan.kinds.iter().map(|kind| kind.as_str()).collect();
        vec![
            plain(&report.path),
            report.format.clone().unwrap_or_else(|| "not recognised".to_owned()),
            plain(format!("{} {}", report.scan.tool, report.scan.tool_version).trim()),
            kinds.join(", "),
            by_severity(&report.tally),
            report.tally.suppressed.to_string(),
            report.unread.to_string(),
        ]
    });
    let table = table(header.map(str::to_owned).to_vec(), rows.collect(), &screen);
    let problems = reports.iter().flat_map(|report| {
        report.problems.iter().map(|problem| {
            let weight = if problem.evidence_missing { "evidence is missing" } else { "remark" };
            format!("{} ({weight}): {}\n", plain(&report.path), plain(&problem.message))
        })
    });
    std::iter::once(table).chain(problems).collect()
}

/// `12 (2 critical, 10 high)`
fn by_severity(tally: &Tally) -> String {
    let parts: Vec<String> = tally.open.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    if parts.is_empty() { "0".to_owned() } else { format!("{} ({})", tally.open(), parts.join(", ")) }
}
