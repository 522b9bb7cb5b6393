//! `detente publish` in GitLab CI/CD: the thread, the commit's status, the labels.

use std::path::Path;

use jiff::Timestamp;

use super::interface::with_token;
use crate::commands::error::CommandError;
use crate::commands::published::{report, unreachable};
use crate::commands::reach::Reach;
use crate::commands::{brief_file, promises, publication};
use crate::exit::Exit;
use crate::forge::gitlab::publish::{Parts, publish};
use crate::forge::gitlab::{Context, thread};
use crate::forge::published::Published;
use crate::render;

/// What is wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(in crate::commands) struct Wanted<'a> {
    /// The brief.
    pub brief: &'a Path,
    /// The thread.
    pub note: bool,
    /// The commit's status.
    pub status: bool,
    /// The labels.
    pub labels: bool,
    /// The issues of commitments, with the repository of the ledger and the remote that keeps it.
    pub issues: Option<(&'a Path, &'a str)>,
    /// Moment from which commitments are looked at.
    pub now: Timestamp,
    /// Whether something that could not be published ends with its exit code.
    pub required: bool,
}

/// Publishes. Without `required` whatever cannot be done is said, and does not hold the pipeline.
pub(in crate::commands) fn run(context: &Context, reach: &Reach, wanted: &Wanted<'_>) -> Result<Exit, CommandError> {
    let wire = brief_file::read(wanted.brief)?;
    let brief = render::json::read_back(&wire)
        .map_err(|problem| CommandError::usage(format!("the brief cannot be read: {problem}")))?;
    let mut publication = publication::of(&brief, context.head.as_deref());
    if publication.note.len() > thread::LIMIT {
        let text = render::short_markdown(&brief);
        let rest =
            context.job_url.as_deref().map_or_else(String::new, |url| format!("\nThe rest is in the [job]({url}).\n"));
        publication.note = format!("{}\n{text}{rest}", publication.marker);
    }
    let promises = match wanted.issues {
        Some((repository, remote)) => {
            let address = format!("{}/{}/-/merge_requests/", context.server_url, context.path);
            let names = promises::Names { forge: "gitlab", change: "merge_request/", address: &address };
            promises::of(repository, remote, &names, wanted.now)?
        }
        None => Vec::new(),
    };
    let parts = Parts { note: wanted.note, status: wanted.status, labels: wanted.labels, promises: &promises };
    let published = match with_token(context, reach) {
        Ok(api) => publish(&api, context, &publication, &parts),
        Err(error) if wanted.required => return Err(unreachable(&error)),
        Err(error) => Published { errors: vec![error], ..Published::default() },
    };
    let complete = report(&published)?;
    Ok(if complete || !wanted.required { Exit::Proceed } else { Exit::Forge })
}
