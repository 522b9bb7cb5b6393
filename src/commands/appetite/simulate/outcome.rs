//! What one draft would have meant for each run, and in sum.
//!
//! A run that would have asked is counted with its recommended option: the delay and exposure of what the draft itself
//! recommends. A run that would not have asked ships at once with everything open, and has that exposure. So the sums
//! of two drafts compare the same findings over the same horizon.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::assessment::{AssessedFinding, Assessment};
use crate::model::change::Change;
use crate::model::intel::Intel;
use crate::model::origin::Origin;
use crate::model::verdict::Verdict;
use crate::{assess, intel, plan};

use super::drafts::Draft;
use super::runs::Run;

/// One draft over all runs.
pub(super) struct Outcome {
    /// Name of the draft.
    pub draft: String,
    /// Run by run, in their order.
    pub runs: Vec<RunOutcome>,
    /// Row by row, in the file's order.
    pub rows: Vec<RowOutcome>,
}

/// One draft on one run.
pub(super) struct RunOutcome {
    pub verdict: Verdict,
    /// Whether somebody would have been asked to choose.
    pub asked: bool,
    /// Whether the release would have been held.
    pub held: bool,
    /// Working days of delay of the recommended option, 0 if nobody is asked.
    pub delay: u32,
    /// Exposure within the horizon, in points.
    pub exposure: f64,
    /// Findings known to be exploited that came with the change and that no row would have remarked upon.
    pub missed: Vec<String>,
    /// Findings whose time limit the recommended plan, or shipping at once, would have let pass.
    pub due_within: usize,
}

/// How often a row mattered.
pub(super) struct RowOutcome {
    pub id: String,
    /// Runs in which it stood at amber, and at red.
    pub amber: usize,
    pub red: usize,
    /// Runs in which it held the release.
    pub held: usize,
    /// Runs in which no other row stood as badly: without it the verdict would have been another.
    pub alone: usize,
}

/// Replays `runs` under `draft`.
pub(super) fn of(draft: &Draft, runs: &[Run]) -> Outcome {
    let mut rows: BTreeMap<String, RowOutcome> = BTreeMap::new();
    let mut outcomes = Vec::new();
    for run in runs {
        let assessment = judge(draft, run);
        for (id, seen) in rows_of(&assessment) {
            let row = rows.entry(id.clone()).or_insert(RowOutcome { id, amber: 0, red: 0, held: 0, alone: 0 });
            row.amber += seen.amber;
            row.red += seen.red;
            row.held += seen.held;
            row.alone += seen.alone;
        }
        outcomes.push(outcome(draft, &assessment));
    }
    let in_order = draft.appetite.tolerance.iter().filter_map(|row| rows.remove(&row.id)).collect();
    Outcome { draft: draft.name.clone(), runs: outcomes, rows: in_order }
}

fn judge(draft: &Draft, run: &Run) -> Assessment {
    // What is known of a finding is what was known in that run.
    let none = Intel::default();
    let knowledge: Vec<_> = run.inventory.findings.iter().map(|finding| intel::know(finding, &none)).collect();
    let evidence = assess::Evidence {
        reports: &run.reports,
        change: &Change::default(),
        appetite: &draft.appetite,
        rules: &draft.rules,
        // What was accepted was so under the agreement of that time.
        accepted: &BTreeMap::new(),
        known_since: &BTreeMap::new(),
        now: run.now,
    };
    assess::assess(&evidence, run.inventory.clone(), knowledge)
}

fn outcome(draft: &Draft, assessment: &Assessment) -> RunOutcome {
    let plan = plan::plan(assessment, &draft.appetite, &draft.rules, &BTreeSet::new(), &plan::Request::default());
    let recommended = plan.recommended.or_else(|| plan.options.first().map(|option| option.name));
    let chosen = recommended.and_then(|name| plan.options.iter().find(|option| option.name == name));
    let at_once: f64 = assessment
        .findings
        .iter()
        .filter(|assessed| assessed.finding.origin != Origin::Resolved)
        .map(|assessed| assessed.rate.points_per_day.likely * plan.planning.horizon_days)
        .sum();
    let remarked: BTreeSet<&String> = assessment
        .rows
        .iter()
        .filter(|row| matches!(row.state, Verdict::WithinTolerance | Verdict::BeyondTolerance))
        .flat_map(|row| &row.findings)
        .collect();
    let new = |assessed: &&AssessedFinding| assessed.finding.origin.counts_as_introduced();
    let exploited = |assessed: &&AssessedFinding| assessed.knowledge.kev.as_ref().is_some_and(|kev| kev.listed);
    let missed = assessment.findings.iter().filter(new).filter(exploited).map(|assessed| &assessed.finding.id);
    let horizon_end = assessment.now + std::time::Duration::from_secs_f64(plan.planning.horizon_days * 86_400.0);
    RunOutcome {
        verdict: assessment.verdict,
        asked: !plan.options.is_empty(),
        held: assessment.rows.iter().any(|row| row.before_ship && row.state == Verdict::BeyondTolerance),
        delay: chosen.map_or(0, |option| option.ships.delay_working_days),
        exposure: chosen.map_or(at_once, |option| option.exposure),
        missed: missed.filter(|id| !remarked.contains(id)).cloned().collect(),
        due_within: assessment
            .findings
            .iter()
            .filter(|assessed| assessed.finding.origin != Origin::Resolved)
            .filter(|assessed| assessed.due.as_ref().is_some_and(|due| due.at <= horizon_end))
            .count(),
    }
}

/// How each row stands in one run.
fn rows_of(assessment: &Assessment) -> Vec<(String, RowOutcome)> {
    let worst = assessment.rows.iter().map(|row| row.state).max().unwrap_or(Verdict::WithinAppetite);
    let at_worst = assessment.rows.iter().filter(|row| row.state == worst).count();
    let rows = assessment.rows.iter().map(|row| {
        let (amber, red) = (row.state == Verdict::WithinTolerance, row.state == Verdict::BeyondTolerance);
        let seen = RowOutcome {
            id: row.id.clone(),
            amber: usize::from(amber),
            red: usize::from(red),
            held: usize::from(red && row.before_ship),
            alone: usize::from((amber || red) && row.state == worst && at_worst == 1),
        };
        (row.id.clone(), seen)
    });
    rows.collect()
}
