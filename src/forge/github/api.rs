//! GitHub's REST interface: one request, one answer, with patience.
//!
//! On octocrab, whose own retries are off (they repeat what must not be repeated), over a client of our own that honours
//! proxies and has time limits. Synchronous to the outside: a run does one thing after another.

use std::cell::Cell;
use std::sync::Once;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ForgeError, Kind, Purpose, of_answer};
use crate::forge::patience::{self, Outcome, Step};

/// Most bytes of an answer that are read.
const MOST_BYTES: usize = 64 << 20;
/// Most pages of a list that are read: 10,000 comments.
const MOST_PAGES: usize = 100;

/// How to reach GitHub.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address of the REST interface, with `/api/v3` on an enterprise server.
    pub url: String,
    /// Token.
    pub token: String,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a run waits in all for limits and faults to pass.
    pub patience: Duration,
}

/// The interface.
pub struct Api {
    runtime: tokio::runtime::Runtime,
    octocrab: Octocrab,
    timeout: Duration,
    patience: Duration,
    waited: Cell<Duration>,
}

/// What GitHub answered.
struct Answer {
    status: u16,
    body: Vec<u8>,
    next: Option<String>,
    location: Option<String>,
}

/// One TLS provider for the whole program: with two of them, or none, the first connection would end the program.
static PROVIDER: Once = Once::new();

