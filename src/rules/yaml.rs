//! The pieces of YAML that all rule files use.

use serde::Deserialize;

use crate::document::{Document, DocumentError};
use crate::model::basis::{Basis, Range};

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
            WrittenClaim::Source(Source { published }) if published.trim().is_empty() => {
                Err("`published` names no source".to_owned())
            }
            WrittenClaim::Source(Source { published }) => Ok(Self::Published(published)),
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
    /// The range, if it is in order and lies within 0 and `most`; `at` is where it stands.
    pub fn within(self, most: f64, document: &Document, at: &str) -> Result<Range, DocumentError> {
        let Self { low, likely, high } = self;
        if 0.0 <= low && low <= likely && likely <= high && high <= most {
            Ok(Range { low, likely, high })
        } else {
            let message = format!("expected 0 ≤ low ≤ likely ≤ high ≤ {most}, found {low}, {likely}, {high}");
            Err(document.error_at(at, message))
        }
    }
}

/// Refuses a text that says nothing; `at` is where it stands.
pub fn said(text: &str, document: &Document, at: &str) -> Result<String, DocumentError> {
    let text = text.trim();
    if text.is_empty() { Err(document.error_at(at, "this is empty")) } else { Ok(text.to_owned()) }
}
