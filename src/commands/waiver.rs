//! Recording a waiver: by the holder of an SSH key, or by somebody whom a forge has signed in.
//!
//! As with a decision, whoever records it first checks what every reader checks again. Several roles add up: each person
//! records the same waiver, and it holds once nobody is missing.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::commands::decision::{self, Authors, Place, Sign, refused, terms};
use crate::commands::error::CommandError;
use crate::commands::governance::Governance;
use crate::commands::ledger_place::known;
use crate::exit::Exit;
use crate::follow::agreements::Agreements;
use crate::follow::waivers::{self, Accepted, last_day};
use crate::follow::{authority, decide};
use crate::ledger::{Ledger, Want};
use crate::model::ledger::{Decider, Entry, History, Record, WaivedFinding, Waiver, waiver_id};
use crate::model::origin::Origin;
use crate::model::verdict::Verdict;
use crate::render;
use crate::render::json::v1;

/// What somebody accepts.
pub(in crate::commands) struct Acceptance<'a> {
    /// A finding, by its id or a public name, or a tolerance row, for the findings that stand in it now.
    pub what: &'a str,
    /// Until when; see [`moment`].
    pub until: Timestamp,
    /// Why.
    pub reason: &'a str,
    /// Who answers for it; empty for whoever accepts it.
    pub owner: &'a str,
    /// Who accepts it. For a forge identity everything in it must come from the forge's own answer, never from the change.
    pub by: Decider,
    /// Who wrote the change, as far as the forge says; what git says is added.
    pub authors: Authors,
    /// When.
    pub at: Timestamp,
}

/// What was recorded.
#[derive(Debug)]
pub(in crate::commands) struct Recorded {
    /// The waiver, as whoever accepted it first wrote it.
    pub waiver: Waiver,
    /// Who accepted it now.
    pub who: String,
    /// Whether everybody who is needed has accepted it.
    pub holds: bool,
    /// Roles that have still to accept.
    pub missing: Vec<String>,
    /// Why the record is only in this clone, if it is.
    pub not_pushed: Option<String>,
}

/// Records a waiver of what `brief` is about.
///
/// A decider with an SSH key needs `sign`; for a forge identity there is nothing to sign.
///
/// # Errors
/// With [`Exit::DecisionNeeded`] if the acceptance does not count: who may accept is said. With [`Exit::Trust`] if the
/// agreement or the ledger does not hold. With [`Exit::Usage`] if there is nothing of that name, or no reason, or no end.
pub(in crate::commands) fn record_waiver(
    place: Place<'_>,
    brief: &v1::Brief,
    governance: &Governance,
    acceptance: &Acceptance<'_>,
    sign: Option<Sign<'_>>,
) -> Result<Recorded, CommandError> {
    let appetite = &governance.appetite;
    decision::binding(brief, governance)?;
    let reason = acceptance.reason.trim();
    if reason.is_empty() {
        return Err(CommandError::usage("a waiver needs a reason")
            .hint("say in a few words why it can wait; it is kept with the waiver"));
    }
    ends(acceptance)?;
    let (row, mut findings) = subject(brief, acceptance.what)?;
    findings.sort();
    held_before_ship(brief, &findings)?;
    let brought = |finding: &&v1::Finding| {
        finding.origin.0.counts_as_introduced() && findings.iter().any(|waived| waived.id == finding.id)
    };
    let authors = match &brief.change.head {
        Some(head) if brief.findings.iter().any(|finding| brought(&finding)) => {
            let base = brief.change.base.as_ref().map(|base| base.commit.as_str());
            acceptance.authors.and(Authors::by_git(place.repository, base, head), &acceptance.by)
        }
        _ => Authors::default(),
    };
    let who = authority::name(&acceptance.by);
    let mut waiver = Waiver {
        id: waiver_id(&row, acceptance.until, &findings),
        at: acceptance.at,
        from: acceptance.at,
        until: acceptance.until,
        row,
        change: brief.change.name.clone(),
        findings,
        owner: Some(acceptance.owner.trim()).filter(|owner| !owner.is_empty()).map_or(who.clone(), str::to_owned),
        reason: reason.to_owned(),
        by: acceptance.by.clone(),
        authors: authors.people.clone(),
        appetite: appetite.sha256.to_string(),
        decision: String::new(),
        signature: String::new(),
    };
    if let Some(sign) = sign {
        waiver.signature = sign(&waiver.signed_bytes(), Waiver::NAMESPACE)?;
    }
    if let Some(why) = waivers::refusal(&waiver, appetite, acceptance.at) {
        let takes = decide::roles_in_words(waivers::wanted(appetite));
        return Err(CommandError::new(Exit::DecisionNeeded, format!("the waiver of {who} does not count: {why}"))
            .hint(format!("a waiver takes {takes}: whoever may approve the fastest option beyond tolerance")));
    }
    authors.all()?;

    let ledger = Ledger::open(place.repository).map_err(refused)?;
    let away = decision::up_to_date(&ledger, place, sign.is_some(), acceptance.at)?;
    let mut history = match ledger.snapshot().map_err(refused)? {
        Some(snapshot) => snapshot.history(&Want { now: acceptance.at, ..Want::default() }).map_err(refused)?,
        None => History::default(),
    };
    let known = known(Some(&history), governance);
    let agreements = Agreements::new(Some(appetite), &known);
    let record = Record::Waiver(waiver.clone());
    history.waivers.push(Entry { path: record.path(), record: waiver.clone() });
    let standing = waivers::standing(&history.waivers, &history.deciding, agreements, acceptance.at);
    let now: Option<&Accepted<'_>> = standing.iter().find(|accepted| accepted.waiver.id == waiver.id);
    let (first, holds, missing) =
        now.map_or((waiver.clone(), false, Vec::new()), |now| (now.waiver.clone(), now.holds, now.missing.clone()));
    let mut records: Vec<Record> = decision::version(governance, acceptance.at).into_iter().collect();
    records.push(record);
    let message = format!("Waiver {} until {}", waiver.id, last_day(waiver.until));
    let remote = place.remote.filter(|_| away.is_none());
    let not_pushed = decision::keep(&ledger, remote, &records, &message, acceptance.at)?;
    let not_pushed = away.or(not_pushed).as_ref().map(decision::later);
    Ok(Recorded { waiver: first, who, holds, missing, not_pushed })
}

