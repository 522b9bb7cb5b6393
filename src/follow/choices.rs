//! What choices are worth: which of them count, which no longer hold, and what they come to together.
//!
//! A choice counts if it is really by who it says (a signature, or the forge's word), if that person may make it, and if
//! it was made for this change. It holds as long as the agreement is the same and the findings are at most those that
//! were decided about: a push that brings nothing new keeps it, one that brings a finding or makes one worse does not.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::authority::{held, how, is_author, missing, name, same_person};
use super::proof;
use crate::model::appetite::{Appetite, OptionName};
use crate::model::clock::is_future;
use crate::model::ledger::{Decided, Decider, Decision, Entry, Person, findings_digest};
use crate::model::standing::{Approval, DecisionState, Standing};
use crate::model::verdict::Verdict;

/// The change as it is judged now.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Name of the change.
    pub change: &'a str,
    /// Full id of the commit that was judged; empty if it is not known.
    pub head: &'a str,
    /// The verdict.
    pub verdict: Verdict,
    /// What has to be decided about.
    pub findings: Vec<Decided>,
    /// Who wrote the change, as far as git and the forge tell.
    pub authors: Vec<Person>,
    /// The agreement in force.
    pub appetite: &'a Appetite,
    /// When the agreed default takes effect if nobody chooses; `None` if there is none, or its clock does not run.
    pub default_at: Option<Timestamp>,
    /// The moment of judgement.
    pub now: Timestamp,
}

/// Choices on one change, earliest first, and of each why it is not known that it is by whom it says.
pub struct Choices<'h>(Vec<(&'h Entry<Decision>, Option<String>)>);

/// What choices are worth: those that count with the roles of whoever made them, those that no longer hold and why, and
/// why others do not count.
pub(super) struct Weighed<'h> {
    pub(super) counted: Vec<(&'h Entry<Decision>, Vec<String>)>,
    pub(super) voided: Vec<(&'h Entry<Decision>, Vec<String>)>,
    pub(super) not_counted: Vec<String>,
}

impl<'h> Choices<'h> {
    /// Looks at each signature once.
    pub fn of(decisions: &'h [Entry<Decision>]) -> Self {
        let mut all: Vec<_> = decisions.iter().map(|entry| (entry, unproven(&entry.record))).collect();
        all.sort_by(|(a, _), (b, _)| (a.record.at, &a.path).cmp(&(b.record.at, &b.path)));
        Self(all)
    }

    /// The choices, earliest first.
    pub fn all(&self) -> impl Iterator<Item = &'h Entry<Decision>> {
        self.0.iter().map(|(entry, _)| *entry)
    }

    /// Those up to one of them.
    #[must_use]
    pub fn up_to(&self, last: &Entry<Decision>) -> Self {
        let count = self.0.iter().position(|(entry, _)| entry.path == last.path).map_or(self.0.len(), |at| at + 1);
        Self(self.0[..count].to_vec())
    }

    /// The option that everybody who is needed has chosen at the moment of `case`; else the one that somebody chose last.
    pub fn chosen(&self, case: &Case<'_>) -> Option<Standing> {
        let begun = self.0.iter().map(|(entry, _)| entry.record.assessed_at).min()?;
        choose(case, &self.weigh(case, |_, _| None).counted, begun)
    }

    /// The last word of every person; whoever chooses again has changed their mind.
    pub(super) fn latest_of_each(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = &(&'h Entry<Decision>, Option<String>)> {
        let later = move |index: usize, entry: &Entry<Decision>| {
            self.0[index + 1..].iter().any(|(other, unproven)| {
                // Only a choice that is really theirs, and made, can replace one.
                unproven.is_none()
                    && same_person(&other.record.by, &entry.record.by)
                    && !is_future(other.record.at, now)
            })
        };
        self.0.iter().enumerate().filter(move |(index, (entry, _))| !later(*index, entry)).map(|(_, choice)| choice)
    }

    /// `withheld` names the commitment for which an option was not offered at a moment, if there is one.
    pub(super) fn weigh(
        &self,
        case: &Case<'_>,
        withheld: impl Fn(OptionName, Timestamp) -> Option<String>,
    ) -> Weighed<'h> {
        let (mut counted, mut voided, mut not_counted) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, unproven) in self.latest_of_each(case.now) {
            let decision = &entry.record;
            if matches!(decision.by, Decider::Default) {
                continue;
            }
            let wanted = case.appetite.approvers(case.verdict, decision.option.0);
            let roles = held(&decision.by, case.appetite, wanted);
            if let Some(why) = refused(decision, case, || unproven.clone()) {
                not_counted.push(format!("{} by {} {why}.", what(decision), name(&decision.by)));
            } else if let Some(id) = withheld(decision.option.0, decision.at) {
                not_counted.push(format!(
                    "{} by {} does not count: it was not offered then, as the commitment {id} was overdue.",
                    what(decision),
                    name(&decision.by)
                ));
            } else if let Some(why) = changed(decision, case) {
                voided.push((*entry, why));
            } else if roles.is_empty() {
                not_counted.push(format!(
                    "{} by {} does not count: it takes {}, and they hold none of these roles.",
                    what(decision),
                    name(&decision.by),
                    roles_in_words(wanted)
                ));
            } else {
                counted.push((*entry, roles));
            }
        }
        Weighed { counted, voided, not_counted }
    }
}

