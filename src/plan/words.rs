//! What speaks for and against each option, in words: first what was computed (against the other options and against
//! the agreement), then what the rules say of the treatments. The first line for an option is what the business gets
//! out of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::calendar::{moment, time_zone, working_days_after};
use super::describe::Setting;
use super::problem::{EPSILON, HORIZON};
use crate::model::appetite::OptionName;
use crate::model::assessment::{Due, DueKind};
use crate::model::effort::Effort;
use crate::model::figure::{self, grouped};
use crate::model::option::{Phase, PlanOption};
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;
use crate::model::work::Treatment;

/// Rule texts per list; more would drown what was computed.
const RULE_TEXTS: usize = 3;

/// Characters of a title within a sentence.
const TITLE: usize = 60;

/// Writes pros and cons of every option.
pub fn write(options: &mut [PlanOption], setting: &Setting<'_>) {
    let texts: Vec<_> = (0..options.len())
        .map(|index| {
            let words = Words { setting, options, option: &options[index] };
            (words.pros(), words.cons())
        })
        .collect();
    for (option, (pros, cons)) in options.iter_mut().zip(texts) {
        option.pros = pros;
        option.cons = cons;
    }
}

/// Findings of one severity that are open at ship and treated later.
#[derive(Default)]
struct LeftOpen<'a> {
    count: usize,
    /// How many of them were there before the change.
    older: usize,
    /// Title of the first of them.
    title: &'a str,
    /// Day on which the last of them is treated.
    last: f64,
    /// The strictest date, by the days that it gives.
    due: Option<(f64, &'a Due)>,
    /// Whether another has a date that is said otherwise, or none.
    differs: bool,
}

struct Words<'a> {
    setting: &'a Setting<'a>,
    options: &'a [PlanOption],
    option: &'a PlanOption,
}

impl<'a> Words<'a> {
    fn pros(&self) -> Vec<String> {
        let option = self.option;
        let mut pros = vec![self.benefit()];
        if let Some(last) = self.options.last().filter(|last| option.effort.p50 < 0.9 * last.effort.p50) {
            let less = last.effort.p50 - option.effort.p50;
            pros.push(format!("Takes {} less work than {}.", hours(less), last.name.title()));
        }
        if let Some(last) = self.options.last()
            && let Some(saved) = costs_more(last, option)
        {
            pros.push(format!("Saves {saved} against {}.", last.name.title()));
        }
        // The most secure option may have said so at once.
        if let Some(against) = self.against_fastest().filter(|against| !pros[0].contains(against.as_str())) {
            pros.push(format!("Avoids {:.0} % of the exposure, {against}.", option.score));
        }
        pros.extend(self.meanwhile());
        if self.needs_no_waiver()
            && option.name != OptionName::Balanced
            && self.options.iter().any(|o| !o.waivers.is_empty())
        {
            pros.push("Needs no waiver.".to_owned());
        }
        if option.open_at_ship.is_empty() {
            pros.push("Leaves nothing open at ship.".to_owned());
        }
        if let Some(share) = option.budget_share.filter(|share| *share <= 1.0 && self.spends_least())
            && self.is_told_apart(share)
        {
            pros.push(self.spends(share));
        }
        self.add_rule_texts(&mut pros, |treatment| &treatment.pros);
        pros
    }

