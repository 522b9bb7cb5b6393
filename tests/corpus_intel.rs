//! Real feeds, vectors and published tables, which are not part of the repository.
//!
//! Not run by `cargo test`, which needs nothing from outside; run it with `cargo test --test corpus_intel`. The folder is
//! `../shared/corpus`, or what `DETENTE_CORPUS` says. Each check prints what it counted and ends the run with exit code
//! 1 if something differs.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a check run by hand")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use detente::intel::{know, read_epss, read_kev};
use detente::model::category::Category;
use detente::model::cvss::Cvss;
use detente::model::finding::Finding;
use detente::model::identifier::Identifier;
use detente::model::intel::{Intel, Knowledge};
use detente::model::severity::Severity;

fn main() -> ExitCode {
    let folder = std::env::var_os("DETENTE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    if !folder.is_dir() {
        println!("no corpus at {}: nothing was checked", folder.display());
        return ExitCode::SUCCESS;
    }
    let differences = [vectors(&folder), tables(&folder), feeds(&folder)].concat();
    for difference in differences.iter().take(20) {
        println!("DIFFERS {difference}");
    }
    println!("{} differences", differences.len());
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A finding of which only vector and names are known.
fn finding(vector: &str, names: Vec<Identifier>) -> Finding {
    Finding {
        cvss: vec![Cvss { vector: vector.to_owned(), ..Cvss::default() }],
        identifiers: names,
        ..Finding::new(String::new(), Category::Dependency, String::new(), Severity::Unknown)
    }
}

/// Red Hat's vectors: `<vector> - (<base>, …)` for v2 and v3, `<vector> - <score>` or `(<score>,)` for v4.
fn vectors(folder: &Path) -> Vec<String> {
    let mut differences = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = fs::read_dir(folder.join("RedHatProductSecurity__cvss/tests"))
        .expect("the folder of vectors")
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for line in
        files.iter().flat_map(|file| fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let Some((vector, expected)) = line.split_once(" - ") else { continue };
        let first = expected.trim_start_matches('(').split([',', ')']).next().unwrap();
        let expected: f64 = first.trim().parse().unwrap();
        count += 1;
        let found = know(&finding(vector, Vec::new()), &Intel::default()).cvss;
        let right = found.as_ref().is_some_and(|found| {
            (found.score - expected).abs() < 1e-9
                && found.metrics.is_some()
                && found.impact.is_some_and(|impact| (0.0..=1.0).contains(&impact) && (impact > 0.0 || expected < 1e-9))
        });
        if !right {
            differences.push(format!("{line}: {found:?}"));
        }
    }
    println!("{count} CVSS vectors");
    differences
}

/// The built-in tables against the published files, row by row in their order.
fn tables(folder: &Path) -> Vec<String> {
    let rules = detente::rules::load(&[]).expect("the built-in rules");
    let mut differences = Vec::new();
    for (id, path, rows) in [
        ("cisa-bod-26-04", "cisa/cisa_bod_26_04_1_0_0.csv", 16),
        ("ssvc-deployer", "ssvc/deployer_patch_application_priority_1_0_0.csv", 72),
    ] {
        let table = &rules.timelines[id];
        let mut published = csv::Reader::from_path(folder.join("CERTCC__SSVC/data/csv").join(path)).unwrap();
        let header: Vec<String> = published.headers().unwrap().iter().map(str::to_lowercase).collect();
        for (column, title) in table.columns.iter().zip(&header[1..]) {
            if !title.starts_with(&column.replace('_', " ")) {
                differences.push(format!("{id}: column {column} is called {title}"));
            }
        }
        let published: Vec<Vec<String>> =
            published.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let ours: Vec<Vec<String>> = table
            .rows
            .iter()
            .enumerate()
            .map(|(number, row)| [&[number.to_string()], row.values.as_slice(), &[row.outcome.clone()]].concat())
            .collect();
        println!("{id}: {} rows", ours.len());
        if ours != published || ours.len() != rows {
            differences.push(format!("{id} is not the published table"));
        }
    }
    differences
}

/// CISA's catalogue in both forms, and FIRST's scores, plain and compressed.
fn feeds(folder: &Path) -> Vec<String> {
    let open = |path: &str| File::open(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let json = read_kev(open("cisagov__kev-data/known_exploited_vulnerabilities.json")).expect("KEV as JSON");
    let csv = read_kev(open("cisagov__kev-data/known_exploited_vulnerabilities.csv")).expect("KEV as CSV");
    let ransomware = json.entries.values().filter(|entry| entry.ransomware).count();
    println!(
        "KEV {}: {} entries, {ransomware} with ransomware; as CSV {}",
        json.version,
        json.entries.len(),
        csv.version
    );
    let wanted: BTreeSet<Identifier> = json.entries.keys().cloned().collect();
    let full =
        read_epss(open("EMBA-support-repos__EPSS-data/epss_scores-2026-08-16.full.csv.gz"), &wanted).expect("EPSS");
    let part =
        read_epss(open("EMBA-support-repos__EPSS-data/epss_scores-2026-08-16.subset.csv"), &wanted).expect("EPSS");
    println!("EPSS {} of {}: {} of {} wanted", full.model, full.date, full.scores.len(), wanted.len());
    let mut differences = Vec::new();
    if json.entries != csv.entries || json.entries.is_empty() {
        differences.push("KEV differs between JSON and CSV".to_owned());
    }
    if part.scores.iter().any(|(name, score)| full.scores.get(name) != Some(score)) {
        differences.push("EPSS differs between the full file and its part".to_owned());
    }
    let log4shell = Identifier::parse("CVE-2021-44228").into_iter().collect();
    let intel = Intel { kev: Some(json), epss: Some(full) };
    let Knowledge { epss, kev, .. } = know(&finding("", log4shell), &intel);
    println!("Log4Shell: {epss:?} {kev:?}");
    if !(kev.is_some_and(|kev| kev.listed) && epss.is_some_and(|epss| epss.probability > 0.5)) {
        differences.push("Log4Shell is not what the feeds say".to_owned());
    }
    differences
}
