//! The pure core of `gate`: from everything read to the brief. Same inputs, same brief.

mod waived;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::decision::terms;
use crate::follow::agreements::Agreements;
use crate::follow::commitments::{self, Commitment, Light, State};
use crate::follow::decide::{self, Case};
use crate::follow::{budget, calibration, unrecorded, waivers};
use crate::model::appetite::{AgreementState, Appetite, Baseline};
use crate::model::brief::{Brief, NextStep, ReportSummary};
use crate::model::change::Change;
use crate::model::figure;
use crate::model::finding::Inventory;
use crate::model::intel::Intel;
use crate::model::ledger::{Assessed, Entry, History, Person, findings_digest};
use crate::model::origin::Origin;
use crate::model::report::Report;
use crate::model::rules::RuleSet;
use crate::model::standing::{DecisionState, Standing};
use crate::model::verdict::Verdict;
use crate::plan::{Request, Withheld};
use crate::{assess, correlate, intel, many, plan};

/// How many reports a sentence names.
const MOST_NAMED: usize = 3;

/// Everything that was read.
pub(super) struct Inputs {
    /// Reports about the change.
    pub reports: Vec<Report>,
    /// Paths of those that the change itself brings.
    pub brought: BTreeSet<String>,
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
    /// Agreements of before that it knows, with when it first saw each.
    pub agreements: Vec<(Timestamp, Appetite)>,
    /// What the ledger knows, if there is one.
    pub history: Option<History>,
    /// Who wrote the change.
    pub authors: Vec<Person>,
    /// What the reader should know about how the appetite was found.
    pub notices: Vec<String>,
    /// What is asked of the plan besides.
    pub request: Request,
}

/// Correlates, assesses and plans.
pub(super) fn judge(inputs: Inputs) -> Brief {
    let Inputs {
        reports,
        brought,
        base_reports,
        mut change,
        agreements,
        appetite,
        rules,
        intel,
        now,
        history,
        authors,
        mut notices,
        mut request,
    } = inputs;
    notices.append(&mut change.remarks);
    notices.extend(brings(&brought));
    let mut reports = correlate::heed_apart(reports, &brought);
    let base_reports = base_reports.map(correlate::heed);
    let has_base = base_reports.is_some();
    let mut inventory = correlate::correlate(&reports, base_reports, &change);
    let stated = correlate::reopen(&mut inventory);
    let summaries = reports.iter().map(summary).collect();
    // Whatever matters of the observations is in the inventory now; a million of them take room.
    reports.iter_mut().for_each(|report| drop(report.take_observations()));
    let recorded = history.as_ref().and_then(|history| history.baselines.last()).map(|entry| &entry.record);
    if let Some(recorded) = recorded {
        correlate::judge_by_baseline(&mut inventory, recorded);
    }
    if let Some(baseline) = appetite.baseline.as_ref() {
        correlate::recognise(&mut inventory, baseline, has_base);
        notices.extend(overdue(&inventory, baseline, now));
    }
    correlate::judge_arrivals(&mut inventory, recorded, &change);
    notices.extend(correlate::close_again(&mut inventory, &stated));
    notices.extend(inventory.remarks.iter().cloned());
    let knowledge = many::map(inventory.findings.iter().collect(), |finding| intel::know(finding, &intel));
    let standing = match &history {
        Some(history) if appetite.binds() => {
            let agreements = Agreements::new(Some(&appetite), &agreements);
            waivers::standing(&history.waivers, &history.deciding, agreements, now)
        }
        _ => Vec::new(),
    };
    let brought = inventory.findings.iter().filter(|finding| finding.origin.counts_as_introduced());
    let brought: BTreeSet<&str> = brought.map(|finding| finding.id.as_str()).collect();
    let accepted: BTreeMap<_, _> = waivers::acceptances(&standing, &change.name, &brought, &authors);
    let known_since: BTreeMap<String, Timestamp> = recorded
        .map(|baseline| baseline.findings.iter().map(|finding| (finding.id.clone(), finding.since)).collect())
        .unwrap_or_default();
    let evidence = assess::Evidence {
        reports: &reports,
        change: &change,
        appetite: &appetite,
        rules: &rules,
        accepted: &accepted,
        known_since: &known_since,
        now,
    };
    let assessment = assess::assess(&evidence, inventory, knowledge);
    // Exceptions behind which a waiver stands are no longer ones that nobody signed.
    for (path, file) in &mut change.files {
        file.exceptions.retain(|line| !unrecorded::signs(&standing, path, &line.tool, &line.text));
    }
    notices.extend(waived::said(&standing, &accepted, &assessment, recorded));
    let mut promised = Vec::new();
    if let Some(history) = &history {
        let light = |decisions| Light { agreements: Agreements::new(Some(&appetite), &agreements), decisions, now };
        promised = commitments::commitments(&history.commitments, &light(&history.deciding));
        request.withheld = withheld(&appetite, &promised);
        request.budget = budget::budget(appetite.budget, recorded, now);
        if request.closures.is_empty() {
            let worked = commitments::commitments(&history.worked, &light(&BTreeMap::new()));
            request.closures = calibration::closures(&worked);
            if !request.closures.is_empty() {
                let closed = figure::count(request.closures.len(), "closed commitment");
                notices.push(format!("Efforts are calibrated on {closed} of the ledger with reported hours."));
            }
        }
    }
    let plan = plan::plan(&assessment, &appetite, &rules, &change.paths, &request);
    let mut brief = Brief {
        reports: summaries,
        appetite,
        change,
        intel: intel.summary(),
        assessment,
        plan,
        standing: None,
        default_at: None,
        notices,
        next: Vec::new(),
    };
    if let Some(history) = &history {
        brief.default_at = default_at(&brief, history);
        brief.standing = stand(&brief, history, authors);
        brief.notices.extend(follow_up(&brief, history, &promised));
    }
    brief.next = next_steps(&brief);
    brief
}

