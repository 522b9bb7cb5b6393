//! What a result inherits from its rule. Rules are few and results many, so it is made out once for each rule.

use super::rules;
use super::wire::{Record, Rule};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Confidence;
use crate::model::severity::Severity;

/// What a rule says of each of its results that does not speak for itself.
pub struct Inherited {
    /// The rule's short name for the problem, if it has one.
    pub title: Option<String>,
    /// The severity in numbers or words, which counts before any level.
    pub stated: Option<Severity>,
    pub cvss: Vec<Cvss>,
    pub identifiers: Vec<Identifier>,
    pub cwe: Vec<u32>,
    pub confidence: Option<Confidence>,
}

/// Whether a result of this rule says nothing itself of what it would inherit.
pub fn inherits(record: &Record<'_>, rule: &Rule) -> bool {
    let id = rules::id_of(record).unwrap_or(rule.id.trim());
    id == rule.id && record.properties.is_empty() && record.taxa.is_empty()
}
