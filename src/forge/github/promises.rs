//! Commitments as issues: where the team plans its work anyway. Opened once, kept up to date, closed when verified.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::forge::publication::Promise;

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
use super::myself::Myself;
use super::payload::User;

const READ: Purpose = Purpose { what: "read the issues of commitments", needs: "issues: write" };
const WRITE: Purpose = Purpose { what: "write the issues of commitments", needs: "issues: write" };

/// Label by which they are found.
const LABEL: &str = "detente: commitment";
/// Owners that an issue can have.
const OWNERS: usize = 10;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Issue {
    number: u64,
    title: String,
    body: Option<String>,
    state: String,
    user: Option<User>,
    html_url: String,
}

/// Makes the issues say what is promised; the addresses of those that changed.
pub fn publish(api: &Api, repository: &str, me: &Myself, promises: &[Promise]) -> Result<Vec<String>, ForgeError> {
    if promises.is_empty() {
        return Ok(Vec::new());
    }
    let path = of(repository, &format!("/issues?state=all&labels={}&per_page=100", segment(LABEL)));
    let there: Vec<Issue> = api.pages(READ, &path)?;
    let mut changed = Vec::new();
    for promise in promises {
        let marker = marker(&promise.id);
        let found = there
            .iter()
            .filter(|issue| me.is(issue.user.as_ref()))
            .find(|issue| issue.body.as_deref().is_some_and(|body| body.starts_with(&marker)));
        let body = format!("{marker}\n{}", promise.body);
        match found {
            None if promise.verified => {}
            None => changed.push(open(api, repository, promise, &body)?.html_url),
            Some(issue) if promise.verified && issue.state != "closed" => {
                changed.push(set(api, repository, issue, &json!({ "state": "closed", "state_reason": "completed" }))?);
            }
            Some(_) if promise.verified => {}
            // Closed by hand is not verified: the promise stands, and the issue says so again.
            Some(issue)
                if issue.state == "closed" || issue.title != promise.title || issue.body.as_ref() != Some(&body) =>
            {
                let now = json!({ "title": promise.title, "body": body, "state": "open" });
                changed.push(set(api, repository, issue, &now)?);
            }
            Some(_) => {}
        }
    }
    Ok(changed)
}

fn marker(id: &str) -> String {
    let plain: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')).collect();
    format!("<!-- detente:commitment:{plain} -->")
}

fn open(api: &Api, repository: &str, promise: &Promise, body: &str) -> Result<Issue, ForgeError> {
    let path = of(repository, "/issues");
    let plain = json!({ "title": promise.title, "body": body, "labels": [LABEL] });
    let owners: Vec<&str> = promise.owners.iter().take(OWNERS).map(|owner| owner.login.as_str()).collect();
    if owners.is_empty() {
        return api.post(WRITE, &path, &plain);
    }
    let mut owned = plain.clone();
    owned["assignees"] = json!(owners);
    match api.post(WRITE, &path, &owned) {
        // Somebody who cannot be assigned (any more) must not keep a promise from being followed up.
        Err(error) if error.kind == Kind::Refused => api.post(WRITE, &path, &plain),
        other => other,
    }
}

fn set(api: &Api, repository: &str, issue: &Issue, now: &Value) -> Result<String, ForgeError> {
    let path = of(repository, &format!("/issues/{}", issue.number));
    Ok(api.patch::<Issue>(WRITE, &path, now)?.html_url)
}
