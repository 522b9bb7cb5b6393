//! `detente intel update`: fetch what is new.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::feed_cache::{FeedCache, Kept};
use crate::commands::output;
use crate::exit::Exit;
use crate::intel::{self, Feed};
use crate::model::digest::Digest;

use super::fetch::{self, Answer};

/// Fetch the feeds, as far as they have changed; what is kept stays if one cannot be reached
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the KEV catalogue or of a mirror of it [default: CISA's]
    #[arg(long, value_name = "URL", env = "DETENTE_KEV_URL")]
    kev_url: Option<String>,
    /// Address of the EPSS scores or of a mirror of them [default: FIRST's]
    #[arg(long, value_name = "URL", env = "DETENTE_EPSS_URL")]
    epss_url: Option<String>,
    /// Folder to keep them in [default: DETENTE_CACHE, or the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// Fetch even what has not changed
    #[arg(long)]
    force: bool,
}

/// Fetches each feed; one that cannot be reached does not keep the others from it.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let cache = FeedCache::find(args.cache.as_deref()).ok_or_else(|| {
        CommandError::usage("there is no folder to keep feeds in").hint("name one with --cache, or with DETENTE_CACHE")
    })?;
    let mut problems = Vec::new();
    for (feed, url) in [(Feed::Kev, &args.kev_url), (Feed::Epss, &args.epss_url)] {
        let url = url.as_deref().unwrap_or_else(|| feed.address());
        match update(&cache, feed, url, args.force) {
            Ok(said) => output::print(&format!("{said}\n"))?,
            Err(why) => problems.push(format!("{}: {url} {why}", feed.name())),
        }
    }
    if problems.is_empty() {
        return Ok(Exit::Proceed);
    }
    Err(CommandError::new(Exit::Forge, problems.join("\n"))
        .hint("what was fetched before stays in use, with its age shown (`detente intel show`)")
        .hint("without access to it, name a mirror (--kev-url, --epss-url), or give files to gate (--kev, --epss)"))
}

/// Fetches one feed and checks that it is what it should be before it replaces what is kept.
fn update(cache: &FeedCache, feed: Feed, url: &str, force: bool) -> Result<String, String> {
    // A copy that is damaged, or from elsewhere, is fetched as if there were none.
    let before = cache.load(feed).ok().flatten().filter(|copy| copy.kept.url == url && !force);
    let known = before.as_ref().map(|copy| &copy.kept);
    let answer = fetch::fetch(
        url,
        known.and_then(|kept| kept.etag.as_deref()),
        known.and_then(|kept| kept.last_modified.as_deref()),
    )?;
    let now = Timestamp::now();
    let (kept, bytes, word) = match (answer, before) {
        (Answer::Unchanged, Some(copy)) => (Kept { checked: now, ..copy.kept }, None, "unchanged"),
        (Answer::Unchanged, None) => return Err("says that nothing changed, although nothing was there".to_owned()),
        (Answer::New { bytes, etag, last_modified }, _) => {
            let version = version(feed, &bytes)?;
            let sha256 = Digest::of(&bytes).to_string();
            let size = bytes.len() as u64;
            let url = url.to_owned();
            let kept = Kept { url, fetched: now, checked: now, etag, last_modified, sha256, bytes: size, version };
            (kept, Some(bytes), "fetched")
        }
    };
    let said = format!("{}: {word}, {} (SHA-256 {})", feed.name(), kept.version, kept.sha256);
    cache.keep(feed, kept, bytes.as_deref()).map_err(|error| format!("cannot be kept: {}", error.message()))?;
    Ok(said)
}

/// What the feed says of itself.
fn version(feed: Feed, bytes: &[u8]) -> Result<String, String> {
    match feed {
        Feed::Kev => {
            let kev = intel::read_kev(bytes).map_err(|error| format!("answered something else: {error}"))?;
            Ok(format!("{}, {} entries", kev.version, kev.entries.len()))
        }
        Feed::Epss => {
            let epss = intel::read_epss(bytes, &BTreeSet::new())
                .map_err(|error| format!("answered something else: {error}"))?;
            Ok(format!("{} of {}", epss.model, epss.date))
        }
    }
}
