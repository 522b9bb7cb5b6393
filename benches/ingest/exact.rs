//! Target 1: every number of the manifest that the generator wrote beside a report.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use detente::model::severity::Severity;
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::measure::say;
use super::reading::read;

/// What a report holds: as its manifest says, or as we read it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Numbers {
    /// Results, those that are not counted included.
    findings: usize,
    /// Those of them that are not counted.
    suppressed: usize,
    by_tool: BTreeMap<String, usize>,
    /// By SARIF's level, which comes from the rule where a result has none. The generator gives critical and high
    /// problems the level `error`, medium ones `warning`, all others `note`.
    by_level: BTreeMap<String, usize>,
    /// By the band of the score, where one is given.
    by_security_severity: BTreeMap<String, usize>,
}

/// Where the manifest of a report is.
pub fn manifest(file: &Path) -> PathBuf {
    file.with_extension("manifest.json")
}

fn stated(file: &Path) -> Outcome<Numbers> {
    Ok(serde_json::from_slice(&fs::read(manifest(file))?)?)
}

/// Number of results of a report.
pub fn findings(file: &Path) -> Outcome<u64> {
    Ok(stated(file)?.findings as u64)
}

/// Compares a report as we read it, in a process of its own, with its manifest.
pub fn check(own: &str, kind: &str, file: &Path) -> Outcome<()> {
    let mut stated = stated(file)?;
    let output = Command::new(own).arg("--exact").arg(file).output()?;
    let mut read: Numbers = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{}: {error}: {}", file.display(), String::from_utf8_lossy(&output.stdout)))?;
    if kind == "sarif" {
        // Not every result has a score; where there is none, a level is no score. Only a score makes a problem critical.
        for numbers in [&mut stated, &mut read] {
            numbers.by_security_severity.retain(|band, _| band == "critical");
        }
    }
    let equal = stated == read;
    let what = format!("1  {kind}: results, kept apart, by tool, level, score ({})", stated.findings);
    say(&what, if equal { "equal" } else { "NOT EQUAL" }, "equal");
    if equal { Ok(()) } else { Err(format!("manifest: {stated:?}\nread:     {read:?}").into()) }
}

/// Prints what a report holds as we read it.
pub fn print(path: &str) -> Outcome<()> {
    let reports = read(&[path.to_owned()])?;
    let report = reports.first().ok_or("no report")?;
    if report.unread > 0 || report.problems.iter().any(|problem| problem.evidence_missing) {
        return Err(format!("{} not understood: {:?}", report.unread, report.problems).into());
    }
    let mut numbers = Numbers {
        findings: 0,
        suppressed: report.suppressed.iter().map(|seen| seen.occurrences as usize).sum(),
        by_tool: BTreeMap::new(),
        by_level: BTreeMap::new(),
        by_security_severity: BTreeMap::new(),
    };
    for seen in report.seen() {
        let rows = seen.occurrences as usize;
        let tool = seen.tool.as_deref().unwrap_or(&report.scan.tool);
        let level = match seen.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info | Severity::Unknown => "note",
        };
        let band = match seen.severity {
            Severity::Unknown => "none",
            known => known.as_str(),
        };
        numbers.findings += rows;
        for (map, key) in
            [(&mut numbers.by_tool, tool), (&mut numbers.by_level, level), (&mut numbers.by_security_severity, band)]
        {
            *map.entry(key.to_owned()).or_default() += rows;
        }
    }
    println!("{}", serde_json::to_string(&numbers)?);
    Ok(())
}
