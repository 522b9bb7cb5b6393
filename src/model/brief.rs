//! The brief: everything one run has to say, ready to be rendered.

use jiff::Timestamp;

use super::appetite::{Appetite, OptionName};
use super::assessment::{AssessedFinding, Assessment, RowResult};
use super::change::Change;
use super::digest::Digest;
use super::option::{Plan, PlanOption};
use super::origin::Origin;
use super::report::Problem;
use super::standing::{DecisionState, Standing};
use super::verdict::Verdict;
use super::work::WorkItem;

/// Everything one run of `gate` has to say. Renderers show it; none of them computes.
#[derive(Debug, Clone)]
pub struct Brief {
    /// What was read.
    pub reports: Vec<ReportSummary>,
    /// What it was judged against.
    pub appetite: Appetite,
    /// The change under test.
    pub change: Change,
    /// Feeds that were used, in words ("KEV 2026.08.15, 1,612 entries"), and which were not given.
    pub intel: Vec<String>,
    /// The judgement.
    pub assessment: Assessment,
    /// The options.
    pub plan: Plan,
    /// What was decided about the change; `None` if nothing was, or no ledger is known.
    pub standing: Option<Standing>,
    /// When the agreed default takes effect if nobody chooses, counted from the first recorded verdict on these findings;
    /// `None` if none is recorded yet, or no default is agreed.
    pub default_at: Option<Timestamp>,
    /// What the reader should know about how the appetite was found and read, one sentence each.
    pub notices: Vec<String>,
    /// What to do next, most useful first.
    pub next: Vec<NextStep>,
}

/// One thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// What to do and what it is good for, one sentence.
    pub say: String,
    /// The command that does it, ready to be copied; `None` if it is not done by a command.
    pub command: Option<String>,
}

/// One report, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSummary {
    /// Path as given.
    pub path: String,
    /// Id of the format, `None` if not recognised.
    pub format: Option<String>,
    /// Name of the tool.
    pub tool: String,
    /// Version of the tool, empty if not given.
    pub tool_version: String,
    /// Digest of the file's bytes.
    pub sha256: Digest,
    /// Observations that the scanner holds to be open.
    pub findings: u64,
    /// Observations that someone told the scanner not to count.
    pub suppressed: u64,
    /// Records that were not understood.
    pub unread: u64,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Brief {
    /// The finding of that id; they are ordered by it.
    pub fn finding(&self, id: &str) -> Option<&AssessedFinding> {
        let findings = &self.assessment.findings;
        let place = findings.binary_search_by(|assessed| assessed.finding.id.as_str().cmp(id)).ok()?;
        findings.get(place)
    }

    /// Findings that are there after the change: all but the resolved ones.
    pub fn open_findings(&self) -> impl Iterator<Item = &AssessedFinding> + Clone {
        self.assessment.findings.iter().filter(|assessed| assessed.finding.origin != Origin::Resolved)
    }

    /// How many findings have that origin.
    pub fn count(&self, origin: Origin) -> usize {
        self.assessment.findings.iter().filter(|assessed| assessed.finding.origin == origin).count()
    }

    /// Rows that are treated before the change ships, whatever was chosen, and are not yet: by id.
    pub fn held(&self) -> Vec<&str> {
        let open = |row: &&RowResult| row.before_ship && row.state == Verdict::BeyondTolerance;
        self.assessment.rows.iter().filter(open).map(|row| row.id.as_str()).collect()
    }

    /// Whether somebody who may has chosen, so that there is nothing left to choose.
    pub fn is_decided(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.state.proceeds())
    }

    /// Whether the change ships by what was decided: what both leaders marked themselves comes first, and only a revert or
    /// hotfix goes before it.
    pub fn ships(&self) -> bool {
        let hotfix = self.standing.as_ref().is_some_and(|standing| standing.state == DecisionState::Hotfix);
        hotfix || self.is_decided() && self.held().is_empty()
    }

    /// Whether somebody has still to complete the evidence, or to choose under an agreement that binds. Within tolerance the
    /// agreement says who may choose too; without an option there is nothing to choose.
    pub fn needs_decision(&self) -> bool {
        match self.assessment.verdict {
            Verdict::WithinAppetite => false,
            Verdict::WithinTolerance | Verdict::BeyondTolerance if self.ships() => false,
            Verdict::Unresolved => true,
            _ if !self.appetite.binds() => false,
            Verdict::WithinTolerance => !self.plan.options.is_empty(),
            Verdict::BeyondTolerance => true,
        }
    }

    /// The work item of that id; they are ordered by it.
    pub fn work(&self, id: &str) -> Option<&WorkItem> {
        let place = self.plan.work.binary_search_by(|item| item.id.as_str().cmp(id)).ok()?;
        self.plan.work.get(place)
    }

    /// What to do first, as every option does it before ship; `None` if they have nothing of that in common.
    pub fn first(&self) -> Option<NextStep> {
        let steps = &self.plan.options.first()?.steps;
        let common = steps.iter().filter(|step| self.plan.common.contains(&step.work));
        let titles: Vec<&str> = common
            .filter_map(|step| {
                let item = self.work(&step.work)?;
                let treatment = item.treatments.iter().find(|treatment| treatment.id == step.treatment);
                Some(treatment.map_or(item.title.as_str(), |treatment| &treatment.title))
            })
            .collect();
        let say = format!("Do this whatever is chosen: {}.", titles.join("; "));
        (!titles.is_empty()).then_some(NextStep { say, command: None })
    }

    /// The option of that name, or the one with which that name fell together.
    pub fn option(&self, name: OptionName) -> Option<&PlanOption> {
        let offered = |name: OptionName| self.plan.options.iter().find(|option| option.name == name);
        offered(name).or_else(|| {
            let merged = self.plan.merged.iter().find(|merged| merged.names.contains(&name))?;
            merged.names.iter().find_map(|&other| offered(other))
        })
    }
}
