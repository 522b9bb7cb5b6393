//! The commands that carry out upgrades.
//!
//! A treatment is an upgrade if its rule fixes something by naming the fixed version.

use std::collections::BTreeSet;

use super::Group;
use crate::model::rules::TreatmentRule;
use crate::model::upgrade::{self, Upgrade, UpgradeCommand};
use crate::model::work::{TreatmentKind, WorkItem};

/// Adds the commands to the work items of groups, one for one. `files` are the repository's.
pub fn add(groups: &[Group<'_>], work: &mut [WorkItem], rules: &[TreatmentRule], files: &BTreeSet<String>) {
    let telling = upgrade::telling_files(files);
    let is_upgrade = |id: &str| {
        rules.iter().any(|rule| rule.id == id && rule.kind == TreatmentKind::Fix && rule.title.contains("{fixed_in}"))
    };
    for (group, item) in groups.iter().zip(work) {
        let Some(command) = command(group, &telling) else { continue };
        for treatment in item.treatments.iter_mut().filter(|treatment| is_upgrade(&treatment.id)) {
            treatment.command = Some(command.clone());
        }
    }
}

fn command(group: &Group<'_>, telling: &[&str]) -> Option<UpgradeCommand> {
    let target = group.target.as_deref()?;
    let findings = || group.findings.iter().map(|assessed| &assessed.finding);
    let component = findings().find_map(|finding| finding.component.as_ref())?;
    let direct = findings().filter_map(|finding| finding.component.as_ref()?.direct).max();
    let upgrade = Upgrade {
        ecosystem: &component.ecosystem,
        name: &component.name,
        from: &component.version,
        to: target,
        direct,
    };
    let places: BTreeSet<&str> =
        findings().flat_map(|finding| &finding.locations).map(|location| location.path.as_str()).collect();
    upgrade::command(&upgrade, &places.into_iter().collect::<Vec<_>>(), telling)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::basis::{Basis, Range};
    use crate::model::category::Category;
    use crate::model::condition::Condition;
    use crate::model::effort::Effort;
    use crate::model::location::Location;
    use crate::model::work::TakesEffect;
    use crate::plan::sample::{self, component};
    use crate::plan::work::applicable::Applicable;
    use crate::plan::work::{groups, treatments};

    fn rule(id: &str, title: &str, hours: f64) -> TreatmentRule {
        TreatmentRule {
            id: id.to_owned(),
            title: title.to_owned(),
            kind: TreatmentKind::Fix,
            remains: false,
            when: Condition::compile("true").unwrap(),
            effort: Effort { p50: hours, p90: 6.0 },
            effort_each_further: Effort { p50: 0.0, p90: 0.0 },
            effort_basis: Basis::Assumed(id.to_owned()).into(),
            takes_effect: TakesEffect::AtRelease,
            lead_days: 0.0,
            residual: Range::exactly(1.0 / hours - 0.5),
            residual_basis: Basis::Assumed(id.to_owned()).into(),
            disruption: Arc::default(),
            pros: Arc::default(),
            cons: Arc::default(),
            references: Arc::default(),
        }
    }

    #[test]
    fn the_upgrade_of_an_item_has_the_command_for_all_its_findings() {
        let found = |id: &str, fix: &[&str], direct| {
            let mut f = sample::finding(id, Category::Dependency);
            f.finding.component = Some(component("npm", "lodash", "4.17.15", fix));
            f.finding.component.as_mut().unwrap().direct = direct;
            f.finding.locations = vec![Location { path: "web/package.json".to_owned(), ..Location::default() }];
            f
        };
        let assessment =
            sample::assessment(vec![found("f-1", &["4.17.21"], None), found("f-2", &["4.17.19"], Some(false))]);
        let rules = [rule("shield", "Shield it", 1.0), rule("upgrade", "Upgrade {component} to {fixed_in}", 2.0)];
        let groups = groups(&assessment);
        let applicable = Applicable::of(&rules);
        let mut work: Vec<_> = groups.iter().map(|group| treatments::work_item(group, &applicable, false).0).collect();
        add(&groups, &mut work, &rules, &BTreeSet::from(["web/yarn.lock".to_owned()]));
        let commands: Vec<_> = work[0]
            .treatments
            .iter()
            .map(|treatment| (treatment.id.as_str(), treatment.command.as_ref().map(|c| c.command.as_str())))
            .collect();
        assert_eq!(
            commands,
            [
                ("shield", None),
                ("upgrade", Some("cd web && npm pkg set \"resolutions[lodash]=4.17.21\" && yarn install"))
            ]
        );
    }
}
