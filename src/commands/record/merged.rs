//! Which of the changes that promised something are on the branch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;

use crate::change::{self, Sought};
use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::ledger::Snapshot;
use crate::model::ledger::{Baseline, Event, History};

/// How many changes a sentence names.
const MOST_NAMED: usize = 3;

/// The heads of changes with promises that the branch at `commit` has, however they were merged.
pub(in crate::commands) fn heads(
    repository: &Path,
    snapshot: Option<&Snapshot<'_>>,
    history: &History,
    before: Option<&Baseline>,
    commit: &str,
) -> Result<Vec<String>, CommandError> {
    let mut wanted: BTreeMap<(&str, &str), Timestamp> = BTreeMap::new();
    for entry in history.commitments.values().flatten() {
        if let Event::Made { change, head, .. } = &entry.record.event {
            let made = wanted.entry((change, head)).or_insert(entry.record.made);
            *made = entry.record.made.min(*made);
        }
    }
    // What was once seen there is there as long as the branch goes on from where it was seen.
    let goes_on = before.filter(|before| change::contains(repository, commit, &before.commit) == Some(true));
    let known = |head: &str| goes_on.is_some_and(|before| before.contains.iter().any(|other| other == head));
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut sought = Vec::new();
    for ((change, head), made) in wanted {
        if known(head) {
            found.insert(head.to_owned());
        } else {
            sought.push(self::sought(snapshot, change, head, made)?);
        }
    }
    let there = change::merged(repository, commit, &sought).unwrap_or_default();
    found.extend(sought.into_iter().zip(there).filter(|(_, there)| *there).map(|(change, _)| change.head));
    Ok(found.into_iter().collect())
}

fn sought(snapshot: Option<&Snapshot<'_>>, change: &str, head: &str, made: Timestamp) -> Result<Sought, CommandError> {
    let (judged, decided) = match snapshot {
        Some(snapshot) => {
            (snapshot.assessments(change).map_err(refused)?, snapshot.decisions(change).map_err(refused)?)
        }
        None => (Vec::new(), Vec::new()),
    };
    let judged = judged.iter().map(|entry| (entry.record.at, entry.record.head.as_str()));
    let decided = decided.iter().map(|entry| (entry.record.assessed_at, entry.record.head.as_str()));
    let mut all: Vec<_> = judged.chain(decided).collect();
    all.sort_unstable();
    // A name may be used again: of what came before, nothing says that this is on the branch.
    let at = all.iter().position(|(_, other)| *other == head).unwrap_or(all.len());
    let mut later: Vec<String> = all[at..].iter().map(|(_, other)| (*other).to_owned()).collect();
    later.sort();
    later.dedup();
    let since = all.first().map_or(made, |(at, _)| made.min(*at));
    Ok(Sought { name: change.to_owned(), head: head.to_owned(), later, since })
}

/// That nothing shows whether these changes are on the branch, with how many commitments each of them waits; `None` if
/// none does.
pub(super) fn unknown(waiting: &BTreeMap<&str, usize>, now: &Baseline) -> Option<String> {
    let commit: String = now.commit.chars().take(10).collect();
    let mut names: Vec<String> = waiting.keys().take(MOST_NAMED).map(|change| (*change).to_owned()).collect();
    if waiting.len() > MOST_NAMED {
        names.push(format!("{} more", waiting.len() - MOST_NAMED));
    }
    let (are, them, one) = match waiting.len() {
        0 => return None,
        1 => ("is", "it", "it"),
        _ => ("are", "them", "one of them"),
    };
    let (stay, their) = match waiting.values().sum() {
        1 => ("stays", "1 commitment".to_owned()),
        many => ("stay", format!("{many} commitments")),
    };
    Some(format!(
        "It is not known that {} {are} on {}: no commit of {them} is found there at {commit}, so {their} {stay} open. If {one} \
         was merged, fetch its branch here and the whole history of {}, and record again; if {one} was given up, \
         `detente ledger withdraw NAME`.",
        names.join(", "),
        now.branch,
        now.branch,
    ))
}
