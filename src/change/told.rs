//! What scanners are told at a commit: every entry of the files that say what to leave out, and such words in the source
//! files that one asks about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::error::ChangeError;
use super::{exceptions, repository, trusted};
use crate::model::change::AddedException;

/// Most files that are looked at.
const MOST_FILES: usize = 200;

/// What scanners are told at `commit`, by file. Of source files only `sources` are looked at.
pub fn exceptions_at(
    repo_dir: &Path,
    commit: &str,
    paths: &BTreeSet<String>,
    sources: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<AddedException>>, ChangeError> {
    let repository = repository::open(repo_dir)?;
    let tree = repository::commit(&repository, commit)?.tree()?;
    let wanted = paths.iter().filter(|path| exceptions::of_file(path).is_some() || sources.contains(*path));
    let mut out = BTreeMap::new();
    for path in wanted.take(MOST_FILES) {
        let Ok(entry) = tree.get_path(Path::new(path)) else { continue };
        let (size, kind) = repository.odb().and_then(|odb| odb.read_header(entry.id()))?;
        if size > trusted::MOST_TRUSTED_BYTES || kind != git2::ObjectType::Blob {
            continue;
        }
        let blob = repository.find_blob(entry.id())?;
        let mut found = Vec::new();
        for (line, content) in (1_u32..).zip(blob.content().split(|byte| *byte == b'\n')) {
            exceptions::collect(path, line, content, &mut found);
        }
        if !found.is_empty() {
            out.insert(path.clone(), found);
        }
    }
    Ok(out)
}
