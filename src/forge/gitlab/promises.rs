//! Commitments as issues, with date, weight and assignee: opened once, kept up to date, closed when verified.
//!
//! They are confidential: each names something that is open.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, segment};
use super::context::Context;
use super::error::Purpose;
use super::payload::User;
use crate::forge::error::{ForgeError, Kind};
use crate::forge::publication::{Owner, Promise};

const READ: Purpose = Purpose { what: "read the issues of commitments", needs: "scope api, role Reporter" };
const WRITE: Purpose = Purpose { what: "write the issues of commitments", needs: "scope api, role Reporter" };

/// Label by which they are found.
const LABEL: &str = "detente: commitment";

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Issue {
    iid: u64,
    title: String,
    description: Option<String>,
    state: String,
    author: User,
    due_date: Option<String>,
    web_url: String,
}

/// Makes the issues say what is promised; the addresses of those that changed.
pub fn publish(api: &Api, context: &Context, me: &User, promises: &[Promise]) -> Result<Vec<String>, ForgeError> {
    let path = format!("/projects/{}/issues", segment(&context.target_project));
    let list = format!("{path}?scope=all&author_id={}&labels={}&per_page=100", me.id, segment(LABEL));
    let there: Vec<Issue> = api.pages(READ, &list)?;
    let mut changed = Vec::new();
    for promise in promises {
        let marker = marker(&promise.id);
        let ours = |issue: &&Issue| {
            issue.author.id == me.id && issue.description.as_deref().is_some_and(|text| text.starts_with(&marker))
        };
        let description = format!("{marker}\n{}", promise.body);
        let due = promise.due.to_string();
        let set = |issue: &Issue, now: Value| -> Result<String, ForgeError> {
            Ok(api.put::<Issue>(WRITE, &format!("{path}/{}", issue.iid), &now)?.web_url)
        };
        match there.iter().find(ours) {
            None if promise.verified => {}
            None => changed.push(open(api, &path, promise, &description, &due)?.web_url),
            Some(issue) if promise.verified && issue.state != "closed" => {
                changed.push(set(issue, json!({ "state_event": "close" }))?);
            }
            Some(_) if promise.verified => {}
            Some(issue) => {
                let mut now = json!({ "title": promise.title, "description": description, "due_date": due });
                // Closed by hand is not verified: the promise stands, and the issue says so again.
                let closed = issue.state == "closed";
                if closed {
                    now["state_event"] = "reopen".into();
                }
                let says_so = issue.title == promise.title
                    && issue.description.as_deref().is_some_and(|text| text.trim_end() == description.trim_end())
                    && issue.due_date.as_deref() == Some(&due);
                if closed || !says_so {
                    changed.push(set(issue, now)?);
                }
            }
        }
    }
    Ok(changed)
}

fn open(api: &Api, path: &str, promise: &Promise, description: &str, due: &str) -> Result<Issue, ForgeError> {
    let plain = json!({
        "title": promise.title, "description": description, "labels": LABEL, "due_date": due,
        "confidential": true, "weight": weight(promise.hours),
    });
    if promise.owners.is_empty() {
        return api.post(WRITE, path, &plain);
    }
    let mut owned = plain.clone();
    // Where only one assignee is licensed GitLab takes the first.
    owned["assignee_ids"] = promise.owners.iter().map(|Owner { id, .. }| Value::from(*id)).collect();
    match api.post(WRITE, path, &owned) {
        // Somebody who cannot be assigned (any more) must not keep a promise from being followed up.
        Err(error) if error.kind == Kind::Refused => api.post(WRITE, path, &plain),
        other => other,
    }
}

/// Hours of estimated effort, so that a board adds them up; something that takes no hour still has a weight.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as saturates, and it is within 1 and 1000")]
fn weight(hours: f64) -> u64 {
    hours.ceil().clamp(1.0, 1000.0) as u64
}

fn marker(id: &str) -> String {
    let plain: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')).collect();
    format!("<!-- detente:commitment:{plain} -->")
}
