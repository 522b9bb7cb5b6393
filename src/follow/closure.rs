//! Whether a commitment was kept: the same scanner and rule ran on the default branch, and the findings are gone.
//!
//! A finding that is merely no longer reported is not closed. It can vanish because the scanner was dropped, could not be
//! read, was told not to count it, left its rule out, works by other rules in another version, or because the file was
//! renamed; each of these is said. The version of a scanner makes no difference where its rule is a public advisory (a CVE): the advisory
//! is the rule then, whatever version looks for it.

use std::collections::{BTreeMap, BTreeSet};

use super::commitments::Commitment;
use super::unrecorded::speaks_to;
use crate::model::identifier::Identifier;
use crate::model::ledger::{
    Baseline, BaselineException, BaselineFinding, CommitmentEvent, Entry, Event, Promise, Promised, Saw,
};

/// How long the name of an advisory of GitHub is: `GHSA-xxxx-xxxx-xxxx`.
const GHSA: usize = 19;

/// What a new baseline says about one commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Some of its findings are still there.
    Open,
    /// It is not known yet whether the change is on the branch.
    NotMerged,
    /// Its findings are no longer reported, but that is not enough: why, in words.
    NotClosed(String),
    /// They are gone; how that is known, in words.
    Closed(String),
}

/// What `now` says about a commitment, given the baseline `before` it and the events so far.
pub fn judge(events: &[Entry<CommitmentEvent>], before: Option<&Baseline>, now: &Baseline) -> Outcome {
    let Some((head, promise)) = events.iter().find_map(|entry| match &entry.record.event {
        Event::Made { head, promise, .. } => Some((head, promise)),
        _ => None,
    }) else {
        return Outcome::Open;
    };
    let there: BTreeSet<&str> = now.findings.iter().map(|finding| finding.id.as_str()).collect();
    if promise.findings.iter().any(|finding| there.contains(finding.id.as_str())) {
        return Outcome::Open;
    }
    let seen_before = events.iter().any(|entry| matches!(entry.record.event, Event::NotClosed { .. }));
    let merged = now.contains.contains(head) || seen_before;
    let mut evidence = Vec::new();
    for finding in &promise.findings {
        let last = before.and_then(|before| {
            let found = before.findings.iter().find(|other| other.id == finding.id)?;
            Some(saw_at(before, found))
        });
        // Never seen on the branch: then what counts is how the change was scanned, once it is known to be there.
        let last = match last {
            Some(last) => last,
            None if merged => finding.saw.clone(),
            None => return Outcome::NotMerged,
        };
        if let Err(why) = gone(finding, &last, before, now) {
            return Outcome::NotClosed(why);
        }
        evidence.extend(last.iter().map(|saw| format!("{} ran {}", saw.tool, saw.rule)));
    }
    evidence.sort();
    evidence.dedup();
    let it = if promise.findings.len() == 1 { "it is" } else { "they are" };
    Outcome::Closed(format!("{} at {}, and {it} no longer found", evidence.join(", "), short(&now.commit)))
}

/// Says of each commitment of which the latest baseline finds nothing, and does not know either that its change is there,
/// that this is why it is open: nothing is recorded of it, since nothing was seen.
pub fn remark_unmerged(
    commitments: &mut [Commitment],
    events: &BTreeMap<String, Vec<Entry<CommitmentEvent>>>,
    latest: &Baseline,
) {
    for commitment in commitments.iter_mut().filter(|it| it.ended.is_none() && it.made < latest.at) {
        let events = events.get(&commitment.id).map_or(&[][..], Vec::as_slice);
        if judge(events, None, latest) == Outcome::NotMerged {
            commitment.remarks.push(format!(
                "Not closed: it is not known that {} is on {}, no commit of it is found there at {}.",
                commitment.change,
                latest.branch,
                short(&latest.commit)
            ));
        }
    }
}

/// Why a baseline does not show that a promise was kept; `None` if it does. What every reader of a closure checks again.
pub fn contradicted(promise: &Promise, baseline: &Baseline) -> Option<String> {
    for finding in &promise.findings {
        if baseline.findings.iter().any(|other| other.id == finding.id) {
            return Some(format!("{} is still found at {}", finding.title, short(&baseline.commit)));
        }
        if baseline.suppresses(&finding.id) {
            return Some(format!("a scanner was told not to count {} at {}", finding.title, short(&baseline.commit)));
        }
        for saw in &finding.saw {
            if !baseline.scans.iter().any(|scan| scan.tool == saw.tool && scan.complete) {
                return Some(format!("{} did not run in full at {}", saw.tool, short(&baseline.commit)));
            }
            if baseline.scans.iter().all(|scan| scan.tool != saw.tool || scan.dropped.contains(&saw.rule)) {
                return Some(format!("{} ran without its rule {} at {}", saw.tool, saw.rule, short(&baseline.commit)));
            }
        }
    }
    None
}

