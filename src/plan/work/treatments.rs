//! Which treatments of the rule pack apply to a work item, with names and efforts filled in.
//!
//! A rule applies if its condition is certainly true for every finding of the item; one that depends on unknown facts
//! does not. The condition sees the *item's* upgrade: if one finding needs a patch release and another a new major
//! version, the one upgrade that resolves both is a major one. The effort is that of the first finding plus, for each
//! further one, the rule's additional effort. A treatment that another one matches or beats in effort, residual,
//! lead and taking effect is left out: no plan would take it. So is one that leaves the finding where it is, if a limit or a
//! date asks for the finding: scanners would go on reporting it, and the next run would find the limit exceeded still.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Group;
use super::applicable::Applicable;
use crate::model::basis::Range;
use crate::model::effort::Effort;
use crate::model::rules::TreatmentRule;
use crate::model::work::{TakesEffect, Treatment, WorkItem};

/// A group as a work item, with what applies to it. Rules whose figures make no sense are left out and named in the remarks
/// that come with it. `asked_for`: whether a limit or a date asks for one of its findings.
pub fn work_item(group: &Group<'_>, rules: &Applicable<'_>, asked_for: bool) -> (WorkItem, Vec<String>) {
    let (mut ways, mut remarks) = (Vec::new(), Vec::new());
    for rule in rules.to(group).filter(|rule| !(asked_for && rule.remains)) {
        if let Some(way) = Way::of(rule, group) {
            ways.push(way);
        } else {
            remarks.push(format!(
                "Treatment {} is left out: its effort, lead or residual is not a number that a plan can use. Correct \
                 the rule.",
                rule.id
            ));
        }
    }
    let item = WorkItem {
        id: group.id.clone(),
        title: group.title.clone(),
        findings: group.findings.iter().map(|finding| finding.finding.id.clone()).collect(),
        treatments: undominated(ways).into_iter().map(|way| way.treatment(group)).collect(),
    };
    (item, remarks)
}

/// The ways to live with a group until it is treated: those that leave its findings where they are.
pub fn meanwhile(group: &Group<'_>, rules: &Applicable<'_>) -> Vec<Treatment> {
    let lasting = rules.to(group).filter(|rule| rule.remains).filter_map(|rule| Way::of(rule, group));
    lasting.map(|way| way.treatment(group)).collect()
}

/// A rule that applies to a group, with its figures for it.
#[derive(Clone, Copy)]
struct Way<'r> {
    rule: &'r TreatmentRule,
    effort: Effort,
    residual: Range,
}

impl<'r> Way<'r> {
    /// `None` if the figures make no sense.
    fn of(rule: &'r TreatmentRule, group: &Group<'_>) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "findings of one work item are far fewer than 2^52")]
        let further = (group.findings.len() - 1) as f64;
        let effort = Effort {
            p50: rule.effort.p50 + further * rule.effort_each_further.p50,
            p90: rule.effort.p90 + further * rule.effort_each_further.p90,
        };
        let usable = |value: f64| value.is_finite() && value >= 0.0;
        let residual = rule.residual;
        let figures = [effort.p50, effort.p90, rule.lead_days, residual.low, residual.likely, residual.high];
        let makes_sense = figures.into_iter().all(usable) && residual.high <= 1.0;
        makes_sense.then(|| Self {
            rule,
            effort: Effort { p90: effort.p90.max(effort.p50), ..effort },
            residual: Range {
                low: residual.low.min(residual.likely),
                high: residual.high.max(residual.likely),
                ..residual
            },
        })
    }

    /// The same in words.
    fn treatment(self, group: &Group<'_>) -> Treatment {
        let Self { rule, effort, residual } = self;
        Treatment {
            id: rule.id.clone(),
            title: titled(&rule.title, group),
            kind: rule.kind,
            effort,
            uncalibrated: None,
            takes_effect: rule.takes_effect,
            residual,
            lead_days: rule.lead_days,
            effort_basis: Arc::clone(&rule.effort_basis),
            residual_basis: Arc::clone(&rule.residual_basis),
            disruption: if names(&rule.disruption) {
                fill_in(&rule.disruption, group).into()
            } else {
                Arc::clone(&rule.disruption)
            },
            pros: all_filled_in(&rule.pros, group),
            cons: all_filled_in(&rule.cons, group),
            references: Arc::clone(&rule.references),
            command: None,
        }
    }
}

/// The title of a treatment. What names a problem names its place too, as the work item does, unless the rule does so.
fn titled(title: &str, group: &Group<'_>) -> String {
    let place = if title.contains("{title}") && !title.contains("{path}") { group.place.as_str() } else { "" };
    fill_in(title, group) + place
}

/// Whether a text of a rule names something of the group.
fn names(text: &str) -> bool {
    text.contains('{')
}

/// The texts, which are the rule's own where they name nothing of the group: there may be a million of them.
fn all_filled_in(texts: &Arc<[String]>, group: &Group<'_>) -> Arc<[String]> {
    if texts.iter().any(|text| names(text)) {
        texts.iter().map(|text| fill_in(text, group)).collect()
    } else {
        Arc::clone(texts)
    }
}

