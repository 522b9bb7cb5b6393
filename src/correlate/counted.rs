//! The origin of problems that are recognised by a count only: the first, the second … of alike places in a file.
//!
//! Where one of them goes and another comes, the count stays, and what is remembered of the state before calls the new one
//! old. So if the change touches the very lines, that stands. The name that is free then is left to one of the places
//! that moved down in the count: it lies in lines that the change does not touch.

use std::collections::BTreeMap;

use crate::model::category::Category;
use crate::model::finding::Finding;
use crate::model::origin::Origin;

use super::origin::Verdict;

/// Corrects what was judged by a count, by what git alone says of a finding.
pub fn settle(findings: &mut [Finding], by_git: impl Fn(&Finding) -> Option<Verdict>) {
    let mut free: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.by_count && finding.origin == Origin::Ambient) {
        if let Some(verdict) = by_git(finding).filter(|(origin, _)| *origin == Origin::Introduced) {
            (finding.origin, finding.origin_evidence) = verdict;
            *free.entry(alike(finding)).or_default() += 1;
        }
    }
    if free.is_empty() {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| finding.by_count && finding.origin == Origin::Introduced) {
        let Some(left) = free.get_mut(&alike(finding)).filter(|left| **left > 0) else { continue };
        if let Some(verdict) = by_git(finding).filter(|(origin, _)| *origin == Origin::Ambient) {
            (finding.origin, finding.origin_evidence) = verdict;
            *left -= 1;
        }
    }
}

/// What is counted together: the secrets of a file, or what one rule found in it.
fn alike(finding: &Finding) -> (String, String) {
    let path = finding.locations.first().map(|place| place.path.clone()).unwrap_or_default();
    let rule = finding.sources.first().filter(|_| finding.category != Category::Secret);
    (path, rule.map(|source| source.rule.clone()).unwrap_or_default())
}