    fn cons(&self) -> Vec<String> {
        let option = self.option;
        let mut cons = Vec::new();
        if let Some(first) = self.options.first().filter(|first| first.name != option.name)
            && let Some(later) = self.later(first, option)
        {
            cons.push(format!("Ships {later} after {}.", first.name.title()));
        }
        // What it takes comes before what it leaves, of which there can be much.
        if let Some(least) =
            self.options.iter().filter(|o| o.name != option.name).min_by(|a, b| a.effort.p50.total_cmp(&b.effort.p50))
            && option.effort.p50 > 1.1 * least.effort.p50 + EPSILON
        {
            let more = option.effort.p50 - least.effort.p50;
            cons.push(format!("Takes {} more work than {}.", hours(more), least.name.title()));
        }
        if let Some(first) = self.options.first()
            && let Some(more) = costs_more(option, first)
        {
            cons.push(format!("Costs {more} more than {}.", first.name.title()));
        }
        if let Some(share) = option.budget_share
            && (share > 1.0 || (!self.spends_least() && self.is_told_apart(share)))
        {
            cons.push(self.spends(share));
        }
        if let Some(budget) = self.setting.budget.filter(|budget| budget.left() <= 0.0) {
            cons.push(format!(
                "Adds {:.0} points to the exposure of {}, whose budget is spent: {:.0} of {:.0} points since {}.",
                option.exposure,
                budget.quarter,
                budget.spent,
                budget.agreed,
                budget.since.strftime("%Y-%m-%d")
            ));
        }
        cons.extend(self.waited());
        cons.extend(self.left_open());
        cons.extend(self.accepted());
        for waiver in &option.waivers {
            let until = self.when(waiver.until_day);
            // A day of its own means that the plan has it right again by then; the horizon, that nothing planned does.
            let ends = waiver.until_day < HORIZON;
            cons.push(match (waiver.row.strip_prefix("due:"), ends) {
                (Some(table), true) => format!("Lets due dates of {table} pass; what is late is treated {until}."),
                (Some(table), false) => {
                    format!("Lets due dates of {table} pass, and not all that is late can be treated; a waiver ends {until}.")
                }
                (None, true) => format!("Needs a waiver for {}, which is back within tolerance {until}.", waiver.row),
                (None, false) => format!(
                    "Needs a waiver for {}, which ends {until}; nothing planned brings it back within tolerance.",
                    waiver.row
                ),
            });
        }
        if option.approval.is_empty() {
            cons.push(format!(
                "Nobody is named who may approve it; add {} under authority.{} to the appetite.",
                option.name.as_str(),
                self.setting.assessment.verdict
            ));
        }
        let disruptions: BTreeSet<&str> =
            self.treatments().map(|t| &*t.disruption).filter(|text| !text.is_empty()).collect();
        cons.extend(disruptions.into_iter().take(RULE_TEXTS).map(sentence));
        self.add_rule_texts(&mut cons, |treatment| &treatment.cons);
        cons
    }

    /// How much of the exposure budget it uses; of what is left of it, where what was spent is known.
    fn spends(&self, share: f64) -> String {
        match self.setting.budget {
            None => format!("Uses {} of the quarter's exposure budget.", percent(share)),
            Some(budget) => format!(
                "Uses {} of what is left of the exposure budget of {} ({:.0} of {:.0} points spent since {}; {:.0} by its \
                 end if nothing changes).",
                percent(share),
                budget.quarter,
                budget.spent,
                budget.agreed,
                budget.since.strftime("%Y-%m-%d"),
                budget.forecast
            ),
        }
    }

    /// What the business gets out of it.
    fn benefit(&self) -> String {
        let option = self.option;
        let ships = self.ships();
        let last = self.options.last().filter(|last| last.name != option.name);
        let earlier = last.and_then(|last| self.later(option, last).map(|time| (time, last.name.title())));
        let lead = match (&earlier, option.name) {
            (Some((time, other)), _) => format!("{ships}, {time} before {other}"),
            (None, _) => ships,
        };
        let limit = self.setting.appetite.limit();
        match option.name {
            OptionName::Fastest if option.waivers.is_empty() => {
                format!("{lead}, and stays within {} without a waiver.", self.setting.appetite.standard())
            }
            OptionName::Fastest => format!("{lead}: the change reaches its users soonest."),
            OptionName::Balanced if self.needs_no_waiver() => {
                format!("{lead}, within tolerance and without a waiver.")
            }
            OptionName::Balanced => format!("{lead}, at the best compromise between time, exposure and effort."),
            OptionName::MostSecure if option.open_at_ship.is_empty() => {
                format!("{lead}, with nothing left to explain to customers or auditors.")
            }
            OptionName::MostSecure if option.state_at_ship == Verdict::WithinAppetite && self.gains_little() => {
                let before = self.options[self.options.len() - 2].name.title();
                format!("{lead}, with no {limit} exceeded; its score is that of {before} within a point.")
            }
            OptionName::MostSecure if option.state_at_ship == Verdict::WithinAppetite && option.score < 0.5 => {
                format!("{lead}, with no {limit} exceeded.")
            }
            OptionName::MostSecure if option.state_at_ship == Verdict::WithinAppetite => {
                let avoided = format!("{:.0} % of the exposure avoided", option.score);
                format!("{lead}, with no {limit} exceeded and {avoided}{}.", self.beside_fastest())
            }
            OptionName::MostSecure if option.score >= 0.5 => {
                let avoided = format!("{:.0} % of the exposure is avoided", option.score);
                format!("{lead}, with the least left at risk: {avoided}{}.", self.beside_fastest())
            }
            OptionName::MostSecure => format!("{lead}, with the least left at risk."),
        }
    }

