//! The options side by side, and the one to take.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::appetite::Money;
use crate::model::brief::{Brief, NextStep};
use crate::model::effort::Effort;
use crate::model::option::{Phase, PlanOption, Step};
use crate::model::outlook::Outlook;
use crate::model::severity::Severity;
use crate::model::standing::DecisionState;
use crate::model::upgrade::UpgradeCommand;
use crate::model::verdict::Verdict;
use crate::model::work::Treatment;

use super::super::dates::Dates;
use super::super::escape::{clip, clip_middle};
use super::super::words;
use super::lengths::TITLE;

/// How much later than planned, on the first day, the runs are said to ship.
const NOTED: SignedDuration = SignedDuration::from_mins(30);

/// What to do, in short.
pub struct Answer {
    /// The option to take, when it ships and what it is worth.
    pub line: String,
    /// What has to be done before ship, in this order.
    pub steps: Vec<NextStep>,
    /// Who may approve it; empty if they have.
    pub approval: String,
}

/// The options side by side.
pub struct Comparison {
    /// One per option, fastest first.
    pub columns: Vec<Column>,
    /// What is compared, and what holds for each option.
    pub rows: Vec<(&'static str, Vec<String>)>,
    /// Remarks under the table.
    pub notes: Vec<String>,
}

/// One option as a column.
pub struct Column {
    /// Name of the option as commands write it.
    pub id: &'static str,
    /// Name for people, with the names that fell together with it.
    pub name: String,
    /// Whether it is the recommended one.
    pub recommended: bool,
    /// What it is marked as: the chosen one, or until there is one the recommended one.
    pub tag: Option<&'static str>,
}

impl Column {
    /// The name, with what it is marked as.
    pub fn heading(&self) -> String {
        self.tag.map_or_else(|| self.name.clone(), |tag| format!("{} ({tag})", self.name))
    }
}

/// What speaks for and against one option.
pub struct Argument {
    /// The option's heading.
    pub name: String,
    /// What speaks for it.
    pub pros: Vec<String>,
    /// What speaks against it.
    pub cons: Vec<String>,
}

/// The option that was chosen, by people or by the agreed default; `None` for the hotfix lane, which takes none.
fn chosen(brief: &Brief) -> Option<&PlanOption> {
    let standing = brief.standing.as_ref()?;
    let by_option = matches!(standing.state, DecisionState::Decided | DecisionState::ByDefault);
    by_option.then(|| brief.option(standing.option)).flatten()
}

/// The chosen or else the recommended option in short; `None` without options. What was chosen and by whom is said by
/// the decision, so that here only what follows from it is.
pub fn answer(brief: &Brief, dates: &Dates) -> Option<Answer> {
    let plan = &brief.plan;
    if brief.standing.as_ref().is_some_and(|standing| standing.state == DecisionState::Hotfix) {
        return None;
    }
    let recommended = plan.recommended.and_then(|name| brief.option(name));
    let decided = chosen(brief);
    let option = decided.or(recommended).or_else(|| plan.options.first())?;
    let lead = if plan.options.len() == 1 {
        "The way to ship"
    } else if recommended.is_some() {
        "Recommended"
    } else {
        "Earliest"
    };
    let work = words::hours(option.ships.hours_before_ship);
    let ship = match (plan.planning.dated, work.as_str()) {
        (true, "none") => format!("ships {}, nothing to do first", ships(option, dates)),
        (true, _) => match runs(option, dates, "simulated runs") {
            Some(runs) => format!("is planned to ship {} after {work} of work; {runs}", ships(option, dates)),
            None => format!("ships {}, after {work} of work", ships(option, dates)),
        },
        (false, "none") => "ships now, nothing to do first".to_owned(),
        (false, _) => format!("ships after {work} of work"),
    };
    let common: HashSet<&String> = plan.common.iter().collect();
    let steps = option.steps.iter().filter(|step| step.phase == Phase::BeforeShip).map(|step| {
        let everywhere = decided.is_none() && plan.options.len() > 1 && common.contains(&step.work);
        let note = if everywhere { ", whatever you choose" } else { "" };
        let say = format!("{} ({}{note})", step_title(brief, step), words::hours(step.effort));
        match treatment(brief, step).and_then(|treatment| treatment.command.as_ref()) {
            None => NextStep { say, command: None },
            Some(UpgradeCommand { command, note, .. }) => {
                let say = if note.is_empty() { say } else { format!("{say}. {note}") };
                NextStep { say, command: Some(command.clone()) }
            }
        }
    });
    let (name, score) = (words::option(option.name), words::score(option.score));
    Some(Answer {
        // That it is decided, and by whom, was said before.
        line: match decided {
            Some(_) => format!("{name} {ship}; security score {score}."),
            None => format!("{lead}: {name}. It {ship}; security score {score}."),
        },
        steps: steps.collect(),
        approval: match decided {
            Some(_) => String::new(),
            None => format!("Who approves it: {}.", approvers(brief, option)),
        },
    })
}

/// The options side by side; `None` without options. Rows that say nothing about any option are left out.
pub fn comparison(brief: &Brief, dates: &Dates) -> Option<Comparison> {
    let plan = &brief.plan;
    if plan.options.is_empty() {
        return None;
    }
    let has_dates = plan.planning.dated;
    let cells = |cell: &dyn Fn(&PlanOption) -> Option<String>| -> Vec<Option<String>> {
        plan.options.iter().map(cell).collect()
    };
    let whose = if plan.budget.is_some() { "what is left" } else { "the quarter's" };
    let rows = [
        ("Ships", cells(&|o| has_dates.then(|| planned(o, dates)))),
        ("Work before / after ship", cells(&|o| Some(work(o)))),
        ("Security score", cells(&|o| Some(score(o)))),
        ("Open at ship", cells(&|o| Some(open_at_ship(brief, o)))),
        ("State at ship", cells(&|o| Some(state_of(brief, o, dates)))),
        ("Promised after ship", cells(&|o| promised(o, has_dates, dates))),
        (
            "Exposure budget used",
            cells(&|o| o.budget_share.map(|share| format!("{} of {whose}", words::percent(share)))),
        ),
        ("Cost", cells(&|o| cost(o))),
        ("Who approves", cells(&|o| Some(approvers(brief, o)))),
    ];
    let rows = rows.into_iter().filter(|(_, cells)| cells.iter().any(Option::is_some)).map(|(label, cells)| {
        (label, cells.into_iter().map(|cell| cell.unwrap_or_else(|| "none".to_owned())).collect())
    });
    let mut notes: Vec<String> = plan.merged.iter().map(|merged| merged.why.clone()).collect();
    if has_dates {
        notes.push(format!("Dates and times are in the time zone {}.", dates.zone_name()));
    }
    Some(Comparison {
        columns: plan.options.iter().map(|option| column(brief, option)).collect(),
        rows: rows.collect(),
        notes,
    })
}

/// The plan for a wish: what was wished, what the answer is, and what that plan does before ship; `None` without a wish.
pub fn wish(brief: &Brief, dates: &Dates) -> Option<(String, Vec<String>)> {
    let wished = brief.plan.wished.as_ref()?;
    let wish = &wished.wish;
    let parts: Vec<String> = [
        wish.ship_by.map(|date| format!("ship by {}", date.strftime("%a %Y-%m-%d"))),
        wish.max_effort.map(|hours| format!("at most {hours} h of work")),
        wish.min_score.map(|score| format!("a security score of at least {score}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let state = if wished.met { "possible" } else { "not possible" };
    let mut lines = wished.says.clone();
    let plan = &wished.plan;
    if brief.plan.planning.dated {
        lines.push(format!("Ships: {}.", planned(plan, dates)));
    }
    lines.push(format!("Work before / after ship: {}. Security score: {}.", work(plan), score(plan)));
    let before = plan.steps.iter().filter(|step| step.phase == Phase::BeforeShip);
    let before: Vec<String> = before.map(|step| step_title(brief, step)).collect();
    if !before.is_empty() {
        lines.push(format!("Before ship: {}.", words::list_up_to(&before, 6)));
    }
    lines.push(format!(
        "State at ship: {}. Open at ship: {}.",
        state_of(brief, plan, dates),
        open_at_ship(brief, plan)
    ));
    lines.push(format!("Who approves it: {}.", approvers(brief, plan)));
    Some((format!("Your wish, {}: {state}", words::list(&parts, "and")), lines))
}

/// Pros and cons per option.
pub fn arguments(brief: &Brief) -> Vec<Argument> {
    let argument = |option: &PlanOption| Argument {
        name: column(brief, option).heading(),
        pros: option.pros.clone(),
        cons: option.cons.clone(),
    };
    brief
        .plan
        .options
        .iter()
        .map(argument)
        .filter(|argument| !(argument.pros.is_empty() && argument.cons.is_empty()))
        .collect()
}

/// "If nobody chooses by Mon 2026-11-23, 16:40, Balanced takes effect, as agreed."
pub fn default_choice(brief: &Brief, dates: &Dates) -> Option<String> {
    let default = brief.appetite.authority.default.as_ref()?;
    let option = brief.option(default.option).filter(|_| brief.appetite.binds())?;
    // Counted from the first verdict on record; where this is the first one, from now.
    let from_now = || {
        let day = brief.plan.planning.calendar.day_of_working_time(default.after_hours);
        day.filter(|_| brief.plan.planning.dated).and_then(|day| dates.at_day(day))
    };
    let when = brief
        .default_at
        .or_else(from_now)
        .map_or_else(|| format!("within {} working hours", default.after_hours), |at| format!("by {}", dates.time(at)));
    let begun = brief
        .standing
        .as_ref()
        .is_some_and(|standing| standing.state == DecisionState::Incomplete && !standing.approvals.is_empty());
    let unless = if begun { "If that is not complete" } else { "If nobody chooses" };
    Some(format!("{unless} {when}, {} takes effect, as agreed.", words::option(option.name)))
}

/// What a step does, in words.
pub fn step_title(brief: &Brief, step: &Step) -> String {
    let title = treatment(brief, step).map(|treatment| &treatment.title);
    let title = title.or_else(|| brief.work(&step.work).map(|item| &item.title));
    clip_middle(title.unwrap_or(&step.work), TITLE)
}

/// The treatment that a step takes; `None` if it accepts.
pub fn treatment<'a>(brief: &'a Brief, step: &Step) -> Option<&'a Treatment> {
    brief.work(&step.work)?.treatments.iter().find(|treatment| treatment.id == step.treatment)
}

/// `today, 15:30`, `Tue 2026-11-24 (1 working day later)`.
pub fn ships(option: &PlanOption, dates: &Dates) -> String {
    if option.ships.day <= 0.0 {
        return "now".to_owned();
    }
    match option.ships.delay_working_days {
        0 => dates.time(option.ships.at),
        days => format!("{} ({} later)", dates.day(option.ships.at), words::count(days as usize, "working day")),
    }
}

/// When it ships as planned, and by when the simulated runs do: `planned Wed 2026-11-25 (1 working day later); half of the runs
/// by Thu 2026-11-26, nine of ten by Mon 2026-11-30`. The plan takes the median of each step, and what all of them take
/// together is more than the sum of the medians more often than not.
pub fn planned(option: &PlanOption, dates: &Dates) -> String {
    let day = ships(option, dates);
    match runs(option, dates, "runs") {
        Some(runs) => format!("planned {day}; {runs}"),
        None => day,
    }
}

/// By when half and nine of ten of the runs ship, if any of it is not the planned day.
fn runs(option: &PlanOption, dates: &Dates, runs: &str) -> Option<String> {
    const NEVER: &str = "not within the calendar";
    let (planned, Outlook { middle, late, .. }) = (option.ships.at, option.outlook);
    let same = |at: Timestamp| dates.date(at) == dates.date(planned);
    let half = match middle {
        None => return Some(format!("half of the {runs} {NEVER}")),
        Some(at) if !same(at) => Some(format!("half of the {runs} by {}", dates.day(at))),
        // What ships on the first day is planned with its time.
        Some(at) if option.ships.delay_working_days == 0 && at.duration_since(planned) >= NOTED => {
            Some(format!("half of the {runs} by {}", dates.clock(at)))
        }
        Some(_) => None,
    };
    let (nine, never) = match half {
        Some(_) => ("nine of ten".to_owned(), format!("one in ten {NEVER}")),
        None => (format!("nine of ten {runs}"), format!("one in ten {runs} {NEVER}")),
    };
    let most = match late {
        None => Some(never),
        Some(at) if !same(at) && middle.is_some_and(|middle| dates.date(middle) == dates.date(at)) => {
            Some(format!("{nine} the same day"))
        }
        Some(at) => (!same(at)).then(|| format!("{nine} by {}", dates.day(at))),
    };
    let said: Vec<String> = half.into_iter().chain(most).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// One option as a column.
pub fn column(brief: &Brief, option: &PlanOption) -> Column {
    let merged = brief.plan.merged.iter().find(|merged| merged.names.contains(&option.name));
    let names: Vec<String> = match merged {
        None => vec![words::option(option.name).to_owned()],
        Some(merged) => merged.names.iter().map(|&name| words::option(name).to_lowercase()).collect(),
    };
    let recommended = brief.plan.options.len() > 1
        && brief.plan.recommended.and_then(|name| brief.option(name)).is_some_and(|best| best.name == option.name);
    Column {
        id: option.name.as_str(),
        name: words::capitalised(&words::list(&names, "and")),
        recommended,
        tag: match chosen(brief) {
            Some(chosen) => (chosen.name == option.name).then_some("chosen"),
            None => recommended.then_some("recommended"),
        },
    }
}

fn work(option: &PlanOption) -> String {
    let after = option.steps.iter().filter(|step| step.phase == Phase::AfterShip);
    let after = after.fold(Effort { p50: 0.0, p90: 0.0 }, |sum, step| Effort {
        p50: sum.p50 + step.effort.p50,
        p90: sum.p90 + step.effort.p90,
    });
    format!("{} / {}", words::hours(option.ships.hours_before_ship), words::hours(after))
}

/// `97 (88–99)`: as planned, and what nine of ten and one of ten of the runs reach. The plan may lie outside, as its ship day does.
pub fn score(option: &PlanOption) -> String {
    let planned = words::score(option.score);
    let (low, high) = (words::score(option.outlook.score.p10), words::score(option.outlook.score.p90));
    if low == high { planned } else { format!("{planned} ({low}–{high})") }
}

/// `1 critical, 3 high; 41 older`: the change's own by severity, the others as a number.
fn open_at_ship(brief: &Brief, option: &PlanOption) -> String {
    let mut new: BTreeMap<Severity, usize> = BTreeMap::new();
    let mut older = 0;
    for assessed in option.open_at_ship.iter().filter_map(|id| brief.finding(id)) {
        if assessed.finding.origin.counts_as_introduced() {
            *new.entry(assessed.severity.value).or_default() += 1;
        } else {
            older += 1;
        }
    }
    let new: Vec<String> = new
        .iter()
        .rev()
        .map(|(severity, number)| match severity {
            Severity::Unknown => format!("{number} of unknown severity"),
            known => format!("{number} {known}"),
        })
        .collect();
    let new = if new.is_empty() { "none of the change's".to_owned() } else { new.join(", ") };
    if older == 0 { new } else { format!("{new}; {} older", words::grouped(older)) }
}

fn state_of(brief: &Brief, option: &PlanOption, dates: &Dates) -> String {
    let state = words::verdict(option.state_at_ship);
    if option.waivers.is_empty() {
        return state.to_owned();
    }
    let waivers: Vec<String> = option
        .waivers
        .iter()
        .map(|waiver| {
            let row = clip(&waiver.row, TITLE);
            if brief.plan.planning.dated { format!("{row} until {}", dates.day(waiver.until)) } else { row }
        })
        .collect();
    let noun = if waivers.len() == 1 { "waiver" } else { "waivers" };
    // A waiver can also be about due dates alone, while every row stays within tolerance.
    let joint = if option.state_at_ship == Verdict::BeyondTolerance { ":" } else { ", with" };
    format!("{state}{joint} {noun} for {}", words::list_up_to(&waivers, 3))
}

fn promised(option: &PlanOption, has_dates: bool, dates: &Dates) -> Option<String> {
    let last = option.commitments.iter().map(|commitment| commitment.due).max()?;
    let number = words::count(option.commitments.len(), "commitment");
    Some(match (has_dates, option.commitments.len()) {
        (false, _) => number,
        (true, 1) => format!("{number}, due {}", dates.day(last)),
        (true, _) => format!("{number}, last due {}", dates.day(last)),
    })
}

fn cost(option: &PlanOption) -> Option<String> {
    let cost = option.cost.as_ref()?;
    let amount = |amount: f64| words::money(&Money { amount, currency: cost.currency.clone() });
    let mut parts = vec![format!("work {}", amount(cost.effort))];
    for (name, part) in [("delay", cost.delay), ("expected loss", cost.loss)] {
        if part > 0.0 {
            parts.push(format!("{name} {}", amount(part)));
        }
    }
    let total = amount(cost.total());
    Some(if parts.len() == 1 { total } else { format!("{total} ({})", words::list(&parts, "and")) })
}

/// Who may decide for an option. Before the appetite is agreed that is nobody, and it is said who will be.
fn approvers(brief: &Brief, option: &PlanOption) -> String {
    if option.approval.is_empty() {
        return "nobody under this agreement".to_owned();
    }
    let roles: Vec<String> = option.approval.iter().map(|role| clip(role, TITLE)).collect();
    let roles = words::list(&roles, "and");
    if brief.appetite.binds() { roles } else { format!("{roles} (once the appetite is agreed)") }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_range_of_a_score_is_that_of_the_runs() {
        let mut option = fixture::beyond_tolerance().plan.options.remove(0);
        assert_eq!(score(&option), "94 (90–96)");
        // The plan is not among what the runs come to; the range in JSON is widened to hold it.
        (option.outlook.score.p90, option.score_range.high) = (92.0, option.score);
        assert_eq!(score(&option), "94 (90–92)");
    }

    #[test]
    fn the_planned_day_is_never_said_to_be_the_likely_one() {
        let brief = fixture::beyond_tolerance();
        let dates = Dates::to_keep(&brief.plan.planning);
        let mut option = brief.plan.options[1].clone();
        let mut said = |middle: Option<f64>, late: Option<f64>| {
            let at = |day: Option<f64>| day.and_then(|day| dates.at_day(option.ships.day + day));
            (option.outlook.middle, option.outlook.late) = (at(middle), at(late));
            planned(&option, &dates)
        };
        let day = "Tue 2026-11-24 (1 working day later)";
        let never = "not within the calendar";
        for (middle, late, expected) in [
            (Some(0.0), Some(0.0), day.to_owned()),
            (Some(0.0), Some(6.0), format!("planned {day}; nine of ten runs by Mon 2026-11-30")),
            (
                Some(3.0),
                Some(6.0),
                format!("planned {day}; half of the runs by Fri 2026-11-27, nine of ten by Mon 2026-11-30"),
            ),
            (
                Some(3.0),
                Some(3.0),
                format!("planned {day}; half of the runs by Fri 2026-11-27, nine of ten the same day"),
            ),
            (Some(3.0), None, format!("planned {day}; half of the runs by Fri 2026-11-27, one in ten {never}")),
            (Some(0.0), None, format!("planned {day}; one in ten runs {never}")),
            (None, None, format!("planned {day}; half of the runs {never}")),
        ] {
            assert_eq!(said(middle, late), expected);
        }
        // On the first day it is hours that count.
        let mut option = brief.plan.options[0].clone();
        option.outlook.middle = dates.at_day(option.ships.day + 0.1);
        assert!(planned(&option, &dates).starts_with("planned Mon 2026-11-23, 13:48; half of the runs by 16:12"));
    }
}
