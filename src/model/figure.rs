//! Figures as people read them: the same in every sentence, whoever writes it.

use std::fmt::Display;

use jiff::SignedDuration;

/// A number with a comma between thousands: `12,033`, `1,109.5`.
pub fn grouped(number: impl Display) -> String {
    let text = number.to_string();
    let (sign, amount) = text.strip_prefix('-').map_or(("", text.as_str()), |amount| ("-", amount));
    let (whole, rest) = amount.find('.').map_or((amount, ""), |point| amount.split_at(point));
    let mut out = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// `1 finding`, `3 findings`, `1,612 findings`.
pub fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// The same as the subject of a sentence, with the word for one and for several: `1 rule was`, `3 rules were`.
pub fn subject(number: u64, noun: &str, [one, several]: [&str; 2]) -> String {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    format!("{} {}", count(number, noun), if number == 1 { one } else { several })
}

/// A time, to the second: `45 minutes`, `24 hours`, `24 hours 30 minutes`.
pub fn time(time: SignedDuration) -> String {
    let seconds = usize::try_from(time.as_secs()).unwrap_or_default();
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")];
    let said: Vec<String> =
        parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(number, noun)).collect();
    if said.is_empty() { count(0, "second") } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        let all = [grouped(7), grouped(999), grouped(1_000), grouped(12_033), grouped(-1_234_567), grouped(1_109.5)];
        assert_eq!(all, ["7", "999", "1,000", "12,033", "-1,234,567", "1,109.5"]);
        let times = [45 * 60, 3600, 24 * 3600 + 1800, 1, 0].map(|seconds| time(SignedDuration::from_secs(seconds)));
        assert_eq!(times, ["45 minutes", "1 hour", "24 hours 30 minutes", "1 second", "0 seconds"]);
        assert_eq!([count(1, "finding"), count(1_612, "finding")], ["1 finding", "1,612 findings"]);
        assert_eq!([1, 3].map(|number| subject(number, "rule", ["was", "were"])), ["1 rule was", "3 rules were"]);
    }
}