    /// What share of the exposure the fastest option avoids, if that is noticeably less.
    fn against_fastest(&self) -> Option<String> {
        let fastest = self.options.first().filter(|first| first.name == OptionName::Fastest)?;
        (self.option.score - fastest.score > 0.5 && fastest.score >= 0.0)
            .then(|| format!("against {:.0} % with {}", fastest.score, fastest.name.title()))
    }

    /// The same as the end of a sentence.
    fn beside_fastest(&self) -> String {
        self.against_fastest().map_or_else(String::new, |against| format!(", {against}"))
    }

    /// Whether the most secure option avoids less than a point more than the one before it.
    fn gains_little(&self) -> bool {
        matches!(self.options, [.., before, last] if last.name == self.option.name && last.score - before.score < 1.0)
    }

    /// When it ships, as the beginning of a sentence.
    fn ships(&self) -> String {
        let option = self.option;
        if self.setting.planning.dated {
            let day = self.date(option.ships.day);
            if day == self.date(0.0) { "Ships today".to_owned() } else { format!("Ships on {day}") }
        } else if option.ships.hours_before_ship.p50 > 0.0 {
            format!("Ships after {} of work", hours(option.ships.hours_before_ship.p50))
        } else {
            "Ships without waiting for any work".to_owned()
        }
    }

    /// How much later `b` ships than `a`, if it does.
    fn later(&self, a: &PlanOption, b: &PlanOption) -> Option<String> {
        if self.setting.planning.dated {
            let capacity = &self.setting.planning.capacity;
            match working_days_after(a.ships.at, b.ships.at, capacity) {
                0 => {
                    let hours_between = 24.0 * (b.ships.day - a.ships.day);
                    (hours_between > 0.5).then(|| hours(hours_between))
                }
                1 => Some("1 working day".to_owned()),
                n => Some(format!("{n} working days")),
            }
        } else {
            let more = b.ships.hours_before_ship.p50 - a.ships.hours_before_ship.p50;
            (more > 0.05).then(|| format!("{} of work", hours(more)))
        }
    }

    /// How much of what it avoids is avoided because the change is not live yet, where that is most of it: what happens after
    /// the horizon does not count, so that a release that is held for long has a high score whatever is treated.
    fn waited(&self) -> Option<String> {
        let option = self.option;
        let days = option.ships.day.min(HORIZON);
        let avoided = option.baseline_exposure - option.exposure;
        let share = self.setting.problem.totals.introduced * days / avoided;
        (avoided > 0.0 && share > 0.5).then(|| {
            format!(
                "Most of the exposure that it avoids ({}) is avoided by waiting: for {days:.0} of the {HORIZON:.0} days \
                 that count nothing of the change is live.",
                percent(share.min(1.0))
            )
        })
    }

