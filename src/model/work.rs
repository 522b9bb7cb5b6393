//! Work items and the ways to treat them.

use std::sync::Arc;

use super::basis::{Basis, Range};
use super::effort::Effort;
use super::upgrade::UpgradeCommand;

/// The findings that one action resolves: one upgrade, one secret rotation, one code fix.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// Stable name made from what the action is about: `w-` and twelve hexadecimal digits.
    pub id: String,
    /// What it is about, one line.
    pub title: String,
    /// Ids of the findings, sorted.
    pub findings: Vec<String>,
    /// Ways to treat it, other than accepting it; sorted by id, possibly none.
    pub treatments: Vec<Treatment>,
}

/// One way to deal with a work item.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// Id of the treatment rule.
    pub id: String,
    /// What to do, one line, with the names filled in.
    pub title: String,
    /// Kind after ISO 31000.
    pub kind: TreatmentKind,
    /// Effort in hours of one person; `p50` is what the planner plans with.
    pub effort: Effort,
    /// What p50 was before it was calibrated on what such work took; `None` if it was not.
    pub uncalibrated: Option<f64>,
    /// When it takes effect.
    pub takes_effect: TakesEffect,
    /// Share of the exposure rate that remains, 0 to 1; `likely` is what the planner plans with.
    pub residual: Range,
    /// Calendar days between the end of the work and its effect.
    pub lead_days: f64,
    /// Where the effort comes from.
    pub effort_basis: Arc<Basis>,
    /// Where the residual comes from.
    pub residual_basis: Arc<Basis>,
    /// What customers or operations notice, empty if nothing.
    pub disruption: Arc<str>,
    /// Advantages.
    pub pros: Arc<[String]>,
    /// Disadvantages.
    pub cons: Arc<[String]>,
    /// Where to read more.
    pub references: Arc<[String]>,
    /// What to type, for an upgrade.
    pub command: Option<UpgradeCommand>,
}

/// The kinds of treatment of ISO 31000 and NIST IR 8286.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TreatmentKind {
    /// Remove the cause.
    Fix,
    /// Lower likelihood or impact.
    Mitigate,
    /// Stop doing what brings the risk.
    Avoid,
    /// Let someone else bear it.
    Transfer,
    /// Live with it until a date.
    Accept,
}

impl TreatmentKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Fix, Self::Mitigate, Self::Avoid, Self::Transfer, Self::Accept];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::Mitigate => "mitigate",
            Self::Avoid => "avoid",
            Self::Transfer => "transfer",
            Self::Accept => "accept",
        }
    }
}

/// When a treatment takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TakesEffect {
    /// It is part of the change: with the first release after it is done, not before ship.
    AtRelease,
    /// It is operational: as soon as it is done.
    AtOnce,
}

impl TakesEffect {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtRelease => "at-release",
            Self::AtOnce => "at-once",
        }
    }
}
