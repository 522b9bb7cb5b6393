//! `presets/<id>.yaml`: what a regulation asks of an appetite. Used to write a new one, and for nothing else.

use serde::Deserialize;

use crate::document::{Document, DocumentError};
use crate::model::preset::{Clause, Preset};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    version: String,
    source: String,
    timeline: Option<String>,
    clauses: Vec<FileClause>,
    #[serde(default)]
    rows: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileClause {
    clause: String,
    says: String,
}

/// Reads one preset.
pub(super) fn read(id: &str, document: &Document) -> Result<Preset, DocumentError> {
    let file: File = document.content()?;
    let clauses = file.clauses.into_iter().map(|clause| Clause { clause: clause.clause, says: clause.says }).collect();
    Ok(Preset {
        id: id.to_owned(),
        title: file.title,
        version: file.version,
        source: file.source,
        timeline: file.timeline,
        clauses,
        rows: file.rows,
    })
}
