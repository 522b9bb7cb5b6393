//! `detente ledger verify`: whether the ledger holds, and every decision in it is by whom it says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::appetite::{self, TrustedKeys};
use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::governance::Governance;
use crate::commands::ledger_place::{PlaceArgs, agreed, nothing, vouching};
use crate::commands::output;
use crate::exit::Exit;
use crate::follow::commitments::{known, level_up, permitted};
use crate::follow::{authority, closure, decide, proof, waivers};
use crate::ledger::Fault;
use crate::model::appetite::Appetite;
use crate::model::clock::is_future;
use crate::model::digest::Digest;
use crate::model::figure;
use crate::model::ledger::{Baseline, Decider, Decision, Entry, Event, Record, findings_digest};
use crate::model::verdict::Verdict;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A commit that was noted outside of the ledger, which it must still contain
    #[arg(long, value_name = "COMMIT")]
    contains: Option<String>,
}

pub(super) fn run(place: &PlaceArgs, args: &Args) -> Result<Exit, CommandError> {
    let ledger = place.open()?;
    let mut verified = ledger.verify(args.contains.as_deref()).map_err(refused)?.ok_or_else(nothing)?;
    let mut vouched = true;
    if verified.faults.is_empty()
        && let Some(snapshot) = ledger.snapshot().map_err(refused)?
    {
        let records = snapshot.everything().map_err(refused)?;
        let governance = place.governance(None).ok().filter(|found| found.appetite.binds());
        let in_force = governance.as_ref().map(|found| &found.appetite);
        let trusted = vouching(place.trusted()?, in_force);
        vouched = trusted.is_some();
        verified.faults = meaning(&records, &verified.tip, governance.as_ref(), trusted.as_ref());
        verified.doubts.extend(ahead(&records, &verified.tip, place.now()));
    }
    let (records, commits) = (figure::count(verified.records, "record"), figure::count(verified.commits, "commit"));
    let mut out = format!("{records} in {commits}, at {}\n", verified.tip);
    out.push_str(&listed(&verified.faults));
    if verified.faults.is_empty() {
        out.push_str(if vouched {
            "The ledger holds: nothing was altered or taken out, every decision is by whom it says.\n"
        } else {
            "Nothing was altered or taken out. Nobody vouches for the keys: no agreement is in force here, and those on record \
             are signed by the keys that they name themselves. With --allowed-signers it is seen whose these are.\n"
        });
        if !verified.doubts.is_empty() {
            out.push_str("Worth a look, since agreed defaults and the budget go by it: a clock was wrong, or somebody wrote by hand.\n");
            out.push_str(&listed(&verified.doubts));
        }
        output::print(&out)?;
        return Ok(Exit::Proceed);
    }
    out.push_str("The ledger does not hold. What is named here counts for nothing until it is explained.\n");
    output::print(&out)?;
    Ok(Exit::Trust)
}

fn listed(faults: &[Fault]) -> String {
    let line = |fault: &Fault| {
        let (path, what) = (crate::render::plain(&fault.path), crate::render::plain(&fault.what));
        format!("  {path} (commit {}): {what}\n", &fault.commit[..fault.commit.len().min(10)])
    };
    faults.iter().map(line).collect()
}

/// Baselines that are dated ahead.
fn ahead(records: &[(String, Record)], tip: &str, now: Timestamp) -> Vec<Fault> {
    let dated = records.iter().filter_map(|(path, record)| match record {
        Record::Baseline(baseline) if is_future(baseline.at, now) => Some((path, baseline.at)),
        _ => None,
    });
    let doubt = |(path, at): (&String, Timestamp)| Fault {
        path: path.clone(),
        commit: tip.to_owned(),
        what: format!("it is dated {at}, which has not come, and counts for nothing until then"),
    };
    dated.map(doubt).collect()
}

