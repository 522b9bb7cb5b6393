//! Whether an event is somebody asking for something, and whether it counts.
//!
//! The event says what happened; GitHub is asked how things stand now. Between the two everything may have changed, and
//! everybody who may write in the repository may edit everybody's comments.

use crate::forge::request::{self, Request};
use crate::model::appetite::OptionName;

use super::comment::Comment;
use super::context::Context;
use super::myself::Myself;
use super::payload::User;

/// Something asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub request: Request,
    /// By whom.
    pub by: User,
    /// The comment in which it was asked.
    pub comment: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Whether a box was ticked in our comment; else a comment was written.
    pub ticked: bool,
}

/// What an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nobody speaks to us.
    Nothing,
    /// Somebody asks for something.
    Asked(Asked),
    /// Somebody does, in a way that does not count.
    Refused {
        /// The comment.
        comment: u64,
        /// Why, one sentence.
        why: String,
        /// Whether our comment no longer says what we wrote, and has to be written again.
        restore: bool,
    },
}

/// Reads an event of a comment. `now` is the comment as it stands now; `None` if it was deleted.
pub fn read(context: &Context, me: &Myself, now: Option<&Comment>) -> Event {
    let (Some(said), Some(sender)) = (&context.comment, &context.sender) else { return Event::Nothing };
    let (Some(id), Some(body), Some(now)) = (said.id, said.body.as_deref(), now) else { return Event::Nothing };
    let refused = |why: &str, restore| Event::Refused { comment: id, why: why.to_owned(), restore };
    // What programs write, we ourselves included, asks for nothing: bots do not accept risk, and do not answer each other.
    if me.is(Some(sender)) || sender.kind != "User" {
        return Event::Nothing;
    }
    let mine = me.is(said.user.as_ref()) && me.is(now.user.as_ref());
    match context.action.as_str() {
        "created" if !mine => {
            let Some(request) = request::in_comment(body) else { return Event::Nothing };
            if said.user.as_ref().map(|user| user.id) != Some(sender.id) {
                return refused("the comment is not of whoever sent it", false);
            }
            if said.performed_via_github_app.is_some() {
                return refused("a program wrote that comment in somebody's name: write it yourself, on GitHub", false);
            }
            if now.body.as_deref() != Some(body) || now.updated_at != said.created_at {
                return refused(
                    "the comment was edited since, and an edited comment does not count: write a new one",
                    false,
                );
            }
            match request {
                Ok(request) => Event::Asked(Asked {
                    request,
                    by: sender.clone(),
                    comment: id,
                    at: said.created_at.clone().unwrap_or_default(),
                    ticked: false,
                }),
                Err(why) => refused(&why, false),
            }
        }
        "edited" if mine => {
            let Some(before) = context.before_edit.as_deref() else { return Event::Nothing };
            match request::ticked(before, body) {
                None => Event::Nothing,
                // What stands there may be newer, and is then none of this edit's: it stays.
                Some(Err(why)) => refused(&why, now.body.as_deref() == Some(body)),
                Some(Ok(option)) => ticked(id, option, sender, body, now),
            }
        }
        "edited" => {
            // Whoever edits a comment is not always whoever wrote it.
            let asks = request::in_comment(body).is_some() && context.before_edit.as_deref() != Some(body);
            if asks { refused("an edited comment does not count: write a new one", false) } else { Event::Nothing }
        }
        _ => Event::Nothing,
    }
}

fn ticked(id: u64, option: OptionName, sender: &User, body: &str, now: &Comment) -> Event {
    if now.body.as_deref() != Some(body) {
        let why = "the comment has changed since the box was ticked: look at it again, and tick again".to_owned();
        return Event::Refused { comment: id, why, restore: false };
    }
    Event::Asked(Asked {
        request: Request::Choose { option, reason: String::new() },
        by: sender.clone(),
        comment: id,
        at: now.updated_at.clone().unwrap_or_default(),
        ticked: true,
    })
}

/// The commit that our comment is about, by its hidden line.
pub fn head_of(comment: &str) -> Option<&str> {
    comment.lines().take(3).find_map(|line| line.strip_prefix("<!-- detente:head:")?.strip_suffix(" -->"))
}
