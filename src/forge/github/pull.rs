//! A pull request as it stands now, and which one a commit belongs to.

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Purpose};
use super::payload::{PullRequest, WorkflowRun};

const READ: Purpose = Purpose { what: "read the pull request", needs: "pull-requests: read" };

/// A pull request as it stands now: an event is as old as its run.
pub fn ask(api: &Api, repository: &str, number: u64) -> Result<PullRequest, ForgeError> {
    api.get(READ, &of(repository, &format!("/pulls/{number}")))
}

/// Its current head commit.
pub fn head(pull: &PullRequest) -> Option<&str> {
    pull.head.as_ref()?.sha.as_deref()
}

/// The open pull request that a run was about, by its branch and commit. The run of a fork does not say which, and what
/// the run itself left behind could say any.
pub fn of_run(api: &Api, repository: &str, run: &WorkflowRun) -> Result<Option<PullRequest>, ForgeError> {
    let (Some(commit), Some(branch)) = (&run.head_sha, &run.head_branch) else { return Ok(None) };
    let from =
        run.head_repository.as_ref().and_then(|repository| repository.full_name.as_deref()).unwrap_or(repository);
    let owner = from.split('/').next().unwrap_or_default();
    let filter = segment(&format!("{owner}:{branch}"));
    let open: Vec<PullRequest> =
        api.pages(READ, &of(repository, &format!("/pulls?state=open&head={filter}&per_page=100")))?;
    Ok(open.into_iter().find(|pull| head(pull) == Some(commit)))
}
