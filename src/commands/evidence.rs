//! The reports of a run: those that were named, or those in the usual places.

use std::path::{Path, PathBuf};

use crate::commands::error::CommandError;
use crate::exit::Exit;
use crate::ingest::{self, Counted, Formats, IngestError, Limits};
use crate::model::report::Report;
use crate::{change, render};

/// How many reports are listed by name.
const MOST_LISTED: usize = 6;

/// Reports, and what the reader should know about how they were found.
pub(super) struct Found {
    /// The reports.
    pub reports: Vec<Report>,
    /// One sentence each.
    pub notices: Vec<String>,
    /// Where no report is, if it was looked for in vain. Among the reports one stands for it whose evidence is missing.
    pub absent: Option<CommandError>,
}

/// The reports that were `named`; if none was, those in the usual places of the repository that `folder` lies in.
pub(super) fn find(named: &[String], folder: &Path, formats: &Formats<'_>) -> Result<Found, CommandError> {
    if !named.is_empty() {
        return find_named(named, formats);
    }
    let root = root(folder);
    let reports = ingest::ingest_usual(&root, formats, &Limits::default());
    if reports.is_empty() {
        let message =
            "no report was named, and there is none; have a scanner write its report there, or name the reports";
        let reports = vec![ingest::absent("the usual places", message.to_owned())];
        return Ok(Found { reports, notices: Vec::new(), absent: Some(nothing(&root)) });
    }
    let notice = format!("No report was named; judged on what lies in the usual places: {}.", listed(&reports));
    Ok(Found { reports, notices: vec![notice], absent: None })
}

/// The reports that were named. One that leads nowhere keeps nobody from reading what the others say.
fn find_named(named: &[String], formats: &Formats<'_>) -> Result<Found, CommandError> {
    let mut found = Found { reports: Vec::new(), notices: Vec::new(), absent: None };
    let mut named = named.to_vec();
    while !named.is_empty() {
        match ingest::ingest_to_judge(&named, &mut std::io::stdin(), formats, &Limits::default()) {
            Ok(reports) => {
                found.reports.extend(reports);
                break;
            }
            Err(error) => {
                named = error.others(&named).ok_or_else(|| from_ingest(&error))?;
                found.reports.push(ingest::absent(error.input(), error.to_string()));
                found.absent.get_or_insert_with(|| from_ingest(&error));
            }
        }
    }
    Ok(found)
}

/// The folder whose usual places are looked at: the root of the work tree, or the folder itself where there is none.
pub(super) fn root(folder: &Path) -> PathBuf {
    change::root(folder).unwrap_or_else(|| folder.to_owned())
}

/// The paths of reports, some of them by name.
pub(super) fn listed(reports: &[Report]) -> String {
    let names: Vec<String> = reports.iter().take(MOST_LISTED).map(|report| render::plain(&report.path)).collect();
    match reports.len().saturating_sub(MOST_LISTED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Reads the reports that were named, to judge them.
pub(super) fn read(paths: &[String], formats: &Formats<'_>) -> Result<Vec<Report>, CommandError> {
    ingest::ingest_to_judge(paths, &mut std::io::stdin(), formats, &Limits::default())
        .map_err(|error| from_ingest(&error))
}

/// Reads all that the reports say that were named.
pub(super) fn read_in_full(paths: &[String], formats: &Formats<'_>) -> Result<Vec<Report>, CommandError> {
    ingest::ingest(paths, &mut std::io::stdin(), formats, &Limits::default()).map_err(|error| from_ingest(&error))
}

/// Reads the reports that were named for the numbers of their observations only.
pub(super) fn count(paths: &[String], formats: &Formats<'_>) -> Result<Vec<Counted>, CommandError> {
    ingest::count(paths, &mut std::io::stdin(), formats, &Limits::default()).map_err(|error| from_ingest(&error))
}

/// A pattern that cannot be read is a slip of the command line; a place without reports is missing evidence.
fn from_ingest(error: &IngestError) -> CommandError {
    let exit = match error {
        IngestError::NoInput | IngestError::Pattern { .. } => Exit::Usage,
        _ => Exit::Unresolved,
    };
    CommandError::new(exit, error)
}

/// There is no report: says where one would have been seen, and how to get one.
fn nothing(root: &Path) -> CommandError {
    let folders = ingest::USUAL_FOLDERS.iter().map(|folder| format!("{folder}/")).collect::<Vec<_>>().join(", ");
    let names = ingest::USUAL_NAMES.join(", ");
    CommandError::new(
        Exit::Unresolved,
        format!(
            "no report was named, and there is none in the usual places of {}\n  folders: {folders}\n  files: {names}",
            std::path::absolute(root).unwrap_or_else(|_| root.to_owned()).display()
        ),
    )
    .hint("have a scanner write its report there, for example `trivy fs --format json --output trivy.json .`")
    .hint("or name the reports: `detente gate path/to/reports/`; `detente demo` shows what comes out")
}