/// Replaces the placeholders in one pass, so that nothing in a name is taken for a placeholder.
fn fill_in(text: &str, group: &Group<'_>) -> String {
    let first = &group.findings[0].finding;
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        filled.push_str(&rest[..start]);
        match &rest[start..=start + length] {
            "{component}" => filled.push_str(first.component.as_ref().map_or("the component", |c| &c.name)),
            "{fixed_in}" => filled.push_str(group.target.as_deref().unwrap_or("a fixed version")),
            "{title}" => filled.push_str(first.title.trim_end_matches('.')),
            "{path}" => filled.push_str(first.locations.first().map_or("the file concerned", |l| &l.path)),
            other => filled.push_str(other),
        }
        rest = &rest[start + length + 1..];
    }
    filled + rest
}

/// Drops ways that another one matches or beats in everything the planner looks at; of equals the first stays.
fn undominated(mut ways: Vec<Way<'_>>) -> Vec<Way<'_>> {
    ways.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    ways.dedup_by(|b, a| a.rule.id == b.rule.id);
    let beaten = |index: usize| {
        ways.iter().enumerate().any(|(other, way)| {
            other != index
                && match compare(way, &ways[index]) {
                    Some(Ordering::Less) => true,
                    Some(Ordering::Equal) => other < index,
                    _ => false,
                }
        })
    };
    (0..ways.len()).filter(|&index| !beaten(index)).map(|index| ways[index]).collect()
}

/// `Less` if `a` is at least as good in everything and better in something; `None` if each has its advantage.
fn compare(a: &Way<'_>, b: &Way<'_>) -> Option<Ordering> {
    let late = |way: &Way<'_>| f64::from(u8::from(way.rule.takes_effect == TakesEffect::AtRelease));
    let figures = |way: &Way<'_>| [way.effort.p50, way.residual.likely, way.rule.lead_days, late(way)];
    let (a, b) = (figures(a), figures(b));
    let no_worse = |a: [f64; 4], b: [f64; 4]| a.iter().zip(&b).all(|(a, b)| a <= b);
    match (no_worse(a, b), no_worse(b, a)) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::category::Category;
    use crate::model::work::TreatmentKind;
    use crate::plan::sample::{self, component};
    use crate::plan::work::groups;

    fn rule(id: &str, hours: f64, residual: f64, takes_effect: TakesEffect) -> TreatmentRule {
        TreatmentRule {
            id: id.to_owned(),
            title: String::new(),
            kind: TreatmentKind::Fix,
            remains: false,
            when: crate::model::condition::Condition::compile("true").unwrap(),
            effort: Effort { p50: hours, p90: 6.0 },
            effort_each_further: Effort { p50: 0.5, p90: 1.0 },
            effort_basis: crate::model::basis::Basis::Assumed(id.to_owned()).into(),
            takes_effect,
            lead_days: 0.0,
            residual: Range::exactly(residual),
            residual_basis: crate::model::basis::Basis::Assumed(id.to_owned()).into(),
            disruption: Arc::default(),
            pros: Arc::default(),
            cons: Arc::default(),
            references: Arc::default(),
        }
    }

    #[test]
    fn only_treatments_with_an_advantage_stay() {
        let assessment = sample::assessment(vec![sample::finding("f-1", Category::Code)]);
        let group = &groups(&assessment)[0];
        let rules = [
            rule("upgrade", 4.0, 0.0, TakesEffect::AtRelease),
            rule("rewrite", 9.0, 0.0, TakesEffect::AtRelease),
            rule("shield", 2.0, 0.4, TakesEffect::AtOnce),
            rule("shield-again", 2.0, 0.4, TakesEffect::AtOnce),
        ];
        let left: Vec<_> = work_item(group, &Applicable::of(&rules), false).0.treatments;
        assert_eq!(left.into_iter().map(|way| way.id).collect::<Vec<_>>(), ["shield", "upgrade"]);
    }

    #[test]
    fn names_are_filled_in_once() {
        let mut finding = sample::finding("f-1", Category::Dependency);
        finding.finding.component = Some(component("npm", "{title}", "1.0.0", &["1.0.4"]));
        let assessment = sample::assessment(vec![finding]);
        let group = &groups(&assessment)[0];
        assert_eq!(fill_in("Go from {component} to {fixed_in} {x} {", group), "Go from {title} to 1.0.4 {x} {");
    }

    #[test]
    fn effort_grows_with_each_further_finding_and_nonsense_is_left_out() {
        let rule = |hours: f64| rule("upgrade", hours, 0.0, TakesEffect::AtRelease);
        let effort = |rule: &TreatmentRule, group: &Group<'_>| Way::of(rule, group).map(|way| way.effort);
        let found = |id: &str| {
            let mut f = sample::finding(id, Category::Dependency);
            f.finding.component = Some(component("npm", "lodash", "4.17.15", &["4.17.21"]));
            f
        };
        let assessment = sample::assessment(vec![found("f-1"), found("f-2"), found("f-3")]);
        let group = &groups(&assessment)[0];
        assert_eq!(effort(&rule(2.0), group), Some(Effort { p50: 3.0, p90: 8.0 }));
        assert_eq!(effort(&rule(-4.0), group), None);
        assert_eq!(effort(&rule(f64::NAN), group), None);
        // What leaves the findings where they are is no way to treat them where something asks for them.
        let lasting = [TreatmentRule { id: "watch".to_owned(), remains: true, ..rule(1.0) }, rule(2.0)];
        let lasting = Applicable::of(&lasting);
        let ways = |asked_for| work_item(group, &lasting, asked_for).0.treatments.into_iter().map(|way| way.id);
        assert_eq!(ways(false).collect::<Vec<_>>(), ["watch"]);
        assert_eq!(ways(true).collect::<Vec<_>>(), ["upgrade"]);
    }
}
