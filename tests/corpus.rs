//! Reads a corpus of real scanner outputs and compares the number of findings with what others count.
//!
//! Not part of `cargo test`, because the corpus is not part of the repository: `cargo test --test corpus`. It is looked
//! for in `$DETENTE_CORPUS`, or in `../shared/corpus` beside this crate, and needs a `MANIFEST.csv` with the columns
//! `path`, `format`, `expected` and `expected_source`.
//!
//! Another tool's number is its model's number. Where ours differs, `corpus-explained.csv` says why; a difference to a
//! number that an upstream test asserts must be explained, or the run fails. So does an explanation that is out of date.

#![allow(clippy::print_stdout, reason = "the output of this program is its report")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use detente::ingest::{Formats, Limits, ingest};
use detente::model::mapping::Described;
use detente::model::report::Report;

type Failure = Box<dyn std::error::Error>;

/// One row of the manifest.
struct Row {
    path: String,
    format: String,
    expected: Option<usize>,
    source: String,
}

impl Row {
    /// Whether the number is asserted by a test of the project that it comes from.
    fn is_asserted(&self) -> bool {
        matches!(self.source.as_str(), "dd_unit_test/verified" | "upstream_test")
    }

    /// Whether the manifest calls the file a report of a format in our table.
    fn is_ours(&self) -> bool {
        let is = |id: &str| self.format == id || self.format.starts_with(&format!("{id}-"));
        Formats::with(mappings()).all().any(|known| is(known.id()))
    }
}

/// What was found, against what was expected, of one format.
#[derive(Default)]
struct Tally {
    files: usize,
    compared: usize,
    expected: usize,
    found: usize,
    differing: usize,
    unread: u64,
}

fn main() -> Result<ExitCode, Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = std::env::var_os("DETENTE_CORPUS").map_or_else(|| here.join("../shared/corpus"), PathBuf::from);
    if !corpus.join("MANIFEST.csv").is_file() {
        println!("corpus: absent (looked for {}); nothing was compared", corpus.join("MANIFEST.csv").display());
        return Ok(ExitCode::SUCCESS);
    }
    let rows = manifest(&corpus)?;
    let explained = explanations(&here.join("tests/corpus-explained.csv"))?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut unexplained = Vec::new();
    // A file may have several rows, for several ways of counting.
    let mut used: BTreeSet<&String> = BTreeSet::new();
    for row in &rows {
        let report = read(&corpus.join(&row.path))?;
        if report.format.is_none() && !row.is_ours() {
            continue;
        }
        let found = report.observations.len();
        let format = report.format.clone().unwrap_or_else(|| "(not recognised)".to_owned());
        let tally = tallies.entry(format).or_default();
        tally.files += 1;
        tally.unread += report.unread;
        let Some(expected) = row.expected else { continue };
        tally.compared += 1;
        tally.expected += expected;
        tally.found += found;
        let ours = if report.format.is_some() { found.to_string() } else { "none".to_owned() };
        if report.format.is_some() && found == expected {
            continue;
        }
        tally.differing += 1;
        let explanation = explained.get_key_value(&row.path);
        used.extend(explanation.map(|(path, _)| path));
        let why = match explanation.map(|(_, explanation)| explanation) {
            Some((count, why)) if *count == ours => why.clone(),
            Some((count, _)) => format!("NOT EXPLAINED any more: the explanation is for {count}"),
            None => "NOT EXPLAINED".to_owned(),
        };
        if why.starts_with("NOT EXPLAINED") && row.is_asserted() {
            unexplained.push(row.path.clone());
        }
        println!("{}\n    {} expected ({}), {ours} found: {why}", row.path, expected, row.source);
        for problem in report.problems.iter().take(2) {
            println!("    problem: {}", problem.message);
        }
    }
    println!(
        "\n{:<18}{:>7}{:>10}{:>10}{:>8}{:>11}{:>8}",
        "format", "files", "compared", "expected", "found", "differing", "unread"
    );
    for (format, t) in &tallies {
        println!(
            "{format:<18}{:>7}{:>10}{:>10}{:>8}{:>11}{:>8}",
            t.files, t.compared, t.expected, t.found, t.differing, t.unread
        );
    }
    println!("\n{} files were read, none made the reader panic", rows.len());
    let traps = open_traps(&corpus)?;
    for path in &unexplained {
        println!("not explained: {path}");
    }
    for path in &traps {
        println!("an incomplete report passes for a complete one: {path}");
    }
    let stale: Vec<&String> = explained.keys().filter(|path| !used.contains(path)).collect();
    for path in &stale {
        println!("explained, but does not differ: {path}");
    }
    let good = unexplained.is_empty() && traps.is_empty() && stale.is_empty();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The formats described by data.
fn mappings() -> &'static [Described] {
    static MAPPINGS: LazyLock<Vec<Described>> =
        LazyLock::new(|| detente::rules::load(&[]).map(|rules| rules.formats).unwrap_or_default());
    &MAPPINGS
}

fn read(path: &Path) -> Result<Report, Failure> {
    let input = path.to_str().ok_or("a path of the corpus is not UTF-8")?.to_owned();
    let mut reports = ingest(&[input], &mut io::empty(), &Formats::with(mappings()), &Limits::default())?;
    // Of an archive the report in it counts.
    reports.sort_by_key(|report| report.format.is_some());
    reports.pop().ok_or_else(|| format!("no report came of {}", path.display()).into())
}

fn manifest(corpus: &Path) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(corpus.join("MANIFEST.csv"))?.into_deserialize::<BTreeMap<String, String>>() {
        let mut record = record?;
        let mut take = |name: &str| record.remove(name).ok_or_else(|| format!("MANIFEST.csv has no column {name}"));
        rows.push(Row {
            path: take("path")?,
            format: take("format")?,
            expected: take("expected")?.parse().ok(),
            source: take("expected_source")?,
        });
    }
    Ok(rows)
}

/// Path → our count (or `none`) and why it differs.
fn explanations(path: &Path) -> Result<BTreeMap<String, (String, String)>, Failure> {
    let mut explained = BTreeMap::new();
    for record in csv::Reader::from_path(path)?.into_deserialize::<(String, String, String)>() {
        let (path, ours, why) = record?;
        explained.insert(path, (ours, why));
    }
    Ok(explained)
}

/// Files known to be incomplete that were read without a word about it.
fn open_traps(corpus: &Path) -> Result<Vec<String>, Failure> {
    let sets: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(corpus.join("CROSS_TOOL_SETS.json"))?)?;
    let traps = sets["completeness_traps"].as_array().ok_or("CROSS_TOOL_SETS.json has no completeness_traps")?;
    let mut open = Vec::new();
    for trap in traps {
        let file = trap["file"].as_str().ok_or("a trap has no file")?;
        let report = read(&corpus.join(file))?;
        let told = report.problems.iter().any(|problem| problem.evidence_missing) || !report.suppressed.is_empty();
        if !told {
            open.push(file.to_owned());
        }
    }
    Ok(open)
}
