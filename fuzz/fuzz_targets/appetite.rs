//! The strict reader of YAML: the appetite file, and each kind of rule file. An error points into the file.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let once = detente::appetite::read(bytes, "appetite.yml");
    match &once {
        Ok(appetite) => drop(detente::appetite::remarks(appetite, Timestamp::UNIX_EPOCH)),
        Err(error) => assert!(error.to_string().contains("appetite.yml"), "{error}"),
    }
    assert_eq!(format!("{once:?}"), format!("{:?}", detente::appetite::read(bytes, "appetite.yml")));
    for path in [
        "rules/timelines/fuzzed.yaml",
        "rules/treatments/fuzzed.yaml",
        "rules/formats/fuzzed.yaml",
        "rules/exposure.yaml",
    ] {
        for problem in detente::rules::problems(&[(path.to_owned(), bytes.to_vec())]) {
            assert!(!problem.to_string().is_empty());
        }
    }
});
