//! What can go wrong with GitHub, and what to do about it.

use std::fmt;

pub use crate::forge::error::{ForgeError, Kind};

impl ForgeError {
    /// There is no token.
    pub fn no_token() -> Self {
        Self::new(
            Kind::Token,
            "there is no token",
            "set the environment variable GITHUB_TOKEN of the step (the action does it by its input `token`)",
        )
    }

    /// The answer is not of the form that was expected.
    pub fn garbled(what: &str, detail: impl fmt::Display) -> Self {
        Self::new(
            Kind::Unreachable,
            format!("the answer to “{what}” is not what GitHub answers: {detail}"),
            "look whether a proxy stands in between, and run the job again",
        )
    }
}

/// What a request is for, and the permission of the job's token that it takes.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// In words: `write the comment`.
    pub what: &'static str,
    /// As a workflow grants it: `pull-requests: write`.
    pub needs: &'static str,
}

/// The error that an answer means.
pub fn of_answer(purpose: Purpose, status: u16, body: &str) -> ForgeError {
    let Purpose { what, needs } = purpose;
    let said = said(body);
    let lower = said.to_lowercase();
    let grant = || format!("grant the job `permissions: {needs}`, or give a token that has it");
    match status {
        401 => ForgeError::new(
            Kind::Token,
            format!("GitHub does not accept the token, so it could not {what} ({said})"),
            "give a token that has not expired; the token of a job ends with the job",
        ),
        403 if lower.contains("archived") => ForgeError::new(
            Kind::Closed,
            format!("the repository is archived, so nobody can {what}"),
            "nothing has to be done; the brief is in the job's summary and artifact",
        ),
        403 | 422 if lower.contains("locked") => ForgeError::new(
            Kind::Closed,
            format!("the conversation is locked, so it could not {what}"),
            "unlock the conversation, or give a token of somebody who may still write there",
        ),
        403 => ForgeError::new(Kind::Permission, format!("the token may not {what} ({said})"), grant()),
        404 => ForgeError::new(
            Kind::NotFound,
            format!("GitHub does not find what is needed to {what}, or the token may not see it"),
            grant(),
        ),
        410 => ForgeError::new(
            Kind::Closed,
            format!("what is needed to {what} was deleted or is switched off ({said})"),
            "switch it on in the repository's settings, or leave it out",
        ),
        409 | 422 | 400 | 413 => ForgeError::new(
            Kind::Refused,
            format!("GitHub refuses to {what} ({said})"),
            "run the job again; if it stays, report it with this message",
        ),
        status => ForgeError::new(
            Kind::Unreachable,
            format!("GitHub could not {what} (answer {status})"),
            "run the job again when GitHub works again",
        ),
    }
}

/// GitHub's own words in an answer, as one bounded line that does nothing in a job log.
fn said(body: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let message = parsed.as_ref().and_then(|body| body["message"].as_str()).unwrap_or("no reason given");
    let first_error = parsed.as_ref().and_then(|body| {
        let error = body["errors"].get(0)?;
        error.as_str().or_else(|| error["message"].as_str()).or_else(|| error["code"].as_str()).map(str::to_owned)
    });
    let text = first_error.map_or_else(|| message.to_owned(), |error| format!("{message}: {error}"));
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENT: Purpose = Purpose { what: "write the comment", needs: "pull-requests: write" };

    #[test]
    fn each_answer_says_what_to_do() {
        let of = |status, message: &str| of_answer(COMMENT, status, &format!("{{\"message\":\"{message}\"}}"));
        let forbidden = of(403, "Resource not accessible by integration");
        assert_eq!(forbidden.kind, Kind::Permission);
        assert!(forbidden.to_string().contains("`permissions: pull-requests: write`"), "{forbidden}");
        assert_eq!(of(401, "Bad credentials").kind, Kind::Token);
        assert_eq!(of(403, "Unable to create comment because issue is locked.").kind, Kind::Closed);
        assert_eq!(of(403, "Repository was archived so is read-only.").kind, Kind::Closed);
        assert_eq!(of(404, "Not Found").kind, Kind::NotFound);
        assert_eq!(of(410, "Issues are disabled for this repo").kind, Kind::Closed);
        assert_eq!(of(422, "Validation Failed").kind, Kind::Refused);
        assert_eq!(of(502, "").kind, Kind::Unreachable);
        assert_eq!(of_answer(COMMENT, 403, "<html>").message, "the token may not write the comment (no reason given)");
    }

    #[test]
    fn words_of_an_answer_do_nothing_in_a_log() {
        let error = of_answer(COMMENT, 422, r#"{"message":"x\n::set-env::\u001b[31m","errors":[{"message":"y"}]}"#);
        assert!(!error.message.contains(['\n', '\u{1b}']), "{error:?}");
        assert!(error.message.contains("x::set-env::[31m: y"), "{error:?}");
    }
}
