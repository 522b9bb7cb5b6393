//! Whether a finding comes with the change under test.

use std::fmt;

/// Where a finding comes from, relative to the change under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It comes with this change.
    Introduced,
    /// It was there before this change.
    Ambient,
    /// It disappears with this change.
    Resolved,
    /// It cannot be told. Judged as if introduced, and marked so.
    Unknown,
}

impl Origin {
    /// Every origin, in the order used for lists.
    pub const ALL: [Self; 4] = [Self::Introduced, Self::Ambient, Self::Resolved, Self::Unknown];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::Ambient => "ambient",
            Self::Resolved => "resolved",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the finding counts as coming with the change: introduced, or not known to be otherwise.
    pub const fn counts_as_introduced(self) -> bool {
        matches!(self, Self::Introduced | Self::Unknown)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
