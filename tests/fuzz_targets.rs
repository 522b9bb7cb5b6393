//! The fuzz targets, without a fuzzer: each is built, and holds on reports of the fixtures and on every input that once
//! made it fail (`tests/fixtures/fuzz/TARGET/`). `fuzz/run.sh` looks for others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::pedantic, reason = "the targets are the fuzzer's")]
#![allow(unused_attributes, reason = "`no_main` is for the fuzzer's programs")]

// The names by which the targets call what they share.
extern crate self as detente_fuzz;
extern crate self as libfuzzer_sys;

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
mod shared;
pub use shared::{is_told, mappings, read};

/// The targets by name, each in a module of its own.
macro_rules! targets {
    ($($name:ident $path:literal),* $(,)?) => {
        $(#[path = $path] mod $name;)*
        const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::holds)),*];
    };
}

targets! {
    appetite "../fuzz/fuzz_targets/appetite.rs",
    brief "../fuzz/fuzz_targets/brief.rs",
    comment "../fuzz/fuzz_targets/comment.rs",
    condition "../fuzz/fuzz_targets/condition.rs",
    mapping "../fuzz/fuzz_targets/mapping.rs",
    reader "../fuzz/fuzz_targets/reader.rs",
    recognised "../fuzz/fuzz_targets/recognised.rs",
    record "../fuzz/fuzz_targets/record.rs",
    signature "../fuzz/fuzz_targets/signature.rs",
    statements "../fuzz/fuzz_targets/statements.rs",
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_target_is_one_of_the_fuzzer_and_of_this_test() {
    let names: Vec<String> = files(&here("fuzz/fuzz_targets"))
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let manifest = fs::read_to_string(here("fuzz/Cargo.toml")).unwrap();
    for name in names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built by the fuzzer");
    }
    for folder in files(&here("tests/fixtures/fuzz")) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "{name} is no target");
    }
}

#[test]
fn every_target_holds_on_what_it_is_for_and_on_what_made_it_fail() {
    let report = |name: &str| fs::read(here("tests/fixtures/reports").join(name)).unwrap();
    let mapping = [&fs::read(here("rules/formats/cycode-secrets.yaml")).unwrap()[..], b"\n---\n"].concat();
    let usual = |target: &str| match target {
        "appetite" => fs::read(here("tests/appetite/appetite.yml")).unwrap(),
        "signature" => fs::read(here("tests/appetite/cio.sig")).unwrap(),
        "condition" => b"finding.introduced && finding.severity >= CRITICAL".to_vec(),
        "comment" => b"- [x] choose **balanced**\n/detente choose balanced because it is known\n".to_vec(),
        "mapping" => [mapping.clone(), report("cycode-secrets/shop.json")].concat(),
        "statements" => report("openvex/shop.json"),
        _ => report("sarif/code.sarif"),
    };
    for (name, holds) in TARGETS {
        holds(&usual(name));
        for input in files(&here("tests/fixtures/fuzz").join(name)) {
            println!("{name}: {}", input.display());
            holds(&fs::read(input).unwrap());
        }
    }
}

/// The fuzzer's macro: here it makes a function. It stands last, so that the targets name it as they name the fuzzer's.
#[macro_export]
macro_rules! fuzz_target {
    (|$input:ident: &[u8]| $body:block) => {
        pub fn holds($input: &[u8]) $body
    };
    (|$input:ident: &str| $body:block) => {
        pub fn holds(bytes: &[u8]) {
            let Ok($input) = std::str::from_utf8(bytes) else { return };
            $body
        }
    };
}
