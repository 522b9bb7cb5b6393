//! Working time and release opportunities within the horizon, in calendar days since `now`.

use jiff::Timestamp;

/// When work is done and when releases can happen, from `now` to the end of the calendar.
///
/// Days are calendar days since `now`, fractions allowed. The calendar reaches beyond the horizon of the exposure
/// sum, so that a plan that ships late still has a date.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Day zero.
    pub now: Timestamp,
    /// Periods of work, ascending, not overlapping. Hours are spread evenly within each.
    pub work: Vec<WorkWindow>,
    /// Periods in which a release can happen, ascending, not overlapping. A release in a window can happen at
    /// any moment of it.
    pub releases: Vec<ReleaseWindow>,
}

/// A period of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkWindow {
    /// Start, in days since `now`.
    pub from: f64,
    /// End, in days since `now`.
    pub to: f64,
    /// Person-hours that get done in it.
    pub hours: f64,
}

/// A period in which a release can happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReleaseWindow {
    /// Start, in days since `now`.
    pub from: f64,
    /// End, in days since `now`; infinite for the last window of an unrestricted cadence.
    pub to: f64,
}

impl Calendar {
    /// The day on which `hours` person-hours of queued work are done; `None` beyond the end of the calendar.
    pub fn day_of_hours(&self, hours: f64) -> Option<f64> {
        if hours <= 0.0 {
            return Some(0.0);
        }
        let mut done = 0.0;
        for window in &self.work {
            if window.hours > 0.0 && hours <= done + window.hours + 1e-9 {
                let share = ((hours - done) / window.hours).clamp(0.0, 1.0);
                return Some(share.mul_add(window.to - window.from, window.from));
            }
            done += window.hours;
        }
        None
    }

    /// The first day at or after `day` on which a release can happen; `None` beyond the end of the calendar.
    ///
    /// A billionth of a day (0.1 ms) of rounding does not push a release into the next window.
    pub fn release_at_or_after(&self, day: f64) -> Option<f64> {
        let next = self.releases.partition_point(|window| window.to < day - 1e-9);
        self.releases.get(next).map(|window| day.max(window.from))
    }

    /// The day on which so many hours of working time have passed, however many people work; `None` beyond the end of
    /// the calendar. This is the clock of time limits "in working hours".
    pub fn day_of_working_time(&self, hours: f64) -> Option<f64> {
        let mut left = hours.max(0.0) / 24.0;
        for window in &self.work {
            let length = window.to - window.from;
            if left <= length {
                return Some(window.from + left);
            }
            left -= length;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_time_stands_still_at_night() {
        let work = [0.0, 1.0].map(|from| WorkWindow { from, to: from + 0.25, hours: 12.0 }).to_vec();
        let calendar = Calendar { now: Timestamp::UNIX_EPOCH, work, releases: Vec::new() };
        assert_eq!(calendar.day_of_working_time(0.0), Some(0.0));
        assert_eq!(calendar.day_of_working_time(6.0), Some(0.25));
        assert_eq!(calendar.day_of_working_time(9.0), Some(1.125));
        assert_eq!(calendar.day_of_working_time(12.1), None);
    }
}
