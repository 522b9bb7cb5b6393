//! What a submodule leaves open: its files are in another repository, so git tells here only that it changes.

use crate::model::change::Change;
use crate::model::finding::Finding;

use super::verdict::{Verdict, unknown};

/// Why a finding can come with a submodule after all: it lies in one that changes, or in no file that is known.
pub fn doubt(finding: &Finding, change: &Change) -> Option<Verdict> {
    let first = change.submodules.first()?;
    let lies_in = |submodule: &&String| {
        let inside = |path: &str| path.strip_prefix(submodule.as_str()).is_some_and(|rest| rest.starts_with('/'));
        finding.locations.iter().any(|location| inside(&location.path))
    };
    if let Some(submodule) = change.submodules.iter().find(lies_in) {
        return Some(unknown(&format!("it lies in the submodule {submodule}, which changes in this change")));
    }
    let known = |path: &String| change.paths.contains(path) || change.files.contains_key(path);
    let placed = finding.locations.iter().any(|location| known(&location.path));
    (!placed).then(|| unknown(&format!("the submodule {first} changes in this change, and this may come with it")))
}
