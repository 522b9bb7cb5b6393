//! A CVSS assessment as a report or feed gives it, and what its vector says.

mod vector;

pub use vector::Vector;

/// One CVSS assessment of a vulnerability. The score is recomputed from the vector where there is one (stage
/// `intel`); the reported score is kept to say so when the two disagree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cvss {
    /// Vector string as reported (`CVSS:3.1/AV:N/…`, or a v2 vector without prefix); empty if only a score is known.
    pub vector: String,
    /// Base score, 0.0 to 10.0, as reported.
    pub score: Option<f64>,
    /// Who assessed it (`nvd`, `ghsa`, `redhat` …); empty if the report does not say.
    pub source: String,
}
