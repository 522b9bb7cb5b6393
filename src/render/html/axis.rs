//! Days across a drawing: where they begin, when nobody works, when nothing is released.

use jiff::civil::Date;

use crate::model::brief::Brief;

use super::super::dates::Dates;
use super::scale::Scale;

/// Labels that fit beside each other on a wide screen.
const LABELS: usize = 8;
/// Periods without work shorter than this, in days, are nights and not drawn.
const LONG: f64 = 1.2;
/// Periods that are drawn, each kind.
const BANDS: usize = 40;

/// The days of a chart.
pub struct Axis {
    /// Where days begin.
    pub ticks: Vec<Tick>,
    /// Weekends and holidays.
    pub closed: Vec<Band>,
    /// Periods without releases.
    pub freezes: Vec<Band>,
}

/// The beginning of a day.
pub struct Tick {
    /// Where.
    pub x: String,
    /// Its name; empty if there is no room for it.
    pub label: String,
    /// Whether a narrow screen has no room for its name.
    pub minor: bool,
}

/// A period.
pub struct Band {
    /// Where it begins.
    pub x: String,
    /// How long it is.
    pub width: String,
    /// What it is.
    pub label: String,
}

/// The days from now to `last`.
pub fn axis(brief: &Brief, dates: &Dates, scale: &Scale, last: f64) -> Axis {
    Axis {
        ticks: ticks(dates, scale, last),
        closed: closed(brief, scale, last),
        freezes: freezes(brief, dates, scale, last),
    }
}

/// Day names at most [`LABELS`] times, and never so close to an edge that they are cut.
pub fn ticks(dates: &Dates, scale: &Scale, last: f64) -> Vec<Tick> {
    let midnights = dates.midnights(last);
    let step = [1, 2, 3, 7, 14, 28].into_iter().find(|step| midnights.len() / step <= LABELS).unwrap_or(91);
    let mut out = vec![Tick { x: scale.x(0.0), label: "now".to_owned(), minor: false }];
    for (number, (day, date)) in midnights.into_iter().enumerate() {
        let at = scale.at(day);
        let shown = number % step == 0 && at - scale.at(0.0) > 6.0 && at < 91.0;
        if shown || step == 1 {
            let label = if shown { name(date) } else { String::new() };
            out.push(Tick { x: scale.x(day), label, minor: out.len() % 2 == 1 });
        }
    }
    out
}

/// `Tue 11-24`: the year stands in every date beside the chart.
fn name(date: Date) -> String {
    date.strftime("%a %m-%d").to_string()
}

fn closed(brief: &Brief, scale: &Scale, last: f64) -> Vec<Band> {
    let windows = &brief.plan.planning.calendar.work;
    let gaps = windows.windows(2).filter_map(|pair| match pair {
        [before, after] if after.from - before.to > LONG && before.to < last => Some((before.to, after.from)),
        _ => None,
    });
    gaps.take(BANDS).map(|(from, to)| band(scale, from, to, String::new())).collect()
}

fn freezes(brief: &Brief, dates: &Dates, scale: &Scale, last: f64) -> Vec<Band> {
    let freezes = brief.appetite.delivery.freezes.iter().filter_map(|freeze| {
        let (from, to) = (dates.start_of(freeze.from)?, dates.start_of(freeze.to.tomorrow().ok()?)?);
        (to > 0.0 && from < last).then(|| {
            let label = format!("no release {} to {}: {}", freeze.from, freeze.to, freeze.why);
            band(scale, from.max(0.0), to, label)
        })
    });
    freezes.take(BANDS).collect()
}

fn band(scale: &Scale, from: f64, to: f64, label: String) -> Band {
    Band { x: scale.x(from), width: scale.width(from, to, 0.0), label }
}
