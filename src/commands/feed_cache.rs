//! Feeds that were fetched, kept in a folder of the user's: the bytes as they came, and an index that says from where, of
//! when, and with which digest. Bytes that do not match their digest are as good as none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::commands::error::CommandError;
use crate::commands::output;
use crate::intel::Feed;
use crate::model::digest::Digest;

/// Name of the index within the folder.
const INDEX: &str = "intel.json";

/// Days after which a copy is said to be old.
const FRESH_DAYS: i64 = 7;

/// A folder with feeds.
#[derive(Debug, Clone)]
pub(super) struct FeedCache {
    folder: PathBuf,
}

/// What is known about one kept feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Address that it came from.
    pub url: String,
    /// When the bytes came.
    pub fetched: Timestamp,
    /// When the address last said that they are the present ones.
    pub checked: Timestamp,
    /// The server's name of this version.
    pub etag: Option<String>,
    /// When it last changed, as the server says.
    pub last_modified: Option<String>,
    /// Digest of the bytes.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
    /// Version or date that the feed states itself.
    pub version: String,
}

/// A kept feed with its bytes, which match their digest.
pub(super) struct Copy {
    pub kept: Kept,
    pub bytes: Vec<u8>,
}

impl FeedCache {
    /// The folder that was given, or the user's own: `DETENTE_CACHE`, else the place that the system has for it. `None`
    /// where there is none. A variable that is empty says nothing.
    pub(super) fn find(given: Option<&Path>) -> Option<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let systems = || {
            let caches = variable("XDG_CACHE_HOME").filter(|folder| folder.is_absolute());
            let caches = caches.or_else(|| variable("LOCALAPPDATA")).or_else(|| Some(variable("HOME")?.join(".cache")));
            caches.map(|folder| folder.join("detente"))
        };
        let folder = given.map(Path::to_owned).or_else(|| variable("DETENTE_CACHE")).or_else(systems);
        folder.map(|folder| Self { folder })
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything that is kept, by the feed's short name. An index that cannot be read is an empty one.
    pub(super) fn index(&self) -> BTreeMap<String, Kept> {
        let bytes = std::fs::read(self.folder.join(INDEX)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The kept copy of a feed; `None` if there is none.
    ///
    /// # Errors
    /// If its bytes are gone, or are not those that were fetched: what to do.
    pub(super) fn load(&self, feed: Feed) -> Result<Option<Copy>, String> {
        let Some(kept) = self.index().remove(key(feed)) else { return Ok(None) };
        let path = self.path(feed);
        let advice = "fetch it again with `detente intel update`";
        let bytes =
            std::fs::read(&path).map_err(|error| format!("{}: cannot be read ({error}); {advice}", path.display()))?;
        if Digest::of(&bytes).to_string() != kept.sha256 {
            return Err(format!("{}: is not what was fetched on {}; {advice}", path.display(), kept.fetched));
        }
        Ok(Some(Copy { kept, bytes }))
    }

    /// Keeps a feed: first the bytes, then the index, each whole or not at all.
    pub(super) fn keep(&self, feed: Feed, kept: Kept, bytes: Option<&[u8]>) -> Result<(), CommandError> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| CommandError::usage(format!("{}: cannot be made: {error}", self.folder.display())))?;
        if let Some(bytes) = bytes {
            output::write_file(&self.path(feed), bytes)?;
        }
        let mut index = self.index();
        index.insert(key(feed).to_owned(), kept);
        let text = serde_json::to_string_pretty(&index).map_err(CommandError::usage)?;
        output::write_file(&self.folder.join(INDEX), text.as_bytes())
    }

    fn path(&self, feed: Feed) -> PathBuf {
        self.folder.join(match feed {
            Feed::Kev => "kev",
            Feed::Epss => "epss",
        })
    }
}

/// Short name of a feed.
pub(super) const fn key(feed: Feed) -> &'static str {
    match feed {
        Feed::Kev => "kev",
        Feed::Epss => "epss",
    }
}

impl Kept {
    /// How old the copy is at `now`, in words, and whether it should be fetched again.
    pub(super) fn age(&self, now: Timestamp) -> (String, bool) {
        let days = now.duration_since(self.checked).as_hours() / 24;
        let words = match days {
            ..=0 => "checked today".to_owned(),
            1 => "checked 1 day ago".to_owned(),
            days => format!("checked {days} days ago"),
        };
        (words, days > FRESH_DAYS)
    }
}
