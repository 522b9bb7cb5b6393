//! Evidence: which kinds of test ran, how fresh they are, and what could not be read.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::model::appetite::Appetite;
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::clock::is_future;
use crate::model::coverage::{Coverage, CoverageState};
use crate::model::figure;
use crate::model::report::Report;

/// How far a wall clock can be ahead of UTC. Some scanners write what theirs shows, and not in which zone.
const WALL_CLOCK: SignedDuration = SignedDuration::from_hours(14);

/// The evidence for every kind of test that is required or was seen, in the order of the categories.
pub(super) fn judge(reports: &[Report], appetite: &Appetite, change: &Change, now: Timestamp) -> Vec<Coverage> {
    let required: BTreeSet<Category> = appetite.coverage.require.iter().copied().collect();
    let seen = reports.iter().flat_map(|report| &report.scan.kinds).copied();
    let kinds: BTreeSet<Category> = required.iter().copied().chain(seen).collect();
    kinds
        .into_iter()
        .map(|kind| {
            let of_kind: Vec<&Report> = reports.iter().filter(|report| report.scan.kinds.contains(&kind)).collect();
            let (state, remark) = state(kind, &of_kind, appetite, change, now);
            Coverage {
                kind,
                required: required.contains(&kind),
                state,
                reports: of_kind.iter().map(|report| report.path.clone()).collect(),
                remark,
            }
        })
        .collect()
}

/// The worst that any report of a kind says about it.
fn state(
    kind: Category,
    reports: &[&Report],
    appetite: &Appetite,
    change: &Change,
    now: Timestamp,
) -> (CoverageState, String) {
    if reports.is_empty() {
        let what = format!(
            "No report of kind {kind} was given, and the agreement requires one: run {} and pass its report.",
            example(kind)
        );
        return (CoverageState::Missing, what);
    }
    for report in reports {
        if let Some(problem) = report.problems.iter().find(|problem| problem.evidence_missing) {
            return (CoverageState::Failed, format!("{}: {}", report.path, problem.message));
        }
    }
    for report in reports {
        if let Some(why) = foreign(report, change).or_else(|| outdated(report, appetite.coverage.max_age, now)) {
            return (CoverageState::Stale, format!("{}: {why}", report.path));
        }
    }
    (CoverageState::Present, undated(reports, appetite.coverage.max_age).unwrap_or_default())
}

/// That the age of a report is not known, where there is a limit to it. Many tools do not write when they ran: to take their
/// reports for missing would leave teams without a way to do better, and to say nothing would pass them for fresh.
fn undated(reports: &[&Report], max_age: Option<SignedDuration>) -> Option<String> {
    let limit = max_age?;
    let silent: Vec<&str> = reports.iter().filter(|r| r.scan.at.is_none()).map(|r| r.path.as_str()).collect();
    let (first, more) = silent.split_first()?;
    let others = match more.len() {
        0 => "does".to_owned(),
        more => format!("and {more} more do"),
    };
    Some(format!(
        "{first} {others} not say when the scan ran, so that the age of at most {} hours cannot be held against it: \
         make it in this pipeline.",
        limit.as_hours()
    ))
}

/// Why a report is about another state of the code, if it says so.
fn foreign(report: &Report, change: &Change) -> Option<String> {
    let scanned = report.scan.commit.as_deref().filter(|commit| is_commit_id(commit))?;
    let head = change.head.as_deref()?;
    let same = |commit: &str| commit.starts_with(scanned) || scanned.starts_with(commit);
    // A pull request is often tested as a merge of its head into the base; a scan of either side's head that is
    // merged there is a scan of this change.
    if same(head) || change.scanned_as.iter().any(|parent| same(parent)) {
        return None;
    }
    let short = |commit: &str| commit.get(..10).unwrap_or(commit).to_owned();
    Some(format!("it is a scan of commit {}, and the change is at {}: scan this change.", short(scanned), short(head)))
}

fn is_commit_id(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Why a report is too old, if it says when it was made and there is a limit.
fn outdated(report: &Report, max_age: Option<SignedDuration>, now: Timestamp) -> Option<String> {
    let (at, limit) = (report.scan.at?, max_age?);
    if at.checked_sub(WALL_CLOCK).is_ok_and(|at| is_future(at, now)) {
        return Some(format!(
            "the scan is dated {}, after the moment of judgement, so that its age cannot be told: scan again, by a clock \
             that is right.",
            at.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    let age = now.duration_since(at);
    // A person counts a long age in minutes at most.
    let age_in_minutes = if age.as_mins() > 0 { SignedDuration::from_mins(age.as_mins()) } else { age };
    (age > limit).then(|| {
        format!(
            "the scan is {} old, and the agreement takes evidence of at most {}: scan again.",
            figure::time(age_in_minutes),
            figure::time(limit)
        )
    })
}

/// What is wrong with reports that are evidence for nothing, because they could not be understood at all.
pub(super) fn unrecognised(reports: &[Report]) -> impl Iterator<Item = String> {
    reports
        .iter()
        .filter(|report| report.scan.kinds.is_empty())
        .flat_map(|report| report.problems.iter().map(move |problem| (report, problem)))
        .filter(|(_, problem)| problem.evidence_missing)
        .map(|(report, problem)| format!("{}: {}", report.path, problem.message))
}

/// Tools that a reader may know, to say what kind of test is meant.
const fn example(kind: Category) -> &'static str {
    match kind {
        Category::Dependency => "a dependency scan (for example Trivy, Grype, OSV-Scanner, npm audit)",
        Category::Code => "static analysis (for example CodeQL, Semgrep, Bandit, gosec)",
        Category::Secret => "a secret scan (for example Gitleaks, TruffleHog)",
        Category::Configuration => "a configuration scan (for example Checkov, Trivy config, KICS)",
        Category::Runtime => "a dynamic test (for example ZAP, Nuclei)",
        Category::Container => "an image scan (for example Trivy image, Grype)",
        Category::Malware => "a malware scan of the packages",
        Category::Licence => "a licence scan",
    }
}
