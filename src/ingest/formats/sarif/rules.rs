//! Which rule a result speaks of (SARIF 2.1.0, 3.27.5 to 3.27.7 and 3.52): rules stand in the driver and in any
//! extension, and are referred to by index, by id, or by an id that is a path below a rule's id.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::wire::{Record, Reference, Rule};

/// Most steps up the hierarchy of an id such as `a/b/c`.
const HIGHEST: usize = 8;

/// Most extensions among which one is looked for by name.
const MOST_NAMED: usize = 1000;

/// A tool component: the driver or an extension.
#[derive(Debug, Default)]
pub struct ToolComponent {
    pub name: String,
    pub guid: String,
    rules: Vec<Rule>,
    by_id: BTreeMap<String, usize>,
}

impl ToolComponent {
    /// The component's rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether there is a rule at an index that a result gives, and where.
    fn at(&self, index: Option<i64>) -> Option<usize> {
        usize::try_from(index?).ok().filter(|index| *index < self.rules.len())
    }

    fn named(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }
}

/// Where a rule is: its extension (if not the driver) and its index there.
pub type Place = (Option<usize>, usize);

/// Every rule of a run.
#[derive(Debug, Default)]
pub struct Rules {
    pub driver: ToolComponent,
    pub extensions: Vec<ToolComponent>,
    /// The first rule with an id.
    everywhere: BTreeMap<String, Place>,
}

impl Rules {
    /// The id of every rule.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.everywhere.keys().map(String::as_str)
    }

    /// Adds the next rule of the driver.
    pub fn push_to_driver(&mut self, rule: Rule) {
        self.push(None, rule);
    }

    /// Adds the next rule of the extension that is being read.
    pub fn push_to_last_extension(&mut self, rule: Rule) {
        if let Some(last) = self.extensions.len().checked_sub(1) {
            self.push(Some(last), rule);
        }
    }

    fn push(&mut self, extension: Option<usize>, rule: Rule) {
        let component = extension.map_or(&mut self.driver, |index| &mut self.extensions[index]);
        let index = component.rules.len();
        component.by_id.entry(rule.id.clone()).or_insert(index);
        self.everywhere.entry(rule.id.clone()).or_insert((extension, index));
        component.rules.push(rule);
    }

    /// Where the rule of a result is, if the run describes it.
    pub fn place_of(&self, record: &Record<'_>) -> Option<Place> {
        let reference = record.rule.as_deref();
        let id = id_of(record);
        let index = reference.and_then(|r| r.index).or(record.rule_index);
        let extension = self.component(reference);
        let component = self.tool_component(extension)?;
        match (component.at(index), id) {
            // An index that contradicts the id is a producer's mistake; the id is what people read.
            (Some(index), Some(id)) if !is_at_or_below(id, &component.rules[index].id) => {
                self.find(extension, id).or(Some((extension, index)))
            }
            (Some(index), _) => Some((extension, index)),
            (None, Some(id)) => self.find(extension, id),
            (None, None) => None,
        }
    }

    /// The rule at the place that a reference gives.
    pub fn referred(&self, reference: &Reference) -> Option<&Rule> {
        let extension = self.component(Some(reference));
        let index = self.tool_component(extension)?.at(reference.index)?;
        self.at((extension, index))
    }

    /// The rule at a place.
    pub fn at(&self, (extension, index): Place) -> Option<&Rule> {
        self.tool_component(extension)?.rules.get(index)
    }

    fn tool_component(&self, extension: Option<usize>) -> Option<&ToolComponent> {
        extension.map_or(Some(&self.driver), |extension| self.extensions.get(extension))
    }

    /// The extension that a reference means; `None` for the driver.
    fn component<S: Deref<Target = str>>(&self, reference: Option<&Reference<S>>) -> Option<usize> {
        let wanted = reference.map(|r| &r.tool_component)?;
        let by_index =
            wanted.index.and_then(|index| usize::try_from(index).ok()).filter(|i| *i < self.extensions.len());
        let same = |a: &Option<S>, b: &str| a.as_deref().is_some_and(|a| !b.is_empty() && a == b);
        let named = |c: &ToolComponent| same(&wanted.guid, &c.guid) || same(&wanted.name, &c.name);
        by_index.or_else(|| self.extensions.iter().take(MOST_NAMED).position(named))
    }

    /// The rule with this id, or with the nearest id above it in the hierarchy; in `first` before anywhere else.
    fn find(&self, first: Option<usize>, id: &str) -> Option<Place> {
        let here = |id: &str| Some((first, self.tool_component(first)?.named(id)?));
        std::iter::successors(Some(id), |id| Some(id.rsplit_once('/')?.0))
            .take(HIGHEST)
            .find_map(|id| here(id).or_else(|| self.everywhere.get(id).copied()))
    }
}

/// The rule id that a result states.
pub fn id_of<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let id = record.rule.as_deref().and_then(|r| r.id.as_deref()).or(record.rule_id.as_deref());
    id.or(record.rule_id.as_deref()).map(str::trim).filter(|id| !id.is_empty())
}

fn is_at_or_below(id: &str, rule: &str) -> bool {
    id.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let rule = |id: &str| Rule { id: id.to_owned(), ..Rule::default() };
        let mut rules = Rules::default();
        rules.push_to_driver(rule("A"));
        rules.extensions.push(ToolComponent { name: "pack".to_owned(), ..ToolComponent::default() });
        rules.push_to_last_extension(rule("B"));
        rules.push_to_last_extension(rule("A/deep"));
        rules.push_to_last_extension(Rule { name: Some("A of the pack".to_owned()), ..rule("A") });
        rules
    }

    fn found(json: &str) -> Option<String> {
        let rules = rules();
        let rule = rules.at(rules.place_of(&serde_json::from_str(json).unwrap())?)?;
        Some(rule.name.as_ref().unwrap_or(&rule.id).clone())
    }

    #[test]
    fn rules_are_found_by_index_by_id_and_in_extensions() {
        for (record, rule) in [
            (r#"{"ruleId":"A"}"#, Some("A")),
            (r#"{"ruleIndex":0}"#, Some("A")),
            (r#"{"ruleId":"B"}"#, Some("B")),
            (r#"{"ruleId":"B","ruleIndex":0}"#, Some("B")),
            (r#"{"ruleId":"A/x/y","ruleIndex":0}"#, Some("A")),
            (r#"{"ruleId":"A/deep/er"}"#, Some("A/deep")),
            (r#"{"rule":{"index":1,"toolComponent":{"index":0}}}"#, Some("A/deep")),
            (r#"{"rule":{"index":0,"toolComponent":{"name":"pack"}}}"#, Some("B")),
            (r#"{"rule":{"id":"B","toolComponent":{"index":7}}}"#, Some("B")),
            (r#"{"rule":{"id":"A","toolComponent":{"name":"pack"}}}"#, Some("A of the pack")),
            (r#"{"ruleIndex":-1}"#, None),
            (r#"{"ruleId":"Z"}"#, None),
            ("{}", None),
        ] {
            assert_eq!(found(record).as_deref(), rule, "{record}");
        }
    }
}
