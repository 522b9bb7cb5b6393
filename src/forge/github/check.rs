//! The check run beside the commit: how the change stands, with remarks on the lines that it changes.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::forge::publication::{Conclusion, Remark, Status};

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Purpose};

const READ: Purpose = Purpose { what: "read the check runs", needs: "checks: write" };
const WRITE: Purpose = Purpose { what: "write the check run", needs: "checks: write" };

/// Its name, by which branch protection can require it.
pub const NAME: &str = "Detente";
/// Annotations that one request takes.
const BATCH: usize = 50;
/// Annotations in all: more help nobody who reads a diff.
const MOST: usize = 250;
/// Most bytes of a summary that GitHub takes.
const SUMMARY: usize = 65_000;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct CheckRun {
    id: u64,
    html_url: Option<String>,
    external_id: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    check_runs: Vec<CheckRun>,
}

/// Writes the check run of `head`. `same` names what it says: a run that says the same already is left as it is.
pub fn publish(
    api: &Api,
    repository: &str,
    head: &str,
    status: &Status,
    (same, details_url): (&str, Option<&str>),
) -> Result<String, ForgeError> {
    let known = of(repository, &format!("/commits/{}/check-runs?check_name={NAME}&per_page=100", segment(head)));
    let runs = api.pages_of(READ, &known, |page: Page| page.check_runs)?;
    if let Some(run) = runs.iter().find(|run| run.external_id.as_deref() == Some(same)) {
        return Ok(run.html_url.clone().unwrap_or_default());
    }
    let shown = &status.remarks[..status.remarks.len().min(MOST)];
    let mut batches = shown.chunks(BATCH);
    let mut body = json!({
        "name": NAME,
        "head_sha": head,
        "status": "completed",
        "conclusion": word(status.conclusion),
        "external_id": same,
        "output": output(status, batches.next().unwrap_or_default()),
    });
    if let Some(url) = details_url {
        body["details_url"] = url.into();
    }
    let run: CheckRun = api.post(WRITE, &of(repository, "/check-runs"), &body)?;
    for batch in batches {
        // Each request adds its annotations to those that are there.
        let body = json!({ "output": output(status, batch) });
        api.patch::<Value>(WRITE, &of(repository, &format!("/check-runs/{}", run.id)), &body)?;
    }
    Ok(run.html_url.unwrap_or_default())
}

const fn word(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Proceed => "success",
        Conclusion::Advice => "neutral",
        Conclusion::Needed => "action_required",
    }
}

fn output(status: &Status, remarks: &[Remark]) -> Value {
    let mut end = status.summary.len().min(SUMMARY);
    while !status.summary.is_char_boundary(end) {
        end -= 1;
    }
    json!({
        "title": status.title,
        "summary": &status.summary[..end],
        "annotations": remarks.iter().map(annotation).collect::<Vec<_>>(),
    })
}

fn annotation(remark: &Remark) -> Value {
    json!({
        "path": remark.path,
        "start_line": remark.line,
        "end_line": remark.line,
        "annotation_level": if remark.weighty { "warning" } else { "notice" },
        "title": remark.title,
        "message": remark.message,
    })
}
