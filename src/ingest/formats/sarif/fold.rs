//! Results that count alike, folded into one with their number. Of a million results that are only counted, no more is
//! held than a few members of each kind.
//!
//! What is held of a result is a result itself, reduced to what it counts by. What that is depends on the tool
//! ([`Asks`]); what it means may stand behind the results and is made out when it is known.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::apart::{self, Apart, Member};
use super::dialects::Asks;
use super::wire::ArtifactLocation;
use crate::ingest::json::Ahead;
use crate::ingest::lenient::or_default;
use crate::ingest::path;
use crate::ingest::written::Written;

/// Bytes that may be held whatever the number of results, and for each of them. Tests do with less.
const ROOM: usize = if cfg!(test) { 1 << 20 } else { 16 << 20 };
const ROOM_FOR_EACH: usize = 48;

/// Bytes that one entry takes beside its text, about.
const ENTRY: usize = 64;

/// Results that count alike.
#[derive(Debug)]
pub struct Fold {
    asks: Asks,
    /// How many there are of each reduced result.
    alike: HashMap<Box<str>, u64>,
    taken: usize,
    held: usize,
    /// Where a result is reduced.
    reduced: String,
}

impl Fold {
    /// Nothing yet, of a tool whose results count by so much.
    pub fn of(asks: Asks) -> Self {
        Self { asks, alike: HashMap::new(), taken: 0, held: 0, reduced: String::new() }
    }

    /// From now on results count by so much.
    pub fn ask(&mut self, asks: Asks) {
        self.asks = asks;
    }

    /// Takes the result that begins here, if it can be read before its end is known.
    pub fn take_ahead(&mut self, ahead: Ahead<'_>) {
        ahead.read_if(|text, apart: &Apart<'_>| self.add(text, apart).is_ok());
    }

    /// Takes one more.
    ///
    /// # Errors
    /// If it cannot be counted, because it cannot be read.
    pub fn take(&mut self, text: &str) -> Result<(), serde_json::Error> {
        match Apart::of(text) {
            Ok(apart) => self.add(text, &apart),
            // What is wrong with it is said as it is said of a result that is kept.
            Err(error) => Err(apart::read(text).err().unwrap_or(error)),
        }
    }

    fn add(&mut self, text: &str, apart: &Apart<'_>) -> Result<(), serde_json::Error> {
        self.reduce(apart);
        if let Some(number) = self.alike.get_mut(self.reduced.as_str()) {
            *number += 1;
        } else {
            // Results that count alike are all readable or none is; what is wrong is said of the whole result.
            if let Err(error) = apart::read(&self.reduced) {
                return Err(apart::read(text).err().unwrap_or(error));
            }
            self.held += self.reduced.len() + ENTRY;
            self.alike.insert(self.reduced.as_str().into(), 1);
        }
        self.taken += 1;
        Ok(())
    }

    /// Whether too many of them count differently.
    pub fn is_full(&self) -> bool {
        self.held > ROOM + ROOM_FOR_EACH * self.taken
    }

    /// Takes out what was folded: reduced results, and how many there are of each.
    pub fn drain(&mut self) -> Vec<(Box<str>, u64)> {
        (self.taken, self.held) = (0, 0);
        let mut folded: Vec<(Box<str>, u64)> = self.alike.drain().collect();
        folded.sort_unstable();
        folded
    }

    fn reduce(&mut self, apart: &Apart<'_>) {
        self.reduced.clear();
        for &(member, text) in apart.members() {
            let counts = match member {
                Member::Message => self.asks.message,
                Member::Locations => self.asks.places && !is_one_file(text),
                member => member.counts(),
            };
            if counts {
                let begin = if self.reduced.is_empty() { "{\"" } else { ",\"" };
                [begin, member.name(), "\":", text].into_iter().for_each(|part| self.reduced.push_str(part));
            }
        }
        self.reduced.push_str(if self.reduced.is_empty() { "{}" } else { "}" });
    }
}

/// Whether a result's places are at most one file, and nothing more is said of it. No number depends on which file.
fn is_one_file(locations: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Location<'a> {
        #[serde(borrow, deserialize_with = "or_default")]
        physical_location: Physical<'a>,
        #[serde(deserialize_with = "or_default")]
        logical_locations: Vec<IgnoredAny>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Physical<'a> {
        #[serde(borrow)]
        artifact_location: Option<ArtifactLocation<Written<'a>>>,
    }
    let is_file = |at: &ArtifactLocation<Written<'_>>| at.uri.as_deref().is_some_and(path::is_of_file);
    match serde_json::from_str::<Vec<Location<'_>>>(locations).as_deref() {
        Ok([]) => true,
        Ok([one]) => {
            one.logical_locations.is_empty() && one.physical_location.artifact_location.as_ref().is_none_or(is_file)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(asks: Asks, results: &[&str]) -> Vec<(Box<str>, u64)> {
        let mut fold = Fold::of(asks);
        results.iter().for_each(|text| fold.take(text).unwrap());
        fold.drain()
    }

    #[test]
    fn results_are_told_apart_by_what_their_tool_counts_them_by() {
        let at = |uri: &str, text: &str| {
            format!(
                r#"{{"ruleId":"a","message":{{"text":"{text}"}},"locations":[{{"physicalLocation":{{"artifactLocation":
                {{"uri":"{uri}"}}}}}}],"fingerprints":{{"x":"{uri}{text}"}}}}"#
            )
        };
        let results = [at("a.c", "1"), at("b.c", "2"), at("https://shop.example/pay", "1")];
        let results: Vec<&str> = results.iter().map(String::as_str).collect();
        let number = |message, places| folded(Asks { message, places }, &results).len();
        assert_eq!((number(false, false), number(true, false)), (1, 2));
        assert_eq!((number(false, true), number(true, true)), (2, 3));
        assert_eq!(folded(Asks::NOTHING, &results), [(r#"{"ruleId":"a"}"#.into(), 3)]);
    }

    #[test]
    fn what_can_have_a_meaning_is_held_whatever_its_shape() {
        for places in [
            "7",
            r#"[{"physicalLocation":{"artifactLocation":{"index":3}}}]"#,
            r#"[{"logicalLocations":[{"name":"f"}]}]"#,
            "[{},{}]",
        ] {
            let text = format!(r#"{{"level":"note","locations":{places}}}"#);
            assert_eq!(&*folded(Asks { message: false, places: true }, &[&text])[0].0, text);
        }
        // Of places that are there twice the last ones are taken, as they are by who reads the whole result.
        let twice = r#"{"locations":[{},{}],"locations":[{}]}"#;
        assert_eq!(&*folded(Asks { message: false, places: true }, &[twice])[0].0, "{}");
        let mut fold = Fold::of(Asks::NOTHING);
        let broken = r#"{"ruleId":7}"#;
        assert!(fold.take(broken).is_err() && fold.drain().is_empty());
    }

    #[test]
    fn only_what_differs_fills_it() {
        let mut fold = Fold::of(Asks::NOTHING);
        let mut take = |rule: usize| {
            let text = format!(r#"{{"ruleId":"{rule}{}"}}"#, "x".repeat(1000));
            fold.take(&text).unwrap();
            fold.is_full()
        };
        assert!((0..3_000).all(|_| !take(0)));
        assert!((0..3_000).any(take));
        assert!(!fold.drain().is_empty() && !fold.is_full());
    }
}
