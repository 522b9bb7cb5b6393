//! Whether a finding comes with the change: introduced, ambient, resolved, or not known.
//!
//! The base reports decide first: they are a scan of the state before. What they cannot decide, because they hold no
//! scan of that kind by that tool, git decides from what the change touches. Without either the origin is unknown, and
//! the reason is said.

mod base;
mod container;
mod dependency;
mod git;
mod submodule;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::change::Change;
use crate::model::finding::{Finding, Inventory};
use crate::model::ledger::Baseline;
use crate::model::origin::Origin;
use crate::model::report::Report;

use super::identity;
use super::problem::Problem;
use base::{Base, Gone};
use git::Git;
pub use verdict::Verdict;

pub use base::Before;
use dependency::folder;

/// A problem of which the change says something else than the base reports.
pub struct Doubt {
    /// What its equals have in common.
    alike: String,
    /// What the change says.
    evidence: String,
}

/// Lets problems that are equal change places, so that those which the change touches are the new ones. There are as many
/// new ones afterwards as before.
pub fn settle<'f>(doubted: impl Iterator<Item = (&'f mut Finding, Doubt)>) {
    let mut equals: BTreeMap<String, Vec<(&'f mut Finding, String)>> = BTreeMap::new();
    for (finding, Doubt { alike, evidence }) in doubted {
        equals.entry(alike).or_default().push((finding, evidence));
    }
    for equal in equals.into_values() {
        let (touched, untouched): (Vec<_>, Vec<_>) =
            equal.into_iter().partition(|(finding, _)| finding.origin == Origin::Ambient);
        for ((new, evidence), (old, _)) in touched.into_iter().zip(untouched) {
            std::mem::swap(&mut new.origin, &mut old.origin);
            old.origin_evidence = std::mem::replace(
                &mut new.origin_evidence,
                format!("{evidence}, and the base report has fewer of the kind"),
            );
        }
    }
}

/// Who tells where problems come from.
pub struct Judge<'c> {
    base: Option<Base>,
    git: Git<'c>,
}

impl<'c> Judge<'c> {
    /// Learns what was there before, and what the change touches.
    pub fn of(now: &[Problem<'_>], before: Option<&Before<'_>>, change: &'c Change) -> Self {
        let git = Git::of(change);
        Self { base: before.map(|before| Base::of(before, now, git.may_bring())), git }
    }

    /// Tells the origin of a problem, and whether base reports do.
    pub fn tell(&self, problem: &Problem<'_>, finding: &mut Finding) {
        let by_base = self.base.as_ref().and_then(|base| Some((base, base.judge(problem)?)));
        finding.by_base_report = by_base.is_some();
        (finding.origin, finding.origin_evidence) = match by_base {
            Some((base, verdict)) => self.unless_arrived(base, verdict, problem, finding),
            None => self.git.judge(finding),
        };
    }

    /// What base reports tell, unless the change brings the problem to a place where they do not have it.
    fn unless_arrived(&self, base: &Base, verdict: Verdict, problem: &Problem<'_>, finding: &Finding) -> Verdict {
        let ambient = verdict.0 == Origin::Ambient;
        let arrived = ambient.then(|| self.git.arrival(finding, &|folder| base.was_in(problem, folder))).flatten();
        arrived.map_or(verdict, |evidence| (Origin::Introduced, evidence))
    }

    /// By what a problem that the base reports judged is told from its equals, if the change speaks against them: of equal
    /// rows in one file they tell only how many are new, and the lines tell which.
    pub fn doubted(&self, problem: &Problem<'_>, finding: &Finding) -> Option<Doubt> {
        self.base.as_ref()?;
        let alike = problem.group.alike()?.to_owned();
        let (by_git, evidence) = self.git.judge(finding);
        let opposed = matches!(
            (finding.origin, by_git),
            (Origin::Ambient, Origin::Introduced) | (Origin::Introduced, Origin::Ambient)
        );
        opposed.then_some(Doubt { alike, evidence })
    }

    /// Whether a problem is recognised in the state before by a count only; without base reports, by its id.
    pub fn by_count(&self, problem: &Problem<'_>) -> bool {
        match &self.base {
            Some(base) => base.counts(&problem.group),
            None => identity::rests_on_count(&problem.group.name),
        }
    }

    /// The origin of a finding as git alone tells it.
    pub fn by_git(&self, finding: &Finding) -> Verdict {
        self.git.judge(finding)
    }

    /// What was there before and is gone.
    pub fn gone(&self, before: Option<&Before<'_>>, now: &[Problem<'_>], reports: &[Report]) -> Gone {
        self.base.as_ref().zip(before).map(|(base, before)| base.gone(before, now, reports)).unwrap_or_default()
    }
}

/// Takes for introduced what was known before, but elsewhere: a package that the change brings to a folder in which the
/// baseline of the ledger, if there is one, does not have the problem. Base reports have been asked for their own.
pub fn judge_arrivals(inventory: &mut Inventory, baseline: Option<&Baseline>, change: &Change) {
    let git = Git::of(change);
    if !git.may_bring() {
        return;
    }
    let before = baseline.into_iter().flat_map(|baseline| &baseline.findings);
    let before: BTreeSet<(&str, &str, &str)> = before
        .flat_map(|finding| {
            finding.saw.iter().map(|(tool, rule)| (tool.as_str(), rule.as_str(), folder(&finding.path)))
        })
        .collect();
    let ambient = |finding: &&mut Finding| finding.origin == Origin::Ambient && !finding.by_base_report;
    for finding in inventory.findings.iter_mut().filter(ambient) {
        let was_in = |folder: &str| {
            finding.sources.iter().any(|source| before.contains(&(source.tool.as_str(), source.rule.as_str(), folder)))
        };
        if let Some(evidence) = git.arrival(finding, &was_in) {
            (finding.origin, finding.origin_evidence) = (Origin::Introduced, evidence);
        }
    }
}
