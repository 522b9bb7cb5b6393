//! CVSS: the score is computed from the vector; what a report says about the score counts only without one.

use crate::model::cvss::{Cvss, Vector};
use crate::model::intel::ScoredVector;

/// The assessment to go by: a vector before a bare score, then the newest version of CVSS, and among equals the one that
/// the report puts first. `None` if there is neither a vector that can be scored nor a score.
pub(super) fn best(assessments: &[Cvss]) -> Option<ScoredVector> {
    let mut best: Option<ScoredVector> = None;
    for candidate in assessments.iter().filter_map(score) {
        let rank = |scored: &ScoredVector| (scored.metrics.is_some(), version_rank(&scored.version));
        // Only a better rank replaces the earlier one.
        if best.as_ref().is_none_or(|best| rank(&candidate) > rank(best)) {
            best = Some(candidate);
        }
    }
    best
}

fn version_rank(version: &str) -> u8 {
    match version {
        "4.0" => 4,
        "3.1" => 3,
        "3.0" => 2,
        "2.0" => 1,
        _ => 0,
    }
}

/// Scores one assessment. A vector that cannot be scored, because it is cut off or misspelt, has no score of its own:
/// then the reported score counts, and never 0.
fn score(assessment: &Cvss) -> Option<ScoredVector> {
    let vector = tidy(&assessment.vector);
    let source = assessment.source.clone();
    if let Some(read) = Vector::read(vector) {
        return Some(ScoredVector {
            vector: vector.to_owned(),
            score: read.score,
            version: read.version.to_owned(),
            source,
            impact: Some(read.impact),
            metrics: Some(read.metrics),
        });
    }
    let score = assessment.score.filter(|score| (0.0..=10.0).contains(score))?;
    let version = vector.strip_prefix("CVSS:").and_then(|rest| rest.get(..3)).unwrap_or_default();
    let version = if version_rank(version) > 0 { version.to_owned() } else { String::new() };
    Some(ScoredVector { vector: vector.to_owned(), score, version, source, impact: None, metrics: None })
}

/// Takes off what some tools put around a vector: brackets, and `CVSS2#` or `CVSS3#` in front.
fn tidy(vector: &str) -> &str {
    let bare = vector.trim().trim_start_matches('(').trim_end_matches(')').trim();
    bare.split_once('#').map_or(bare, |(_, rest)| rest)
}

#[cfg(test)]
mod tests;
