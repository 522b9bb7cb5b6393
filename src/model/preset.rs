//! What a regulation asks of an appetite, as a starting point.

/// A regulation or standard, as far as it goes into an appetite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Id, equal to the file name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of the regulation.
    pub version: String,
    /// Who published it and where.
    pub source: String,
    /// Timeline table that carries its time limits; `None` if it sets none in days.
    pub timeline: Option<String>,
    /// What it says, clause by clause.
    pub clauses: Vec<Clause>,
    /// Tolerance rows that it leads to, as lines of an appetite file; empty if none.
    pub rows: String,
}

/// One clause, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Where it stands (`requirement 6.3.3`).
    pub clause: String,
    /// What it asks for, and what of it is in the file.
    pub says: String,
}
