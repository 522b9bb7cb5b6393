//! Files as they stand at a revision that the author of the change does not control.

use std::path::{Component, Path};

use git2::{ObjectType, Repository, Tree, TreeEntry};

use super::error::ChangeError;
use super::repository;

/// Most bytes of a trusted file: far above any appetite file, far below what would hurt.
pub const MOST_TRUSTED_BYTES: usize = 4 << 20;

/// Bytes of the file `path` (relative to the repository's root) as of `revision`, from the object database: the work
/// tree and the index, which the change controls, are never looked at. `None` if there is no such file there.
pub fn trusted_file(repo_dir: &Path, revision: &str, path: &str) -> Result<Option<Vec<u8>>, ChangeError> {
    let plain = !path.is_empty()
        && !path.contains(['\\', '\0'])
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !plain {
        return Err(ChangeError::Path(path.escape_debug().to_string()));
    }
    let repository = repository::open(repo_dir)?;
    let tree = repository::commit(&repository, revision)?.tree()?;
    let Some(entry) = entry(&repository, &tree, path)? else { return Ok(None) };
    let not_a_file = |kind| ChangeError::NotAFile { path: path.to_owned(), revision: revision.to_owned(), kind };
    match (entry.kind(), entry.filemode() & 0o170_000) {
        (Some(ObjectType::Blob), 0o120_000) => return Err(not_a_file("a symbolic link")),
        (Some(ObjectType::Blob), _) => {}
        (Some(ObjectType::Tree), _) => return Err(not_a_file("a folder")),
        _ => return Err(not_a_file("a submodule")),
    }
    // The size first: a huge blob is not worth unpacking.
    let (size, _) = repository.odb().and_then(|odb| odb.read_header(entry.id()))?;
    if size > MOST_TRUSTED_BYTES {
        let (path, revision) = (path.to_owned(), revision.to_owned());
        return Err(ChangeError::TooLarge { path, revision, size, most: MOST_TRUSTED_BYTES });
    }
    let blob = repository.find_blob(entry.id())?;
    Ok(Some(blob.content().to_owned()))
}

/// The path of `file` relative to the repository's root, with `/`; `None` if it lies outside, or there is no repository.
/// The file itself need not exist.
pub fn path_in_repository(repo_dir: &Path, file: &Path) -> Option<String> {
    let root = repository::open(repo_dir).ok()?.workdir()?.canonicalize().ok()?;
    let absolute = std::path::absolute(file).ok()?;
    // Links in the folder are followed, the file's own name is not: it may not exist here.
    let existing = absolute.ancestors().skip(1).find(|folder| folder.exists())?;
    let rest = absolute.strip_prefix(existing).ok()?;
    let inside = existing.canonicalize().ok()?.join(rest);
    let inside = inside.strip_prefix(&root).ok()?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

/// The entry at a path, segment by segment: so a folder whose object is missing is an error, not an absent file.
fn entry(repository: &Repository, root: &Tree<'_>, path: &str) -> Result<Option<TreeEntry<'static>>, ChangeError> {
    let mut found: Option<TreeEntry<'static>> = None;
    for segment in path.split('/').filter(|segment| !matches!(*segment, "" | ".")) {
        let next = match &found {
            None => root.get_name(segment).map(|entry| entry.to_owned()),
            Some(entry) if entry.kind() == Some(ObjectType::Tree) => {
                let tree = repository.find_tree(entry.id())?;
                tree.get_name(segment).map(|entry| entry.to_owned())
            }
            Some(_) => None,
        };
        match next {
            Some(entry) => found = Some(entry),
            None => return Ok(None),
        }
    }
    Ok(found)
}
