//! What an edited appetite would change, in plain words, and which way each change goes.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::appetite::{Appetite, Authority, IfUnknown, OptionName, ToleranceRow};
use crate::model::category::Category;
use crate::model::clock::Clock;
use crate::model::edit::Edit;
use crate::model::figure;
use crate::model::rules::TimelineTable;
use crate::model::service::Service;
use crate::model::severity::Severity;
use crate::model::ssvc;
use crate::model::verdict::Verdict;

use super::agreement::PARTIES;

/// What changes from `old` to `new`: what gets looser first. `tables` are the timeline tables, to say what another table
/// means; empty if only wording changes.
pub fn difference(old: &Appetite, new: &Appetite, tables: &BTreeMap<String, TimelineTable>) -> Vec<Edit> {
    let mut edits = Vec::new();
    rows(&old.tolerance, &new.tolerance, &mut edits);
    levels(old, new, &mut edits);
    timelines(old, new, tables, &mut edits);
    clocks(old, new, &mut edits);
    services(&old.services, &new.services, &mut edits);
    severities(old, new, &mut edits);
    coverage(old, new, &mut edits);
    budget(old, new, &mut edits);
    authority(&old.authority, &new.authority, &mut edits);
    roles(old, new, &mut edits);
    delivery(old, new, &mut edits);
    agreed(old, new, &mut edits);
    baseline(old, new, &mut edits);
    if old.statement != new.statement {
        edits.push(Edit::other("the statement reads otherwise"));
    }
    if old.name != new.name {
        edits.push(Edit::other(format!("it is called “{}” instead of “{}”", new.name, old.name)));
    }
    edits.sort_by_key(|edit| edit.direction);
    edits
}

fn rows(old: &[ToleranceRow], new: &[ToleranceRow], edits: &mut Vec<Edit>) {
    let find = |rows: &[ToleranceRow], id: &str| rows.iter().find(|row| row.id == id).cloned();
    for before in old {
        match find(new, &before.id) {
            None => edits.push(Edit::looser(format!("no longer limits {} (`{}`)", noun(before, 2), before.id))),
            Some(after) => row(before, &after, edits),
        }
    }
    for added in new.iter().filter(|row| find(old, &row.id).is_none()) {
        let most = added.tolerance.map_or_else(
            || format!("more than {} are remarked upon", added.appetite),
            |most| format!("at most {most} {}", if added.before_ship { "may ship" } else { "are tolerated" }),
        );
        edits.push(Edit::tighter(format!("limits {} (`{}`: {most})", noun(added, 2), added.id)));
    }
}

fn row(old: &ToleranceRow, new: &ToleranceRow, edits: &mut Vec<Edit>) {
    let id = &new.id;
    let conditions = (old.when.text().trim(), new.when.text().trim());
    if conditions.0 != conditions.1 {
        edits.push(Edit::other(format!(
            "`{id}` counts other findings: `{}` instead of `{}`",
            conditions.1, conditions.0
        )));
    }
    match (old.tolerance, new.tolerance) {
        (Some(before), Some(after)) if before != after => {
            let by = before.abs_diff(after);
            let more = if after > before { "more" } else { "fewer" };
            let say = format!("tolerates {} {more} {} (`{id}`: {before} to {after})", number(by), noun(old, by));
            edits.push(Edit::towards(after > before, say));
        }
        (Some(before), None) => {
            edits.push(Edit::looser(format!("tolerates any number of {} (`{id}`: {before} before)", noun(old, 2))));
        }
        (None, Some(after)) => {
            edits.push(Edit::tighter(format!(
                "tolerates at most {after} {} (`{id}`: any number before)",
                noun(old, after)
            )));
        }
        _ => {}
    }
    if old.appetite != new.appetite && (old.tolerance.is_none() || old.appetite.abs_diff(new.appetite) > 0) {
        let say = format!(
            "remarks on more than {} {} (`{id}`: {} before)",
            new.appetite,
            noun(old, new.appetite),
            old.appetite
        );
        edits.push(Edit::towards(new.appetite > old.appetite, say));
    }
    if old.before_ship != new.before_ship {
        let say =
            if new.before_ship { "holds the release until they are treated" } else { "no longer holds the release" };
        edits.push(Edit::towards(!new.before_ship, format!("`{id}` {say}")));
    }
    if old.if_unknown != new.if_unknown {
        let word = |rule: IfUnknown| match rule {
            IfUnknown::Unresolved => "unresolved",
            IfUnknown::Count => "counted",
            IfUnknown::Skip => "not counted",
        };
        let say = format!(
            "`{id}`: a finding that cannot be judged is {} instead of {}",
            word(new.if_unknown),
            word(old.if_unknown)
        );
        edits.push(Edit::towards(new.if_unknown == IfUnknown::Skip, say));
    }
}

