//! The part of the brief about what was decided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::appetite::OptionName;
use crate::model::standing::DecisionState;
use crate::model::word::Word;

/// How the change stands by what was decided about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Whether it is decided; `decided` and `by-default` let it proceed.
    pub state: Word<DecisionState>,
    /// The option that was chosen.
    pub option: Word<OptionName>,
    /// Who chose it, earliest first.
    pub approvals: Vec<Approval>,
    /// When it was decided, RFC 3339; null unless it is.
    #[schemars(extend("format" = "date-time"))]
    pub decided_at: Option<String>,
    /// Roles that have still to approve.
    pub missing: Vec<String>,
    /// Why a decision no longer holds.
    pub void_because: Vec<String>,
    /// Choices that do not count, and why.
    pub not_counted: Vec<String>,
    /// When the change was first judged, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub first_verdict: String,
    /// Hours from the first verdict to the decision; null unless it is decided.
    pub hours_to_yes: Option<f64>,
    /// What the decision promised, by date.
    pub commitments: Vec<DecisionCommitment>,
    /// Path of the record in the ledger, empty if there is none.
    pub record: String,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Who.
    pub who: String,
    /// How that is known: `ssh-key`, `forge` or `default`.
    pub how: String,
    /// Roles for which it counts.
    pub roles: Vec<String>,
    /// When, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// Why.
    pub reason: String,
}

/// A commitment of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionCommitment {
    /// Its id in the ledger.
    pub id: String,
    /// By when, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub due: String,
}
