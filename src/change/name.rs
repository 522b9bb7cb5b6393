//! Which commit a name means.
//!
//! Git takes a tag before a branch of the same name. Whoever may push can make a tag, also one that is called like the
//! target branch; so branches come first here, and a tag only where nothing else has the name.

use git2::{Commit, Repository};

/// What a name means.
pub struct Meant<'r> {
    /// The commit.
    pub commit: Commit<'r>,
    /// The name as it is shown: with the remote if the branch was found there, without `refs/heads/` and its like.
    pub shown: String,
    /// What to know about the name; empty if only one thing has it.
    pub remark: String,
}

/// What stands before and behind the name of a branch, first match wins. A build service's clone usually has the target
/// branch on `origin` only.
const BRANCHES: [(&str, &str); 4] =
    [("refs/remotes/", ""), ("refs/heads/", ""), ("refs/remotes/origin/", ""), ("refs/remotes/", "/HEAD")];

/// Fewest digits of an abbreviated id that go before a tag: as many as git shows.
const SHORTEST_ID: usize = 7;

/// Finds what `name` means: with what git takes behind a name (`main~2`), or anything else that git understands.
pub fn meant<'r>(repository: &'r Repository, name: &str) -> Option<Meant<'r>> {
    let end = ["~", "^", ":", "@{"].iter().filter_map(|sign| name.find(sign)).min().unwrap_or(name.len());
    let (front, behind) = name.split_at(end);
    let at = |full: &str| repository.revparse_single(&format!("{full}{behind}")).ok()?.peel_to_commit().ok();
    let exists = |full: &str| repository.find_reference(full).is_ok();
    let clear = |commit, shown: &str| Meant { commit, shown: format!("{shown}{behind}"), remark: String::new() };

    let is_whole = front.starts_with("refs/") || front.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if is_whole && exists(front) {
        return Some(clear(at(front)?, short(front)));
    }
    let tag = format!("refs/tags/{front}");
    for (before, after) in BRANCHES {
        let full = format!("{before}{front}{after}");
        if exists(&full) {
            let found = clear(at(&full)?, short(&full).trim_end_matches("/HEAD"));
            let other = at(&tag).filter(|other| other.id() != found.commit.id());
            let remark = other.map(|_| {
                format!("{front} is a branch and also a tag, of another commit: the branch is taken. To compare with the tag, name {tag}.")
            });
            return Some(Meant { remark: remark.unwrap_or_default(), ..found });
        }
    }
    let is_id = front.len() >= SHORTEST_ID && front.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(commit) = is_id.then(|| repository.find_commit_by_prefix(front).ok()).flatten() {
        return Some(clear(at(&commit.id().to_string())?, front));
    }
    // What begins like a branch of a remote is one, or nothing: no tag stands in for a branch that was not fetched.
    if exists(&tag) && is_of_remote(repository, front) {
        return None;
    }
    Some(clear(at(front)?, front))
}

/// A ref as git shows it in short.
pub fn short(full: &str) -> &str {
    ["refs/remotes/", "refs/heads/"].iter().find_map(|front| full.strip_prefix(front)).unwrap_or(full)
}

/// Whether a name begins with that of a remote.
fn is_of_remote(repository: &Repository, name: &str) -> bool {
    let first = name.split('/').next().filter(|first| first.len() < name.len());
    first.is_some_and(|first| first == "origin" || repository.find_remote(first).is_ok())
}