/// How the scanners saw a finding of a baseline.
fn saw_at(baseline: &Baseline, finding: &BaselineFinding) -> Vec<Saw> {
    let version = |tool: &str| baseline.scans.iter().find(|scan| scan.tool == tool).map(|scan| scan.version.clone());
    finding
        .saw
        .iter()
        .map(|(tool, rule)| Saw { tool: tool.clone(), version: version(tool).unwrap_or_default(), rule: rule.clone() })
        .collect()
}

fn gone(finding: &Promised, last: &[Saw], before: Option<&Baseline>, now: &Baseline) -> Result<(), String> {
    let title = &finding.title;
    if now.suppresses(&finding.id) {
        return Err(format!("{title}: a scanner was told not to count it; that does not fix it"));
    }
    for saw in last {
        let scans: Vec<_> = now.scans.iter().filter(|scan| scan.tool == saw.tool).collect();
        if scans.is_empty() {
            return Err(format!("{title}: {} did not run any more, so nobody looked", saw.tool));
        }
        if !scans.iter().all(|scan| scan.complete) {
            return Err(format!("{title}: the report of {} could not be read in full", saw.tool));
        }
        if scans.iter().all(|scan| scan.dropped.contains(&saw.rule)) {
            return Err(format!("{title}: {} ran without its rule {}, so nobody looked", saw.tool, saw.rule));
        }
        if let Some(told) = told(finding, saw, before, now) {
            return Err(format!(
                "{title}: {} tells {} to leave something out (`{}`), which may be this; that does not fix it",
                told.path, told.tool, told.text
            ));
        }
        let same = scans.iter().any(|scan| scan.version == saw.version);
        if !same && !is_advisory(&saw.rule) {
            let version = scans.first().map(|scan| scan.version.clone()).unwrap_or_default();
            return Err(format!(
                "{title}: {} is another version now ({} instead of {}), and its rule {} may be another one; run the former version once more",
                saw.tool,
                shown(&version),
                shown(&saw.version),
                saw.rule
            ));
        }
        let known = |id: &String| before.is_some_and(|before| before.findings.iter().any(|other| other.id == *id));
        let moved = now.findings.iter().find(|other| {
            other.path != finding.path
                && !known(&other.id)
                && before.is_some()
                && other.saw.iter().any(|(tool, rule)| (tool, rule) == (&saw.tool, &saw.rule))
        });
        if let Some(moved) = moved {
            return Err(format!(
                "{title}: {} {} is new in {} since then; it looks renamed or moved, not fixed",
                saw.tool, saw.rule, moved.path
            ));
        }
    }
    Ok(())
}

/// The line by which this scanner may have been told to leave the finding out, as far as a line can say. One that was
/// there when the finding was still found did not hide it.
fn told<'b>(
    finding: &Promised,
    saw: &Saw,
    before: Option<&Baseline>,
    now: &'b Baseline,
) -> Option<&'b BaselineException> {
    let old = before.filter(|before| before.findings.iter().any(|other| other.id == finding.id));
    let here = |path: &str| !finding.path.is_empty() && finding.path == path;
    let covers = |text: &str| {
        let place = text.trim_matches(['/', '*', ' ']);
        !place.is_empty()
            && finding.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    now.exceptions.iter().find(|line| {
        speaks_to(&line.tool, &saw.tool)
            && (here(&line.path) || line.text.contains(&saw.rule) || covers(&line.text))
            && !old.is_some_and(|before| before.exceptions.contains(line))
    })
}

/// Whether a rule is a public advisory, and not the scanner's own that is only called like one. Some scanners put the name
/// of the package behind it.
fn is_advisory(rule: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = ["CVE-", "RUSTSEC-", "GO-", "PYSEC-", "OSV-", "MAL-"].iter().any(|start| {
        let mut parts = rule.strip_prefix(start).unwrap_or_default().split('-');
        parts.next().is_some_and(|year| year.len() == 4 && digits(year)) && parts.next().is_some_and(digits)
    });
    numbered || rule.get(..GHSA).and_then(Identifier::parse).is_some_and(|id| id.is_ghsa())
}

fn shown(version: &str) -> &str {
    if version.is_empty() { "not stated" } else { version }
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}
