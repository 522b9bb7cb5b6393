//! Stage: git → [`Change`](crate::model::change::Change), and files as they stand on the target branch.
//!
//! ```text
//! folder ──repository──▶ head, merge base ──lines──▶ files: lines added, words of manifests (manifest, words)
//!                                         ├─exceptions▶ added lines that tell a scanner not to count something
//!                                         ├─told─────▶ all such lines of a commit
//!                                         ├─history──▶ versions of a file on the target branch
//!                                         ├─merged───▶ whether a branch has a change, however it was merged
//!                                         └─trusted──▶ bytes of a file as of a revision
//! ```
//!
//! Everything is read with libgit2 from the repository on this machine; nothing is fetched and no program is run.
//! Where something is missing (no repository, no base, a clone without the history) the change says so, with what to
//! do, and every origin that depends on it is unknown. Nothing is guessed.

mod authors;
mod comments;
mod committed;
mod error;
mod exceptions;
mod history;
mod lines;
mod manifest;
mod merged;
mod name;
mod pins;
mod repository;
mod told;
mod trusted;
mod words;

use std::path::{Path, PathBuf};

use crate::model::change::{Base, Change, Target};

pub use authors::{Author, authors, branch, contains, default_branch};
pub use committed::committed;
pub use error::ChangeError;
pub use history::history;
pub use merged::{Sought, merged};
pub use told::exceptions_at;
pub use trusted::{MOST_TRUSTED_BYTES, path_in_repository, trusted_file, trusted_folder};

/// Reads the change under test: what differs between the head and its merge base with `base`.
///
/// `repo_dir` is the repository, a folder in it, or a bare repository. `base` is any revision; without one it is the
/// first of these that exists and is not the head itself: the upstream of the current branch if it goes by another name
/// (the branch was begun from it), `HEAD`, `main` or `master` of its remote and of `origin`; where there is none of these
/// lines, `main` and `master` here. With `include_worktree` what is not committed yet counts as part of the change.
///
/// Never fails: what cannot be read is said in [`Change::unknown_because`].
pub fn read(repo_dir: &Path, base: Option<&str>, include_worktree: bool) -> Change {
    let mut change = Change::default();
    if let Err(error) = read_into(&mut change, repo_dir, base, include_worktree) {
        change.unknown_because = error.to_string();
        change.files.clear();
    }
    change
}

/// Why a repository that is there cannot be read; `None` if it can, or if there is none.
pub fn shut(repo_dir: &Path) -> Option<ChangeError> {
    let is_shut = |error: &ChangeError| matches!(error, ChangeError::Foreign { .. } | ChangeError::Unreadable { .. });
    repository::open(repo_dir).err().filter(is_shut)
}

/// Full id of the commit that a revision names; `None` if there is none here.
pub fn commit(repo_dir: &Path, name: &str) -> Option<String> {
    let repository = repository::open(repo_dir).ok()?;
    repository::commit(&repository, name).ok().map(|commit| commit.id().to_string())
}

/// The root of the work tree that `folder` is or lies in; `None` outside a repository and in a bare one.
pub fn root(folder: &Path) -> Option<PathBuf> {
    repository::root(folder)
}

/// Name and commit of the target branch that a change in `repo_dir` would be compared with, by the same rules as [`read`].
pub fn target(repo_dir: &Path, base: Option<&str>) -> Result<(String, String), ChangeError> {
    let repository = repository::open(repo_dir)?;
    let head = repository::head(&repository)?;
    let target = repository::base(&repository, &head, base, true)?;
    Ok((target.shown, target.commit.id().to_string()))
}

/// Fills in what is known step by step, so that the head, the list of files and the target are known even if it cannot be
/// told where the change left the target.
fn read_into(change: &mut Change, repo_dir: &Path, base: Option<&str>, worktree: bool) -> Result<(), ChangeError> {
    let repository = repository::open(repo_dir)?;
    let worktree = worktree && !repository.is_bare();
    change.target = base.map(|name| Target { name: name::short(name).to_owned(), tip: None });
    let head = repository::head(&repository)?;
    change.head = Some(head.id().to_string());
    // The parent of any other commit is the state before it.
    if head.parent_count() > 1 {
        change.scanned_as = head.parent_ids().map(|id| id.to_string()).collect();
    }
    let target = repository::base(&repository, &head, base, worktree);
    if let Ok(target) = &target {
        change.target = Some(Target { name: target.shown.clone(), tip: Some(target.commit.id().to_string()) });
        change.remarks.extend(Some(target.remark.clone()).filter(|remark| !remark.is_empty()));
    }
    let head_tree = head.tree()?;
    change.paths = lines::paths(&repository, &head_tree)?;
    change.manifests = manifest::among(change.paths.iter());

    let target = target?;
    let merge_base = repository::merge_base(&repository, &head, &target.shown, &target.commit)?;
    change.base = Some(Base { name: target.shown, commit: merge_base.id().to_string() });
    let base_tree = merge_base.tree()?;
    let head_tree = (!worktree).then_some(&head_tree);
    change.files = lines::files(&repository, &base_tree, head_tree, &mut change.submodules)?;
    let created = change.files.iter().filter(|(_, file)| file.created).map(|(path, _)| path.clone());
    change.paths.extend(created);
    let touched = manifest::among(change.files.keys());
    change.manifests.extend(touched);
    Ok(())
}
