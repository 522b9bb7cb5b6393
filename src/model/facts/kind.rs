//! What of the facts is no text: findings are many, and of few kinds.

use super::Facts;
use crate::model::category::Category;
use crate::model::origin::Origin;
use crate::model::report::Confidence;
use crate::model::service::{Criticality, NetworkExposure};
use crate::model::severity::Severity;

/// Everything that a condition can ask about a finding, except texts.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    category: Category,
    severity: Severity,
    /// CVSS, EPSS and age, by their bits.
    figures: [Option<u64>; 3],
    /// Known to be exploited, with a fix, direct, reachable, verified.
    truths: [Option<bool>; 5],
    origin: Origin,
    upgrade: Option<&'static str>,
    confidence: Option<Confidence>,
    cwe: Vec<u32>,
    ssvc: Option<String>,
    exposure: NetworkExposure,
    criticality: Criticality,
}

impl Kind {
    /// What of the facts is no text.
    pub fn of(facts: &Facts) -> Self {
        Self {
            category: facts.category,
            severity: facts.severity,
            figures: [facts.cvss, facts.epss, facts.age_days].map(|figure| figure.map(f64::to_bits)),
            truths: [facts.kev, facts.fix_available, facts.direct, facts.reachable, facts.verified],
            origin: facts.origin,
            upgrade: facts.upgrade,
            confidence: facts.confidence,
            cwe: facts.cwe.clone(),
            ssvc: facts.ssvc.clone(),
            exposure: facts.exposure,
            criticality: facts.criticality,
        }
    }
}

/// Facts that differ from the first in one fact each.
#[cfg(test)]
pub fn altered(facts: &Facts) -> Vec<Facts> {
    let alter = |change: &dyn Fn(&mut Facts)| {
        let mut altered = facts.clone();
        change(&mut altered);
        altered
    };
    vec![
        facts.clone(),
        alter(&|f| f.category = Category::Malware),
        alter(&|f| f.severity = Severity::Low),
        alter(&|f| f.cvss = Some(9.1)),
        alter(&|f| f.epss = Some(0.7)),
        alter(&|f| f.kev = Some(!f.kev.unwrap_or(true))),
        alter(&|f| f.origin = Origin::Introduced),
        alter(&|f| f.origin = Origin::Ambient),
        alter(&|f| f.origin = Origin::Resolved),
        alter(&|f| f.fix_available = Some(!f.fix_available.unwrap_or(true))),
        alter(&|f| f.upgrade = Some("major")),
        alter(&|f| f.direct = Some(!f.direct.unwrap_or(true))),
        alter(&|f| f.reachable = Some(!f.reachable.unwrap_or(true))),
        alter(&|f| f.verified = Some(!f.verified.unwrap_or(true))),
        alter(&|f| f.confidence = Some(Confidence::Certain)),
        alter(&|f| f.age_days = Some(3.0)),
        alter(&|f| f.cwe.push(79)),
        alter(&|f| f.ssvc = Some("immediate".to_owned())),
        alter(&|f| f.exposure = NetworkExposure::Isolated),
        alter(&|f| f.criticality = Criticality::Supporting),
        alter(&|f| f.path.push_str("/other")),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{FACTS, FactKind};
    use super::*;

    #[test]
    fn a_kind_tells_apart_whatever_a_condition_can_except_texts() {
        let all = altered(&Facts::bare(Category::Code, Severity::High));
        for fact in FACTS.iter().filter(|fact| !matches!(fact.kind, FactKind::Text | FactKind::Texts)) {
            let said = |facts: &Facts| format!("{:?}", (fact.read)(facts));
            let different: Vec<&Facts> = all.iter().filter(|facts| said(facts) != said(&all[0])).collect();
            assert!(!different.is_empty(), "no facts here differ in {}", fact.name);
            assert!(different.iter().all(|facts| Kind::of(facts) != Kind::of(&all[0])), "{}", fact.name);
        }
    }
}
