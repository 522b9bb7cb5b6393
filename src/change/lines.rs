//! What differs between two states of the repository, file by file, and the lines that are new.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use git2::{Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, ErrorCode, FileMode, ObjectType, Patch};
use git2::{Repository, Tree};

use super::error::ChangeError;
use super::{exceptions, manifest, pins, words};
use crate::model::change::ChangedFile;

/// Largest file whose lines are compared, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Most pairs of a file that went and a file that came which are compared for a rename with edits; beyond it only
/// renames without edits are found.
const MOST_RENAME_PAIRS: usize = 200_000;

/// Most files whose paths are listed; a larger repository's paths are recognised only as far as the list goes.
const MOST_PATHS: usize = 2_000_000;

/// Every file of a tree. A name that is not UTF-8 is shown as far as it can be.
pub fn paths(repository: &Repository, tree: &Tree<'_>) -> Result<BTreeSet<String>, ChangeError> {
    let mut paths = BTreeSet::new();
    let mut folders = vec![(String::new(), tree.id())];
    while let Some((front, id)) = folders.pop() {
        let tree = repository.find_tree(id)?;
        for entry in &tree {
            let path = format!("{front}{}", String::from_utf8_lossy(entry.name_bytes()));
            match entry.kind() {
                Some(ObjectType::Tree) => folders.push((path + "/", entry.id())),
                Some(ObjectType::Blob) if paths.len() < MOST_PATHS => {
                    paths.insert(path);
                }
                _ => {}
            }
        }
    }
    Ok(paths)
}

/// The files that differ between `old` and `new`, or between `old` and the work tree; the submodules that do go apart.
pub fn files(
    repository: &Repository,
    old: &Tree<'_>,
    new: Option<&Tree<'_>>,
    submodules: &mut BTreeSet<String>,
) -> Result<BTreeMap<String, ChangedFile>, ChangeError> {
    let mut options = DiffOptions::new();
    options
        .context_lines(0)
        .interhunk_lines(0)
        // A file that only got other line ends has no new line.
        .ignore_whitespace_eol(true)
        .max_size(i64::try_from(MOST_BYTES).unwrap_or(i64::MAX));
    let mut diff = if new.is_some() {
        repository.diff_tree_to_tree(Some(old), new, Some(&mut options))?
    } else {
        options.include_untracked(true).recurse_untracked_dirs(true).show_untracked_content(true);
        repository.diff_tree_to_workdir_with_index(Some(old), Some(&mut options))?
    };
    find_renames(&mut diff);

    let mut files = BTreeMap::new();
    for index in 0..diff.deltas().len() {
        let Some(delta) = diff.get_delta(index) else { continue };
        if matches!(delta.status(), Delta::Unmodified | Delta::Ignored) {
            continue;
        }
        let (old_path, new_path) = (path(&delta.old_file()), path(&delta.new_file()));
        if is_submodule(&delta) {
            submodules.insert(new_path);
            continue;
        }
        let name = if delta.status() == Delta::Deleted { old_path.clone() } else { new_path };
        let changed = file(repository, &diff, index, &delta, &name, &old_path)?;
        files.insert(name, changed);
    }
    Ok(files)
}

fn find_renames(diff: &mut Diff<'_>) {
    let count = |status: &[Delta]| diff.deltas().filter(|delta| status.contains(&delta.status())).count();
    let pairs = count(&[Delta::Deleted]).saturating_mul(count(&[Delta::Added, Delta::Untracked]));
    let mut options = DiffFindOptions::new();
    options.renames(true).for_untracked(true).exact_match_only(pairs > MOST_RENAME_PAIRS);
    // Where objects are missing from a partial clone no rename is found: the file then counts as new, which is the
    // careful reading.
    let _ = diff.find_similar(Some(&mut options));
}

fn file(
    repository: &Repository,
    diff: &Diff<'_>,
    index: usize,
    delta: &DiffDelta<'_>,
    path: &str,
    old_path: &str,
) -> Result<ChangedFile, ChangeError> {
    let mut file = ChangedFile {
        created: matches!(delta.status(), Delta::Added | Delta::Untracked | Delta::Copied),
        manifest: manifest::of(path).is_some(),
        old_path: (delta.status() == Delta::Renamed).then(|| old_path.to_owned()),
        ..ChangedFile::default()
    };
    if delta.old_file().id() == delta.new_file().id() && !delta.new_file().id().is_zero() {
        // The same content: a plain rename, or only other permissions.
        return Ok(file);
    }
    let compared = match Patch::from_diff(diff, index) {
        Ok(compared) => compared.filter(|lines| !lines.delta().flags().is_binary()),
        Err(error) if error.code() == ErrorCode::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let Some(lines) = compared else {
        file.opaque = true;
        return Ok(file);
    };
    let mut removed = Vec::new();
    for number in 0..lines.num_hunks() {
        let (hunk, _) = lines.hunk(number)?;
        file.added.extend(range(hunk.new_start(), hunk.new_lines()));
        removed.extend(range(hunk.old_start(), hunk.old_lines()));
        let mut loses = false;
        for at in 0..lines.num_lines_in_hunk(number)? {
            let line = lines.line_in_hunk(number, at)?;
            loses |= line.origin() == '-' && !line.content().trim_ascii().is_empty();
            if let ('+', Some(place)) = (line.origin(), line.new_lineno()) {
                exceptions::collect(path, place, line.content(), &mut file.exceptions);
            }
        }
        file.lost.extend(loses.then(|| around(hunk.new_start(), hunk.new_lines())));
    }
    if file.manifest {
        // Only manifests are read as a whole: the name of a package can stand above the line that changed.
        let before = blob(repository, &delta.old_file());
        let after = blob(repository, &delta.new_file()).or_else(|| in_worktree(repository, &delta.new_file()));
        file.opaque = (before.is_none() && !removed.is_empty()) || (after.is_none() && !file.added.is_empty());
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        file.pinned = pins::kept(path, &before, &after);
        words::collect(path, &after, &file.added, &mut file.words);
        file.fresh = words::without(old_path, &file.words, &before);
        words::collect(old_path, &before, &removed, &mut file.words);
    }
    Ok(file)
}

/// First and last line of a hunk's side; none if that side has no line.
fn range(start: u32, lines: u32) -> Option<(u32, u32)> {
    (lines > 0).then(|| (start, start.saturating_add(lines - 1)))
}

/// The lines that took the place of a hunk's old ones, with those next to them.
fn around(start: u32, lines: u32) -> (u32, u32) {
    if lines == 0 { (start, start.saturating_add(1)) } else { (start.saturating_sub(1), start.saturating_add(lines)) }
}

fn is_submodule(delta: &DiffDelta<'_>) -> bool {
    [delta.old_file(), delta.new_file()].iter().any(|side| side.mode() == FileMode::Commit)
}

fn path(side: &DiffFile<'_>) -> String {
    side.path_bytes().map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

fn blob(repository: &Repository, side: &DiffFile<'_>) -> Option<Vec<u8>> {
    if side.id().is_zero() {
        return None;
    }
    repository.find_blob(side.id()).ok().map(|blob| blob.content().to_owned())
}

/// A file of the work tree that is not in the object database yet; never through a link.
fn in_worktree(repository: &Repository, side: &DiffFile<'_>) -> Option<Vec<u8>> {
    let path = repository.workdir()?.join(side.path().unwrap_or_else(|| Path::new("")));
    let about = std::fs::symlink_metadata(&path).ok()?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
