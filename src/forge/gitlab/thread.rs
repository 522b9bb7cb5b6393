//! The one thread on a merge request: found again, updated, resolved when there is nothing to choose, never there twice.

use serde_json::{Value, json};

use super::api::Api;
use super::error::Purpose;
use super::payload::{Discussion, Note, User};
use crate::forge::error::{ForgeError, Kind};

const READ: Purpose = Purpose { what: "read the threads", needs: "scope api, role Reporter" };
const WRITE: Purpose = Purpose { what: "write the note", needs: "scope api, role Reporter" };
const RESOLVE: Purpose = Purpose { what: "resolve its own thread", needs: "scope api, role Developer" };
const TIDY: Purpose = Purpose { what: "delete a second note of its own", needs: "scope api, role Reporter" };
const MYSELF: Purpose = Purpose { what: "ask who the token is", needs: "scope api" };

/// Most characters of a note.
pub const LIMIT: usize = 1_000_000;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// There was none, and now there is.
    Created(u64),
    /// There was one, and it says or is something else now.
    Updated(u64),
    /// It said so already.
    Unchanged(u64),
    /// There was none, and there is nothing to say.
    Nothing,
}

/// Who the token is.
pub fn myself(api: &Api) -> Result<User, ForgeError> {
    api.get(MYSELF, "/user")
}

/// Our thread on the merge request at `path`, and any others of ours that should not be there.
pub fn find(
    api: &Api,
    path: &str,
    me: &User,
    marker: &str,
) -> Result<(Option<Discussion>, Vec<Discussion>), ForgeError> {
    let all: Vec<Discussion> = api.pages(READ, &format!("{path}/discussions?per_page=100"))?;
    let mut mine: Vec<Discussion> = all
        .into_iter()
        // The marker alone would let anybody write our note, the identity alone would take somebody's answer for it.
        .filter(|thread| {
            thread.notes.first().is_some_and(|note| note.author.id == me.id && note.body.starts_with(marker))
        })
        .collect();
    mine.sort_by_key(|thread| thread.notes.first().map(|note| note.id));
    let mut mine = mine.into_iter();
    Ok((mine.next(), mine.collect()))
}

/// Makes the thread say `body` and be resolved or not. Without one, and with nothing to choose, none is begun.
pub fn publish(
    api: &Api,
    path: &str,
    me: &User,
    (marker, body): (&str, &str),
    resolved: bool,
) -> Result<Done, ForgeError> {
    let (mine, others) = find(api, path, me, marker)?;
    tidy(api, path, &others)?;
    let Some(thread) = mine else {
        return if resolved { Ok(Done::Nothing) } else { create(api, path, me, marker, body) };
    };
    match say(api, path, &thread, body, resolved) {
        // Somebody deleted it in between.
        Err(error) if error.kind == Kind::NotFound && !resolved => create(api, path, me, marker, body),
        Err(error) if error.kind == Kind::NotFound => Ok(Done::Nothing),
        said => said,
    }
}

/// Makes a thread that is there say `body` and be resolved or not.
fn say(api: &Api, path: &str, thread: &Discussion, body: &str, resolved: bool) -> Result<Done, ForgeError> {
    let Some(note) = thread.notes.first() else { return Ok(Done::Nothing) };
    let mut done = Done::Unchanged(note.id);
    if !same(&note.body, body) {
        let at = format!("{path}/discussions/{}/notes/{}", thread.id, note.id);
        api.put::<Value>(WRITE, &at, &json!({ "body": body }))?;
        done = Done::Updated(note.id);
    }
    if note.resolvable && note.resolved != resolved {
        api.put::<Value>(RESOLVE, &format!("{path}/discussions/{}", thread.id), &json!({ "resolved": resolved }))?;
        done = Done::Updated(note.id);
    }
    Ok(done)
}

/// Answers in our thread, or beside it if there is none.
pub fn reply(api: &Api, path: &str, thread: Option<&Discussion>, body: &str) -> Result<Note, ForgeError> {
    let at = match thread {
        Some(thread) => format!("{path}/discussions/{}/notes", thread.id),
        None => format!("{path}/notes"),
    };
    api.post(WRITE, &at, &json!({ "body": body }))
}

/// GitLab stores a note with other line breaks and without blank ends.
fn same(stored: &str, ours: &str) -> bool {
    stored.replace("\r\n", "\n").trim_end() == ours.trim_end()
}

/// Two pipelines that begin at once both find no thread and both write one: whoever comes later takes its own away again, and
/// says in the other what it has to say.
fn create(api: &Api, path: &str, me: &User, marker: &str, body: &str) -> Result<Done, ForgeError> {
    let created: Discussion = api.post(WRITE, &format!("{path}/discussions"), &json!({ "body": body }))?;
    let (first, others) = find(api, path, me, marker)?;
    tidy(api, path, &others)?;
    match first {
        Some(first) if first.id != created.id => say(api, path, &first, body, false),
        _ => Ok(Done::Created(created.notes.first().map_or(0, |note| note.id))),
    }
}

fn tidy(api: &Api, path: &str, others: &[Discussion]) -> Result<(), ForgeError> {
    others.iter().try_for_each(|other| match other.notes.first() {
        Some(note) => api.delete(TIDY, &format!("{path}/discussions/{}/notes/{}", other.id, note.id)),
        None => Ok(()),
    })
}
