//! Which rule a result speaks of (SARIF 2.1.0, 3.27.5 to 3.27.7 and 3.52): rules stand in the driver and in any
//! extension, and are referred to by index, by id, or by an id that is a path below a rule's id.

use std::collections::BTreeMap;

use super::wire::{Record, Reference, Rule};

/// A tool component: the driver or an extension.
#[derive(Debug, Default)]
pub struct ToolComponent {
    pub name: String,
    pub guid: String,
    rules: Vec<Rule>,
    by_id: BTreeMap<String, usize>,
}

impl ToolComponent {
    /// Adds the component's next rule.
    pub fn push(&mut self, rule: Rule) {
        self.by_id.entry(rule.id.clone()).or_insert(self.rules.len());
        self.rules.push(rule);
    }

    /// The component's rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    fn at(&self, index: Option<i64>) -> Option<&Rule> {
        self.rules.get(usize::try_from(index?).ok()?)
    }

    fn named(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).and_then(|&index| self.rules.get(index))
    }
}

/// Every rule of a run.
#[derive(Debug, Default)]
pub struct Rules {
    pub driver: ToolComponent,
    pub extensions: Vec<ToolComponent>,
}

impl Rules {
    /// The rule of a result, if the run describes it.
    pub fn of(&self, record: &Record) -> Option<&Rule> {
        let reference = record.rule.as_deref();
        let id = id_of(record);
        let index = reference.and_then(|r| r.index).or(record.rule_index);
        let component = self.component(reference);
        let indexed = component.at(index);
        match (indexed, id) {
            // An index that contradicts the id is a producer's mistake; the id is what people read.
            (Some(rule), Some(id)) if !is_at_or_below(id, &rule.id) => self.find(component, id).or(Some(rule)),
            (Some(rule), _) => Some(rule),
            (None, Some(id)) => self.find(component, id),
            (None, None) => None,
        }
    }

    fn component(&self, reference: Option<&Reference>) -> &ToolComponent {
        let Some(wanted) = reference.map(|r| &r.tool_component) else { return &self.driver };
        let by_index = wanted.index.and_then(|index| self.extensions.get(usize::try_from(index).ok()?));
        let named = |c: &&ToolComponent| {
            let same = |a: &Option<String>, b: &str| a.as_deref().is_some_and(|a| !b.is_empty() && a == b);
            same(&wanted.guid, &c.guid) || same(&wanted.name, &c.name)
        };
        by_index.or_else(|| self.extensions.iter().find(named)).unwrap_or(&self.driver)
    }

    /// The rule with this id, or with the nearest id above it in the hierarchy; in `first` before anywhere else.
    fn find<'r>(&'r self, first: &'r ToolComponent, id: &str) -> Option<&'r Rule> {
        let mut id = Some(id);
        while let Some(current) = id {
            let places = [first, &self.driver].into_iter().chain(&self.extensions);
            if let Some(rule) = places.filter_map(|component| component.named(current)).next() {
                return Some(rule);
            }
            id = current.rsplit_once('/').map(|(above, _)| above);
        }
        None
    }
}

/// The rule id that a result states.
pub fn id_of(record: &Record) -> Option<&str> {
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
        rules.driver.push(rule("A"));
        let mut extension = ToolComponent { name: "pack".to_owned(), ..ToolComponent::default() };
        extension.push(rule("B"));
        extension.push(rule("A/deep"));
        rules.extensions.push(extension);
        rules
    }

    fn found(json: &str) -> Option<String> {
        rules().of(&serde_json::from_str(json).unwrap()).map(|rule| rule.id.clone())
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
            (r#"{"ruleIndex":-1}"#, None),
            (r#"{"ruleId":"Z"}"#, None),
            (r#"{}"#, None),
        ] {
            assert_eq!(found(record).as_deref(), rule, "{record}");
        }
    }
}
