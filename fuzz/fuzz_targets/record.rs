//! Records of the ledger: what is read is what would be written, byte for byte, and lies where its name says.

#![no_main]

use detente::model::digest::Digest;
use detente::model::ledger::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = Record::read(bytes) {
        assert_eq!(record.bytes(), bytes);
        let path = record.path();
        assert_eq!(path, record.path_of(&Digest::of(bytes)));
        assert!(!path.starts_with('/') && !path.split('/').any(|part| matches!(part, "" | "." | "..")), "{path}");
    }
});
