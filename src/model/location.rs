//! Where a finding is: in a file of the repository, or at an endpoint of a running system.

/// A place in a file. Paths are relative to the repository root with `/`, as far as the report allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Location {
    /// File path, normalised; never empty.
    pub path: String,
    /// First line, counted from 1, if the report gives one.
    pub line: Option<u32>,
    /// Last line, if the report gives one.
    pub end_line: Option<u32>,
    /// The code at that place if the report quotes it; used for identity, because it moves with the code. Findings, which have
    /// an identity, do without.
    pub snippet: Option<String>,
}

/// A place in a running system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Endpoint {
    /// Address as the report gives it, without credentials.
    pub url: String,
    /// HTTP method, upper case, if known.
    pub method: Option<String>,
    /// Parameter, header or cookie concerned, if known.
    pub parameter: Option<String>,
}
