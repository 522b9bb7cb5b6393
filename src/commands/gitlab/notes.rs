//! `detente reply` in GitLab CI/CD: takes up what notes on the merge request ask for.
//!
//! GitLab starts no pipeline for a note: the next one of the merge request takes it up, or a scheduled one, which looks at
//! every open merge request. Each note is marked with an emoji when it is, so that it is taken up once.

use std::path::Path;

use jiff::Timestamp;

use super::interface::with_token;
use super::person::{Decides, about, decides, may_not};
use crate::commands::decision::{Choice, Place, record_decision, terms};
use crate::commands::error::CommandError;
use crate::commands::governance::{Governance, Wish};
use crate::commands::published::unreachable;
use crate::commands::reach::Reach;
use crate::commands::waiver::{self, Acceptance, moment, record_waiver};
use crate::commands::{brief_file, choose, output, target};
use crate::exit::Exit;
use crate::forge::checkout::Base;
use crate::forge::error::ForgeError;
use crate::forge::gitlab::asked::{self, Asked};
use crate::forge::gitlab::payload::{Discussion, MergeRequest, User};
use crate::forge::gitlab::{Api, Context, actor, artifact, merge_request, thread};
use crate::forge::request::Request;
use crate::model::ledger::{Decider, findings_digest};
use crate::render;
use crate::render::json::v1;

/// From where notes are taken up.
pub(in crate::commands) struct Desk<'a> {
    /// Where the run stands.
    pub context: &'a Context,
    /// How to reach GitLab.
    pub reach: &'a Reach,
    /// The brief about the merge request whose pipeline this is.
    pub brief: &'a Path,
    /// Where the ledger is.
    pub place: Place<'a>,
    /// Where the agreement is looked for.
    pub wish: &'a Wish,
    /// The moment.
    pub now: Timestamp,
}

/// Takes up the notes on the merge request whose pipeline this is; in any other pipeline, those on every open one.
pub(in crate::commands) fn take_up(desk: &Desk<'_>) -> Result<Exit, CommandError> {
    let api = with_token(desk.context, desk.reach).map_err(|error| unreachable(&error))?;
    let me = thread::myself(&api).map_err(|error| unreachable(&error))?;
    let answered = match desk.context.merge_request {
        Some(iid) => on_one(desk, &api, &me, desk.context, iid, || {
            let brief = brief_file::read(desk.brief)?;
            let found = merge_request::current(&api, desk.context).map_err(|error| unreachable(&error))?;
            Ok(Some(Judged { brief, target: found.and_then(|found| found.target_branch) }))
        })?,
        None => everywhere(desk, &api, &me)?,
    };
    if answered == 0 {
        output::print("nothing to answer: no note asks for anything\n")?;
    }
    Ok(Exit::Proceed)
}

/// What is decided about.
struct Judged {
    /// The brief, which comes from the author of the change.
    brief: v1::Brief,
    /// Branch that the change goes to, as GitLab says.
    target: Option<String>,
}

/// The notes on every open merge request, each by the brief that its own pipeline left behind.
///
/// # Errors
/// With what went wrong on one of them, once the notes on all others are taken up: what an author brings about holds up
/// nobody else.
fn everywhere(desk: &Desk<'_>, api: &Api, me: &User) -> Result<usize, CommandError> {
    let open = merge_request::open(api, desk.context).map_err(|error| unreachable(&error))?;
    let (mut answered, mut failed) = (0, None);
    for MergeRequest { iid, sha, target_branch, .. } in open {
        let context = Context { merge_request: Some(iid), head: sha.clone(), ..desk.context.clone() };
        let judged = || {
            let Some(bytes) = artifact::brief(api, &context, iid).map_err(|error| unreachable(&error))? else {
                return Ok(None);
            };
            // What was judged has to be what would be decided about. It comes from the change: one that cannot be read holds
            // up nobody else's.
            let brief = brief_file::parse("brief.json", &bytes).ok().filter(|brief| brief.change.head == sha);
            Ok(brief.map(|brief| Judged { brief, target: target_branch }))
        };
        match on_one(desk, api, me, &context, iid, judged) {
            Ok(number) => answered += number,
            Err(error) => {
                output::print(&format!("!{iid}: {}\n", render::plain(&error.one_line())))?;
                failed = failed.or(Some((iid, error.exit)));
            }
        }
    }
    match failed {
        None => Ok(answered),
        Some((iid, exit)) => Err(CommandError::new(exit, format!("the notes on !{iid} are not taken up yet"))
            .hint("see above why; the others are, and a later pipeline takes these up")),
    }
}

