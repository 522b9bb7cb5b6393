//! Whether a change is decided: by people, by the agreed default, or by the hotfix lane; and who is missing.

use jiff::Timestamp;

use super::agreements::Agreements;
use super::authority::{how, name};
pub use super::choices::{Case, hours, refusal, roles_in_words, undecidable, unproven};
use super::choices::{Choices, Weighed, approval, changed, choose, empty};
use super::commitments::{self, Light, State};
use super::proof::unproven_event;
use crate::model::appetite::{Appetite, OptionName};
use crate::model::ledger::{Decider, Event, History};
use crate::model::standing::{Approval, DecisionState, Standing};

/// How the change stands; `None` if nothing was decided and nothing takes effect.
pub fn stand(case: &Case<'_>, history: &History) -> Option<Standing> {
    if !case.verdict.is_decided_about() {
        return None;
    }
    lane(case, history).or_else(|| by_choice(case, history))
}

/// Roles that have still to approve one option, whatever else was chosen and stands.
pub fn missing_for(option: OptionName, case: &Case<'_>, history: &History) -> Vec<String> {
    let wanted = case.appetite.approvers(case.verdict, option);
    let choices = Choices::of(&history.decisions);
    let last_words = choices.latest_of_each(case.now).map(|(entry, _)| *entry);
    let decisions = last_words.filter(|entry| entry.record.option.0 == option).cloned().collect();
    let alone = by_choice(&Case { default_at: None, ..case.clone() }, &History { decisions, ..history.clone() });
    alone.map_or_else(|| wanted.to_vec(), |standing| standing.missing)
}

/// How the change stands by what was chosen, or by the agreed default.
fn by_choice(case: &Case<'_>, history: &History) -> Option<Standing> {
    let choices = Choices::of(&history.decisions);
    let Weighed { counted, voided, not_counted } =
        choices.weigh(case, |option, at| withheld(case.appetite, history, option, at));
    let first_verdict = first_verdict(history, case.now);
    let mut chosen = choose(case, &counted, first_verdict);
    if let Some(chosen) = chosen.as_mut().filter(|chosen| chosen.state.proceeds()) {
        chosen.commitments = made_by(history, &chosen.record);
    }
    let complete = chosen.as_ref().is_some_and(|standing| standing.state.proceeds());
    // A choice that somebody has still to approve does not stop the clock of the agreed default: it would hold the change
    // for good.
    let default = case
        .default_at
        .filter(|&at| !complete && at <= case.now)
        .and_then(|at| by_default(case, history, at, first_verdict));
    let mut standing = default.or(chosen);
    let open = standing.as_ref().is_none_or(|standing| !standing.state.proceeds());
    if open && let Some((entry, why)) = voided.last() {
        // What no longer holds is said before what is not complete yet.
        let void = standing.get_or_insert_with(|| empty(entry.record.option.0, DecisionState::Void, first_verdict));
        void.void_because.clone_from(why);
        if void.approvals.is_empty() {
            void.state = DecisionState::Void;
            let together = voided.iter().filter(|(other, _)| other.record.option == entry.record.option);
            void.approvals = together.map(|(other, _)| approval(&other.record, Vec::new())).collect();
        }
    }
    if let Some(standing) = &mut standing {
        standing.not_counted = not_counted;
    } else if let Some(entry) = history.decisions.last().filter(|_| !not_counted.is_empty()) {
        let mut incomplete = empty(entry.record.option.0, DecisionState::Incomplete, first_verdict);
        incomplete.missing = case.appetite.approvers(case.verdict, entry.record.option.0).to_vec();
        incomplete.not_counted = not_counted;
        standing = Some(incomplete);
    }
    standing
}

/// The commitment that was overdue at a moment and is not closed yet, if both leaders agreed not to offer the option
/// meanwhile.
pub fn withheld(appetite: &Appetite, history: &History, option: OptionName, at: Timestamp) -> Option<String> {
    appetite.authority.withheld_if_overdue.filter(|withheld| *withheld == option)?;
    let agreements = Agreements::new(Some(appetite), &[]);
    let then =
        commitments::commitments(&history.commitments, &Light { agreements, decisions: &history.deciding, now: at });
    then.into_iter().find(|commitment| commitment.state == State::Overdue).map(|commitment| commitment.id)
}

fn by_default(case: &Case<'_>, history: &History, at: Timestamp, first_verdict: Timestamp) -> Option<Standing> {
    let option = case.appetite.authority.default.as_ref()?.option;
    let recorded = history
        .decisions
        .iter()
        .find(|entry| matches!(entry.record.by, Decider::Default) && changed(&entry.record, case).is_none());
    Some(Standing {
        approvals: vec![Approval {
            who: name(&Decider::Default),
            how: how(&Decider::Default),
            roles: Vec::new(),
            at,
            reason: "no choice was complete within the agreed time".to_owned(),
        }],
        decided_at: Some(at),
        hours_to_yes: Some(hours(first_verdict, at)),
        commitments: recorded.map(|entry| made_by(history, &entry.path)).unwrap_or_default(),
        record: recorded.map(|entry| entry.path.clone()).unwrap_or_default(),
        ..empty(option, DecisionState::ByDefault, first_verdict)
    })
}

/// The revert and hotfix lane, if somebody really opened it for this very commit.
fn lane(case: &Case<'_>, history: &History) -> Option<Standing> {
    let opened = history.commitments.values().flatten().filter(|entry| entry.record.at <= case.now);
    let (entry, lane, due) = opened.into_iter().find_map(|entry| match &entry.record.event {
        Event::Made { change, head, lane: Some(lane), promise, .. }
            if change == case.change && head == case.head && unproven_event(&entry.record, &lane.by).is_none() =>
        {
            Some((entry, lane, promise.due))
        }
        _ => None,
    })?;
    Some(Standing {
        approvals: vec![Approval {
            who: name(&lane.by),
            how: how(&lane.by),
            roles: Vec::new(),
            at: entry.record.at,
            reason: lane.reason.clone(),
        }],
        decided_at: Some(entry.record.at),
        commitments: vec![(entry.record.commitment.clone(), due)],
        record: entry.path.clone(),
        ..empty(OptionName::Fastest, DecisionState::Hotfix, first_verdict(history, case.now))
    })
}

/// Commitments that the decision made, by date.
fn made_by(history: &History, path: &str) -> Vec<(String, Timestamp)> {
    let mut out: Vec<(String, Timestamp)> = history
        .commitments
        .iter()
        .filter_map(|(id, events)| {
            events.iter().find_map(|event| match &event.record.event {
                Event::Made { decision, promise, .. } if decision == path => Some((id.clone(), promise.due)),
                _ => None,
            })
        })
        .collect();
    out.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    out
}

/// When the change was first judged, as far as the ledger knows.
pub fn first_verdict(history: &History, now: Timestamp) -> Timestamp {
    let judged = history.assessments.iter().map(|entry| entry.record.at);
    let decided = history.decisions.iter().map(|entry| entry.record.assessed_at);
    judged.chain(decided).min().unwrap_or(now).min(now)
}
