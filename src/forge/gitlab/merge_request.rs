//! The merge request as it stands now.

use super::api::Api;
use super::context::Context;
use super::error::Purpose;
use super::payload::{Commit, MergeRequest};
use crate::forge::error::{ForgeError, Kind};

const READ: Purpose = Purpose { what: "read the merge request", needs: "scope api (or read_api), role Reporter" };

/// Path of the merge request in the interface.
pub fn path(context: &Context, iid: u64) -> String {
    format!("/projects/{}/merge_requests/{iid}", super::api::segment(&context.target_project))
}

/// Its commits. The clone of a scheduled pipeline does not have them.
pub fn commits(api: &Api, context: &Context) -> Result<Vec<Commit>, ForgeError> {
    let Some(iid) = context.merge_request else { return Ok(Vec::new()) };
    api.pages(READ, &format!("{}/commits?per_page=100", path(context, iid)))
}

/// Every merge request that is open.
pub fn open(api: &Api, context: &Context) -> Result<Vec<MergeRequest>, ForgeError> {
    let project = super::api::segment(&context.target_project);
    api.pages(READ, &format!("/projects/{project}/merge_requests?state=opened&scope=all&per_page=100"))
}

/// The merge request, if the pipeline is one's. Statements about a commit that is no longer its head would mislead whoever
/// reads them there.
pub fn current(api: &Api, context: &Context) -> Result<Option<MergeRequest>, ForgeError> {
    let Some(iid) = context.merge_request else { return Ok(None) };
    let found: MergeRequest = api.get(READ, &path(context, iid))?;
    match (&found.sha, &context.head) {
        (Some(now), Some(head)) if now != head => Err(ForgeError::new(
            Kind::State,
            "the merge request has moved on since this pipeline began",
            "nothing has to be done: the pipeline about the new commit says how it stands",
        )),
        _ => Ok(Some(found)),
    }
}
