//! A result taken apart into its members, each as it is written. That is all it takes to tell results that count alike,
//! and it understands what is wrong in a part that nobody needs: such a part is empty, and the result is not lost over it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::wire::{Location, PhysicalLocation, Record};
use crate::ingest::json;
use crate::ingest::written::Written;

/// A member of a result that something is made of; the others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    RuleId,
    RuleIndex,
    Rule,
    Kind,
    Level,
    Message,
    Locations,
    AnalysisTarget,
    Suppressions,
    BaselineState,
    OccurrenceCount,
    Fingerprints,
    PartialFingerprints,
    Taxa,
    Properties,
}

impl Member {
    const ALL: [(&'static str, Self); 15] = [
        ("ruleId", Self::RuleId),
        ("ruleIndex", Self::RuleIndex),
        ("rule", Self::Rule),
        ("kind", Self::Kind),
        ("level", Self::Level),
        ("message", Self::Message),
        ("locations", Self::Locations),
        ("analysisTarget", Self::AnalysisTarget),
        ("suppressions", Self::Suppressions),
        ("baselineState", Self::BaselineState),
        ("occurrenceCount", Self::OccurrenceCount),
        ("fingerprints", Self::Fingerprints),
        ("partialFingerprints", Self::PartialFingerprints),
        ("taxa", Self::Taxa),
        ("properties", Self::Properties),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, member)| *member)
    }

    /// The name of it.
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }

    /// Whether it says how a result of any tool counts; then it has to be readable.
    pub const fn counts(self) -> bool {
        use Member::{BaselineState, Kind, Level, Properties, Rule, RuleId, RuleIndex, Suppressions, Taxa};
        matches!(self, RuleId | RuleIndex | Rule | Kind | Level | Suppressions | BaselineState | Taxa | Properties)
    }
}

/// The members of a result, in its order.
#[derive(Debug)]
pub struct Apart<'a>(Vec<(Member, &'a str)>);

/// Reads a result. What nobody counts by may have any shape, and is then empty.
///
/// # Errors
/// If it cannot be counted.
pub fn read(text: &str) -> Result<Record<'_>, serde_json::Error> {
    // A list would pass for an object whose members stand in order.
    let read = if text.starts_with('[') { Err(serde_json::Error::custom("a list")) } else { json::read(text) };
    read.or_else(|error| Apart::of(text).and_then(|apart| apart.record()).map_err(|_| error))
}

impl<'a> Apart<'a> {
    /// Takes a result apart.
    pub fn of(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The members, each with its value as it is written.
    pub fn members(&self) -> &[(Member, &'a str)] {
        &self.0
    }

    /// The result, where some part of it has not the shape of the specification. Only what it counts by must have it.
    fn record(&self) -> Result<Record<'a>, serde_json::Error> {
        let mut record = Record::default();
        let mut met = Vec::new();
        for &(member, text) in &self.0 {
            if member.counts() {
                if met.contains(&member) {
                    return Err(serde_json::Error::custom(format!("duplicate field `{}`", member.name())));
                }
                met.push(member);
            }
            match member {
                Member::RuleId => record.rule_id = serde_json::from_str(text)?,
                Member::RuleIndex => record.rule_index = serde_json::from_str(text)?,
                Member::Rule => record.rule = serde_json::from_str(text)?,
                Member::Kind => record.kind = serde_json::from_str(text)?,
                Member::Level => record.level = serde_json::from_str(text)?,
                Member::Suppressions => record.suppressions = given(text)?,
                Member::BaselineState => record.baseline_state = serde_json::from_str(text)?,
                Member::Taxa => record.taxa = given(text)?,
                Member::Properties => record.properties = given(text)?,
                Member::Message => record.message = part(text),
                Member::Locations => record.locations = list(text).into_iter().map(location).collect(),
                Member::AnalysisTarget => record.analysis_target = part(text),
                Member::OccurrenceCount => record.occurrence_count = part(text),
                Member::Fingerprints => record.fingerprints = part(text),
                Member::PartialFingerprints => record.partial_fingerprints = part(text),
            }
        }
        Ok(record)
    }
}

/// A value that may be `null`, which is the empty value.
fn given<'a, T: Deserialize<'a> + Default>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str::<Option<T>>(text).map(Option::unwrap_or_default)
}

/// A value, or the empty one if it has another shape.
fn part<'a, T: Deserialize<'a> + Default>(text: &'a str) -> T {
    given(text).unwrap_or_default()
}