/// Why somebody may not decide this, as the rest of a sentence; `None` if they may. Asked before a decision is recorded,
/// and again by everybody who reads it.
pub fn refusal(decision: &Decision, case: &Case<'_>) -> Option<String> {
    refused(decision, case, || unproven(decision))
}

fn refused(decision: &Decision, case: &Case<'_>, unproven: impl FnOnce() -> Option<String>) -> Option<String> {
    if is_future(decision.at, case.now) {
        return Some(format!("does not count: it is dated {}, in the future", decision.at));
    }
    if decision.change != case.change {
        return Some(format!("does not count: it is about another change, {}", decision.change));
    }
    if findings_digest(&decision.findings) != decision.findings_digest {
        return Some("does not count: its list of findings is not the one it is bound to".to_owned());
    }
    if is_future(decision.assessed_at, decision.at) {
        return Some(format!(
            "does not count: it is dated {}, before the judgement that it is about, of {}",
            decision.at, decision.assessed_at
        ));
    }
    if let Some(why) = unproven() {
        return Some(why);
    }
    // By hand somebody can write any verdict: one that sorts above beyond tolerance would outrank it.
    let verdict = decision.verdict.0;
    if !verdict.is_decided_about() {
        return Some(format!("does not count: {}", undecidable(verdict)));
    }
    let beyond = [case.verdict, verdict].contains(&Verdict::BeyondTolerance);
    let authors = [case.authors.as_slice(), &decision.authors].concat();
    if beyond && is_author(&decision.by, &authors) {
        return Some("does not count: authors do not approve their own change beyond tolerance".to_owned());
    }
    None
}

/// What is wrong with a decision at a verdict that leaves nothing to decide.
pub fn undecidable(verdict: Verdict) -> String {
    format!("it is for the verdict {verdict}, about which nothing is decided")
}

/// Why it is not known that the decider decided this; `None` if it is.
pub fn unproven(decision: &Decision) -> Option<String> {
    if matches!(decision.by, Decider::Default) {
        return None;
    }
    proof::unproven(&decision.by, &decision.signed_bytes(), &decision.signature, Decision::NAMESPACE)
        .map(|why| format!("does not count: {why}"))
}

