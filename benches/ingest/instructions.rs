//! Instructions of the 20 MB case, as callgrind counts them: they do not drift, so a regression shows on a busy machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::Outcome;
use super::measure::{ratio, say};

/// What is counted, and what was recorded for it, in millions; `UPDATE_INSTRUCTIONS=1` writes what is counted.
const RECORDED: &str = include_str!("instructions");

/// How far a count may move before it is a change: compilers and machines differ a little.
const TOLERATED: f64 = 0.03;

/// Counts, and compares with what was recorded.
pub fn count(own: &str, file: &Path) -> Outcome<()> {
    println!(
        "-- instructions, in millions (callgrind, one thread, {})",
        file.file_name().unwrap_or_default().display()
    );
    let recorded: BTreeMap<&str, f64> = RECORDED
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(k, v)| Some((k, v.parse().ok()?)))
        .collect();
    let mut text = String::new();
    let mut moved = Vec::new();
    for part in ["count", "read"] {
        let counted = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", own])
            .arg(format!("--{part}"))
            .arg(file)
            .env("RAYON_NUM_THREADS", "1")
            .output();
        let Ok(counted) = counted else {
            say("   instructions", "no valgrind", "");
            return Ok(());
        };
        let said = String::from_utf8_lossy(&counted.stderr).into_owned();
        let line = said.lines().find(|line| line.contains("Collected")).ok_or("callgrind counted nothing")?;
        let number: f64 = line.rsplit(' ').next().unwrap_or_default().parse()?;
        let millions = number / 1e6;
        writeln!(text, "{part} {millions:.0}")?;
        let before = recorded.get(part).copied().filter(|before| *before > 0.0);
        let change = before.map_or_else(|| "none recorded".to_owned(), |before| ratio(millions / before));
        say(&format!("   {part}"), &format!("{millions:.0}"), "");
        say("   against what is recorded in benches/ingest/instructions", &change, "0.97 to 1.03×");
        if before.is_some_and(|before| (millions / before - 1.0).abs() > TOLERATED) {
            moved.push(format!("{part} by {change}"));
        }
    }
    if std::env::var_os("UPDATE_INSTRUCTIONS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ingest/instructions"), text)?;
    } else if !moved.is_empty() {
        return Err(format!(
            "the instructions moved: {}. If that is meant, record it: UPDATE_INSTRUCTIONS=1 cargo bench --bench ingest",
            moved.join(", ")
        )
        .into());
    }
    Ok(())
}
