//! How a change stands by what was decided about it.

use jiff::Timestamp;

use super::appetite::OptionName;

/// What the ledger says about the change under test.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Whether the change is decided.
    pub state: DecisionState,
    /// The option that was chosen.
    pub option: OptionName,
    /// Approvals that count, earliest first.
    pub approvals: Vec<Approval>,
    /// When the last approval that was needed was given; `None` unless decided.
    pub decided_at: Option<Timestamp>,
    /// Roles that have still to approve.
    pub missing: Vec<String>,
    /// Why a decision no longer holds: one sentence each.
    pub void_because: Vec<String>,
    /// Records that do not count, and why: one sentence each.
    pub not_counted: Vec<String>,
    /// When the change was first judged, as far as known.
    pub first_verdict: Timestamp,
    /// Hours from the first verdict to the decision.
    pub hours_to_yes: Option<f64>,
    /// Commitments that the decision made: id and date, by date.
    pub commitments: Vec<(String, Timestamp)>,
    /// Path of the decision's record that completed it; empty for an agreed default that nobody has recorded.
    pub record: String,
}

/// Whether a change is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionState {
    /// Every role that the agreement asks for has approved, and it still holds.
    Decided,
    /// Nobody chose in time, and the option that both leaders agreed for that takes effect.
    ByDefault,
    /// A revert or an emergency fix that ships now, with a promise.
    Hotfix,
    /// Some role has approved, another has not.
    Incomplete,
    /// It was decided, and something has changed since.
    Void,
}

impl DecisionState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Decided, Self::ByDefault, Self::Hotfix, Self::Incomplete, Self::Void];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::ByDefault => "by-default",
            Self::Hotfix => "hotfix",
            Self::Incomplete => "incomplete",
            Self::Void => "void",
        }
    }

    /// Whether the change may proceed.
    pub const fn proceeds(self) -> bool {
        matches!(self, Self::Decided | Self::ByDefault | Self::Hotfix)
    }
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who, for people.
    pub who: String,
    /// How that is known: `ssh-key`, `forge`, `default`.
    pub how: &'static str,
    /// Roles for which it counts.
    pub roles: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}
