//! Which treatment rules apply to a work item: those that are certainly true for every finding in it.
//!
//! Findings are many and of few kinds. What the rules say of a kind is found out once and remembered by the facts of it;
//! only rules that ask for texts, such as a path, are asked for each finding.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Group;
use crate::model::condition::Truth;
use crate::model::facts::kind::Kind;
use crate::model::facts::{FACTS, FactKind, Facts};
use crate::model::rules::TreatmentRule;
use crate::model::version::distance;

/// Most kinds that are remembered.
const MOST: usize = 100_000;

/// The rules, and what they were found to say.
pub struct Applicable<'r> {
    rules: Vec<Rule<'r>>,
    /// By kind of finding, for each rule whether it holds, as far as the kind tells.
    known: RwLock<HashMap<Kind, Arc<[bool]>>>,
}

struct Rule<'r> {
    rule: &'r TreatmentRule,
    /// Whether it asks for more than the kind of a finding tells.
    asks_for_texts: bool,
}

impl<'r> Applicable<'r> {
    /// Nothing found out yet.
    pub fn of(rules: &'r [TreatmentRule]) -> Self {
        let is_text = |name: &str| {
            let fact = FACTS.iter().find(|fact| fact.name == name);
            fact.is_none_or(|fact| matches!(fact.kind, FactKind::Text | FactKind::Texts))
        };
        let rules = rules.iter().map(|rule| Rule { rule, asks_for_texts: rule.when.facts().any(is_text) }).collect();
        Self { rules, known: RwLock::default() }
    }

    /// The rules that apply to all findings of a group, in their order.
    pub fn to(&self, group: &Group<'_>) -> impl Iterator<Item = &'r TreatmentRule> {
        let mut apply = vec![true; self.rules.len()];
        for finding in &group.findings {
            let facts = facts_of_item(group, &finding.facts);
            let by_kind = self.by_kind(&facts);
            for ((rule, apply), &by_kind) in self.rules.iter().zip(&mut apply).zip(&*by_kind) {
                *apply &= if rule.asks_for_texts { *apply && holds(rule.rule, &facts) } else { by_kind };
            }
        }
        self.rules.iter().zip(apply).filter(|(_, applies)| *applies).map(|(rule, _)| rule.rule)
    }

    fn by_kind(&self, facts: &Facts) -> Arc<[bool]> {
        let kind = Kind::of(facts);
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&kind) {
            return Arc::clone(known);
        }
        let said: Arc<[bool]> = self.rules.iter().map(|rule| !rule.asks_for_texts && holds(rule.rule, facts)).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST {
            known.insert(kind, Arc::clone(&said));
        }
        said
    }
}

fn holds(rule: &TreatmentRule, facts: &Facts) -> bool {
    rule.when.evaluate(facts) == Truth::True
}

/// The facts of a finding, with the upgrade that the item as a whole needs.
fn facts_of_item<'f>(group: &Group<'_>, facts: &'f Facts) -> Cow<'f, Facts> {
    let Some(target) = &group.target else { return Cow::Borrowed(facts) };
    let installed = group.findings.iter().find_map(|f| f.finding.component.as_ref()).map(|c| c.version.as_str());
    let upgrade = installed.and_then(|version| distance(version, target)).or(facts.upgrade);
    if upgrade == facts.upgrade { Cow::Borrowed(facts) } else { Cow::Owned(Facts { upgrade, ..facts.clone() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::category::Category;
    use crate::model::condition::Condition;
    use crate::model::facts::kind::altered;
    use crate::model::location::Location;
    use crate::plan::sample;
    use crate::plan::work::groups;

    #[test]
    fn what_is_remembered_is_what_each_rule_says_of_each_finding() {
        let mut rules = crate::rules::load(&[]).expect("built-in rules").treatments;
        let when = |text: &str| Condition::compile(text).expect("a condition");
        rules[0].when = when("finding.path.startsWith(\"vendor/\")");
        rules[1].when = when("finding.severity >= HIGH || finding.title == \"other\"");
        let applicable = Applicable::of(&rules);
        let mut met = 0;
        for path in ["src/a.c", "vendor/b.c", "vendor/c.c"] {
            for (number, facts) in altered(&sample::finding("f-1", Category::Code).facts).into_iter().enumerate() {
                let mut finding = sample::finding(&format!("f-{number}"), facts.category);
                finding.finding.locations = vec![Location { path: path.to_owned(), ..Location::default() }];
                finding.facts = Facts { path: path.to_owned(), ..facts };
                let assessment = sample::assessment(vec![finding]);
                for group in groups(&assessment) {
                    let apply: Vec<&str> = applicable.to(&group).map(|rule| rule.id.as_str()).collect();
                    let facts = &group.findings[0].facts;
                    let each = rules.iter().filter(|rule| holds(rule, facts)).map(|rule| rule.id.as_str());
                    assert_eq!(apply, each.collect::<Vec<_>>());
                    met += usize::from(apply.contains(&rules[0].id.as_str()));
                }
            }
        }
        assert!(met > 20, "{met}");
    }
}
