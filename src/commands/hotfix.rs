//! `detente hotfix`: the lane that is always open. A revert or an emergency fix ships now, and promises to be brought
//! within what was agreed in 72 hours; every use is on record and counted in the review.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::commands::decision::{self, refused, terms};
use crate::commands::error::CommandError;
use crate::commands::ledger_place::PlaceArgs;
use crate::commands::ssh_key::{SigningKey, git_config};
use crate::commands::{brief_file, clock, output};
use crate::exit::Exit;
use crate::model::digest::Digest;
use crate::model::ledger::{CommitmentEvent, Decider, Event, Promise, Record, commitment_id, findings_digest};
use crate::model::verdict::Verdict;
use crate::model::word::Word;
use crate::model::work::TreatmentKind;
use crate::render::json::v1;

/// How long the promise of the lane runs.
const PROMISE: SignedDuration = SignedDuration::from_hours(72);

/// What `detente hotfix` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  detente gate results/ --output brief.json; detente hotfix --reason \"incident 4711: checkout is down\"

The lane is always open and takes nobody's approval. It holds for this commit alone; the promise is followed up like any
other, and the review counts how often the lane was used.")]
pub struct Args {
    /// Why it cannot wait; it is kept on record
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Brief of the change, as `gate --output` wrote it, or `-`
    #[arg(long, value_name = "FILE", default_value = brief_file::DEFAULT)]
    brief: PathBuf,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Opens the lane for one commit.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    // As the gate tells the time: what it opens holds for a run in the same second.
    let now = clock::now(Some(args.place.now()));
    if args.reason.trim().is_empty() {
        return Err(CommandError::usage("--reason is empty").hint("say in a few words why it cannot wait"));
    }
    let brief = brief_file::read(&args.brief)?;
    let Some(head) = brief.change.head.clone().filter(|_| !brief.change.name.is_empty()) else {
        return Err(CommandError::usage("the brief does not say which change and which commit it is about")
            .hint("judge it again in its repository"));
    };
    let key = SigningKey::find(args.key.as_deref(), &args.place.repository)?;
    let setting = |name: &str| git_config(&args.place.repository, name).unwrap_or_default();
    let by = Decider::SshKey { key: key.public.clone(), name: setting("user.name"), email: setting("user.email") };
    let promise = promise(&brief, now)?;
    let digest = findings_digest(&terms::decided(&brief));
    let id = commitment_id(&brief.change.name, &digest, &format!("hotfix {head}"));
    let due = promise.due;
    let mut event = CommitmentEvent {
        commitment: id.clone(),
        made: now,
        at: now,
        event: Event::Made {
            change: brief.change.name.clone(),
            head,
            appetite: brief.appetite.sha256.clone(),
            approval: Vec::new(),
            promise,
            decision: String::new(),
            lane: Some(crate::model::ledger::Lane { reason: args.reason.trim().to_owned(), by }),
        },
        signature: String::new(),
    };
    event.signature = key.sign(&event.signed_bytes(), CommitmentEvent::NAMESPACE)?;
    let place = &args.place;
    let store = place.open()?;
    // The same commit needs the lane once.
    let snapshot = store.snapshot().map_err(refused)?;
    let want = crate::ledger::Want { closed: true, now, ..crate::ledger::Want::default() };
    let known = snapshot.map(|snapshot| snapshot.history(&want)).transpose().map_err(refused)?.unwrap_or_default();
    let opened = known.commitments.get(&id).into_iter().flatten().find_map(|entry| match &entry.record.event {
        Event::Made { promise, .. } => Some(promise.due),
        _ => None,
    });
    let due = opened.unwrap_or(due);
    let mut records: Vec<Record> = Vec::new();
    if opened.is_none() {
        // The lane is open whatever is agreed; where something is, whoever moves its promise does so by that.
        let base = brief.change.base.as_ref().map(|base| base.name.as_str());
        records.extend(place.version(base, now));
        records.push(Record::Commitment(event));
    }
    let change = &brief.change.name;
    // One that did not reach the remote before is handed over now.
    let not_pushed = decision::keep(&store, place.destination(), &records, &format!("Hotfix lane for {change}"), now)?;
    let not_pushed = not_pushed.as_ref().map(decision::later);
    let known = if not_pushed.is_some() { ", and no other clone knows it yet" } else { "" };
    output::print(&format!(
        "The lane is open for {change}{known}. Promised by {due}: {id}.\n{}",
        decision::here_only(not_pushed.as_deref())
    ))?;
    Ok(decision::exit(true, not_pushed.as_deref()))
}

/// What of the change stands against the agreement now, gone in 72 hours.
fn promise(brief: &v1::Brief, now: Timestamp) -> Result<Promise, CommandError> {
    let due = now.checked_add(PROMISE).unwrap_or(now);
    let decided = terms::decided(brief);
    let decided: Vec<&v1::Finding> =
        brief.findings.iter().filter(|finding| decided.iter().any(|other| other.id == finding.id)).collect();
    let against: Vec<&v1::Finding> =
        decided.iter().copied().filter(|finding| is_against(brief, finding, now, due)).collect();
    // Where the change brings nothing of the kind, what was there before is what stands against it.
    let findings = if against.is_empty() { decided } else { against };
    if findings.is_empty() {
        return Err(CommandError::usage("nothing stands against the agreement: the change ships without the lane"));
    }
    Ok(Promise {
        work: format!("w-{}", Digest::of(brief.change.name.as_bytes()).short()),
        title: format!("Bring {} within what was agreed", brief.change.name),
        treatment: String::new(),
        kind: Word(TreatmentKind::Fix),
        hours: 0.0,
        uncalibrated: None,
        due,
        findings: findings.into_iter().map(|finding| terms::promised_finding(brief, finding)).collect(),
    })
}

/// Whether a finding comes with the change and what was agreed is not kept with it: it counts in a row that is above
/// appetite, or its date comes before that of the promise. What is within appetite may stay, and the promise is kept.
fn is_against(brief: &v1::Brief, finding: &v1::Finding, now: Timestamp, promised: Timestamp) -> bool {
    let mut above = brief.tolerance.iter().filter(|row| row.state.0 > Verdict::WithinAppetite);
    let late = |due: &v1::Due| {
        // As in planning, one that may be waived and passed before the change came is no matter of the change.
        due.at.parse::<Timestamp>().is_ok_and(|at| at < promised && (at >= now || !due.waivable))
    };
    finding.origin.0.counts_as_introduced()
        && (above.any(|row| row.findings.contains(&finding.id)) || finding.due.as_ref().is_some_and(late))
}
