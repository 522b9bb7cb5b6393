//! Which of the three plans are worth showing, under which names.
//!
//! A plan that another one matches or beats in ship, exposure and effort is not shown. Plans that ship on the same day,
//! with scores within one point and efforts within a tenth, are one option. If all are alike, or the fastest and the balanced
//! are, or the balanced and the most secure are, the balanced one stands for them; if the balanced is like both and
//! they are not like each other, both ends stay. If only the ends are left and alike, the more secure one stays.

use std::collections::BTreeSet;

use super::choose::Chosen;
use super::evaluate::{Measure, Solved};
use super::objective::differs;
use crate::model::appetite::OptionName::{self, Balanced, Fastest, MostSecure};
use crate::model::option::Merged;

/// Options that are shown.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Name and plan, fastest first.
    pub shown: Vec<(OptionName, Solved)>,
    /// Names that fell together.
    pub merged: Vec<Merged>,
    /// The name under which the wanted option is shown.
    pub recommended: Option<OptionName>,
}

/// Settles what is shown. `score` turns exposure into a score, `same_day` compares ship days, and `wanted` is the option to
/// recommend.
pub fn offer(
    chosen: &Chosen,
    score: impl Fn(f64) -> f64,
    same_day: impl Fn(f64, f64) -> bool,
    wanted: OptionName,
) -> Offer {
    let plans =
        [(Fastest, Some(&chosen.fastest)), (Balanced, chosen.balanced.as_ref()), (MostSecure, chosen.secure.as_ref())];
    let mut shown: Vec<(OptionName, Solved)> =
        plans.into_iter().filter_map(|(name, plan)| plan.map(|plan| (name, plan.clone()))).collect();
    let mut merged = Vec::new();

    let alike = |a: &Measure, b: &Measure| {
        same_day(a.ship, b.ship)
            && (score(a.exposure) - score(b.exposure)).abs() <= 1.0
            && (a.effort - b.effort).abs() <= 0.1 * a.effort.max(b.effort)
    };
    let measure = |name: OptionName| shown.iter().find(|(n, _)| *n == name).map(|(_, (_, measure))| *measure);
    let pair = |a, b| matches!((measure(a), measure(b)), (Some(a), Some(b)) if alike(&a, &b));
    let (low, high, ends) = (pair(Fastest, Balanced), pair(Balanced, MostSecure), pair(Fastest, MostSecure));
    let groups: Vec<(Vec<OptionName>, OptionName)> = match (low, high, ends) {
        (true, true, true) => vec![(vec![Fastest, Balanced, MostSecure], Balanced)],
        (true, true, false) => vec![(vec![Balanced, MostSecure], MostSecure)],
        (true, false, _) => vec![(vec![Fastest, Balanced], Balanced)],
        (false, true, _) => vec![(vec![Balanced, MostSecure], Balanced)],
        (false, false, true) => vec![(vec![Fastest, MostSecure], MostSecure)],
        (false, false, false) => Vec::new(),
    };
    for (group, stays) in groups {
        merged.push(Merged { why: why_alike(&group, stays), names: group.iter().copied().collect() });
        shown.retain(|(name, _)| *name == stays || !group.contains(name));
    }
    while let Some((worse, better)) = dominated(&shown) {
        merged.push(Merged {
            names: BTreeSet::from([worse, better]),
            why: format!(
                "{} is not shown: {} ships no later, exposes no more and takes no more work.",
                worse.title(),
                better.title()
            ),
        });
        shown.retain(|(name, _)| *name != worse);
    }
    let recommended = stands_for(wanted, &shown, &merged)
        .or_else(|| stands_for(Balanced, &shown, &merged))
        .or_else(|| shown.last().map(|(name, _)| *name));
    Offer { shown, merged, recommended }
}

/// Takes an option out of the offer, unless it is the only one. Returns what to tell.
pub fn withhold(offer: &mut Offer, option: OptionName, because: &str) -> Option<String> {
    if !offer.shown.iter().any(|(name, _)| *name == option) {
        return None;
    }
    let name = option.title();
    if offer.shown.len() == 1 {
        return Some(format!("{name} is offered, as there is no other way to ship, although {because}."));
    }
    offer.shown.retain(|(shown, _)| *shown != option);
    if offer.recommended == Some(option) {
        offer.recommended = offer.shown.first().map(|(name, _)| *name);
    }
    Some(format!(
        "{name} is not offered, as both leaders agreed: {because}. It is again once everything is back on track."
    ))
}

fn why_alike(group: &[OptionName], stays: OptionName) -> String {
    let names: Vec<_> = group.iter().map(|name| name.title()).collect();
    let (last, first) = names.split_last().map_or(("", &names[..]), |(last, first)| (*last, first));
    format!(
        "{} and {last} do not differ materially (same ship day, scores within one point, efforts within a tenth); {} \
         stands for them.",
        first.join(", "),
        stays.title()
    )
}

/// An option that another one matches in everything and beats in something, and that other one.
fn dominated(shown: &[(OptionName, Solved)]) -> Option<(OptionName, OptionName)> {
    let less = |a: f64, b: f64| a < b && differs(a, b);
    for (name, (_, one)) in shown {
        for (other_name, (_, other)) in shown {
            let pairs = [(one.ship, other.ship), (one.exposure, other.exposure), (one.effort, other.effort)];
            if name != other_name
                && pairs.iter().all(|&(one, other)| !less(one, other))
                && pairs.iter().any(|&(one, other)| less(other, one))
            {
                return Some((*name, *other_name));
            }
        }
    }
    None
}

/// The shown option that stands for `name`, following mergers.
fn stands_for(name: OptionName, shown: &[(OptionName, Solved)], merged: &[Merged]) -> Option<OptionName> {
    let is_shown = |name: OptionName| shown.iter().any(|(n, _)| *n == name);
    let mut names = BTreeSet::from([name]);
    for _ in 0..=merged.len() {
        if let Some(found) = names.iter().rev().find(|name| is_shown(**name)) {
            return Some(*found);
        }
        for merger in merged {
            if !merger.names.is_disjoint(&names) {
                names.extend(&merger.names);
            }
        }
    }
    None
}
