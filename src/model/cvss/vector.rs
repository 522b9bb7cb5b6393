//! What a CVSS vector says: its score, and the metrics that decisions rest on.

use std::str::FromStr;

use cvss_rs::v2_0::{self, CvssV2};
use cvss_rs::v3::{self, CvssV3};
use cvss_rs::v4_0::{self, CvssV4};

use crate::model::intel::VectorMetrics;

/// Impact sub-score of v2 with everything lost: 10.41 × (1 − 0.34³). Guide to CVSS v2.0, section 3.2.1.
const MOST_V2: f64 = 10.000_845;

/// Impact sub-score of v3.1 with everything lost and the scope changed. CVSS v3.1 specification, section 7.1.
const MOST_V3: f64 = 6.047_730_5;

/// What a vector says, in any version of CVSS.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// CVSS version: `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// Base score, 0.0 to 10.0.
    pub base_score: f64,
    /// The score to go by, 0.0 to 10.0: of v2 and v3 the base score, of v4.0 that of all metrics the vector states
    /// (specification, section 1.3).
    pub score: f64,
    /// Impact part on a scale of 0 to 1, comparable across versions, as
    /// [`ScoredVector::impact`](crate::model::intel::ScoredVector::impact) says.
    pub impact: f64,
    /// What its metrics say about exploitation.
    pub metrics: VectorMetrics,
}

impl Vector {
    /// Reads a vector; one of v2 may do without the prefix. `None` if it is cut off, misspelt or of another version: it
    /// then has no score, and not the score 0.
    pub fn read(vector: &str) -> Option<Self> {
        let (version, rest) = vector.split_once('/')?;
        match version {
            "CVSS:4.0" => v4(&CvssV4::from_str(vector).ok()?),
            "CVSS:3.1" => v3(&CvssV3::from_str(vector).ok()?, "3.1"),
            "CVSS:3.0" => v3(&CvssV3::from_str(vector).ok()?, "3.0"),
            "CVSS:2.0" => v2(&CvssV2::from_str(rest).ok()?),
            _ => v2(&CvssV2::from_str(vector).ok()?),
        }
    }
}

fn v2(vector: &CvssV2) -> Option<Vector> {
    // A vector without any impact scores −0.0 in the specification's own arithmetic.
    let score = vector.calculated_base_score()?.max(0.0) + 0.0;
    let lost = [&vector.confidentiality_impact, &vector.integrity_impact, &vector.availability_impact];
    let kept = lost.iter().try_fold(1.0, |kept, impact| Some(kept * (1.0 - impact.as_ref()?.score())))?;
    Some(Vector {
        version: "2.0",
        base_score: score,
        score,
        impact: share(10.41 * (1.0 - kept), MOST_V2),
        metrics: VectorMetrics {
            network: vector.access_vector == Some(v2_0::AccessVector::Network),
            low_complexity: vector.access_complexity == Some(v2_0::AccessComplexity::Low),
            no_privileges: vector.authentication == Some(v2_0::Authentication::None),
            no_interaction: true,
            total_impact: lost.iter().all(|impact| **impact == Some(v2_0::Impact::Complete)),
            exploit_public: vector.exploitability.as_ref().and_then(|exploit| match exploit {
                v2_0::Exploitability::Unproven => Some(false),
                v2_0::Exploitability::ProofOfConcept
                | v2_0::Exploitability::Functional
                | v2_0::Exploitability::High => Some(true),
                v2_0::Exploitability::NotDefined => None,
            }),
        },
    })
}

