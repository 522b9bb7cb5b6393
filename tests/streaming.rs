//! Large reports: memory that does not grow with the bytes, the same answer however the bytes come, and the same bytes
//! out whatever the order of the inputs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use detente::ingest::{Formats, Limits, count, ingest};
use detente::rules;
use wait4::Wait4 as _;

const DETENTE: &str = env!("CARGO_BIN_EXE_detente");

/// A log of one run with so many results. The rules, from which the results have their levels, come behind them.
fn log(results: usize) -> String {
    let mut log = "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[".to_owned();
    for number in 0..results {
        let comma = if number == 0 { "" } else { "," };
        let (rule, line) = (number % 7, number / 50 + 1);
        let flow = "{\"location\":{\"message\":{\"text\":\"a step on the way\"}}},".repeat(12);
        write!(
            log,
            "{comma}{{\"ruleId\":\"r{rule}\",\"message\":{{\"text\":\"problem {number} of this kind\"}},\"codeFlows\":[{{\"threadFlows\":\
             [{{\"locations\":[{flow}null]}}]}}],\"locations\":[{{\"physicalLocation\":{{\"artifactLocation\":{{\"uri\":\
             \"src/f{}.c\"}},\"region\":{{\"startLine\":{line}}}}}}}]}}",
            number % 50
        )
        .unwrap();
    }
    log.push_str("],\"tool\":{\"driver\":{\"name\":\"Some Tool\",\"rules\":[");
    for rule in 0..7 {
        let comma = if rule == 0 { "" } else { "," };
        let level = ["error", "warning", "note"][rule % 3];
        write!(log, "{comma}{{\"id\":\"r{rule}\",\"defaultConfiguration\":{{\"level\":\"{level}\"}}}}").unwrap();
    }
    log.push_str("]}}}]}");
    log
}

/// What `detente inspect` prints, and its peak memory in bytes.
fn inspect(folder: &Path, name: &str, input: Option<&str>) -> (String, u64) {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut command = Command::new(DETENTE);
    let child =
        command.args(["inspect", name]).current_dir(folder).env("COLUMNS", "200").stdin(stdin).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    if let Some(text) = input {
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(text.as_bytes()).unwrap();
    }
    let mut out = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut out).unwrap();
    let ended = child.wait4().unwrap();
    assert!(ended.status.success(), "{out}");
    (out, ended.rusage.maxrss)
}

#[test]
fn counting_takes_no_more_memory_however_long_the_report_is() {
    let folder = tempfile::tempdir().unwrap();
    let of = |results: usize| {
        let name = format!("{results}.sarif");
        fs::write(folder.path().join(&name), log(results)).unwrap();
        inspect(folder.path(), &name, None)
    };
    let ((small, least), (large, most)) = (of(5_000), of(20_000));
    assert!(small.contains("5000 (2143 high, 1429 medium, 1428 low)"), "{small}");
    assert!(large.contains("20000 (8572 high, 5714 medium, 5714 low)"), "{large}");
    // Four times as long, 13 MB more: held results would take more than that.
    assert!(most < least + (4 << 20), "{least} and {most} bytes at most");
}

#[test]
fn what_is_counted_is_what_would_be_read() {
    let known = rules::load_formats(&[]).unwrap();
    let (formats, limits) = (Formats::with(&known), Limits::default());
    let inputs = [format!("{}/tests/fixtures/reports", env!("CARGO_MANIFEST_DIR"))];
    let read = ingest(&inputs, &mut io::empty(), &formats, &limits).unwrap();
    let counted = count(&inputs, &mut io::empty(), &formats, &limits).unwrap();
    assert!(read.len() > 150 && read.len() == counted.len());
    for (read, counted) in read.iter().zip(&counted) {
        let mut open = BTreeMap::new();
        read.observations.iter().for_each(|seen| *open.entry(seen.severity).or_default() += 1);
        assert_eq!((&counted.tally.open, counted.tally.suppressed), (&open, read.suppressed.len()), "{}", read.path);
        assert_eq!(format!("{:?}", counted.scan), format!("{:?}", read.scan), "{}", read.path);
        assert_eq!((counted.unread, &counted.problems), (read.unread, &read.problems), "{}", read.path);
    }
}

#[test]
fn what_is_read_once_is_what_is_looked_through_first() {
    let folder = tempfile::tempdir().unwrap();
    let text = log(5_000);
    fs::write(folder.path().join("log.sarif"), &text).unwrap();
    let file = inspect(folder.path(), "log.sarif", None).0;
    let stream = inspect(folder.path(), "-", Some(&text)).0;
    let row = |table: &str| {
        let row = table.lines().find(|line| line.contains("some tool")).unwrap();
        row.split('┆').map(|cell| cell.trim_matches(['│', ' ']).to_owned()).skip(1).collect::<Vec<_>>()
    };
    assert_eq!(row(&file), row(&stream));
}

#[test]
fn the_order_of_the_inputs_makes_no_difference_to_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports");
    let mut inputs: Vec<String> = ["sarif/code.sarif", "sarif/packages.sarif", "sarif/analysers.sarif"]
        .iter()
        .map(|name| reports.join(name).to_str().unwrap().to_owned())
        .collect();
    let large = folder.path().join("large.sarif");
    fs::write(&large, log(300)).unwrap();
    inputs.push(large.to_str().unwrap().to_owned());
    let brief = |inputs: &[String], threads: &str| {
        let output = Command::new(DETENTE)
            .arg("gate")
            .args(inputs)
            .args(["--format", "json", "--now", "2026-11-22T12:00:00Z", "--repository"])
            .arg(folder.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let expected = brief(&inputs, "1");
    for turn in 0..inputs.len() {
        inputs.rotate_left(1);
        inputs.swap(0, turn % 2 + 1);
        assert!(brief(&inputs, "2") == expected, "{inputs:?}");
    }
}
