//! A property bag (SARIF 2.1.0, 3.8): whatever a tool has to say beyond the standard. Scalars and lists of scalars are
//! kept as text, bounded in number and length; anything else is passed over, whatever its shape.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Most members kept of a bag, and most elements kept of a list.
const MOST: usize = 64;

/// Most characters kept of a text.
const LONGEST: usize = 1000;

/// A property bag. A scalar is a list of one.
#[derive(Debug, Default)]
pub struct Properties(Vec<(Box<str>, Vec<String>)>);

impl Properties {
    /// The first text under any of these names; blank ones count as absent.
    pub fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.list(name).iter().map(|text| text.trim()).find(|text| !text.is_empty()))
    }

    /// Whether the bag holds nothing that was kept.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts under this name.
    pub fn list(&self, name: &str) -> &[String] {
        self.0.iter().find(|(key, _)| key.as_ref() == name).map_or(&[], |(_, values)| values)
    }

    /// The first number under any of these names, written as a number or as text.
    pub fn number(&self, names: &[&str]) -> Option<f64> {
        names.iter().find_map(|name| self.text(&[name])?.parse().ok())
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Bag)
    }
}

/// Reads the bag itself; something that is not an object is an empty bag.
struct Bag;

impl<'de> Visitor<'de> for Bag {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property bag")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut kept = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Texts(values) = map.next_value()?;
            if kept.len() < MOST && !values.is_empty() {
                kept.push((key.into_boxed_str(), values));
            }
        }
        Ok(Properties(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Properties, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Properties::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Properties, E> {
        Ok(Properties::default())
    }
}

/// The scalars of one member.
struct Texts(Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Member)
    }
}

struct Member;

impl<'de> Visitor<'de> for Member {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Texts(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
        let mut kept = Vec::new();
        while let Some(Texts(values)) = seq.next_element()? {
            kept.extend(values.into_iter().take(MOST - kept.len().min(MOST)));
        }
        Ok(Texts(kept))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![text.chars().take(LONGEST).collect()]))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Texts, E> {
        Ok(Texts(vec![value.to_string()]))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Texts, E> {
        Ok(Texts(vec![value.to_string()]))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Texts, E> {
        Ok(Texts(vec![value.to_string()]))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Texts, E> {
        Ok(Texts(vec![value.to_string()]))
    }

    fn visit_unit<E: Error>(self) -> Result<Texts, E> {
        Ok(Texts(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_kept_and_every_other_shape_is_passed_over() {
        let bag: Properties = serde_json::from_str(
            r#"{"security-severity": 9.9, "tags": ["a", 1, null, {"x": 2}, ["b"]], "deep": {"x": 1}, "cwe": "CWE-79"}"#,
        )
        .unwrap();
        assert_eq!(bag.number(&["security-severity"]), Some(9.9));
        assert_eq!(bag.list("tags"), ["a", "1", "b"]);
        assert_eq!(bag.text(&["none", "cwe"]), Some("CWE-79"));
        assert!(bag.list("deep").is_empty());
        for odd in ["[]", "\"x\"", "1", "null", "true"] {
            assert!(serde_json::from_str::<Properties>(odd).unwrap().0.is_empty(), "{odd}");
        }
    }
}
