//! Files as they stand at a revision that the author of the change does not control.

use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Repository, Tree, TreeEntry};

use super::error::ChangeError;
use super::repository;

/// Most bytes of a trusted file: far above any appetite file, far below what would hurt.
pub const MOST_TRUSTED_BYTES: usize = 4 << 20;

/// Most files of a trusted folder: far above any rule pack.
const MOST_TRUSTED_FILES: usize = 2_000;

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

/// The path of a file relative to the root of the repository that `repo_dir` is or lies in, with `/`, as
/// [`trusted_file`] takes it; the file need not exist. `None` if the path leads outside, or the repository is bare.
///
/// Links inside the repository are not followed: the change controls them, and could point at a file that nobody meant.
pub fn path_in_repository(repo_dir: &Path, file: &Path) -> Option<String> {
    let root = repository::open(repo_dir).ok()?.workdir()?.canonicalize().ok()?;
    let mut plain = PathBuf::new();
    for part in std::path::absolute(file).ok()?.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    // What leads to the root may well be a link; the outermost folder that is the root counts.
    let folders: Vec<&Path> = plain.ancestors().collect();
    let is_root = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == root);
    let inside = plain.strip_prefix(folders.into_iter().rev().find(is_root)?).ok()?;
    let segments: Option<Vec<&str>> = inside.iter().map(|segment| segment.to_str()).collect();
    segments.filter(|segments| !segments.is_empty()).map(|segments| segments.join("/"))
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

/// Paths of the files in the folder `folder` (relative to the repository's root) and below as of `revision`, sorted;
/// none if there is no such folder. What is not a plain file is listed too: [`trusted_file`] refuses it.
pub fn trusted_folder(repo_dir: &Path, revision: &str, folder: &str) -> Result<Vec<String>, ChangeError> {
    let repository = repository::open(repo_dir)?;
    let tree = repository::commit(&repository, revision)?.tree()?;
    let Some(found) = entry(&repository, &tree, folder)? else { return Ok(Vec::new()) };
    if found.kind() != Some(ObjectType::Tree) {
        return Ok(vec![folder.to_owned()]);
    }
    let mut paths = Vec::new();
    let mut waiting = vec![(folder.to_owned(), found.id())];
    while let Some((folder, id)) = waiting.pop() {
        for entry in &repository.find_tree(id)? {
            // A name that is not UTF-8 keeps its place in the list, and is refused when it is read.
            let path = format!("{folder}/{}", String::from_utf8_lossy(entry.name_bytes()));
            match entry.kind() {
                Some(ObjectType::Tree) => waiting.push((path, entry.id())),
                _ => paths.push(path),
            }
            if paths.len() + waiting.len() > MOST_TRUSTED_FILES {
                let (folder, revision) = (folder.clone(), revision.to_owned());
                return Err(ChangeError::TooMany { folder, revision, most: MOST_TRUSTED_FILES });
            }
        }
    }
    paths.sort();
    Ok(paths)
}
