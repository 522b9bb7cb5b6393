//! The one comment on a pull request: found again, updated, never there twice.

use serde::Deserialize;
use serde_json::json;

use super::address::of;
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
use super::myself::Myself;
use super::payload::User;

const READ: Purpose = Purpose { what: "read the comments", needs: "pull-requests: write" };
const WRITE: Purpose = Purpose { what: "write the comment", needs: "pull-requests: write" };
const TIDY: Purpose = Purpose { what: "delete a second comment of its own", needs: "pull-requests: write" };

/// Most characters of a comment.
pub const LIMIT: usize = 65_536;

/// A comment as it stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Where people see it.
    pub html_url: String,
    /// Markdown.
    pub body: Option<String>,
    /// Who wrote it.
    pub user: Option<User>,
    /// When it was last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// There was none, and now there is; with the login of its author, if that is not who the token was taken to write as.
    Created(String, Option<String>),
    /// There was one, and it says something else now.
    Updated(String),
    /// It said so already.
    Unchanged(String),
    /// There was none, and there is nothing to say.
    Nothing,
}

/// Our comment on a pull request, and any others of ours that should not be there.
pub fn find(
    api: &Api,
    repository: &str,
    number: u64,
    me: &Myself,
    marker: &str,
) -> Result<(Option<Comment>, Vec<Comment>), ForgeError> {
    let path = of(repository, &format!("/issues/{number}/comments?per_page=100"));
    let mut mine: Vec<Comment> = api
        .pages::<Comment>(READ, &path)?
        .into_iter()
        // The marker alone would let anybody write our comment, the identity alone would take somebody's answer for it.
        .filter(|comment| me.is(comment.user.as_ref()))
        .filter(|comment| comment.body.as_deref().is_some_and(|body| body.starts_with(marker)))
        .collect();
    mine.sort_by_key(|comment| comment.id);
    let mut mine = mine.into_iter();
    Ok((mine.next(), mine.collect()))
}

/// Makes the comment say `body`. Without one, and with nothing to choose (`resolved`), none is begun.
pub fn publish(
    api: &Api,
    repository: &str,
    number: u64,
    me: &Myself,
    (marker, body): (&str, &str),
    resolved: bool,
) -> Result<Done, ForgeError> {
    let (mine, others) = find(api, repository, number, me, marker)?;
    tidy(api, repository, &others)?;
    match mine {
        Some(comment) if comment.body.as_deref().map(str::trim_end) == Some(body.trim_end()) => {
            Ok(Done::Unchanged(comment.html_url))
        }
        Some(comment) => match update(api, repository, comment.id, body) {
            Ok(updated) => Ok(Done::Updated(updated.html_url)),
            // Somebody deleted it in between.
            Err(error) if error.kind == Kind::NotFound && !resolved => {
                create(api, repository, number, me, marker, body)
            }
            Err(error) if error.kind == Kind::NotFound => Ok(Done::Nothing),
            Err(error) => Err(error),
        },
        None if resolved => Ok(Done::Nothing),
        None => create(api, repository, number, me, marker, body),
    }
}

/// Changes a comment.
pub fn update(api: &Api, repository: &str, id: u64, body: &str) -> Result<Comment, ForgeError> {
    api.patch(WRITE, &of(repository, &format!("/issues/comments/{id}")), &json!({ "body": body }))
}

/// Writes a comment.
pub fn write(api: &Api, repository: &str, number: u64, body: &str) -> Result<Comment, ForgeError> {
    api.post(WRITE, &of(repository, &format!("/issues/{number}/comments")), &json!({ "body": body }))
}

/// Two runs that begin at once both find no comment and both write one: whoever comes later takes its own away again.
fn create(api: &Api, repository: &str, number: u64, me: &Myself, marker: &str, body: &str) -> Result<Done, ForgeError> {
    let created = write(api, repository, number, body)?;
    let (first, others) = find(api, repository, number, me, marker)?;
    match first {
        Some(first) if first.id != created.id => {
            tidy(api, repository, &others)?;
            let updated = update(api, repository, first.id, body)?;
            Ok(Done::Updated(updated.html_url))
        }
        _ => {
            let author = created.user.as_ref().filter(|author| !me.is(Some(author)));
            Ok(Done::Created(created.html_url, author.map(|author| author.login.clone())))
        }
    }
}

fn tidy(api: &Api, repository: &str, others: &[Comment]) -> Result<(), ForgeError> {
    others.iter().try_for_each(|other| api.delete(TIDY, &of(repository, &format!("/issues/comments/{}", other.id))))
}

/// `body` within [`LIMIT`]: folded parts are left out from the end until it fits, and `instead` says where they are.
pub fn fit(body: &str, instead: &str) -> String {
    let length = |text: &str| text.encode_utf16().count();
    if length(body) <= LIMIT {
        return body.to_owned();
    }
    let mut kept = body.to_owned();
    let room = LIMIT - length(instead).min(LIMIT);
    while length(&kept) > room {
        match kept.rfind("<details><summary>") {
            Some(start) if start > 0 => kept.truncate(start),
            _ => {
                // Not ours: cut between lines, where no word and no reference is cut in two.
                let mut end = 0;
                let mut used = 0;
                for line in kept.split_inclusive('\n') {
                    used += length(line);
                    if used > room {
                        break;
                    }
                    end += line.len();
                }
                kept.truncate(end);
                break;
            }
        }
    }
    kept.push_str(instead);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_comment_loses_its_folds_from_the_end() {
        let fold = |name: &str, length: usize| {
            format!("<details><summary>{name}</summary>\n\n{}\n\n</details>\n", "é".repeat(length))
        };
        let body = format!(
            "<!-- marker -->\n### Head\n\n{}{}{}",
            fold("one", 30_000),
            fold("two", 30_000),
            fold("three", 9_000)
        );
        let fitted = fit(&body, "\nThe rest is in the summary.\n");
        assert!(fitted.contains("one</summary>") && fitted.contains("two</summary>"));
        assert!(!fitted.contains("three"), "the last goes first");
        assert!(fitted.ends_with("</details>\n\nThe rest is in the summary.\n"));
        assert!(fitted.encode_utf16().count() <= LIMIT);
        assert_eq!(fit("short", "x"), "short");
    }

    #[test]
    fn characters_are_counted_as_github_counts_them() {
        let line = "😀".repeat(99) + "\n";
        let body = line.repeat(400);
        let fitted = fit(&body, "rest\n");
        assert!(fitted.encode_utf16().count() <= LIMIT);
        assert!(fitted.ends_with("\nrest\n"));
    }
}
