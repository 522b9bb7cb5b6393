//! `detente ledger show`: how decisions and commitments stand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::decision::refused;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::{Agreement, PlaceArgs, nothing};
use crate::commands::output;
use crate::commands::table::table;
use crate::exit::Exit;
use crate::follow::closure::remark_unmerged;
use crate::follow::commitments::{self, Commitment, State};
use crate::follow::{authority, decide, unrecorded, waivers};
use crate::ledger::Want;
use crate::model::appetite::Appetite;
use crate::model::clock::{is_future, last_moment};
use crate::model::figure;
use crate::model::ledger::{Baseline, CommitmentEvent, Entry, History, Record};
use crate::render::{self, Screen};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also show what is closed
    #[arg(long)]
    all: bool,
}

pub(super) fn run(place: &PlaceArgs, args: &Args) -> Result<Exit, CommandError> {
    let now = place.now();
    let ledger = place.open()?;
    let snapshot = ledger.snapshot().map_err(refused)?.ok_or_else(nothing)?;
    let history = snapshot.history(&Want { closed: true, now, ..Want::default() }).map_err(refused)?;
    let records = snapshot.everything().map_err(refused)?;
    let agreement = place.agreement(&snapshot.appetites(None).map_err(refused)?)?;
    let baselines = records.iter().filter_map(|(_, record)| match record {
        Record::Baseline(baseline) if !is_future(baseline.at, now) => Some(baseline),
        _ => None,
    });
    let latest = baselines.max_by_key(|baseline| baseline.at);
    let mut all = commitments::commitments(&history.commitments, &agreement.light(&history, now));
    if let Some(latest) = latest {
        remark_unmerged(&mut all, &history.commitments, latest);
    }
    let (zone, zone_name) = zone(agreement.appetite.as_ref());
    let screen = output::screen();
    let plain = |text: &str| render::shown(text, &screen);
    let mut out = String::new();
    let open: Vec<&Commitment> = all
        .iter()
        .filter(|commitment| args.all || !matches!(commitment.state, State::Closed | State::Withdrawn))
        .collect();
    out.push_str(&how_many(all.iter().filter(|commitment| commitment.ended.is_none()).count(), all.len()));
    if !open.is_empty() {
        let rows = open.iter().map(|commitment| {
            let mut state = commitment.state.as_str().to_owned();
            if !commitment.escalated_to.is_empty() {
                state.push_str(&format!(", goes to {}", decide::roles_in_words(&commitment.escalated_to)));
            }
            for remark in &commitment.remarks {
                state.push_str(&format!("\n{}", plain(remark)));
            }
            vec![
                commitment.id.clone(),
                plain(&commitment.promise.title),
                // The last day on which it is kept in time.
                day(last_moment(commitment.due), &zone),
                state,
                plain(&commitment.change),
            ]
        });
        let header = ["Commitment", "What", "Due", "State", "Change"].map(str::to_owned).to_vec();
        out.push_str(&table(header, rows.collect(), &screen));
    }
    out.push_str(&unmade(&history, &all, now));
    let chosen = decisions(&records, &zone, now, &screen);
    if !open.is_empty() || !chosen.is_empty() {
        out.push_str(&format!("Days are those of the time zone {zone_name}.\n"));
    }
    out.push_str(&chosen);
    out.push_str(&waivers(&history, &agreement, latest, now, &screen));
    output::print(&out)?;
    Ok(Exit::Proceed)
}

fn how_many(open: usize, all: usize) -> String {
    match all {
        0 => "No commitment was made yet.\n".to_owned(),
        all => format!(
            "{open} of {all} {} {} open.\n",
            if all == 1 { "commitment" } else { "commitments" },
            if open == 1 { "is" } else { "are" }
        ),
    }
}

/// That records promise what no decision does, or one that is not there any more.
fn unmade(history: &History, all: &[Commitment], now: Timestamp) -> String {
    let made = |events: &[Entry<CommitmentEvent>]| events.iter().any(|entry| !is_future(entry.record.made, now));
    let unknown = |id: &String| all.iter().all(|commitment| commitment.id != *id);
    match history.commitments.iter().filter(|(id, events)| unknown(id) && made(events)).count() {
        0 => String::new(),
        some => format!(
            "Without a decision that made them, and so not counted: {}. `detente ledger verify` names the records.\n",
            figure::count(some, "commitment")
        ),
    }
}

/// Every waiver that has not ended, and what scanners were told without one.
fn waivers(
    history: &History,
    agreement: &Agreement,
    latest: Option<&Baseline>,
    now: Timestamp,
    screen: &Screen,
) -> String {
    let plain = |text: &str| render::shown(text, screen);
    let standing = waivers::standing(&history.waivers, &history.deciding, agreement.all(), now);
    let mut out = String::new();
    for accepted in &standing {
        let waiver = accepted.waiver;
        let mut state = match accepted.holds {
            true => format!("with {}", plain(&waiver.owner)),
            false if accepted.by.is_empty() => "does not hold".to_owned(),
            false => format!("does not hold yet, still takes {}", decide::roles_in_words(&accepted.missing)),
        };
        if latest.is_some_and(|latest| waivers::obsolete(waiver, latest)) {
            state.push_str("; not needed any more, nothing of it is found");
        }
        let until = waivers::last_day(waiver.until);
        let subject = plain(&waivers::subject(waiver));
        let said = format!("Waiver {} until {until}, {state}: {subject}", waiver.id);
        out.push_str(&render::wrapped(screen, "", "  ", &said));
        for why in &accepted.not_counted {
            out.push_str(&render::wrapped(screen, "  ", "    ", why));
        }
    }
    for said in latest.map(|latest| unrecorded::at(latest, &standing)).unwrap_or_default() {
        out.push_str(&render::wrapped(screen, "", "  ", &said));
    }
    out
}

fn decisions(records: &[(String, Record)], zone: &TimeZone, now: Timestamp, screen: &Screen) -> String {
    let plain = |text: &str| render::shown(text, screen);
    let mut by_change: BTreeMap<&str, Vec<&crate::model::ledger::Decision>> = BTreeMap::new();
    for (_, record) in records {
        if let Record::Decision(decision) = record {
            by_change.entry(&decision.change).or_default().push(decision);
        }
    }
    if by_change.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for (change, decisions) in by_change {
        for decision in decisions {
            rows.push(vec![
                plain(change),
                decision.option.0.as_str().to_owned(),
                plain(&authority::name(&decision.by)),
                if is_future(decision.at, now) {
                    format!("{}, in the future: it does not count", day(decision.at, zone))
                } else {
                    day(decision.at, zone)
                },
                plain(&decision.reason),
            ]);
        }
    }
    let header = ["Change", "Option", "By", "When", "Why"].map(str::to_owned).to_vec();
    table(header, rows, screen)
}

/// The time zone in which the brief gives its days: that of the agreement, where it is known.
fn zone(appetite: Option<&Appetite>) -> (TimeZone, &str) {
    let named = appetite.and_then(|appetite| appetite.delivery.capacity.as_ref()).map(|it| it.time_zone.as_str());
    named.and_then(|name| Some((TimeZone::get(name).ok()?, name))).unwrap_or((TimeZone::UTC, "UTC"))
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}
