//! One reader, on bytes that need not look like its format: the format that `DETENTE_FORMAT` names, or, without it, one
//! that the first two bytes choose. Every row of the table is reached.

#![no_main]

use std::sync::LazyLock;

use detente::ingest::Formats;
use libfuzzer_sys::fuzz_target;

fn known() -> &'static Formats<'static> {
    static KNOWN: LazyLock<Formats<'static>> = LazyLock::new(|| Formats::with(detente_fuzz::mappings()));
    &KNOWN
}

fn chosen(bytes: &[u8]) -> Option<(&'static str, &[u8])> {
    static IDS: LazyLock<Vec<String>> = LazyLock::new(|| known().all().map(|known| known.id().to_owned()).collect());
    static NAMED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("DETENTE_FORMAT").ok());
    if let Some(named) = NAMED.as_ref() {
        assert!(IDS.contains(named), "no format is called {named}");
        return Some((named, bytes));
    }
    let (first, rest) = bytes.split_first_chunk()?;
    Some((&IDS[usize::from(u16::from_le_bytes(*first)) % IDS.len()], rest))
}

fuzz_target!(|bytes: &[u8]| {
    if let Some((id, bytes)) = chosen(bytes) {
        let report = detente_fuzz::read(bytes, &known().assuming(id));
        assert_eq!(report.format.as_deref(), Some(id));
    }
});
