//! Who wrote a change, on which branch, and whether one commit contains another.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{Oid, Repository};

use super::error::ChangeError;
use super::repository;

/// Most commits of a change that are looked at.
const MOST_COMMITS: usize = 10_000;

/// Somebody who wrote part of a change, as git tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// SSH signature of the commit and the bytes it is over; `None` if the commit has none.
    pub signed: Option<(Vec<u8>, Vec<u8>)>,
}

/// Everybody who wrote or committed something between `base` and `head`; the head alone if the base is not known.
pub fn authors(repo_dir: &Path, base: Option<&str>, head: &str) -> Result<Vec<Author>, ChangeError> {
    let repository = repository::open(repo_dir)?;
    let mut found = BTreeSet::new();
    for id in commits(&repository, base, head)? {
        let commit = repository.find_commit(id)?;
        let signed =
            repository.extract_signature(&id, None).ok().map(|(signature, over)| (signature.to_vec(), over.to_vec()));
        for (index, who) in [commit.author(), commit.committer()].iter().enumerate() {
            found.insert(Author {
                name: String::from_utf8_lossy(who.name_bytes()).into_owned(),
                email: String::from_utf8_lossy(who.email_bytes()).into_owned(),
                // The signature is the committer's.
                signed: signed.clone().filter(|_| index == 1),
            });
        }
    }
    Ok(found.into_iter().collect())
}

fn commits(repository: &Repository, base: Option<&str>, head: &str) -> Result<Vec<Oid>, ChangeError> {
    let head = repository::commit(repository, head)?.id();
    let Some(base) = base else { return Ok(vec![head]) };
    let base = repository::commit(repository, base)?.id();
    let mut walk = repository.revwalk()?;
    walk.push(head)?;
    walk.hide(base)?;
    Ok(walk.take(MOST_COMMITS).collect::<Result<_, _>>()?)
}

/// Name of the branch that is checked out, if one is.
pub fn branch(repo_dir: &Path) -> Option<String> {
    let repository = repository::open(repo_dir).ok()?;
    let head = repository.find_reference("HEAD").ok()?;
    let target = head.symbolic_target().ok()??;
    target.strip_prefix("refs/heads/").map(str::to_owned)
}

/// Whether `commit` is `other` or comes after it; `None` if one of them is not in this clone.
pub fn contains(repo_dir: &Path, commit: &str, other: &str) -> Option<bool> {
    let repository = repository::open(repo_dir).ok()?;
    let (commit, other) = (Oid::from_str(commit).ok()?, Oid::from_str(other).ok()?);
    repository.find_commit(commit).ok()?;
    repository.find_commit(other).ok()?;
    (commit == other).then_some(true).or_else(|| repository.graph_descendant_of(commit, other).ok())
}

/// Name of the default branch: what the remote calls so, else `main` or `master`, the first that exists.
pub fn default_branch(repo_dir: &Path) -> Option<String> {
    let repository = repository::open(repo_dir).ok()?;
    let head = repository.find_reference("refs/remotes/origin/HEAD").ok();
    let named = head.and_then(|head| head.symbolic_target().ok()?.map(str::to_owned));
    if let Some(name) = named.as_deref().and_then(|name| name.strip_prefix("refs/remotes/origin/")) {
        return Some(name.to_owned());
    }
    let known = |name: &&str| {
        ["refs/remotes/origin/", "refs/heads/"]
            .iter()
            .any(|at| repository.find_reference(&format!("{at}{name}")).is_ok())
    };
    ["main", "master"].into_iter().find(known).map(str::to_owned)
}