/// Which reports are no result of this run, for all that is known.
fn brings(brought: &BTreeSet<String>) -> Option<String> {
    let (report, it) = match brought.len() {
        0 => return None,
        1 => ("the report", "it"),
        _ => ("the reports", "them"),
    };
    let mut names: Vec<&str> = brought.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = format!("{} more", brought.len().saturating_sub(MOST_NAMED));
    names.extend((brought.len() > MOST_NAMED).then_some(more.as_str()));
    Some(format!(
        "This change brings {report} {} itself: no scan of this run wrote {it}. Have the pipeline write {it}, and keep {it} \
         out of the repository.",
        names.join(", ")
    ))
}

/// When the agreed default takes effect: its working hours after the first recorded verdict on what is decided about now.
fn default_at(brief: &Brief, history: &History) -> Option<Timestamp> {
    let appetite = &brief.appetite;
    let default = appetite.authority.default.as_ref().filter(|_| appetite.binds())?;
    // What is not offered, nobody can choose, and it takes no effect by itself.
    brief.option(default.option)?;
    let digest = findings_digest(&terms::to_decide(brief));
    let sha256 = appetite.sha256.to_string();
    let same = |judged: &&Entry<Assessed>| {
        (&judged.record.findings_digest, &judged.record.appetite) == (&digest, &sha256)
            && judged.record.at <= brief.assessment.now
    };
    let first = history.assessments.iter().filter(same).map(|entry| entry.record.at).min()?;
    plan::after_working_hours(&appetite.delivery, first, default.after_hours)
}

/// How the change stands by what was decided. An appetite that is not agreed gives nobody the right to decide.
fn stand(brief: &Brief, history: &History, authors: Vec<Person>) -> Option<Standing> {
    let appetite = &brief.appetite;
    if !appetite.binds() {
        return None;
    }
    let case = Case {
        change: &brief.change.name,
        head: brief.change.head.as_deref().unwrap_or_default(),
        verdict: brief.assessment.verdict,
        findings: terms::to_decide(brief),
        authors,
        appetite,
        default_at: brief.default_at,
        now: brief.assessment.now,
    };
    decide::stand(&case, history)
}

