//! Dialects of tools that look at code and settings.

use super::super::context::Context;
use super::super::identifiers;
use super::counted::Class;
use crate::ingest::secret;
use crate::model::category::Category;
use crate::model::identifier::Identifier;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// Semgrep calls every rule very precise; the real confidence is a tag (`LOW CONFIDENCE`).
pub fn semgrep(context: &Context<'_>, observation: &mut Observation) {
    observation.confidence =
        context.tags().find_map(|tag| tag.strip_suffix(" CONFIDENCE")).and_then(Confidence::from_word);
}

/// Rules of Semgrep about secrets are known by their place in the rule tree, those about packages by their ids.
pub fn class_of_semgrep(context: &Context<'_>, class: &mut Class) {
    let rule = context.rule_id();
    if rule.contains(".secrets.") {
        class.category = Category::Secret;
    } else if rule.starts_with("ssc-") && names(context, |_| true) {
        class.category = Category::Dependency;
    }
}

/// Checkov marks every result as an error whether or not it knows a severity; only `security-severity` is one. Its
/// rules about secrets and packages are known by their ids.
pub fn class_of_checkov(context: &Context<'_>, class: &mut Class) {
    if context.property(&["security-severity"]).is_none() {
        class.severity = Severity::Unknown;
    }
    if context.rule_id().starts_with("CKV_SECRET") {
        class.category = Category::Secret;
    } else if names(context, |id| id.is_cve() || id.is_ghsa()) {
        class.category = Category::Dependency;
    }
}

/// Kingfisher quotes the first match at the end of its message: `First match: app.py, snippet: …`.
pub fn kingfisher(_: &Context<'_>, observation: &mut Observation) {
    const SNIPPET: &str = "snippet: ";
    for text in [&mut observation.title, &mut observation.description] {
        if let Some((before, snippet)) = text.split_once(SNIPPET) {
            *text = [before, SNIPPET, &secret::masked(snippet)].concat();
        }
    }
}

/// Whether a tag of Datadog's static analyser marks a rule of its search for credentials, which it runs beside or in place of
/// its analysis of code.
pub fn is_secret_of_datadog(tag: &str) -> bool {
    tag.eq_ignore_ascii_case("DATADOG_RULE_TYPE:SECRET")
}

/// Datadog's static analyser marks what a rule is for.
pub fn class_of_datadog(context: &Context<'_>, class: &mut Class) {
    if context.tags().any(is_secret_of_datadog) {
        class.category = Category::Secret;
    }
}

/// Whether one of the public names of what a result is about fits.
fn names(context: &Context<'_>, fits: impl Fn(&Identifier) -> bool) -> bool {
    identifiers::of(context).iter().any(fits)
}

/// Gitleaks states no severity; the specification's default level would only pretend one.
pub fn class_of_gitleaks(context: &Context<'_>, class: &mut Class) {
    let stated = context.record.level.is_some()
        || context.rule.is_some_and(|rule| rule.default_configuration.as_ref().is_some_and(|c| c.level.is_some()))
        || context.property(&["security-severity", "severity"]).is_some();
    if !stated {
        class.severity = Severity::Unknown;
    }
}

/// Checkmarx One runs several engines; the one that found it stands behind the rule's id: `Reflected_XSS (sast)`.
pub fn class_of_checkmarx(context: &Context<'_>, class: &mut Class) {
    let engine = context.rule_id().rsplit_once('(').map_or("", |(_, engine)| engine.trim_end_matches(')'));
    class.category = match engine {
        "sca" | "sca-container" => Category::Dependency,
        "containers" => Category::Container,
        "kics" | "iac" | "iac-security" => Category::Configuration,
        "sscs-secret-detection" | "secrets" => Category::Secret,
        _ => Category::Code,
    };
}

/// The rules of Veracode are weaknesses, by their bare numbers: `78`.
pub fn veracode(context: &Context<'_>, observation: &mut Observation) {
    if observation.cwe.is_empty() {
        observation.cwe.extend(context.rule_id().parse::<u32>().ok().filter(|number| *number > 0));
    }
}
