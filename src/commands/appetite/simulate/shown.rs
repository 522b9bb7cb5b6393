//! Outcomes side by side, for people and for programs.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::commands::sheet::figure;
use crate::model::explanation::{Block, Explanation, Section};
use crate::model::verdict::Verdict;

use super::lapses::Lapse;
use super::outcome::{Outcome, RowOutcome, RunOutcome};
use super::runs::Run;

/// What there is to say, a column for each draft.
pub(super) fn page(outcomes: &[Outcome], runs: usize, at: Option<Date>, lapses: Option<&[Vec<Lapse>]>) -> Explanation {
    let drafts = || outcomes.iter().map(|outcome| outcome.draft.clone());
    let mut sections = Vec::new();
    if runs > 0 {
        let rows = FIGURES
            .iter()
            .map(|(name, value)| std::iter::once((*name).to_owned()).chain(outcomes.iter().map(value)).collect());
        let figures =
            Block::Table { header: std::iter::once(String::new()).chain(drafts()).collect(), rows: rows.collect() };
        let meaning = "Delay and exposure are those of the option that each draft would have recommended; what it would \
                       not have asked about ships at once. What is recommended lies between the ends of that draft's own \
                       plans: one with less time for one thing may leave more of another. Exposure is in points \
                       within 90 days; rates are as known in each run.";
        sections.push(Section {
            id: "figures",
            heading: "What each draft would have meant",
            blocks: vec![figures, Block::Say(meaning.to_owned())],
        });
        let mut ids: Vec<&String> =
            outcomes.iter().flat_map(|outcome| outcome.rows.iter().map(|row| &row.id)).collect();
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(*id));
        let rows = ids.into_iter().map(|id| {
            let cell = |outcome: &Outcome| {
                outcome.rows.iter().find(|row| row.id == *id).map_or_else(|| "no such row".to_owned(), mattered)
            };
            std::iter::once(id.clone()).chain(outcomes.iter().map(cell)).collect()
        });
        let header = std::iter::once("Row".to_owned()).chain(drafts()).collect();
        sections.push(Section {
            id: "rows",
            heading: "Which row mattered, and in how many runs",
            blocks: vec![Block::Table { header, rows: rows.collect() }],
        });
    }
    if let (Some(day), Some(lapses)) = (at, lapses) {
        let blocks = outcomes.iter().zip(lapses).flat_map(|(outcome, lapses)| {
            let lapsed = lapses.iter().map(|lapse| format!("{}: {}", lapse.day, lapse.what)).collect::<Vec<_>>();
            let what = if lapsed.is_empty() { "nothing." } else { "" };
            let title = Block::Say(format!("{}, by {day}: {what}", outcome.draft).trim_end().to_owned());
            [title, Block::Items(lapsed)]
        });
        // Where nothing else is shown, the title says already what lapses.
        let heading = if runs > 0 { "What lapses" } else { "In each draft" };
        sections.push(Section { id: "lapses", heading, blocks: blocks.collect() });
    }
    let title = match runs {
        0 => "What lapses when".to_owned(),
        1 => "1 past run replayed".to_owned(),
        runs => format!("{runs} past runs replayed"),
    };
    Explanation { title, lead: if runs > 0 { lead(outcomes) } else { Vec::new() }, sections }
}

/// `amber 3, red 2, held the release 1, alone decisive 1`; what never happened is left out.
fn mattered(row: &RowOutcome) -> String {
    let parts = [("amber", row.amber), ("red", row.red), ("held the release", row.held), ("alone decisive", row.alone)];
    let parts: Vec<String> =
        parts.iter().filter(|(_, runs)| *runs > 0).map(|(what, runs)| format!("{what} {runs}")).collect();
    if parts.is_empty() { "never".to_owned() } else { parts.join(", ") }
}

