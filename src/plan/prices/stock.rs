//! What the items can be treated with, as far as it does not depend on when the change ships.
//!
//! Items of a kind do the same at any prices, so that each [kind](kinds) is looked at once.

use std::collections::BTreeMap;

use super::grid::Worth;
use crate::plan::kinds::kinds;
use crate::plan::problem::{Choice, Item, Problem};

/// Every way to treat every kind of item.
#[derive(Debug, Default)]
pub struct Stock {
    ways: Vec<Way>,
    /// The ways of a kind end here.
    ends: Vec<usize>,
    /// Items that are the same in everything that counts.
    pub kinds: Vec<Kind>,
    /// Index of the kind of each item.
    pub kind_of: Vec<usize>,
    /// How treatments take effect.
    pub effects: Vec<Effect>,
    /// How long they take, each together with how they take effect.
    pub spans: Vec<Span>,
}

/// Items that do the same.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Index of the first of them.
    pub item: usize,
    /// How many there are.
    pub count: f64,
}

/// One way to treat an item.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Its place among the item's choices.
    pub choice: usize,
    /// Hours of work.
    pub hours: f64,
    /// What it saves.
    pub saves: Saves,
    /// Index of its span.
    pub span: usize,
}

/// What treating an item for good saves a day.
#[derive(Debug, Clone, Copy)]
pub struct Saves {
    /// Of findings that come with the change.
    pub introduced: f64,
    /// Of findings that are live.
    pub ambient: f64,
}

impl Saves {
    /// Of all findings.
    pub fn rate(self) -> f64 {
        self.introduced + self.ambient
    }

    /// What so many days are worth.
    pub fn over(self, days: Worth) -> f64 {
        self.introduced * days.introduced + self.ambient * days.ambient
    }
}

/// How treatments take effect.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// Days between the end of the work and its effect.
    pub lead: f64,
    /// Whether that is at once rather than with a release.
    pub at_once: bool,
}

/// Treatments that take so long and take effect in the same way.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Index of the effect.
    pub effect: usize,
    /// Hours of work.
    pub hours: f64,
    /// Of how many kinds they are that have only findings that come with the change, and only live ones.
    pub pure: [u32; 2],
}

impl Stock {
    /// Takes stock of a problem.
    pub fn new(problem: &Problem) -> Self {
        let mut stock = Self::default();
        let mut known: BTreeMap<(usize, u64), usize> = BTreeMap::new();
        stock.kind_of = kinds(&problem.items);
        for (at, item) in problem.items.iter().enumerate() {
            let kind = stock.kind_of[at];
            if let Some(kind) = stock.kinds.get_mut(kind) {
                kind.count += 1.0;
                continue;
            }
            stock.kinds.push(Kind { item: at, count: 1.0 });
            for (index, choice) in worthwhile(item) {
                let alike =
                    |effect: &Effect| effect.at_once == choice.at_once && (effect.lead - choice.lead).abs() < 1e-12;
                let effect = stock.effects.iter().position(alike).unwrap_or_else(|| {
                    stock.effects.push(Effect { lead: choice.lead, at_once: choice.at_once });
                    stock.effects.len() - 1
                });
                let span = *known.entry((effect, choice.hours.to_bits())).or_insert_with(|| {
                    stock.spans.push(Span { effect, hours: choice.hours, pure: [0, 0] });
                    stock.spans.len() - 1
                });
                let share = 1.0 - choice.residual;
                let saves = Saves { introduced: share * item.introduced, ambient: share * item.ambient };
                if let Some(kind) = pure(saves) {
                    stock.spans[span].pure[kind] += 1;
                }
                stock.ways.push(Way { choice: index, hours: choice.hours, saves, span });
            }
            stock.ends.push(stock.ways.len());
        }
        stock
    }

    /// The ways of a kind, and the place of the first of them among all.
    pub fn of(&self, kind: usize) -> (usize, &[Way]) {
        let start = kind.checked_sub(1).map_or(0, |before| self.ends[before]);
        (start, &self.ways[start..self.ends[kind]])
    }
}

/// The choices of an item, without those that another one matches or beats in everything: at any place in the queue, and
/// at any prices, that one pays at least as well.
fn worthwhile(item: &Item) -> impl Iterator<Item = (usize, &Choice)> {
    let choices = || item.choices.iter().enumerate();
    choices().filter(move |&(index, choice)| {
        !choices().any(|(other, better)| {
            let no_worse = better.hours <= choice.hours
                && better.residual <= choice.residual
                && better.lead <= choice.lead
                && (better.at_once || !choice.at_once);
            // Of two that are alike the first stays.
            no_worse
                && (other < index || *better != Choice { treatment: better.treatment, ..*choice })
                && other != index
        })
    })
}

/// Which of the two kinds of findings a treatment has, if it has only one.
pub fn pure(saves: Saves) -> Option<usize> {
    match (saves.introduced > 0.0, saves.ambient > 0.0) {
        (_, false) => Some(0),
        (false, true) => Some(1),
        (true, true) => None,
    }
}
