//! How a few files stood on a branch over time: what its own commits left, one after another.
//!
//! Only first parents are followed: they are the states in which the branch itself stood. What a merged branch had on
//! its way there was never what anybody was judged by.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Commit, ErrorCode, ObjectType, Oid, Repository};
use jiff::Timestamp;

use super::error::ChangeError;
use super::repository;
use super::trusted::MOST_TRUSTED_BYTES;
use crate::model::history::{History, Version};

/// Most versions that are read. A policy that changed every day for ten years has fewer.
const MOST_VERSIONS: usize = 4_000;

/// The versions of `paths` (relative to the repository's root) on the branch whose tip is `revision`.
///
/// # Errors
/// If the repository or one of its objects cannot be read: a history with a hole proves nothing.
pub fn history(repo_dir: &Path, revision: &str, paths: &[String]) -> Result<History, ChangeError> {
    let repository = repository::open(repo_dir)?;
    let mut commit = repository::commit(&repository, revision)?;
    let mut ids = entries(&commit, paths)?;
    let mut versions = Vec::new();
    let mut complete = !repository.is_shallow();
    loop {
        let parent = match commit.parents().next() {
            Some(parent) => Some(parent),
            // In a partial clone the parent's object can be missing, which must not pass for the beginning.
            None if commit.parent_count() > 0 => {
                return Err(ChangeError::Missing { detail: "a parent commit".to_owned() });
            }
            None => None,
        };
        let older = parent.as_ref().map(|parent| entries(parent, paths)).transpose()?;
        let differs = older.as_ref().map_or(!ids.is_empty(), |older| *older != ids);
        if differs {
            if versions.len() == MOST_VERSIONS {
                complete = false;
                break;
            }
            versions.push(version(&repository, &commit, &ids)?);
        }
        match (parent, older) {
            (Some(parent), Some(older)) => (commit, ids) = (parent, older),
            _ => break,
        }
    }
    versions.reverse();
    Ok(History { versions, complete })
}

/// Ids of the files that are there.
fn entries(commit: &Commit<'_>, paths: &[String]) -> Result<BTreeMap<String, Oid>, ChangeError> {
    let tree = commit.tree()?;
    let mut ids = BTreeMap::new();
    for path in paths {
        match tree.get_path(Path::new(path)) {
            // What is not a plain file (a link, a folder) is no version of a file.
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) && entry.filemode() & 0o170_000 == 0o100_000 => {
                ids.insert(path.clone(), entry.id());
            }
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ids)
}

fn version(repository: &Repository, commit: &Commit<'_>, ids: &BTreeMap<String, Oid>) -> Result<Version, ChangeError> {
    let mut files = BTreeMap::new();
    for (path, id) in ids {
        // A file of such a size is no policy: it is left out, as if it were not there.
        let (size, _) = repository.odb().and_then(|odb| odb.read_header(*id))?;
        if size <= MOST_TRUSTED_BYTES {
            files.insert(path.clone(), repository.find_blob(*id)?.content().to_owned());
        }
    }
    let at = Timestamp::from_second(commit.time().seconds()).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Version { commit: commit.id().to_string(), at, files })
}
