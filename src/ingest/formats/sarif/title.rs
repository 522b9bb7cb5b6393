//! What a result is called: its rule's own short name for the problem, or else what it says itself.

use super::context::Context;
use super::message;
use crate::ingest::plain;

/// The rule's own short name for the problem, if it is more than its id; else what the result says.
pub fn of(context: &Context<'_>) -> String {
    let full = context.rule.map_or("", |rule| rule.full_description.plain());
    let name = context.rule.and_then(|rule| rule.name.as_deref()).unwrap_or_default();
    let texts = [short_name(context), context.message(), full, name, context.rule_id()];
    titled(texts.into_iter().find(|text| !text.trim().is_empty()).unwrap_or("a result without a message"))
}

/// The rule's short name for the problem, if it has one that is more than its id.
pub fn of_rule(context: &Context<'_>) -> Option<String> {
    Some(short_name(context)).filter(|short| !short.trim().is_empty()).map(titled)
}

fn short_name<'c>(context: &Context<'c>) -> &'c str {
    let id = context.rule_id();
    let short = context.rule.map_or("", |rule| rule.short_description.plain());
    let bare = short.strip_prefix('[').and_then(|rest| rest.strip_prefix(id)?.strip_prefix(']')).unwrap_or(short);
    if id.len() < 4 || !bare.contains(id) { bare } else { "" }
}

fn titled(text: &str) -> String {
    plain::title(message::first_line(text))
}
