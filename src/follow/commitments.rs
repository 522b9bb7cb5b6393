//! How each commitment stands: its date, whether it is kept, and to whom it goes if it is not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::agreements::Agreements;
use super::authority::{ANYONE, held, is_known};
use super::choices::unproven;
use super::decided::{Complete, decided};
use super::promise;
use super::proof::unproven_event;
use crate::model::appetite::{Appetite, OptionName};
use crate::model::clock::is_future;
use crate::model::ledger::{CommitmentEvent, Decider, Decision, Entry, Event, Promise};
use crate::model::verdict::Verdict;

/// How long after its date a commitment goes on to the arbiter, if it is still open: a week.
pub const TO_ARBITER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A commitment and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Commitment {
    /// Its id.
    pub id: String,
    /// The change that made it.
    pub change: String,
    /// Roles that approved it.
    pub approval: Vec<String>,
    /// What was promised.
    pub promise: Promise,
    /// When it was made.
    pub made: Timestamp,
    /// Its date, extensions and pauses that are over counted.
    pub due: Timestamp,
    /// Since when its clock stands still; `None` if it runs.
    pub paused: Option<Timestamp>,
    /// How it stands.
    pub state: State,
    /// When it was closed or given up.
    pub ended: Option<Timestamp>,
    /// Whether it was given up because another decision took the place of the one that made it.
    pub replaced: bool,
    /// Hours that were reported as worked on it; `None` if nobody reported any.
    pub hours: Option<f64>,
    /// To whom it goes if it is overdue: roles one level up, then the arbiter.
    pub escalated_to: Vec<String>,
    /// What the reader should know: why it is not closed, which events do not count. One sentence each.
    pub remarks: Vec<String>,
}

/// How a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its date has not come.
    Open,
    /// Its date has passed.
    Overdue,
    /// Its clock stands still.
    Paused,
    /// It was kept, and that was verified.
    Closed,
    /// The change was given up.
    Withdrawn,
}

impl State {
    /// The name used in files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Commitment {
    /// Its date as it is at a moment: a pause that is not over puts it off until somebody says that the clock runs again,
    /// or the promise is kept.
    pub fn due_at(&self, at: Timestamp) -> Timestamp {
        let stood = self.paused.map_or(SignedDuration::ZERO, |since| at.duration_since(since));
        self.due.checked_add(stood).unwrap_or(self.due)
    }

    /// Its clock runs again.
    fn go_on(&mut self, at: Timestamp) {
        self.due = self.due_at(at);
        self.paused = None;
    }

    /// Whether it was kept by its date: `None` if it is not due yet, or was given up.
    pub fn kept(&self) -> Option<bool> {
        match (self.state, self.ended) {
            (State::Closed, Some(at)) => Some(at <= self.due),
            (State::Overdue, _) => Some(false),
            _ => None,
        }
    }

    /// When somebody gave it up with its change; `None` if nobody did.
    pub fn given_up(&self) -> Option<Timestamp> {
        self.ended.filter(|_| self.state == State::Withdrawn && !self.replaced)
    }
}

/// By what events are read.
#[derive(Debug, Clone, Copy)]
pub struct Light<'a> {
    /// Who may do what.
    pub agreements: Agreements<'a>,
    /// Decisions, by the change that they are about; a change that is not here was not asked for.
    pub decisions: &'a BTreeMap<String, Vec<Entry<Decision>>>,
    /// The moment to look from.
    pub now: Timestamp,
}

/// Every commitment, by date.
pub fn commitments(events: &BTreeMap<String, Vec<Entry<CommitmentEvent>>>, light: &Light<'_>) -> Vec<Commitment> {
    let mut courses: BTreeMap<&str, Vec<Complete<'_>>> = BTreeMap::new();
    for (change, decisions) in light.decisions {
        let mut complete = decided(decisions, light.agreements);
        complete.retain(|it| !is_future(it.at, light.now));
        courses.insert(change, complete);
    }
    let mut all: Vec<Commitment> =
        events.iter().filter_map(|(id, events)| commitment(id, events, &courses, light)).collect();
    all.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    all
}

