//! How each commitment stands: its date, whether it is kept, and to whom it goes if it is not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::authority::{ANYONE, held};
use super::proof::unproven_event;
use crate::model::appetite::{Appetite, OptionName};
use crate::model::ledger::{CommitmentEvent, Decider, Entry, Event, Promise};
use crate::model::verdict::Verdict;

/// How long after its date a commitment goes on to the arbiter, if it is still open: a working week.
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
    /// Its date, extensions and pauses counted.
    pub due: Timestamp,
    /// How it stands.
    pub state: State,
    /// When it was closed or given up.
    pub ended: Option<Timestamp>,
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
    /// Whether it was kept by its date: `None` if it is not due yet, or was given up.
    pub fn kept(&self) -> Option<bool> {
        match (self.state, self.ended) {
            (State::Closed, Some(at)) => Some(at <= self.due),
            (State::Overdue, _) => Some(false),
            _ => None,
        }
    }
}

/// Every commitment, by date.
pub fn commitments(
    events: &BTreeMap<String, Vec<Entry<CommitmentEvent>>>,
    appetite: Option<&Appetite>,
    now: Timestamp,
) -> Vec<Commitment> {
    let mut all: Vec<Commitment> =
        events.iter().filter_map(|(id, events)| commitment(id, events, appetite, now)).collect();
    all.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    all
}

fn commitment(
    id: &str,
    events: &[Entry<CommitmentEvent>],
    appetite: Option<&Appetite>,
    now: Timestamp,
) -> Option<Commitment> {
    let (at, change, approval, promise) = events.iter().find_map(|entry| match &entry.record.event {
        Event::Made { change, approval, promise, .. } => Some((entry.record.at, change, approval, promise)),
        _ => None,
    })?;
    let next = appetite.map(|appetite| level_up(appetite, approval));
    let mut out = Commitment {
        id: id.to_owned(),
        change: change.clone(),
        approval: approval.clone(),
        promise: promise.clone(),
        made: at,
        due: promise.due,
        state: State::Open,
        ended: None,
        hours: None,
        escalated_to: Vec::new(),
        remarks: Vec::new(),
    };
    let mut paused: Option<Timestamp> = None;
    let mut why_open = None;
    for entry in events.iter().filter(|entry| entry.record.at <= now) {
        let allowed = |by: &Decider| match (appetite, &next) {
            (Some(appetite), Some(next)) => permitted(&entry.record, by, appetite, next),
            // Without the agreement nobody can be told to have been entitled.
            _ => Err("nobody is known who may".to_owned()),
        };
        match &entry.record.event {
            Event::Made { .. } => {}
            Event::Extended { until, by, .. } => match allowed(by) {
                Ok(()) => out.due = *until,
                Err(why) => out.remarks.push(format!("An extension does not count: {why}.")),
            },
            Event::Paused { by, .. } => match allowed(by) {
                Ok(()) => paused = paused.or(Some(entry.record.at)),
                Err(why) => out.remarks.push(format!("A pause does not count: {why}.")),
            },
            Event::Resumed { by, .. } => match unproven_event(&entry.record, by) {
                None => {
                    if let Some(since) = paused.take() {
                        out.due = out.due.checked_add(entry.record.at.duration_since(since)).unwrap_or(out.due);
                    }
                }
                Some(why) => out.remarks.push(format!("That it was resumed does not count: {why}.")),
            },
            Event::Worked { hours, by } => match unproven_event(&entry.record, by) {
                None => out.hours = Some(out.hours.unwrap_or(0.0) + hours),
                Some(why) => out.remarks.push(format!("Reported hours do not count: {why}.")),
            },
            Event::NotClosed { why, .. } => why_open = Some(why.clone()),
            Event::Closed { .. } => (out.state, out.ended) = (State::Closed, Some(entry.record.at)),
            Event::Withdrawn { by, .. } => match allowed(by) {
                Ok(()) => (out.state, out.ended) = (State::Withdrawn, Some(entry.record.at)),
                Err(why) => out.remarks.push(format!("Giving it up does not count: {why}.")),
            },
        }
    }
    if out.ended.is_some() {
        return Some(out);
    }
    out.remarks.extend(why_open.map(|why| format!("Not closed: {why}.")));
    if paused.is_some() {
        out.state = State::Paused;
    } else if now > out.due {
        out.state = State::Overdue;
        out.escalated_to = next.unwrap_or_default();
        if now.duration_since(out.due) > TO_ARBITER
            && let Some(arbiter) = appetite.and_then(|appetite| appetite.agreed.as_ref()?.arbiter.as_ref())
        {
            out.escalated_to = vec![format!("{} ({})", arbiter.name, arbiter.role)];
        }
    }
    Some(out)
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
