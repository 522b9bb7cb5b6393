//! A finding that somebody entitled to it accepted until a date.

use jiff::Timestamp;

use super::severity::Severity;

/// An acceptance as it bears on one finding. It does not make the finding any less exposed: it only settles that nobody
/// has to decide about it again before it ends, and that a date which may be waived is that of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Id of the waiver.
    pub waiver: String,
    /// Until when.
    pub until: Timestamp,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// How severe the finding was when it was accepted: a worse one is another matter.
    pub severity: Severity,
    /// Whether it was known to be exploited then.
    pub exploited: bool,
}

impl Acceptance {
    /// Why the acceptance is not about the finding as it stands now, as the rest of a sentence; `None` if it is.
    pub fn outgrown(&self, severity: Severity, exploited: bool) -> Option<String> {
        if severity > self.severity {
            return Some(format!("is {} now, and was {} then", severity.as_str(), self.severity.as_str()));
        }
        (exploited && !self.exploited).then(|| "is known to be exploited since then".to_owned())
    }
}
