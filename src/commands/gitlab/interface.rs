//! Where a run is in GitLab CI/CD, and with which token it speaks.

use crate::commands::reach::Reach;
use crate::forge::error::ForgeError;
use crate::forge::gitlab::{Api, Context, Server, Token, no_token};

/// Variable with the token that may write.
const TOKEN: &str = "DETENTE_GITLAB_TOKEN";

/// Where this run stands, if it is one of GitLab CI/CD.
pub(in crate::commands) fn context() -> Option<Context> {
    // In GitHub Actions such variables would be somebody's own.
    let variable = |name: &str| std::env::var(name).ok();
    if variable("GITHUB_ACTIONS").as_deref() == Some("true") {
        return None;
    }
    Context::read(&variable)
}

/// The interface with the project's token, if there is one.
pub(super) fn with_token(context: &Context, reach: &Reach) -> Result<Api, ForgeError> {
    let token = variable(TOKEN).ok_or_else(no_token)?;
    Api::new(&server(context, reach, Token::Access(token)))
}

/// The interface with the job's own token.
pub(super) fn with_job(context: &Context, reach: &Reach) -> Result<Api, ForgeError> {
    let token = variable("CI_JOB_TOKEN").ok_or_else(no_token)?;
    Api::new(&server(context, reach, Token::Job(token)))
}

fn server(context: &Context, reach: &Reach, token: Token) -> Server {
    let (timeout, patience) = reach.limits();
    // Runners write the instance's own authority into a file; the variable holds the file's name, or the text itself.
    let authority = variable("CI_SERVER_TLS_CA_FILE").and_then(|given| match given.contains("-----BEGIN") {
        true => Some(given.into_bytes()),
        false => std::fs::read(&given)
            .map_err(|error| tracing::warn!("CI_SERVER_TLS_CA_FILE names {given}, which cannot be read: {error}"))
            .ok(),
    });
    Server { url: context.api_url.clone(), token, authority, timeout, patience }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