/// What a row is about: "high findings", "secrets", as far as its condition says so plainly.
fn noun(row: &ToleranceRow, count: u64) -> String {
    let when = row.when.text();
    let has = |part: &str| when.contains(part);
    let severity = [("CRITICAL", "critical"), ("HIGH", "high"), ("MEDIUM", "medium"), ("LOW", "low")];
    let severity = severity.iter().find(|(constant, _)| has(constant)).map(|(_, word)| *word);
    let category = Category::ALL.into_iter().find(|category| has(&format!("finding.category == \"{category}\"")));
    let mut words: Vec<&str> = Vec::new();
    if has("finding.kev") && !has("!finding.kev") {
        words.push("known exploited");
    }
    words.extend(severity);
    words.extend(category.as_ref().map(|category| category.as_str()));
    words.push(if count == 1 { "finding" } else { "findings" });
    words.join(" ")
}

/// A small number as a word.
fn number(count: u64) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    usize::try_from(count)
        .ok()
        .and_then(|count| WORDS.get(count))
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn levels(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    for category in Category::ALL {
        match (old.levels.get(&category), new.levels.get(&category)) {
            (Some(before), Some(after)) if before != after => {
                let say = format!("is {} instead of {} about {category}", after.as_str(), before.as_str());
                edits.push(Edit::towards(after > before, say));
            }
            (Some(before), None) => {
                edits.push(Edit::other(format!("no longer names a level for {category} ({} before)", before.as_str())));
            }
            (None, Some(after)) => edits.push(Edit::other(format!("names a level for {category}: {}", after.as_str()))),
            _ => {}
        }
    }
}

fn timelines(old: &Appetite, new: &Appetite, tables: &BTreeMap<String, TimelineTable>, edits: &mut Vec<Edit>) {
    let mut compare = |what: String, before: Option<&String>, after: Option<&String>| match (before, after) {
        (Some(before), Some(after)) if before != after => {
            let days = match (tables.get(before), tables.get(after)) {
                (Some(before), Some(after)) => deadlines(before, after),
                _ => Vec::new(),
            };
            if days.is_empty() {
                edits.push(Edit::other(format!("{what} come from `{after}` instead of `{before}`")));
            }
            edits.extend(days);
        }
        (Some(before), None) => edits.push(Edit::looser(format!("{what} are no longer set (`{before}` before)"))),
        (None, Some(after)) => edits.push(Edit::tighter(format!("{what} are set by `{after}`"))),
        _ => {}
    };
    compare("time limits".to_owned(), old.timeline.as_ref(), new.timeline.as_ref());
    for category in Category::ALL {
        compare(format!("time limits for {category}"), old.timelines.get(&category), new.timelines.get(&category));
    }
}

/// From when the days of the tables of `new` are counted. No clock begins later than detection.
fn clocks(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let mut compare = |what: String, before: Clock, after: Clock| {
        let say = format!("{what} count from `{}` instead of `{}`", after.as_str(), before.as_str());
        edits.extend(match (before, after) {
            (before, after) if before == after => None,
            (Clock::Detected, _) => Some(Edit::tighter(say)),
            (_, Clock::Detected) => Some(Edit::looser(say)),
            _ => Some(Edit::other(say)),
        });
    };
    compare("time limits".to_owned(), old.clock, new.clock);
    let named: BTreeSet<&String> = old.clocks.keys().chain(new.clocks.keys()).collect();
    for table in named {
        let of = |appetite: &Appetite| appetite.clocks.get(table).copied().unwrap_or(appetite.clock);
        compare(format!("time limits of {table}"), of(old), of(new));
    }
}

