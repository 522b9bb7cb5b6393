//! The origin by the baseline of the target branch, where there are no base reports.
//!
//! What the baseline holds was there before. What it does not hold is new if a scanner that sees it now ran in full for
//! that kind of test then. A problem that goes on under another name (another version of its package) is recognised by
//! scanner, rule and place.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::finding::{Finding, Inventory};
use crate::model::ledger::Baseline;
use crate::model::origin::Origin;

/// Judges the origin of every open finding by `baseline`, as far as it can tell.
pub fn judge(inventory: &mut Inventory, baseline: &Baseline) {
    let at = format!("the baseline of {} at {}", baseline.branch, baseline.commit.chars().take(10).collect::<String>());
    let before: BTreeSet<&str> = baseline.findings.iter().map(|finding| finding.id.as_str()).collect();
    let now: BTreeSet<String> = inventory.findings.iter().map(|finding| finding.id.clone()).collect();
    // Places of problems that are gone under their name, each of which one new name can take over.
    let mut gone: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for finding in baseline.findings.iter().filter(|finding| !now.contains(&finding.id)) {
        for (tool, rule) in &finding.saw {
            *gone.entry((tool, rule, &finding.path)).or_default() += 1;
        }
    }
    for finding in &mut inventory.findings {
        if before.contains(finding.id.as_str()) {
            (finding.origin, finding.origin_evidence) = (Origin::Ambient, format!("also in {at}"));
            continue;
        }
        if let Some(left) = goes_on(finding, &mut gone) {
            *left -= 1;
            (finding.origin, finding.origin_evidence) = (Origin::Ambient, format!("also in {at}, in another version"));
            continue;
        }
        let looked = finding.sources.iter().find(|source| {
            baseline.scans.iter().any(|scan| {
                scan.tool == source.tool && scan.complete && scan.kinds.iter().any(|kind| kind.0 == finding.category)
            })
        });
        if let Some(source) = looked {
            finding.origin_evidence = format!("not in {at}, for which {} ran", source.tool);
            finding.origin = Origin::Introduced;
        }
    }
}

fn goes_on<'g>(finding: &Finding, gone: &'g mut BTreeMap<(&str, &str, &str), usize>) -> Option<&'g mut usize> {
    finding.component.as_ref()?;
    let path = finding.locations.first().map_or("", |place| place.path.as_str());
    let key = finding.sources.iter().find_map(|source| {
        let key = (source.tool.as_str(), source.rule.as_str(), path);
        gone.iter().find(|(known, left)| **known == key && **left > 0).map(|(known, _)| *known)
    })?;
    gone.get_mut(&key)
}
