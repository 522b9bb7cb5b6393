//! Commands and ticked boxes in comments: text of anybody who may comment.

#![no_main]

use detente::forge::request::{in_comment, reset, ticked};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(Err(why)) = in_comment(text) {
        assert!(why.len() < 4_000, "an answer of {} bytes", why.len());
    }
    let cleared = reset(text);
    assert_eq!(reset(&cleared), cleared, "boxes are cleared at once");
    assert_eq!(ticked(text, text), None, "nothing was ticked");
    assert_eq!(ticked(text, &cleared), None, "clearing is no choice");
});
