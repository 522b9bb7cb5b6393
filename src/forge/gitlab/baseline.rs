//! What the target branch's own pipelines left behind: by that is known what was there before the change.
//!
//! What was there before is nobody's new finding, so whoever could write it could hide theirs. Only pipelines count that
//! GitLab itself says ran on the protected branch, begun by somebody who may push to it: none of a merge request, of a fork,
//! of a tag that goes by the branch's name. Whether their commit belongs to the branch, git tells.

use serde::Deserialize;

use super::api::{Api, MOST_BYTES, segment};
use super::context::Context;
use super::error::{Purpose, garbled};
use crate::forge::error::{ForgeError, Kind};

const BRANCH: Purpose = Purpose { what: "look the target branch up", needs: "scope read_api, role Reporter" };
const PIPELINES: Purpose =
    Purpose { what: "list the pipelines of the target branch", needs: "scope read_api, role Reporter" };
const ARTIFACTS: Purpose =
    Purpose { what: "read the artifacts of the target branch", needs: "scope read_api, role Reporter" };

/// What begins a pipeline on a protected branch only for those who may push to it, or merge into it.
const OWN: &[&str] =
    &["push", "schedule", "web", "api", "security_orchestration_policy", "pipeline_execution_policy_schedule"];
/// Pipelines that are listed, the latest first: one page.
const LISTED: usize = 100;

/// A pipeline of the target branch that came to a good end.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Pipeline {
    /// Its number.
    pub id: u64,
    /// The commit that it ran for.
    pub sha: String,
    project_id: u64,
    #[serde(rename = "ref")]
    reference: String,
    source: String,
}

/// What a job left behind.
#[derive(Debug)]
pub struct Left {
    /// The job's number.
    pub job: u64,
    /// Its name.
    pub name: String,
    /// Size of the archive in bytes.
    pub bytes: u64,
}

impl Left {
    /// Whether the archive is larger than any that is read.
    pub const fn is_too_large(&self) -> bool {
        self.bytes > MOST_BYTES as u64
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Branch {
    protected: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    id: u64,
    name: String,
    #[serde(rename = "ref")]
    reference: String,
    /// Whether it ran for a tag; what does not say so is not believed to be a branch's.
    tag: Option<bool>,
    artifacts: Vec<Artifact>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Artifact {
    file_type: String,
    size: u64,
}

/// The latest pipelines that are `branch`'s own, the latest first.
///
/// # Errors
/// If they cannot be had, or the branch is open to everybody.
pub fn pipelines(api: &Api, context: &Context, branch: &str) -> Result<Vec<Pipeline>, ForgeError> {
    let project = segment(&context.target_project);
    let name = segment(branch);
    let known: Branch = api.get(BRANCH, &format!("/projects/{project}/repository/branches/{name}"))?;
    if !known.protected {
        return Err(ForgeError::new(
            Kind::State,
            format!("{branch} is not protected, so whoever may push could have written what its pipelines left behind"),
            "protect the branch (Settings, Repository), or give reports about it with --base-report",
        ));
    }
    let all: Vec<Pipeline> =
        api.get(PIPELINES, &format!("/projects/{project}/pipelines?ref={name}&status=success&per_page={LISTED}"))?;
    Ok(all.into_iter().filter(|pipeline| is_own(pipeline, context, branch)).collect())
}

/// What is asked for in an address is a wish: what GitLab answers counts.
fn is_own(pipeline: &Pipeline, context: &Context, branch: &str) -> bool {
    pipeline.reference == branch
        && OWN.contains(&pipeline.source.as_str())
        && pipeline.project_id.to_string() == context.target_project
}

/// The archives that the jobs of a pipeline of `branch` left behind, the first job's first.
pub fn left(api: &Api, context: &Context, branch: &str, pipeline: &Pipeline) -> Result<Vec<Left>, ForgeError> {
    let project = segment(&context.target_project);
    let jobs: Vec<Job> =
        api.pages(PIPELINES, &format!("/projects/{project}/pipelines/{}/jobs?per_page=100", pipeline.id))?;
    let of_branch = jobs.into_iter().filter(|job| job.tag == Some(false) && job.reference == branch);
    let mut left: Vec<Left> = of_branch
        .filter_map(|job| {
            let archive = job.artifacts.iter().find(|artifact| artifact.file_type == "archive")?;
            Some(Left { job: job.id, bytes: archive.size, name: job.name })
        })
        .collect();
    left.sort_by_key(|left| left.job);
    Ok(left)
}

/// The archive that a job left behind; `None` if it is gone.
pub fn archive(api: &Api, context: &Context, left: &Left) -> Result<Option<Vec<u8>>, ForgeError> {
    let path = format!("/projects/{}/jobs/{}/artifacts", segment(&context.target_project), left.job);
    let bytes = api.find_bytes(ARTIFACTS, &path)?;
    match bytes {
        Some(bytes) if !bytes.starts_with(b"PK") => Err(garbled(ARTIFACTS.what, "it is no archive")),
        bytes => Ok(bytes),
    }
}
