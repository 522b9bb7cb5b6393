//! Whether a finding comes with the change: introduced, ambient, resolved, or not known.
//!
//! The base reports decide first: they are a scan of the state before. What they cannot decide, because they hold no
//! scan of that kind by that tool, git decides from what the change touches. Without either the origin is unknown, and
//! the reason is said.

mod base;
mod container;
mod dependency;
mod git;
#[cfg(test)]
mod tests;

use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::origin::Origin;
use crate::model::report::Report;

use super::Problem;
use base::Base;
use git::Git;

/// The state before the change, as scanned.
#[derive(Debug)]
pub struct Before<'a> {
    /// The base reports.
    pub reports: &'a [Report],
    /// Their problems.
    pub problems: Vec<Problem<'a>>,
}

/// What judging the origin brings up besides the origins themselves.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings that were there before and no longer are.
    pub resolved: Vec<Finding>,
    /// What could not be concluded.
    pub remarks: Vec<String>,
}

/// An origin, and how it was judged.
type Verdict = (Origin, String);

/// Judges the origin of every problem, and finds those that the change resolves.
pub fn judge(now: &mut [Problem<'_>], reports: &[Report], before: Option<Before<'_>>, change: &Change) -> Judged {
    let git = Git::of(change);
    let base = before.as_ref().map(|before| Base::of(before, now));
    for problem in now.iter_mut() {
        let by_base = base.as_ref().and_then(|base| base.judge(problem));
        (problem.finding.origin, problem.finding.origin_evidence) =
            by_base.unwrap_or_else(|| git.judge(&problem.finding));
    }
    before.zip(base).map(|(before, base)| base.resolved(before, now, reports)).unwrap_or_default()
}
