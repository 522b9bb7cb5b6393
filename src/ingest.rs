//! Stage: bytes → [`Report`]s.
//!
//! ```text
//! inputs ──source──▶ files ──bytes──▶ text ──sniff, recognise──▶ format ──formats/<id>──▶ collector ──▶ Report
//! ```
//!
//! A format is recognised by its content alone. Reports are hostile input: what is read is bounded in size, depth and
//! count, and whatever is not understood is counted as unread, so that nothing missing can pass for clean.
//!
//! What goes wrong is told apart by who has to act. Inputs that lead nowhere (a folder without a report, a pattern
//! without a match) are an [`IngestError`]: the pipeline looks in the wrong place. A named report that is missing,
//! empty, cut off or not understood is a [`Report`] with a problem: the evidence is missing, and the brief says so.

mod advice;
mod archive;
mod audit;
mod begun;
mod bytes;
mod collector;
mod credentials;
mod document;
mod facts;
mod format;
mod formats;
mod json;
mod known;
mod lenient;
mod mapped;
mod packages;
mod path;
mod place;
mod plain;
mod rating;
mod read;
mod read_error;
mod recognise;
mod secret;
mod sniff;
mod source;
mod statements;
mod tally;
mod usual;
mod value_end;
mod window;
mod written;
mod xml;

use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use bytes::Limits;
pub use facts::{given as given_facts, known as known_facts};
pub use format::Format;
pub use formats::FORMATS;
pub use known::{Formats, Known};
pub use read::absent;
use read::{How, Outcome};
pub use source::IngestError;
use tally::Keep;
pub use tally::{Counted, Tally};
pub use usual::{USUAL_FOLDERS, USUAL_NAMES};

use crate::model::report::Report;

/// Reads every report that `inputs` lead to: files, folders (searched for reports), patterns such as `out/*.json`,
/// and `-` for `stdin`. Each file is read once, however many inputs lead to it. The result is ordered by path and does
/// not depend on the order of `inputs`.
///
/// # Errors
/// If an input leads to no report at all. A report that is there but cannot be understood is not an error: it is a
/// [`Report`] with a problem that leaves evidence missing.
pub fn ingest(
    inputs: &[String],
    stdin: &mut (dyn Read + Send),
    formats: &Formats<'_>,
    limits: &Limits,
) -> Result<Vec<Report>, IngestError> {
    reports(inputs, stdin, How { formats, limits, keep: Keep::Everything })
}

/// As [`ingest`], for whoever judges: without the scanner's own ids and long texts, by which nothing is judged.
///
/// # Errors
/// As [`ingest`].
pub fn ingest_to_judge(
    inputs: &[String],
    stdin: &mut (dyn Read + Send),
    formats: &Formats<'_>,
    limits: &Limits,
) -> Result<Vec<Report>, IngestError> {
    reports(inputs, stdin, How { formats, limits, keep: Keep::Judged })
}

/// As [`ingest`], for whoever needs the numbers of observations only, which take no more memory however many there are.
/// The bytes are not hashed: numbers are evidence of nothing.
pub fn count(
    inputs: &[String],
    stdin: &mut (dyn Read + Send),
    formats: &Formats<'_>,
    limits: &Limits,
) -> Result<Vec<Counted>, IngestError> {
    let read = all(inputs, stdin, How { formats, limits, keep: Keep::Numbers })?;
    Ok(read.into_iter().map(|(report, tally)| Counted::of(report, tally)).collect())
}

fn reports(inputs: &[String], stdin: &mut (dyn Read + Send), how: How<'_>) -> Result<Vec<Report>, IngestError> {
    Ok(all(inputs, stdin, how)?.into_iter().map(|(report, _)| report).collect())
}

fn all(inputs: &[String], stdin: &mut (dyn Read + Send), how: How<'_>) -> Result<Vec<(Report, Tally)>, IngestError> {
    let found = source::find(inputs, how.limits)?;
    let read = |file: &source::File| read::file(&file.name, &file.path, file.named, how);
    // One file is read where we are: to start threads for it would only cost time.
    let mut outcomes: Vec<Outcome> = match found.files.as_slice() {
        [file] => vec![read(file)],
        files => files.par_iter().map(read).collect(),
    };
    let is_report: Vec<bool> = outcomes.iter().map(|outcome| matches!(outcome, Outcome::Reports(_))).collect();
    found.confirm(&is_report)?;
    if found.stdin {
        outcomes.push(read::stream("-", stdin, how));
    }
    let mut reports: Vec<(Report, Tally)> = outcomes.into_iter().flat_map(reports_of).collect();
    reports.sort_by(|(a, _), (b, _)| (&a.path, a.sha256).cmp(&(&b.path, b.sha256)));
    Ok(reports)
}

fn reports_of(outcome: Outcome) -> Vec<(Report, Tally)> {
    match outcome {
        Outcome::Reports(reports) => reports,
        Outcome::PassedOver => Vec::new(),
    }
}

/// Reads the reports that lie in the usual places below `root` ([`USUAL_FOLDERS`], [`USUAL_NAMES`]) to judge them, ordered by
/// path; none if there is none. Links are not followed.
pub fn ingest_usual(root: &Path, formats: &Formats<'_>, limits: &Limits) -> Vec<Report> {
    let (candidates, more) = usual::candidates(root, limits);
    if more {
        tracing::warn!("the usual places hold more than {} files; the rest is not looked at", limits.files);
    }
    let how = How { formats, limits, keep: Keep::Judged };
    let outcomes: Vec<Outcome> =
        candidates.par_iter().map(|file| read::file(&file.name, &file.path, false, how)).collect();
    outcomes.into_iter().flat_map(reports_of).map(|(report, _)| report).collect()
}

/// Reads the reports in an archive of what a pipeline left behind, called `name`, to judge them: those that `inputs` would
/// lead to if it was unpacked where they are given from, or, without any, those in the usual places. Also what could not be
/// read, in words.
///
/// # Errors
/// If it is no archive that can be opened, in words.
pub fn ingest_artifacts(
    name: &str,
    archive: Vec<u8>,
    inputs: &[String],
    formats: &Formats<'_>,
    limits: &Limits,
) -> Result<(Vec<Report>, Vec<String>), String> {
    let how = How { formats, limits, keep: Keep::Judged };
    match inputs {
        [] => read::members(name, archive, &usual::is_usual(), how),
        inputs => read::members(name, archive, &source::leads_to(inputs), how),
    }
}

/// The files that `input` leads to, a file, a folder or a pattern, as reports are looked for. A file that is named by itself need not
/// be there.
///
/// # Errors
/// If nothing matches, or the input cannot be searched.
pub fn files(input: &str, limits: &Limits) -> Result<Vec<PathBuf>, IngestError> {
    Ok(source::find(&[input.to_owned()], limits)?.files.into_iter().map(|file| file.path).collect())
}

/// Whether anything lies in the usual places, be it a report or not: a quick look.
pub fn usual_places_hold_something(root: &Path, limits: &Limits) -> bool {
    !usual::candidates(root, limits).0.is_empty()
}

/// Reads one report that is already in memory, called `name`, to judge it.
pub fn ingest_bytes(name: &str, mut bytes: &[u8], formats: &Formats<'_>, limits: &Limits) -> Option<Report> {
    let how = How { formats, limits, keep: Keep::Judged };
    reports_of(read::stream(name, &mut bytes, how)).pop().map(|(report, _)| report)
}