/// The notes on one merge request; how many were answered. What was `judged` is asked for if there are any.
fn on_one(
    desk: &Desk<'_>,
    api: &Api,
    me: &User,
    context: &Context,
    iid: u64,
    judged: impl FnOnce() -> Result<Option<Judged>, CommandError>,
) -> Result<usize, CommandError> {
    let asked = |error: ForgeError| unreachable(&error);
    let path = merge_request::path(context, iid);
    let open = asked::open(api, &path, me).map_err(asked)?;
    if open.is_empty() {
        return Ok(0);
    }
    let Some(Judged { brief, target: branch }) = judged()? else {
        // Nobody is refused for it: the note stays open until a pipeline has judged what stands there now.
        output::print(&format!("!{iid}: no pipeline has left a brief about its present head; the next one will\n"))?;
        return Ok(0);
    };
    // By the token of the job, which the runner leaves in the checkout.
    let governance =
        target::governance(desk.wish, desk.place.repository, &Base { branch, commit: None }, None, desk.now)?;
    let (ours, _) = thread::find(api, &path, me, render::MARKER).map_err(asked)?;
    let number = open.len();
    for note in open {
        let shown =
            |line: &str| format!("@{}: {}", render::markdown_text(&note.by.username), render::markdown_text(line));
        let (line, mark) = match answer(api, context, &note, &brief, &governance, desk.place) {
            Ok(Answer { line, not_kept: None }) => (line, asked::DONE),
            // It is taken up again once it can be kept; until then it is said once why it is not.
            Ok(Answer { not_kept: Some(error), .. }) => {
                let why = shown(&format!("Not recorded yet: {}", error.one_line()));
                let said = |thread: &Discussion| thread.notes.iter().any(|said| said.body.trim_end() == why);
                if ours.as_ref().is_some_and(|thread| !said(thread)) {
                    thread::reply(api, &path, ours.as_ref(), &why).map_err(asked)?;
                }
                return Err(error);
            }
            // What GitLab cannot tell now it may tell later: the note stays open.
            Err(error) if error.exit == Exit::Forge => return Err(error),
            Err(error) => (format!("Not recorded: {}", error.one_line()), asked::REFUSED),
        };
        thread::reply(api, &path, ours.as_ref(), &shown(&line)).map_err(asked)?;
        asked::mark(api, &path, note.note, mark).map_err(asked)?;
        output::print(&format!("@{}: {}\n", render::plain(&note.by.username), render::plain(&line)))?;
    }
    Ok(number)
}

/// Whether what is decided about now stood there at a moment before: the brief that lay there then is about the same
/// findings, judged the same by the same agreement.
fn stood_then(api: &Api, context: &Context, at: Timestamp, now: &v1::Brief) -> Result<bool, CommandError> {
    let mut then = None;
    let lay_there = |bytes: &[u8]| {
        then = brief_file::parse("brief.json", bytes).ok().filter(|brief| {
            let made = brief.now.parse::<Timestamp>();
            brief.change.name == now.change.name && made.is_ok_and(|made| made <= at)
        });
        then.is_some()
    };
    artifact::find(api, context, context.merge_request.unwrap_or(0), lay_there).map_err(|error| unreachable(&error))?;
    let digest = |brief: &v1::Brief| findings_digest(&terms::decided(brief));
    Ok(then.is_some_and(|then| {
        (then.verdict, &then.appetite.sha256, digest(&then)) == (now.verdict, &now.appetite.sha256, digest(now))
    }))
}

/// What a note comes to.
struct Answer {
    /// In a line.
    line: String,
    /// Why it is known to this job alone, if it is.
    not_kept: Option<CommandError>,
}

impl Answer {
    fn new(line: String, what: &str, not_pushed: Option<&str>) -> Self {
        let not_kept = not_pushed.map(|why| {
            CommandError::new(Exit::Forge, format!("the {what} could not be kept: {why}")).hint(
                "let jobs push to the repository (Settings, CI/CD, Job token permissions); the note stays open, and the next \
                 pipeline takes it up",
            )
        });
        Self { line, not_kept }
    }
}

fn answer(
    api: &Api,
    context: &Context,
    note: &Asked,
    brief: &v1::Brief,
    governance: &Governance,
    place: Place<'_>,
) -> Result<Answer, CommandError> {
    let request = match &note.what {
        Ok(request) => request,
        Err(why) => return Err(CommandError::usage(why)),
    };
    about(brief, context)?;
    let made: Timestamp = brief.now.parse().map_err(CommandError::usage)?;
    let url = format!(
        "{}/{}/-/merge_requests/{}#note_{}",
        context.server_url,
        context.path,
        context.merge_request.unwrap_or(0),
        note.note
    );
    if !actor::may_push(api, context, &note.by).map_err(|error| unreachable(&error))? {
        return Err(may_not(&note.by.username));
    }
    let Decides { identity, authors } =
        decides(api, context, &note.by, url, note.edited, &governance.appetite).map_err(|error| unreachable(&error))?;
    // What is asked for is about what stood there when it was written.
    if note.at < made && !stood_then(api, context, note.at, brief)? {
        return Err(CommandError::usage(
            "that was written before these options were made, and those of then were about other findings, or are not known",
        )
        .hint("look at the options as they are now, and write a new note"));
    }
    let at = note.at.max(made);
    let by = Decider::Forge(identity);
    match request {
        Request::Waive { row, until, reason } => {
            let until = moment(until).map_err(CommandError::usage)?;
            let acceptance = Acceptance { what: row, until, reason, owner: "", by, authors, at };
            let recorded = record_waiver(place, brief, governance, &acceptance, None)?;
            Ok(Answer::new(waiver::said(&recorded), "waiver", recorded.not_pushed.as_deref()))
        }
        Request::Choose { option, reason } => {
            let reason = if reason.is_empty() { "chosen by a note on the merge request" } else { reason.as_str() };
            let choice = Choice { option: *option, reason, by, authors, at };
            let recorded = record_decision(place, brief, governance, &choice, None)?;
            let line = choose::said(&recorded, &brief.change.name).lines().collect::<Vec<_>>().join(" ");
            Ok(Answer::new(line, "choice", recorded.not_pushed.as_deref()))
        }
        Request::Explain { .. } => Err(CommandError::usage(
            "only `/detente choose …` and `/detente waive …` are taken up from notes on GitLab",
        )),
    }
}
