//! The drawings on the page of the review: where everything stands, in percent of the width and in pixels of the height.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::appetite::OptionName;
use crate::model::review::{Budget, Promises, Review};

use super::super::super::words;
use super::super::scale::{Scale, short};

/// Height of a chart over time, and what of it is free for words above and below.
const HEIGHT: f64 = 110.0;
const TOP: f64 = 18.0;
const FOOT: f64 = 18.0;

/// A drawing.
pub enum Chart {
    /// The middle and the upper end of a distribution.
    Spread(Spread),
    /// Bars beside each other's names.
    Bars(Vec<Bar>),
    /// Parts of a whole, one after another.
    Parts(Vec<Portion>),
    /// A figure over time.
    Trend(Trend),
    /// What is left of a budget over time.
    BurnDown(BurnDown),
}

/// The middle and the upper end of a distribution.
pub struct Spread {
    /// Where the middle stands.
    pub median: String,
    /// Where the upper end stands.
    pub p90: String,
    /// A figure to hold them against: where it stands and what it is.
    pub mark: Option<(String, &'static str)>,
}

/// One bar.
pub struct Bar {
    /// Name of the option as commands write it.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// How often it was chosen.
    pub number: u64,
    /// Length of the bar.
    pub width: String,
}

/// One part of a whole.
pub struct Portion {
    /// How it is drawn.
    pub id: &'static str,
    /// What it is.
    pub name: &'static str,
    /// How many.
    pub number: u64,
    /// Where it begins.
    pub x: String,
    /// How long it is.
    pub width: String,
}

/// A moment on an axis.
pub struct Tick {
    /// Where.
    pub x: String,
    /// Its name.
    pub label: String,
    /// Which end of the name stands there.
    pub anchor: &'static str,
}

/// A figure over time.
pub struct Trend {
    /// Periods in which nothing changes, as rectangles that stand on the ground: left edge, width, upper edge, height.
    pub slabs: Vec<[String; 4]>,
    /// The highest figure: where it stands, and what it is.
    pub top: (String, String),
    /// Moments.
    pub ticks: Vec<Tick>,
}

/// What is left of a budget over time.
pub struct BurnDown {
    /// What was left, as lines from point to point.
    pub left: Vec<[String; 4]>,
    /// What will be left if nothing changes.
    pub forecast: [String; 4],
    /// Spending that lasts exactly to the end.
    pub even: [String; 4],
    /// Where nothing is left.
    pub nothing: String,
    /// Where today stands.
    pub now: [String; 2],
    /// What was agreed: where it stands, and how much it is.
    pub agreed: (String, String),
    /// Moments.
    pub ticks: Vec<Tick>,
}

/// The middle and the upper end of a distribution, with a figure to hold them against.
pub fn spread(median: f64, p90: f64, mark: Option<(f64, &'static str)>) -> Chart {
    let last = mark.map_or(p90, |(mark, _)| p90.max(mark * 1.5));
    let scale = Scale::new(0.0, last * 1.08);
    Chart::Spread(Spread {
        median: scale.x(median),
        p90: scale.x(p90),
        mark: mark.map(|(mark, name)| (scale.x(mark), name)),
    })
}

/// How often each option was chosen; all of them, so that what was never chosen is seen.
pub fn by_option(decided: &BTreeMap<&'static str, u64>) -> Chart {
    let most = decided.values().copied().max().unwrap_or(0);
    let scale = Scale::new(0.0, figure(most));
    let bar = |option: &OptionName| {
        let number = decided.get(option.as_str()).copied().unwrap_or(0);
        Bar { id: option.as_str(), name: words::option(*option), number, width: scale.width(0.0, figure(number), 0.0) }
    };
    Chart::Bars(OptionName::ALL.iter().map(bar).collect())
}

/// What became of what was due.
pub fn promises(promises: &Promises) -> Chart {
    let overdue = promises.due.saturating_sub(promises.kept + promises.late);
    let scale = Scale::new(0.0, figure(promises.due));
    let mut from = 0;
    let portion = |(id, name, number): (&'static str, &'static str, u64)| {
        let x = scale.x(figure(from));
        let width = scale.width(figure(from), figure(from + number), 0.0);
        from += number;
        Portion { id, name, number, x, width }
    };
    let parts =
        [("kept", "by their date", promises.kept), ("late", "late", promises.late), ("missed", "overdue", overdue)];
    let parts = parts.into_iter().filter(|(_, _, number)| *number > 0).map(portion);
    Chart::Parts(parts.collect())
}

/// Points a day from baseline to baseline, over the whole period: before the first one nothing is known.
pub fn trend(review: &Review) -> Chart {
    let across = Across::new(review.since, review.until);
    let highest = review.exposure.iter().map(|standing| standing.per_day).fold(0.0, f64::max);
    let up = Scale::within(0.0, highest, HEIGHT - FOOT, TOP);
    let ends = review.exposure.iter().skip(1).map(|next| next.at).chain([review.until]);
    let slabs = review.exposure.iter().zip(ends).map(|(standing, end)| {
        let y = up.at(standing.per_day);
        [across.x(standing.at), across.width(standing.at, end), short(y), short(HEIGHT - FOOT - y)]
    });
    Chart::Trend(Trend {
        slabs: slabs.collect(),
        top: (short(TOP), format!("{} points a day", words::points(highest))),
        ticks: across.ticks(),
    })
}

/// What is left of the budget, baseline by baseline, and what will be.
pub fn burn_down(budget: &Budget) -> Chart {
    let across = Across::new(budget.from, budget.to);
    let spent = budget.spent.max(budget.forecast);
    // An overspent budget goes below nothing, where it can be seen.
    let up = Scale::within((budget.agreed - spent).min(0.0), budget.agreed, HEIGHT - FOOT, TOP);
    let y = |points: f64| short(up.at(budget.agreed - points));
    let mut points = vec![(budget.since, 0.0)];
    points.extend(budget.trail.iter().filter(|spent| spent.at > budget.since).map(|spent| (spent.at, spent.points)));
    let left = points.windows(2).filter_map(|pair| match *pair {
        [(from, before), (to, after)] => Some([across.x(from), y(before), across.x(to), y(after)]),
        _ => None,
    });
    let now = points.last().map_or(budget.since, |(at, _)| *at);
    Chart::BurnDown(BurnDown {
        left: left.collect(),
        forecast: [across.x(now), y(budget.spent), across.x(budget.to), y(budget.forecast)],
        even: [across.x(budget.from), y(0.0), across.x(budget.to), y(budget.agreed)],
        nothing: y(budget.agreed),
        now: [across.x(now), y(budget.spent)],
        agreed: (short(TOP), format!("{} points agreed", words::points(budget.agreed))),
        ticks: across.ticks(),
    })
}

/// A period across a drawing.
struct Across {
    from: Timestamp,
    to: Timestamp,
    scale: Scale,
}

impl Across {
    fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to, scale: Scale::new(0.0, days(from, to)) }
    }

