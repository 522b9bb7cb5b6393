//! The options as cards that say the same things in the same places, and what holds for all of them said once.

mod basis;

use crate::model::brief::Brief;
use crate::model::option::{Phase, PlanOption};

use super::super::dates::Dates;
use super::super::page::{self, Page};
use super::super::words;
use super::marks;
use super::scale::Scale;

/// What a reader in a hurry looks for: when, for how much, at what risk.
const FIRST: [&str; 5] = ["Ships", "Cost", "Work before / after ship", "Security score", "Open at ship"];

/// The options and what they share.
pub struct Choice {
    /// One card per option, fastest first.
    pub cards: Vec<Card>,
    /// Parts of a card, so that all cards keep the same lines.
    pub parts: usize,
    /// What is the same in every option.
    pub same: Vec<Fact>,
    /// What is done before ship whatever is chosen.
    pub common: Vec<String>,
    /// What speaks for every option.
    pub pros: Vec<String>,
    /// What speaks against every option.
    pub cons: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Choice {
    /// Whether anything is the same in every option.
    pub fn shared(&self) -> bool {
        !(self.same.is_empty() && self.common.is_empty() && self.pros.is_empty() && self.cons.is_empty())
    }

    /// Whether there is anything to say for or against an option.
    pub fn argued(&self) -> bool {
        self.shared() || self.cards.iter().any(|card| !(card.pros.is_empty() && card.cons.is_empty()))
    }
}

/// One option.
pub struct Card {
    /// Name of the option as commands write it.
    pub id: &'static str,
    /// Its name for people.
    pub name: String,
    /// What it is marked as: chosen, or recommended.
    pub tag: Option<&'static str>,
    /// What is said about it.
    pub facts: Vec<Fact>,
    /// How to choose it; empty where a choice would not bind.
    pub choose: String,
    /// What speaks for it alone.
    pub pros: Vec<String>,
    /// What speaks against it alone.
    pub cons: Vec<String>,
}

/// One figure with where it comes from.
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Whether it is one of the first things to look at.
    pub lead: bool,
    /// The figure.
    pub figure: String,
    /// What is said beside it.
    pub beside: String,
    /// A drawing of it.
    pub meter: Option<Meter>,
    /// Where it comes from, one sentence each.
    pub basis: Vec<String>,
    /// Whether the list of findings can show what it counts.
    pub listed: bool,
}

/// A score on its scale from 0 to 100.
pub struct Meter {
    /// Where the score stands.
    pub at: String,
    /// Where its range begins.
    pub low: String,
    /// How wide its range is.
    pub width: String,
}

/// The options and what they share; `None` without options.
pub fn choice(brief: &Brief, page: &Page, dates: &Dates) -> Option<Choice> {
    let options = &brief.plan.options;
    let comparison = page.comparison.as_ref()?;
    let mut rows: Vec<&(&'static str, Vec<String>)> = comparison.rows.iter().collect();
    rows.sort_by_key(|(label, _)| FIRST.iter().position(|first| first == label).unwrap_or(FIRST.len()));
    // What is chosen has to be done, not chosen again.
    let to_choose = brief.appetite.binds() && !page.decided;
    let is_same = |cells: &[String]| options.len() > 1 && cells.windows(2).all(|pair| pair[0] == pair[1]);
    // When, for how much and at what risk stands on every card, the same or not.
    let (same, own): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(label, cells)| !FIRST.contains(label) && is_same(cells));
    let (pros, cons) = (shared(options, |option| &option.pros), shared(options, |option| &option.cons));
    let card = |(place, option): (usize, &PlanOption)| {
        let column = &comparison.columns[place];
        let facts = own.iter().filter_map(|(label, cells)| Some(fact(brief, option, label, cells.get(place)?, dates)));
        Card {
            id: marks::option(option.name),
            name: column.name.clone(),
            tag: column.tag,
            facts: facts.collect(),
            choose: if to_choose { format!("/detente choose {} because …", column.id) } else { String::new() },
            pros: without(&option.pros, &pros),
            cons: without(&option.cons, &cons),
        }
    };
    let same =
        same.iter().filter_map(|(label, cells)| Some(fact(brief, options.first()?, label, cells.first()?, dates)));
    Some(Choice {
        cards: options.iter().enumerate().map(card).collect(),
        // The name, each figure, and how to choose it.
        parts: own.len() + 1 + usize::from(to_choose),
        same: same.collect(),
        common: common(brief),
        pros,
        cons,
        notes: comparison.notes.clone(),
    })
}

