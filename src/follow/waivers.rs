//! Waivers: what they are about, and whether they are still needed.

use crate::model::ledger::{Baseline, Waiver};

/// Whether nothing that a waiver is about is found any more.
pub fn obsolete(waiver: &Waiver, latest: &Baseline) -> bool {
    !waiver.findings.is_empty()
        && latest.at > waiver.from
        && waiver.findings.iter().all(|finding| latest.findings.iter().all(|other| other.id != finding.id))
}

/// What a waiver is about, in a few words.
pub fn subject(waiver: &Waiver) -> String {
    let titles: Vec<&str> = waiver.findings.iter().map(|finding| finding.title.as_str()).collect();
    match (waiver.row.as_str(), titles.as_slice()) {
        ("", titles) => titles.join(", "),
        (row, []) => row.to_owned(),
        (row, titles) => format!("{row}: {}", titles.join(", ")),
    }
}
