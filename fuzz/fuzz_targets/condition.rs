//! Conditions of tolerance rows and rules: each is a condition or an error with a place within it.

#![no_main]

use detente::model::condition::Condition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Condition::compile(text) {
        Ok(condition) => {
            assert_eq!(condition.text(), text);
            let facts: Vec<&str> = condition.facts().collect();
            let again = Condition::compile(text).expect("it compiled before");
            assert_eq!(again.facts().collect::<Vec<_>>(), facts);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
