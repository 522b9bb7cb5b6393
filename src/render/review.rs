//! The review for people: the same figures for every reader, in the order that the reader asks for.

use crate::model::review::{Distribution, Reader, Review};

use super::escape;
use super::renderer::Screen;
use super::terminal::paragraph;
use super::words;

/// What the review is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// How changes got ahead.
    Delivery,
    /// What was promised, and kept.
    Promises,
    /// What stood open, and what of the budget it took.
    Exposure,
    /// What it is all measured by.
    Agreement,
    /// Figures of others.
    Others,
}

impl Part {
    /// Every part, what the reader answers for first.
    pub const fn ordered(reader: Reader) -> [Self; 5] {
        match reader {
            Reader::Cio => [Self::Delivery, Self::Promises, Self::Exposure, Self::Agreement, Self::Others],
            Reader::Ciso => [Self::Exposure, Self::Promises, Self::Delivery, Self::Agreement, Self::Others],
            Reader::Board => [Self::Agreement, Self::Promises, Self::Exposure, Self::Delivery, Self::Others],
        }
    }

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Delivery => "Delivery",
            Self::Promises => "Promises",
            Self::Exposure => "Exposure",
            Self::Agreement => "The agreement",
            Self::Others => "What others measured",
        }
    }
}

/// One part of the review in sentences.
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Sentences.
    pub lines: Vec<String>,
}

/// The review in sections, what the reader answers for first.
pub fn sections(review: &Review, reader: Reader) -> Vec<Section> {
    let section = |part: Part| Section {
        title: part.title(),
        lines: match part {
            Part::Delivery => delivery(review),
            Part::Promises => promises(review),
            Part::Exposure => exposure(review),
            Part::Agreement => agreement(review),
            Part::Others => published(review),
        },
    };
    Part::ordered(reader).map(section).into()
}

/// The review for a terminal, no wider than the screen.
pub fn terminal(review: &Review, reader: Reader, screen: &Screen) -> String {
    let mut out = paragraph(screen, "", "", &heading(review));
    for section in sections(review, reader) {
        out.push_str(&format!("\n{}\n", section.title));
        for line in section.lines {
            out.push_str(&paragraph(screen, "  - ", "    ", &line));
        }
    }
    out
}

/// The review as Markdown.
pub fn markdown(review: &Review, reader: Reader) -> String {
    let mut out = format!("## {}\n", escape::markdown(&heading(review)));
    for section in sections(review, reader) {
        out.push_str(&format!("\n### {}\n\n", section.title));
        for line in section.lines {
            out.push_str(&format!("- {}\n", escape::markdown(&line)));
        }
    }
    out
}

/// What is reviewed, and from which day to which: "Review of Payments platform", "2026-10-01 to 2026-12-31".
pub fn title(review: &Review) -> (String, String) {
    let name = review.name.as_ref().map(|name| format!(" of {}", escape::clip(name, 80))).unwrap_or_default();
    (format!("Review{name}"), format!("{} to {}", day(review.since), day(review.until)))
}

fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn heading(review: &Review) -> String {
    let (what, when) = title(review);
    format!("{what}, {when}")
}

fn delivery(review: &Review) -> Vec<String> {
    let decided: u64 = review.decided.values().sum();
    let mut out = vec![format!(
        "{} judged, {} never beyond tolerance, {} decided.",
        count(review.judged, "change"),
        review.within,
        decided
    )];
    if decided > 0 {
        let options: Vec<String> = review.decided.iter().map(|(option, number)| format!("{option} {number}")).collect();
        let default = match review.by_default {
            0 => String::new(),
            some => format!("; {some} by the agreed default"),
        };
        out.push(format!("By option: {}{default}.", options.join(", ")));
    }
    out.push(match &review.time_to_yes_hours {
        None => "Time to yes: nothing was decided in this period.".to_owned(),
        Some(time) => format!(
            "Time to yes: half within {}, nine in ten within {} (n = {}).",
            words::span(time.median),
            words::span(time.p90),
            time.n
        ),
    });
    out.push(match &review.delay_avoided {
        None => "Delay avoided: no figure, as no decided change has a ship date under a gate that blocks to compare with.".to_owned(),
        Some(delay) => format!(
            "Delay avoided: {} compared with a gate that blocks on every new high or critical finding, which would have held {} of {} (same changes, same capacity, cheapest fixes; estimated efforts).",
            words::count_of((delay.days * 10.0).round() / 10.0, "calendar day"),
            delay.held,
            words::count(delay.changes, "change")
        ),
    });
    out.push(match review.hotfixes {
        0 => "The revert and hotfix lane was not used.".to_owned(),
        some => format!("The revert and hotfix lane was used {}.", count(some, "time")),
    });
    out
}

