//! What GitLab's answers mean, and what to do about them.

use std::fmt;

use crate::forge::error::{ForgeError, Kind};

/// What a request is for, and the right that it takes.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// In words: `write the note`.
    pub what: &'static str,
    /// What the token has to have: `scope api, role Reporter`.
    pub needs: &'static str,
}

/// There is no token that may write.
pub fn no_token() -> ForgeError {
    ForgeError::new(
        Kind::Token,
        "there is no token that may write: a job's own token may not write notes, statuses or labels",
        "make a project access token (role Developer, scope api) and give it as the masked CI/CD variable DETENTE_GITLAB_TOKEN",
    )
}

/// The answer is not of the form that was expected.
pub fn garbled(what: &str, detail: impl fmt::Display) -> ForgeError {
    ForgeError::new(
        Kind::Unreachable,
        format!("the answer to “{what}” is not what GitLab answers: {detail}"),
        "look whether a proxy stands in between and CI_API_V4_URL is right, and run the job again",
    )
}

/// The error that an answer means.
pub fn of_answer(purpose: Purpose, status: u16, body: &str) -> ForgeError {
    let Purpose { what, needs } = purpose;
    let said = said(body);
    match status {
        401 if said.contains("insufficient_scope") || said.contains("scope") => ForgeError::new(
            Kind::Permission,
            format!("the token's scope does not let it {what} ({said})"),
            format!("it takes {needs}: give a token that has it in DETENTE_GITLAB_TOKEN"),
        ),
        401 => ForgeError::new(
            Kind::Token,
            format!("GitLab does not accept the token, so it could not {what} ({said})"),
            "give a token in DETENTE_GITLAB_TOKEN that has not expired or been revoked; a protected variable is not there on \
             branches that are not protected",
        ),
        403 => ForgeError::new(
            Kind::Permission,
            format!("the token may not {what} ({said})"),
            format!("it takes {needs}: give a token that has it in DETENTE_GITLAB_TOKEN"),
        ),
        404 => ForgeError::new(
            Kind::NotFound,
            format!("GitLab does not find what is needed to {what}, or the token may not see it"),
            format!("check that the token is of this project; it takes {needs}"),
        ),
        400 | 405 | 406 | 409 | 413 | 422 => ForgeError::new(
            Kind::Refused,
            format!("GitLab refuses to {what} ({said})"),
            "run the job again; if it stays, report it with this message",
        ),
        status => ForgeError::new(
            Kind::Unreachable,
            format!("GitLab could not {what} (answer {status})"),
            "run the job again when GitLab works again",
        ),
    }
}

/// GitLab's own words in an answer, as one bounded line that does nothing in a job log.
fn said(body: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let text = parsed.as_ref().and_then(|body| {
        let field = ["message", "error_description", "error"].into_iter().find_map(|name| body.get(name))?;
        Some(field.as_str().map_or_else(|| field.to_string(), str::to_owned))
    });
    let text = text.unwrap_or_else(|| "no reason given".to_owned());
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Purpose = Purpose { what: "write the note", needs: "scope api, role Reporter" };

    #[test]
    fn each_answer_says_what_to_do() {
        let of = |status, body: &str| of_answer(NOTE, status, body);
        assert_eq!(of(401, r#"{"message":"401 Unauthorized"}"#).kind, Kind::Token);
        let scope =
            of(403, r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges"}"#);
        assert_eq!(scope.kind, Kind::Permission);
        assert!(scope.advice.contains("scope api, role Reporter"), "{scope}");
        assert_eq!(of(404, r#"{"message":"404 Project Not Found"}"#).kind, Kind::NotFound);
        assert_eq!(
            of(400, r#"{"message":{"labels":["is invalid"]}}"#).message,
            "GitLab refuses to write the note ({\"labels\":[\"is invalid\"]})"
        );
        assert_eq!(of(502, "<html>bad gateway</html>").kind, Kind::Unreachable);
        assert!(!of(403, "{\"message\":\"x\\n\\u001b[31m\"}").message.contains(['\n', '\u{1b}']));
    }
}