impl Api {
    /// Prepares to talk; nothing is sent yet.
    pub fn new(server: &Server) -> Result<Self, ForgeError> {
        PROVIDER.call_once(|| {
            // An error says that there is one already, which is as good.
            drop(rustls::crypto::ring::default_provider().install_default());
        });
        let setup = |error: &dyn std::fmt::Display| {
            ForgeError::new(
                Kind::Unreachable,
                format!("the connection to {} cannot be prepared: {error}", server.url),
                "check GITHUB_API_URL and the proxy settings",
            )
        };
        if server.token.trim().is_empty() {
            return Err(ForgeError::no_token());
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
        let client = reqwest::Client::builder()
            .connect_timeout(server.timeout)
            .timeout(server.timeout)
            // A redirect to another host must not carry the token there.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| setup(&error))?;
        let inside = runtime.enter();
        let octocrab = Octocrab::builder()
            .base_uri(server.url.trim_end_matches('/'))
            .map_err(|error| setup(&error))?
            .personal_token(server.token.trim().to_owned())
            .add_retry_config(RetryConfig::None)
            .build_with_reqwest(client)
            .map_err(|error| setup(&error))?;
        drop(inside);
        Ok(Self {
            runtime,
            octocrab,
            timeout: server.timeout,
            patience: server.patience,
            waited: Cell::new(Duration::ZERO),
        })
    }

    /// Reads one thing.
    pub fn get<T: DeserializeOwned>(&self, purpose: Purpose, path: &str) -> Result<T, ForgeError> {
        parse(purpose, &self.send("GET", purpose, path, None)?)
    }

    /// Reads a list to its end, page by page.
    pub fn pages<T: DeserializeOwned>(&self, purpose: Purpose, path: &str) -> Result<Vec<T>, ForgeError> {
        self.pages_of(purpose, path, |page: Vec<T>| page)
    }

    /// Reads a list to its end whose pages are wrapped.
    pub fn pages_of<P: DeserializeOwned, T>(
        &self,
        purpose: Purpose,
        path: &str,
        unwrap: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, ForgeError> {
        let (all, whole) = self.first_pages(purpose, path, unwrap)?;
        if whole { Ok(all) } else { Err(ForgeError::too_long(purpose.what, all.len())) }
    }

    /// Reads the beginning of a list that has the newest first and whose pages are wrapped.
    pub fn newest_of<P: DeserializeOwned, T>(
        &self,
        purpose: Purpose,
        path: &str,
        unwrap: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, ForgeError> {
        self.first_pages(purpose, path, unwrap).map(|(newest, _)| newest)
    }

    /// As many pages of a list as are read at most, and whether they are all.
    fn first_pages<P: DeserializeOwned, T>(
        &self,
        purpose: Purpose,
        path: &str,
        unwrap: impl Fn(P) -> Vec<T>,
    ) -> Result<(Vec<T>, bool), ForgeError> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        for _ in 0..MOST_PAGES {
            let Some(path) = next.take() else { break };
            let answer = self.send("GET", purpose, &path, None)?;
            all.extend(unwrap(parse(purpose, &answer)?));
            next = answer.next;
        }
        Ok((all, next.is_none()))
    }

    /// Creates something.
    pub fn post<T: DeserializeOwned>(&self, purpose: Purpose, path: &str, body: &Value) -> Result<T, ForgeError> {
        parse(purpose, &self.send("POST", purpose, path, Some(body))?)
    }

    /// Changes something.
    pub fn patch<T: DeserializeOwned>(&self, purpose: Purpose, path: &str, body: &Value) -> Result<T, ForgeError> {
        parse(purpose, &self.send("PATCH", purpose, path, Some(body))?)
    }

    /// Deletes something; that it is not there (any more) is as good.
    pub fn delete(&self, purpose: Purpose, path: &str) -> Result<(), ForgeError> {
        match self.send("DELETE", purpose, path, None) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads a file that GitHub keeps elsewhere: it answers with an address that is valid for a short time and must not
    /// see the token.
    pub fn download(&self, purpose: Purpose, path: &str) -> Result<Vec<u8>, ForgeError> {
        let answer = self.send("GET", purpose, path, None)?;
        let Some(location) = answer.location else { return Ok(answer.body) };
        let failed = |error: reqwest::Error| {
            ForgeError::new(
                Kind::Unreachable,
                format!("could not {}: {}", purpose.what, root_cause(&error.without_url())),
                "run the job again",
            )
        };
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().timeout(self.timeout).build().map_err(failed)?;
            let mut response = client.get(location).send().await.and_then(|r| r.error_for_status()).map_err(failed)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
                if bytes.len() + chunk.len() > MOST_BYTES {
                    return Err(ForgeError::garbled(purpose.what, "it is larger than any brief"));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        })
    }

    fn send(&self, method: &str, purpose: Purpose, path: &str, body: Option<&Value>) -> Result<Answer, ForgeError> {
        // Changing something to what it already is changes nothing.
        let repeatable = method != "POST";
        let mut tries = 0;
        loop {
            tries += 1;
            let (outcome, answer) = self.runtime.block_on(self.once(method, path, body));
            match patience::next(&outcome, repeatable, tries, self.waited.get(), self.patience) {
                Step::Again(wait) => {
                    tracing::info!("could not {} yet; again in {} s", purpose.what, wait.as_secs());
                    self.waited.set(self.waited.get() + wait);
                    std::thread::sleep(wait);
                }
                Step::TooLong(wait) => {
                    return Err(ForgeError::new(
                        Kind::RateLimit,
                        format!(
                            "GitHub asks to wait {} s before it lets this token {}, longer than the {} s that this run waits",
                            wait.as_secs(),
                            purpose.what,
                            self.patience.as_secs()
                        ),
                        "run the job again later, or give a token of its own, whose limit is not shared",
                    ));
                }
                Step::Take => {
                    let answer = answer.map_err(|detail| {
                        ForgeError::new(
                            Kind::Unreachable,
                            format!("GitHub could not be asked to {}: {detail}", purpose.what),
                            "check the network and GITHUB_API_URL, and run the job again",
                        )
                    })?;
                    return match answer.status {
                        200..=399 => Ok(answer),
                        status => Err(of_answer(purpose, status, &String::from_utf8_lossy(&answer.body))),
                    };
                }
            }
        }
    }

    /// Sends it once. The error is in words, of a request that has no (whole) answer.
    async fn once(&self, method: &str, path: &str, body: Option<&Value>) -> (Outcome, Result<Answer, String>) {
        let nothing = |error: String| (Outcome::default(), Err(error));
        let builder = http::Request::builder().method(method).uri(path).header("accept", "application/vnd.github+json");
        let request = match self.octocrab.build_request(builder, body) {
            Ok(request) => request,
            Err(error) => return nothing(root_cause(&error)),
        };
        let response = match self.octocrab.execute(request).await {
            Ok(response) => response,
            Err(error) => return nothing(root_cause(&error)),
        };
        let (head, body) = response.into_parts();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| header(name).and_then(|value| value.trim().parse::<u64>().ok());
        let mut outcome = Outcome {
            status: Some(head.status.as_u16()),
            retry_after: number("retry-after"),
            remaining: number("x-ratelimit-remaining"),
            resets_in: number("x-ratelimit-reset")
                .zip(header("date").and_then(date))
                .map(|(reset, now)| reset.saturating_sub(now)),
            speaks_of_limit: false,
        };
        let next = header("link").and_then(next_link).map(str::to_owned);
        let location = header("location").filter(|_| head.status.is_redirection()).map(str::to_owned);
        let body = match Limited::new(body, MOST_BYTES).collect().await {
            Ok(body) => body.to_bytes().to_vec(),
            Err(error) => {
                // Half an answer is none, whatever its status says.
                outcome.status = None;
                return (outcome, Err(format!("the answer broke off ({error})")));
            }
        };
        outcome.speaks_of_limit = String::from_utf8_lossy(&body).to_lowercase().contains("rate limit");
        (outcome, Ok(Answer { status: head.status.as_u16(), body, next, location }))
    }
}

fn parse<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, ForgeError> {
    // An answer without content stands for null.
    let body: &[u8] = if answer.body.is_empty() { b"null" } else { &answer.body };
    serde_json::from_slice(body).map_err(|error| ForgeError::garbled(purpose.what, error))
}

/// The innermost reason of an error: the outer ones say only that there is one.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A date as HTTP writes it, in seconds since 1970.
fn date(text: &str) -> Option<u64> {
    let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    moment.as_second().try_into().ok()
}

/// The address of the next page in a `Link` header (RFC 8288), without the host: pages are asked of the same server.
fn next_link(header: &str) -> Option<&str> {
    let entry = header.split(',').find(|entry| entry.contains("rel=\"next\""))?;
    let address = entry.split_once('<')?.1.split_once('>')?.0;
    let path = address.split_once("://").map_or(address, |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]);
    // The path of an enterprise server is that of the base address already.
    Some(path.strip_prefix("/api/v3").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_wherever_the_server_is() {
        let header = |base: &str| {
            format!(
                "<{base}/repos/o/r/issues/1/comments?page=1>; rel=\"prev\", <{base}/repos/o/r/issues/1/comments?per_page=100&page=3>; rel=\"next\""
            )
        };
        for base in ["https://api.github.com", "https://ghe.example/api/v3", "http://127.0.0.1:8080"] {
            assert_eq!(next_link(&header(base)), Some("/repos/o/r/issues/1/comments?per_page=100&page=3"), "{base}");
        }
        assert_eq!(next_link("<https://x/y>; rel=\"prev\""), None);
        assert_eq!(next_link("<https://x>; rel=\"next\""), Some(""));
    }

    #[test]
    fn dates_of_answers_are_understood() {
        assert_eq!(date("Thu, 01 Jan 1970 00:01:00 GMT"), Some(60));
        assert_eq!(date("yesterday"), None);
    }
}
