//! A folder that is named on the command line.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

/// Takes a folder that is there. Whether it is what is needed, a repository say, is seen by whoever looks into it; of one that
/// is not there nothing would be found, and that could pass for nothing to find.
pub(super) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new()
        .try_map(|folder| if folder.is_dir() { Ok(folder) } else { Err("there is no such folder") })
}
