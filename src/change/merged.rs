//! Whether a branch has a change, however it was merged: as it is, squashed into one commit, rebased onto it, or, where its
//! commits are not in this clone any more, as the forge writes when it merges.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{Commit, Oid, Repository};
use jiff::{SignedDuration, Timestamp};

use super::error::ChangeError;
use super::repository;

/// Most commits of the branch, and of the change, that are looked at.
const MOST_COMMITS: usize = 1_000;

/// How much earlier than the first judgement of a change the commit that merges it may be dated: clocks differ.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// A change that may be on a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Its name.
    pub name: String,
    /// The head that was decided about.
    pub head: String,
    /// Heads of it that were judged or decided about later.
    pub later: Vec<String>,
    /// When it was first judged: an older commit is none that merges it.
    pub since: Timestamp,
}

/// Whether the branch whose tip is `commit` has each of the changes. A change of which nothing is found is not there as
/// far as anybody can tell from this clone.
///
/// # Errors
/// If the repository or the tip cannot be read.
pub fn merged(repo_dir: &Path, commit: &str, sought: &[Sought]) -> Result<Vec<bool>, ChangeError> {
    let repository = repository::open(repo_dir)?;
    let mut line = Line::ending_at(&repository, repository::commit(&repository, commit)?.id())?;
    Ok(sought.iter().map(|change| line.has(change)).collect())
}

/// The commits of a branch itself, latest first, and what each of them does.
struct Line<'r> {
    repository: &'r Repository,
    tip: Oid,
    commits: Vec<Commit<'r>>,
    patches: BTreeMap<Oid, Option<Oid>>,
}

impl<'r> Line<'r> {
    fn ending_at(repository: &'r Repository, tip: Oid) -> Result<Self, ChangeError> {
        let mut walk = repository.revwalk()?;
        walk.push(tip)?;
        walk.simplify_first_parent()?;
        // In a shallow clone the walk ends at its boundary: what lies before is not looked at.
        let commits = walk.take(MOST_COMMITS).map_while(|id| repository.find_commit(id.ok()?).ok()).collect();
        Ok(Self { repository, tip, commits, patches: BTreeMap::new() })
    }

    fn has(&mut self, change: &Sought) -> bool {
        let mut heads: Vec<Oid> =
            [&change.head].into_iter().chain(&change.later).filter_map(|head| Oid::from_str(head).ok()).collect();
        heads.extend(self.branch_of(change));
        heads.into_iter().any(|head| self.contains(head) || self.has_work_of(head).unwrap_or(false))
            || self.is_named(change)
    }

    /// Where the branch of a change that is named by it stands now, if it goes on from the head that was decided about.
    fn branch_of(&self, change: &Sought) -> Vec<Oid> {
        let (Some(branch), Ok(head)) = (change.name.strip_prefix("branch/"), Oid::from_str(&change.head)) else {
            return Vec::new();
        };
        let tip = |at: &str| self.repository.refname_to_id(&format!("{at}{branch}")).ok();
        let goes_on = |tip: &Oid| self.repository.graph_descendant_of(*tip, head).unwrap_or(false);
        ["refs/heads/", "refs/remotes/origin/"].into_iter().filter_map(tip).filter(goes_on).collect()
    }

    fn contains(&self, head: Oid) -> bool {
        head == self.tip || self.repository.graph_descendant_of(self.tip, head).unwrap_or(false)
    }