/// What records say that is not so: signatures, authority, closures.
fn meaning(
    records: &[(String, Record)],
    tip: &str,
    governance: Option<&Governance>,
    trusted: Option<&TrustedKeys>,
) -> Vec<Fault> {
    let in_force = governance.map(|found| &found.appetite);
    let mut versions: BTreeMap<&str, Result<Appetite, String>> = BTreeMap::new();
    let mut baselines: BTreeMap<&str, &Baseline> = BTreeMap::new();
    let mut promises = BTreeMap::new();
    let mut decisions: BTreeMap<&str, &Decision> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut fault = |path: &str, what: String| {
        faults.push(Fault { path: path.to_owned(), commit: tip.to_owned(), what });
    };
    for (path, record) in records {
        match record {
            Record::Appetite(version) => {
                let digest = Digest::of(version.text.as_bytes());
                if digest.to_string() != version.sha256 {
                    fault(path, "the agreement in it is not the one that its digest names".to_owned());
                    continue;
                }
                // One that nobody agreed is on record too, where a run gave advice by it; nothing may be decided by it.
                let read = match governance.filter(|found| found.has_agreed(digest)) {
                    Some(_) => appetite::read(version.text.as_bytes(), &version.origin)
                        .map_err(|_| "the agreement in it cannot be read".to_owned()),
                    None => agreed(version, trusted),
                };
                versions.insert(&version.sha256, read);
            }
            Record::Baseline(baseline) => {
                baselines.insert(path, baseline);
            }
            Record::Decision(decision) => {
                decisions.insert(path, decision);
            }
            Record::Commitment(event) => {
                if let Event::Made { promise, approval, .. } = &event.event {
                    promises.insert(event.commitment.as_str(), (promise, approval));
                }
            }
            Record::Assessment(_) | Record::Waiver(_) => {}
        }
    }
    // Decisions on the changes from which waivers follow.
    let mut on: BTreeMap<&str, Vec<Entry<Decision>>> = BTreeMap::new();
    for record in records.iter().map(|(_, record)| record) {
        if let Record::Waiver(waiver) = record
            && !waiver.decision.is_empty()
        {
            on.entry(&waiver.change).or_default();
        }
    }
    for (path, decision) in &decisions {
        if let Some(list) = on.get_mut(decision.change.as_str()) {
            list.push(Entry { path: (*path).to_owned(), record: (*decision).clone() });
        }
    }
    let agreement = |digest: &str| match versions.get(digest) {
        None => Err(format!("the agreement {digest} that it was made under is not in the ledger")),
        Some(Err(why)) => Err(format!("the agreement {digest} that it was made under does not count: {why}")),
        Some(Ok(appetite)) => Ok(appetite),
    };
    for (path, record) in records {
        match record {
            Record::Decision(decision) => {
                if findings_digest(&decision.findings) != decision.findings_digest {
                    fault(path, "its list of findings is not the one it is bound to".to_owned());
                }
                if let Some(why) = decide::unproven(decision) {
                    fault(path, format!("the choice {why}"));
                }
                let appetite = match agreement(&decision.appetite) {
                    Ok(appetite) => appetite,
                    Err(why) => {
                        fault(path, why);
                        continue;
                    }
                };
                if matches!(decision.by, Decider::Default) {
                    if appetite.authority.default.as_ref().is_none_or(|default| default.option != decision.option.0) {
                        fault(path, "it says that a default took effect which was not agreed".to_owned());
                    }
                    continue;
                }
                if !decision.verdict.0.is_decided_about() {
                    fault(path, decide::undecidable(decision.verdict.0));
                    continue;
                }
                let wanted = appetite.approvers(decision.verdict.0, decision.option.0);
                if authority::held(&decision.by, appetite, wanted).is_empty() {
                    fault(
                        path,
                        format!(
                            "it takes {}, and the decider holds none of these roles",
                            decide::roles_in_words(wanted)
                        ),
                    );
                }
                if decision.verdict.0 == Verdict::BeyondTolerance
                    && authority::is_author(&decision.by, &decision.authors)
                {
                    fault(path, "authors do not approve their own change beyond tolerance".to_owned());
                }
            }
            Record::Commitment(event) => match &event.event {
                Event::Made { decision, promise, change, lane, .. } => {
                    let made = decisions
                        .get(decision.as_str())
                        .is_some_and(|made| made.change == *change && made.offer.promises.contains(promise));
                    if let Some(lane) = lane {
                        if let Some(why) = proof::unproven_event(event, &lane.by) {
                            fault(path, format!("the lane does not count: {why}"));
                        }
                        continue;
                    }
                    if !made {
                        fault(path, "no decision in the ledger made this promise".to_owned());
                    }
                }
                Event::Closed { baseline, .. } => {
                    let Some((promise, _)) = promises.get(event.commitment.as_str()) else {
                        fault(path, "it closes a commitment that was never made".to_owned());
                        continue;
                    };
                    match baselines.get(baseline.as_str()) {
                        None => fault(path, "the baseline that is to show it is not in the ledger".to_owned()),
                        Some(baseline) => {
                            if let Some(why) = closure::contradicted(promise, baseline) {
                                fault(path, format!("its baseline does not show it: {why}"));
                            }
                        }
                    }
                }
                Event::Extended { by, .. } | Event::Paused { by, .. } | Event::Withdrawn { by, .. } => {
                    // Whoever was entitled under one of the agreements was: which one was in force then is not known.
                    let approval = promises.get(event.commitment.as_str()).map(|(_, approval)| approval.as_slice());
                    let tried: Vec<Result<(), String>> = versions
                        .values()
                        .filter_map(|version| version.as_ref().ok())
                        .chain(in_force)
                        .map(|it| permitted(event, by, it, &level_up(it, approval.unwrap_or_default())))
                        .collect();
                    if !tried.iter().any(Result::is_ok) {
                        let why = tried.into_iter().find_map(Result::err);
                        let why = why.unwrap_or_else(|| "no agreement that both parties signed is known".to_owned());
                        fault(path, format!("that it was {} does not count: {why}", event.event.name()));
                    }
                }
                Event::Resumed { by, .. } | Event::Worked { by, .. } => {
                    let mut tried = versions
                        .values()
                        .filter_map(|version| version.as_ref().ok())
                        .chain(in_force)
                        .map(|appetite| known(event, by, appetite));
                    if let Some(Err(why)) = tried.next().map(|first| tried.fold(first, Result::or)) {
                        fault(path, format!("that it was {} does not count: {why}", event.event.name()));
                    }
                }
                Event::NotClosed { .. } => {}
            },
            Record::Waiver(waiver) => {
                let why = agreement(&waiver.appetite).map_or_else(Some, |appetite| {
                    if waiver.decision.is_empty() {
                        waivers::refusal(waiver, appetite, waiver.at)
                    } else {
                        waivers::unbacked(waiver, on.get(waiver.change.as_str()).map_or(&[], Vec::as_slice), appetite)
                    }
                });
                if let Some(why) = why {
                    fault(path, format!("the waiver does not count: {why}"));
                }
            }
            Record::Baseline(_) | Record::Assessment(_) | Record::Appetite(_) => {}
        }
    }
    faults
}