/// What the choice between the drafts comes down to: the first one in figures, each other one against it.
fn lead(outcomes: &[Outcome]) -> Vec<String> {
    let Some((first, others)) = outcomes.split_first() else { return Vec::new() };
    let asked = |outcome: &Outcome| outcome.runs.iter().filter(|run| run.asked).count();
    let held = |outcome: &Outcome| outcome.runs.iter().filter(|run| run.held).count();
    let runs = |number: usize| if number == 1 { "1 run".to_owned() } else { format!("{number} runs") };
    let mut out = vec![format!(
        "{} would have asked in {} of {} and held the release in {}, for {} of delay and {} points of exposure.",
        first.draft,
        asked(first),
        runs(first.runs.len()),
        held(first),
        days(i64::from(delay(first))),
        points(exposure(first))
    )];
    let more = |here: usize, there: usize| match here.cmp(&there) {
        Ordering::Less => format!("{} less often", there - here),
        Ordering::Equal => "as often".to_owned(),
        Ordering::Greater => format!("{} more often", here - there),
    };
    for other in others {
        let delayed = match i64::from(delay(other)) - i64::from(delay(first)) {
            0 => "the same delay".to_owned(),
            by if by < 0 => format!("{} less delay", days(-by)),
            by => format!("{} more delay", days(by)),
        };
        let by = exposure(other) - exposure(first);
        let exposed = match points(by.abs()).as_str() {
            "0" => "the same exposure".to_owned(),
            some if by < 0.0 => format!("{some} points less exposure"),
            some => format!("{some} points more exposure"),
        };
        let (asks, holds) = (more(asked(other), asked(first)), more(held(other), held(first)));
        out.push(format!(
            "Against it, {} would have asked {asks} and held {holds}, for {delayed} and {exposed}.",
            other.draft
        ));
    }
    out
}

fn days(number: i64) -> String {
    if number == 1 { "1 working day".to_owned() } else { format!("{number} working days") }
}

/// Three digits that mean something: more would claim more than estimates know.
fn points(exposure: f64) -> String {
    format!("{exposure:.2e}").parse().map(figure).unwrap_or_default()
}

type Figure = (&'static str, fn(&Outcome) -> String);

/// The figures of a draft, in the order of the table.
const FIGURES: &[Figure] = &[
    ("Went ahead without a question", |outcome| count(outcome, |run| !run.asked && run.verdict != Verdict::Unresolved)),
    ("Would have asked", |outcome| count(outcome, |run| run.asked)),
    ("Would have held the release", |outcome| count(outcome, |run| run.held)),
    ("Could not be judged", |outcome| count(outcome, |run| run.verdict == Verdict::Unresolved)),
    ("Exploited and not remarked upon", |outcome| missed(outcome).to_string()),
    ("Time limits within 90 days", |outcome| due(outcome).to_string()),
    ("Working days of delay", |outcome| delay(outcome).to_string()),
    ("Exposure, points", |outcome| points(exposure(outcome))),
];

fn count(outcome: &Outcome, which: impl Fn(&RunOutcome) -> bool) -> String {
    outcome.runs.iter().filter(|run| which(run)).count().to_string()
}

fn missed(outcome: &Outcome) -> usize {
    outcome.runs.iter().map(|run| run.missed.len()).sum()
}

fn due(outcome: &Outcome) -> usize {
    outcome.runs.iter().map(|run| run.due_within).sum()
}

fn delay(outcome: &Outcome) -> u32 {
    outcome.runs.iter().map(|run| run.delay).sum()
}

fn exposure(outcome: &Outcome) -> f64 {
    outcome.runs.iter().map(|run| run.exposure).sum()
}

/// `detente.simulation/1`.
pub(super) fn json(outcomes: &[Outcome], runs: &[Run], at: Option<Date>, lapses: Option<&[Vec<Lapse>]>) -> Value {
    let draft = |(number, outcome): (usize, &Outcome)| {
        let of = |which: fn(&RunOutcome) -> bool| outcome.runs.iter().filter(|run| which(run)).count();
        let each = outcome.runs.iter().zip(runs).map(|(outcome, run)| {
            json!({
                "run": run.name, "now": run.now.to_string(), "verdict": outcome.verdict.as_str(), "asked": outcome.asked,
                "held": outcome.held, "delay_working_days": outcome.delay, "exposure": outcome.exposure,
                "missed_exploited": outcome.missed, "due_within_horizon": outcome.due_within,
            })
        });
        let rows = outcome.rows.iter().map(
            |row| json!({ "id": row.id, "amber": row.amber, "red": row.red, "held": row.held, "alone": row.alone }),
        );
        json!({
            "name": outcome.draft,
            "runs": outcome.runs.len(),
            "asked": of(|run| run.asked),
            "held": of(|run| run.held),
            "unresolved": of(|run| run.verdict == Verdict::Unresolved),
            "missed_exploited": missed(outcome),
            "due_within_horizon": due(outcome),
            "delay_working_days": delay(outcome),
            "exposure": exposure(outcome),
            "rows": rows.collect::<Vec<_>>(),
            "each": each.collect::<Vec<_>>(),
            "lapses": lapses.and_then(|lapses| lapses.get(number)),
        })
    };
    json!({
        "schema": "detente.simulation/1",
        "at": at.map(|day| day.to_string()),
        "drafts": outcomes.iter().enumerate().map(draft).collect::<Vec<_>>(),
    })
}
