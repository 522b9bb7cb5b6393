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
mod verdict;

use crate::model::change::Change;
use crate::model::report::Report;

use super::problem::Problem;
use base::{Base, Judged};
use git::Git;

pub use base::Before;

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
