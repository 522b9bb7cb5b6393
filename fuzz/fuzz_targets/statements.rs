//! Statements of VEX beside what a scanner found: they may move a finding to those that are not counted, and back, but
//! no finding is ever lost, and a statement adds none to another report.

#![no_main]

use detente::ingest::Formats;
use libfuzzer_sys::fuzz_target;

const FOUND: &[u8] = include_bytes!("../../tests/fixtures/reports/grype/image.json");

fuzz_target!(|bytes: &[u8]| {
    let formats = Formats::with(detente_fuzz::mappings());
    let reports = vec![detente_fuzz::read(FOUND, &formats), detente_fuzz::read(bytes, &formats)];
    let rows = |report: &detente::model::report::Report| report.observations.len() + report.suppressed.len();
    let before: Vec<usize> = reports.iter().map(rows).collect();
    let heeded = detente::correlate::heed(reports);
    assert_eq!(heeded.iter().map(rows).collect::<Vec<_>>(), before);
});