fn list(text: &str) -> Vec<&str> {
    part::<Vec<&RawValue>>(text).into_iter().map(RawValue::get).collect()
}

fn location(text: &str) -> Location<'_> {
    #[derive(Default, serde::Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Rough<'a> {
        #[serde(borrow)]
        physical_location: Option<&'a RawValue>,
        #[serde(borrow)]
        logical_locations: Option<&'a RawValue>,
    }
    serde_json::from_str(text).unwrap_or_else(|_| {
        let Rough { physical_location, logical_locations } = part(text);
        Location {
            physical_location: physical_location.map(|raw| physical(raw.get())).unwrap_or_default(),
            logical_locations: logical_locations.map(|raw| part(raw.get())).unwrap_or_default(),
        }
    })
}

fn physical(text: &str) -> PhysicalLocation<'_> {
    #[derive(Default, serde::Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Rough<'a> {
        #[serde(borrow)]
        artifact_location: Option<&'a RawValue>,
        #[serde(borrow)]
        region: Option<&'a RawValue>,
        #[serde(borrow)]
        context_region: Option<&'a RawValue>,
    }
    serde_json::from_str(text).unwrap_or_else(|_| {
        let Rough { artifact_location, region, context_region } = part(text);
        PhysicalLocation {
            artifact_location: artifact_location.and_then(|raw| part(raw.get())),
            region: region.map(|raw| part(raw.get())).unwrap_or_default(),
            context_region: context_region.map(|raw| part(raw.get())).unwrap_or_default(),
        }
    })
}

impl<'de: 'a, 'a> Deserialize<'de> for Apart<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Apart<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Apart<'de>, A::Error> {
        let mut members = Vec::with_capacity(12);
        while let Some(name) = map.next_key::<Written<'de>>()? {
            match Member::named(&name) {
                Some(member) => {
                    let text = map.next_value::<&'de RawValue>()?.get();
                    // Of a part that is there twice the last one is taken.
                    match members.iter_mut().find(|(met, _)| *met == member && !member.counts()) {
                        Some((_, before)) => *before = text,
                        None => members.push((member, text)),
                    }
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Apart(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_is_listed_at_its_own_place() {
        for (at, (name, member)) in Member::ALL.into_iter().enumerate() {
            assert_eq!((member as usize, member.name()), (at, name));
        }
    }

    #[test]
    fn a_part_of_another_shape_is_empty_and_what_is_beside_it_is_read() {
        let odd = r#"{"ruleId":"a","message":{"text":7},"message":{"text":"said"},"locations":[7,{"physicalLocation":
            {"artifactLocation":{"uri":"a.c"},"region":{"startLine":"7"},"contextRegion":{"startLine":3}},
            "logicalLocations":"f"},{"physicalLocation":{"artifactLocation":[{}],"region":{"startLine":5}}}],
            "fingerprints":{"x":"\ud800"},"occurrenceCount":"two","analysisTarget":"all","guid":[[1]]}"#;
        let record = read(odd).unwrap();
        assert_eq!((record.rule_id.as_deref(), record.message.plain()), (Some("a"), "said"));
        let places: Vec<_> = record.locations.iter().map(|location| &location.physical_location).collect();
        let uri = |at: usize| places[at].artifact_location.as_ref().and_then(|artifact| artifact.uri.as_deref());
        assert_eq!((places.len(), uri(0), uri(1), uri(2)), (3, None, Some("a.c"), None));
        assert_eq!((places[1].region.start_line, places[1].context_region.start_line), (None, Some(3)));
        assert_eq!(places[2].region.start_line, Some(5));
        assert_eq!((record.occurrence_count, record.analysis_target.is_none()), (None, true));
    }

    #[test]
    fn what_a_result_counts_by_has_to_be_readable_and_be_there_once() {
        for broken in [
            r#"{"ruleId":7}"#,
            r#"{"ruleId":"a","ruleId":"b","message":7}"#,
            r#"{"level":["error"],"message":7}"#,
            r#"{"suppressions":{"kind":"inSource"}}"#,
            r#"{"properties":{"cve":"\ud800"}}"#,
            r#"["a"]"#,
            "null",
            "7",
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
        assert!(read(r#"{"ruleId":"a","properties":7,"taxa":null,"suppressions":null}"#).is_ok());
    }
}
