//! The options as they are offered for a choice: what stands side by side, and what can be looked up about each.
//!
//! Same words and figures as in the report; the text is fit for a terminal as it stands.

use crate::model::appetite::OptionName;
use crate::model::brief::Brief;
use crate::model::option::{Phase, PlanOption};

use super::dates::Dates;
use super::page::{Page, about_judgement, ships, step_title};
use super::{escape, words};

/// Everything that a choice is made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The verdict and what it asks for.
    pub headline: String,
    /// What stands against what was agreed, a sentence each.
    pub summary: Vec<String>,
    /// One per option, fastest first.
    pub options: Vec<Offered>,
    /// What to know besides: what takes effect if nobody chooses, why options fell together.
    pub notes: Vec<String>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its name.
    pub name: OptionName,
    /// Its name for people, with the names that fell together with it.
    pub heading: String,
    /// Whether it is the recommended one.
    pub recommended: bool,
    /// What is compared, and what holds for this option; the same labels for each.
    pub facts: Vec<(&'static str, String)>,
    /// What can be looked up, a sentence or two each line.
    pub details: Vec<(Detail, Vec<String>)>,
}

/// What can be looked up about an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What is done when.
    Timeline,
    /// What speaks for and against it.
    ProsAndCons,
    /// What is open at ship.
    Findings,
    /// How the verdict came about.
    Why,
}

impl Detail {
    /// Every detail, in the order in which they are read.
    pub const ALL: [Self; 4] = [Self::Timeline, Self::ProsAndCons, Self::Findings, Self::Why];

    /// Its heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Timeline => "Timeline",
            Self::ProsAndCons => "Pros and cons",
            Self::Findings => "Findings",
            Self::Why => "Why",
        }
    }
}

/// What `brief` offers to choose from; with `unicode` false in ASCII alone.
pub fn offer(brief: &Brief, unicode: bool) -> Offer {
    let page = Page::of(brief);
    let dates = Dates::of(&brief.plan.planning);
    let plain = |text: &str| escape::terminal(text, unicode);
    let lines = |lines: Vec<String>| lines.iter().map(|line| plain(line)).collect::<Vec<_>>();
    let (columns, rows, mut notes) = match page.comparison {
        Some(comparison) => (comparison.columns, comparison.rows, comparison.notes),
        None => (Vec::new(), Vec::new(), Vec::new()),
    };
    notes.splice(0..0, page.default.clone());
    let why = lines(why(&page.rows, &page.counterfactual));
    let options = brief.plan.options.iter().zip(columns).enumerate().map(|(index, (option, column))| Offered {
        name: option.name,
        heading: plain(&column.name),
        recommended: column.recommended,
        facts: rows.iter().map(|(label, cells)| (*label, plain(cells.get(index).map_or("", String::as_str)))).collect(),
        details: vec![
            (Detail::Timeline, lines(timeline(brief, option, &dates))),
            (Detail::ProsAndCons, lines(arguments(option))),
            (Detail::Findings, lines(open(brief, option, &dates))),
            (Detail::Why, why.clone()),
        ],
    });
    let options = options.collect();
    Offer {
        headline: plain(&page.headline),
        summary: lines(page.advice.into_iter().chain(page.summary).collect()),
        options,
        notes: lines(notes),
    }
}

/// The brief in a few lines: the verdict, what stands against what was agreed, what holds, and what to know of the judgement,
/// of which at most `most`.
pub fn in_short(brief: &Brief, most: usize) -> Vec<String> {
    let page = Page::of(brief);
    let mut lines = vec![format!("{}.", page.headline)];
    lines.push(page.summary.join(" "));
    lines.extend(about_judgement(brief).into_iter().take(most));
    lines
}

fn timeline(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<String> {
    let dated = brief.plan.planning.dated;
    let mut lines = Vec::new();
    let mut part = |phase: Phase, heading: String| {
        let steps: Vec<String> = option
            .steps
            .iter()
            .filter(|step| step.phase == phase)
            .map(|step| {
                let when = step.done.filter(|_| dated).and_then(|day| dates.at_day(day));
                let when = when.map_or_else(String::new, |at| format!(", done {}", dates.time(at)));
                let hours =
                    if phase == Phase::Accept { String::new() } else { format!(" ({})", words::hours(step.effort)) };
                format!("- {}{hours}{when}", step_title(brief, step))
            })
            .collect();
        if !steps.is_empty() {
            lines.push(heading);
            lines.extend(steps);
        }
    };
    let ships = if dated { format!(" (planned {})", ships(option, dates)) } else { String::new() };
    part(Phase::BeforeShip, format!("Before ship{ships}:"));
    part(Phase::AfterShip, "After ship, as commitments:".to_owned());
    part(Phase::Accept, "Not treated in this plan:".to_owned());
    lines
}

fn arguments(option: &PlanOption) -> Vec<String> {
    let pros = option.pros.iter().map(|pro| format!("+ {pro}"));
    pros.chain(option.cons.iter().map(|con| format!("- {con}"))).collect()
}

fn open(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<String> {
    let mut found: Vec<_> = option.open_at_ship.iter().filter_map(|id| brief.finding(id)).collect();
    found.sort_by_key(|assessed| {
        (!assessed.finding.origin.counts_as_introduced(), std::cmp::Reverse(assessed.severity.value))
    });
    let mut lines: Vec<String> = found
        .into_iter()
        .map(|assessed| {
            let finding = &assessed.finding;
            let place = finding.locations.first().map_or_else(String::new, |place| format!(", {}", place.path));
            let due = assessed.due.as_ref().map_or_else(String::new, |due| format!(", due {}", dates.day(due.at)));
            let older = if finding.origin.counts_as_introduced() { "" } else { ", older" };
            format!("- {}: {}{place}{due}{older}", assessed.severity.value.as_str(), escape::clip(&finding.title, 100))
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nothing is open at ship.".to_owned());
    }
    lines
}

fn why(rows: &[super::page::RowLine], counterfactual: &[String]) -> Vec<String> {
    let rows = rows.iter().flat_map(|row| {
        let says = if row.says.is_empty() { row.id.clone() } else { format!("{}: {}", row.id, row.says) };
        [says, format!("  {}: {}", row.state, row.measured)]
    });
    rows.chain(counterfactual.iter().cloned()).collect()
}
