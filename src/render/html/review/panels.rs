//! What is said on the page of the review: one figure a panel, a sentence or two, a drawing, and where it comes from.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::review::{Distribution, Overdue, Review};

use super::super::super::escape::clip;
use super::super::super::review::{self as texts, Part};
use super::super::super::words;
use super::charts::{self, Chart};

/// Overdue commitments that are listed before the rest is folded.
const LISTED: usize = 4;
/// Overdue commitments that are on the page at all.
const MOST: usize = 50;
/// Characters of a title.
const TITLE: usize = 90;
/// Characters of a name.
const NAME: usize = 40;

/// One figure and what belongs to it.
#[derive(Default)]
pub struct Panel {
    /// What it is.
    pub label: &'static str,
    /// Whether it needs the whole width.
    pub wide: bool,
    /// The figure; empty if nothing is known.
    pub figure: String,
    /// What the figure is of, or why there is none.
    pub beside: String,
    /// A drawing of it.
    pub chart: Option<Chart>,
    /// What else there is to say, one sentence each.
    pub says: Vec<String>,
    /// What is overdue.
    pub overdue: Vec<Line>,
    /// What else is overdue, folded.
    pub more: Vec<Line>,
    /// Figures of others.
    pub published: Vec<Cited>,
    /// Where the figure comes from.
    pub basis: String,
}

/// One overdue commitment.
pub struct Line {
    /// For how long.
    pub days: String,
    /// What was promised.
    pub title: String,
    /// With whom it is.
    pub owners: String,
    /// Where it was promised, and its name in the ledger.
    pub about: String,
    /// Why it is not closed although it is no longer found, if so.
    pub remarks: Vec<String>,
}

/// A figure of somebody else.
pub struct Cited {
    /// The figure.
    pub figure: String,
    /// What was measured.
    pub what: &'static str,
    /// Who says so, and what to mind.
    pub source: String,
}

/// The panels about one part of the review.
pub fn of(review: &Review, part: Part) -> Vec<Panel> {
    match part {
        Part::Delivery => vec![time_to_yes(review), decisions(review), delay(review)],
        Part::Promises => vec![kept(review), estimates(review), overdue(review)],
        Part::Exposure => vec![exposure(review), budget(review)],
        Part::Agreement => vec![agreement(review), lane(review)],
        Part::Others => vec![others(review)],
    }
}

/// What matters most of a part, in one sentence; `None` where nothing is known or the panel is as short.
pub fn in_short(review: &Review, part: Part) -> Option<String> {
    match part {
        Part::Delivery => {
            let decided: u64 = review.decided.values().sum();
            let time = review.time_to_yes_hours?;
            Some(format!(
                "{} of {} took a decision, half of them within {}.",
                words::grouped(decided),
                count(review.judged, "change"),
                words::span(time.median)
            ))
        }
        Part::Promises => {
            let promises = &review.promises;
            promises.rate()?;
            let overdue = match review.overdue.len() {
                0 => "none is overdue".to_owned(),
                1 => "1 is overdue".to_owned(),
                some => format!("{some} are overdue"),
            };
            Some(format!(
                "{} of {} due were kept by their date; {overdue}.",
                promises.kept,
                count(promises.due, "promise")
            ))
        }
        Part::Exposure => {
            let budget = review.budget.as_ref()?;
            Some(format!(
                "{} of the exposure budget of {} is spent, {} by its end if nothing changes.",
                words::percent(share(budget.spent, budget.agreed)),
                budget.quarter,
                words::percent(share(budget.forecast, budget.agreed))
            ))
        }
        Part::Agreement | Part::Others => None,
    }
}

fn time_to_yes(review: &Review) -> Panel {
    let label = "Time to yes";
    let Some(Distribution { n, median, p90 }) = review.time_to_yes_hours else {
        return unknown(label, "Nothing was decided in this period.");
    };
    Panel {
        label,
        figure: words::span(median),
        beside: format!(
            "or less from the first verdict to the decision, for half of them; nine in ten within {}",
            words::span(p90)
        ),
        chart: Some(charts::spread(median, p90, None)),
        basis: format!("n = {n}"),
        ..Panel::default()
    }
}

