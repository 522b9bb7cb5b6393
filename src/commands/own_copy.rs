//! Files of the change itself, as they lie on disk: what its author may have put there is read as plain files only.
//!
//! A link could lead to anything that this machine can read, and what is quoted of it would be in the brief.

use std::io::Read as _;
use std::path::Path;

use crate::document::MOST_BYTES;

/// The file `inside` (relative to the root of the work tree). `None` if it is not there; the error says why it is not
/// read, and what to do.
pub(super) fn read(root: &Path, inside: &str) -> Result<Option<Vec<u8>>, String> {
    if let Some(link) = link(root, inside) {
        return Err(link);
    }
    let path = root.join(inside);
    let Ok(about) = path.symlink_metadata() else { return Ok(None) };
    if !about.is_file() {
        return Err(format!("{inside} is not a plain file: make it one"));
    }
    let unreadable = |error: std::io::Error| format!("{inside} cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MOST_BYTES {
        return Err(format!("{inside} is more than the {} KiB that are read of such a file", MOST_BYTES >> 10));
    }
    Ok(Some(bytes))
}

/// Which part of the way to `inside` is a link, in words, if one is.
pub(super) fn link(root: &Path, inside: &str) -> Option<String> {
    let ends = inside.match_indices('/').map(|(at, _)| at).chain([inside.len()]);
    let is_link = |part: &&str| root.join(part).symlink_metadata().is_ok_and(|about| about.is_symlink());
    let part = ends.map(|end| &inside[..end]).find(is_link)?;
    Some(format!(
        "{part} is a link, which is not followed, as it could lead anywhere: put what it leads to in its place"
    ))
}
