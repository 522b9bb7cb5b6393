//! Reports that the change itself brings.
//!
//! A report that is committed is no result of this run, and its author is the author of the change. It counts, as the
//! pipeline may well keep reports in the repository, but whoever decides should know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::change;
use crate::commands::evidence;
use crate::model::change::Change;
use crate::model::report::Report;

/// Paths of the reports that `change` adds or alters: what was read is what it commits. Where it cannot be told what the
/// change does, all reports that are committed. None where it goes nowhere.
pub(super) fn by(change: &Change, reports: &[Report], repository: &Path) -> BTreeSet<String> {
    if change.target.is_none() {
        return BTreeSet::new();
    }
    let root = evidence::root(repository);
    let comes = |path: &str| {
        let inside = change::committed(repository, &on_disk(path, &root)?)?;
        (!change.unknown_because.is_empty() || change.files.contains_key(&inside)).then_some(())
    };
    reports.iter().filter(|report| comes(&report.path).is_some()).map(|report| report.path.clone()).collect()
}

/// The file of a report, or of the archive that it lies in (`results.zip!trivy.json`): as named, or from the root.
fn on_disk(path: &str, root: &Path) -> Option<PathBuf> {
    let ends = path.match_indices(['!', ':']).map(|(at, _)| at).chain([path.len()]);
    ends.flat_map(|end| [PathBuf::from(&path[..end]), root.join(&path[..end])]).find(|file| file.is_file())
}
