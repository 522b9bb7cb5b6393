//! The services of a repository, as the appetite file describes them.

use std::collections::BTreeMap;

/// What a finding would hurt: one deployable part of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Name for people.
    pub name: String,
    /// Globs over repository paths that belong to it. A service with neither paths nor images is the whole
    /// repository.
    pub paths: Vec<String>,
    /// Globs over image names that belong to it.
    pub images: Vec<String>,
    /// Who can reach it.
    pub exposure: NetworkExposure,
    /// How much the organisation depends on it.
    pub criticality: Criticality,
    /// Kinds of data it handles (`cardholder`, `health`, `personal` …).
    pub data: Vec<String>,
    /// Ids of timeline tables that always apply and cannot be waived.
    pub obligations: Vec<String>,
    /// Values of SSVC decision points that somebody declared for it, in place of those that would be derived.
    pub decision_points: BTreeMap<String, String>,
    /// Whether a person declared this service; `false` for the stand-in used when no declared service matches.
    pub declared: bool,
}

/// Who can reach a service over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkExposure {
    /// Nobody outside its own host or enclave.
    Isolated,
    /// The organisation's own network.
    Internal,
    /// Anyone.
    Internet,
}

impl NetworkExposure {
    /// Every value, least exposed first.
    pub const ALL: [Self; 3] = [Self::Isolated, Self::Internal, Self::Internet];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Internal => "internal",
            Self::Internet => "internet",
        }
    }
}

/// How much the organisation depends on a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// Its loss is a nuisance.
    Supporting,
    /// Its loss is felt.
    Important,
    /// Its loss stops the business.
    Essential,
}

impl Criticality {
    /// Every value, least critical first.
    pub const ALL: [Self; 3] = [Self::Supporting, Self::Important, Self::Essential];

    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supporting => "supporting",
            Self::Important => "important",
            Self::Essential => "essential",
        }
    }
}

impl Service {
    /// The stand-in for whatever no declared service matches: the middle of each scale, and marked as not declared,
    /// so that its figures are shown as `assumed`.
    pub fn undeclared() -> Self {
        Self {
            name: "unassigned".to_owned(),
            paths: Vec::new(),
            images: Vec::new(),
            exposure: NetworkExposure::Internal,
            criticality: Criticality::Important,
            data: Vec::new(),
            obligations: Vec::new(),
            decision_points: BTreeMap::new(),
            declared: false,
        }
    }
}
