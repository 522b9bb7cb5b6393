//! Public feeds for a run: the files that were named, or else what `detente intel update` keeps. Nothing is fetched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::feed_cache::FeedCache;
use crate::intel::{self, Feed};
use crate::model::digest::Digest;
use crate::model::identifier::Identifier;
use crate::model::intel::Intel;
use crate::model::report::Report;

/// Where the feeds come from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Feeds {
    /// CISA's catalogue of known exploited vulnerabilities (JSON or CSV, plain or .gz) [default: what `intel update` keeps]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEV")]
    kev: Option<PathBuf>,
    /// EPSS scores of FIRST (CSV, plain or .gz) [default: what `intel update` keeps]
    #[arg(long, value_name = "FILE", env = "DETENTE_EPSS")]
    epss: Option<PathBuf>,
}

/// Feeds, and which bytes they were read from.
pub(super) struct Read {
    pub intel: Intel,
    /// One sentence for each feed: which bytes, of when, and how old.
    pub notices: Vec<String>,
}

impl Feeds {
    /// Reads the feeds, as far as they concern these reports.
    pub(super) fn read<'a>(
        &self,
        reports: impl Iterator<Item = &'a Report>,
        now: Timestamp,
    ) -> Result<Read, CommandError> {
        let cache = FeedCache::find(None);
        let mut read = Read { intel: Intel::default(), notices: Vec::new() };
        if let Some((bytes, place)) = bytes(self.kev.as_deref(), Feed::Kev, cache.as_ref(), now, &mut read.notices)? {
            let kev = intel::read_kev(bytes.as_slice());
            read.intel.kev = Some(kev.map_err(|error| CommandError::usage(format!("{place}: {error}")))?);
        }
        if let Some((bytes, place)) = bytes(self.epss.as_deref(), Feed::Epss, cache.as_ref(), now, &mut read.notices)? {
            let epss = intel::read_epss(bytes.as_slice(), &identifiers(reports));
            read.intel.epss = Some(epss.map_err(|error| CommandError::usage(format!("{place}: {error}")))?);
        }
        Ok(read)
    }
}

/// The bytes of a feed and where they lie; `None` if there are none.
fn bytes(
    given: Option<&Path>,
    feed: Feed,
    cache: Option<&FeedCache>,
    now: Timestamp,
    notices: &mut Vec<String>,
) -> Result<Option<(Vec<u8>, String)>, CommandError> {
    if let Some(path) = given {
        let bytes = std::fs::read(path)
            .map_err(|error| CommandError::usage(format!("{}: cannot be read: {error}", path.display())))?;
        return Ok(Some((bytes, path.display().to_string())));
    }
    match cache.map_or(Ok(None), |cache| cache.load(feed)) {
        Ok(None) => Ok(None),
        Ok(Some(copy)) => {
            let (age, old) = copy.kept.age(now);
            let advice = if old { "; `detente intel update` fetches a newer one" } else { "" };
            notices.push(format!(
                "{} as fetched on {} ({age}{advice}), SHA-256 {}.",
                capitalised(feed.name()),
                copy.kept.fetched.strftime("%F"),
                Digest::of(&copy.bytes).short()
            ));
            Ok(Some((copy.bytes, "the kept feed".to_owned())))
        }
        Err(why) => {
            notices.push(format!("{} is not used: {why}.", capitalised(feed.name())));
            Ok(None)
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn identifiers<'a>(reports: impl Iterator<Item = &'a Report>) -> BTreeSet<Identifier> {
    reports.flat_map(|report| &report.observations).flat_map(|seen| &seen.identifiers).cloned().collect()
}
