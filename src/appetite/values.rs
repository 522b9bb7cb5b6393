//! Small written forms of the appetite file: dates, spans of time, working days and hours, money.
//!
//! Each reader returns what is wrong in words; the caller knows the place.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::model::appetite::{Money, WeekdayOrd};
use crate::model::spelling::nearest;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A date in ISO form, and in no other.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let expected = || format!("expected a date such as 2026-11-01, found `{text}`");
    if text.len() == 10 { text.parse().map_err(|_| expected()) } else { Err(expected()) }
}

/// A span of elapsed time, such as `24h` or `7d`.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| format!("expected a time such as `24h` or `7d`, found `{text}`"))?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("say `{text}` in days or hours: months and years differ in length"))?;
    if duration.is_positive() { Ok(duration) } else { Err(format!("expected more than no time, found `{text}`")) }
}

/// A number of working hours, such as `4h` or `90m`.
pub(super) fn working_hours(text: &str) -> Result<f64, String> {
    let expected = || format!("expected working hours such as `4h` or `90m`, found `{text}`");
    let span: Span = text.parse().map_err(|_| expected())?;
    // A day would be eight hours to one reader and twenty-four to another.
    let hours = SignedDuration::try_from(span).map_err(|_| expected())?.as_secs_f64() / 3600.0;
    if hours > 0.0 { Ok(hours) } else { Err(expected()) }
}

/// Working days: `mon-fri`, or days and ranges with commas between.
pub(super) fn week(text: &str) -> Result<BTreeSet<WeekdayOrd>, String> {
    let mut days = BTreeSet::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (weekday(first.trim())?, weekday(last.trim())?);
        let mut day = first;
        days.insert(WeekdayOrd(day));
        while day != last {
            day = day.next();
            days.insert(WeekdayOrd(day));
        }
    }
    Ok(days)
}

/// One day of the week.
pub(super) fn weekday(text: &str) -> Result<Weekday, String> {
    let word = text.to_ascii_lowercase();
    if let Some(&(_, day)) = DAYS.iter().find(|(name, _)| *name == word) {
        return Ok(day);
    }
    let guess = nearest(&word, DAYS.iter().map(|&(name, _)| name))
        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Err(format!("`{text}` is not a day of the week (mon, tue, wed, thu, fri, sat, sun){guess}"))
}

/// Start and end of the working day: `09:00-17:00`.
pub(super) fn hours(text: &str) -> Result<(Time, Time), String> {
    let expected = || format!("expected the working day as `09:00-17:00`, found `{text}`");
    let time = |part: &str| -> Result<Time, String> {
        let part = part.trim();
        if part.len() == 5 { part.parse().map_err(|_| expected()) } else { Err(expected()) }
    };
    let (start, end) = text.split_once('-').ok_or_else(expected)?;
    let (start, end) = (time(start)?, time(end)?);
    if start < end { Ok((start, end)) } else { Err(format!("the working day `{text}` ends before it begins")) }
}

/// An amount of money, not negative.
pub(super) fn money(amount: f64, currency: &str) -> Result<Money, String> {
    if !amount.is_finite() || amount < 0.0 {
        return Err(format!("expected an amount of 0 or more, found {amount}"));
    }
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(format!("expected a currency code of three capital letters such as EUR, found `{currency}`"));
    }
    Ok(Money { amount, currency: currency.to_owned() })
}

/// A figure that must be greater than nothing.
pub(super) fn positive(number: f64, what: &str) -> Result<f64, String> {
    if number.is_finite() && number > 0.0 {
        Ok(number)
    } else {
        Err(format!("{what} must be more than 0, and is {number}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_forms_are_read() {
        assert_eq!(date("2026-11-01").unwrap(), jiff::civil::date(2026, 11, 1));
        assert_eq!(duration("24h").unwrap(), SignedDuration::from_hours(24));
        assert_eq!(duration("7d").unwrap(), SignedDuration::from_hours(168));
        assert!((working_hours("90m").unwrap() - 1.5).abs() < 1e-12);
        assert_eq!(week("mon-fri").unwrap().len(), 5);
        assert_eq!(week("sat-mon, wed").unwrap().len(), 4);
        assert_eq!(hours("09:00-17:30").unwrap().1, jiff::civil::time(17, 30, 0, 0));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["1.11.2026", "2026-13-01", "2026-11-01T00:00", "", "20261101"] {
            assert!(date(text).is_err(), "{text}");
        }
        for text in ["", "24", "0h", "-1h", "soon", "1 month"] {
            assert!(duration(text).is_err(), "{text}");
        }
        for text in ["", "4", "1d", "0m", "-4h"] {
            assert!(working_hours(text).is_err(), "{text}");
        }
        assert_eq!(
            weekday("tues").unwrap_err(),
            "`tues` is not a day of the week (mon, tue, wed, thu, fri, sat, sun); did you mean `tue`?"
        );
        for text in ["", "17:00-09:00", "9-17", "09:00", "25:00-26:00"] {
            assert!(hours(text).is_err(), "{text}");
        }
        assert!(money(-1.0, "EUR").is_err() && money(f64::NAN, "EUR").is_err() && money(1.0, "eur").is_err());
        assert!(positive(0.0, "it").is_err() && positive(f64::INFINITY, "it").is_err());
    }
}
