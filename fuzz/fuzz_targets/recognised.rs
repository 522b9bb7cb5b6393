//! Recognition and reading together, as `inspect` does it, archives and compressed reports included. What was read
//! without a complaint must complain once its end is missing.

#![no_main]

use detente::ingest::Formats;
use detente_fuzz::{is_told, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let formats = Formats::with(detente_fuzz::mappings());
    let report = read(bytes, &formats);
    let text = bytes.trim_ascii();
    // Of CSV and of bare text nobody can tell that the end is missing; of a list or an element everybody can.
    let has_an_end = matches!(
        (text.first(), text.last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>'))
    );
    if has_an_end && !is_told(&report) {
        let cut = read(&text[..text.len() - 1], &formats);
        assert!(is_told(&cut), "as {:?} it passes for complete without its last byte", report.format);
    }
});
