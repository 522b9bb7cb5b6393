//! What can go wrong between the bytes of a report and what an adapter takes out of them.

/// Why a document cannot be read (any further).
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The JSON is not well formed or not of the expected shape.
    #[error("not valid JSON for this format: {0}")]
    Json(#[from] serde_json::Error),
    /// The JSON is not well formed.
    #[error("not valid JSON for this format: {what} at line {line} column {column}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// Something else stands where a list belongs; what is beside it was read.
    #[error("expected a list at line {line} column {column}")]
    NoList {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The JSON ends too early.
    #[error("it is cut off at line {line} column {column}")]
    CutOff {
        /// Line, from 1.
        line: usize,
        /// Column of the last byte, from 1.
        column: usize,
    },
    /// The XML is not well formed.
    #[error("not valid XML: {0}")]
    Xml(String),
    /// The CSV is not well formed.
    #[error("not valid CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The bytes cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The document goes beyond a bound.
    #[error("{0}")]
    Bound(String),
    /// The content contradicts the format.
    #[error("{0}")]
    Content(String),
}
