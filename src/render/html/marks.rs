//! Shapes that say the same as colours, so that neither is needed to understand the other. They are drawn in `marks.svg`.

use crate::model::appetite::OptionName;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

/// The shape of an option, wherever it is spoken of.
pub const fn option(name: OptionName) -> &'static str {
    name.as_str()
}

/// The shape and colour of a verdict, and of a row's state.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WithinAppetite => "within",
        Verdict::WithinTolerance => "amber",
        Verdict::BeyondTolerance => "beyond",
        Verdict::Unresolved => "open",
    }
}

/// How many of four bars a severity fills.
pub const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Unknown | Severity::Info => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}
