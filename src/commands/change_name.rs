//! The name of a change: what stays the same from push to push, so that a decision on it is found again.
//!
//! In a pipeline it is the pull or merge request; elsewhere the branch. A branch name alone would not do in a pipeline:
//! two forks may use the same one.

use std::path::Path;

use crate::change;

/// The name, from what the user said, what the pipeline says, or the branch that is checked out; empty if none.
pub(super) fn of(given: Option<&str>, repository: &Path, head: Option<&str>) -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(name) = given.filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    if let Some(number) = variable("CI_MERGE_REQUEST_IID") {
        return format!("merge_request/{number}");
    }
    if let Some(name) = variable("GITHUB_REF").as_deref().and_then(of_github) {
        return name;
    }
    if let Some(branch) = variable("CI_COMMIT_BRANCH") {
        return format!("branch/{branch}");
    }
    match (change::branch(repository), head) {
        (Some(branch), _) => format!("branch/{branch}"),
        (None, Some(head)) => format!("commit/{head}"),
        (None, None) => String::new(),
    }
}

/// The name of a change by the ref that GitHub runs on.
fn of_github(reference: &str) -> Option<String> {
    if let Some(rest) = reference.strip_prefix("refs/pull/") {
        return Some(format!("pull/{}", rest.split('/').next()?));
    }
    let branch = reference.strip_prefix("refs/heads/")?;
    // A merge queue tests a pull request on a branch of its own: gh-readonly-queue/main/pr-12-<commit>.
    let queued = branch.strip_prefix("gh-readonly-queue/").and_then(|rest| rest.rsplit('/').next());
    let number = queued.and_then(|name| name.strip_prefix("pr-")).and_then(|name| name.split('-').next());
    Some(number.map_or_else(|| format!("branch/{branch}"), |number| format!("pull/{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_keeps_its_name_in_the_merge_queue() {
        for (reference, name) in [
            ("refs/pull/12/merge", Some("pull/12")),
            ("refs/heads/gh-readonly-queue/main/pr-12-0123abc", Some("pull/12")),
            ("refs/heads/feature/x", Some("branch/feature/x")),
            ("refs/tags/v1", None),
        ] {
            assert_eq!(of_github(reference).as_deref(), name, "{reference}");
        }
    }
}
