//! The answer of an assessment.

use std::fmt;

/// How a change stands against the risk appetite. Ordered from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every tolerance row is at or below its appetite limit.
    WithinAppetite,
    /// Some row is above its appetite limit (amber), none above its tolerance limit.
    WithinTolerance,
    /// Some row is above its tolerance limit (red).
    BeyondTolerance,
    /// Evidence is missing, stale or unreadable. Decided before any threshold is looked at.
    Unresolved,
}

impl Verdict {
    /// Every verdict, best first.
    pub const ALL: [Self; 4] = [Self::WithinAppetite, Self::WithinTolerance, Self::BeyondTolerance, Self::Unresolved];

    /// Whether there is something to decide: what is within appetite needs nobody, and of what is unresolved nobody knows
    /// yet what it is.
    pub const fn is_decided_about(self) -> bool {
        matches!(self, Self::WithinTolerance | Self::BeyondTolerance)
    }

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WithinAppetite => "within-appetite",
            Self::WithinTolerance => "within-tolerance",
            Self::BeyondTolerance => "beyond-tolerance",
            Self::Unresolved => "unresolved",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
