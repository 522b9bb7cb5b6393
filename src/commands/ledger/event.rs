//! What people add to a commitment: more time, a pause, hours worked, the end of a change that was given up.

use std::path::PathBuf;

use jiff::Timestamp;

use super::on_branch::{self, OnBranch, is_of};
use crate::commands::decision::{self, refused};
use crate::commands::error::CommandError;
use crate::commands::ledger_place::{Agreement, PlaceArgs, nothing};
use crate::commands::output;
use crate::commands::ssh_key::{SigningKey, git_config};
use crate::commands::waiver::moment;
use crate::exit::Exit;
use crate::follow::commitments::{self, level_up};
use crate::follow::waivers::{LONGEST, last_day};
use crate::ledger::{Ledger, Want};
use crate::model::appetite::Appetite;
use crate::model::ledger::{CommitmentEvent, Decider, Entry, Event, History, Record, rounded};

#[derive(Debug, clap::Args)]
pub(super) struct Extend {
    /// The commitment
    #[arg(value_name = "COMMITMENT")]
    commitment: String,
    /// The new date: a day, which ends at midnight UTC, or a moment
    #[arg(long, value_name = "DATE", value_parser = moment)]
    until: Timestamp,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Clock {
    /// The commitment
    #[arg(value_name = "COMMITMENT")]
    commitment: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Withdraw {
    /// Name of the change, as `ledger show` says it
    #[arg(value_name = "CHANGE")]
    change: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Worked {
    /// The commitment
    #[arg(value_name = "COMMITMENT")]
    commitment: String,
    /// Hours of one person, added to those reported before
    #[arg(value_name = "HOURS", value_parser = hours, allow_negative_numbers = true)]
    hours: f64,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
}

/// A ledger that somebody is about to add to.
struct Desk<'a> {
    place: &'a PlaceArgs,
    ledger: Ledger,
    history: History,
    agreement: Agreement,
    key: SigningKey,
    by: Decider,
}

impl<'a> Desk<'a> {
    fn open(place: &'a PlaceArgs, key: Option<&std::path::Path>) -> Result<Self, CommandError> {
        let ledger = place.open()?;
        let (history, agreement) = {
            let snapshot = ledger.snapshot().map_err(refused)?.ok_or_else(nothing)?;
            let branch = on_branch::default_branch(place);
            let want = Want { branch, promises: true, now: place.now(), ..Want::default() };
            let history = snapshot.history(&want).map_err(refused)?;
            (history, place.agreement(&snapshot.appetites(None).map_err(refused)?)?)
        };
        let key = SigningKey::find(key, &place.repository)?;
        let setting = |name: &str| git_config(&place.repository, name).unwrap_or_default();
        let by = Decider::SshKey { key: key.public.clone(), name: setting("user.name"), email: setting("user.email") };
        Ok(Self { place, ledger, history, agreement, key, by })
    }

    fn events(&self, id: &str) -> Result<&[Entry<CommitmentEvent>], CommandError> {
        self.history.commitments.get(id).map(Vec::as_slice).ok_or_else(|| {
            CommandError::usage(format!("there is no open commitment {id}"))
                .hint("`detente ledger show` lists those that are open")
        })
    }

    /// A signed event of that commitment.
    fn event(&self, id: &str, event: Event) -> Result<CommitmentEvent, CommandError> {
        let made = self.events(id)?.first().map_or(self.place.now(), |entry| entry.record.made);
        let at = self.place.now();
        let mut event = CommitmentEvent { commitment: id.to_owned(), made, at, event, signature: String::new() };
        event.signature = self.key.sign(&event.signed_bytes(), CommitmentEvent::NAMESPACE)?;
        Ok(event)
    }

    /// The agreement by which somebody may.
    fn appetite(&self) -> Result<&Appetite, CommandError> {
        let unknown = || CommandError::new(Exit::Trust, "no agreement is known here that both leaders signed");
        self.agreement.appetite.as_ref().ok_or_else(unknown)
    }

    /// Refuses what takes somebody one level above those who approved the commitment.
    fn permit(&self, event: &CommitmentEvent) -> Result<(), CommandError> {
        let appetite = self.appetite()?;
        let light = self.agreement.light(&self.history, self.place.now());
        let all = commitments::commitments(&self.history.commitments, &light);
        let commitment = all.into_iter().find(|it| it.id == event.commitment).ok_or_else(|| {
            CommandError::usage(format!("no decision made the commitment {}", event.commitment))
                .hint("`detente ledger verify` names the record")
        })?;
        let next = level_up(appetite, &commitment.approval);
        commitments::permitted(event, &self.by, appetite, &next).map_err(|why| {
            CommandError::new(Exit::DecisionNeeded, format!("the date of {} stays: {why}", event.commitment))
                .hint(format!("ask {} to record it", next.join(" or ")))
        })
    }

    /// Refuses the word of somebody whom the agreement does not name.
    fn known(&self, event: &CommitmentEvent) -> Result<(), CommandError> {
        commitments::known(event, &self.by, self.appetite()?).map_err(|why| {
            CommandError::new(Exit::DecisionNeeded, format!("it would not count: {why}"))
                .hint("roles are listed in the appetite file under `roles`")
        })
    }

    fn write(&self, events: Vec<CommitmentEvent>, message: &str) -> Result<Exit, CommandError> {
        let now = self.place.now();
        // By the agreement in force, so that it can be checked when it is long replaced.
        let agreed = self.place.version(None, now);
        let records: Vec<Record> = agreed.into_iter().chain(events.into_iter().map(Record::Commitment)).collect();
        let not_pushed = decision::keep(&self.ledger, self.place.destination(), &records, message, now)?;
        let not_pushed = not_pushed.as_ref().map(decision::later);
        output::print(&format!("{message}.\n{}", decision::here_only(not_pushed.as_deref())))?;
        Ok(decision::exit(true, not_pushed.as_deref()))
    }
}

pub(super) fn extend(place: &PlaceArgs, args: &Extend) -> Result<Exit, CommandError> {
    let reason = reason(&args.reason)?;
    let now = place.now();
    if args.until <= now {
        return Err(CommandError::usage(format!("--until {} is past", last_day(args.until)))
            .hint("a commitment is extended to a day that is still to come"));
    }
    if args.until.duration_since(now) > LONGEST {
        return Err(CommandError::usage(format!("--until {} is more than a year ahead", last_day(args.until)))
            .hint("extend it by a year at most; it can be extended again"));
    }
    let desk = Desk::open(place, args.key.as_deref())?;
    let event = Event::Extended { until: args.until, reason, by: desk.by.clone() };
    let event = desk.event(&args.commitment, event)?;
    desk.permit(&event)?;
    desk.write(vec![event], &format!("{} is due by {}", args.commitment, last_day(args.until)))
}

pub(super) fn pause(place: &PlaceArgs, args: &Clock) -> Result<Exit, CommandError> {
    let reason = reason(&args.reason)?;
    let desk = Desk::open(place, args.key.as_deref())?;
    let event = desk.event(&args.commitment, Event::Paused { reason, by: desk.by.clone() })?;
    desk.permit(&event)?;
    desk.write(vec![event], &format!("The clock of {} stands still", args.commitment))
}

pub(super) fn resume(place: &PlaceArgs, args: &Clock) -> Result<Exit, CommandError> {
    let reason = reason(&args.reason)?;
    let desk = Desk::open(place, args.key.as_deref())?;
    let event = desk.event(&args.commitment, Event::Resumed { reason, by: desk.by.clone() })?;
    desk.known(&event)?;
    desk.write(vec![event], &format!("The clock of {} runs again", args.commitment))
}

pub(super) fn worked(place: &PlaceArgs, args: &Worked) -> Result<Exit, CommandError> {
    let desk = Desk::open(place, args.key.as_deref())?;
    let event = desk.event(&args.commitment, Event::Worked { hours: args.hours, by: desk.by.clone() })?;
    desk.known(&event)?;
    desk.write(vec![event], &format!("{} hours were worked on {}", args.hours, args.commitment))
}

pub(super) fn withdraw(place: &PlaceArgs, args: &Withdraw) -> Result<Exit, CommandError> {
    let reason = reason(&args.reason)?;
    let desk = Desk::open(place, args.key.as_deref())?;
    let ids: Vec<&String> =
        desk.history.commitments.iter().filter(|(_, events)| is_of(events, &args.change)).map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Err(CommandError::usage(format!("there is no open commitment of {}", args.change))
            .hint("`detente ledger show` lists those that are open, with the name of the change"));
    }
    let instead = "`detente ledger extend` moves a date, `detente waive` accepts a finding until a day";
    let on_branch = OnBranch::read(place, &desk.ledger, &desk.history, &args.change)?;
    if ids.iter().any(|id| desk.history.commitments.get(*id).is_some_and(|events| on_branch.is_merged(events))) {
        return Err(CommandError::usage(format!("{} was merged, so its commitments are not given up", args.change))
            .hint(instead));
    }
    let seen = |id: &&String| desk.history.commitments.get(*id).is_some_and(|events| on_branch.shows(events));
    let (stay, ids): (Vec<&String>, Vec<&String>) = ids.into_iter().partition(seen);
    if ids.is_empty() {
        let what = "what was promised was seen on the default branch, so it is not given up";
        return Err(CommandError::usage(format!("{}: {what}", args.change)).hint(instead));
    }
    let events = ids
        .into_iter()
        .map(|id| {
            let event = desk.event(id, Event::Withdrawn { reason: reason.clone(), by: desk.by.clone() })?;
            desk.permit(&event).map(|()| event)
        })
        .collect::<Result<Vec<_>, CommandError>>()?;
    desk.write(events, &given_up(&args.change, &stay))
}

/// What was given up, and what stays since the default branch has it.
fn given_up(change: &str, stay: &[&String]) -> String {
    if stay.is_empty() {
        return format!("The commitments of {change} are given up");
    }
    let names: Vec<&str> = stay.iter().map(|id| id.as_str()).collect();
    let stay = if names.len() == 1 { "stays" } else { "stay" };
    format!(
        "The commitments of {change} are given up, but for what was seen on the default branch: {} {stay} promised",
        names.join(", ")
    )
}

/// What is kept as the reason.
fn reason(text: &str) -> Result<String, CommandError> {
    let reason = text.trim();
    if reason.is_empty() {
        return Err(CommandError::usage("--reason is empty").hint("say in a few words why; it is kept on record"));
    }
    Ok(reason.to_owned())
}

fn hours(text: &str) -> Result<f64, String> {
    let hours: f64 = text.parse().map(rounded).map_err(|_| "expected a number of hours".to_owned())?;
    if hours.is_finite() && hours > 0.0 && hours < 10_000.0 {
        Ok(hours)
    } else {
        Err("expected hours above 0".to_owned())
    }
}
