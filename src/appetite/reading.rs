//! Bytes → [`Appetite`]: strict YAML, the version, then what the keys mean.

use super::{meaning, wire};
use crate::document::{Document, DocumentError, MOST_BYTES};
use crate::model::appetite::Appetite;
use crate::model::spelling::nearest;

/// Reads an appetite file. `origin` is the name to show: a path, a path at a revision, or that of a built-in profile.
///
/// The result is unsigned; see [`agreement`](super::agreement()). The ids of timeline tables are not checked, since they
/// depend on the rules; see [`check_timelines`].
pub fn read(bytes: &[u8], origin: &str) -> Result<Appetite, DocumentError> {
    let document = Document::read(bytes, origin, MOST_BYTES)?;
    // A later version may have keys that this program does not know: say so, and not that they are misspelt.
    match document.scalar("version") {
        Some("1") => {}
        Some(other) => {
            return Err(document
                .error_at("version", format!("version {other} of the appetite file is not known here"))
                .with_help("this program reads version 1; a newer program may read more"));
        }
        None => return Err(document.error_at("", "the key `version` is missing").with_help("begin with `version: 1`")),
    }
    meaning::appetite(&document, document.content()?, bytes)
}

/// Checks that every timeline table which the appetite names is one of `known`.
///
/// `bytes` are those that the appetite was read from.
pub fn check_timelines(bytes: &[u8], appetite: &Appetite, known: &[&str]) -> Result<(), DocumentError> {
    let document = Document::read(bytes, &appetite.origin, MOST_BYTES)?;
    let mut named = Vec::new();
    if let Some(id) = &appetite.timeline {
        named.push((if document.has("timelines.default") { "timelines.default" } else { "timelines" }.to_owned(), id));
    }
    named.extend(appetite.timelines.iter().map(|(category, id)| (format!("timelines.{category}"), id)));
    for (at, service) in appetite.services.iter().enumerate() {
        let obligations = service.obligations.iter().enumerate();
        named.extend(obligations.map(|(index, id)| (format!("services[{at}].obligations[{index}]"), id)));
    }
    for (path, id) in named {
        if !known.contains(&id.as_str()) {
            let guess =
                nearest(id, known.iter().copied()).map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            return Err(document
                .error_at(&path, format!("there is no timeline table `{id}`{guess}"))
                .with_help(format!("known tables: {}", known.join(", "))));
        }
    }
    Ok(())
}

/// The JSON Schema of the appetite file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(wire::File).to_value()
}
