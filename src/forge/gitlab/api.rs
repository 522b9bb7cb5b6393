//! GitLab's REST interface: one request, one answer, with patience.

use std::cell::Cell;
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Purpose, garbled, of_answer};
use crate::forge::error::{ForgeError, Kind};
use crate::forge::patience::{self, Outcome, Step};

/// Most bytes of an answer that are read.
pub const MOST_BYTES: usize = 64 << 20;
/// Most pages of a list that are read: 10,000 notes.
const MOST_PAGES: usize = 100;
/// Most times that a file is looked for elsewhere.
const MOST_REDIRECTS: usize = 3;

/// How to reach GitLab.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address of the REST interface (`https://gitlab.example/api/v4`).
    pub url: String,
    /// What to show.
    pub token: Token,
    /// PEM file with the certificates of one's own authority, as CI_SERVER_TLS_CA_FILE names it.
    pub authority: Option<Vec<u8>>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a run waits in all for limits and faults to pass.
    pub patience: Duration,
}

/// A token.
#[derive(Clone)]
pub enum Token {
    /// Of a project, a group or a person.
    Access(String),
    /// Of the job: it may read little and write next to nothing.
    Job(String),
}

/// A token is not for logs.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Access(_) => "access token",
            Self::Job(_) => "job token",
        })
    }
}

/// The interface.
pub struct Api {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    url: String,
    token: Token,
    patience: Duration,
    waited: Cell<Duration>,
}

/// What GitLab answered.
struct Answer {
    status: u16,
    body: Vec<u8>,
    next: Option<String>,
    elsewhere: Option<String>,
}

