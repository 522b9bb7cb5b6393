//! The table of formats. A new format is one file beside this one and one row here.

use super::format::Format;

/// Every format, in alphabetical order of id.
pub const FORMATS: &[&Format] = &[];
