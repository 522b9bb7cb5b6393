//! `detente reply` in GitLab CI/CD: takes up what notes on the merge request ask for.
//!
//! GitLab starts no pipeline for a note: the next one of the merge request, or a scheduled one, takes it up. Each note is
//! marked with an emoji when it is, so that it is taken up once.

use std::path::Path;

use jiff::Timestamp;

use super::interface::{unreachable, with_token};
use super::person::{Decides, decides, may_not};
use crate::commands::decision::{Choice, Place, record_decision};
use crate::commands::error::CommandError;
use crate::commands::governance::{self, Wish};
use crate::commands::reach::Reach;
use crate::commands::waiver::{self, Acceptance, moment, record_waiver};
use crate::commands::{brief_file, choose, output, rulebook};
use crate::exit::Exit;
use crate::forge::error::ForgeError;
use crate::forge::gitlab::asked::{self, Asked};
use crate::forge::gitlab::{Api, Context, actor, merge_request, thread};
use crate::forge::request::Request;
use crate::model::ledger::Decider;
use crate::render::json::v1;
use crate::{change, render};

/// Takes up the notes.
pub(in crate::commands) fn take_up(
    context: &Context,
    reach: &Reach,
    brief: &Path,
    repository: &Path,
    remote: &str,
    wish: &Wish,
    now: Timestamp,
) -> Result<Exit, CommandError> {
    let Some(iid) = context.merge_request else {
        output::print("nothing to answer: this pipeline is not a merge request's\n")?;
        return Ok(Exit::Proceed);
    };
    let asked = |error: ForgeError| unreachable(&error);
    let api = with_token(context, reach).map_err(asked)?;
    let me = thread::myself(&api).map_err(asked)?;
    let path = merge_request::path(context, iid);
    let open = asked::open(&api, &path, &me).map_err(asked)?;
    if open.is_empty() {
        output::print("nothing to answer: no note asks for anything\n")?;
        return Ok(Exit::Proceed);
    }
    let brief = brief_file::read(brief)?;
    let base = brief.change.base.as_ref().map(|base| base.name.clone());
    let change = change::read(repository, base.as_deref(), false);
    let rules = rulebook::of_change(repository, &change)?.rules;
    let governance = governance::find(wish, repository, &change, &rules, now)?;
    let place = Place { repository, remote: Some(remote).filter(|remote| *remote != "none") };
    let (ours, _) = thread::find(&api, &path, &me, render::MARKER).map_err(asked)?;
    for note in open {
        let (line, mark) = match answer(&api, context, &note, &brief, &governance, place) {
            Ok(line) => (line, asked::DONE),
            // What GitLab cannot tell now it may tell later: the note stays open.
            Err(error) if error.exit == Exit::Forge => return Err(error),
            Err(error) => (format!("Not recorded: {}", error.one_line()), asked::REFUSED),
        };
        let shown = format!("@{}: {}", render::markdown_text(&note.by.username), render::markdown_text(&line));
        thread::reply(&api, &path, ours.as_ref(), &shown).map_err(asked)?;
        asked::mark(&api, &path, note.note, mark).map_err(asked)?;
        output::print(&format!("{}\n", render::plain(&shown)))?;
    }
    Ok(Exit::Proceed)
}

fn answer(
    api: &Api,
    context: &Context,
    note: &Asked,
    brief: &v1::Brief,
    governance: &governance::Governance,
    place: Place<'_>,
) -> Result<String, CommandError> {
    let request = match &note.what {
        Ok(request) => request,
        Err(why) => return Err(CommandError::usage(why)),
    };
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
    let at = note.at.max(made);
    let by = Decider::Forge(identity);
    match request {
        Request::Waive { row, until, reason } => {
            let until = moment(until).map_err(CommandError::usage)?;
            let acceptance = Acceptance { what: row, until, reason, owner: "", by, authors, at };
            Ok(waiver::said(&record_waiver(place, brief, governance, &acceptance, None)?))
        }
        Request::Choose { option, reason } => {
            let reason = if reason.is_empty() { "chosen by a note on the merge request" } else { reason.as_str() };
            let choice = Choice { option: *option, reason, by, authors, at };
            let recorded = record_decision(place, brief, governance, &choice, None)?;
            Ok(choose::said(&recorded, &brief.change.name).lines().collect::<Vec<_>>().join(" "))
        }
        Request::Explain { .. } => Err(CommandError::usage(
            "only `/detente choose …` and `/detente waive …` are taken up from notes on GitLab",
        )),
    }
}