fn fact(brief: &Brief, option: &PlanOption, label: &'static str, cell: &str, dates: &Dates) -> Fact {
    // These cells are our own words throughout; others name roles and rows, which are not to be taken apart.
    let (figure, beside) = if FIRST.contains(&label) { apart(cell) } else { (cell.to_owned(), String::new()) };
    let scale = Scale::new(0.0, 100.0);
    let range = option.outlook.score;
    Fact {
        label,
        // Hours stand in for the cost only where no price is declared.
        lead: FIRST.contains(&label) && (label != FIRST[2] || option.cost.is_none()),
        figure,
        beside,
        meter: (label == "Security score").then(|| Meter {
            at: scale.x(option.score),
            low: scale.x(range.p10),
            width: scale.width(range.p10, range.p90, 0.5),
        }),
        basis: basis::of(brief, option, label, dates),
        listed: label == "Open at ship" && !option.open_at_ship.is_empty(),
    }
}

/// A figure, and what is said beside it in brackets or behind a semicolon: `97 (88–99)`, `3 high; 41 older`.
fn apart(cell: &str) -> (String, String) {
    let end = [" (", "; "].into_iter().filter_map(|mark| cell.find(mark)).min();
    match end.and_then(|end| Some((cell.get(..end)?, cell.get(end + 2..)?))) {
        Some((figure, beside)) => (figure.to_owned(), beside.replacen(')', "", 1)),
        None => (cell.to_owned(), String::new()),
    }
}

/// Steps that every option does before ship, in words.
fn common(brief: &Brief) -> Vec<String> {
    let options = &brief.plan.options;
    let Some(option) = options.first().filter(|_| options.len() > 1) else { return Vec::new() };
    let before = option.steps.iter().filter(|step| step.phase == Phase::BeforeShip);
    before
        .filter(|step| brief.plan.common.contains(&step.work))
        .map(|step| format!("{} ({})", page::step_title(brief, step), words::hours(step.effort)))
        .collect()
}

/// What is said of every option, as long as there are several.
fn shared(options: &[PlanOption], said: impl Fn(&PlanOption) -> &Vec<String>) -> Vec<String> {
    let Some((first, others)) = options.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    said(first).iter().filter(|sentence| others.iter().all(|other| said(other).contains(sentence))).cloned().collect()
}

fn without(all: &[String], known: &[String]) -> Vec<String> {
    all.iter().filter(|sentence| !known.contains(sentence)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    fn of(brief: &Brief) -> Choice {
        choice(brief, &Page::to_keep(brief), &Dates::to_keep(&brief.plan.planning)).unwrap()
    }

    #[test]
    fn every_figure_says_where_it_comes_from() {
        for (name, brief) in fixture::all().into_iter().filter(|(_, brief)| !brief.plan.options.is_empty()) {
            let choice = of(&brief);
            for fact in choice.cards.iter().flat_map(|card| &card.facts).chain(&choice.same) {
                assert!(!fact.basis.is_empty(), "{name}: {}", fact.label);
            }
        }
    }

    #[test]
    fn what_all_options_share_is_said_once() {
        let mut brief = fixture::beyond_tolerance();
        for option in &mut brief.plan.options {
            option.cons.push("It needs a release to take effect.".to_owned());
            option.approval = vec!["anyone".to_owned()];
        }
        let choice = of(&brief);
        assert_eq!(choice.cons, ["It needs a release to take effect."]);
        assert!(choice.cards.iter().all(|card| !card.cons.contains(&choice.cons[0])));
        assert!(choice.same.iter().any(|fact| fact.label == "Who approves" && fact.figure == "anyone"));
        assert!(choice.cards.iter().all(|card| card.facts.iter().all(|fact| fact.label != "Who approves")));
        assert_eq!(choice.common.len(), 2);
    }

    #[test]
    fn the_figure_stands_apart_from_its_remarks() {
        let said = |cell| apart(cell);
        assert_eq!(said("97 (88–99)"), ("97".to_owned(), "88–99".to_owned()));
        assert_eq!(said("3 high; 41 older"), ("3 high".to_owned(), "41 older".to_owned()));
        assert_eq!(said("Wed (1 day later); Thu at worst"), ("Wed".to_owned(), "1 day later; Thu at worst".to_owned()));
        assert_eq!(said("anyone"), ("anyone".to_owned(), String::new()));
    }

    #[test]
    fn every_card_has_the_same_lines() {
        let choice = of(&fixture::beyond_tolerance());
        let labels = |card: &Card| card.facts.iter().map(|fact| fact.label).collect::<Vec<_>>();
        assert_eq!(choice.cards.len(), 3);
        assert!(choice.cards.iter().all(|card| labels(card) == labels(&choice.cards[0])));
        assert_eq!(labels(&choice.cards[0])[..5], FIRST);
        assert_eq!(choice.cards[0].facts[0].figure, "Mon 2026-11-23, 13:48");
    }
}
