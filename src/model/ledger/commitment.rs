//! Commitments: "fixed by this date", and what became of it, event by event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::digest::Digest;
use super::decision::{Decider, Promise};

/// Something that happened to a commitment. The events of one commitment lie in one folder; their names say what
/// happened, so that closed ones need not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitmentEvent {
    /// Id of the commitment: `c-` and twelve hexadecimal digits.
    pub commitment: String,
    /// When the commitment was made, which says where its events lie.
    pub made: Timestamp,
    /// When this happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// Signature of the person who decided it, where one did; empty if the forge vouches or nobody decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
}

impl CommitmentEvent {
    /// Purpose for which such an event is signed.
    pub const NAMESPACE: &str = "detente-commitment";

    /// What is signed: everything but the signature.
    #[expect(clippy::expect_used, reason = "structs of our own with string keys, written to memory: nothing can fail")]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { signature: String::new(), ..self.clone() };
        serde_json::to_vec(&unsigned).expect("own structs serialise")
    }
}

/// What can happen to a commitment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Event {
    /// It was made by a decision.
    Made {
        /// Name of the change.
        change: String,
        /// Head of the change when it was decided.
        head: String,
        /// Digest of the appetite under which it was made.
        appetite: String,
        /// Roles that approved it.
        approval: Vec<String>,
        /// What was promised.
        promise: Promise,
        /// Path in the ledger of the decision that made it complete; empty for the revert and hotfix lane.
        decision: String,
        /// Who opened the lane, and why; absent where a decision made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lane: Option<Lane>,
    },
    /// Its date was moved.
    Extended {
        /// The new date.
        until: Timestamp,
        /// Why.
        reason: String,
        /// Who allowed it.
        by: Decider,
    },
    /// Its clock stands still.
    Paused {
        /// Why.
        reason: String,
        /// Who allowed it.
        by: Decider,
    },
    /// Its clock runs again.
    Resumed {
        /// Why; records of an earlier form do not say.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// Who said so.
        by: Decider,
    },
    /// Hours that were really worked on it, as somebody reported.
    Worked {
        /// Hours of one person, added to those before.
        hours: f64,
        /// Who reported it.
        by: Decider,
    },
    /// The same scanner and rule ran on the default branch, and the findings are gone.
    Closed {
        /// Path in the ledger of the baseline that shows it.
        baseline: String,
        /// Why that is enough, in words.
        evidence: String,
    },
    /// The findings are no longer reported, but that does not show that they are gone.
    NotClosed {
        /// Path in the ledger of the baseline.
        baseline: String,
        /// Why it is not enough, in words.
        why: String,
    },
    /// The change was given up, so that there is nothing to fix.
    Withdrawn {
        /// Why.
        reason: String,
        /// Who said so.
        by: Decider,
    },
}

/// A use of the revert and hotfix lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Why it could not wait.
    pub reason: String,
    /// Who opened it.
    pub by: Decider,
}

impl Event {
    /// The word in the file's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Made { .. } => "made",
            Self::Extended { .. } => "extended",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Worked { .. } => "worked",
            Self::Closed { .. } => "closed",
            Self::NotClosed { .. } => "not-closed",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// The id of the commitment to do `work` that a decision about these findings of a change makes.
pub fn commitment_id(change: &str, findings_digest: &str, work: &str) -> String {
    let digest = Digest::of(format!("{change}\n{findings_digest}\n{work}").as_bytes());
    format!("c-{}", digest.short())
}
