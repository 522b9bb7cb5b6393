//! Moments in words: weekday, ISO date, and a time of day only where it matters. The time zone is stated once a page.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::option::Planning;
use crate::model::zone::zone;

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// How a page writes its moments.
pub struct Dates {
    now: Timestamp,
    zone: TimeZone,
    zone_name: String,
    /// Whether it is read on the day on which it is written.
    read_now: bool,
}

impl Dates {
    /// In the time zone of the team's working day.
    pub fn of(planning: &Planning) -> Self {
        let name = planning.capacity.time_zone.clone();
        let (zone, zone_name) = match zone(&name) {
            Some(zone) => (zone, name),
            None => (TimeZone::UTC, "UTC".to_owned()),
        };
        Self { now: planning.calendar.now, zone, zone_name, read_now: true }
    }

    /// As [`Self::of`], for what is read on another day: nothing in it is today.
    pub fn to_keep(planning: &Planning) -> Self {
        Self { read_now: false, ..Self::of(planning) }
    }

    /// Name of the time zone.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The calendar day of a moment.
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// `today`, or weekday and ISO date: `Tue 2026-11-24`.
    pub fn day(&self, at: Timestamp) -> String {
        if self.read_now && self.date(at) == self.date(self.now) {
            return "today".to_owned();
        }
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d").to_string()
    }

    /// The day with its weekday, date and time, even if it is today: `Tue 2026-11-24, 09:30`.
    pub fn full(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d, %H:%M").to_string()
    }

    /// Weekday and date, even if it is today: `Tue 2026-11-24`.
    pub fn weekday(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d").to_string()
    }

    /// The day with its time: `today, 16:40`, `Tue 2026-11-24, 09:30`.
    pub fn time(&self, at: Timestamp) -> String {
        format!("{}, {}", self.day(at), self.clock(at))
    }

    /// The time of day alone: `16:40`.
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// Date and time as machines sort them: `2026-11-24 09:30`.
    pub fn stamp(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The moment so many calendar days after now; `None` beyond the end of time.
    pub fn at_day(&self, day: f64) -> Option<Timestamp> {
        if !day.is_finite() {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "as saturates, and the addition is checked")]
        let elapsed = SignedDuration::from_millis((day * DAY).round() as i64);
        self.now.checked_add(elapsed).ok()
    }

    /// Calendar days from now to a moment, negative if it has passed.
    pub fn day_of(&self, at: Timestamp) -> f64 {
        at.duration_since(self.now).as_secs_f64() * 1_000.0 / DAY
    }

    /// Calendar days from now to the beginning of a date; `None` if the calendar ends before.
    pub fn start_of(&self, date: Date) -> Option<f64> {
        date.to_zoned(self.zone.clone()).ok().map(|start| self.day_of(start.timestamp()))
    }

    /// Every date that begins after now and at most `last` days later, with the day on which it begins.
    pub fn midnights(&self, last: f64) -> Vec<(f64, Date)> {
        let mut out = Vec::new();
        let mut date = self.date(self.now);
        while let Some((next, day)) = date.tomorrow().ok().and_then(|next| Some((next, self.start_of(next)?))) {
            if day > last {
                break;
            }
            out.push((day, next));
            date = next;
        }
        out
    }

    /// Whether a moment has passed.
    pub fn is_past(&self, at: Timestamp) -> bool {
        at < self.now
    }
}