impl Api {
    /// Prepares to talk; nothing is sent yet.
    pub fn new(server: &Server) -> Result<Self, ForgeError> {
        // An error says that there is a provider already, which is as good: two, or none, would end the program.
        drop(rustls::crypto::ring::default_provider().install_default());
        let setup = |error: &dyn std::fmt::Display| {
            ForgeError::new(
                Kind::Unreachable,
                format!("the connection to {} cannot be prepared: {error}", server.url),
                "check CI_API_V4_URL, CI_SERVER_TLS_CA_FILE and the proxy settings",
            )
        };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(server.timeout)
            .timeout(server.timeout)
            .user_agent(concat!("detente/", env!("CARGO_PKG_VERSION")))
            // A redirect to another host must not carry the token there.
            .redirect(reqwest::redirect::Policy::none());
        if let Some(pem) = &server.authority {
            for certificate in reqwest::Certificate::from_pem_bundle(pem).map_err(|error| setup(&error))? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build().map_err(|error| setup(&error))?;
        Ok(Self {
            runtime,
            client,
            url: server.url.trim_end_matches('/').to_owned(),
            token: server.token.clone(),
            patience: server.patience,
            waited: Cell::new(Duration::ZERO),
        })
    }

    /// Reads one thing.
    pub fn get<T: DeserializeOwned>(&self, purpose: Purpose, path: &str) -> Result<T, ForgeError> {
        parse(purpose, &self.send(&Method::GET, purpose, &self.at(path), None)?)
    }

    /// Reads one thing that may not be there.
    pub fn find<T: DeserializeOwned>(&self, purpose: Purpose, path: &str) -> Result<Option<T>, ForgeError> {
        match self.get(purpose, path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the bytes of one file that may not be there. GitLab may keep files in somebody else's store and say where: that
    /// is followed, and the token stays here.
    pub fn find_bytes(&self, purpose: Purpose, path: &str) -> Result<Option<Vec<u8>>, ForgeError> {
        let (mut address, mut token) = (self.at(path), Some(&self.token));
        for _ in 0..=MOST_REDIRECTS {
            let answer = match self.ask(&Method::GET, purpose, &address, token, None) {
                Err(error) if error.kind == Kind::NotFound => return Ok(None),
                answer => answer?,
            };
            let Some(elsewhere) = &answer.elsewhere else { return Ok(Some(answer.body)) };
            (address, token) = (self.store(purpose, &address, elsewhere)?, None);
        }
        Err(garbled(purpose.what, "it leads from one place to the next"))
    }

    /// Reads a list to its end. Whether GitLab pages by number or by key, it names the next page in the `Link` header.
    pub fn pages<T: DeserializeOwned>(&self, purpose: Purpose, path: &str) -> Result<Vec<T>, ForgeError> {
        let mut all = Vec::new();
        let mut next = Some(self.at(path));
        for _ in 0..MOST_PAGES {
            let Some(address) = next else { return Ok(all) };
            let answer = self.send(&Method::GET, purpose, &address, None)?;
            all.extend(parse::<Vec<T>>(purpose, &answer)?);
            next = answer.next.map(|next| self.same_server(purpose, &next)).transpose()?;
        }
        if next.is_none() { Ok(all) } else { Err(ForgeError::too_long(purpose.what, all.len())) }
    }

    /// Creates something.
    pub fn post<T: DeserializeOwned>(&self, purpose: Purpose, path: &str, body: &Value) -> Result<T, ForgeError> {
        parse(purpose, &self.send(&Method::POST, purpose, &self.at(path), Some(body))?)
    }

    /// Changes something.
    pub fn put<T: DeserializeOwned>(&self, purpose: Purpose, path: &str, body: &Value) -> Result<T, ForgeError> {
        parse(purpose, &self.send(&Method::PUT, purpose, &self.at(path), Some(body))?)
    }

    /// Deletes something; that it is not there (any more) is as good.
    pub fn delete(&self, purpose: Purpose, path: &str) -> Result<(), ForgeError> {
        match self.send(&Method::DELETE, purpose, &self.at(path), None) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address of a next page, which must be of the server that was asked: the token goes nowhere else. Behind a proxy
    /// GitLab may name itself by another scheme or host, so only its path and query are taken.
    fn same_server(&self, purpose: Purpose, next: &str) -> Result<String, ForgeError> {
        let of = |address: &str| reqwest::Url::parse(address).map_err(|error| garbled(purpose.what, error));
        let (ours, theirs) = (of(&self.url)?, of(next)?);
        if !theirs.path().starts_with(ours.path()) {
            return Err(garbled(purpose.what, "the next page is not a part of the interface"));
        }
        let mut address = ours;
        address.set_path(theirs.path());
        address.set_query(theirs.query());
        Ok(address.into())
    }

    /// Where a file is kept that GitLab does not hand out itself: never over a connection that is less safe.
    fn store(&self, purpose: Purpose, from: &str, to: &str) -> Result<String, ForgeError> {
        let to = reqwest::Url::parse(from)
            .and_then(|from| from.join(to))
            .map_err(|error| garbled(purpose.what, format!("it leads to an address that is none: {error}")))?;
        let as_safe = to.scheme() == "https" || (to.scheme() == "http" && self.url.starts_with("http:"));
        if as_safe { Ok(to.into()) } else { Err(garbled(purpose.what, "it leads away from https")) }
    }

    /// Sends a request to GitLab, which answers itself.
    fn send(
        &self,
        method: &Method,
        purpose: Purpose,
        address: &str,
        body: Option<&Value>,
    ) -> Result<Answer, ForgeError> {
        let answer = self.ask(method, purpose, address, Some(&self.token), body)?;
        match answer.elsewhere {
            None => Ok(answer),
            Some(_) => Err(ForgeError::new(
                Kind::Unreachable,
                format!("GitLab answers with a redirect instead of letting this token {}", purpose.what),
                "give the address that GitLab itself uses in CI_API_V4_URL",
            )),
        }
    }

    /// Sends a request with `token`, again where that helps.
    fn ask(
        &self,
        method: &Method,
        purpose: Purpose,
        address: &str,
        token: Option<&Token>,
        body: Option<&Value>,
    ) -> Result<Answer, ForgeError> {
        // Changing something to what it already is changes nothing.
        let repeatable = method != Method::POST;
        let mut tries = 0;
        loop {
            tries += 1;
            let (outcome, answer) = self.runtime.block_on(self.once(method, address, token, body));
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
                            "GitLab asks to wait {} s before it lets this token {}, longer than the {} s that this run waits",
                            wait.as_secs(),
                            purpose.what,
                            self.patience.as_secs()
                        ),
                        "run the job again later, or raise --patience",
                    ));
                }
                Step::Take => {
                    let answer = answer.map_err(|detail| {
                        ForgeError::new(
                            Kind::Unreachable,
                            format!("GitLab could not be asked to {}: {detail}", purpose.what),
                            "check the network, CI_API_V4_URL and CI_SERVER_TLS_CA_FILE, and run the job again",
                        )
                    })?;
                    return match answer.status {
                        200..=299 => Ok(Answer { elsewhere: None, ..answer }),
                        300..=399 => {
                            Ok(Answer { elsewhere: answer.elsewhere.or_else(|| Some(String::new())), ..answer })
                        }
                        status if token.is_some() => {
                            Err(of_answer(purpose, status, &String::from_utf8_lossy(&answer.body)))
                        }
                        status => Err(garbled(purpose.what, format!("the store that it leads to answers {status}"))),
                    };
                }
            }
        }
    }

    /// Sends it once. The error is in words, of a request that has no (whole) answer.
    async fn once(
        &self,
        method: &Method,
        address: &str,
        token: Option<&Token>,
        body: Option<&Value>,
    ) -> (Outcome, Result<Answer, String>) {
        let request = self.client.request(method.clone(), address);
        let request = match token {
            Some(Token::Access(token)) => request.header("PRIVATE-TOKEN", token.trim()),
            Some(Token::Job(token)) => request.header("JOB-TOKEN", token.trim()),
            None => request,
        };
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return (Outcome::default(), Err(root_cause(&error.without_url()))),
        };
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let number = |name: &str| header(name).and_then(|value| value.trim().parse::<u64>().ok());
        let mut outcome = Outcome {
            status: Some(response.status().as_u16()),
            retry_after: number("retry-after"),
            remaining: number("ratelimit-remaining"),
            ..Outcome::default()
        };
        let next = header("link").as_deref().and_then(next_link).map(str::to_owned);
        let elsewhere = header("location");
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST_BYTES => bytes.extend_from_slice(&chunk),
                Ok(Some(_)) => return (outcome, Err("the answer is larger than any that is expected".to_owned())),
                Ok(None) => break,
                Err(error) => {
                    // Half an answer is none, whatever its status says.
                    outcome.status = None;
                    return (outcome, Err(format!("the answer broke off ({})", root_cause(&error.without_url()))));
                }
            }
        }
        let status = response.status().as_u16();
        (outcome, Ok(Answer { status, body: bytes, next, elsewhere }))
    }
}

