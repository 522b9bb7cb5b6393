//! Signatures, public keys and files of allowed signers. No signature holds for bytes that nobody signed.

#![no_main]

use detente::appetite::TrustedKeys;
use detente::signature::{public_key, same_key, signed_by};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for namespace in ["detente-appetite", "git"] {
        assert!(signed_by(b"nobody ever signed this\n", bytes, namespace).is_err(), "it holds for {namespace}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = public_key(text) {
        assert!(same_key(text, &key.text), "{} is another key", key.text);
    }
    if let Err(error) = TrustedKeys::parse(text) {
        assert!((1..=text.lines().count()).contains(&error.line), "{error}");
    }
});
