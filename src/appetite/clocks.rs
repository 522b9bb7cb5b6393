//! The key `clocks`: from when the days of timeline tables are counted.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::model::clock::Clock;

/// From when the days of a time limit are counted: when it was first found, when it became public, or when there was a fix.
/// No clock begins later than when it was first found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ClockWord {
    Detected,
    Published,
    FixAvailable,
}

impl From<ClockWord> for Clock {
    fn from(word: ClockWord) -> Self {
        match word {
            ClockWord::Detected => Self::Detected,
            ClockWord::Published => Self::Published,
            ClockWord::FixAvailable => Self::FixAvailable,
        }
    }
}

/// One clock for every timeline table, or one by the table's id, with `default` for the others.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(super) enum Clocks {
    One(ClockWord),
    Several(BTreeMap<String, ClockWord>),
}

/// The key for every table that is not named.
pub(super) const DEFAULT: &str = "default";

impl Clocks {
    /// The clock of tables that are not named, and those of the others.
    pub(super) fn meant(self) -> (Clock, BTreeMap<String, Clock>) {
        match self {
            Self::One(word) => (word.into(), BTreeMap::new()),
            Self::Several(words) => {
                let mut clocks: BTreeMap<String, Clock> =
                    words.into_iter().map(|(table, word)| (table, word.into())).collect();
                (clocks.remove(DEFAULT).unwrap_or_default(), clocks)
            }
        }
    }
}

/// By hand, since a derived one could not say which key is wrong.
impl<'de> Deserialize<'de> for Clocks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Clocks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`detected`, `published` or `fix-available`, or a mapping of timeline tables to them")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Clocks, E> {
                ClockWord::deserialize(StrDeserializer::new(word)).map(Clocks::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Clocks, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Clocks::Several)
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}