fn v3(vector: &CvssV3, version: &'static str) -> Option<Vector> {
    let score = vector.calculated_base_score()?;
    let lost = [&vector.confidentiality_impact, &vector.integrity_impact, &vector.availability_impact];
    // The library takes `X` for a base metric, which the specification does not have.
    if lost.iter().any(|impact| **impact == Some(v3::Impact::NotDefined)) {
        return None;
    }
    let kept = lost.iter().try_fold(1.0, |kept, impact| Some(kept * (1.0 - impact.as_ref()?.score())))?;
    Some(Vector {
        version,
        base_score: score,
        score,
        impact: share(impact_of_v3(1.0 - kept, vector.scope.as_ref()?.is_changed()), MOST_V3),
        metrics: VectorMetrics {
            network: vector.attack_vector == Some(v3::AttackVector::Network),
            low_complexity: vector.attack_complexity == Some(v3::AttackComplexity::Low),
            no_privileges: vector.privileges_required == Some(v3::PrivilegesRequired::None),
            no_interaction: vector.user_interaction == Some(v3::UserInteraction::None),
            total_impact: lost.iter().all(|impact| **impact == Some(v3::Impact::High)),
            exploit_public: vector.exploit_code_maturity.as_ref().and_then(|exploit| match exploit {
                v3::ExploitCodeMaturity::Unproven => Some(false),
                v3::ExploitCodeMaturity::ProofOfConcept
                | v3::ExploitCodeMaturity::Functional
                | v3::ExploitCodeMaturity::High => Some(true),
                v3::ExploitCodeMaturity::NotDefined => None,
            }),
        },
    })
}

fn v4(vector: &CvssV4) -> Option<Vector> {
    let here = [vector.vuln_confidentiality_impact, vector.vuln_integrity_impact, vector.vuln_availability_impact];
    let beyond = [vector.sub_confidentiality_impact, vector.sub_integrity_impact, vector.sub_availability_impact];
    let kept = here.iter().zip(&beyond).try_fold(1.0, |kept, (here, beyond)| {
        Some(kept * (1.0 - weight_here((*here)?).max(weight_beyond((*beyond)?))))
    })?;
    let spreads = beyond.iter().any(|impact| !matches!(impact, Some(v4_0::SubsequentImpact::None)));
    Some(Vector {
        version: "4.0",
        base_score: vector.calculated_base_score()?,
        score: vector.calculated_full_score()?,
        impact: share(impact_of_v3(1.0 - kept, spreads), MOST_V3),
        metrics: VectorMetrics {
            network: vector.attack_vector == Some(v4_0::AttackVector::Network),
            low_complexity: vector.attack_complexity == Some(v4_0::AttackComplexity::Low)
                && vector.attack_requirements == Some(v4_0::AttackRequirements::None),
            no_privileges: vector.privileges_required == Some(v4_0::PrivilegesRequired::None),
            no_interaction: vector.user_interaction == Some(v4_0::UserInteraction::None),
            total_impact: here.iter().all(|impact| *impact == Some(v4_0::Impact::High)),
            exploit_public: vector.exploit_maturity.as_ref().and_then(|exploit| match exploit {
                v4_0::ExploitMaturity::Unreported => Some(false),
                v4_0::ExploitMaturity::ProofOfConcept | v4_0::ExploitMaturity::Attacked => Some(true),
                v4_0::ExploitMaturity::NotDefined => None,
            }),
        },
    })
}

/// Impact sub-score of v3.1. CVSS v3.1 specification, section 7.1.
fn impact_of_v3(lost: f64, scope_changed: bool) -> f64 {
    if scope_changed { 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02).powi(15) } else { 6.42 * lost }
}

/// The v3.1 weight of a v4.0 impact on the vulnerable system.
fn weight_here(impact: v4_0::Impact) -> f64 {
    match impact {
        v4_0::Impact::High => v3::Impact::High.score(),
        v4_0::Impact::Low => v3::Impact::Low.score(),
        v4_0::Impact::None => v3::Impact::None.score(),
    }
}

/// The v3.1 weight of a v4.0 impact on other systems.
fn weight_beyond(impact: v4_0::SubsequentImpact) -> f64 {
    match impact {
        v4_0::SubsequentImpact::Safety | v4_0::SubsequentImpact::High => v3::Impact::High.score(),
        v4_0::SubsequentImpact::Low => v3::Impact::Low.score(),
        v4_0::SubsequentImpact::None => v3::Impact::None.score(),
    }
}

fn share(part: f64, most: f64) -> f64 {
    (part / most).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests;
