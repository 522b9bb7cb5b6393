//! What was decided about the change, in sentences.

use crate::model::appetite::OptionName;
use crate::model::brief::Brief;
use crate::model::standing::{Approval, DecisionState, Standing};

use super::super::dates::Dates;
use super::super::escape::clip;
use super::super::words;
use super::lengths::TITLE;

/// Reasons why a choice no longer holds that are said one by one.
const MOST_REASONS: usize = 3;

/// The decision, or why there is none yet; the first sentence is the answer. Empty if nobody chose.
pub fn decision(brief: &Brief, dates: &Dates) -> Vec<String> {
    let Some(standing) = &brief.standing else { return Vec::new() };
    let option = words::option(standing.option);
    let by = people(standing, dates);
    // What both leaders marked themselves holds whatever was chosen.
    let held = brief.held();
    let mut out = match standing.state {
        DecisionState::Decided if held.is_empty() => {
            vec![format!("Proceed: {option}, decided by {by}.{}", promises(brief, standing, dates))]
        }
        DecisionState::Decided => vec![format!(
            "Decided: {option}, by {by}. It ships once this is treated: {}.{}",
            words::list(&held, "and"),
            promises(brief, standing, dates)
        )],
        DecisionState::ByDefault => {
            let since = standing.decided_at.map_or_else(String::new, |at| format!(" {}", on(&dates.time(at))));
            // Before it is on record nothing is promised yet.
            let promises = if standing.record.is_empty() {
                " A run with --record keeps it, with its commitments.".to_owned()
            } else {
                promises(brief, standing, dates)
            };
            let (go, then) = if held.is_empty() {
                ("Proceed: ", String::new())
            } else {
                ("", format!(" It ships once this is treated: {}.", words::list(&held, "and")))
            };
            vec![format!(
                "{go}{option} took effect{since}, as agreed, since no choice was complete in time.{then}{promises}"
            )]
        }
        DecisionState::Hotfix => {
            vec![format!("Proceed: revert or hotfix, opened by {by}.{}", promises(brief, standing, dates))]
        }
        DecisionState::Incomplete if standing.approvals.is_empty() => {
            vec![format!("Not decided yet: {option} takes {}.", words::list(&standing.missing, "and"))]
        }
        DecisionState::Incomplete => {
            let missing = words::list(&standing.missing, "and");
            vec![format!("Not decided yet: {option} is chosen by {by}. Still missing: {missing}.")]
        }
        DecisionState::Void => vec![format!("The choice of {option} by {by} no longer holds. Choose again.")],
    };
    // A push that brings hundreds of findings must not bury what to do about them.
    out.extend(standing.void_because.iter().take(MOST_REASONS).cloned());
    let more = standing.void_because.len().saturating_sub(MOST_REASONS);
    if more > 0 {
        out.push(format!("And {} more; the JSON form of this brief lists all of them.", words::grouped(more as u64)));
    }
    out.extend(standing.not_counted.iter().cloned());
    out
}

/// `A. Example (security-delegate) on Tue 2026-11-24, 10:30 (“key first”)`; a reason that all of them gave is said once.
fn people(standing: &Standing, dates: &Dates) -> String {
    let quoted = |reason: &str| format!(" (“{}”)", clip(reason, TITLE));
    let mut reasons: Vec<&str> = standing.approvals.iter().map(|approval| approval.reason.as_str()).collect();
    reasons.dedup();
    let same = reasons.first().filter(|reason| reasons.len() == 1 && !reason.is_empty());
    let person = |approval: &Approval| {
        let roles = if approval.roles.is_empty() {
            String::new()
        } else {
            format!(" ({})", words::list(&approval.roles, "and"))
        };
        let own = Some(approval.reason.as_str()).filter(|reason| same.is_none() && !reason.is_empty());
        let reason = own.map(quoted).unwrap_or_default();
        format!("{}{roles} {}{reason}", clip(&approval.who, TITLE), on(&dates.time(approval.at)))
    };
    let people = words::list(&standing.approvals.iter().map(person).collect::<Vec<_>>(), "and");
    people + &same.map(|reason| quoted(reason)).unwrap_or_default()
}

/// `today, 10:30`, or `on Tue 2026-11-24, 10:30`.
fn on(time: &str) -> String {
    if time.starts_with("today") { time.to_owned() } else { format!("on {time}") }
}

/// ` 3 commitments, next due Fri 2026-12-04. Time to yes: 1.5 hours.`
fn promises(brief: &Brief, standing: &Standing, dates: &Dates) -> String {
    let mut out = match standing.commitments.first() {
        // Two who chose out of reach of each other completed it, and no run has seen both.
        None if standing.state == DecisionState::Decided && is_promising(brief, standing.option) => {
            " Its commitments are not on record yet: a run with --record puts them there.".to_owned()
        }
        None => " No commitment.".to_owned(),
        Some((_, due)) => {
            let number = words::count(standing.commitments.len(), "commitment");
            format!(" {number}, next due {}.", dates.day(*due))
        }
    };
    if let Some(hours) = standing.hours_to_yes {
        out.push_str(&format!(" Time to yes: {}.", words::span(hours)));
    }
    out
}

/// Whether the option, or the one that it fell together with, promises something.
fn is_promising(brief: &Brief, option: OptionName) -> bool {
    let same = brief.plan.merged.iter().find(|merged| merged.names.contains(&option));
    let is_it = |name: OptionName| name == option || same.is_some_and(|merged| merged.names.contains(&name));
    brief.plan.options.iter().any(|offered| is_it(offered.name) && !offered.commitments.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn many_reasons_do_not_bury_the_verdict() {
        let mut brief = fixture::void();
        let reason = |number: usize| format!("A finding came after the decision: {number}.");
        if let Some(standing) = &mut brief.standing {
            standing.not_counted.clear();
            standing.void_because = (0..1_758).map(reason).collect();
        }
        let said = decision(&brief, &Dates::of(&brief.plan.planning));
        assert_eq!(said[1..4], [reason(0), reason(1), reason(2)]);
        assert_eq!(said[4..], ["And 1,755 more; the JSON form of this brief lists all of them."]);
    }
}
