//! `detente demo`: the main job on built-in sample reports, a signed sample appetite and a fixed date.

use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};
use jiff::Timestamp;

use crate::appetite::TrustedKeys;
use crate::commands::error::CommandError;
use crate::commands::judge::{self, Inputs};
use crate::commands::output;
use crate::exit::Exit;
use crate::ingest::{self, Formats, Limits};
use crate::model::brief::Brief;
use crate::model::change::Change;
use crate::model::intel::Intel;
use crate::model::report::Report;
use crate::plan::Request;
use crate::{appetite, intel, rules};

/// What the demo reads: reports before and after a change, feeds, and an appetite with two signatures whose private
/// keys no longer exist.
static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/commands/demo");

/// A Tuesday morning on which a change to the checkout service is waiting.
const NOW: &str = "2026-11-24T09:30:00Z";

/// What `detente demo` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente demo
  detente demo --format markdown      the comment that a pull request gets
  detente demo --output brief.json")]
pub struct Args {
    /// Form of the result on standard output
    #[arg(long, value_name = "FORM")]
    format: Option<String>,
    /// Also write the result to a file; its ending chooses the form, or write FORM=FILE
    #[arg(long, value_name = "FILE")]
    output: Vec<String>,
}

/// Runs the demo.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let destinations = output::Destinations::of(args.format.as_deref(), &args.output)?;
    destinations.write(&brief()?)?;
    Ok(Exit::Proceed)
}

/// The brief of the demo.
fn brief() -> Result<Brief, CommandError> {
    let now: Timestamp = NOW.parse().map_err(CommandError::usage)?;
    let appetite_bytes = sample("appetite.yml")?;
    let mut appetite = appetite::read(appetite_bytes, "the demo's sample appetite")
        .map_err(|error| CommandError::usage(error.render(false)))?;
    let mut signatures = BTreeMap::new();
    for role in ["cio", "ciso"] {
        signatures.insert(role.to_owned(), sample(&format!("appetite.yml.{role}.sig"))?.to_vec());
    }
    let trusted =
        TrustedKeys::parse(&String::from_utf8_lossy(sample("allowed_signers")?)).map_err(CommandError::usage)?;
    appetite.agreement = appetite::agreement(appetite_bytes, &appetite, &signatures, Some(&trusted), now);

    let (after, before) = (reports("change")?, reports("base")?);
    let wanted = after
        .iter()
        .chain(&before)
        .flat_map(|report| &report.observations)
        .flat_map(|seen| seen.identifiers.iter().cloned())
        .collect();
    let intel = Intel {
        kev: Some(intel::read_kev(sample("kev.json")?).map_err(CommandError::usage)?),
        epss: Some(intel::read_epss(sample("epss.csv")?, &wanted).map_err(CommandError::usage)?),
    };
    Ok(judge::judge(Inputs {
        agreements: Vec::new(),
        reports: after,
        brought: BTreeSet::new(),
        base_reports: Some(before),
        change: Change {
            unknown_because: "The demo has no repository; its base reports tell what is new.".to_owned(),
            ..Change::default()
        },
        appetite,
        rules: rules::load(&[]).map_err(CommandError::usage)?,
        intel,
        now,
        history: None,
        authors: Vec::new(),
        notices: vec![
            "This is the demo: sample reports, a sample appetite signed by sample keys, and a fixed date.".to_owned(),
        ],
        request: Request::default(),
    }))
}

fn sample(name: &str) -> Result<&'static [u8], CommandError> {
    SAMPLES
        .get_file(name)
        .map(include_dir::File::contents)
        .ok_or_else(|| CommandError::usage(format!("the built-in sample {name} is missing")))
}

/// The sample reports of a folder, in the order of their names.
fn reports(folder: &str) -> Result<Vec<Report>, CommandError> {
    let folder = SAMPLES
        .get_dir(folder)
        .ok_or_else(|| CommandError::usage(format!("the built-in samples {folder} are missing")))?;
    let mut files: Vec<_> = folder.files().collect();
    files.sort_by_key(|file| file.path());
    Ok(files
        .into_iter()
        .filter_map(|file| {
            let name = format!("demo/{}", file.path().display());
            ingest::ingest_bytes(&name, file.contents(), &Formats::with(&[]), &Limits::default())
        })
        .collect())
}