fn commitment(
    id: &str,
    events: &[Entry<CommitmentEvent>],
    courses: &BTreeMap<&str, Vec<Complete<'_>>>,
    light: &Light<'_>,
) -> Option<Commitment> {
    let Origin { made, replaced, forged } = origin(events, courses, light)?;
    let Event::Made { change, approval, promise, .. } = &made.event else { return None };
    let (agreements, now) = (light.agreements, light.now);
    let next = agreements.in_force().map(|appetite| level_up(appetite, approval));
    let mut out = Commitment {
        id: id.to_owned(),
        change: change.clone(),
        approval: approval.clone(),
        promise: promise.clone(),
        made: made.at,
        due: promise.due,
        paused: None,
        state: State::Open,
        ended: None,
        replaced: false,
        hours: None,
        escalated_to: Vec::new(),
        remarks: Vec::new(),
    };
    if forged > 0 {
        out.remarks.push("A record that promises it otherwise does not count: no decision made it.".to_owned());
    }
    let mut why_open = None;
    for entry in events.iter().filter(|entry| entry.record.at <= now) {
        // Without the agreement nobody can be told to have been entitled.
        let under = |may: &dyn Fn(&Appetite) -> Result<(), String>| {
            let mut tried = agreements.at(entry.record.at).map(may).peekable();
            if tried.peek().is_none() {
                return Err("nobody is known who may".to_owned());
            }
            tried.reduce(|one, other| other.or(one)).unwrap_or(Ok(()))
        };
        let allowed =
            |by: &Decider| under(&|appetite| permitted(&entry.record, by, appetite, &level_up(appetite, approval)));
        let known = |by: &Decider| under(&|appetite| known(&entry.record, by, appetite));
        match &entry.record.event {
            Event::Made { .. } => {}
            Event::Extended { until, by, .. } => match allowed(by) {
                // Whoever sets a date while the clock stands still knows of the pause so far.
                Ok(()) => (out.due, out.paused) = (*until, out.paused.map(|_| entry.record.at)),
                Err(why) => out.remarks.push(format!("An extension does not count: {why}.")),
            },
            Event::Paused { by, .. } => match allowed(by) {
                Ok(()) => out.paused = out.paused.or(Some(entry.record.at)),
                Err(why) => out.remarks.push(format!("A pause does not count: {why}.")),
            },
            Event::Resumed { by, .. } => match known(by) {
                Ok(()) => out.go_on(entry.record.at),
                Err(why) => out.remarks.push(format!("That it was resumed does not count: {why}.")),
            },
            Event::Worked { hours, by } => match known(by) {
                Ok(()) => out.hours = Some(out.hours.unwrap_or(0.0) + hours),
                Err(why) => out.remarks.push(format!("Reported hours do not count: {why}.")),
            },
            Event::NotClosed { why, .. } => why_open = Some(why.clone()),
            Event::Closed { .. } => {
                out.go_on(entry.record.at);
                (out.state, out.ended) = (State::Closed, Some(entry.record.at));
            }
            Event::Withdrawn { by, .. } => match allowed(by) {
                Ok(()) => (out.state, out.ended) = (State::Withdrawn, Some(entry.record.at)),
                Err(why) => out.remarks.push(format!("Giving it up does not count: {why}.")),
            },
        }
    }
    if let Some(by) = replaced.filter(|_| out.ended.is_none()) {
        (out.state, out.ended, out.replaced) = (State::Withdrawn, Some(by.at), true);
        let (option, day) = (by.entry.record.option.0.as_str(), by.at.strftime("%Y-%m-%d"));
        out.remarks.push(format!("Replaced: {option} was decided for {change} on {day}, which does not promise it."));
    }
    if out.ended.is_some() {
        return Some(out);
    }
    out.remarks.extend(why_open.map(|why| format!("Not closed: {why}.")));
    if out.paused.is_some() {
        out.state = State::Paused;
    } else if now > out.due {
        out.state = State::Overdue;
        out.escalated_to = next.unwrap_or_default();
        if now.duration_since(out.due) > TO_ARBITER
            && let Some(arbiter) = agreements.in_force().and_then(|appetite| appetite.agreed.as_ref()?.arbiter.as_ref())
        {
            out.escalated_to = vec![format!("{} ({})", arbiter.name, arbiter.role)];
        }
    }
    Some(out)
}

/// Where a commitment comes from.
struct Origin<'e> {
    /// How it was made.
    made: &'e CommitmentEvent,
    /// The decision that took the place of the one that made it, if it does not promise the same.
    replaced: Option<Complete<'e>>,
    /// How many other records say that they made it, and did not.
    forged: usize,
}

