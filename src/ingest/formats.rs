//! The table of formats. A new format is one file beside this one and one row here.

mod cyclonedx;
mod gitlab;
mod sarif;

use super::format::Format;

/// Every format, in alphabetical order of id.
pub const FORMATS: &[&Format] = &[&cyclonedx::FORMAT, &gitlab::FORMAT, &sarif::FORMAT];
