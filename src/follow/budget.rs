//! The exposure budget: what the quarter has really cost so far, and what it will if nothing changes.
//!
//! Exposure is what stands on the default branch, times how long it stands: every baseline ends a span in which the one
//! before it was true.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use crate::model::budget::Budget;
use crate::model::ledger::Baseline;

/// How the budget stands, by the latest baseline; `None` if none was agreed or nothing was recorded.
pub fn budget(agreed: Option<f64>, latest: Option<&Baseline>, now: Timestamp) -> Option<Budget> {
    let (agreed, latest) = (agreed?, latest?);
    let (quarter, start, end) = quarter(now)?;
    let per_day: f64 = latest.findings.iter().map(|finding| finding.rate).sum();
    let (spent, since) = spent(Some(latest), now, start);
    let left = days(now, end).max(0.0);
    Some(Budget {
        quarter,
        from: start,
        to: end,
        agreed,
        spent,
        since,
        per_day,
        forecast: per_day.mul_add(left, spent),
    })
}

/// Points spent in the quarter up to `now` by what the baseline `before` says, and since when they are counted.
pub fn spent(before: Option<&Baseline>, now: Timestamp, start: Timestamp) -> (f64, Timestamp) {
    let Some(before) = before else { return (0.0, now) };
    let per_day: f64 = before.findings.iter().map(|finding| finding.rate).sum();
    if before.at < start {
        return (per_day * days(start, now).max(0.0), start);
    }
    (per_day.mul_add(days(before.at, now).max(0.0), before.spent), before.spent_since)
}

/// The quarter of a moment, its beginning and its end, in UTC.
pub fn quarter(at: Timestamp) -> Option<(String, Timestamp, Timestamp)> {
    let today = at.to_zoned(TimeZone::UTC).date();
    let number = (today.month() - 1) / 3;
    let begin = date(today.year(), number * 3 + 1, 1);
    let end = if number == 3 { date(today.year() + 1, 1, 1) } else { date(today.year(), number * 3 + 4, 1) };
    let moment = |day: jiff::civil::Date| day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    Some((format!("{}-Q{}", today.year(), number + 1), moment(begin)?, moment(end)?))
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::category::Category;
    use crate::model::ledger::BaselineFinding;
    use crate::model::severity::Severity;
    use crate::model::word::Word;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn baseline(moment: &str, rate: f64, spent: f64, since: &str) -> Baseline {
        Baseline {
            branch: "main".to_owned(),
            commit: String::new(),
            at: at(moment),
            scans: Vec::new(),
            findings: vec![BaselineFinding {
                id: "f-1".to_owned(),
                category: Word(Category::Code),
                title: String::new(),
                severity: Word(Severity::High),
                path: String::new(),
                package: String::new(),
                saw: Vec::new(),
                rate,
                since: at(moment),
            }],
            suppressed: Vec::new(),
            exceptions: Vec::new(),
            contains: Vec::new(),
            quarter: String::new(),
            spent,
            spent_since: at(since),
        }
    }

    #[test]
    fn what_stood_before_a_baseline_is_spent_when_it_ends() {
        let start = at("2026-10-01T00:00:00Z");
        let first = baseline("2026-10-11T00:00:00Z", 2.0, 0.0, "2026-10-11T00:00:00Z");
        assert_eq!(spent(Some(&first), at("2026-10-21T00:00:00Z"), start), (20.0, at("2026-10-11T00:00:00Z")));
        // What was there when the quarter began counts from its beginning.
        let older = baseline("2026-09-01T00:00:00Z", 2.0, 500.0, "2026-07-01T00:00:00Z");
        assert_eq!(spent(Some(&older), at("2026-10-11T00:00:00Z"), start), (20.0, start));
        assert_eq!(spent(None, start, start), (0.0, start));
    }

    #[test]
    fn the_forecast_goes_on_as_it_is() {
        let latest = baseline("2026-12-01T00:00:00Z", 3.0, 100.0, "2026-10-01T00:00:00Z");
        let budget = budget(Some(500.0), Some(&latest), at("2026-12-02T00:00:00Z")).unwrap();
        assert_eq!((budget.quarter.as_str(), budget.spent), ("2026-Q4", 103.0));
        // 30 days are left: 2 December to 1 January.
        assert!((budget.forecast - 193.0).abs() < 1e-9, "{}", budget.forecast);
    }
}
