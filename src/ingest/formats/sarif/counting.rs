//! Counting a log in one go: its results are folded while they are read, and count as what they mean when their run ends,
//! wherever the run says what that is.

use super::dialects::{self, Asks};
use super::finish::{Meaning, unread};
use super::fold::Fold;
use super::run::Run;
use super::visits::{BESIDE, VISITS, Visit, end, fill};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::json::{Event, Kind, Pattern};
use crate::ingest::read_error::ReadError;

/// Counts the results of a log. `None`, and nothing counted, if too many of them count differently to be held: then it is
/// better looked through first.
pub fn at_once(document: &mut Document<'_>, collector: &mut Collector) -> Option<Result<(), ReadError>> {
    let before = collector.clone();
    let mut counting =
        Counting { collector, run: None, runs: 0, may_give_up: document.can_be_read_again(), gave_up: false };
    let patterns = VISITS.iter().map(|(pattern, visit)| match (pattern, visit) {
        (Pattern::Value(path), Visit::Result) => Pattern::Ahead(path),
        (pattern, _) => *pattern,
    });
    let patterns: Vec<Pattern<'_>> = patterns.collect();
    // The bytes that can be read only once are kept for whoever comes after.
    let outcome = document
        .look_ahead(&patterns, &mut |event| counting.visit(event))
        .unwrap_or_else(|| document.json(&patterns, &mut |event| counting.visit(event)));
    if counting.gave_up {
        *collector = before;
        return None;
    }
    let rest = counting.meaning();
    end(rest, counting.runs, counting.collector);
    Some(outcome)
}

/// A log while it is counted.
struct Counting<'c> {
    collector: &'c mut Collector,
    run: Option<(Run, Fold)>,
    /// Runs that have ended.
    runs: u32,
    may_give_up: bool,
    gave_up: bool,
}

impl Counting<'_> {
    fn visit(&mut self, event: Event<'_>) -> Result<(), ReadError> {
        match (VISITS[event.pattern].1, event.kind) {
            (Visit::Run, Kind::Begin) => self.run = Some((Run::default(), Fold::of(Asks::ANYTHING))),
            (Visit::Run, Kind::End) => {
                self.runs += 1;
                self.meaning().into_iter().for_each(|meaning| meaning.finish(self.collector));
            }
            (Visit::InlineResults, Kind::Begin) => self.collector.missing(BESIDE),
            (Visit::Result, kind) => {
                let Some((_, fold)) = &mut self.run else { return Ok(()) };
                match kind {
                    Kind::Ahead(ahead) => fold.take_ahead(ahead),
                    Kind::Value(text) => fold.take(text).unwrap_or_else(|error| unread(&error, self.collector)),
                    Kind::Begin | Kind::End => {}
                }
                self.gave_up = self.may_give_up && fold.is_full();
                if self.gave_up {
                    return Err(ReadError::Bound("too many results count differently".to_owned()));
                }
            }
            (visit, kind) => {
                let Some((run, fold)) = &mut self.run else { return Ok(()) };
                if let (Visit::Results, Kind::Begin) = (visit, &kind)
                    && !run.rules.driver.name.is_empty()
                {
                    fold.ask(dialects::asks(&run.rules.driver.name));
                }
                fill(run, visit, event.key, &kind, self.collector);
            }
        }
        Ok(())
    }

    /// What the run means that is being read; what was folded of it is counted.
    fn meaning(&mut self) -> Option<Meaning> {
        let (run, mut fold) = self.run.take()?;
        let mut meaning = run.meaning(self.collector);
        meaning.settle(fold.drain(), self.collector);
        Some(meaning)
    }
}
