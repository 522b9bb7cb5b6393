//! Report fields that scanners write in more than one way.
//!
//! The same field is a text in one version and a number, a list or `null` in the next. A record is not lost over
//! that: these types read what can be read and are empty otherwise.

use std::fmt;
use std::ops::Deref;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

/// A text; numbers and booleans as they are written; empty for anything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub String);

impl Text {
    fn of(value: Value) -> Self {
        match value {
            Value::String(text) => Self(text),
            Value::Number(number) => Self(number.to_string()),
            Value::Bool(flag) => Self(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => Self::default(),
        }
    }

    /// The text, or `None` if there is nothing but white space.
    pub fn given(&self) -> Option<&str> {
        Some(self.0.trim()).filter(|text| !text.is_empty())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::of)
    }
}

/// A list of texts; a single value is a list of one, `null` an empty one. Blank texts are dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

impl Texts {
    /// The texts, where a single one may itself hold several, separated by commas.
    pub fn separated(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|text| !text.is_empty())
    }
}

impl Deref for Texts {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = match Value::deserialize(deserializer)? {
            Value::Array(values) => values,
            value => vec![value],
        };
        Ok(Self(values.into_iter().map(|value| Text::of(value).0).filter(|text| !text.trim().is_empty()).collect()))
    }
}

/// A number, also if written as a text; `None` for anything else.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Number(pub Option<f64>);

impl Number {
    /// The number as a line number: whole and from 1.
    pub fn line(self) -> Option<u32> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
        self.0.filter(|number| (1.0..=f64::from(u32::MAX)).contains(number)).map(|number| number as u32)
    }

    /// The number as a share between 0 and 1.
    pub fn share(self) -> Option<f64> {
        self.0.filter(|number| (0.0..=1.0).contains(number))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer)
            .map(|text| Self(text.trim().parse().ok().filter(|number: &f64| number.is_finite())))
    }
}

/// For `deserialize_with`: `null` where a value belongs is the empty value.
pub fn or_default<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A moment or a day (`2026-10-02T08:00:00Z`, `2026-10-02`, `2026/10/02`); the beginning of a day in UTC. `None` if there is
/// none.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let day = |form| Date::strptime(form, text).ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| Some(day("%Y-%m-%d").or_else(|| day("%Y/%m/%d"))?.timestamp()))
}

/// The number in `CWE-79`, `cwe-79: …`, `CWE_79`, `79` or a link to it; `None` if there is none, or for the `-1` and `0` that
/// some scanners write in its place.
pub fn cwe(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let page = text.find("/definitions/").filter(|_| text.contains("cwe")).map(|at| &text[at + 13..]);
    let rest = match (text.find("cwe-"), page) {
        (Some(at), _) => &text[at + 4..],
        (None, Some(page)) => page,
        (None, None) => text.strip_prefix("cwe").unwrap_or(&text).trim_start_matches([' ', '_', ':']),
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    digits.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_and_none_are_all_lists() {
        let read = |text| serde_json::from_str::<Texts>(text).unwrap().0;
        assert_eq!(read(r#"["a","",3]"#), ["a", "3"]);
        assert_eq!(read(r#""a""#), ["a"]);
        assert!(read("null").is_empty() && read("{}").is_empty());
    }

    #[test]
    fn a_number_may_be_a_text_but_never_nothing() {
        let read = |text| serde_json::from_str::<Number>(text).unwrap();
        assert_eq!(read(r#""7.5""#).0, Some(7.5));
        assert_eq!(read("12").line(), Some(12));
        assert_eq!((read("0").line(), read("-1").line(), read("null").0, read(r#""n/a""#).0), (None, None, None, None));
        assert_eq!((read("0.3").share(), read("30").share()), (Some(0.3), None));
    }

    #[test]
    fn a_day_begins_in_utc_and_nothing_is_no_day() {
        for text in ["2026-10-02", "2026/10/02", " 2026-10-02T00:00:00Z ", "2026-10-02T02:00:00+02:00"] {
            assert_eq!(moment(text).unwrap().to_string(), "2026-10-02T00:00:00Z", "{text}");
        }
        for text in ["", "soon", "2026", "2026-13-01", "0", "10/02/2026"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn cwe_numbers_are_found_in_every_spelling() {
        for text in [
            "CWE-79",
            "cwe-79: Cross-site Scripting",
            "79",
            " CWE79",
            "CWE_79",
            "https://x.example/CWE-79.html",
            "https://cwe.mitre.org/data/definitions/79.html",
        ] {
            assert_eq!(cwe(text), Some(79), "{text}");
        }
        for text in ["", "-1", "0", "nvd-cve-other", "CWE-noinfo"] {
            assert_eq!(cwe(text), None, "{text}");
        }
    }
}