/// What was recorded, in one line of plain text that may hold what people and scanners wrote.
pub(in crate::commands) fn said(recorded: &Recorded) -> String {
    let waiver = &recorded.waiver;
    let subject = waivers::subject(waiver);
    let mut line = if recorded.holds {
        format!("Accepted until {}, with {}: {subject} ({}).", last_day(waiver.until), waiver.owner, waiver.id)
    } else {
        format!(
            "Recorded: {} accepts {subject} until {} ({}). Still missing: {}.",
            recorded.who,
            last_day(waiver.until),
            waiver.id,
            decide::roles_in_words(&recorded.missing)
        )
    };
    if let Some(why) = &recorded.not_pushed {
        line.push_str(&format!(" The record is in this clone only: {why}."));
    }
    line
}

/// Refuses an end that no role could make good: it wants another date, and nobody else.
fn ends(acceptance: &Acceptance<'_>) -> Result<(), CommandError> {
    let wrong = |why: &str| CommandError::usage(format!("a waiver until {} {why}", last_day(acceptance.until)));
    if acceptance.until <= acceptance.at {
        return Err(wrong("ends before it begins").hint("name a later day"));
    }
    if acceptance.until.duration_since(acceptance.at) > waivers::LONGEST {
        return Err(wrong("runs for more than a year, and nothing is accepted without an end")
            .hint("name an earlier day; it can be accepted again then"));
    }
    Ok(())
}

/// The row, if it is one, and the findings that are meant.
fn subject(brief: &v1::Brief, what: &str) -> Result<(String, Vec<WaivedFinding>), CommandError> {
    let what = what.trim().trim_matches('`');
    let open = || brief.findings.iter().filter(|finding| finding.origin.0 != Origin::Resolved);
    if let Some(row) = brief.tolerance.iter().find(|row| row.id == what) {
        if row.before_ship {
            return Err(before_ship(&row.id));
        }
        let stands = |finding: &&v1::Finding| row.findings.contains(&finding.id) || row.accepted.contains(&finding.id);
        let findings: Vec<WaivedFinding> = open().filter(stands).map(terms::waived_finding).collect();
        if findings.is_empty() {
            return Err(CommandError::usage(format!("nothing stands in {what}: there is nothing to accept")));
        }
        return Ok((row.id.clone(), findings));
    }
    let named = |finding: &&v1::Finding| {
        finding.id == what || finding.identifiers.iter().any(|name| name.eq_ignore_ascii_case(what))
    };
    let mut findings: Vec<WaivedFinding> = open().filter(named).map(terms::waived_finding).collect();
    findings.extend(brief.suppressed.iter().filter(|other| other.id == what).map(terms::waived_unseen));
    if findings.is_empty() {
        let rows: Vec<&str> =
            brief.tolerance.iter().filter(|row| !row.before_ship).map(|row| row.id.as_str()).collect();
        return Err(CommandError::usage(format!("the brief has no finding and no row {}", render::plain(what))).hint(
            format!(
                "findings are named by id or CVE, as `detente gate --format json` lists them; rows are {}",
                rows.join(", ")
            ),
        ));
    }
    Ok((String::new(), findings))
}

/// Refuses what both leaders agreed has to be treated before ship.
fn held_before_ship(brief: &v1::Brief, findings: &[WaivedFinding]) -> Result<(), CommandError> {
    let holds = |row: &&v1::Row| {
        row.before_ship
            && row.state.0 == Verdict::BeyondTolerance
            && findings.iter().any(|finding| row.findings.contains(&finding.id))
    };
    brief.tolerance.iter().find(holds).map_or(Ok(()), |row| Err(before_ship(&row.id)))
}

fn before_ship(row: &str) -> CommandError {
    CommandError::new(
        Exit::DecisionNeeded,
        format!("what stands in {row} is treated before ship, as both leaders agreed"),
    )
    .hint("such a row cannot be waived; in an emergency `detente hotfix` ships one commit, and promises")
}

/// A date as people write it: a day, which ends at midnight UTC, or a moment.
pub(in crate::commands) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let day: Date = text.parse().map_err(|_| "expected a day (2026-12-20) or a moment (RFC 3339)".to_owned())?;
    let end = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC)).map_err(|error| error.to_string())?;
    Ok(end.timestamp())
}
