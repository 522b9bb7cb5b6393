//! What is published about a change, whatever the forge calls it.

use std::collections::BTreeMap;

/// Everything that one brief has to say on a forge.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// Name of the change that the brief is about, as the run that made it says.
    pub change: String,
    /// The note in the discussion, markdown. Its first line is the marker by which it is found again.
    pub note: String,
    /// That first line.
    pub marker: &'static str,
    /// Whether there is nothing to choose and nothing to do: a note that exists is then folded, and none is begun.
    pub resolved: bool,
    /// How the change stands.
    pub status: Status,
    /// Labels of ours that the change should have now; other labels of ours are taken away.
    pub labels: Vec<&'static str>,
    /// Results that pipelines go on with.
    pub outputs: BTreeMap<&'static str, String>,
}

/// Labels of ours begin with this.
pub const LABEL_FAMILY: &str = "detente: ";

/// How a change stands, beside its commits.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// In one word.
    pub conclusion: Conclusion,
    /// In one line.
    pub title: String,
    /// In a paragraph or two, markdown.
    pub summary: String,
    /// Remarks on lines of the change, the weightiest first.
    pub remarks: Vec<Remark>,
}

/// A status in one word. There is none that says "failed": a finding is not a mistake of the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conclusion {
    /// Go ahead.
    Proceed,
    /// Something to know, nothing that holds the change.
    #[default]
    Advice,
    /// Somebody has to decide or to complete the evidence.
    Needed,
}

/// A remark on a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Whether it concerns something that stands beyond tolerance.
    pub weighty: bool,
    /// In a few words, plain text.
    pub title: String,
    /// In a sentence or two, plain text.
    pub message: String,
}

/// Somebody who promised, as the forge knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// Name of the account.
    pub login: String,
    /// Its number.
    pub id: u64,
}

/// A promise that a decision made, followed up where the team plans its work.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// Stable name.
    pub id: String,
    /// What is promised, plain text.
    pub title: String,
    /// Everything that whoever does it needs to know, markdown.
    pub body: String,
    /// The day by which it is promised.
    pub due: jiff::civil::Date,
    /// Estimated effort in hours.
    pub hours: f64,
    /// Those who promised.
    pub owners: Vec<Owner>,
    /// Whether it was verified to be done.
    pub verified: bool,
}
