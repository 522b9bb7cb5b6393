//! Elements of XML as JSON values.

use serde_json::{Map, Value};

use crate::ingest::xml::Element;

/// An element as a value: its text if it has nothing else; otherwise an object of its attributes (`@name`), its text
/// (`#text`) and its children by name, several of one name as a list.
pub fn of(element: &Element) -> Value {
    if element.attributes.is_empty() && element.children.is_empty() {
        return Value::String(element.text.clone());
    }
    let mut members = Map::new();
    for (name, value) in &element.attributes {
        members.insert(format!("@{name}"), Value::String(value.clone()));
    }
    if !element.text.is_empty() {
        members.insert("#text".to_owned(), Value::String(element.text.clone()));
    }
    for child in &element.children {
        let value = of(child);
        match members.get_mut(&child.name) {
            None => drop(members.insert(child.name.clone(), value)),
            Some(Value::Array(list)) => list.push(value),
            Some(single) => *single = Value::Array(vec![single.take(), value]),
        }
    }
    Value::Object(members)
}