/// Deadlines that differ between two tables that go by severity alone; nothing can be said plainly of others.
fn deadlines(old: &TimelineTable, new: &TimelineTable) -> Vec<Edit> {
    let by_severity = |table: &TimelineTable| table.columns == ["severity"];
    if !by_severity(old) || !by_severity(new) {
        return Vec::new();
    }
    let days = |table: &TimelineTable, severity: &str| {
        let row =
            table.rows.iter().find(|row| row.values.first().is_some_and(|value| value == severity || value == "*"));
        row.and_then(|row| table.outcomes.get(&row.outcome)).and_then(|outcome| outcome.days)
    };
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    severities
        .into_iter()
        .filter_map(|severity| {
            let name = severity.as_str();
            match (days(old, name), days(new, name)) {
                (Some(before), Some(after)) if (before - after).abs() > f64::EPSILON => {
                    Some(Edit::towards(after > before, format!("{name} deadline {before} to {after} days")))
                }
                (Some(before), None) => Some(Edit::looser(format!("no {name} deadline ({before} days before)"))),
                (None, Some(after)) => Some(Edit::tighter(format!("{name} deadline {after} days (none before)"))),
                _ => None,
            }
        })
        .collect()
}

fn services(old: &[Service], new: &[Service], edits: &mut Vec<Edit>) {
    for before in old {
        let name = &before.name;
        let Some(after) = new.iter().find(|service| service.name == *name) else {
            edits.push(Edit::looser(format!("no longer describes the service {name}")));
            continue;
        };
        if before.exposure != after.exposure {
            let say = format!("{name} counts as {} instead of {}", after.exposure.as_str(), before.exposure.as_str());
            edits.push(Edit::towards(after.exposure < before.exposure, say));
        }
        if before.criticality != after.criticality {
            let say =
                format!("{name} counts as {} instead of {}", after.criticality.as_str(), before.criticality.as_str());
            edits.push(Edit::towards(after.criticality < before.criticality, say));
        }
        let sets = |list: &[String]| list.iter().cloned().collect::<BTreeSet<String>>();
        for (what, removed, added) in [
            ("handles", sets(&before.data), sets(&after.data)),
            ("is bound by", sets(&before.obligations), sets(&after.obligations)),
        ] {
            for gone in removed.difference(&added) {
                edits.push(Edit::looser(format!("{name} no longer {what} `{gone}`")));
            }
            for come in added.difference(&removed) {
                edits.push(Edit::tighter(format!("{name} {what} `{come}`")));
            }
        }
        decision_points(before, after, edits);
        if before.paths != after.paths || before.images != after.images {
            edits.push(Edit::other(format!("other paths or images belong to {name}")));
        }
    }
    for added in new.iter().filter(|service| old.iter().all(|before| before.name != service.name)) {
        let say = format!(
            "describes the service {}: {}, {}",
            added.name,
            added.exposure.as_str(),
            added.criticality.as_str()
        );
        edits.push(Edit::other(say));
    }
    let order = |services: &[Service], among: &[Service]| -> Vec<String> {
        let known = |name: &String| among.iter().any(|service| service.name == *name);
        services.iter().map(|service| service.name.clone()).filter(known).collect()
    };
    if order(old, new) != order(new, old) {
        edits.push(Edit::other("services stand in another order, and the first that matches counts"));
    }
}

/// What is declared of a service for the tables that go by decision points.
fn decision_points(before: &Service, after: &Service, edits: &mut Vec<Edit>) {
    for (key, values) in ssvc::DECISION_POINTS {
        let what = in_plain_words(key, &after.name);
        let urgency = |value: &String| values.iter().position(|known| known == value);
        match (before.decision_points.get(key), after.decision_points.get(key)) {
            (Some(was), Some(is)) if was != is => {
                let say = format!("{what} counts as {is} instead of {was} (`{key}`)");
                edits.push(Edit::towards(urgency(is) < urgency(was), say));
            }
            (Some(was), None) => edits.push(Edit::other(format!(
                "{what} is no longer declared and follows from what is found ({was} before, `{key}`)"
            ))),
            (None, Some(is)) => {
                edits.push(Edit::other(format!("{what} is declared as {is}, whatever is found (`{key}`)")));
            }
            _ => {}
        }
    }
}

