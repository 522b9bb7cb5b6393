//! One run of a log (SARIF 2.1.0, 3.14) while it is read.

use super::places::Places;
use super::properties::Properties;
use super::rules::Rules;
use super::wire::{Invocation, Record, VersionControl};

/// One run while it is read.
#[derive(Debug, Default)]
pub struct Run {
    pub rules: Rules,
    pub version: Option<String>,
    /// Whether `results` is there as a list, even an empty one; absent or `null` says that nothing was scanned.
    pub has_results: bool,
    pub results: Vec<Record>,
    pub places: Places,
    pub invocations: Vec<Invocation>,
    pub version_control: Vec<VersionControl>,
    pub properties: Properties,
}