fn promises(review: &Review) -> Vec<String> {
    let promises = &review.promises;
    let mut out = vec![match promises.rate() {
        None => format!("No promise was due; {} open.", promises.open),
        Some(rate) => format!(
            "Kept-promise rate: {} ({} of {} due kept by their date, {} late; {} open and not due).",
            words::percent(rate),
            promises.kept,
            promises.due,
            promises.late,
            promises.open
        ),
    }];
    for overdue in &review.overdue {
        let owners =
            if overdue.owners.is_empty() { "nobody named".to_owned() } else { words::list(&overdue.owners, "and") };
        out.push(format!(
            "Overdue for {}: {} ({}, {}). With: {owners}.",
            words::count(usize::try_from(overdue.days).unwrap_or_default(), "day"),
            overdue.title,
            overdue.id,
            overdue.change
        ));
        out.extend(overdue.remarks.iter().cloned());
    }
    out.push(match review.estimates {
        None => "Estimates: no figure, as nobody reported hours for closed commitments.".to_owned(),
        Some(Distribution { n, median, p90 }) => format!(
            "Estimates: half of the work took at most {median:.1} times what was estimated, nine in ten at most {p90:.1} times (n = {n})."
        ),
    });
    if let Some(Distribution { n, median, p90 }) = review.days_to_close {
        out.push(format!(
            "From promise to verified closure: half within {}, nine in ten within {} (n = {n}).",
            words::span(median * 24.0),
            words::span(p90 * 24.0)
        ));
    }
    out
}

fn exposure(review: &Review) -> Vec<String> {
    let mut out = Vec::new();
    match (review.exposure.first(), review.exposure.last()) {
        (Some(first), Some(last)) if first.at != last.at => out.push(format!(
            "Exposure of the default branch: from {} to {} points a day, {} to {} findings.",
            words::points(first.per_day),
            words::points(last.per_day),
            first.findings,
            last.findings
        )),
        (Some(only), _) => out.push(format!(
            "Exposure of the default branch: {} points a day, {}.",
            words::points(only.per_day),
            words::count(only.findings, "finding")
        )),
        _ => out.push("Exposure of the default branch: no baseline was recorded in this period.".to_owned()),
    }
    out.push(match &review.budget {
        None if review.exposure.is_empty() => "Exposure budget: no figure, as it is counted by baselines.".to_owned(),
        None => "Exposure budget: none is agreed.".to_owned(),
        Some(budget) => {
            let share = if budget.agreed > 0.0 {
                format!(" ({})", words::percent(budget.spent / budget.agreed))
            } else {
                String::new()
            };
            let more = if budget.forecast > budget.agreed { ", more than was agreed" } else { "" };
            format!(
                "Budget of {}: {} of {} points spent{share}; {} by the end of the quarter if nothing changes{more}.",
                budget.quarter,
                words::points(budget.spent),
                words::points(budget.agreed),
                words::points(budget.forecast)
            )
        }
    });
    out
}

fn agreement(review: &Review) -> Vec<String> {
    let waivers = &review.waivers;
    let mut out = vec![match (waivers.holding, &waivers.first_end) {
        (0, _) | (_, None) => "No waiver holds.".to_owned(),
        (holding, Some(end)) => format!(
            "{} about {} {}, the first until {end}.",
            count(holding, "waiver"),
            count(waivers.findings, "finding"),
            if holding == 1 { "holds" } else { "hold" }
        ),
    }];
    out.extend(waivers.obsolete.iter().chain(&waivers.unrecorded).cloned());
    out.push(match &review.agreement_review {
        None => "No agreement is on record.".to_owned(),
        Some(by) if by.as_str() < day(review.until).as_str() => format!(
            "The agreement was to be looked at again by {by}. That day has passed: the gate advises until it is agreed again."
        ),
        Some(by) => format!("The agreement has to be looked at again by {by}."),
    });
    out
}

fn count(number: u64, noun: &str) -> String {
    words::count(number.try_into().unwrap_or(usize::MAX), noun)
}

fn published(review: &Review) -> Vec<String> {
    let line = |figure: &crate::model::review::Published| {
        format!("{}: {} ({}; {}).", figure.what, figure.figure, figure.source, figure.mind)
    };
    review.published.iter().map(line).collect()
}
