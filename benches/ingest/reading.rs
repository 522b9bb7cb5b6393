//! Reading as `detente gate` does it.

use detente::ingest::{Formats, Limits, ingest_to_judge};
use detente::model::report::Report;

use super::Outcome;

/// All that the reports are judged by.
pub fn read(paths: &[String]) -> Outcome<Vec<Report>> {
    Ok(ingest_to_judge(paths, &mut std::io::empty(), &Formats::with(&[]), &Limits::default())?)
}
