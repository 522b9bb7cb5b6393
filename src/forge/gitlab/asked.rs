//! What notes on a merge request ask for, `/detente choose balanced because …`, and nobody has taken up yet.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use super::error::Purpose;
use super::payload::{Note, User};
use crate::forge::error::ForgeError;
use crate::forge::request::{self, NotUnderstood, Request};

const READ: Purpose = Purpose { what: "read the notes", needs: "scope api, role Reporter" };
const MARK: Purpose = Purpose { what: "mark a note as taken up", needs: "scope api, role Reporter" };

/// How a note is marked that was taken up.
pub const DONE: &str = "white_check_mark";
/// How a note is marked that could not be taken up.
pub const REFUSED: &str = "no_entry_sign";

/// A note that asks for something.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The note's number.
    pub note: u64,
    /// Who wrote it, as GitLab says.
    pub by: User,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was changed since.
    pub edited: bool,
    /// What it asks for.
    pub what: Result<Request, NotUnderstood>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Award {
    name: String,
    user: User,
}

/// Notes on the merge request at `path` that ask for something and carry no mark of `me`, oldest first.
pub fn open(api: &Api, path: &str, me: &User) -> Result<Vec<Asked>, ForgeError> {
    let notes: Vec<Note> = api.pages(READ, &format!("{path}/notes?sort=asc&order_by=created_at&per_page=100"))?;
    let mut open = Vec::new();
    for note in notes.into_iter().filter(|note| !note.system && note.author.id != me.id) {
        let Some(what) = request::in_comment(&note.body) else { continue };
        let Ok(at) = note.created_at.parse::<Timestamp>() else { continue };
        let awards: Vec<Award> = api.pages(READ, &format!("{path}/notes/{}/award_emoji?per_page=100", note.id))?;
        if awards.iter().any(|award| award.user.id == me.id && [DONE, REFUSED].contains(&award.name.as_str())) {
            continue;
        }
        let edited = note.updated_at.parse::<Timestamp>().is_ok_and(|changed| changed.duration_since(at).as_secs() > 1);
        open.push(Asked { note: note.id, by: note.author, at, edited, what });
    }
    Ok(open)
}

/// Marks a note, so that it is not taken up twice.
pub fn mark(api: &Api, path: &str, note: u64, how: &str) -> Result<(), ForgeError> {
    api.post::<Value>(MARK, &format!("{path}/notes/{note}/award_emoji"), &json!({ "name": how })).map(drop)
}
