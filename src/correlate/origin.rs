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

use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::report::Report;

use super::problem::Problem;
use base::{Base, Gone};
use git::Git;
use verdict::Verdict;

pub use base::Before;

/// Who tells where problems come from.
pub struct Judge<'c> {
    base: Option<Base>,
    git: Git<'c>,
}

impl<'c> Judge<'c> {
    /// Learns what was there before, and what the change touches.
    pub fn of(now: &[Problem<'_>], before: Option<&Before<'_>>, change: &'c Change) -> Self {
        Self { base: before.map(|before| Base::of(before, now)), git: Git::of(change) }
    }

    /// The origin of a problem, of which `finding` is known.
    pub fn origin(&self, problem: &Problem<'_>, finding: &Finding) -> Verdict {
        self.base.as_ref().and_then(|base| base.judge(problem)).unwrap_or_else(|| self.git.judge(finding))
    }

    /// What was there before and is gone.
    pub fn gone(&self, before: Option<&Before<'_>>, now: &[Problem<'_>], reports: &[Report]) -> Gone {
        self.base.as_ref().zip(before).map(|(base, before)| base.gone(before, now, reports)).unwrap_or_default()
    }
}
