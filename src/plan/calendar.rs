//! The delivery side of the agreement, laid out as working time and release opportunities.
//!
//! A *day* is 24 hours since `now`, so that day figures can be added and compared without a time zone. Working days
//! are days of the capacity's time zone: jiff places their hours correctly when a clock change makes a day 23 or 25
//! hours long.
//!
//! - Work: on every day of the week that is declared and is not a holiday, `engineers × focus_hours` person-hours are
//!   done, spread evenly over the working day's hours. Of today counts what is left of it.
//! - Releases: `continuous` (and no declared cadence) at any moment; `daily` within the hours of working days;
//!   `weekly` within those hours on one weekday, unless it is a holiday. A freeze takes its days out, from midnight to
//!   midnight. Work goes on during a freeze.
//!
//! The calendar ends [`REACH_DAYS`] days from now; what is not done by then has no date.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::model::appetite::{Cadence, Capacity, Delivery, Freeze, WeekdayOrd};
use crate::model::basis::Basis;
use crate::model::calendar::{Calendar, ReleaseWindow, WorkWindow};
use crate::model::zone::zone;

/// How far the calendar reaches, in days.
pub const REACH_DAYS: i32 = 400;

/// Engineers of the nominal capacity.
const NOMINAL_ENGINEERS: f64 = 1.0;
/// Focus hours a day of the nominal capacity.
const NOMINAL_FOCUS_HOURS: f64 = 6.0;

/// The capacity to plan with: as declared, or the nominal one (one engineer, six focus hours a weekday, 09 to 17 UTC),
/// which only makes exposures comparable and therefore never shows a date.
pub fn capacity(delivery: &Delivery) -> Capacity {
    delivery.capacity.clone().unwrap_or_else(|| Capacity {
        engineers: NOMINAL_ENGINEERS,
        focus_hours: NOMINAL_FOCUS_HOURS,
        week: (0..5).filter_map(|n| jiff::civil::Weekday::from_monday_zero_offset(n).ok()).map(WeekdayOrd).collect(),
        holidays: std::collections::BTreeSet::new(),
        hours: (jiff::civil::time(9, 0, 0, 0), jiff::civil::time(17, 0, 0, 0)),
        time_zone: "UTC".to_owned(),
        basis: Basis::Assumed("nominal capacity".to_owned()),
    })
}

/// The time zone of the working day, and whether it is known; an unknown one is planned as UTC.
pub fn time_zone(capacity: &Capacity) -> (TimeZone, bool) {
    zone(&capacity.time_zone).map_or((TimeZone::UTC, false), |zone| (zone, true))
}

/// Lays out work and releases from `now` on.
pub fn lay_out(now: Timestamp, capacity: &Capacity, delivery: &Delivery) -> Calendar {
    let zone = time_zone(capacity).0;
    let today = now.to_zoned(zone.clone()).date();
    // Yesterday's working day may still be running where the hours cross midnight.
    let dates = || (-1..=REACH_DAYS).filter_map(|n| today.checked_add(n.days()).ok());
    let hours = capacity.engineers * capacity.focus_hours;
    let hours = if hours.is_finite() { hours.max(0.0) } else { 0.0 };

    let mut work = Vec::new();
    let mut daily = Vec::new();
    let mut weekly = Vec::new();
    for date in dates() {
        let Some((from, to)) = working_hours(date, capacity, &zone, now) else { continue };
        if to <= 0.0 || capacity.holidays.contains(&date) {
            continue;
        }
        let begin = from.max(0.0);
        if capacity.week.contains(&WeekdayOrd(date.weekday())) {
            let left = hours * (to - begin) / (to - from);
            if left > 0.0 {
                work.push(WorkWindow { from: begin, to, hours: left });
            }
            daily.push(ReleaseWindow { from: begin, to });
        }
        if matches!(delivery.cadence, Some(Cadence::Weekly(weekday)) if weekday == date.weekday()) {
            weekly.push(ReleaseWindow { from: begin, to });
        }
    }
    let open = match delivery.cadence {
        None | Some(Cadence::Continuous) => vec![ReleaseWindow { from: 0.0, to: f64::INFINITY }],
        Some(Cadence::Daily) => daily,
        Some(Cadence::Weekly(_)) => weekly,
    };
    Calendar { now, work, releases: without_freezes(open, &delivery.freezes, &zone, now) }
}

/// Working days after the day of `now`, up to and including the day of `at`.
pub fn working_days_after(now: Timestamp, at: Timestamp, capacity: &Capacity) -> u32 {
    let zone = time_zone(capacity).0;
    let last = at.to_zoned(zone.clone()).date();
    let mut day = now.to_zoned(zone).date();
    let mut count = 0;
    while day < last {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        if capacity.week.contains(&WeekdayOrd(day.weekday())) && !capacity.holidays.contains(&day) {
            count += 1;
        }
    }
    count
}