    /// Whether what was done up to `head` was done on the branch since they parted: by one commit, or by one for each of its
    /// own.
    fn has_work_of(&mut self, head: Oid) -> Result<bool, git2::Error> {
        let repository = self.repository;
        let base = repository.merge_base(head, self.tip)?;
        let (from, to) = (repository.find_commit(base)?.tree()?, repository.find_commit(head)?.tree()?);
        let whole = patch(repository, Some(&from), &to);
        let Self { commits, patches, .. } = self;
        let since = commits.iter().take_while(|commit| commit.id() != base);
        let there: BTreeSet<Oid> = since
            .filter_map(|commit| *patches.entry(commit.id()).or_insert_with(|| done_by(repository, commit)))
            .collect();
        if whole.is_some_and(|patch| there.contains(&patch)) {
            return Ok(true);
        }
        let mut walk = repository.revwalk()?;
        walk.push(head)?;
        walk.hide(self.tip)?;
        let own: Vec<Oid> = walk.take(MOST_COMMITS + 1).collect::<Result<_, _>>()?;
        let commits = own.iter().map(|id| repository.find_commit(*id)).collect::<Result<Vec<_>, _>>()?;
        let mut patches = commits
            .iter()
            .filter(|commit| commit.parent_count() < 2)
            .filter_map(|it| done_by(repository, it))
            .peekable();
        Ok(own.len() <= MOST_COMMITS && patches.peek().is_some() && patches.all(|patch| there.contains(&patch)))
    }

    /// Whether a commit of the branch says, in the words of a forge, that it merges the change.
    fn is_named(&self, change: &Sought) -> bool {
        let earliest = change.since.checked_sub(BEFORE).unwrap_or(change.since).as_second();
        let mut recent = self.commits.iter().filter(|commit| commit.time().seconds() >= earliest);
        recent.any(|commit| says(&String::from_utf8_lossy(commit.message_bytes()), &change.name))
    }
}

/// What a commit does to the one before it.
fn done_by(repository: &Repository, commit: &Commit<'_>) -> Option<Oid> {
    let before = if commit.parent_count() == 0 { None } else { Some(commit.parent(0).ok()?.tree().ok()?) };
    patch(repository, before.as_ref(), &commit.tree().ok()?)
}

/// The name of a difference that does not depend on where its lines stand; `None` if there is none, or it cannot be read.
fn patch(repository: &Repository, from: Option<&git2::Tree<'_>>, to: &git2::Tree<'_>) -> Option<Oid> {
    let diff = repository.diff_tree_to_tree(from, Some(to), None).ok()?;
    (diff.deltas().len() > 0).then(|| diff.patchid(None).ok()).flatten()
}

/// Whether a commit's message says that it merges the change: GitHub ends the subject of a squashed or rebased pull request
/// with its number, and begins that of a merge with it; GitLab closes the message of a merge with the number.
fn says(message: &str, change: &str) -> bool {
    let (forge, number) = change.split_once('/').unwrap_or_default();
    let subject = message.lines().next().unwrap_or_default().trim_end();
    match forge {
        _ if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) => false,
        "pull" => {
            subject.ends_with(&format!(" (#{number})"))
                || subject.starts_with(&format!("Merge pull request #{number} "))
        }
        "merge_request" => message.lines().any(|line| {
            let which = line.trim_end().strip_prefix("See merge request ");
            which.is_some_and(|which| which.ends_with(&format!("!{number}")))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_says_in_the_message_what_it_merged() {
        for (message, change, merges) in [
            ("Take cards (#7)", "pull/7", true),
            ("Take cards (#7)\n\n* one\n* two", "pull/7", true),
            ("Merge pull request #7 from octo/cards\n\nTake cards", "pull/7", true),
            ("Take cards (#17)", "pull/7", false),
            ("Take cards, see #7", "pull/7", false),
            ("Take cards\n\nas asked for (#7)", "pull/7", false),
            ("Revert \"Take cards (#7)\" (#9)", "pull/7", false),
            ("Merge pull request #70 from octo/cards", "pull/7", false),
            ("Take cards (#7)", "branch/7", false),
            ("Take cards (#)", "pull/", false),
            (
                "Merge branch 'cards' into 'main'\n\nTake cards\n\nSee merge request octo/shop!7",
                "merge_request/7",
                true,
            ),
            ("Merge branch 'cards' into 'main'\n\nSee merge request octo/shop!17", "merge_request/7", false),
            ("Take cards (#7)", "merge_request/7", false),
        ] {
            assert_eq!(says(message, change), merges, "{message} for {change}");
        }
    }
}