/// The option that both leaders agreed not to offer while a commitment is overdue, if one is.
fn withheld(appetite: &Appetite, all: &[Commitment]) -> Option<Withheld> {
    let option = appetite.authority.withheld_if_overdue.filter(|_| appetite.binds())?;
    let overdue: Vec<&Commitment> = all.iter().filter(|commitment| commitment.state == State::Overdue).collect();
    let first = overdue.first()?;
    let since = first.due.strftime("%Y-%m-%d");
    let because = match overdue.len() {
        1 => format!("the commitment {} is overdue since {since}", first.id),
        many => format!("{many} commitments are overdue, the first ({}) since {since}", first.id),
    };
    Some(Withheld { option, because })
}

/// What the ledger knows besides: commitments of earlier changes that are overdue, the budget.
fn follow_up(brief: &Brief, history: &History, promised: &[Commitment]) -> Vec<String> {
    let now = brief.assessment.now;
    let mut out = Vec::new();
    let overdue: Vec<_> = promised.iter().filter(|commitment| commitment.state == State::Overdue).collect();
    if let Some(first) = overdue.first() {
        let more = if overdue.len() == 1 { String::new() } else { format!("; {} more are overdue", overdue.len() - 1) };
        out.push(format!(
            "A commitment is overdue since {}: {} ({}, {}). It goes to {}{more}.",
            first.due.strftime("%Y-%m-%d"),
            first.promise.title,
            first.id,
            first.change,
            decide::roles_in_words(&first.escalated_to)
        ));
    }
    let latest = history.baselines.last().map(|entry| &entry.record);
    if let Some(budget) = budget::budget(brief.appetite.budget, latest, now) {
        out.push(format!(
            "Exposure budget of {}: {} of {} points spent since {}, {} by the end of the quarter if nothing changes.",
            budget.quarter,
            budget.spent.round(),
            budget.agreed.round(),
            budget.since.strftime("%Y-%m-%d"),
            budget.forecast.round()
        ));
    }
    out
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
        figure::count(days.len(), "finding"),
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
pub(super) fn next_steps(brief: &Brief) -> Vec<NextStep> {
    let (assessment, plan, appetite) = (&brief.assessment, &brief.plan, &brief.appetite);
    let mut next = Vec::new();
    match assessment.verdict {
        Verdict::Unresolved => next.extend(assessment.unresolved_because.iter().map(|why| say(why.clone()))),
        Verdict::WithinAppetite => {}
        Verdict::WithinTolerance | Verdict::BeyondTolerance => {
            let standing = brief.standing.as_ref();
            next.extend(brief.first().filter(|_| !brief.is_decided()));
            if let Some(standing) = standing.filter(|standing| standing.state.proceeds()) {
                next.push(say(match standing.state {
                    DecisionState::Hotfix => "Proceed, and keep the promise of the lane.".to_owned(),
                    _ if !brief.held().is_empty() => {
                        let option = standing.option.as_str();
                        format!("Treat what comes before ship, then proceed with {option}, as decided.")
                    }
                    _ => format!("Proceed with {}, as decided.", standing.option.as_str()),
                }));
            } else if let Some(standing) =
                standing.filter(|standing| standing.state == DecisionState::Incomplete && !standing.missing.is_empty())
            {
                let who = decide::roles_in_words(&standing.missing);
                next.push(say(format!("Ask {who} to approve {}.", standing.option.title())));
            } else if let Some(recommended) = plan.recommended.filter(|_| appetite.binds()) {
                next.push(say(format!("Choose an option; {} is recommended.", recommended.title())));
            }
        }
    }
    if appetite.agreement.state != AgreementState::Agreed {
        let what = match appetite.agreement.state {
            AgreementState::Unverified => "Let the gate see whether the appetite is agreed",
            _ => "Agree the appetite",
        };
        next.push(say(format!("{what}: {}", appetite.agreement.remark)));
        // Until then it gives nobody the right to decide: a choice would be refused.
        if let Some(recommended) = plan.recommended.filter(|_| assessment.verdict.is_decided_about()) {
            let recommended = recommended.title();
            next.push(say(format!("Then judge the change again, and choose an option; {recommended} is recommended.")));
        }
    }
    next
}

const fn say(say: String) -> NextStep {
    NextStep { say, command: None }
}
