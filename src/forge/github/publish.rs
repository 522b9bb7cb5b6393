//! Publishing: each part by itself, so that a part that cannot be done does not take the others with it.

use crate::forge::publication::{Conclusion, Promise, Publication};
use crate::forge::published::Published;
use crate::model::digest::Digest;

use super::api::Api;
use super::changed_lines::ChangedLines;
use super::comment::{self, Done};
use super::context::Context;
use super::error::{ForgeError, Kind};
use super::myself::Myself;
use super::payload::PullRequest;
use super::{check, labels, promises, pull, sarif};

/// Which parts are wanted.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one part that can be left out, not a state machine")]
pub struct Parts {
    /// The comment.
    pub comment: bool,
    /// The check run.
    pub check: bool,
    /// The labels.
    pub labels: bool,
    /// The issues of commitments.
    pub issues: bool,
}

/// Publishes about the change that `context` stands in. `bot` is the login that an app's token writes as.
pub fn publish(
    api: &Api,
    context: &Context,
    bot: &str,
    publication: &Publication,
    promises: &[Promise],
    parts: Parts,
    sarif: &[Vec<u8>],
) -> Published {
    let mut published = Published::default();
    let repository = context.repository.as_str();
    let pull = match current(api, context, &publication.change) {
        Ok(pull) => pull,
        Err(error) => {
            // What is said about another change is not said beside this one's commit either.
            let of_another = error.kind == Kind::State && context.follows.is_some();
            published.note::<()>(Err(error), |()| None);
            if of_another {
                return published;
            }
            None
        }
    };
    let number = pull.as_ref().and_then(|pull| pull.number);
    let me = if parts.comment || parts.issues { published.note(Myself::ask(api, bot), |_| None) } else { None };
    if let (true, Some(number), Some(pull)) = (parts.comment, number, &pull)
        && let Some(me) = &me
    {
        let resolved = publication.resolved || pull.state.as_deref() == Some("closed");
        let done = comment::publish(api, repository, number, me, (publication.marker, &publication.note), resolved);
        if let Some(done) = published.note(done, |done| Some(said(done))) {
            published.note_url = match done {
                Done::Created(url, None) | Done::Updated(url) | Done::Unchanged(url) => Some(url),
                Done::Created(url, Some(author)) => {
                    tracing::warn!(
                        "the comment was written by {author} and not by {bot}, so the next run will not know it and write \
                         another one: name who the token writes as, `bot: {author}` beside `token` (--bot)"
                    );
                    Some(url)
                }
                Done::Nothing => None,
            };
        }
    }
    if let (true, Some(number)) = (parts.labels, number) {
        let set = labels::publish(api, repository, number, &publication.labels);
        published.note(set, |()| Some(format!("labels: {}", publication.labels.join(", "))));
    }
    if let (true, Some(head)) = (parts.check, &context.head) {
        let mut status = publication.status.clone();
        if let Some(number) = number {
            let lines = published.note(ChangedLines::ask(api, repository, number), |_| None).unwrap_or_default();
            status.remarks.retain(|remark| lines.contain(&remark.path, remark.line));
        } else {
            status.remarks.clear();
        }
        let same = Digest::of(format!("{status:?}").as_bytes()).short();
        let details = published.note_url.clone().or_else(|| context.run_url.clone());
        let run = check::publish(api, repository, head, &status, (&same, details.as_deref()));
        published.check_url = published.note(run, |url| Some(format!("check run: {url}")));
    }
    if let (true, Some(me)) = (parts.issues, &me) {
        let issues = promises::publish(api, repository, me, promises);
        published.note(issues, |changed| (!changed.is_empty()).then(|| format!("issues: {}", changed.join(", "))));
    }
    if let (false, Some(head)) = (sarif.is_empty(), &context.head) {
        match scanned(context, number) {
            Some(name) => {
                for file in sarif {
                    let sent = sarif::upload(api, repository, head, &name, file);
                    published.note(sent, |()| Some("code scanning: uploaded".to_owned()));
                }
            }
            None => published.skipped.push(
                "findings for code scanning: it is not known of which branch or pull request they are the present state"
                    .to_owned(),
            ),
        }
    }
    published
}

/// The ref whose present state the findings are, as code scanning names it. A run about a pull request that has moved on, and
/// one that follows another and found no pull request, have none: there the ref of the run is another line's.
fn scanned(context: &Context, number: Option<u64>) -> Option<String> {
    match number {
        Some(number) => Some(format!("refs/pull/{number}/head")),
        None if context.pull_request.is_some() || context.follows.is_some() => None,
        None => context.reference.clone(),
    }
}

/// The pull request as it stands now, if the run is about one. Statements about a commit that is no longer its head would
/// mislead whoever reads them there. `named` is how the brief calls its change.
fn current(api: &Api, context: &Context, named: &str) -> Result<Option<PullRequest>, ForgeError> {
    let found = match (&context.pull_request, &context.follows) {
        (Some(known), _) => Some(pull::ask(api, &context.repository, known.number)?),
        (None, Some(run)) => pull::of_run(api, &context.repository, run, named)?,
        (None, None) => None,
    };
    match (&found, &context.head) {
        (Some(pull), Some(head)) if pull::head(pull) != Some(head) => Err(ForgeError::new(
            Kind::State,
            "the pull request has moved on since this run began",
            "nothing has to be done: the run about the new commit says how it stands",
        )),
        _ => Ok(found),
    }
}

fn said(done: &Done) -> String {
    match done {
        Done::Created(url, _) => format!("comment: written, {url}"),
        Done::Updated(url) => format!("comment: updated, {url}"),
        Done::Unchanged(url) => format!("comment: unchanged, {url}"),
        Done::Nothing => "comment: none, there is nothing to choose".to_owned(),
    }
}

/// In one word, as outputs and logs have it.
pub const fn conclusion(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Proceed => "success",
        Conclusion::Advice => "neutral",
        Conclusion::Needed => "action_required",
    }
}
