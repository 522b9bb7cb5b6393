//! What a push takes along, and what of it can be judged here.
//!
//! Reports lie in the work tree and are of what is checked out. Whatever else is pushed was perhaps never looked at, and to
//! call it clean, or to hold it for what is found elsewhere, would be wrong: it is named.

use std::io::{Read as _, stdin};
use std::path::Path;

use crate::change;

/// Most bytes that are read of what git says.
const MOST_BYTES: u64 = 1 << 20;

/// One thing that is pushed.
pub(super) struct Pushed {
    /// Its name here (`refs/heads/feature`).
    name: String,
    /// The commit; `None` if it takes something away at the remote, or names no commit.
    pub commit: Option<String>,
}

impl Pushed {
    /// Why it was not judged and what to do; `None` if there is nothing to judge about it.
    pub fn not_judged(&self) -> Option<String> {
        let commit = self.commit.as_deref()?;
        let name = self.name.strip_prefix("refs/heads/").unwrap_or(&self.name);
        let commit = commit.get(..10).unwrap_or(commit);
        Some(format!(
            "{name} ({commit}) is pushed and was not judged: the reports here are of what is checked out. Check it out, run \
             the scanners, and see `detente hook run`; or let the pipeline judge it."
        ))
    }
}

/// What is pushed: `said`, or if that is `-` the lines that git gives a pre-push hook. Empty if that is not known.
pub(super) fn read(said: &str, repository: &Path) -> Vec<Pushed> {
    if said != "-" {
        return vec![Pushed { name: said.to_owned(), commit: change::commit(repository, said) }];
    }
    let mut lines = String::new();
    if stdin().take(MOST_BYTES).read_to_string(&mut lines).is_err() {
        return Vec::new();
    }
    let each = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, id) = (words.next()?, words.next()?);
        // Zeros stand for nothing: something is taken away.
        let commit = id.bytes().any(|digit| digit != b'0').then(|| change::commit(repository, id)).flatten();
        Some(Pushed { name: name.to_owned(), commit })
    };
    lines.lines().filter_map(each).collect()
}
