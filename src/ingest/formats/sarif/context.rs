//! A result together with what the rest of its run says about it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::inherited::Inherited;
use super::message;
use super::places::Places;
use super::rules;
use super::run::Run;
use super::wire::{Record, Rule};

/// A result with everything around it that gives it meaning.
pub struct Context<'a> {
    pub record: &'a Record<'a>,
    pub rule: Option<&'a Rule>,
    /// What the rule says of it, if the result says nothing of that itself.
    pub inherited: Option<&'a Inherited>,
    /// The level that the invocation sets for the rule.
    pub level: Option<&'a str>,
    pub places: &'a Places,
    pub roots: &'a [String],
    /// The run, without what was taken out of it.
    pub run: &'a Run,
    /// The result's message, once it is asked for.
    pub said: OnceCell<Cow<'a, str>>,
}

impl<'a> Context<'a> {
    /// The result's message, with placeholders filled in.
    pub fn message(&self) -> &str {
        self.said.get_or_init(|| message::of(self.record, self.rule))
    }

    /// Reads what the rule says of a result that has its id and nothing else.
    pub fn of_rule_alone<T>(&self, read: impl FnOnce(&Context<'_>) -> T) -> T {
        let record = Record { rule_id: self.rule.map(|rule| rule.id.as_str().into()), ..Record::default() };
        read(&Context {
            record: &record,
            rule: self.rule,
            inherited: None,
            level: None,
            places: self.places,
            roots: &[],
            run: self.run,
            said: OnceCell::new(),
        })
    }

    /// The id of the rule, as the result or else the rule itself states it.
    pub fn rule_id(&self) -> &'a str {
        rules::id_of(self.record).or(self.rule.map(|rule| rule.id.as_str())).unwrap_or_default()
    }

    /// The first text under any of these names in the properties of the result, else of the rule.
    pub fn property(&self, names: &[&str]) -> Option<&str> {
        self.record.properties.text(names).or_else(|| self.rule?.properties.text(names))
    }

    /// Tags of the result and of the rule.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let of_rule = self.rule.map_or(&[][..], |rule| rule.properties.list("tags"));
        self.record.properties.list("tags").iter().map(|tag| &**tag).chain(of_rule.iter().map(String::as_str))
    }

    /// Names of the logical locations, fully qualified if they are given so. One may be listed in the run.
    pub fn logical_names(&self) -> impl Iterator<Item = &str> {
        let listed = |index: Option<i64>| self.run.logical.get(usize::try_from(index?).ok()?);
        let written = self.record.locations.iter().flat_map(|l| &l.logical_locations);
        written.filter_map(move |l| l.said().or_else(|| listed(l.index)?.said()))
    }
}
