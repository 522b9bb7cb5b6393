//! Problems at a place in a file: code, configuration, secrets, and whatever else names no package and no address.
//!
//! Rows are one problem if rule, file and line are the same; two different rows of one report at the same line stay
//! two. What names the problem is the rule, the file and the code quoted at the place (or the resource concerned), and
//! a count where these repeat: the second such place in the file is the second however far it moves.
//!
//! The quoted line of a secret never enters its id, from which a short secret could be guessed.
//!
//! Two scanners' results are one problem if the file, a CWE and the place agree.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use crate::model::category::Category;
use crate::model::report::Observation;

use super::advisory::Aliases;
use super::group::{Candidate, Group, Member, join};
use super::identity;
use super::place::Places;
use super::ranked::{Ranked, Ranks};

/// Rows of all reports that are at one place under one rule.
#[derive(Debug, Clone, Copy)]
struct Spot<'p> {
    path: Ranked<'p>,
    family: Ranked<'p>,
    /// What it is about where no line tells: one check says something else of each resource.
    resource: Ranked<'p>,
    line: Option<u32>,
    /// Which of several different rows of one report at this line.
    nth: usize,
}

/// Path, family, resource, line and report of a row.
type Row<'p> = (Ranked<'p>, Ranked<'p>, Ranked<'p>, Option<u32>, usize);

/// A spot and the rows that are at it.
type Held<'p, 'a> = (Spot<'p>, Vec<Member<'a>>);

/// Groups observations by their place in files.
pub fn group<'a>(members: &[Member<'a>], places: &Places<'_>, aliases: &Aliases) -> Vec<Group<'a>> {
    let families: Vec<Cow<'_, str>> = members.iter().map(|member| family(member, aliases)).collect();
    let resources: Vec<Cow<'_, str>> = members.iter().map(resource).collect();
    let spots = with_lines(spots(members, &families, &resources, places));
    let mut named = Vec::with_capacity(spots.len());
    // How often a context was met, under one rule in one file.
    let mut repeated: HashMap<Cow<'_, str>, usize> = HashMap::new();
    let mut under = None;
    for (spot, members) in spots {
        if under != Some((spot.path, spot.family)) {
            under = Some((spot.path, spot.family));
            repeated.clear();
        }
        let context = members
            .iter()
            .map(|member| context(member))
            .filter(|text| !text.is_empty())
            .min_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let context = context.unwrap_or_default();
        // Spots come in the order of lines, so the count is that of the places in the file.
        let count = repeated.get(&context).map_or(1, |before| before + 1);
        let text = identity::text(&["place", spot.family.text, spot.path.text, &context, &count.to_string()]);
        repeated.insert(context, count);
        named.push((spot, Group::new(members, text, String::new())));
    }
    across_tools(named)
}

/// Every spot, in order.
fn spots<'p, 'a>(
    members: &'p [Member<'a>],
    families: &'p [Cow<'p, str>],
    resources: &'p [Cow<'p, str>],
    places: &'p Places<'_>,
) -> Vec<Held<'p, 'a>> {
    let path = |member: &'p Member<'a>| {
        let location = member.observation.locations.first();
        location.map_or("", |location| places.resolve(&location.path))
    };
    let paths = Ranks::of(members.iter().map(path));
    let (family_ranks, resource_ranks) = (Ranks::of(texts(families)), Ranks::of(texts(resources)));
    let mut rows: Vec<(Row<'p>, Member<'a>)> = members
        .iter()
        .zip(texts(families).zip(texts(resources)))
        .map(|(member, (family, resource))| {
            let (path, family) = (paths.ranked(path(member)), family_ranks.ranked(family));
            let row = (path, family, resource_ranks.ranked(resource), member.line(), member.report_rank);
            (row, *member)
        })
        .collect();
    rows.sort_by_key(|(row, _)| *row);
    let mut spots: Vec<Held<'p, 'a>> = Vec::with_capacity(rows.len());
    for at_line in rows.chunk_by(|((a, b, c, d, _), _), ((e, f, g, h, _), _)| (a, b, c, d) == (e, f, g, h)) {
        let (path, family, resource, line, _) = at_line[0].0;
        let first = spots.len();
        for rows in at_line.chunk_by(|(a, _), (b, _)| a == b) {
            let mut different: Vec<(String, Member<'a>)> = match rows {
                [(_, alone)] => vec![(String::new(), *alone)],
                several => several.iter().map(|(_, member)| (difference(member), *member)).collect(),
            };
            different.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (nth, same) in different.chunk_by(|(a, _), (b, _)| a == b).enumerate() {
                let members = same.iter().map(|(_, member)| *member);
                match spots.get_mut(first + nth) {
                    Some((_, held)) => held.extend(members),
                    None => spots.push((Spot { path, family, resource, line, nth }, members.collect())),
                }
            }
        }
    }
    spots
}

