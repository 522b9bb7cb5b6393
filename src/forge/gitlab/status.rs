//! The commit's status, beside those of the pipeline.
//!
//! It becomes a part of the pipeline. So it is never one that says "failed", because a finding is not a mistake of the change,
//! nor "pending", with which the pipeline would not end: what may hold is held by a job. A change that waits for a choice has
//! "skipped", the one state that is neither good nor bad.

use serde_json::{Value, json};

use super::api::{Api, segment};
use super::context::Context;
use super::error::Purpose;
use super::payload;
use crate::forge::error::{ForgeError, Kind};
use crate::forge::publication::{Conclusion, Status};

const READ: Purpose = Purpose { what: "read the commit's statuses", needs: "scope api, role Reporter" };
const WRITE: Purpose = Purpose { what: "set the commit's status", needs: "scope api, role Developer" };

/// The name under which the status stands. With the name of a job it would take that job's place in the pipeline.
pub const NAME: &str = "detente: verdict";
/// State of what is neither good nor bad.
const NEITHER: &str = "skipped";
/// Most characters of a description.
const DESCRIPTION: usize = 255;

/// Makes the status of `commit`, which the pipeline runs for, say `status`. Whether anything was changed.
pub fn publish(
    api: &Api,
    context: &Context,
    commit: &str,
    status: &Status,
    details: Option<&str>,
) -> Result<bool, ForgeError> {
    let state = match status.conclusion {
        Conclusion::Proceed | Conclusion::Advice => "success",
        Conclusion::Needed => NEITHER,
    };
    let description: String = status.title.chars().take(DESCRIPTION).collect();
    let project = segment(&context.project);
    let path = format!("/projects/{project}/repository/commits/{commit}/statuses?name={}&per_page=100", segment(NAME));
    let there: Vec<payload::Status> = api.pages(READ, &path)?;
    let says_so = |known: &payload::Status| {
        let same = known.status == state || (state == NEITHER && known.status == "success");
        same && known.description.as_deref() == Some(&description)
    };
    if there.iter().any(|known| known.name == NAME && says_so(known)) {
        return Ok(false);
    }
    let mut body = json!({ "state": state, "name": NAME, "description": description });
    // A merge request's pipeline goes by a ref that no variable names as GitLab does: its number says which one it is.
    let reference = context.reference.clone().filter(|_| context.pipeline.is_none());
    let more = [
        ("ref", reference.map(Value::from)),
        ("target_url", details.map(Value::from)),
        ("pipeline_id", context.pipeline.map(Value::from)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    let address = format!("/projects/{project}/statuses/{commit}");
    match api.post::<Value>(WRITE, &address, &body) {
        Ok(_) => Ok(true),
        // Before GitLab 17 there was no such state; the description says how the change stands.
        Err(error) if error.kind == Kind::Refused && state == NEITHER && error.message.contains("state") => {
            body["state"] = "success".into();
            api.post::<Value>(WRITE, &address, &body).map(|_| true)
        }
        // Another run said the same in between: GitLab refuses to go from a state to itself.
        Err(error) if error.kind == Kind::Refused && error.message.contains("transition") => Ok(false),
        Err(error) => Err(error),
    }
}
