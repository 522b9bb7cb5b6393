//! What speaks for and against each option, in words: first what was computed (against the other options and against
//! the agreement), then what the rules say of the treatments. The first line for an option is what the business gets
//! out of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::calendar::{moment, time_zone, working_days_after};
use super::describe::Setting;
use super::problem::{EPSILON, HORIZON};
use crate::model::appetite::OptionName;
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
    /// Title of the first of them.
    title: &'a str,
    /// Day on which the last of them is treated.
    last: f64,
    /// Strictest limit of a timeline table, in days and in the table's words.
    limit: Option<(f64, &'a str)>,
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
            pros.push(format!("Takes {} less work than {}.", hours(less), last.name.as_str()));
        }
        if let Some(last) = self.options.last()
            && let Some(saved) = costs_more(last, option)
        {
            pros.push(format!("Saves {saved} against {}.", last.name.as_str()));
        }
        if option.name != OptionName::Fastest
            && let Some(fastest) = self.options.first().filter(|first| first.name == OptionName::Fastest)
            && option.score - fastest.score > 0.5
        {
            pros.push(format!(
                "Avoids {:.0} % of the exposure, against {:.0} % with {}.",
                option.score,
                fastest.score,
                fastest.name.as_str()
            ));
        }
        if self.needs_no_waiver()
            && option.name != OptionName::Balanced
            && self.options.iter().any(|o| !o.waivers.is_empty())
        {
            pros.push("Needs no waiver.".to_owned());
        }
        if option.open_at_ship.is_empty() {
            pros.push("Leaves nothing open at ship.".to_owned());
        }
        if let Some(share) = option.budget_share.filter(|share| *share <= 1.0 && self.spends_least()) {
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
            cons.push(format!("Ships {later} after {}.", first.name.as_str()));
        }
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
        if let Some(least) =
            self.options.iter().filter(|o| o.name != option.name).min_by(|a, b| a.effort.p50.total_cmp(&b.effort.p50))
            && option.effort.p50 > 1.1 * least.effort.p50 + EPSILON
        {
            let more = option.effort.p50 - least.effort.p50;
            cons.push(format!("Takes {} more work than {}.", hours(more), least.name.as_str()));
        }
        if let Some(first) = self.options.first()
            && let Some(more) = costs_more(option, first)
        {
            cons.push(format!("Costs {more} more than {}.", first.name.as_str()));
        }
        if let Some(share) = option.budget_share.filter(|share| *share > 1.0 || !self.spends_least()) {
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
        if option.approval.is_empty() {
            cons.push(format!(
                "Nobody is named who may approve it; add {} under authority.{} to the appetite.",
                option.name.as_str(),
                self.setting.assessment.verdict
            ));
        }
        let disruptions: BTreeSet<&str> =
            self.treatments().map(|t| t.disruption.as_str()).filter(|text| !text.is_empty()).collect();
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
        let earlier = last.and_then(|last| self.later(option, last).map(|time| (time, last.name.as_str())));
        let lead = match (&earlier, option.name) {
            (Some((time, other)), _) => format!("{ships}, {time} before {other}"),
            (None, _) => ships,
        };
        match option.name {
            OptionName::Fastest if option.waivers.is_empty() => {
                format!("{lead}, and stays within what was agreed without a waiver.")
            }
            OptionName::Fastest => format!("{lead}: the change reaches its users soonest."),
            OptionName::Balanced if self.needs_no_waiver() => {
                format!("{lead}, within tolerance and without a waiver.")
            }
            OptionName::Balanced => format!("{lead}, at the best compromise between time, exposure and effort."),
            OptionName::MostSecure if option.open_at_ship.is_empty() => {
                format!("{lead}, with nothing left to explain to customers or auditors.")
            }
            OptionName::MostSecure if option.state_at_ship == Verdict::WithinAppetite => {
                format!("{lead}, with no agreed limit exceeded and {:.0} % of the exposure avoided.", option.score)
            }
            OptionName::MostSecure => {
                format!("{lead}, with the least left at risk: {:.0} % of the exposure is avoided.", option.score)
            }
        }
    }

    /// When it ships, as the beginning of a sentence.
    fn ships(&self) -> String {
        let option = self.option;
        if self.setting.planning.dated {
            match option.ships.delay_working_days {
                0 => "Ships today".to_owned(),
                _ => format!("Ships on {}", self.date(option.ships.day)),
            }
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
            let limit =
                finding.due.as_ref().and_then(|due| due.limit.days.map(|days| (days, due.limit.outcome.as_str())));
            let entry = open.entry(finding.severity.value).or_default();
            if entry.count == 0 {
                entry.title = &finding.finding.title;
            }
            entry.count += 1;
            entry.last = entry.last.max(effects[item]);
            entry.limit = match (entry.limit, limit) {
                (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
                (a, b) => a.or(b),
            };
        }
        open.into_iter()
            .rev()
            .take(RULE_TEXTS)
            .map(|(severity, LeftOpen { count, title, last, limit })| {
                // One has a name; several are in the list of findings.
                let name = if count == 1 { format!(" ({})", clipped(title)) } else { String::new() };
                // A table sets a limit in days; both leaders together promise a day.
                let agreed = limit.map_or(String::new(), |(_, outcome)| {
                    let is_promise = outcome.starts_with("promised");
                    if is_promise { format!("; {outcome}") } else { format!("; the agreed limit is {outcome}") }
                });
                let until = match (setting.planning.dated, count) {
                    (true, _) => format!("until {}", self.date(last)),
                    (false, 1) => "at ship, treated after it".to_owned(),
                    (false, _) => "at ship, treated after it one by one".to_owned(),
                };
                format!("Leaves {}{name} open {until}{agreed}.", counted(count, severity))
            })
            .collect()
    }

    /// What is not treated at all.
    fn accepted(&self) -> Option<String> {
        let accepted: BTreeSet<&str> =
            self.option.steps.iter().filter(|s| s.phase == Phase::Accept).map(|s| s.work.as_str()).collect();
        let mut by_severity: BTreeMap<Severity, usize> = BTreeMap::new();
        for item in self.setting.work.iter().filter(|item| accepted.contains(item.id.as_str())) {
            for finding in item.findings.iter().filter_map(|id| self.setting.findings.get(id.as_str())) {
                *by_severity.entry(finding.severity.value).or_default() += 1;
            }
        }
        if by_severity.is_empty() {
            return None;
        }
        let parts: Vec<_> = by_severity.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
        let total: usize = by_severity.values().sum();
        Some(format!("Accepts {total} {} for now ({}).", plural(total, "finding"), parts.join(", ")))
    }

    fn needs_no_waiver(&self) -> bool {
        self.option.waivers.is_empty()
    }

    fn spends_least(&self) -> bool {
        self.options.iter().all(|other| other.exposure >= self.option.exposure - EPSILON)
    }

    fn treatments(&self) -> impl Iterator<Item = &'a Treatment> {
        self.option.steps.iter().filter_map(|step| {
            let item = self.setting.items.get(step.work.as_str())?;
            item.treatments.iter().find(|treatment| treatment.id == step.treatment)
        })
    }

    /// Rule texts, the most frequent first, each once, and none that every option shares: it would not help to choose.
    fn add_rule_texts(&self, list: &mut Vec<String>, texts: impl Fn(&Treatment) -> &Vec<String>) {
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
        let zone = time_zone(&self.setting.planning.capacity).0;
        moment(self.setting.planning.calendar.now, day).to_zoned(zone).date().to_string()
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
    (a.currency == b.currency && more > 0.01 * b.total().max(1.0)).then(|| format!("{} {}", a.currency, grouped(more)))
}

/// A whole amount with its thousands grouped: `7,885`.
fn grouped(amount: f64) -> String {
    let digits = format!("{amount:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A title that leaves room for the rest of a sentence.
fn clipped(title: &str) -> String {
    let mut clipped: String = title.chars().take(TITLE).collect();
    if clipped.len() < title.len() {
        clipped.push('…');
    }
    clipped
}

/// `2 high findings`.
fn counted(count: usize, severity: Severity) -> String {
    match severity {
        Severity::Unknown => format!("{count} {} of unknown severity", plural(count, "finding")),
        _ => format!("{count} {severity} {}", plural(count, "finding")),
    }
}

/// A noun in the number that goes with `count`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// Hours, to the half below ten.
pub fn hours(value: f64) -> String {
    let rounded = if value < 10.0 { (value * 2.0).round() / 2.0 } else { value.round() };
    match rounded {
        r if r <= 0.0 => "less than half an hour".to_owned(),
        r if (r - 1.0).abs() < EPSILON => "1 hour".to_owned(),
        r => format!("{r} hours"),
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