fn parse<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, ForgeError> {
    // An answer without content stands for null.
    let body: &[u8] = if answer.body.is_empty() { b"null" } else { &answer.body };
    serde_json::from_slice(body).map_err(|error| garbled(purpose.what, error))
}

/// The innermost reason of an error: the outer ones say only that there is one.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The address of the next page in a `Link` header (RFC 8288).
fn next_link(header: &str) -> Option<&str> {
    let entry = header.split(", <").find(|entry| entry.contains("rel=\"next\""))?;
    entry.trim_start_matches('<').split_once('>').map(|(address, _)| address)
}

/// A name as one segment of a path.
pub fn segment(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_links() {
        let header = "<https://g/api/v4/p/1/notes?page=1&per_page=100>; rel=\"first\", <https://g/api/v4/p/1/notes?cursor=eyJp,x&per_page=100>; rel=\"next\"";
        assert_eq!(next_link(header), Some("https://g/api/v4/p/1/notes?cursor=eyJp,x&per_page=100"));
        assert_eq!(next_link("<https://g/x>; rel=\"first\""), None);
    }

    #[test]
    fn names_are_one_segment() {
        assert_eq!(segment("group/sub group"), "group%2Fsub%20group");
    }

    #[test]
    fn a_token_is_not_written_into_logs() {
        assert!(!format!("{:?}", Token::Access("glpat-secret".to_owned())).contains("secret"));
    }
}
