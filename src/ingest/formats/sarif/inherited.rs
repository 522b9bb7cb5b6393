//! What a result inherits from its rule. Rules are few and results many, so it is made out once for each rule, and only what
//! is asked for: who counts results asks for little.

use std::cell::OnceCell;

use super::rules;
use super::severity;
use super::wire::{Record, Rule};
use crate::model::cvss::Cvss;
use crate::model::identifier::Identifier;
use crate::model::report::Confidence;
use crate::model::severity::Severity;

/// What a rule says of each of its results that does not speak for itself.
pub struct Inherited {
    /// The severity in numbers or words, which counts before any level.
    pub stated: Option<Severity>,
    pub identifiers: OnceCell<Vec<Identifier>>,
    pub rest: OnceCell<Box<Rest>>,
}

/// What no number depends on.
pub struct Rest {
    /// The rule's short name for the problem, if it has one.
    pub title: Option<String>,
    pub cvss: Vec<Cvss>,
    pub cwe: Vec<u32>,
    pub confidence: Option<Confidence>,
}

impl Inherited {
    /// Nothing made out yet but the severity.
    pub fn of(rule: &Rule) -> Self {
        let stated = severity::stated(&Record::default(), Some(rule));
        Self { stated, identifiers: OnceCell::new(), rest: OnceCell::new() }
    }
}

/// Whether a result of this rule says nothing itself of what it would inherit.
pub fn inherits(record: &Record<'_>, rule: &Rule) -> bool {
    let id = rules::id_of(record).unwrap_or(rule.id.trim());
    id == rule.id && record.properties.is_empty() && record.taxa.is_empty()
}
