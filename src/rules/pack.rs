//! The files of the pack, as the program carries them.

use std::borrow::Cow;

use include_dir::{Dir, include_dir};

use crate::model::mapping::{Shape, Signs};

/// Every file, as it is written.
pub static PACK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A file in a form that is read in no time (`build.rs`).
pub struct Packed {
    pub path: &'static str,
    /// What it says, as JSON.
    pub content: &'static str,
}

/// A format in such a form.
pub struct PackedFormat {
    pub id: &'static str,
    /// What its file says, as JSON.
    pub content: &'static str,
    /// Of that, what tells one of its reports.
    pub signs: Signs,
    pub delimiter: Option<u8>,
}

// Every file that is no format, by path, and every format, by id.
include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// What a file is called in messages.
pub fn built_in_path(path: &str) -> String {
    format!("built-in rules/{path}")
}
