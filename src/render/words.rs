//! Figures in words: the same everywhere, so that both leaders read the same.

use crate::model::appetite::{Money, OptionName};
use crate::model::effort::Effort;
pub use crate::model::figure::{count, grouped};
use crate::model::service::NetworkExposure;
use crate::model::verdict::Verdict;

/// `1 engineer`, `2.5 engineers`.
pub fn count_of(number: f64, noun: &str) -> String {
    let ending = if (number - 1.0).abs() < 1e-9 { "" } else { "s" };
    format!("{} {noun}{ending}", trimmed(number, 2))
}

/// `a`, `a and b`, `a, b and c`, with the conjunction given.
pub fn list<S: AsRef<str>>(items: &[S], conjunction: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {conjunction} {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first `most` items, and how many more there are.
pub fn list_up_to<S: AsRef<str>>(items: &[S], most: usize) -> String {
    if items.len() <= most {
        return list(items, "and");
    }
    let mut shown: Vec<String> = items.iter().take(most).map(|item| item.as_ref().to_owned()).collect();
    shown.push(format!("{} more", grouped((items.len() - most) as u64)));
    list(&shown, "and")
}

/// An effort, p50 to p90: `6–11 h`, `0.5–1 h`, `none`.
pub fn hours(effort: Effort) -> String {
    let (p50, p90) = (hour_figure(effort.p50), hour_figure(effort.p90));
    match (p50.as_str(), p90.as_str()) {
        ("0", "0") => "none".to_owned(),
        (low, high) if low == high => format!("{low} h"),
        (low, high) => format!("{low}–{high} h"),
    }
}

/// Hours: whole from ten on, halves and tenths below, never rounded down to nothing.
fn hour_figure(hours: f64) -> String {
    match hours {
        h if h <= 0.0 || !h.is_finite() => "0".to_owned(),
        h if h < 0.1 => "0.1".to_owned(),
        h if h < 9.95 => trimmed(h, 1),
        h => grouped(whole(h)),
    }
}

/// `number` with at most `places` decimals and no trailing zeros.
fn trimmed(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as saturates, and negative figures are 0")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// `EUR 3,420`, with cents below a hundred.
pub fn money(money: &Money) -> String {
    let currency = &money.currency;
    if money.amount.abs() < 100.0 {
        return format!("{currency} {}", trimmed(money.amount, 2));
    }
    let sign = if money.amount < 0.0 { "−" } else { "" };
    format!("{currency} {sign}{}", grouped(whole(money.amount.abs())))
}

/// A share as a percentage: `9 %`, `under 1 %`, `over 99 %`. Only nothing is 0 %, only all of it 100 %.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 1.0 => "under 1 %".to_owned(),
        p if (99.5..100.0).contains(&p) => "over 99 %".to_owned(),
        p => format!("{} %", grouped(whole(p))),
    }
}

/// A security score without decimals; only a perfect score is 100.
pub fn score(score: f64) -> String {
    let rounded = if score < 100.0 { score.round().min(99.0) } else { 100.0 };
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// Points of exposure, or points a day, with three significant figures.
pub fn points(points: f64) -> String {
    match points {
        p if p <= 0.0 || !p.is_finite() => "0".to_owned(),
        p if p < 0.001 => "under 0.001".to_owned(),
        p if p < 0.1 => trimmed(p, 3),
        p if p < 10.0 => trimmed(p, 2),
        p if p < 100.0 => trimmed(p, 1),
        p => grouped(whole(p)),
    }
}

/// An option's name for people.
pub const fn option(name: OptionName) -> &'static str {
    name.title()
}

/// A verdict as an adjective: `beyond tolerance`.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WithinAppetite => "within appetite",
        Verdict::WithinTolerance => "within tolerance",
        Verdict::BeyondTolerance => "beyond tolerance",
        Verdict::Unresolved => "unresolved",
    }
}

/// Who can reach a service.
pub const fn exposure(exposure: NetworkExposure) -> &'static str {
    match exposure {
        NetworkExposure::Internet => "internet-facing",
        NetworkExposure::Internal => "internal",
        NetworkExposure::Isolated => "isolated",
    }
}

/// A span of time: `20 minutes`, `3.5 hours`, `4 days`.
pub fn span(hours: f64) -> String {
    match hours {
        h if h < 1.0 => count_of((h * 60.0).round(), "minute"),
        h if h < 48.0 => count_of((h * 10.0).round() / 10.0, "hour"),
        h => count_of((h / 24.0 * 10.0).round() / 10.0, "day"),
    }
}

/// The first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(p50: f64, p90: f64) -> String {
        hours(Effort { p50, p90 })
    }

    #[test]
    fn one_is_singular_and_thousands_are_grouped() {
        assert_eq!(count(0, "finding"), "0 findings");
        assert_eq!(count(1, "finding"), "1 finding");
        assert_eq!(count(1_234_567, "finding"), "1,234,567 findings");
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(list(&["a"], "or"), "a");
        assert_eq!(list(&["a", "b"], "or"), "a or b");
        assert_eq!(list_up_to(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }

    #[test]
    fn hours_are_a_range_and_never_vanish() {
        assert_eq!(effort(6.0, 11.2), "6–11 h");
        assert_eq!(effort(0.5, 1.0), "0.5–1 h");
        assert_eq!(effort(0.01, 0.02), "0.1 h");
        assert_eq!(effort(0.0, 0.0), "none");
    }

    #[test]
    fn figures_do_not_round_up_to_perfect_nor_down_to_nothing() {
        assert_eq!(score(99.7), "99");
        assert_eq!(score(100.0), "100");
        assert_eq!(score(-0.2), "0");
        assert_eq!(percent(0.004), "under 1 %");
        assert_eq!(percent(0.9996), "over 99 %");
        assert_eq!(percent(1.342), "134 %");
        assert_eq!(points(0.0004), "under 0.001");
        assert_eq!(money(&Money { amount: 12_345.6, currency: "EUR".to_owned() }), "EUR 12,346");
        assert_eq!(money(&Money { amount: 9.5, currency: "EUR".to_owned() }), "EUR 9.5");
    }
}
