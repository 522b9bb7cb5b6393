//! The brief that a merge request's own pipeline left behind, for a pipeline that is not the merge request's.

use serde::Deserialize;

use super::api::{Api, segment};
use super::context::Context;
use super::error::Purpose;
use crate::forge::error::ForgeError;

const PIPELINES: Purpose = Purpose { what: "read the merge request's pipelines", needs: "scope api, role Reporter" };
const ARTIFACT: Purpose =
    Purpose { what: "read the brief of the merge request's pipeline", needs: "scope api, role Reporter" };

/// Name of the job that judges, and of what it leaves behind.
const JOB: &str = "detente";
const BRIEF: &str = "brief.json";
/// Pipelines that are looked into, the latest first.
const PIPELINES_READ: usize = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pipeline {
    id: u64,
    /// Project that it ran in: a fork's pipelines run there.
    project_id: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    id: u64,
    name: String,
}

/// The bytes of the latest brief about merge request `iid`; `None` if no pipeline of it left one.
pub fn brief(api: &Api, context: &Context, iid: u64) -> Result<Option<Vec<u8>>, ForgeError> {
    find(api, context, iid, |_| true)
}

/// The bytes of the latest brief about merge request `iid` that is `wanted`; `None` if none of its last pipelines left one.
pub fn find(
    api: &Api,
    context: &Context,
    iid: u64,
    mut wanted: impl FnMut(&[u8]) -> bool,
) -> Result<Option<Vec<u8>>, ForgeError> {
    let merge_request = format!("/projects/{}/merge_requests/{iid}", segment(&context.target_project));
    // The latest come first: one page is more than are looked into.
    let pipelines: Vec<Pipeline> = api.get(PIPELINES, &format!("{merge_request}/pipelines?per_page=20"))?;
    for Pipeline { id, project_id } in pipelines.into_iter().take(PIPELINES_READ) {
        let jobs: Vec<Job> =
            api.pages(PIPELINES, &format!("/projects/{project_id}/pipelines/{id}/jobs?per_page=100"))?;
        let Some(job) = jobs.into_iter().find(|job| job.name == JOB) else { continue };
        if let Some(bytes) =
            api.find_bytes(ARTIFACT, &format!("/projects/{project_id}/jobs/{}/artifacts/{BRIEF}", job.id))?
            && wanted(&bytes)
        {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}
