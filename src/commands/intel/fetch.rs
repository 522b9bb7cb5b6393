//! One address over HTTPS, only if it has something new.
//!
//! Plain HTTP is taken from this machine only: whoever stands between could take an exploited vulnerability off the
//! list. A redirect never leads from HTTPS to HTTP. What comes is bounded in size and time.

use std::time::Duration;

use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

/// Most bytes of an answer. The largest feed has about three million, compressed.
const MOST_BYTES: usize = 128 << 20;

/// What an address answered.
pub(super) enum Answer {
    /// The copy is still the present one.
    Unchanged,
    /// Something new.
    New { bytes: Vec<u8>, etag: Option<String>, last_modified: Option<String> },
}

/// Fetches `url`, unless it still has the version named.
///
/// # Errors
/// In words: what went wrong, without the address.
pub(super) fn fetch(url: &str, etag: Option<&str>, last_modified: Option<&str>) -> Result<Answer, String> {
    let url = Url::parse(url).map_err(|error| format!("is not an address: {error}"))?;
    if !secure(&url) {
        return Err("is not HTTPS: a list of exploited vulnerabilities must not be changed on its way".to_owned());
    }
    // A second installation is refused, and the first one is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot be asked: {error}"))?;
    runtime.block_on(ask(url, etag, last_modified))
}

async fn ask(url: Url, etag: Option<&str>, last_modified: Option<&str>) -> Result<Answer, String> {
    let policy = Policy::custom(|attempt| {
        if attempt.previous().len() > 5 {
            attempt.error("too many redirects")
        } else if secure(attempt.url()) {
            attempt.follow()
        } else {
            attempt.error("a redirect leads away from HTTPS")
        }
    });
    let client = Client::builder()
        .user_agent(concat!("detente/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        .connect_timeout(Duration::from_secs(15))
        .timeout(Duration::from_mins(3))
        .build()
        .map_err(|error| in_words(&error))?;
    let mut request = client.get(url);
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    } else if let Some(moment) = last_modified {
        request = request.header(IF_MODIFIED_SINCE, moment);
    }
    let mut response = request.send().await.map_err(|error| in_words(&error))?;
    if response.status() == StatusCode::NOT_MODIFIED {
        return Ok(Answer::Unchanged);
    }
    if !response.status().is_success() {
        return Err(format!("answered {}", response.status()));
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (etag, last_modified) = (header(ETAG), header(LAST_MODIFIED));
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| in_words(&error))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(format!("sends more than {} MiB, which no such feed has", MOST_BYTES >> 20));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Answer::New { bytes, etag, last_modified })
}

fn secure(url: &Url) -> bool {
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

/// The error with its causes: the outermost alone says little.
fn in_words(error: &reqwest::Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words.push(text);
        }
        cause = error.source();
    }
    format!("cannot be reached: {}", words.join(": "))
}
