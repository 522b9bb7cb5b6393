//! Publishing: each part by itself, so that a part that cannot be done does not take the others with it.

use super::api::Api;
use super::context::Context;
use super::merge_request;
use super::thread::{self, Done};
use super::{labels, promises, status};
use crate::forge::publication::{Promise, Publication};
use crate::forge::published::Published;

/// Which parts are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The thread.
    pub note: bool,
    /// The commit's status.
    pub status: bool,
    /// The labels.
    pub labels: bool,
    /// The commitments that are followed up as issues.
    pub promises: &'a [Promise],
}

/// Publishes about the change that `context` stands in.
pub fn publish(api: &Api, context: &Context, publication: &Publication, parts: &Parts<'_>) -> Published {
    let mut published = Published::default();
    let current = published.note(merge_request::current(api, context), |_| None);
    let moved_on = current.is_none();
    if let (Some(Some(found)), Some(iid)) = (&current, context.merge_request) {
        let path = merge_request::path(context, iid);
        if parts.note
            && let Some(me) = published.note(thread::myself(api), |_| None)
        {
            let resolved = publication.resolved || matches!(found.state.as_str(), "closed" | "merged");
            let done = thread::publish(api, &path, &me, (publication.marker, &publication.note), resolved);
            let address = |id: u64| format!("{}#note_{id}", found.web_url);
            let done = published.note(done, |done| Some(said(done, address)));
            published.note_url = match done {
                Some(Done::Created(id) | Done::Updated(id) | Done::Unchanged(id)) => Some(address(id)),
                Some(Done::Nothing) | None => None,
            };
        }
        if parts.labels {
            let set = labels::publish(api, &path, &found.labels, &publication.labels);
            published.note(set, |()| Some(format!("labels: {}", publication.labels.join(", "))));
        }
    }
    // GitLab takes a status for a pipeline of its own commit only.
    let commit = context.pipeline.and(context.tested.as_ref()).or(context.head.as_ref());
    if let (true, false, Some(commit)) = (parts.status, moved_on, commit) {
        let details = published.note_url.clone().or_else(|| context.job_url.clone());
        let set = status::publish(api, context, commit, &publication.status, details.as_deref());
        published.note(set, |changed| Some(format!("status: {}", if *changed { "set" } else { "unchanged" })));
    }
    if !parts.promises.is_empty()
        && let Some(me) = published.note(thread::myself(api), |_| None)
    {
        let issues = promises::publish(api, context, &me, parts.promises);
        published.note(issues, |changed| (!changed.is_empty()).then(|| format!("issues: {}", changed.join(", "))));
    }
    published
}

fn said(done: &Done, address: impl Fn(u64) -> String) -> String {
    match done {
        Done::Created(id) => format!("note: written, {}", address(*id)),
        Done::Updated(id) => format!("note: updated, {}", address(*id)),
        Done::Unchanged(id) => format!("note: unchanged, {}", address(*id)),
        Done::Nothing => "note: none, there is nothing to choose".to_owned(),
    }
}