    fn x(&self, at: Timestamp) -> String {
        self.scale.x(days(self.from, at))
    }

    fn width(&self, from: Timestamp, to: Timestamp) -> String {
        self.scale.width(days(self.from, from), days(self.from, to), 0.3)
    }

    /// Its first and its last day, and the beginnings of months where there is room between them.
    fn ticks(&self) -> Vec<Tick> {
        let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let tick =
            |at: Timestamp, anchor| Tick { x: self.x(at), label: date(at).strftime("%m-%d").to_string(), anchor };
        let mut out = vec![tick(self.from, "start")];
        let mut month = date(self.from).first_of_month();
        let mut months = Vec::new();
        while let Some(next) = month.last_of_month().tomorrow().ok().filter(|next: &Date| *next <= date(self.to)) {
            months.extend(next.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()));
            month = next;
        }
        let step = months.len().div_ceil(4).max(1);
        let inside = |at: &Timestamp| (14.0..86.0).contains(&self.scale.at(days(self.from, *at)));
        out.extend(months.into_iter().step_by(step).filter(inside).map(|at| tick(at, "middle")));
        out.push(tick(self.to, "end"));
        out
    }
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

#[allow(clippy::cast_precision_loss, reason = "numbers of changes and promises are small")]
const fn figure(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::review::Spent;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    fn number(text: &str) -> f64 {
        text.trim_end_matches('%').parse().unwrap()
    }

    fn budget(spent: f64, forecast: f64) -> BurnDown {
        let trail = vec![Spent { at: at("2026-11-16"), points: spent }];
        let (from, to) = (at("2026-10-01"), at("2027-01-01"));
        let budget =
            Budget { quarter: "2026-Q4".to_owned(), from, to, since: from, agreed: 100.0, spent, forecast, trail };
        match burn_down(&budget) {
            Chart::BurnDown(burn) => burn,
            _ => panic!("another chart"),
        }
    }

    #[test]
    fn half_of_the_budget_at_half_of_the_quarter_is_even() {
        let burn = budget(50.0, 100.0);
        let [x, y, ..] = burn.forecast.clone().map(|place| number(&place));
        assert!((x - 50.0).abs() < 1e-9, "46 of 92 days: {x}");
        // Halfway down, as the line of even spending is there.
        assert!((y - f64::midpoint(number(&burn.even[1]), number(&burn.even[3]))).abs() < 0.01);
        assert_eq!(burn.forecast[3], burn.nothing, "all of it is spent at the end");
        assert_eq!(burn.left.len(), 1);
        assert_eq!(burn.left[0][1], burn.agreed.0, "it begins with all of it");
    }

    #[test]
    fn an_overspent_budget_goes_below_nothing_and_stays_in_the_drawing() {
        let burn = budget(150.0, 300.0);
        assert!(number(&burn.now[1]) > number(&burn.nothing));
        assert!(number(&burn.forecast[3]) > number(&burn.now[1]));
        assert!(number(&burn.forecast[3]) <= HEIGHT - FOOT + 0.01);
    }

    #[test]
    fn portions_fill_the_whole() {
        let Chart::Parts(parts) = promises(&Promises { due: 9, kept: 6, late: 1, ..Promises::default() }) else {
            panic!("another")
        };
        assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [6, 1, 2]);
        let sum: f64 = parts.iter().map(|part| number(&part.width)).sum();
        assert!((sum - 100.0).abs() < 0.1, "{sum}");
        assert_eq!(parts[1].x, parts[0].width);
    }

    #[test]
    fn months_are_named_where_there_is_room() {
        let labels =
            |from, to| Across::new(at(from), at(to)).ticks().into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(labels("2026-10-01", "2026-12-31"), ["10-01", "11-01", "12-01", "12-31"]);
        assert_eq!(labels("2026-10-01", "2026-10-09"), ["10-01", "10-09"]);
        assert!(labels("2020-01-01", "2026-12-31").len() <= 7);
    }
}
