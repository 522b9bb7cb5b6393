//! What another run left behind: the brief that an unprivileged run made, for one that may write.
//!
//! It comes from a run that the author of a change controls. It is read as data, of bounded size, and nothing in it says
//! which pull request or commit it is about: that comes from GitHub.

use std::io::{Cursor, Read as _};

use serde::Deserialize;

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};

const READ: Purpose = Purpose { what: "read the brief of the other run", needs: "actions: read" };

/// Name of the artifact.
pub const NAME: &str = "detente-brief";
/// The brief in it.
const FILE: &str = "brief.json";
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
}

#[derive(Deserialize)]
struct Page {
    artifacts: Vec<Artifact>,
}

/// The brief that the run of that number left behind.
pub fn of_run(api: &Api, repository: &str, run: u64) -> Result<Vec<u8>, ForgeError> {
    let path = of(repository, &format!("/actions/runs/{run}/artifacts?name={}&per_page=100", segment(NAME)));
    read(api, repository, api.pages_of(READ, &path, |page: Page| page.artifacts)?)
}

/// The brief about that commit, by the latest run that made one.
pub fn of_commit(api: &Api, repository: &str, commit: &str) -> Result<Vec<u8>, ForgeError> {
    let path = of(repository, &format!("/actions/artifacts?name={}&per_page=100", segment(NAME)));
    let mut all = api.pages_of(READ, &path, |page: Page| page.artifacts)?;
    all.retain(|artifact| artifact.workflow_run.as_ref().and_then(|run| run.head_sha.as_deref()) == Some(commit));
    read(api, repository, all)
}

fn read(api: &Api, repository: &str, mut found: Vec<Artifact>) -> Result<Vec<u8>, ForgeError> {
    found.retain(|artifact| !artifact.expired);
    let Some(artifact) = found.into_iter().max_by_key(|artifact| artifact.id) else {
        return Err(ForgeError::new(
            Kind::State,
            format!("there is no artifact `{NAME}` of that run, or it has expired"),
            "let the run that gates the change upload one: the action does, unless its input `artifact` is false",
        ));
    };
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
