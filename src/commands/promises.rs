//! Commitments of the ledger → what a forge follows up as issues.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::decision;
use crate::commands::error::CommandError;
use crate::forge::publication::{self, Owner};
use crate::ledger::{Ledger, Want};
use crate::model::ledger::{CommitmentEvent, Decider, Entry, Event, Promise};
use crate::render;

/// How a forge names people and changes.
pub(super) struct Names<'a> {
    /// The forge, as identities name it.
    pub forge: &'static str,
    /// What the name of a change begins with, before its number.
    pub change: &'static str,
    /// Address of a change, without its number.
    pub address: &'a str,
}

/// Every commitment in the ledger of `repository`, fetched from `remote` first, as an issue says it.
pub(super) fn of(
    repository: &Path,
    remote: &str,
    names: &Names<'_>,
    now: Timestamp,
) -> Result<Vec<publication::Promise>, CommandError> {
    let ledger = Ledger::open(repository).map_err(decision::refused)?;
    if ledger.has_remote(remote) {
        ledger.fetch(remote, now).map_err(decision::refused)?;
    }
    let Some(snapshot) = ledger.snapshot().map_err(decision::refused)? else { return Ok(Vec::new()) };
    let history = |change: &str| {
        let want = Want { change: change.to_owned(), closed: true, now, ..Want::default() };
        snapshot.history(&want).map_err(decision::refused)
    };
    let mut owners: BTreeMap<String, Vec<Owner>> = BTreeMap::new();
    let mut promises = Vec::new();
    for (id, events) in history("")?.commitments {
        let Some((change, promise)) = made(&events) else { continue };
        if !owners.contains_key(change) {
            let decided = history(change)?.decisions;
            let mut people: Vec<Owner> = decided.iter().filter_map(|e| owner(&e.record.by, names.forge)).collect();
            people.sort();
            people.dedup();
            owners.insert(change.to_owned(), people);
        }
        let link = change.strip_prefix(names.change).map(|number| format!("{}{number}", names.address));
        promises.push(issue(&id, &events, promise, (change, link), owners.get(change).cloned().unwrap_or_default()));
    }
    Ok(promises)
}

fn made(events: &[Entry<CommitmentEvent>]) -> Option<(&str, &Promise)> {
    events.iter().find_map(|entry| match &entry.record.event {
        Event::Made { change, promise, .. } => Some((change.as_str(), promise)),
        _ => None,
    })
}

fn owner(by: &Decider, forge: &str) -> Option<Owner> {
    match by {
        Decider::Forge(identity) if identity.forge == forge => {
            Some(Owner { login: identity.login.clone(), id: identity.id })
        }
        _ => None,
    }
}

fn issue(
    id: &str,
    events: &[Entry<CommitmentEvent>],
    promise: &Promise,
    (change, link): (&str, Option<String>),
    owners: Vec<Owner>,
) -> publication::Promise {
    let last = |pick: &dyn Fn(&Event) -> Option<Timestamp>| events.iter().rev().find_map(|e| pick(&e.record.event));
    let due = last(&|event| match event {
        Event::Extended { until, .. } => Some(*until),
        _ => None,
    })
    .unwrap_or(promise.due);
    let ended = events.iter().any(|e| matches!(e.record.event, Event::Closed { .. } | Event::Withdrawn { .. }));
    let date = due.strftime("%Y-%m-%d");
    let title: String = render::plain(&promise.title).chars().take(180).collect();
    let about = render::markdown_text(change);
    let about = link.map_or_else(|| about.clone(), |link| format!("[{about}]({link})"));
    let body = format!(
        "**{}**\n\nPromised by **{date}** when {about} was decided. It is closed when the same scanner and rule ran on the \
         default branch and the finding is gone; closing it by hand does not close the commitment.\n\nCommitment `{id}`, \
         estimated effort {} h.\n",
        render::markdown_text(&promise.title),
        promise.hours,
    );
    publication::Promise {
        id: id.to_owned(),
        title: format!("{title} (by {date})"),
        body,
        due: due.to_zoned(TimeZone::UTC).date(),
        hours: promise.hours,
        owners,
        verified: ended,
    }
}
