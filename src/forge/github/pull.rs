//! A pull request as it stands now, and which one a commit belongs to.

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
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

/// The open pull request that a run was about. The run of a fork does not say which, and what the run itself left behind
/// could say any: of those that GitHub says have its branch and commit, it is the one of which the brief is `named`.
///
/// # Errors
/// With [`Kind::State`] if there are such pull requests, and the brief is about none of them or does not say about which.
pub fn of_run(api: &Api, repository: &str, run: &WorkflowRun, named: &str) -> Result<Option<PullRequest>, ForgeError> {
    let (Some(commit), Some(branch)) = (&run.head_sha, &run.head_branch) else { return Ok(None) };
    let from =
        run.head_repository.as_ref().and_then(|repository| repository.full_name.as_deref()).unwrap_or(repository);
    let owner = from.split('/').next().unwrap_or_default();
    let filter = segment(&format!("{owner}:{branch}"));
    let open: Vec<PullRequest> =
        api.pages(READ, &of(repository, &format!("/pulls?state=open&head={filter}&per_page=100")))?;
    one(open.into_iter().filter(|pull| head(pull) == Some(commit)).collect(), named)
}

/// The one of `pulls` of which the brief is `named`. A run for a push does not know of a pull request, and its brief is
/// named by the branch: that does where there is only one.
fn one(mut pulls: Vec<PullRequest>, named: &str) -> Result<Option<PullRequest>, ForgeError> {
    let number = named.strip_prefix("pull/").and_then(|number| number.parse::<u64>().ok());
    let found = match number {
        Some(number) => pulls.iter().position(|pull| pull.number == Some(number)),
        None => (pulls.len() == 1).then_some(0),
    };
    match found {
        Some(found) => Ok(Some(pulls.swap_remove(found))),
        None if pulls.is_empty() => Ok(None),
        None => {
            let there: Vec<String> =
                pulls.iter().filter_map(|pull| pull.number).map(|number| format!("pull/{number}")).collect();
            let about = if named.is_empty() { "a change without a name" } else { named };
            Err(ForgeError::new(
                Kind::State,
                format!("the brief is about {about}, and the run that left it is of {}", there.join(" and ")),
                "let the run that gates the change run on `pull_request` and name the change itself, without --change and \
                 DETENTE_CHANGE",
            ))
        }
    }
}