/// The moment that lies `day` days after `now`, to the second.
pub fn moment(now: Timestamp, day: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a thousand years before the cast")]
    let seconds = (day * 86_400.0).round().clamp(-3.2e10, 3.2e10) as i64;
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

/// Days from `now` to `at`, negative if it has passed.
pub fn days_until(now: Timestamp, at: Timestamp) -> f64 {
    at.duration_since(now).as_secs_f64() / 86_400.0
}

/// The working hours of a date, in days since `now`. Hours that end before they begin cross midnight.
fn working_hours(date: Date, capacity: &Capacity, zone: &TimeZone, now: Timestamp) -> Option<(f64, f64)> {
    let (from, to) = capacity.hours;
    let last = if to <= from { date.tomorrow().ok()? } else { date };
    let begin = zone.to_ambiguous_timestamp(date.to_datetime(from)).compatible().ok()?;
    let end = zone.to_ambiguous_timestamp(last.to_datetime(to)).compatible().ok()?;
    let (begin, end) = (days_until(now, begin), days_until(now, end));
    (begin < end).then_some((begin, end))
}

/// What is left of `windows` when the freezes are taken out.
fn without_freezes(
    mut windows: Vec<ReleaseWindow>,
    freezes: &[Freeze],
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<ReleaseWindow> {
    for freeze in freezes {
        let midnight = |date: Date| zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok();
        let (Some(start), Some(end)) = (midnight(freeze.from), freeze.to.tomorrow().ok().and_then(midnight)) else {
            continue;
        };
        let (start, end) = (days_until(now, start), days_until(now, end));
        if start >= end {
            continue;
        }
        let before = |w: &ReleaseWindow| (w.from < start).then(|| ReleaseWindow { from: w.from, to: w.to.min(start) });
        let after = |w: &ReleaseWindow| (w.to > end).then(|| ReleaseWindow { from: w.from.max(end), to: w.to });
        windows = windows.iter().flat_map(|w| [before(w), after(w)].into_iter().flatten()).collect();
    }
    // A window that the calendar cannot date is as good as none.
    windows.retain(|w| w.from <= f64::from(REACH_DAYS));
    windows
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn declared(zone: &str) -> Capacity {
        Capacity {
            engineers: 2.0,
            focus_hours: 4.0,
            time_zone: zone.to_owned(),
            basis: Basis::Declared("delivery.capacity".to_owned()),
            ..capacity(&Delivery::default())
        }
    }

    fn freeze(from: &str, to: &str) -> Freeze {
        Freeze { from: from.parse().unwrap(), to: to.parse().unwrap(), why: String::new() }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn today_counts_from_now_and_the_weekend_does_not() {
        // Friday noon: five of eight hours are left, so five of the day's eight person-hours.
        let now = at("2026-11-20T12:00:00Z");
        let calendar = lay_out(now, &declared("UTC"), &Delivery::default());
        close(calendar.work[0].hours, 5.0);
        close(calendar.day_of_hours(5.0).unwrap(), 5.0 / 24.0);
        // One hour more is done on Monday at ten: 2 days and 22 hours on.
        close(calendar.day_of_hours(6.0).unwrap(), 2.0 + 22.0 / 24.0);
    }

    #[test]
    fn a_working_day_stays_at_nine_when_the_clock_changes() {
        // Europe/Berlin leaves summer time on Sunday 25 October 2026: Friday 09:00 is 07:00 UTC, Monday 09:00 is 08:00 UTC.
        let now = at("2026-10-23T07:00:00Z");
        let calendar = lay_out(now, &declared("Europe/Berlin"), &Delivery::default());
        close(calendar.work[1].from, 3.0 + 1.0 / 24.0);
        close(calendar.work[1].hours, 8.0);
    }

    #[test]
    fn holidays_and_zero_capacity_leave_no_work() {
        let now = at("2026-12-24T17:00:00Z");
        let mut capacity = declared("UTC");
        capacity.holidays.insert("2026-12-25".parse().unwrap());
        let calendar = lay_out(now, &capacity, &Delivery::default());
        close(calendar.work[0].from, 3.0 + 16.0 / 24.0);
        capacity.engineers = 0.0;
        assert!(lay_out(now, &capacity, &Delivery::default()).work.is_empty());
    }

    #[test]
    fn freezes_hold_releases_and_not_work() {
        let now = at("2026-12-17T09:00:00Z");
        let delivery = Delivery { freezes: vec![freeze("2026-12-18", "2027-01-04")], ..Delivery::default() };
        let calendar = lay_out(now, &declared("UTC"), &delivery);
        close(calendar.release_at_or_after(0.5).unwrap(), 0.5);
        // From midnight of the 18th to the midnight that ends the 4th of January.
        close(calendar.release_at_or_after(0.7).unwrap(), 18.0 + 15.0 / 24.0);
        close(calendar.work[1].from, 1.0);
    }

    #[test]
    fn a_weekly_release_waits_for_its_weekday_and_skips_a_holiday() {
        let now = at("2026-11-20T12:00:00Z"); // a Friday
        let delivery = Delivery { cadence: Some(Cadence::Weekly(Weekday::Tuesday)), ..Delivery::default() };
        let mut capacity = declared("UTC");
        let calendar = lay_out(now, &capacity, &delivery);
        close(calendar.release_at_or_after(0.0).unwrap(), 3.0 + 21.0 / 24.0);
        capacity.holidays.insert("2026-11-24".parse().unwrap());
        let calendar = lay_out(now, &capacity, &delivery);
        close(calendar.release_at_or_after(0.0).unwrap(), 10.0 + 21.0 / 24.0);
    }

    #[test]
    fn freezes_that_cover_everything_leave_no_release() {
        let now = at("2026-12-17T09:00:00Z");
        let delivery = Delivery { freezes: vec![freeze("2026-01-01", "2036-01-01")], ..Delivery::default() };
        assert_eq!(lay_out(now, &declared("UTC"), &delivery).release_at_or_after(0.0), None);
    }

    #[test]
    fn delay_counts_working_days_after_today() {
        let capacity = declared("UTC");
        let friday = at("2026-11-20T12:00:00Z");
        assert_eq!(working_days_after(friday, at("2026-11-20T16:00:00Z"), &capacity), 0);
        assert_eq!(working_days_after(friday, at("2026-11-24T10:00:00Z"), &capacity), 2);
    }
}
