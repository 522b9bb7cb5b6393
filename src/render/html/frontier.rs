//! The frontier: when each option ships against what it is worth, with the range of both in eight simulated runs of ten.

use crate::model::brief::Brief;
use crate::model::option::PlanOption;

use super::super::dates::Dates;
use super::super::page;
use super::super::words;
use super::axis::{self, Tick};
use super::marks;
use super::scale::{Scale, short};

/// Height of the drawing, and of the parts of it above and below the figures.
const HEIGHT: f64 = 300.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 44.0;
/// Height of a name, and how close names can stand beside each other, in percent of the width.
const NAME: f64 = 18.0;
const CROWDED: f64 = 26.0;

/// The options as points.
pub struct Frontier {
    /// One per option.
    pub dots: Vec<Dot>,
    /// Lines from option to option.
    pub path: Vec<[String; 4]>,
    /// Days, or hours where no dates are shown.
    pub ticks: Vec<Tick>,
    /// Scores.
    pub scores: Vec<(String, String)>,
    /// What runs from left to right.
    pub across: &'static str,
}

/// One option as a point.
pub struct Dot {
    /// Name of the option as commands write it.
    pub id: &'static str,
    /// Its name for people.
    pub name: String,
    /// What it is marked as: chosen, or recommended.
    pub tag: Option<&'static str>,
    /// Place from the left.
    pub x: String,
    /// Place from the top.
    pub y: String,
    /// Best and worst score.
    pub scores: [String; 2],
    /// Earliest and latest ship.
    pub ships: [String; 2],
    /// Where its name stands.
    pub label: String,
    /// Which end of its name stands at the point.
    pub anchor: &'static str,
    /// The plan in a few lines.
    pub says: Vec<String>,
}

/// The options as points; `None` unless there are at least two to compare.
pub fn frontier(brief: &Brief, dates: &Dates) -> Option<Frontier> {
    let options = &brief.plan.options;
    if options.len() < 2 {
        return None;
    }
    let ends: Vec<[f64; 3]> = options.iter().map(|option| across(brief, option, dates)).collect();
    let last = ends.iter().flatten().copied().fold(0.0, f64::max) * 1.04;
    let last = if brief.plan.planning.dated { last.max(1.0) } else { last };
    let scale = Scale::within(0.0, last, 9.0, 91.0);
    let lowest = options.iter().map(|option| option.score_range.low.min(option.score)).fold(100.0, f64::min);
    // Below the lowest range there is room for its name.
    let (floor, step) = floor(lowest - (100.0 - lowest) * 0.25);
    let up = Scale::within(floor, 100.0, HEIGHT - BOTTOM, TOP);
    let mut dots: Vec<Dot> = Vec::new();
    let mut named: Vec<(f64, f64)> = Vec::new();
    for (option, [early, likely, late]) in options.iter().zip(&ends) {
        let at = scale.at(*likely);
        let mut name = up.at(option.score_range.low) + NAME;
        while named.iter().any(|&(x, y)| (x - at).abs() < CROWDED && (y - name).abs() < NAME) {
            name += NAME;
        }
        named.push((at, name));
        let column = page::column(brief, option);
        dots.push(Dot {
            id: marks::option(option.name),
            name: column.name,
            tag: column.tag,
            x: scale.x(*likely),
            y: short(up.at(option.score)),
            scores: [short(up.at(option.score_range.high)), short(up.at(option.score_range.low))],
            ships: [scale.x(*early), scale.x(*late)],
            label: short(name),
            anchor: match at {
                at if at < 20.0 => "start",
                at if at > 80.0 => "end",
                _ => "middle",
            },
            says: says(brief, option, dates),
        });
    }
    let path = dots.windows(2).filter_map(|pair| match pair {
        [a, b] => Some([a.x.clone(), a.y.clone(), b.x.clone(), b.y.clone()]),
        _ => None,
    });
    Some(Frontier {
        path: path.collect(),
        ticks: if brief.plan.planning.dated { axis::ticks(dates, &scale, last) } else { hours(&scale, last) },
        scores: scores(floor, step, &up),
        across: if brief.plan.planning.dated { "ship date" } else { "hours of work before ship" },
        dots,
    })
}

/// Ship day in one simulated run of ten, as planned, and in nine of ten; where no dates are shown, hours before ship.
fn across(brief: &Brief, option: &PlanOption, dates: &Dates) -> [f64; 3] {
    if !brief.plan.planning.dated {
        let hours = option.ships.hours_before_ship;
        return [hours.p50, hours.p50, hours.p90.max(hours.p50)];
    }
    let day = option.ships.day;
    let early = option.outlook.early.map_or(day, |early| dates.day_of(early).clamp(0.0, day));
    // What does not ship within the calendar in one run of ten reaches beyond the chart.
    let late = option.outlook.late.map_or(brief.plan.planning.horizon_days, |late| dates.day_of(late));
    [early, day, late.max(day)]
}

fn says(brief: &Brief, option: &PlanOption, dates: &Dates) -> Vec<String> {
    let mut out = vec![format!("{}: security score {}", page::column(brief, option).name, page::score(option))];
    if brief.plan.planning.dated {
        out.push(format!("planned to ship {}", page::ships(option, dates)));
    }
    out.push(format!("work before ship: {}", words::hours(option.ships.hours_before_ship)));
    out
}

/// Where the scores begin, and how far their lines are apart: round figures that leave at most six lines.
fn floor(lowest: f64) -> (f64, f64) {
    let room = (100.0 - lowest).max(2.0);
    let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| room / step <= 5.0).unwrap_or(100.0);
    ((lowest / step).floor() * step, step)
}

fn scores(floor: f64, step: f64, up: &Scale) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut score = floor;
    while score <= 100.0 + 1e-9 && out.len() < 12 {
        out.push((short(up.at(score)), short(score)));
        score += step;
    }
    out
}

fn hours(scale: &Scale, last: f64) -> Vec<Tick> {
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0].into_iter().find(|step| last / step <= 8.0);
    let step = step.unwrap_or(last / 8.0);
    let ticks = (0..=8u32).map(|number| f64::from(number) * step).take_while(|&hours| hours <= last);
    ticks.map(|hours| Tick { x: scale.x(hours), label: format!("{} h", short(hours)), minor: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_lines_are_round_and_few() {
        assert_eq!(floor(83.3), (80.0, 5.0));
        assert_eq!(floor(99.9), (99.5, 0.5));
        assert_eq!(floor(-40.0), (-50.0, 50.0));
    }

    #[test]
    fn later_ships_stand_further_right_and_better_scores_higher() {
        let brief = fixture::beyond_tolerance();
        let frontier = frontier(&brief, &Dates::to_keep(&brief.plan.planning)).unwrap();
        let place = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap();
        for pair in frontier.dots.windows(2) {
            assert!(place(&pair[0].x) < place(&pair[1].x));
            assert!(place(&pair[0].y) > place(&pair[1].y));
            assert!(pair[0].label != pair[1].label, "names do not stand on each other");
        }
        for dot in &frontier.dots {
            assert!(place(&dot.scores[0]) <= place(&dot.y) && place(&dot.y) <= place(&dot.scores[1]));
            assert!(place(&dot.ships[0]) <= place(&dot.x) && place(&dot.x) <= place(&dot.ships[1]));
        }
    }
}
