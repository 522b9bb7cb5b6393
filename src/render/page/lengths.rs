//! How much is shown of texts that come out of a report or a file.

/// Characters of a title that are shown.
pub const TITLE: usize = 100;

/// Characters of a place or a version that are shown.
pub const PLACE: usize = 120;

/// Characters that are shown of what is said of a clock: two days, a tool, and why.
pub const CLOCK: usize = 200;
