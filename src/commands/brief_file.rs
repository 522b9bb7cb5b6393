//! A brief that `gate` wrote, read back from a file or a pipe.

use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use crate::commands::error::CommandError;
use crate::render::json::v1::{Brief, SCHEMA};

/// What `--brief` means where it is not given.
pub(super) const DEFAULT: &str = "brief.json";

/// Most bytes that are read: a brief about 100,000 findings has half of this.
const MOST_BYTES: u64 = 512 << 20;

/// What tells a brief from other JSON.
#[derive(Deserialize)]
struct Marked {
    #[serde(default)]
    schema: Option<String>,
}

/// Reads the brief at `path`, or from standard input if it is `-`.
pub(super) fn read(path: &Path) -> Result<Brief, CommandError> {
    let shown = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let problem = |error: std::io::Error| {
        CommandError::usage(format!("{shown}: cannot be read: {error}"))
            .hint("write a brief with `detente gate REPORT… --output brief.json`, and name it with --brief")
    };
    let mut bytes = Vec::new();
    let most = MOST_BYTES + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(problem)?;
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(problem)?;
    }
    parse(&shown, &bytes)
}

/// Reads a brief out of bytes that are called `shown`.
pub(super) fn parse(shown: &str, bytes: &[u8]) -> Result<Brief, CommandError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(CommandError::usage(format!("{shown}: is more than {} MiB, which no brief is", MOST_BYTES >> 20)));
    }
    let wrong = |error: serde_json::Error| {
        CommandError::usage(format!("{shown}: is not a brief: {error}"))
            .hint("`detente schema brief` prints what is expected; `detente gate --format json` writes it")
    };
    match serde_json::from_slice::<Marked>(bytes).map_err(wrong)?.schema {
        Some(schema) if schema == SCHEMA => serde_json::from_slice(bytes).map_err(wrong),
        Some(schema) => Err(CommandError::usage(format!(
            "{shown}: its schema is {}, and this version reads {SCHEMA}",
            schema.escape_debug()
        ))),
        None => Err(CommandError::usage(format!(
            "{shown}: is JSON and not a brief: `schema` is missing, expected {SCHEMA}"
        ))
        .hint("`detente gate REPORT… --output brief.json` writes one")),
    }
}