    /// What is open at ship and treated later, one sentence per severity, worst first.
    fn left_open(&self) -> Vec<String> {
        let option = self.option;
        let setting = self.setting;
        let effects = setting.effects(&option.steps);
        let mut open: BTreeMap<Severity, LeftOpen<'_>> = BTreeMap::new();
        for id in &option.open_at_ship {
            let (Some(finding), Some(&item)) = (setting.findings.get(id.as_str()), setting.item_of.get(id.as_str()))
            else {
                continue;
            };
            if !effects[item].is_finite() {
                continue;
            }
            let due = finding.due.as_ref().and_then(|due| Some((due.limit.days?, due)));
            let entry = open.entry(finding.severity.value).or_default();
            if entry.count == 0 {
                entry.title = &finding.finding.title;
            } else {
                entry.differs |= !self.same_date(entry.due, due);
            }
            entry.count += 1;
            entry.older += usize::from(!finding.finding.origin.counts_as_introduced());
            entry.last = entry.last.max(effects[item]);
            entry.due = match (entry.due, due) {
                (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
                (a, b) => a.or(b),
            };
        }
        open.into_iter()
            .rev()
            .take(RULE_TEXTS)
            .map(|(severity, LeftOpen { count, older, title, last, due, differs })| {
                // One has a name; several are in the list of findings.
                let name = if count == 1 { format!(" ({})", clipped(title)) } else { String::new() };
                let first = if differs { "the first of them " } else { "" };
                let agreed = due.map_or(String::new(), |(_, due)| match due.kind {
                    DueKind::Limit => {
                        let days = due.limit.days.unwrap_or_default();
                        let days = format!("{days} {}", if days <= 1.0 { "day" } else { "days" });
                        let said = &due.limit.outcome;
                        let outcome = if *said == days { String::new() } else { format!(" ({said})") };
                        // What is said of all of them has to hold for each.
                        let limit = setting.appetite.limit();
                        let limit = if differs { format!("shortest {limit} among them") } else { limit.to_owned() };
                        format!("; the {limit} is {days}{outcome}")
                    }
                    DueKind::Promise => format!("; {first}{}", due.limit.outcome),
                    DueKind::Waiver => format!("; {first}accepted until {}", self.date_of(due.at)),
                });
                let until = match (setting.planning.dated, count) {
                    (true, _) => format!("until {}", self.date(last)),
                    (false, 1) => "at ship, treated after it".to_owned(),
                    (false, _) => "at ship, treated after it one by one".to_owned(),
                };
                format!("Leaves {}{name} open {until}{agreed}.", counted(count, older, severity))
            })
            .collect()
    }

    /// Whether the same is said of both dates.
    fn same_date(&self, a: Option<(f64, &Due)>, b: Option<(f64, &Due)>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some((days, a)), Some((other, b))) if a.kind == b.kind => match a.kind {
                DueKind::Limit => (days - other).abs() < EPSILON && a.limit.outcome == b.limit.outcome,
                DueKind::Promise => a.limit.outcome == b.limit.outcome,
                DueKind::Waiver => self.date_of(a.at) == self.date_of(b.at),
            },
            _ => false,
        }
    }

    /// What is not treated at all.
    fn accepted(&self) -> Option<String> {
        let accepted: HashSet<&str> =
            self.option.steps.iter().filter(|s| s.phase == Phase::Accept).map(|s| s.work.as_str()).collect();
        let mut by_severity: BTreeMap<Severity, usize> = BTreeMap::new();
        let mut older = 0;
        for item in self.setting.work.iter().filter(|item| accepted.contains(item.id.as_str())) {
            for finding in item.findings.iter().filter_map(|id| self.setting.findings.get(id.as_str())) {
                *by_severity.entry(finding.severity.value).or_default() += 1;
                older += usize::from(!finding.finding.origin.counts_as_introduced());
            }
        }
        if by_severity.is_empty() {
            return None;
        }
        let part = |(severity, count): (&Severity, &usize)| format!("{} {severity}", grouped(count));
        let parts: Vec<_> = by_severity.iter().rev().map(part).collect();
        let total: usize = by_severity.values().sum();
        let parts = parts.join(", ");
        Some(if older == total {
            format!("Accepts {} for now ({parts}).", figure::count(total, "older finding"))
        } else {
            format!("Accepts {} for now{} ({parts}).", figure::count(total, "finding"), of_them_older(older))
        })
    }

    /// How what the waivers leave open can be covered until it is treated.
    fn meanwhile(&self) -> Option<String> {
        let ways = self.option.meanwhile.iter().map(|way| {
            let Treatment { title, effort, effort_basis, .. } = &way.treatment;
            let basis = clipped(&effort_basis.to_string());
            let title = clipped_to(title, 2 * TITLE);
            format!("{title} ({}, {basis}; in effect {})", span(*effort), self.when(way.in_effect_day))
        });
        let ways: Vec<String> = ways.collect();
        let waived = if self.option.waivers.len() == 1 { "the waiver leaves" } else { "the waivers leave" };
        (!ways.is_empty()).then(|| {
            format!("What {waived} open can be covered until it is fixed, on top of the plan: {}.", ways.join("; "))
        })
    }

    fn needs_no_waiver(&self) -> bool {
        self.option.waivers.is_empty()
    }

    fn spends_least(&self) -> bool {
        self.options.iter().all(|other| other.exposure >= self.option.exposure - EPSILON)
    }

    /// Whether it is worth saying how much of the budget the option uses: where there is more to say than the share, or where
    /// another option uses another share, as they are shown.
    fn is_told_apart(&self, share: f64) -> bool {
        let differs = |other: &PlanOption| other.budget_share.is_some_and(|other| percent(other) != percent(share));
        self.setting.budget.is_some() || self.options.len() == 1 || self.options.iter().any(differs)
    }

    fn treatments(&self) -> impl Iterator<Item = &'a Treatment> {
        self.option.steps.iter().filter_map(|step| {
            let item = self.setting.items.get(step.work.as_str())?;
            item.treatments.iter().find(|treatment| treatment.id == step.treatment)
        })
    }

    /// Rule texts, the most frequent first, each once, and none that every option shares: it would not help to choose.
    fn add_rule_texts(&self, list: &mut Vec<String>, texts: impl Fn(&Treatment) -> &[String]) {
        // Rules are few and treatments many: what is the same text is made a sentence once.
        let mut written: HashMap<&str, usize> = HashMap::new();
        for text in self.treatments().flat_map(&texts) {
            *written.entry(text).or_default() += 1;
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (text, count) in written {
            *counts.entry(sentence(text)).or_default() += count;
        }
        let others = self.options.iter().filter(|other| other.name != self.option.name);
        let others: Vec<BTreeSet<String>> = others
            .map(|option| {
                let texts: HashSet<&String> = Words { option, ..*self }.treatments().flat_map(&texts).collect();
                texts.into_iter().map(|text| sentence(text)).collect()
            })
            .collect();
        counts.retain(|text, _| others.is_empty() || !others.iter().all(|other| other.contains(text)));
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for (text, _) in counts.into_iter().take(RULE_TEXTS) {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }

    fn date(&self, day: f64) -> String {
        self.date_of(moment(self.setting.planning.calendar.now, day))
    }

    fn date_of(&self, at: Timestamp) -> String {
        at.to_zoned(time_zone(&self.setting.planning.capacity).0).date().to_string()
    }

    /// `by 2026-12-05`, or without dates how far into the work.
    fn when(&self, day: f64) -> String {
        if self.setting.planning.dated {
            format!("by {}", self.date(day))
        } else {
            format!("after about {} of work", hours(self.setting.problem.clock.hours_by(day)))
        }
    }
}

/// How much more `a` costs than `b`, if that is at least a hundredth; only where prices are declared.
fn costs_more(a: &PlanOption, b: &PlanOption) -> Option<String> {
    let (a, b) = (a.cost.as_ref()?, b.cost.as_ref()?);
    let more = a.total() - b.total();
    (a.currency == b.currency && more > 0.01 * b.total().max(1.0))
        .then(|| format!("{} {}", a.currency, grouped(more.round())))
}

/// A title that leaves room for the rest of a sentence.
fn clipped(title: &str) -> String {
    clipped_to(title, TITLE)
}

fn clipped_to(title: &str, length: usize) -> String {
    let mut clipped: String = title.chars().take(length).collect();
    if clipped.len() < title.len() {
        clipped.push('…');
    }
    clipped
}

/// `2 high findings`, and how many of them were there before the change.
fn counted(count: usize, older: usize, severity: Severity) -> String {
    let findings = plural(count, "finding");
    let all = match severity {
        Severity::Unknown => format!("{findings} of unknown severity"),
        _ => format!("{severity} {findings}"),
    };
    let number = grouped(count);
    match older {
        0 => format!("{number} {all}"),
        n if n == count => format!("{number} older {all}"),
        n => format!("{number} {all}{},", of_them_older(n)),
    }
}

/// `, 1 of them older`, if any is.
fn of_them_older(older: usize) -> String {
    if older == 0 { String::new() } else { format!(", {} of them older", grouped(older)) }
}

/// A noun in the number that goes with `count`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// Hours, to the half below ten.
fn rounded(hours: f64) -> f64 {
    if hours < 10.0 { (hours * 2.0).round() / 2.0 } else { hours.round() }
}

/// `4 to 16 hours`.
fn span(Effort { p50, p90 }: Effort) -> String {
    let (low, high) = (rounded(p50), rounded(p90));
    if low > 0.0 && low < high { format!("{} to {}", grouped(low), hours(p90)) } else { hours(p90) }
}

/// Hours in words.
pub fn hours(value: f64) -> String {
    match rounded(value) {
        r if r <= 0.0 => "less than half an hour".to_owned(),
        r if (r - 1.0).abs() < EPSILON => "1 hour".to_owned(),
        r => format!("{} hours", grouped(r)),
    }
}

fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value > 0.0 && value < 1.0 { "less than 1 %".to_owned() } else { format!("{value:.0} %") }
}

/// A rule's text as a sentence.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '?']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_work_is_said_to_take_no_time() {
        let said = |p50, p90| span(Effort { p50, p90 });
        assert_eq!(said(4.0, 16.4), "4 to 16 hours");
        assert_eq!(said(0.5, 1.0), "0.5 to 1 hour");
        assert_eq!(said(0.1, 2.0), "2 hours");
        assert_eq!(said(3.0, 3.1), "3 hours");
        assert_eq!(said(0.0, 0.1), "less than half an hour");
    }

    #[test]
    fn what_was_there_before_is_counted_apart() {
        let says = |count, older| counted(count, older, Severity::High);
        assert_eq!(says(3, 0), "3 high findings");
        assert_eq!(says(3, 1), "3 high findings, 1 of them older,");
        assert_eq!(says(1, 1), "1 older high finding");
        assert_eq!(counted(2, 2, Severity::Unknown), "2 older findings of unknown severity");
    }
}