fn texts<'p>(texts: &'p [Cow<'p, str>]) -> impl Iterator<Item = &'p str> {
    texts.iter().map(|text| &**text)
}

/// Some formats leave the line out where another one of the same scan writes line 1, or the resource. A spot that says less
/// joins the one that says more, if rule and file have just these two and no report speaks of both.
fn with_lines<'p, 'a>(spots: Vec<Held<'p, 'a>>) -> Vec<Held<'p, 'a>> {
    let mut kept: Vec<Held<'p, 'a>> = Vec::with_capacity(spots.len());
    let mut rest = spots.into_iter().peekable();
    while let Some(first) = rest.next() {
        let (path, family) = (first.0.path, first.0.family);
        let mut alike = || rest.next_if(|(spot, _)| spot.path == path && spot.family == family);
        match (alike(), alike()) {
            (Some(second), None) if !path.text.is_empty() => kept.extend(of_two(first, second)),
            (second, third) => {
                kept.extend(std::iter::once(first).chain(second).chain(third));
                kept.extend(std::iter::from_fn(alike));
            }
        }
    }
    kept
}

/// The only two spots of a rule in a file, or the one that they are.
fn of_two<'p, 'a>(first: Held<'p, 'a>, second: Held<'p, 'a>) -> Vec<Held<'p, 'a>> {
    let in_order = says(&first.0) <= says(&second.0);
    let (less, more) = if in_order { (&first, &second) } else { (&second, &first) };
    let one_report = less.1.iter().any(|a| more.1.iter().any(|b| a.report_rank == b.report_rank));
    if says(&less.0) == says(&more.0) || less.0.line.is_some() || one_report {
        return vec![first, second];
    }
    let ((_, vague), (spot, mut exact)) = if in_order { (first, second) } else { (second, first) };
    exact.extend(vague);
    vec![(spot, exact)]
}

/// How much a spot says of its place.
fn says(spot: &Spot<'_>) -> u8 {
    2 * u8::from(spot.line.is_some()) + u8::from(!spot.resource.text.is_empty())
}

/// What kind of problem it is: the advisory if it has a public name, else the rule, else the weakness or the title.
fn family<'a>(member: &Member<'a>, aliases: &Aliases) -> Cow<'a, str> {
    let observation = member.observation;
    if !matches!(member.category, Category::Code | Category::Configuration | Category::Secret) {
        let advisory = aliases.advisory(observation, member.tool());
        if advisory.public {
            return Cow::Owned(advisory.name);
        }
    }
    let rule = observation.rule.trim();
    match (rule.is_empty(), observation.cwe.iter().min()) {
        (false, _) if rule.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => Cow::Borrowed(rule),
        (false, _) => Cow::Owned(rule.to_lowercase()),
        (true, Some(number)) => Cow::Owned(format!("cwe-{number}")),
        (true, None) => Cow::Owned(words(&observation.title).to_lowercase()),
    }
}

/// The resource that a row is about, where no line tells.
fn resource<'a>(member: &Member<'a>) -> Cow<'a, str> {
    let resource = member.observation.artefact.as_deref().filter(|_| member.line().is_none()).map(words);
    resource.unwrap_or_default()
}

/// What makes two rows of one report at the same line two problems.
fn difference(member: &Member<'_>) -> String {
    let observation = member.observation;
    let artefact = observation.artefact.as_deref().unwrap_or_default();
    let described = observation.description_digest.to_string();
    identity::text(&[&snippet(observation), artefact, &observation.title, &described])
}

