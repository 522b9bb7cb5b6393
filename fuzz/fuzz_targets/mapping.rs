//! The declarative mapping language: a mapping file, a line `---`, and a report that it is tried on.

#![no_main]

use detente::ingest::Formats;
use libfuzzer_sys::fuzz_target;

const BETWEEN: &[u8] = b"\n---\n";

fuzz_target!(|bytes: &[u8]| {
    let Some(at) = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN) else { return };
    let (mapping, report) = (&bytes[..at], &bytes[at + BETWEEN.len()..]);
    match detente::rules::mapping("rules/formats/fuzzed.yaml", mapping) {
        Ok(mapping) => {
            detente_fuzz::read(report, &Formats::only(&mapping));
            detente_fuzz::read(report, &Formats::only(&mapping).assuming("fuzzed"));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
