//! The origin by the baseline of the target branch, where base reports do not tell.
//!
//! What the baseline holds was there before. What it does not hold is new if a scanner that sees it now ran in full for
//! that kind of test then. A problem that goes on under another name (another version of its package) is recognised by
//! scanner, rule, package and place. What is recognised by a count only is judged by git too.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::finding::{Finding, Inventory};
use crate::model::ledger::Baseline;
use crate::model::origin::Origin;

use super::counted;
use super::origin::Verdict;
use super::package::Package;

/// Judges the origin of every open finding of which base reports say nothing by `baseline`, as far as it can tell.
pub fn judge(inventory: &mut Inventory, baseline: &Baseline) {
    let at = format!("the baseline of {} at {}", baseline.branch, baseline.commit.chars().take(10).collect::<String>());
    let before: BTreeSet<&str> = baseline.findings.iter().map(|finding| finding.id.as_str()).collect();
    let now: BTreeSet<String> = inventory.findings.iter().map(|finding| finding.id.clone()).collect();
    // Problems that are gone under their name, each of which one new name can take over.
    let mut gone: BTreeMap<Trace<'_>, Cell<usize>> = BTreeMap::new();
    for finding in baseline.findings.iter().filter(|it| !it.package.is_empty() && !now.contains(&it.id)) {
        for (tool, rule) in &finding.saw {
            *gone.entry((tool, rule, &finding.package, &finding.path)).or_default().get_mut() += 1;
        }
    }
    let counted = inventory.findings.iter().filter(|finding| finding.by_count && !finding.by_base_report);
    let by_git: BTreeMap<String, Verdict> =
        counted.map(|it| (it.id.clone(), (it.origin, it.origin_evidence.clone()))).collect();
    for finding in inventory.findings.iter_mut().filter(|finding| !finding.by_base_report) {
        if before.contains(finding.id.as_str()) {
            (finding.origin, finding.origin_evidence) = (Origin::Ambient, format!("also in {at}"));
            continue;
        }
        if goes_on(finding, &gone) {
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
    counted::settle(&mut inventory.findings, |finding| by_git.get(&finding.id).cloned());
}

/// What is left of a problem of a package in another version: tool, rule, package and path.
type Trace<'b> = (&'b str, &'b str, &'b str, &'b str);

/// Whether a finding can take over a name that is gone, which then is taken.
fn goes_on(finding: &Finding, gone: &BTreeMap<Trace<'_>, Cell<usize>>) -> bool {
    let package = package(finding);
    let path = finding.locations.first().map_or("", |place| place.path.as_str());
    let mut left = finding.sources.iter().filter_map(|it| gone.get(&(&*it.tool, &*it.rule, &*package, path)));
    left.find(|left| left.get() > 0).is_some_and(|left| {
        left.set(left.get() - 1);
        true
    })
}

/// The package that a finding is about, as a baseline keeps it: without its version. Empty if there is none.
pub fn package(finding: &Finding) -> String {
    let Some(package) = finding.component.as_ref().map(Package::of) else { return String::new() };
    format!("{}/{}", package.ecosystem, package.name)
}
