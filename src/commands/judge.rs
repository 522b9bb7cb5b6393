//! The pure core of `gate`: from everything read to the brief. Same inputs, same brief.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::appetite::{AgreementState, Appetite, Baseline};
use crate::model::assessment::Assessment;
use crate::model::brief::{Brief, NextStep, ReportSummary};
use crate::model::change::Change;
use crate::model::finding::Inventory;
use crate::model::intel::Intel;
use crate::model::option::Plan;
use crate::model::origin::Origin;
use crate::model::report::Report;
use crate::model::rules::RuleSet;
use crate::model::verdict::Verdict;
use crate::plan::Request;
use crate::{assess, correlate, intel, plan};

/// Everything that was read.
pub(super) struct Inputs {
    /// Reports about the change.
    pub reports: Vec<Report>,
    /// Reports about the state before the change, if given.
    pub base_reports: Option<Vec<Report>>,
    /// The change under test.
    pub change: Change,
    /// What it is judged against.
    pub appetite: Appetite,
    /// Tables, treatments and assumptions.
    pub rules: RuleSet,
    /// Feeds.
    pub intel: Intel,
    /// The moment of judgement.
    pub now: Timestamp,
    /// What the reader should know about how the appetite was found.
    pub notices: Vec<String>,
    /// What is asked of the plan besides.
    pub request: Request,
}

/// Correlates, assesses and plans.
pub(super) fn judge(inputs: Inputs) -> Brief {
    let Inputs { reports, base_reports, change, appetite, rules, intel, now, mut notices, request } = inputs;
    let reports = correlate::heed(reports);
    let base_reports = base_reports.map(correlate::heed);
    let mut inventory = correlate::correlate(&reports, base_reports.as_deref(), &change);
    if let Some(baseline) = appetite.baseline.as_ref() {
        if base_reports.is_none() {
            correlate::recognise(&mut inventory, baseline);
        }
        notices.extend(overdue(&inventory, baseline, now));
    }
    notices.extend(inventory.remarks.iter().cloned());
    let knowledge: Vec<_> = inventory.findings.iter().map(|finding| intel::know(finding, &intel)).collect();
    let assessment = assess::assess(&assess::Evidence {
        reports: &reports,
        inventory: &inventory,
        knowledge: &knowledge,
        change: &change,
        appetite: &appetite,
        rules: &rules,
        now,
    });
    let plan = plan::plan(&assessment, &appetite, &rules, &change.paths, &request);
    let next = next_steps(&assessment, &plan, &appetite);
    Brief {
        reports: reports.iter().map(summary).collect(),
        appetite,
        change,
        intel: intel.summary(),
        assessment,
        plan,
        standing: None,
        notices,
        next,
    }
}

/// What of the agreed baseline is open past its day.
fn overdue(inventory: &Inventory, baseline: &Baseline, now: Timestamp) -> Option<String> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let open = inventory.findings.iter().filter(|finding| finding.origin != Origin::Resolved);
    let late = open.filter_map(|finding| baseline.commitment(&finding.id)).filter(|promise| promise.due < today);
    let days: Vec<_> = late.map(|promise| promise.due).collect();
    let first = days.iter().min()?;
    Some(format!(
        "{} of the agreed baseline {} open past the agreed day (the first since {first}): settle it with whoever promised it.",
        if days.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", days.len()) },
        if days.len() == 1 { "is" } else { "are" },
    ))
}

fn summary(report: &Report) -> ReportSummary {
    ReportSummary {
        path: report.path.clone(),
        format: report.format.clone(),
        tool: report.scan.tool.clone(),
        tool_version: report.scan.tool_version.clone(),
        sha256: report.sha256,
        findings: report.observations.len() as u64,
        suppressed: report.suppressed.len() as u64,
        unread: report.unread,
        problems: report.problems.clone(),
    }
}

/// What to do next, most useful first.
fn next_steps(assessment: &Assessment, plan: &Plan, appetite: &Appetite) -> Vec<NextStep> {
    let mut next = Vec::new();
    match assessment.verdict {
        Verdict::Unresolved => next.extend(assessment.unresolved_because.iter().map(|why| say(why.clone()))),
        Verdict::WithinAppetite => {}
        Verdict::WithinTolerance | Verdict::BeyondTolerance => {
            let title = |id: &String| plan.work.iter().find(|item| item.id == *id).map(|item| item.title.clone());
            let common: Vec<String> = plan.common.iter().filter_map(title).collect();
            if !common.is_empty() {
                next.push(say(format!("Do this whatever is chosen: {}.", common.join("; "))));
            }
            if let Some(recommended) = plan.recommended {
                next.push(say(format!("Choose an option; {} is recommended.", recommended.as_str())));
            }
        }
    }
    if appetite.agreement.state != AgreementState::Agreed {
        next.push(say(format!("Agree the appetite: {}", appetite.agreement.remark)));
    }
    next
}

const fn say(say: String) -> NextStep {
    NextStep { say, command: None }
}