fn decisions(review: &Review) -> Panel {
    let label = "Changes";
    if review.judged == 0 {
        return unknown(label, "No change was judged in this period.");
    }
    let decided: u64 = review.decided.values().sum();
    let mut says = Vec::new();
    if review.by_default > 0 {
        says.push(format!("{} by the agreed default, since nobody chose in time.", words::grouped(review.by_default)));
    }
    let beside =
        format!("{} never beyond tolerance, {} decided", words::grouped(review.within), words::grouped(decided));
    Panel {
        label,
        figure: format!("{} judged", words::grouped(review.judged)),
        beside: if decided == 0 { format!("{beside}: no option was chosen") } else { format!("{beside}, by option:") },
        chart: (decided > 0).then(|| charts::by_option(&review.decided)),
        says,
        ..Panel::default()
    }
}

fn delay(review: &Review) -> Panel {
    let label = "Delay avoided";
    let Some(delay) = &review.delay_avoided else {
        return unknown(label, "No decided change has a ship date under a gate that blocks to compare with.");
    };
    Panel {
        label,
        figure: words::count_of((delay.days * 10.0).round() / 10.0, "calendar day"),
        beside: format!(
            "against a gate that blocks on every new high or critical finding: it would have held {} of {}",
            delay.held,
            words::count(delay.changes, "decided change")
        ),
        basis: "planned, not observed: same changes, same declared capacity, the cheapest fixes, efforts as estimated"
            .to_owned(),
        ..Panel::default()
    }
}

fn kept(review: &Review) -> Panel {
    let label = "Kept promises";
    let promises = &review.promises;
    let Some(rate) = promises.rate() else {
        let none = format!("No promise was due in this period; {}.", texts::not_due(promises));
        return Panel { says: texts::besides(promises), ..unknown(label, &none) };
    };
    Panel {
        label,
        figure: words::percent(rate),
        beside: format!(
            "{} of {} due verified closed by their date",
            words::grouped(promises.kept),
            words::grouped(promises.due)
        ),
        chart: Some(charts::promises(promises)),
        says: texts::besides(promises),
        basis: "closed only when the same scanner and rule ran and no longer found it".to_owned(),
        ..Panel::default()
    }
}

fn estimates(review: &Review) -> Panel {
    let label = "Estimates";
    let Some(Distribution { n, median, p90 }) = review.estimates else {
        return unknown(
            label,
            "Nobody reported hours for closed commitments, so estimates cannot be held against them.",
        );
    };
    Panel {
        label,
        figure: format!("{} × the estimate", short(median)),
        beside: format!("or less was worked, for half of the commitments; nine in ten at most {} ×", short(p90)),
        chart: Some(charts::spread(median, p90, Some((1.0, "as estimated")))),
        basis: format!("hours reported by hours estimated, n = {n}"),
        ..Panel::default()
    }
}

fn overdue(review: &Review) -> Panel {
    let mut lines: Vec<Line> = review.overdue.iter().take(MOST).map(line).collect();
    let more = lines.split_off(lines.len().min(LISTED));
    let left = review.overdue.len().saturating_sub(MOST);
    Panel {
        label: "Overdue",
        wide: true,
        figure: if lines.is_empty() { "none".to_owned() } else { review.overdue.len().to_string() },
        beside: match lines.len() {
            0 => "nothing promised is past its date".to_owned(),
            1 => "past its date, and with whom it is now".to_owned(),
            _ => "past their date, longest first, and with whom they are now".to_owned(),
        },
        says: if left > 0 {
            vec![format!("And {} more, in the ledger.", words::grouped(left as u64))]
        } else {
            Vec::new()
        },
        overdue: lines,
        more,
        ..Panel::default()
    }
}

fn line(overdue: &Overdue) -> Line {
    let owners: Vec<String> = overdue.owners.iter().map(|owner| clip(owner, NAME)).collect();
    let owners = if owners.is_empty() { "nobody named".to_owned() } else { words::list_up_to(&owners, 2) };
    Line {
        days: words::count(usize::try_from(overdue.days).unwrap_or_default(), "day"),
        title: clip(&overdue.title, TITLE),
        owners,
        about: format!("{}, {}", clip(&overdue.change, 40), overdue.id),
        remarks: overdue.remarks.iter().map(|remark| clip(remark, 200)).collect(),
    }
}

