//! Answers to whoever asked: a reaction where it was asked, and one line.

use serde_json::{Value, json};

use super::address::of;
use super::api::Api;
use super::comment::{self, Comment};
use super::error::{ForgeError, Kind, Purpose};

const READ: Purpose = Purpose { what: "read the comment", needs: "pull-requests: write" };
const REACT: Purpose = Purpose { what: "react to the comment", needs: "pull-requests: write" };

/// How a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It was done.
    Done,
    /// It was not.
    Refused,
}

/// A comment as it stands now; `None` if it was deleted.
pub fn comment(api: &Api, repository: &str, id: u64) -> Result<Option<Comment>, ForgeError> {
    match api.get(READ, &of(repository, &format!("/issues/comments/{id}"))) {
        Ok(comment) => Ok(Some(comment)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reacts to the comment, and says one line (markdown) below it.
pub fn answer(
    api: &Api,
    repository: &str,
    (number, id): (u64, u64),
    reaction: Reaction,
    line: &str,
) -> Result<(), ForgeError> {
    let content = match reaction {
        Reaction::Done => "+1",
        Reaction::Refused => "confused",
    };
    let path = of(repository, &format!("/issues/comments/{id}/reactions"));
    match api.post::<Value>(REACT, &path, &json!({ "content": content })) {
        Ok(_) => {}
        // A comment that is gone can still be answered.
        Err(error) if error.kind == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    comment::write(api, repository, number, line).map(|_| ())
}
