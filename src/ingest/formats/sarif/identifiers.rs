//! The public names of what a result is about, wherever tools write them.

use std::borrow::Cow;

use super::context::Context;
use crate::model::identifier::Identifier;

/// The public names of a result, which it may inherit.
pub fn of<'a>(context: &Context<'a>) -> Cow<'a, [Identifier]> {
    match context.inherited {
        Some(rule) => Cow::Borrowed(rule.identifiers.get_or_init(|| context.of_rule_alone(identifiers))),
        None => Cow::Owned(identifiers(context)),
    }
}

/// Every name that the rule, its tags, or the properties state, each once.
fn identifiers(context: &Context<'_>) -> Vec<Identifier> {
    let properties = context.property(&["cve", "CVE", "cves", "ghsa", "aliases"]).unwrap_or_default();
    let rule = context.rule.map(|rule| [rule.name.as_deref().unwrap_or_default(), rule.short_description.plain()]);
    let texts = [context.rule_id(), properties].into_iter().chain(context.tags()).chain(rule.into_iter().flatten());
    let mut found: Vec<Identifier> = Vec::new();
    for text in texts {
        let named = Identifier::find_in(text).into_iter().chain(advisory(text));
        for identifier in named {
            Identifier::add_to(&mut found, identifier);
        }
    }
    found
}

/// A text that as a whole is the name of an advisory.
pub fn advisory(text: &str) -> Option<Identifier> {
    const SCHEMES: &[&str] =
        &["RUSTSEC-", "GO-2", "PYSEC-", "OSV-", "SNYK-", "ELSA-", "RHSA-", "ALAS", "DSA-", "USN-", "MAL-"];
    let text = text.trim();
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)).then(|| Identifier::parse(text)).flatten()
}
