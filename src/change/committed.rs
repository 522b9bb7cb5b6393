//! Whether a file on disk is one that was committed.

use std::path::Path;

use git2::{ObjectType, Oid};

use super::repository;
use super::trusted::path_in_repository;

/// The path in the repository of a file on disk that the head has as it is; `None` if it has no such file, or another
/// content of it. A link is what it leads to, wherever that is: that it leads there was committed.
pub fn committed(repo_dir: &Path, file: &Path) -> Option<String> {
    let repository = repository::open(repo_dir).ok()?;
    let tree = repository::head(&repository).ok()?.tree().ok()?;
    [Some(file.to_owned()), file.canonicalize().ok()].into_iter().flatten().find_map(|file| {
        let inside = path_in_repository(repo_dir, &file)?;
        let entry = tree.get_path(Path::new(&inside)).ok().filter(|entry| entry.kind() == Some(ObjectType::Blob))?;
        let is_link = entry.filemode() & 0o170_000 == 0o120_000;
        let same = || Oid::hash_file(ObjectType::Blob, &file).is_ok_and(|id| id == entry.id());
        (is_link || same()).then_some(inside)
    })
}
