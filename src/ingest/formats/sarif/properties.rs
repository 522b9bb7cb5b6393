//! A property bag (SARIF 2.1.0, 3.8): whatever a tool has to say beyond the standard. Scalars and lists of scalars are
//! kept as text, bounded in number and length; anything else is passed over, whatever its shape.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ingest::written::Written;

/// Most members kept of a bag, and most elements kept of a list.
const MOST: usize = 64;

/// Most characters kept of a text.
const LONGEST: usize = 1000;

/// A property bag. A scalar is a list of one.
#[derive(Debug)]
pub struct Properties<S = String>(Vec<(S, Texts<S>)>);

impl<S> Default for Properties<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Deref<Target = str>> Properties<S> {
    /// The first text under any of these names; blank ones count as absent.
    pub fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.list(name).iter().map(|text| text.trim()).find(|text| !text.is_empty()))
    }

    /// Whether the bag holds nothing that was kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts under this name.
    pub fn list(&self, name: &str) -> &[S] {
        self.0.iter().find(|(key, _)| **key == *name).map_or(&[], |(_, values)| values.all())
    }

    /// The first number under any of these names, written as a number or as text.
    pub fn number(&self, names: &[&str]) -> Option<f64> {
        names.iter().find_map(|name| self.text(&[name])?.parse().ok())
    }
}

impl<'de, S: From<Written<'de>>> Deserialize<'de> for Properties<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Bag(PhantomData))
    }
}

/// Reads the bag itself; something that is not an object is an empty bag.
struct Bag<S>(PhantomData<S>);

impl<'de, S: From<Written<'de>>> Visitor<'de> for Bag<S> {
    type Value = Properties<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property bag")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties<S>, A::Error> {
        let mut kept = Vec::new();
        while let Some(key) = map.next_key::<Written<'de>>()? {
            let values: Texts<S> = map.next_value()?;
            if kept.len() < MOST && !values.all().is_empty() {
                kept.push((key.into(), values));
            }
        }
        Ok(Properties(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Properties<S>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Properties::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Properties<S>, E> {
        Ok(Properties::default())
    }
}

/// The scalars of one member: mostly one.
#[derive(Debug)]
enum Texts<S> {
    One(S),
    Many(Vec<S>),
}

impl<S> Texts<S> {
    fn all(&self) -> &[S] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl<'de, S: From<Written<'de>>> Deserialize<'de> for Texts<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Member(PhantomData))
    }
}

struct Member<S>(PhantomData<S>);

impl<'de, S: From<Written<'de>>> Member<S> {
    fn one(mut text: Written<'de>) -> Texts<S> {
        text.cut(LONGEST);
        Texts::One(text.into())
    }
}

impl<'de, S: From<Written<'de>>> Visitor<'de> for Member<S> {
    type Value = Texts<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts<S>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Texts::Many(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts<S>, A::Error> {
        let mut kept = Vec::new();
        while let Some(values) = seq.next_element()? {
            match values {
                Texts::One(text) if kept.len() < MOST => kept.push(text),
                Texts::One(_) => {}
                Texts::Many(texts) => kept.extend(texts.into_iter().take(MOST - kept.len().min(MOST))),
            }
        }
        Ok(Texts::Many(kept))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(value.to_string())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Texts<S>, E> {
        Ok(Self::one(Written::from(value.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Texts<S>, E> {
        Ok(Texts::Many(Vec::new()))
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
