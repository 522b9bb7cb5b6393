//! What is read of a profile's controls and their results.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::lenient::{Number, Text, or_default};

/// A control, with what came of it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Control {
    pub id: Text,
    pub title: Text,
    pub desc: Text,
    pub impact: Number,
    pub tags: Value,
    #[serde(deserialize_with = "source")]
    pub source_location: Source,
    #[serde(deserialize_with = "or_default")]
    pub results: Vec<Outcome>,
    #[serde(deserialize_with = "or_default")]
    pub waiver_data: Waiver,
}

/// A place in a profile.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Source {
    pub r#ref: Text,
    pub line: Number,
}

/// Where a control is written. What converts reports of other tools gives the name of the host in its place, which is no
/// file; the control is read all the same.
fn source<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
    Value::deserialize(deserializer).map(|source| Source::deserialize(source).unwrap_or_default())
}

impl Control {
    /// The texts of these tags.
    pub fn tagged(&self, tags: &[&str]) -> Vec<String> {
        tags.iter().flat_map(|tag| strings(&self.tags[*tag])).collect()
    }

    /// The text of a tag that is an object with an `id`.
    pub fn id_of_tag(&self, tag: &str) -> Vec<String> {
        strings(&self.tags[tag]["id"])
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// The result of one test of a control.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Outcome {
    pub status: Text,
    pub code_desc: Text,
    pub message: Text,
    pub start_time: Text,
}

/// A decision about a control.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Waiver {
    pub justification: Text,
    pub expiration_date: Text,
    pub skipped_due_to_waiver: Value,
}
