//! The YAML of rule files, and the pieces that all of them use.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::basis::{Basis, Range};

/// Reads a rule file. Unknown keys are refused by the types.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Where a figure comes from: the word `assumed`, or `published: <name, date, address>`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenClaim")]
pub enum Claim {
    Assumed,
    Published(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected `assumed`, or `published:` with name, date and address")]
enum WrittenClaim {
    Word(String),
    Source(Source),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    published: String,
}

impl TryFrom<WrittenClaim> for Claim {
    type Error = String;

    fn try_from(written: WrittenClaim) -> Result<Self, String> {
        match written {
            WrittenClaim::Word(word) if word == "assumed" => Ok(Self::Assumed),
            WrittenClaim::Word(word) => {
                Err(format!("`{word}` is no basis: expected `assumed`, or `published:` with name, date and address"))
            }
            WrittenClaim::Source(source) => said(&source.published, "published").map(Self::Published),
        }
    }
}

impl Claim {
    /// The basis of a figure in the rule `id`.
    pub fn into_basis(self, id: &str) -> Basis {
        match self {
            Self::Assumed => Basis::Assumed(id.to_owned()),
            Self::Published(source) => Basis::Published(source),
        }
    }
}

/// A figure with its uncertainty.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    low: f64,
    likely: f64,
    high: f64,
}

impl Spread {
    /// The range, if it is in order and lies within 0 and `most`; `what` names it in the error.
    pub fn within(self, most: f64, what: &str) -> Result<Range, String> {
        let Self { low, likely, high } = self;
        if 0.0 <= low && low <= likely && likely <= high && high <= most {
            Ok(Range { low, likely, high })
        } else {
            Err(format!("{what}: expected 0 ≤ low ≤ likely ≤ high ≤ {most}, found {low}, {likely}, {high}"))
        }
    }
}

/// Refuses a text that says nothing.
pub fn said(text: &str, what: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err(format!("{what} is empty")) } else { Ok(text.to_owned()) }
}
