//! Parts of the library, each measured in a process of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use detente::ingest::{Formats, Limits, count};
use detente::model::intel::Intel;
use detente::model::report::Report;
use detente::{appetite, assess, change, correlate, intel, rules};
use jiff::Timestamp;
use serde::Deserialize;

use super::reading::read;
use super::{Outcome, exact};

/// Does what the first word asks for; `None` if it is no such word.
pub fn run(words: &[String]) -> Option<Outcome<()>> {
    let (first, rest) = words.split_first()?;
    Some(match first.as_str() {
        "--typed" => typed(Path::new(&rest[0])),
        "--read" => read(rest).map(|reports| println!("{}", observations(&reports))),
        "--count" => counted(rest),
        "--verdict" => verdict(&rest[0], &rest[1], &rest[2]),
        "--exact" => exact::print(&rest[0]),
        _ => return None,
    })
}

/// The yardstick: the same log parsed from memory into types that borrow, which is what `serde_json` does best.
fn typed(path: &Path) -> Outcome<()> {
    #[derive(Deserialize)]
    struct Log<'a> {
        #[serde(borrow)]
        runs: Vec<Run<'a>>,
    }
    #[derive(Deserialize)]
    struct Run<'a> {
        #[serde(borrow, default)]
        results: Vec<Record<'a>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Record<'a> {
        #[serde(borrow)]
        rule_id: Option<Text<'a>>,
        #[serde(borrow)]
        level: Option<Text<'a>>,
    }
    // Of an `Option<Cow<str>>` serde would make a copy.
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let bytes = fs::read(path)?;
    let log: Log<'_> = serde_json::from_slice(&bytes)?;
    let results = log.runs.iter().flat_map(|run| &run.results);
    let named = results
        .filter(|record| [&record.rule_id, &record.level].into_iter().flatten().any(|text| !text.0.is_empty()))
        .count();
    println!("{named}");
    Ok(())
}

fn observations(reports: &[Report]) -> usize {
    reports.iter().map(|report| report.observations.len()).sum()
}

fn counted(paths: &[String]) -> Outcome<()> {
    let read = count(paths, &mut std::io::empty(), &Formats::with(&[]), &Limits::default())?;
    println!("{}", read.iter().map(|counted| counted.tally.open()).sum::<usize>());
    Ok(())
}

/// Two logs of one project to a verdict by the built-in cautious profile: what `gate` does before it plans.
fn verdict(now: &str, before: &str, folder: &str) -> Outcome<()> {
    let profile = rules::profile("cautious").ok_or("no cautious profile")?;
    let appetite = appetite::read(profile.as_bytes(), "built-in profile").map_err(|error| error.render(false))?;
    let rules = rules::load(&[])?;
    let (reports, base) = (read(&[now.to_owned()])?, read(&[before.to_owned()])?);
    let (mut reports, base) = (correlate::heed(reports), correlate::heed(base));
    let change = change::read(Path::new(folder), None, false);
    let inventory = correlate::correlate(&reports, Some(base), &change);
    reports.iter_mut().for_each(|report| drop(report.take_observations()));
    let feeds = Intel::default();
    let knowledge: Vec<_> = inventory.findings.iter().map(|finding| intel::know(finding, &feeds)).collect();
    let evidence = assess::Evidence {
        reports: &reports,
        change: &change,
        appetite: &appetite,
        rules: &rules,
        accepted: &BTreeMap::new(),
        known_since: &BTreeMap::new(),
        now: Timestamp::UNIX_EPOCH,
    };
    let assessment = assess::assess(&evidence, inventory, knowledge);
    println!("{} {}", assessment.verdict, assessment.findings.len());
    Ok(())
}
