//! Hostile and damaged reports: whatever the bytes are, the reader ends with a report that says what is wrong.
//!
//! Every fixture is changed at random places, from a fixed seed, so that a run says the same twice. What a change does
//! to the findings is not looked at here; that nothing panics, hangs or passes for something else is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use detente::ingest::{Formats, Limits, ingest, ingest_bytes};
use detente::model::report::Report;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

/// How often each fixture is changed.
const CHANGES: u32 = 48;

fn read(bytes: &[u8]) -> Report {
    let mappings = detente::rules::load(&[]).unwrap().formats;
    ingest_bytes("-", bytes, &Formats::with(&mappings), &Limits::default()).unwrap()
}

fn is_told(report: &Report) -> bool {
    report.unread > 0 || report.problems.iter().any(|problem| problem.evidence_missing)
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|format| fs::read_dir(format.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// One change: where (as a share of the length), what kind, and a byte for it.
fn changed(bytes: &[u8], changes: &[(f64, u8, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (share, kind, byte) in changes {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share"
        )]
        let at = (share * bytes.len() as f64) as usize;
        let end = (at + usize::from(*byte)).min(bytes.len());
        match kind % 6 {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 => drop(bytes.drain(at..end)),
            2 => bytes.insert(at, b"{}[]\"\\,:<>&\0\x1b\xff0-"[usize::from(*byte) % 17]),
            3 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part.repeat(usize::from(*byte % 5)));
            }
            4 => bytes.truncate(at),
            _ => bytes.splice(at..end, "\u{202e}\u{430}\u{0}9999999999999999999999".bytes()).for_each(drop),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn a_changed_report_never_makes_the_reader_panic() {
    let mappings = detente::rules::load(&[]).unwrap().formats;
    for path in fixtures() {
        let original = fs::read(&path).unwrap();
        let config =
            ProptestConfig { cases: CHANGES, rng_seed: RngSeed::Fixed(20_261_122), ..ProptestConfig::default() };
        let changes = proptest::collection::vec((0.0..1.0_f64, any::<u8>(), any::<u8>()), 1..6);
        let outcome = TestRunner::new(config).run(&changes, |changes| {
            let bytes = changed(&original, &changes);
            let report = ingest_bytes("-", &bytes, &Formats::with(&mappings), &Limits::default());
            prop_assert!(report.is_some(), "no report at all");
            Ok(())
        });
        assert!(outcome.is_ok(), "{}: {outcome:?}", path.display());
    }
}

/// Readers rely on what recognition saw; that must not be all that keeps them from a panic.
#[test]
fn no_reader_panics_at_the_report_of_another_tool() {
    let mappings = detente::rules::load(&[]).unwrap().formats;
    let formats = Formats::with(&mappings);
    let reports: Vec<Vec<u8>> = fixtures().iter().map(|path| fs::read(path).unwrap()).collect();
    for known in formats.all() {
        for report in &reports {
            let report = ingest_bytes("-", report, &formats.assuming(known.id()), &Limits::default()).unwrap();
            assert_eq!(report.format.as_deref(), Some(known.id()));
        }
    }
}

#[test]
fn nesting_without_end_is_told_wherever_it_stands() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for value in [&deep, &deep_object] {
        for text in [
            format!(
                "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"x\"}}}},\"results\":[{{\"ruleId\":\"a\",\"message\":{value}}}]}}]}}"
            ),
            format!("{{\"version\":\"2.1.0\",\"runs\":{value}}}"),
            format!("{{\"matches\":{value},\"descriptor\":{{\"name\":\"grype\"}}}}"),
            value.clone(),
        ] {
            // In a part that nobody looks at it does no harm; the result beside it is read.
            let report = read(text.as_bytes());
            assert!(is_told(&report) || report.observations.len() == 1, "{}…", &text[..60]);
        }
    }
    let elements = format!("<nmaprun>{}{}</nmaprun>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert!(is_told(&read(elements.as_bytes())));
}

#[test]
fn duplicate_keys_controls_and_look_alikes_lose_no_finding() {
    let sarif = |results: &str| {
        format!(
            "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"x\"}}}},\"results\":[{results}]}}]}}"
        )
    };
    // Which of two equal keys counts nobody can know: the result is unread, or read, but never gone.
    let twice = read(sarif(r#"{"ruleId":"a","ruleId":"b","message":{"text":"m"}}"#).as_bytes());
    assert!(is_told(&twice) || twice.observations.len() == 1);
    let lists = read(
        br#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"ruleId":"a","message":{"text":"m"}}],"results":[]}]}"#,
    );
    assert_eq!(lists.observations.len(), 1, "an empty list after a list hides nothing");
    // Nor does a second member within a row of a format that is described by data.
    let mapped = read(
        br#"{"type":"flattened","content":{"data.a":{"policyInfo":{"fullyQualifiedPolicyName":"data.a"},
            "violations":[{"canonicalLink":"https://x.example","status":"FAILED"}],"violations":[]}}}"#,
    );
    assert_eq!((mapped.format.as_deref(), mapped.unread), (Some("legitify"), 1), "{:?}", mapped.problems);
    let control = read(sarif("{\"ruleId\":\"a\u{1}\",\"message\":{\"text\":\"m\"}}").as_bytes());
    assert!(is_told(&control));
    let escaped = read(sarif(r#"{"ruleId":"a\u0000\u001b[2J","message":{"text":"m\u202e"}}"#).as_bytes());
    assert!(escaped.observations[0].rule.chars().all(|c| !c.is_control()), "{:?}", escaped.observations[0].rule);
    // A Cyrillic letter makes another rule, not the same one.
    let alike = read(
        sarif("{\"ruleId\":\"a\",\"message\":{\"text\":\"m\"}},{\"ruleId\":\"\u{430}\",\"message\":{\"text\":\"m\"}}")
            .as_bytes(),
    );
    assert_eq!(alike.observations.len(), 2);
}

#[test]
fn very_many_results_with_one_id_and_one_very_long_text_are_read() {
    let row = r#"{"ruleId":"a","message":{"text":"m"},"fingerprints":{"f":"same"}}"#;
    let text = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"x\"}}}},\"results\":[{}]}}]}}",
        vec![row; 100_000].join(",")
    );
    let report = read(text.as_bytes());
    assert_eq!(report.observations.iter().map(|o| o.occurrences).sum::<u32>(), 100_000);
    let long = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"x\"}}}},\"results\":[{{\"ruleId\":\"a\",\"message\":{{\"text\":\"{}\"}}}}]}}]}}",
        "m".repeat(20 << 20)
    );
    let report = read(long.as_bytes());
    assert_eq!(report.observations.len(), 1);
    assert!(report.observations[0].title.len() < 2_000 && report.observations[0].description.len() < 20_000);
}

/// A text that nobody could hold is told about, and no more of it is held than the bound says.
#[test]
fn one_text_without_end_is_told_about() {
    let head =
        br#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"ruleId":"a","message":{"text":""#;
    let mut endless = head.chain(std::io::repeat(b'm').take(1 << 30)).chain(&br#""}}]}]}"#[..]);
    let report = ingest(&["-".to_owned()], &mut endless, &Formats::with(&[]), &Limits::default()).unwrap().remove(0);
    let messages: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(is_told(&report) && messages.iter().any(|message| message.contains("larger than 256 MiB")), "{messages:?}");
}
