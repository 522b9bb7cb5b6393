//! Clocks: the moment from which the days of a time limit are counted, its last one, and how far those of machines may be apart.

use jiff::{SignedDuration, Timestamp};

/// How far clocks of different machines may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The last moment before something ends: its day is the last one on which it holds.
pub fn last_moment(end: Timestamp) -> Timestamp {
    end.checked_sub(SignedDuration::from_secs(1)).unwrap_or(end)
}

/// Whether a moment is later than clocks of different machines may differ.
pub fn is_future(at: Timestamp, now: Timestamp) -> bool {
    at > now.checked_add(SKEW).unwrap_or(now)
}

/// From when the days of a time limit are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Clock {
    /// From when it was first found. This is the latest that any clock begins.
    #[default]
    Detected,
    /// From when it became publicly known.
    Published,
    /// From when there was a version without the problem.
    FixAvailable,
}

impl Clock {
    /// Every clock.
    pub const ALL: [Self; 3] = [Self::Detected, Self::Published, Self::FixAvailable];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Published => "published",
            Self::FixAvailable => "fix-available",
        }
    }
}

/// A moment that a report states, and whose report it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// The moment.
    pub at: Timestamp,
    /// The tool that wrote the report.
    pub source: String,
}

impl Stated {
    /// Reads a moment of which it is no longer known whose report states it.
    pub fn by_some_report(at: Option<&str>) -> Option<Self> {
        Some(Self { at: at?.parse().ok()?, source: "a report".to_owned() })
    }
}

/// When the days of a due date began to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Began {
    /// The clock that counts.
    pub clock: Clock,
    /// When it began.
    pub at: Timestamp,
    /// Who says so: a tool by its report, the ledger, or this run.
    pub source: String,
    /// The clock that both leaders agreed.
    pub agreed: Clock,
    /// Why another clock counts than the one agreed; empty if none does.
    pub because: String,
}
