//! Why a hook cannot be put in or taken out, and what to do.

use std::path::{Path, PathBuf};

/// Why a hook cannot be put in or taken out.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Git cannot be run.
    #[error("git cannot be run ({0}): install git, which runs the hook")]
    NoGit(std::io::Error),
    /// There is no work tree to push from.
    #[error("{folder} is not in the work tree of a git repository ({said}): run in a clone with files")]
    NoWorkTree {
        /// The folder.
        folder: PathBuf,
        /// Git's words.
        said: String,
    },
    /// The hooks are shared by all repositories of a user or machine.
    #[error(
        "the hooks of all repositories of this {scope} lie in {hooks} (core.hooksPath), which is not changed for one \
         repository: add `detente hook run --carry \"$1\" </dev/null || :` to the pre-push script there, or give this repository hooks of \
         its own with `git config core.hooksPath .git/hooks`"
    )]
    Shared {
        /// Whose configuration says so: user, machine.
        scope: &'static str,
        /// The folder.
        hooks: PathBuf,
    },
    /// A hook is there that git does not run.
    #[error(
        "{0} is there and not executable, so git does not run it: make it executable (`chmod +x`) if it should run, or take \
         it away, then install again"
    )]
    Dormant(PathBuf),
    /// Both a hook and one kept from earlier are there.
    #[error("{0} is in the way: it was kept from an earlier hook; look at it, take it away, then install again")]
    KeptInTheWay(PathBuf),
    /// Only one of the two marks is there.
    #[error("{file}: the marks `{begin}` and `{end}` do not stand in a pair: put them right or take both away")]
    Marks {
        /// The file.
        file: PathBuf,
        /// The mark that begins.
        begin: &'static str,
        /// The mark that ends.
        end: &'static str,
    },
    /// The file has a part that ours would have to be merged with.
    #[error("{file} has `pre-push:` already, which is not edited for you: add under its `commands:`\n{snippet}")]
    Merge {
        /// The file.
        file: PathBuf,
        /// What to add.
        snippet: String,
    },
    /// A file cannot be read or written.
    #[error("{file}: {source}: check who may write there")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl HookError {
    /// `file` cannot be read or written.
    pub(super) fn file(file: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let file = file.to_owned();
        |source| Self::File { file, source }
    }
}
