//! The repository, its head, and where the change left the base.

use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, Repository, RepositoryOpenFlags};

use super::error::ChangeError;
use super::name::{self, Meant};

/// Branches of the remote that are taken as base if none is given, first match wins.
const MAIN_LINES: &[&str] = &["HEAD", "main", "master"];

/// How many similar names a message about an unknown base lists.
const MOST_NEAR: usize = 3;

/// Opens the repository that `folder` is, or lies in.
pub fn open(folder: &Path) -> Result<Repository, ChangeError> {
    let no_ceiling: [&Path; 0] = [];
    Repository::open_ext(folder, RepositoryOpenFlags::empty(), no_ceiling)
        .map_err(|error| ChangeError::opening(folder, &error))
}

/// The commit under test.
pub fn head(repository: &Repository) -> Result<Commit<'_>, ChangeError> {
    match repository.head() {
        Ok(head) => Ok(head.peel_to_commit()?),
        Err(error) if error.code() == ErrorCode::UnbornBranch => Err(ChangeError::NoCommit),
        Err(error) => Err(error.into()),
    }
}

/// What a revision means.
pub fn meant<'r>(repository: &'r Repository, revision: &str) -> Result<Meant<'r>, ChangeError> {
    name::meant(repository, revision).ok_or_else(|| {
        let revision = name::short(revision);
        ChangeError::NoSuchRevision { name: revision.to_owned(), near: near(repository, revision) }
    })
}

/// The commit that a revision names.
pub fn commit<'r>(repository: &'r Repository, revision: &str) -> Result<Commit<'r>, ChangeError> {
    meant(repository, revision).map(|meant| meant.commit)
}

/// The base: the revision given, or the default.
pub fn base<'r>(
    repository: &'r Repository,
    head: &Commit<'r>,
    given: Option<&str>,
    worktree: bool,
) -> Result<Meant<'r>, ChangeError> {
    if let Some(revision) = given {
        return meant(repository, revision);
    }
    let existing = |name: &&str| {
        let reference = repository.find_reference(name).ok()?;
        // `origin/HEAD` is a pointer: what it points to says more.
        let reference = reference.resolve().ok()?;
        let shown = reference.shorthand().ok()?.to_owned();
        Some(Meant { commit: reference.peel_to_commit().ok()?, shown, remark: String::new() })
    };
    let names = default_bases(repository);
    let mut candidates = names.iter().map(String::as_str).filter_map(|name| existing(&name)).peekable();
    let first = candidates.next_if(|meant| meant.commit.id() == head.id());
    // On the default branch itself only what is not committed yet can be a change.
    candidates
        .find(|meant| meant.commit.id() != head.id())
        .or_else(|| first.filter(|_| worktree))
        .ok_or(ChangeError::NoDefaultBase)
}

/// Branches that are taken as base if none is given, first match wins: the branch that this one was begun from, if git
/// was told (its upstream goes by another name); the main line of its remote; the main line here, if no remote has one:
/// beside that of a remote it is only how far it was when somebody last pulled.
fn default_bases(repository: &Repository) -> Vec<String> {
    let head = repository.head().ok();
    let branch = head.as_ref().filter(|head| head.is_branch()).and_then(|head| head.name().ok());
    let upstream =
        branch.and_then(|branch| Some(repository.branch_upstream_name(branch).ok()?.as_str().ok()?.to_owned()));
    let of_branch =
        branch.and_then(|branch| Some(repository.branch_upstream_remote(branch).ok()?.as_str().ok()?.to_owned()));
    let remotes = repository.remotes().ok();
    let remotes: Vec<&str> = remotes.iter().flat_map(|names| names.iter()).flatten().flatten().collect();
    let remote = of_branch.as_deref().filter(|remote| *remote != ".").or(match remotes.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    let own = branch.and_then(|branch| branch.strip_prefix("refs/heads/")).map(|short| format!("/{short}"));
    let mut names: Vec<String> = Vec::new();
    names.extend(upstream.filter(|upstream| own.is_some_and(|own| !upstream.ends_with(&own))));
    let of_remotes = remote.into_iter().chain(["origin"]);
    let lines: Vec<String> = of_remotes
        .flat_map(|remote| MAIN_LINES.iter().map(move |line| format!("refs/remotes/{remote}/{line}")))
        .filter(|line| repository.find_reference(line).is_ok_and(|line| line.resolve().is_ok()))
        .collect();
    if lines.is_empty() {
        names.extend(MAIN_LINES[1..].iter().map(|line| format!("refs/heads/{line}")));
    }
    names.extend(lines);
    names
}

/// The folder that the repository's work tree is in; `None` if it has none.
pub fn root(folder: &Path) -> Option<PathBuf> {
    open(folder).ok()?.workdir().map(Path::to_owned)
}

/// Where the change left the base.
pub fn merge_base<'r>(
    repository: &'r Repository,
    head: &Commit<'r>,
    name: &str,
    base: &Commit<'r>,
) -> Result<Commit<'r>, ChangeError> {
    match repository.merge_base(head.id(), base.id()) {
        Ok(id) => Ok(repository.find_commit(id)?),
        // The boundary of a shallow clone looks like the beginning of the history.
        Err(_) if repository.is_shallow() => Err(ChangeError::Shallow { base: name.to_owned() }),
        Err(error) if error.code() == ErrorCode::NotFound => Err(ChangeError::Unrelated { base: name.to_owned() }),
        Err(error) => Err(error.into()),
    }
}

/// Names of branches and tags that are most like `name`.
fn near(repository: &Repository, name: &str) -> Vec<String> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let mut names: Vec<(usize, String)> = repository
        .references()
        .into_iter()
        .flatten()
        .flatten()
        .filter(|reference| reference.is_branch() || reference.is_remote() || reference.is_tag())
        .filter_map(|reference| Some(reference.shorthand().ok()?.to_owned()))
        .map(|shown| (strsim::levenshtein(&last(&shown), &last(name)), shown))
        .collect();
    names.sort();
    names.into_iter().take(MOST_NEAR).map(|(_, shown)| shown).collect()
}
