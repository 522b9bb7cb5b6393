//! What was decided about a change, from the records alone: each decision that everybody who is needed has chosen, as the
//! run at that moment saw it. Reviews count by it, and promises and waivers follow from it.

use jiff::Timestamp;

use super::agreements::Agreements;
use super::authority::held;
use super::choices::{Case, Choices, changed};
use crate::model::appetite::{Appetite, OptionName};
use crate::model::ledger::{Decider, Decision, Entry};
use crate::model::standing::DecisionState;

/// A decision that is complete.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complete<'d> {
    /// When the last one who was needed approved.
    pub at: Timestamp,
    /// The choice that completed it.
    pub entry: &'d Entry<Decision>,
}

impl Complete<'_> {
    /// Whether somebody's choice is one of those that this decision is made of: the same option, for the same findings, under
    /// the same agreement.
    pub fn is_of(&self, choice: &Decision) -> bool {
        let what = |it: &Decision| (it.option, it.findings_digest.clone(), it.appetite.clone());
        what(&self.entry.record) == what(choice)
    }
}

/// Every decision on one change that was complete, earliest first; the last one stands. A choice that somebody has still to
/// approve replaces none.
pub fn decided<'d>(decisions: &'d [Entry<Decision>], agreements: Agreements<'_>) -> Vec<Complete<'d>> {
    let choices = Choices::of(decisions);
    let mut out: Vec<Complete<'d>> = Vec::new();
    for entry in choices.all() {
        let decision = &entry.record;
        let Some(appetite) = agreements.named(&decision.appetite) else { continue };
        let complete = if matches!(decision.by, Decider::Default) {
            // Nobody signs a default: it takes effect where people have decided nothing that holds.
            let agreed = appetite.authority.default.as_ref().is_some_and(|default| default.option == decision.option.0);
            let open = out.last().is_none_or(|last| changed(&last.entry.record, &case(decision, appetite)).is_some());
            (agreed && open).then_some(Complete { at: decision.at, entry })
        } else if may_choose(decision, appetite) {
            by_people(&choices.up_to(entry), decision, appetite)
        } else {
            None
        };
        out.extend(complete.filter(|it| out.last().is_none_or(|last| last.entry.path != it.entry.path)));
    }
    out
}

/// What everybody who is needed had chosen when this choice was made, about what it is about.
fn by_people<'d>(choices: &Choices<'d>, decision: &Decision, appetite: &Appetite) -> Option<Complete<'d>> {
    let case = case(decision, appetite);
    let chosen = choices.chosen(&case).filter(|standing| standing.state == DecisionState::Decided)?;
    let entry = choices.all().find(|entry| entry.path == chosen.record)?;
    Some(Complete { at: chosen.decided_at?, entry })
}

/// The change as it was judged when this choice was made.
fn case<'a>(decision: &'a Decision, appetite: &'a Appetite) -> Case<'a> {
    Case {
        change: &decision.change,
        head: &decision.head,
        verdict: decision.verdict.0,
        findings: decision.findings.clone(),
        authors: decision.authors.clone(),
        appetite,
        default_at: None,
        now: decision.at,
    }
}

/// Whether the decider may choose something at this verdict: nobody else's word makes a difference.
fn may_choose(decision: &Decision, appetite: &Appetite) -> bool {
    let approves = |option| !held(&decision.by, appetite, appetite.approvers(decision.verdict.0, option)).is_empty();
    OptionName::ALL.into_iter().any(approves)
}