/// What has changed since, so that the decision no longer holds: one sentence each.
pub(super) fn changed(decision: &Decision, case: &Case<'_>) -> Option<Vec<String>> {
    let mut why = Vec::new();
    if decision.appetite != case.appetite.sha256.to_string() {
        why.push("The risk appetite was changed since the decision.".to_owned());
    }
    let before: BTreeMap<&str, &Decided> = decision.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    for finding in &case.findings {
        match before.get(finding.id.as_str()) {
            None => why.push(format!("A finding came after the decision: {} ({}).", finding.title, finding.id)),
            Some(old) if finding.severity.0 > old.severity.0 => why.push(format!(
                "A finding is now {}, and was {} when it was decided: {} ({}).",
                finding.severity.0.as_str(),
                old.severity.0.as_str(),
                finding.title,
                finding.id
            )),
            Some(old) if finding.exploited && !old.exploited => why.push(format!(
                "A finding is known to be exploited since the decision: {} ({}).",
                finding.title, finding.id
            )),
            Some(_) => {}
        }
    }
    if why.is_empty() && case.verdict > decision.verdict.0 {
        why.push(format!("The verdict is {} now, and was {} when it was decided.", case.verdict, decision.verdict.0));
    }
    (!why.is_empty()).then_some(why)
}

/// The option that everybody who is needed has chosen; else the one that somebody chose last.
pub(super) fn choose(
    case: &Case<'_>,
    counted: &[(&Entry<Decision>, Vec<String>)],
    first_verdict: Timestamp,
) -> Option<Standing> {
    let standings = OptionName::ALL.into_iter().filter_map(|option| {
        let mine: Vec<_> = counted.iter().filter(|(entry, _)| entry.record.option.0 == option).collect();
        let (last, _) = mine.last()?;
        let wanted = case.appetite.approvers(case.verdict, option);
        let roles: Vec<Vec<String>> = mine.iter().map(|(_, roles)| roles.clone()).collect();
        let missing = missing(wanted, &roles);
        let complete = missing.is_empty();
        // The moment at which the last one who was needed approved.
        let at = (1..=mine.len())
            .find(|&count| super::authority::missing(wanted, &roles[..count]).is_empty())
            .map_or(last.record.at, |count| mine[count - 1].0.record.at);
        let completing = mine.iter().find(|(entry, _)| entry.record.at == at).map_or(*last, |(entry, _)| entry);
        Some(Standing {
            state: if complete { DecisionState::Decided } else { DecisionState::Incomplete },
            approvals: mine.iter().map(|(entry, roles)| approval(&entry.record, roles.clone())).collect(),
            decided_at: complete.then_some(at),
            hours_to_yes: complete.then(|| hours(first_verdict, at)),
            missing,
            record: completing.path.clone(),
            ..empty(option, DecisionState::Incomplete, first_verdict)
        })
    });
    // Two decisions for one change: the one that was complete last stands.
    standings.max_by_key(|standing| {
        let last = standing.approvals.last().map(|approval| approval.at);
        (standing.state == DecisionState::Decided, standing.decided_at.or(last))
    })
}

pub(super) fn empty(option: OptionName, state: DecisionState, first_verdict: Timestamp) -> Standing {
    Standing {
        state,
        option,
        approvals: Vec::new(),
        decided_at: None,
        missing: Vec::new(),
        void_because: Vec::new(),
        not_counted: Vec::new(),
        first_verdict,
        hours_to_yes: None,
        commitments: Vec::new(),
        record: String::new(),
    }
}

pub(super) fn approval(decision: &Decision, roles: Vec<String>) -> Approval {
    Approval {
        who: name(&decision.by),
        how: how(&decision.by),
        roles,
        at: decision.at,
        reason: decision.reason.clone(),
    }
}

/// Hours from the first verdict to a decision; 0 if clocks that differ have them the other way round.
pub fn hours(from: Timestamp, to: Timestamp) -> f64 {
    (to.duration_since(from).as_secs_f64() / 3600.0).max(0.0)
}

fn what(decision: &Decision) -> String {
    format!("The choice of {}", decision.option.0.as_str())
}

/// `delivery-delegate and security-delegate`; nobody if there is none.
pub fn roles_in_words(roles: &[String]) -> String {
    match roles {
        [] => "nobody under this agreement".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
