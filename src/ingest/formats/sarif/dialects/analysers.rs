//! Dialects of tools that look at code and settings.

use super::super::context::Context;
use crate::model::category::Category;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// Semgrep calls every rule very precise; the real confidence is a tag (`LOW CONFIDENCE`). Rules about secrets are known
/// by their place in the rule tree.
pub fn semgrep(context: &Context<'_>, observation: &mut Observation) {
    observation.confidence =
        context.tags().find_map(|tag| tag.strip_suffix(" CONFIDENCE")).and_then(Confidence::from_word);
    let rule = context.rule_id();
    if rule.contains(".secrets.") {
        observation.category = Some(Category::Secret);
    } else if rule.starts_with("ssc-") && !observation.identifiers.is_empty() {
        observation.category = Some(Category::Dependency);
    }
}

/// Checkov marks every result as an error whether or not it knows a severity; only `security-severity` is one. Its
/// rules about secrets and packages are known by their ids.
pub fn checkov(context: &Context<'_>, observation: &mut Observation) {
    if context.property(&["security-severity"]).is_none() {
        observation.severity = Severity::Unknown;
    }
    if context.rule_id().starts_with("CKV_SECRET") {
        observation.category = Some(Category::Secret);
    } else if observation.identifiers.iter().any(|id| id.is_cve() || id.is_ghsa()) {
        observation.category = Some(Category::Dependency);
    }
}

/// Gitleaks states no severity; the specification's default level would only pretend one.
pub fn gitleaks(context: &Context<'_>, observation: &mut Observation) {
    let stated = context.record.level.is_some()
        || context.rule.is_some_and(|rule| rule.default_configuration.as_ref().is_some_and(|c| c.level.is_some()))
        || context.property(&["security-severity", "severity"]).is_some();
    if !stated {
        observation.severity = Severity::Unknown;
    }
}

/// Checkmarx One runs several engines; the one that found it stands behind the rule's id: `Reflected_XSS (sast)`.
pub fn checkmarx(context: &Context<'_>, observation: &mut Observation) {
    let engine = context.rule_id().rsplit_once('(').map_or("", |(_, engine)| engine.trim_end_matches(')'));
    observation.category = Some(match engine {
        "sca" | "sca-container" => Category::Dependency,
        "containers" => Category::Container,
        "kics" | "iac" | "iac-security" => Category::Configuration,
        "sscs-secret-detection" | "secrets" => Category::Secret,
        _ => Category::Code,
    });
}
