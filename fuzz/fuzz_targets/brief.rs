//! A brief that `choose` and `publish` read back from a file: what is read is written again as the same brief, and its
//! figures can be recomputed whatever they are.

#![no_main]

use detente::render::json::v1::Brief;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(brief) = serde_json::from_slice::<Brief>(bytes) else { return };
    let written = serde_json::to_vec(&brief).expect("a brief is written");
    let again: Brief = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(written, serde_json::to_vec(&again).expect("a brief is written"));
    drop(detente::recompute::check(&brief));
});