/// `None` if nobody made it. A promise that stands in the decision that stands counts before one that it replaced.
fn origin<'e>(
    events: &'e [Entry<CommitmentEvent>],
    courses: &BTreeMap<&str, Vec<Complete<'e>>>,
    light: &Light<'e>,
) -> Option<Origin<'e>> {
    let (mut counting, mut forged) = (Vec::new(), 0);
    for event in events.iter().map(|entry| &entry.record).filter(|event| !is_future(event.at, light.now)) {
        let Event::Made { change, decision, lane, .. } = &event.event else { continue };
        if let Some(lane) = lane {
            match unproven_event(event, &lane.by) {
                None => counting.push((event, None)),
                Some(_) => forged += 1,
            }
            continue;
        }
        let Some((decisions, course)) = light.decisions.get(change).zip(courses.get(change.as_str())) else {
            counting.push((event, None));
            continue;
        };
        let chosen = decisions.iter().find(|entry| entry.path == *decision);
        match chosen.filter(|chosen| makes(chosen, event, course, light.agreements)) {
            Some(chosen) => {
                let last = course.last().filter(|last| last.at > chosen.record.at && !last.is_of(&chosen.record));
                counting.push((event, last.copied()));
            }
            None => forged += 1,
        }
    }
    let standing = counting.iter().position(|(_, replaced)| replaced.is_none()).unwrap_or_default();
    let (made, replaced) = counting.get(standing).copied()?;
    // What was seen on the branch stays promised, whatever is decided afterwards.
    let seen = |by: &Complete<'_>| {
        let seen = events.iter().filter(|entry| matches!(entry.record.event, Event::NotClosed { .. }));
        seen.into_iter().any(|entry| entry.record.at < by.at)
    };
    let again = |by: &Complete<'_>| promise::made(by.entry).any(|other| other.commitment == made.commitment);
    Some(Origin { made, replaced: replaced.filter(|by| !seen(by) && !again(by)), forged })
}

/// Whether a choice, as one of a decision that was complete, made this promise. Where the agreement that it was made under is
/// not known, its signature has to do.
fn makes(
    chosen: &Entry<Decision>,
    event: &CommitmentEvent,
    course: &[Complete<'_>],
    agreements: Agreements<'_>,
) -> bool {
    let decision = &chosen.record;
    let complete = || match agreements.named(&decision.appetite) {
        None => unproven(decision).is_none() || matches!(decision.by, Decider::Default),
        Some(_) if course.iter().any(|it| it.entry.path == chosen.path) => true,
        Some(appetite) => {
            let wanted = appetite.approvers(decision.verdict.0, decision.option.0);
            course.iter().any(|it| it.is_of(decision))
                && unproven(decision).is_none()
                && !held(&decision.by, appetite, wanted).is_empty()
        }
    };
    promise::made(chosen).any(|made| made == *event) && complete()
}

/// The roles one level above those that approved: whoever may approve the most at beyond tolerance, and above them the
/// two parties themselves.
pub fn level_up(appetite: &Appetite, approval: &[String]) -> Vec<String> {
    let delegates = appetite.approvers(Verdict::BeyondTolerance, OptionName::Fastest);
    let above = |role: &String| role != ANYONE && !approval.contains(role);
    if delegates.iter().any(above) {
        return delegates.iter().filter(|role| above(role)).cloned().collect();
    }
    vec!["cio".to_owned(), "ciso".to_owned()]
}

/// Whether `by` may say what became of a commitment: anybody whom the agreement names, and really they.
pub fn known(event: &CommitmentEvent, by: &Decider, appetite: &Appetite) -> Result<(), String> {
    match unproven_event(event, by) {
        Some(why) => Err(why),
        None if is_known(by, appetite) => Ok(()),
        None => Err("it takes somebody who holds a role of the agreement".to_owned()),
    }
}

/// Whether `by` may move the date of a commitment: somebody one level above those who approved it, and really they.
pub fn permitted(event: &CommitmentEvent, by: &Decider, appetite: &Appetite, next: &[String]) -> Result<(), String> {
    if let Some(why) = unproven_event(event, by) {
        return Err(why);
    }
    if held(by, appetite, next).is_empty() {
        return Err(format!("it takes {}, one level up", next.join(" or ")));
    }
    Ok(())
}
