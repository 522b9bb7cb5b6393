//! Findings in GitHub's code scanning.

use std::io::Write as _;

use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::address::of;
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};

const UPLOAD: Purpose = Purpose { what: "upload the findings to code scanning", needs: "security-events: write" };

/// Most bytes of a compressed upload.
const MOST: usize = 10 << 20;

/// Uploads a SARIF file about `commit`, the state of `name` (`refs/pull/5/head`, `refs/heads/main`).
pub fn upload(api: &Api, repository: &str, commit: &str, name: &str, sarif: &[u8]) -> Result<(), ForgeError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot go wrong.
    let packed = encoder.write_all(sarif).and_then(|()| encoder.finish()).unwrap_or_default();
    if packed.len() > MOST {
        return Err(ForgeError::new(
            Kind::Refused,
            format!("the findings are {} bytes compressed, and code scanning takes {MOST}", packed.len()),
            "upload the scanners' own files one by one",
        ));
    }
    let sarif = base64::engine::general_purpose::STANDARD.encode(packed);
    let body = json!({ "commit_sha": commit, "ref": name, "sarif": sarif, "tool_name": "Detente" });
    api.post::<Value>(UPLOAD, &of(repository, "/code-scanning/sarifs"), &body).map(|_| ())
}