/// What the problem is known by besides rule and file.
fn context<'a>(member: &Member<'a>) -> Cow<'a, str> {
    let observation = member.observation;
    let quoted = snippet(observation);
    match &observation.artefact {
        _ if member.category == Category::Secret => Cow::Borrowed(""),
        _ if !quoted.is_empty() => quoted,
        Some(artefact) => words(artefact),
        None if member.line().is_none() => words(&observation.title),
        None => Cow::Borrowed(""),
    }
}

fn snippet(observation: &Observation) -> Cow<'_, str> {
    observation.locations.first().and_then(|location| location.snippet.as_deref()).map(words).unwrap_or_default()
}

/// The text with single spaces: indentation and line breaks are no difference.
fn words(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let is_single = |pair: &[u8]| !matches!(pair, [b' ', b' ']);
    let plain = |byte: u8| matches!(byte, b' '..=b'~');
    if trimmed.bytes().all(plain) && trimmed.as_bytes().windows(2).all(is_single) {
        return Cow::Borrowed(trimmed);
    }
    let mut single = String::with_capacity(trimmed.len());
    for word in trimmed.split_whitespace() {
        if !single.is_empty() {
            single.push(' ');
        }
        single.push_str(word);
    }
    Cow::Owned(single)
}

/// How many lines two regions may begin apart: a statement is seldom longer, and a region that is a whole function holds
/// several problems.
const MOST_APART: u32 = 10;

/// First and last line, both known.
type Region = (u32, u32);

/// Joins what several scanners say of one place.
fn across_tools<'a>(named: Vec<(Spot<'_>, Group<'a>)>) -> Vec<Group<'a>> {
    let (mut placed, mut groups): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for (spot, group) in named {
        match region(&group) {
            Some(region) if !spot.path.text.is_empty() => placed.push((spot, region, group)),
            _ => groups.push(group),
        }
    }
    // Of regions with one beginning the widest comes first: the others are within it.
    placed.sort_by(|(a, at_a, _), (b, at_b, _)| {
        let order = |at: &Region| (at.0, Reverse(at.1));
        (a.path, order(at_a), a.family, a.nth).cmp(&(b.path, order(at_b), b.family, b.nth))
    });
    let mut sorted = placed.into_iter().peekable();
    while let Some((spot, _, first)) = sorted.next() {
        let mut in_file = vec![first];
        while let Some((_, _, group)) = sorted.next_if(|(next, _, _)| next.path == spot.path) {
            in_file.push(group);
        }
        groups.extend(join(in_file, overlap, one_problem));
    }
    groups
}

fn region(group: &Group<'_>) -> Option<Region> {
    let location = group.members.first()?.observation.locations.first()?;
    let line = location.line.filter(|line| *line > 0)?;
    Some((line, location.end_line.unwrap_or(line).max(line)))
}

fn overlap(earlier: &Group<'_>, later: &Group<'_>) -> bool {
    let meet = |a: Region, b: Region| a.0 <= b.1 && b.0 <= a.1 && b.0.saturating_sub(a.0) <= MOST_APART;
    matches!((region(earlier), region(later)), (Some(a), Some(b)) if meet(a, b))
}

fn one_problem<'a>(earlier: &Candidate<'a>, later: &Candidate<'a>) -> bool {
    let start = |candidate: &Candidate<'_>| region(&candidate.group).map(|region| region.0);
    match (earlier.is_secret(), later.is_secret()) {
        // Scanners of secrets seldom give a CWE; two that point at one line mean one secret.
        (true, true) => start(earlier) == start(later) && earlier.reports_differ(later),
        (false, false) => earlier.may_be(later),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_no_difference() {
        for text in ["", " ", "a", " a b ", "a  b", "a\tb", "a\n  b\r\n", "é\u{a0}b", "a é", "\u{2003}a"] {
            assert_eq!(words(text), text.split_whitespace().collect::<Vec<_>>().join(" "), "{text:?}");
        }
        assert!(matches!(words("\tlet a = b;\n"), Cow::Borrowed("let a = b;")));
    }
}
