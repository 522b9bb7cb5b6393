//! What another run left behind: the brief that an unprivileged run made, for one that may write.
//!
//! It comes from a run that the author of a change controls. It is read as data, of bounded size, and nothing in it says
//! which pull request or commit it is about: that comes from GitHub.

use std::io::{Cursor, Read as _};

use serde::Deserialize;

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
use super::payload::PullRequest;

const READ: Purpose = Purpose { what: "read the brief of the other run", needs: "actions: read" };

/// Name of the artifact.
pub const NAME: &str = "detente-brief";
/// The brief in it.
const FILE: &str = "brief.json";
/// Briefs about a commit that are looked into, the latest first.
const LOOKED_INTO: usize = 20;
/// Most bytes of a brief that are unpacked.
const MOST: u64 = 64 << 20;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Artifact {
    id: u64,
    expired: bool,
    workflow_run: Option<Run>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Run {
    head_sha: Option<String>,
    head_repository_id: Option<u64>,
}

#[derive(Deserialize)]
struct Page {
    artifacts: Vec<Artifact>,
}

/// The brief that the run of that number left behind.
pub fn of_run(api: &Api, repository: &str, run: u64) -> Result<Vec<u8>, ForgeError> {
    let path = of(repository, &format!("/actions/runs/{run}/artifacts?name={}&per_page=100", segment(NAME)));
    let there = latest_first(api.pages_of(READ, &path, |page: Page| page.artifacts)?)?;
    read(api, repository, &there[0])
}

/// The latest brief about the commit at the head of `pull` that is `wanted`; `None` if there are briefs about it and none
/// is. Several runs look at one commit: of each pull request that has it, and of a push; those of another repository, which
/// can have the same commit, are not looked into.
pub fn of_head(
    api: &Api,
    repository: &str,
    pull: &PullRequest,
    mut wanted: impl FnMut(&[u8]) -> bool,
) -> Result<Option<Vec<u8>>, ForgeError> {
    let path = of(repository, &format!("/actions/artifacts?name={}&per_page=100", segment(NAME)));
    let mut all = api.newest_of(READ, &path, |page: Page| page.artifacts)?;
    let head = pull.head.as_ref();
    let (commit, from) = (head.and_then(|head| head.sha.as_ref()), head.and_then(|head| head.repo.as_ref()?.id));
    all.retain(|artifact| {
        artifact.workflow_run.as_ref().is_some_and(|run| {
            let elsewhere = run.head_repository_id.zip(from).is_some_and(|(its, ours)| its != ours);
            run.head_sha.as_ref() == commit && !elsewhere
        })
    });
    let (mut broken, mut read_any) = (None, false);
    for artifact in latest_first(all)?.iter().take(LOOKED_INTO) {
        match read(api, repository, artifact) {
            Ok(bytes) if wanted(&bytes) => return Ok(Some(bytes)),
            Ok(_) => read_any = true,
            // One that is broken, or gone since it was listed, holds up none that was made before it.
            Err(error) if matches!(error.kind, Kind::State | Kind::Closed) => broken = broken.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    broken.filter(|_| !read_any).map_or(Ok(None), Err)
}

/// Those that are still there, at least one.
fn latest_first(mut found: Vec<Artifact>) -> Result<Vec<Artifact>, ForgeError> {
    found.retain(|artifact| !artifact.expired);
    found.sort_by_key(|artifact| std::cmp::Reverse(artifact.id));
    if found.is_empty() {
        return Err(ForgeError::new(
            Kind::State,
            format!("there is no artifact `{NAME}` of that run, or it has expired"),
            "let the run that gates the change upload one: the action does, unless its input `artifact` is false",
        ));
    }
    Ok(found)
}

fn read(api: &Api, repository: &str, artifact: &Artifact) -> Result<Vec<u8>, ForgeError> {
    unpack(&api.download(READ, &of(repository, &format!("/actions/artifacts/{}/zip", artifact.id)))?)
}

fn unpack(zip: &[u8]) -> Result<Vec<u8>, ForgeError> {
    let broken = |detail: String| {
        ForgeError::new(
            Kind::State,
            format!("the artifact `{NAME}` does not hold a {FILE} that can be read: {detail}"),
            "run the job that gates the change again",
        )
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).map_err(|error| broken(error.to_string()))?;
    let file = archive.by_name(FILE).map_err(|error| broken(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(broken(format!("it is larger than {} MiB", MOST >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn only_the_brief_is_unpacked_and_only_so_much_of_it() {
        assert_eq!(unpack(&packed("brief.json", b"{}")).unwrap(), b"{}");
        assert!(unpack(&packed("../brief.json", b"{}")).unwrap_err().message.contains("brief.json"));
        assert!(unpack(b"<html>").is_err());
        let bomb = packed("brief.json", &vec![b' '; usize::try_from(MOST).unwrap() + 1]);
        assert!(bomb.len() < 1 << 20, "a thousand times smaller than what it unpacks to");
        assert!(unpack(&bomb).unwrap_err().message.contains("larger than"));
    }
}
