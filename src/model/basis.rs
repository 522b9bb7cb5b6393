//! Where a number comes from. A number without a basis is not shown.

use std::fmt;

/// The basis of a figure, from the strongest claim to the weakest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// A scanner's report says so; the name of the tool.
    Reported(String),
    /// A public feed or paper says so; its name and date.
    Published(String),
    /// The appetite file says so; the key.
    Declared(String),
    /// The project's own history says so; how many cases and how far off they were.
    Calibrated(String),
    /// A rule of the rule pack assumes so; the rule's id.
    Assumed(String),
}

impl Basis {
    /// The word used in files and output.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reported(_) => "reported",
            Self::Published(_) => "published",
            Self::Declared(_) => "declared",
            Self::Calibrated(_) => "calibrated",
            Self::Assumed(_) => "assumed",
        }
    }

    /// Who or what says so.
    pub fn source(&self) -> &str {
        match self {
            Self::Reported(s) | Self::Published(s) | Self::Declared(s) | Self::Calibrated(s) | Self::Assumed(s) => s,
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind(), self.source())
    }
}

/// A figure with its uncertainty: `low` ≤ `likely` ≤ `high`, in the unit of the field that holds it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Range {
    /// The lower end: the optimistic one, but for a score.
    pub low: f64,
    /// The central estimate, used by the planner.
    pub likely: f64,
    /// The upper end: the pessimistic one, but for a score.
    pub high: f64,
}

impl Range {
    /// A figure without uncertainty.
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, likely: value, high: value }
    }

    /// The product of two non-negative ranges, end by end.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self { low: self.low * other.low, likely: self.likely * other.likely, high: self.high * other.high }
    }
}
