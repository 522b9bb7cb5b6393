//! `detente intel show`: what is kept, of when, and whether it is whole.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;

use crate::commands::error::CommandError;
use crate::commands::feed_cache::{FeedCache, key};
use crate::commands::output;
use crate::exit::Exit;
use crate::intel::Feed;

/// Show which feeds are kept, from where, of when, and whether they are whole
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder that they are kept in [default: DETENTE_CACHE, or the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// Form
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Moment at which the age is told [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Form {
    /// For people
    #[default]
    Terminal,
    /// For programs
    Json,
}

/// Prints what is kept.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let cache = FeedCache::find(args.cache.as_deref()).ok_or_else(|| {
        CommandError::usage("there is no folder that feeds are kept in").hint("name one with --cache")
    })?;
    let now = args.now.unwrap_or_else(Timestamp::now);
    let mut text = format!("{}\n", cache.folder().display());
    let mut feeds = serde_json::Map::new();
    for feed in [Feed::Kev, Feed::Epss] {
        let (said, value) = match cache.load(feed) {
            Ok(None) => ("none; `detente intel update` fetches it".to_owned(), json!(null)),
            Err(why) => (why.clone(), json!({ "problem": why })),
            Ok(Some(copy)) => {
                let (age, old) = copy.kept.age(now);
                let advice = if old { "; fetch it again with `detente intel update`" } else { "" };
                let kept = &copy.kept;
                let said = format!(
                    "{}; {age}{advice}\n    from {}\n    fetched {}, {} bytes, SHA-256 {}",
                    kept.version, kept.url, kept.fetched, kept.bytes, kept.sha256
                );
                (said, json!({ "kept": kept, "age": age, "old": old }))
            }
        };
        text += &format!("  {}: {said}\n", feed.name());
        feeds.insert(key(feed).to_owned(), value);
    }
    output::print(&match args.format {
        Form::Terminal => text,
        Form::Json => {
            format!("{:#}\n", json!({ "schema": "detente.intel/1", "folder": cache.folder(), "feeds": feeds }))
        }
    })?;
    Ok(Exit::Proceed)
}
