//! What stands at a path within a row.

use serde_json::Value;

use crate::model::mapping::{Check, Expression, Reference, Segment, names};

/// A row, or something that a row is in: a value, and the name by which its parent calls it.
#[derive(Debug, Clone, Copy)]
pub struct Level<'v> {
    /// Name of the member; empty for elements of lists.
    pub key: &'v str,
    /// The value.
    pub value: &'v Value,
}

/// Every value at a path. A list where a member is asked for means each of its elements.
pub fn values<'v>(from: Level<'v>, path: &[Segment], found: &mut Vec<Level<'v>>) {
    let Some((segment, rest)) = path.split_first() else {
        found.push(from);
        return;
    };
    match (segment, from.value) {
        (Segment::Key, _) | (_, Value::Null) => {}
        (Segment::Element, Value::Array(list)) => {
            list.iter().for_each(|value| values(Level { key: "", value }, rest, found));
        }
        (Segment::Element, _) => values(from, rest, found),
        (_, Value::Array(list)) => {
            list.iter().for_each(|value| values(Level { key: "", value }, path, found));
        }
        (Segment::Member(name), Value::Object(members)) => {
            if let Some((key, value)) = members.get_key_value(name) {
                values(Level { key, value }, rest, found);
            }
        }
        (Segment::AnyMember, Value::Object(members)) => {
            members.iter().for_each(|(key, value)| values(Level { key, value }, rest, found));
        }
        (Segment::Where(name, says), Value::Object(members)) => {
            let mut texts = Vec::new();
            members.get(name).into_iter().for_each(|value| push_texts(value, &mut texts));
            if texts.contains(says) {
                values(from, rest, found);
            }
        }
        (Segment::Member(_) | Segment::AnyMember | Segment::Where(..), _) => {}
    }
}

/// Every text at a path, blank ones aside. `levels` is the row with what it is in before it.
pub fn texts(levels: &[Level<'_>], reference: &Reference) -> Vec<String> {
    let Some(from) = levels.len().checked_sub(reference.up + 1).map(|index| levels[index]) else { return Vec::new() };
    texts_at(from, &reference.path.0)
}

/// Every text at a path from a value, blank ones aside.
pub fn texts_at(from: Level<'_>, path: &[Segment]) -> Vec<String> {
    let mut found = Vec::new();
    let named = path.last() == Some(&Segment::Key);
    values(from, if named { &path[..path.len() - 1] } else { path }, &mut found);
    let mut texts = Vec::new();
    for level in found {
        if named {
            texts.push(level.key.to_owned());
        } else {
            push_texts(level.value, &mut texts);
        }
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

fn push_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.trim().to_owned()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Bool(flag) => texts.push(flag.to_string()),
        Value::Array(list) => list.iter().for_each(|value| push_texts(value, texts)),
        Value::Object(members) => members.get("#text").into_iter().for_each(|text| push_texts(text, texts)),
        Value::Null => {}
    }
}

/// Every text that an expression gives.
pub fn all(levels: &[Level<'_>], expression: &Expression) -> Vec<String> {
    match expression {
        Expression::Literal(text) => vec![text.clone()],
        Expression::Reference(reference) => texts(levels, reference),
        Expression::Template(parts) => {
            let parts: Option<Vec<String>> = parts.iter().map(|part| all(levels, part).into_iter().next()).collect();
            parts.map(|parts| parts.concat()).into_iter().collect()
        }
    }
}

/// Every text that any of the expressions gives.
pub fn every(levels: &[Level<'_>], expressions: &[Expression]) -> Vec<String> {
    expressions.iter().flat_map(|expression| all(levels, expression)).collect()
}

/// The first text that any of the expressions gives.
pub fn first(levels: &[Level<'_>], expressions: &[Expression]) -> Option<String> {
    expressions.iter().find_map(|expression| all(levels, expression).into_iter().next())
}

/// Whether a condition holds.
pub fn holds(levels: &[Level<'_>], check: &Check) -> bool {
    let texts = texts(levels, &check.reference);
    check.values.iter().any(|value| match value.as_str() {
        "" => texts.is_empty(),
        "*" => !texts.is_empty(),
        value => texts.iter().any(|text| names(value, text)),
    })
}