/// A decision point as the rest of a sentence.
fn in_plain_words(point: &str, service: &str) -> String {
    match point {
        "automatable" => format!("whether attacks on {service} can be automated"),
        "exploitation" => format!("how far weaknesses of {service} are exploited"),
        "human_impact" => format!("the impact of {service} on people"),
        "in_kev" => format!("whether weaknesses of {service} are known to be exploited"),
        "publicly_exposed" => format!("whether {service} is exposed to the public"),
        "system_exposure" => format!("how exposed {service} is"),
        "technical_impact" => format!("how much of {service} a weakness gives away"),
        other => format!("the {} of what is found in {service}", other.replace('_', " ")),
    }
}

fn severities(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    for category in Category::ALL {
        let (before, after) = (old.assumed_severity.get(&category), new.assumed_severity.get(&category));
        match (before, after) {
            (Some(before), Some(after)) if before != after => {
                let say = format!("unrated {category} findings count as {after} instead of {before}");
                edits.push(Edit::towards(after < before, say));
            }
            (Some(before), None) => {
                edits.push(Edit::tighter(format!(
                    "unrated {category} findings leave the verdict open ({before} before)"
                )));
            }
            (None, Some(after)) => edits.push(Edit::looser(format!("unrated {category} findings count as {after}"))),
            _ => {}
        }
    }
}

fn coverage(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let (before, after) = (&old.coverage.require, &new.coverage.require);
    edits.extend(
        before
            .iter()
            .filter(|kind| !after.contains(kind))
            .map(|kind| Edit::looser(format!("no longer asks for a {kind} test"))),
    );
    edits.extend(
        after.iter().filter(|kind| !before.contains(kind)).map(|kind| Edit::tighter(format!("asks for a {kind} test"))),
    );
    match (old.coverage.max_age, new.coverage.max_age) {
        (Some(before), Some(after)) if before != after => {
            let say = format!("takes evidence of {} instead of {}", figure::time(after), figure::time(before));
            edits.push(Edit::towards(after > before, say));
        }
        (Some(_), None) => edits.push(Edit::looser("takes evidence of any age")),
        (None, Some(after)) => edits.push(Edit::tighter(format!("takes evidence of at most {}", figure::time(after)))),
        _ => {}
    }
}

fn budget(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    match (old.budget, new.budget) {
        (Some(before), Some(after)) if (before - after).abs() > f64::EPSILON => {
            edits.push(Edit::towards(after > before, format!("exposure budget {before} to {after} points a quarter")))
        }
        (Some(before), None) => edits.push(Edit::looser(format!("no exposure budget ({before} points before)"))),
        (None, Some(after)) => edits.push(Edit::tighter(format!("an exposure budget of {after} points a quarter"))),
        _ => {}
    }
}

fn authority(old: &Authority, new: &Authority, edits: &mut Vec<Edit>) {
    for verdict in [Verdict::WithinAppetite, Verdict::WithinTolerance, Verdict::BeyondTolerance, Verdict::Unresolved] {
        for option in OptionName::ALL {
            let roles = |authority: &Authority| {
                authority.approvers.get(&verdict).and_then(|by| by.get(&option)).cloned().unwrap_or_default()
            };
            let (before, after) = (roles(old), roles(new));
            if before == after {
                continue;
            }
            let said = |roles: &[String]| if roles.is_empty() { "nobody".to_owned() } else { roles.join(" and ") };
            let say = format!(
                "{} at {verdict} is approved by {} instead of {}",
                option.as_str(),
                said(&after),
                said(&before)
            );
            let anyone = |roles: &[String]| roles.iter().any(|role| role == "anyone");
            edits.push(match (anyone(&before), anyone(&after)) {
                (false, true) => Edit::looser(say),
                (true, false) => Edit::tighter(say),
                _ => Edit::other(say),
            });
        }
    }
    if old.default != new.default {
        let said = |authority: &Authority| match &authority.default {
            Some(default) => format!("{} after {} working hours", default.option.as_str(), default.after_hours),
            None => "nothing".to_owned(),
        };
        edits.push(Edit::other(format!("if nobody chooses, {} takes effect instead of {}", said(new), said(old))));
    }
    match (old.withheld_if_overdue, new.withheld_if_overdue) {
        (None, Some(option)) => {
            edits.push(Edit::tighter(format!("{} is not offered while a commitment is overdue", option.as_str())));
        }
        (Some(option), None) => {
            edits.push(Edit::looser(format!("{} is offered even while a commitment is overdue", option.as_str())));
        }
        _ => {}
    }
}

