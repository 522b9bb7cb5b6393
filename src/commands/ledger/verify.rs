//! `detente ledger verify`: whether the ledger holds, and every decision in it is by whom it says.

use std::collections::BTreeMap;

use crate::appetite;
use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::{PlaceArgs, nothing};
use crate::commands::output;
use crate::exit::Exit;
use crate::follow::{authority, closure, decide, proof};
use crate::ledger::Fault;
use crate::model::appetite::Appetite;
use crate::model::digest::Digest;
use crate::model::ledger::{Baseline, Decider, Event, Record, findings_digest};
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
    if verified.faults.is_empty()
        && let Some(snapshot) = ledger.snapshot().map_err(refused)?
    {
        let records = snapshot.everything().map_err(refused)?;
        verified.faults = meaning(&records, &verified.tip);
    }
    let mut out = format!("{} records in {} commits, at {}\n", verified.records, verified.commits, verified.tip);
    for fault in &verified.faults {
        let what = crate::render::plain(&fault.what);
        let path = crate::render::plain(&fault.path);
        out.push_str(&format!("  {path} (commit {}): {what}\n", &fault.commit[..fault.commit.len().min(10)]));
    }
    if verified.faults.is_empty() {
        out.push_str("The ledger holds: nothing was altered or taken out, every decision is by whom it says.\n");
        output::print(&out)?;
        return Ok(Exit::Proceed);
    }
    out.push_str("The ledger does not hold. What is named here counts for nothing until it is explained.\n");
    output::print(&out)?;
    Ok(Exit::Trust)
}

/// What records say that is not so: signatures, authority, closures.
fn meaning(records: &[(String, Record)], tip: &str) -> Vec<Fault> {
    let mut versions: BTreeMap<&str, Appetite> = BTreeMap::new();
    let mut baselines: BTreeMap<&str, &Baseline> = BTreeMap::new();
    let mut promises = BTreeMap::new();
    let mut decisions: BTreeMap<&str, &crate::model::ledger::Decision> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut fault = |path: &str, what: String| {
        faults.push(Fault { path: path.to_owned(), commit: tip.to_owned(), what });
    };
    for (path, record) in records {
        match record {
            Record::Appetite(version) => {
                if Digest::of(version.text.as_bytes()).to_string() != version.sha256 {
                    fault(path, "the agreement in it is not the one that its digest names".to_owned());
                } else if let Ok(read) = appetite::read(version.text.as_bytes(), &version.origin) {
                    versions.insert(&version.sha256, read);
                } else {
                    fault(path, "the agreement in it cannot be read".to_owned());
                }
            }
            Record::Baseline(baseline) => {
                baselines.insert(path, baseline);
            }
            Record::Decision(decision) => {
                decisions.insert(path, decision);
            }
            Record::Commitment(event) => {
                if let Event::Made { promise, .. } = &event.event {
                    promises.insert(event.commitment.as_str(), promise);
                }
            }
            Record::Assessment(_) | Record::Waiver(_) => {}
        }
    }
    for (path, record) in records {
        match record {
            Record::Decision(decision) => {
                if findings_digest(&decision.findings) != decision.findings_digest {
                    fault(path, "its list of findings is not the one it is bound to".to_owned());
                }
                if let Some(why) = decide::unproven(decision) {
                    fault(path, format!("the choice {why}"));
                }
                let Some(appetite) = versions.get(decision.appetite.as_str()) else {
                    fault(
                        path,
                        format!("the agreement {} that it was made under is not in the ledger", decision.appetite),
                    );
                    continue;
                };
                if matches!(decision.by, Decider::Default) {
                    if appetite.authority.default.as_ref().is_none_or(|default| default.option != decision.option.0) {
                        fault(path, "it says that a default took effect which was not agreed".to_owned());
                    }
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
                    let Some(promise) = promises.get(event.commitment.as_str()) else {
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
                _ => {}
            },
            Record::Baseline(_) | Record::Assessment(_) | Record::Waiver(_) | Record::Appetite(_) => {}
        }
    }
    faults
}
