//! Why a change, or a file of the target branch, cannot be read: what is wrong, and what to do.

use std::path::{Path, PathBuf};

use git2::ErrorCode;

/// Why git does not tell.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no repository.
    #[error("{0} is not in a git repository: run in a checkout of the repository, or name it")]
    NoRepository(PathBuf),
    /// The checkout belongs to somebody else, so git does not trust its configuration.
    #[error(
        "the repository at {path} belongs to another user, so git refuses to read it: run as its owner, or \
         `git config --global --add safe.directory {path}`"
    )]
    Foreign {
        /// The repository.
        path: PathBuf,
    },
    /// The repository is of a kind that libgit2 does not read.
    #[error(
        "the repository at {path} is of a kind that cannot be read ({detail}): SHA-256 and reftable repositories are \
         not understood yet; use a SHA-1 repository with file refs"
    )]
    Unreadable {
        /// The repository.
        path: PathBuf,
        /// libgit2's words.
        detail: String,
    },
    /// The branch has no commit.
    #[error("the current branch has no commit yet: commit first")]
    NoCommit,
    /// The base does not exist here.
    #[error("the base {name} does not exist in this clone{}: {}", said(.near), fetch_advice(.name))]
    NoSuchRevision {
        /// As the user gave it.
        name: String,
        /// Existing branches and tags whose names are most like it.
        near: Vec<String>,
    },
    /// No base was given and no default branch serves.
    #[error(
        "no base was given, and none of origin/HEAD, origin/main, origin/master, main, master exists apart from the \
         head itself: name the target branch with --base, or, on that branch itself, --base HEAD~1"
    )]
    NoDefaultBase,
    /// The history does not reach back to the merge base.
    #[error(
        "this clone is shallow and does not reach back to where the change left {base}: fetch the history, with \
         `git fetch --unshallow`, or `fetch-depth: 0` (GitHub), `GIT_DEPTH: 0` (GitLab)"
    )]
    Shallow {
        /// The base as given.
        base: String,
    },
    /// The histories have nothing in common.
    #[error("the head and {base} have no commit in common: name the branch that the change starts from with --base")]
    Unrelated {
        /// The base as given.
        base: String,
    },
    /// Objects are not in this clone.
    #[error(
        "objects of the repository are missing from this clone ({detail}): it is a partial or damaged clone; fetch \
         without `--filter`"
    )]
    Missing {
        /// libgit2's words.
        detail: String,
    },
    /// The path cannot name a file of a repository.
    #[error("{0} is not a path of a file in a repository: give it relative to the root, with `/`, without `..`")]
    Path(String),
    /// The entry is there but is not a plain file.
    #[error("{path} at {revision} is {kind}, not a plain file")]
    NotAFile {
        /// The path.
        path: String,
        /// The revision.
        revision: String,
        /// What it is.
        kind: &'static str,
    },
    /// The file is larger than anything that belongs there.
    #[error("{path} at {revision} is {size} bytes, more than the {most} that are read")]
    TooLarge {
        /// The path.
        path: String,
        /// The revision.
        revision: String,
        /// Its size.
        size: usize,
        /// The limit.
        most: usize,
    },
    /// The folder holds more than anything that belongs there.
    #[error("{folder} at {revision} holds more than the {most} files that are read")]
    TooMany {
        /// The folder.
        folder: String,
        /// The revision.
        revision: String,
        /// The limit.
        most: usize,
    },
    /// Anything else that libgit2 reports.
    #[error("git cannot read the repository: {0}")]
    Git(String),
}

impl ChangeError {
    /// An error while opening the repository.
    pub(super) fn opening(path: &Path, error: &git2::Error) -> Self {
        let detail = error.message().to_owned();
        let unreadable = ["unsupported extension", "unknown object format", "unsupported repository version"];
        match error.code() {
            ErrorCode::Owner => Self::Foreign { path: path.to_owned() },
            _ if unreadable.iter().any(|words| detail.contains(words)) => {
                Self::Unreadable { path: path.to_owned(), detail }
            }
            ErrorCode::NotFound => Self::NoRepository(path.to_owned()),
            _ => Self::Git(detail),
        }
    }
}

/// An error while reading objects: one that is not found is one that this clone lacks.
impl From<git2::Error> for ChangeError {
    fn from(error: git2::Error) -> Self {
        let detail = error.message().to_owned();
        match error.code() {
            ErrorCode::NotFound => Self::Missing { detail },
            _ => Self::Git(detail),
        }
    }
}

fn said(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" (there is {})", names.join(", ")) }
}

fn fetch_advice(name: &str) -> String {
    let branch = name.strip_prefix("origin/").unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let fetch = if !branch.is_empty() && !branch.starts_with('-') && branch.chars().all(plain) {
        format!("fetch it with `git fetch origin {branch}`")
    } else {
        "fetch it".to_owned()
    };
    format!("{fetch}, or fetch everything (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_checkout_names_the_fix() {
        let error = git2::Error::new(ErrorCode::Owner, git2::ErrorClass::Config, "not owned by current user");
        let message = ChangeError::opening(Path::new("/src/shop"), &error).to_string();
        assert!(message.contains("safe.directory /src/shop"), "{message}");
    }

    #[test]
    fn advice_does_not_repeat_what_a_shell_would_run() {
        let error = ChangeError::NoSuchRevision { name: "x; rm -rf .".to_owned(), near: Vec::new() };
        assert!(!error.to_string().contains("git fetch origin x;"), "{error}");
    }
}
