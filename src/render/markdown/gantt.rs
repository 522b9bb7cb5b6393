//! The options as a Mermaid gantt chart, which GitHub and GitLab draw.
//!
//! One section per option: work before ship, the ship milestone, work after ship, and what is promised by when. A task
//! starts where the work of the one before it ends, because work items are done one after another.

use crate::model::brief::Brief;
use crate::model::option::{Phase, PlanOption};

use super::super::dates::Dates;
use super::super::page;
use super::super::words;
use super::writer::{Markup, fitting};

/// Characters of a name in the chart.
const NAME: usize = 48;
/// Steps drawn per option.
const STEPS: usize = 12;
/// Bytes for the chart's first lines and its frame.
const FRAME: usize = 400;

/// The chart; nothing without options, a sentence without dates.
pub fn timeline(brief: &Brief, room: usize) -> Markup {
    let plan = &brief.plan;
    if plan.options.is_empty() {
        return Markup::new();
    }
    if !plan.planning.dated {
        return Markup::of("No capacity is declared, so there are hours and no dates.\n");
    }
    let dates = Dates::to_keep(&plan.planning);
    let mut sections = Vec::new();
    let mut left = 0;
    for option in &plan.options {
        let (lines, more) = fitting(section(brief, option, &dates), (room - FRAME) / plan.options.len());
        left += more + option.steps.iter().filter(|step| step.phase != Phase::Accept).count().saturating_sub(STEPS);
        sections.push(lines);
    }
    let mut out =
        Markup::of("```mermaid\ngantt\n    dateFormat YYYY-MM-DD HH:mm\n    axisFormat %d %b\n    todayMarker off\n");
    for section in sections {
        out.append(&section);
    }
    out.raw("```\n");
    if left > 0 {
        out.raw("\nand ").text(&words::count(left, "line")).raw(" more than the chart shows.\n");
    }
    out
}

fn section(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<Markup> {
    let mut out = vec![Markup::of("    section ").then(words::option(option.name)).then("\n")];
    let mut start = brief.plan.planning.calendar.now;
    let ship = |out: &mut Vec<Markup>| {
        out.push(line("milestone, ", "Ship", option.ships.at, None, dates));
    };
    let mut shipped = false;
    let drawn = option.steps.iter().filter(|step| step.phase != Phase::Accept).take(STEPS);
    for step in drawn {
        if step.phase == Phase::AfterShip && !shipped {
            ship(&mut out);
            shipped = true;
        }
        let Some(end) = step.done.and_then(|day| dates.at_day(day)) else { continue };
        let tag = if step.phase == Phase::BeforeShip { "crit, " } else { "" };
        out.push(line(tag, &page::step_title(brief, step), start, Some(end), dates));
        start = end;
    }
    if !shipped {
        ship(&mut out);
    }
    for commitment in option.commitments.iter().take(STEPS) {
        let title = brief.work(&commitment.work).map_or(commitment.work.as_str(), |item| item.title.as_str());
        out.push(line("milestone, ", &format!("Due - {title}"), commitment.due, None, dates));
    }
    out
}

/// One task. Its name starts with a mark of ours, so that no name can be taken for a keyword of the chart.
fn line(tag: &'static str, name: &str, from: jiff::Timestamp, to: Option<jiff::Timestamp>, dates: &Dates) -> Markup {
    let mut out = Markup::of("    - ");
    out.name(name, NAME).raw(" :").raw(tag).text(&dates.stamp(from)).raw(", ");
    match to {
        Some(to) => out.text(&dates.stamp(to)),
        None => out.raw("0d"),
    };
    out.then("\n")
}