fn roles(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let names: BTreeSet<&String> = old.roles.keys().chain(new.roles.keys()).collect();
    for name in names {
        if old.roles.get(name) != new.roles.get(name) {
            edits.push(Edit::other(format!("the role {name} has other members")));
        }
    }
}

fn delivery(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let (before, after) = (&old.delivery, &new.delivery);
    for (what, differs) in [
        ("the declared capacity", before.capacity != after.capacity),
        ("the release calendar", before.cadence != after.cadence || before.freezes != after.freezes),
        ("the price of an hour", before.hourly_rate != after.hourly_rate),
        ("the price of delay", before.cost_of_delay != after.cost_of_delay),
        ("the price of exposure", before.loss_per_point != after.loss_per_point),
    ] {
        if differs {
            edits.push(Edit::other(format!("{what} changes")));
        }
    }
}

fn agreed(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let (Some(before), Some(after)) = (&old.agreed, &new.agreed) else {
        match (&old.agreed, &new.agreed) {
            (Some(_), None) => edits.push(Edit::looser("names no parties any more: the gate would only advise")),
            (None, Some(_)) => edits.push(Edit::tighter("names its parties")),
            _ => {}
        }
        return;
    };
    if before.effective != after.effective {
        edits.push(Edit::other(format!("applies from {} instead of {}", after.effective, before.effective)));
    }
    if before.review_by != after.review_by {
        let say = format!("is reviewed by {} instead of {}", after.review_by, before.review_by);
        edits.push(Edit::towards(after.review_by > before.review_by, say));
    }
    for role in PARTIES {
        let title = role.to_uppercase();
        let (Some(was), Some(is)) = (before.parties.get(role), after.parties.get(role)) else { continue };
        if was.name != is.name {
            edits.push(Edit::other(format!("the {title} is {} instead of {}", is.name, was.name)));
        }
        if was.keys != is.keys {
            edits.push(Edit::other(format!("the {title} signs with other keys")));
        }
    }
    if before.arbiter != after.arbiter {
        edits.push(Edit::other("the arbiter changes"));
    }
}

fn baseline(old: &Appetite, new: &Appetite, edits: &mut Vec<Edit>) {
    let promises = |appetite: &Appetite| -> BTreeMap<String, jiff::civil::Date> {
        let commitments = appetite.baseline.iter().flat_map(|baseline| &baseline.commitments);
        commitments.flat_map(|promise| promise.findings.iter().map(|id| (id.clone(), promise.due))).collect()
    };
    let (before, after) = (promises(old), promises(new));
    let plural = |count: usize| if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
    let added = after.keys().filter(|id| !before.contains_key(*id)).count();
    let gone = before.keys().filter(|id| !after.contains_key(*id)).count();
    let moved = |later: bool| {
        before.iter().filter(|(id, due)| after.get(*id).is_some_and(|new| new != *due && (new > *due) == later)).count()
    };
    for (count, looser, say) in [
        (added, true, "more of the baseline, which hold no change"),
        (gone, false, "no longer of the baseline"),
        (moved(true), true, "of the baseline promised for a later day"),
        (moved(false), false, "of the baseline promised for an earlier day"),
    ] {
        if count > 0 {
            edits.push(Edit::towards(looser, format!("{} {say}", plural(count))));
        }
    }
}
