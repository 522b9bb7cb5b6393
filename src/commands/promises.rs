//! Commitments of the ledger → what a forge follows up as issues.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::decision;
use crate::commands::error::CommandError;
use crate::commands::ledger_place::PlaceArgs;
use crate::follow::commitments::{Commitment, commitments};
use crate::follow::waivers::last_day;
use crate::forge::publication::{self, Owner};
use crate::ledger::Want;
use crate::model::ledger::Decider;
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
    // A date is moved, and a promise given up, by those who may: as for every other reader, by the agreement.
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let place = PlaceArgs {
        repository: repository.to_owned(),
        remote: remote.to_owned(),
        local: false,
        now: Some(now),
        appetite: variable("DETENTE_APPETITE").map(PathBuf::from),
        allowed_signers: variable("DETENTE_ALLOWED_SIGNERS").map(PathBuf::from),
        appetite_root: variable("DETENTE_APPETITE_ROOT"),
    };
    let ledger = place.open()?;
    let Some(snapshot) = ledger.snapshot().map_err(decision::refused)? else { return Ok(Vec::new()) };
    let history = |change: &str| {
        let want = Want { change: change.to_owned(), closed: true, now, ..Want::default() };
        snapshot.history(&want).map_err(decision::refused)
    };
    let agreement = place.agreement(&snapshot.appetites(None).map_err(decision::refused)?)?;
    let mut owners: BTreeMap<String, Vec<Owner>> = BTreeMap::new();
    let mut promises = Vec::new();
    let all = history("")?;
    let mut known = commitments(&all.commitments, &agreement.light(&all, now));
    known.sort_by(|a, b| a.id.cmp(&b.id));
    for commitment in &known {
        let change = commitment.change.as_str();
        if !owners.contains_key(change) {
            let decided = history(change)?.decisions;
            let mut people: Vec<Owner> = decided.iter().filter_map(|e| owner(&e.record.by, names.forge)).collect();
            people.sort();
            people.dedup();
            owners.insert(change.to_owned(), people);
        }
        let link = change.strip_prefix(names.change).map(|number| format!("{}{number}", names.address));
        promises.push(issue(commitment, link, owners.get(change).cloned().unwrap_or_default()));
    }
    Ok(promises)
}

fn owner(by: &Decider, forge: &str) -> Option<Owner> {
    match by {
        Decider::Forge(identity) if identity.forge == forge => {
            Some(Owner { login: identity.login.clone(), id: identity.id })
        }
        _ => None,
    }
}

fn issue(commitment: &Commitment, link: Option<String>, owners: Vec<Owner>) -> publication::Promise {
    let (id, due, promise) = (&commitment.id, commitment.due, &commitment.promise);
    let date = last_day(due);
    let title: String = render::plain(&promise.title).chars().take(180).collect();
    let about = render::markdown_text(&commitment.change);
    let about = link.map_or_else(|| about.clone(), |link| format!("[{about}]({link})"));
    let body = format!(
        "**{}**\n\nPromised by **{date}** when {about} was decided. It is closed when the same scanner and rule ran on the \
         default branch and the finding is gone; closing it by hand does not close the commitment.\n\nCommitment `{id}`, \
         estimated effort {} h.\n",
        render::markdown_text(&promise.title),
        promise.hours,
    );
    publication::Promise {
        id: id.clone(),
        title: format!("{title} (by {date})"),
        body,
        due: date.parse().unwrap_or_else(|_| due.to_zoned(TimeZone::UTC).date()),
        hours: promise.hours,
        owners,
        verified: commitment.ended.is_some(),
    }
}
