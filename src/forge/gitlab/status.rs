//! The commit's status, beside those of the pipeline.
//!
//! GitLab knows no status between success and failure but "pending", which is what a change is that waits for a choice; there
//! is none that says "failed", because a finding is not a mistake of the change.

use serde_json::{Value, json};

use super::api::{Api, segment};
use super::context::Context;
use super::error::Purpose;
use super::payload;
use crate::forge::error::{ForgeError, Kind};
use crate::forge::publication::{Conclusion, Status};

const READ: Purpose = Purpose { what: "read the commit's statuses", needs: "scope api, role Reporter" };
const WRITE: Purpose = Purpose { what: "set the commit's status", needs: "scope api, role Developer" };

/// The name under which the status stands.
pub const NAME: &str = "detente";
/// Most characters of a description.
const DESCRIPTION: usize = 255;

/// Makes the status of `head` say `status`. Whether anything was changed.
pub fn publish(
    api: &Api,
    context: &Context,
    head: &str,
    status: &Status,
    details: Option<&str>,
) -> Result<bool, ForgeError> {
    let state = match status.conclusion {
        Conclusion::Proceed | Conclusion::Advice => "success",
        Conclusion::Needed => "pending",
    };
    let description: String = status.title.chars().take(DESCRIPTION).collect();
    let project = segment(&context.project);
    let path = format!("/projects/{project}/repository/commits/{head}/statuses?name={NAME}&per_page=100");
    let there: Vec<payload::Status> = api.pages(READ, &path)?;
    let says_so = |known: &payload::Status| known.status == state && known.description.as_deref() == Some(&description);
    if there.iter().any(|known| known.name == NAME && says_so(known)) {
        return Ok(false);
    }
    let mut body = json!({ "state": state, "name": NAME, "description": description });
    let more = [
        ("ref", context.reference.clone().map(Value::from)),
        ("target_url", details.map(Value::from)),
        ("pipeline_id", context.pipeline.map(Value::from)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    match api.post::<Value>(WRITE, &format!("/projects/{project}/statuses/{head}"), &body) {
        Ok(_) => Ok(true),
        // Another run said the same in between: GitLab refuses to go from a state to itself.
        Err(error) if error.kind == Kind::Refused && error.message.contains("transition") => Ok(false),
        Err(error) => Err(error),
    }
}