fn exposure(review: &Review) -> Panel {
    let label = "Exposure of the default branch";
    let (Some(first), Some(last)) = (review.exposure.first(), review.exposure.last()) else {
        return unknown(label, "No baseline was recorded in this period, so nothing is known of it.");
    };
    let findings = |number: usize| words::count(number, "finding");
    let beside = if first.at == last.at {
        format!("from {} on {}, the only day on record", findings(last.findings), day(last.at))
    } else {
        format!(
            "from {}; {} from {} on {}, the first day on record",
            findings(last.findings),
            words::points(first.per_day),
            findings(first.findings),
            day(first.at)
        )
    };
    Panel {
        label,
        figure: format!("{} points a day", words::points(last.per_day)),
        beside,
        chart: (first.at != last.at).then(|| charts::trend(review)),
        basis: "rates as they were judged on each day".to_owned(),
        ..Panel::default()
    }
}

fn budget(review: &Review) -> Panel {
    let label = "Exposure budget";
    let Some(budget) = &review.budget else {
        let why = if review.exposure.is_empty() {
            "No baseline is on record, so nothing can be counted against a budget."
        } else {
            "No budget of exposure is agreed."
        };
        return unknown(label, why);
    };
    let counted = if budget.since > budget.from {
        format!("; counted since {}, the first day on record", day(budget.since))
    } else {
        String::new()
    };
    let forecast = if budget.forecast > budget.agreed { ", more than was agreed" } else { "" };
    Panel {
        label,
        figure: format!("{} spent", words::percent(share(budget.spent, budget.agreed))),
        beside: format!(
            "{} of {} points of {}; {} by its end if nothing changes{forecast}",
            words::points(budget.spent),
            words::points(budget.agreed),
            budget.quarter,
            words::percent(share(budget.forecast, budget.agreed))
        ),
        chart: Some(charts::burn_down(budget)),
        basis: format!("declared in the agreement, spent by own baselines{counted}"),
        ..Panel::default()
    }
}

fn agreement(review: &Review) -> Panel {
    let label = "Next review of the agreement";
    let Some(review_by) = &review.agreement_review else {
        return unknown(label, "No agreement is on record.");
    };
    let passed = review_by.as_str() < day(review.until).as_str();
    Panel {
        label,
        figure: weekday(review_by),
        beside: if passed { "the day has passed: the gate advises until it is agreed again" } else { "at the latest" }
            .to_owned(),
        basis: "declared in the agreement".to_owned(),
        ..Panel::default()
    }
}

fn lane(review: &Review) -> Panel {
    Panel {
        label: "Revert and hotfix lane",
        figure: match review.hotfixes {
            0 => "not used".to_owned(),
            some => format!("used {}", count(some, "time")),
        },
        beside: "ships at once, with what it leaves open promised".to_owned(),
        ..Panel::default()
    }
}

/// Ours first, so that the eye compares; it is about other findings than theirs, which is said.
fn others(review: &Review) -> Panel {
    let ours = review.days_to_close.map(|Distribution { n, median, p90 }| Cited {
        figure: words::span(median * 24.0),
        what: "Here: from a promise to its verified closure, half of them at most",
        source: format!(
            "Own records, n = {n}; nine in ten within {}; only what was promised.",
            words::span(p90 * 24.0)
        ),
    });
    let cited = review.published.iter().map(|published| Cited {
        figure: published.figure.to_owned(),
        what: published.what,
        source: format!("{}; {}.", published.source, published.mind),
    });
    let nothing = "Here nothing that was promised was closed in this period, so there is nothing to compare.";
    Panel {
        label: "Time to fix",
        wide: true,
        beside: if ours.is_some() { String::new() } else { nothing.to_owned() },
        published: ours.into_iter().chain(cited).collect(),
        ..Panel::default()
    }
}

/// A panel about something of which nothing is known.
fn unknown(label: &'static str, why: &str) -> Panel {
    Panel { label, beside: why.to_owned(), ..Panel::default() }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}

/// At most two digits behind the point.
fn short(figure: f64) -> String {
    let text = format!("{figure:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn count(number: u64, noun: &str) -> String {
    words::count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `2026-11-24`.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// `Tue 2026-11-24`, from `2026-11-24`.
fn weekday(date: &str) -> String {
    date.parse::<jiff::civil::Date>().map_or_else(|_| date.to_owned(), |date| date.strftime("%a %Y-%m-%d").to_string())
}
