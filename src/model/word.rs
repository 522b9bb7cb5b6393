//! Words of a closed vocabulary in files and on the wire: the model's enumerations by their published names.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::appetite::{AgreementState, OptionName};
use super::category::Category;
use super::clock::Clock;
use super::coverage::CoverageState;
use super::option::{BalancedBy, Phase};
use super::origin::Origin;
use super::service::{Criticality, NetworkExposure};
use super::severity::Severity;
use super::standing::DecisionState;
use super::verdict::Verdict;
use super::work::{TakesEffect, TreatmentKind};

/// Most characters of an unknown word that a message quotes.
const MOST_QUOTED: usize = 60;

/// A word of the vocabulary `T`, written as its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<T>(pub T);

/// An enumeration whose names are part of the wire format.
pub trait Vocabulary: Copy + 'static {
    /// Name of the vocabulary in the schema.
    const NAME: &'static str;
    /// Every word.
    const WORDS: &'static [Self];
    /// The word's name.
    fn name(self) -> &'static str;
}

macro_rules! vocabulary {
    ($($name:ident = $words:expr;)*) => {$(
        impl Vocabulary for $name {
            const NAME: &'static str = stringify!($name);
            const WORDS: &'static [Self] = &$words;
            fn name(self) -> &'static str {
                self.as_str()
            }
        }
    )*};
}

vocabulary! {
    AgreementState = [Self::Agreed, Self::Unsigned, Self::HalfSigned, Self::Altered, Self::Unverified, Self::Lapsed];
    BalancedBy = [Self::ClosestToIdeal, Self::LeastCost];
    Category = Self::ALL;
    Clock = Self::ALL;
    CoverageState = [Self::Present, Self::Missing, Self::Stale, Self::Failed];
    Criticality = Self::ALL;
    DecisionState = Self::ALL;
    NetworkExposure = Self::ALL;
    OptionName = Self::ALL;
    Origin = Self::ALL;
    Phase = [Self::BeforeShip, Self::AfterShip, Self::Accept];
    Severity = Self::ALL;
    TakesEffect = [Self::AtRelease, Self::AtOnce];
    TreatmentKind = Self::ALL;
    Verdict = Self::ALL;
}

/// `a, b or c`.
fn one_of(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

impl<T: Vocabulary> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        T::WORDS.iter().find(|word| word.name() == text).map(|&word| Self(word)).ok_or_else(|| {
            let names: Vec<&str> = T::WORDS.iter().map(|word| word.name()).collect();
            let text: String = text.chars().take(MOST_QUOTED).flat_map(char::escape_debug).collect();
            D::Error::custom(format!("“{text}” is not one of {}", one_of(&names)))
        })
    }
}

impl<T: Vocabulary> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = T::WORDS.iter().map(|word| word.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}
