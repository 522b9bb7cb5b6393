//! `gate --record`: keeping what a run found. On the default branch that is a baseline, by which commitments are seen
//! to be kept; on a change it is the judgement, from which the time to yes is counted.

mod derived;
pub(super) mod merged;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::SignedDuration;

use crate::change;
use crate::commands::decision::{self, refused, terms};
use crate::commands::error::CommandError;
use crate::commands::governance::Governance;
use crate::commands::ledger_place::known;
use crate::correlate;
use crate::follow::agreements::Agreements;
use crate::follow::closure::{self, Outcome};
use crate::follow::commitments::{self, Commitment, Light};
use crate::follow::{budget, promise};
use crate::ledger::{Ledger, Want};
use crate::model::appetite::OptionName;
use crate::model::brief::Brief;
use crate::model::change::AddedException;
use crate::model::coverage::{Coverage, CoverageState};
use crate::model::figure;
use crate::model::ledger::{
    Assessed, Baseline, BaselineException, BaselineFinding, BaselineScan, BaselineSuppressed, CommitmentEvent, Decider,
    Decision, Entry, Event, History, Promised, Record, SeverityCount, findings_digest, rounded,
};
use crate::model::report::Report;
use crate::model::severity::Severity;
use crate::model::standing::DecisionState;
use crate::model::word::Word;
use crate::render::json::v1;

/// What of a report a baseline keeps.
pub(super) struct Scanned {
    /// Path of the report.
    path: String,
    /// The scan.
    scan: BaselineScan,
    /// Rules that it says it looked for; empty if it does not say.
    rules: BTreeSet<String>,
}

/// What of a run's reports a baseline keeps.
pub(super) fn scans(reports: &[Report]) -> Vec<Scanned> {
    reports.iter().flat_map(scans_of).collect()
}

/// The scans that a report holds: one for each tool.
fn scans_of(report: &Report) -> Vec<Scanned> {
    let seen = report.seen().filter_map(|seen| seen.category);
    let kinds: BTreeSet<_> = report.scan.kinds.iter().copied().chain(seen).collect();
    let complete = report.format.is_some()
        && report.unread == 0
        && !report.problems.iter().any(|problem| problem.evidence_missing);
    let scanned = |tool: &String, version: &String, rules: &BTreeSet<String>| {
        let scan = BaselineScan {
            tool: tool.clone(),
            version: version.clone(),
            kinds: kinds.iter().copied().map(Word).collect(),
            complete,
            dropped: Vec::new(),
        };
        Scanned { path: report.path.clone(), scan, rules: rules.clone() }
    };
    let scan = &report.scan;
    let first = scanned(&scan.tool, &scan.tool_version, &scan.rules);
    std::iter::once(first)
        .chain(scan.others.iter().map(|(tool, other)| scanned(tool, &other.version, &other.rules)))
        .collect()
}

/// The scans of a run. One that is too old, or of another commit, is no evidence that anything is gone; and one that did
/// not look for a rule is none that what this rule found is.
fn counted(scans: &[Scanned], coverage: &[Coverage], promised: &BTreeSet<(&str, &str)>) -> Vec<BaselineScan> {
    let doubtful = |path: &String| {
        let doubt = |kind: &&Coverage| matches!(kind.state, CoverageState::Stale | CoverageState::Failed);
        coverage.iter().filter(doubt).any(|kind| kind.reports.contains(path))
    };
    let dropped = |scanned: &Scanned| -> Vec<String> {
        let of_tool = promised.iter().filter(|(tool, _)| *tool == scanned.scan.tool);
        let unasked = of_tool.filter(|(_, rule)| !scanned.rules.is_empty() && !scanned.rules.contains(*rule));
        unasked.map(|(_, rule)| (*rule).to_owned()).collect()
    };
    let mut scans: Vec<BaselineScan> = scans
        .iter()
        .map(|scanned| BaselineScan {
            complete: scanned.scan.complete && !doubtful(&scanned.path),
            dropped: dropped(scanned),
            ..scanned.scan.clone()
        })
        .collect();
    scans.sort();
    scans.dedup();
    scans
}

/// Where a run's records go, and what it knew when it began.
pub(super) struct Recording<'a> {
    /// The repository.
    pub repository: &'a Path,
    /// Remote to push to.
    pub remote: Option<&'a str>,
    /// What the run was judged against.
    pub governance: &'a Governance,
    /// What was read.
    pub scans: Vec<Scanned>,
}

/// What came of recording a run.
pub(super) struct Kept {
    /// What to tell, one sentence each.
    pub said: Vec<String>,
    /// Why the records are in this clone only, if they are.
    pub not_pushed: Option<CommandError>,
}

/// Records a run on the default branch.
pub(super) fn baseline(run: &Recording<'_>, brief: &Brief, branch: &str) -> Result<Kept, CommandError> {
    let now = brief.assessment.now;
    let ledger = Ledger::open(run.repository).map_err(refused)?;
    let want = Want { branch: branch.to_owned(), promises: true, now, ..Want::default() };
    let mut history = history(&ledger, run.remote, &want)?;
    let known = known(Some(&history), run.governance);
    let agreements = Agreements::new(Some(&brief.appetite), &known);
    let snapshot = ledger.snapshot().map_err(refused)?;
    let (made, mut said) = match &snapshot {
        Some(snapshot) if brief.appetite.binds() => derived::missing(snapshot, &history, agreements, now)?,
        _ => (Vec::new(), Vec::new()),
    };
    for event in &made {
        let entry = Entry { path: Record::Commitment(event.clone()).path(), record: event.clone() };
        history.commitments.entry(event.commitment.clone()).or_default().push(entry);
        if let (Event::Made { change, .. }, Some(snapshot)) = (&event.event, &snapshot) {
            history.deciding.insert(change.clone(), snapshot.decisions(change).map_err(refused)?);
        }
    }
    let before = history.baselines.last().map(|entry| &entry.record);
    let (quarter, start, _) =
        budget::quarter(now).ok_or_else(|| CommandError::usage(format!("{now}: no quarter can be given for it")))?;
    let (spent, spent_since) = budget::spent(before, now, start);
    let commit = brief.change.head.clone().unwrap_or_default();
    let contains = merged::heads(run.repository, snapshot.as_ref(), &history, before, &commit)?;
    let baseline = Baseline {
        branch: branch.to_owned(),
        commit: commit.clone(),
        at: now,
        scans: counted(&run.scans, &brief.assessment.coverage, &rules_of_promises(&history)),
        findings: brief
            .open_findings()
            .map(|assessed| BaselineFinding {
                id: assessed.finding.id.clone(),
                category: Word(assessed.finding.category),
                title: assessed.finding.title.clone(),
                severity: Word(assessed.severity.value),
                path: assessed.finding.locations.first().map(|place| place.path.clone()).unwrap_or_default(),
                package: correlate::package_of(&assessed.finding),
                saw: assessed.finding.sources.iter().map(|source| (source.tool.clone(), source.rule.clone())).collect(),
                rate: rounded(assessed.rate.points_per_day.likely),
                since: before
                    .and_then(|before| before.findings.iter().find(|other| other.id == assessed.finding.id))
                    .map_or(now, |known| known.since.min(now)),
            })
            .collect(),
        suppressed: brief
            .assessment
            .suppressed
            .iter()
            .map(|other| BaselineSuppressed {
                id: other.finding.id.clone(),
                title: other.finding.title.clone(),
                kind: other.kind.clone(),
            })
            .collect(),
        exceptions: exceptions(run.repository, brief, &commit, &history),
        contains,
        quarter,
        spent: rounded(spent),
        spent_since,
    };
    let record = Record::Baseline(baseline.clone());
    let path = record.path();
    let standing =
        commitments::commitments(&history.commitments, &Light { agreements, decisions: &history.deciding, now });
    let (events, followed) = follow_up(&history, &standing, before, &baseline, &path);
    said.extend(followed);
    let mut records = vec![record];
    records.extend(decision::version(run.governance, now));
    records.extend(made.into_iter().chain(events).map(Record::Commitment));
    let not_pushed = write(run, &ledger, &records, &format!("Baseline of {branch} at {commit}"), now)?;
    Ok(Kept { said, not_pushed })
}

/// Tools and rules that saw the findings of open promises.
fn rules_of_promises(history: &History) -> BTreeSet<(&str, &str)> {
    promised(history).flat_map(|finding| &finding.saw).map(|saw| (saw.tool.as_str(), saw.rule.as_str())).collect()
}

/// Findings of open promises.
fn promised(history: &History) -> impl Iterator<Item = &Promised> {
    let made = history.commitments.values().flatten().filter_map(|entry| match &entry.record.event {
        Event::Made { promise, .. } => Some(&promise.findings),
        _ => None,
    });
    made.flatten()
}

/// What scanners are told at this commit; of source files those of promised findings are looked at.
fn exceptions(repository: &Path, brief: &Brief, commit: &str, history: &History) -> Vec<BaselineException> {
    let sources: BTreeSet<String> = promised(history).map(|finding| finding.path.clone()).collect();
    let told = change::exceptions_at(repository, commit, &brief.change.paths, &sources).unwrap_or_default();
    let exception = |path: &String, said: AddedException| BaselineException {
        path: path.clone(),
        tool: said.tool,
        text: said.text,
    };
    let mut out: Vec<BaselineException> =
        told.into_iter().flat_map(|(path, said)| said.into_iter().map(move |said| exception(&path, said))).collect();
    out.sort();
    out.dedup();
    out
}

/// What the new baseline means for open commitments.
fn follow_up(
    history: &History,
    standing: &[Commitment],
    before: Option<&Baseline>,
    now: &Baseline,
    path: &str,
) -> (Vec<CommitmentEvent>, Vec<String>) {
    let (mut events, mut said) = (Vec::new(), Vec::new());
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for commitment in standing.iter().filter(|commitment| commitment.ended.is_none()) {
        let id = &commitment.id;
        let Some(known) = history.commitments.get(id) else { continue };
        let Some(made) = known.iter().find_map(|entry| match &entry.record.event {
            Event::Made { change, promise, .. } => Some((entry.record.made, change, promise)),
            _ => None,
        }) else {
            continue;
        };
        let title = &made.2.title;
        let event = match closure::judge(known, before, now) {
            Outcome::Open => continue,
            Outcome::NotMerged => {
                *waiting.entry(made.1).or_default() += 1;
                continue;
            }
            Outcome::Closed(evidence) => {
                let how = match now.at.duration_since(commitment.due_at(now.at)) {
                    late if late.is_positive() => {
                        format!("closed {} late", figure::count(days_begun(late), "day"))
                    }
                    _ => "kept".to_owned(),
                };
                said.push(format!("Commitment {id} is {how} ({title}): {evidence}."));
                Event::Closed { baseline: path.to_owned(), evidence }
            }
            Outcome::NotClosed(why) => {
                let last = known.iter().rev().find_map(|entry| match &entry.record.event {
                    Event::NotClosed { why, .. } => Some(why),
                    _ => None,
                });
                said.push(format!("Commitment {id} is not closed ({title}): {why}."));
                if last == Some(&why) {
                    continue;
                }
                Event::NotClosed { baseline: path.to_owned(), why }
            }
        };
        let (commitment, made) = (id.clone(), made.0);
        events.push(CommitmentEvent { commitment, made, at: now.at, event, signature: String::new() });
    }
    said.extend(merged::unknown(&waiting, now));
    (events, said)
}

/// Days, of which the last has begun.
fn days_begun(time: SignedDuration) -> usize {
    usize::try_from(time.as_secs().max(1)).unwrap_or(usize::MAX).div_ceil(86_400)
}

/// Records a judgement of a change, and the agreed default once it has taken effect.
pub(super) fn assessment(run: &Recording<'_>, brief: &mut Brief) -> Result<Kept, CommandError> {
    let now = brief.assessment.now;
    let wire = v1::Brief::from(&*brief);
    let findings = terms::decided(&wire);
    let mut introduced: Vec<SeverityCount> = Vec::new();
    for severity in Severity::ALL {
        let count = brief
            .open_findings()
            .filter(|assessed| assessed.finding.origin.counts_as_introduced() && assessed.severity.value == severity)
            .count() as u64;
        if count > 0 {
            introduced.push(SeverityCount { severity: Word(severity), count });
        }
    }
    let assessed = Assessed {
        change: brief.change.name.clone(),
        head: brief.change.head.clone().unwrap_or_default(),
        at: now,
        verdict: Word(brief.assessment.verdict),
        appetite: brief.appetite.sha256.to_string(),
        findings_digest: findings_digest(&findings),
        introduced,
        blocking_day: terms::blocking_day(&wire, now),
    };
    let ledger = Ledger::open(run.repository).map_err(refused)?;
    let want = Want { change: assessed.change.clone(), now, ..Want::default() };
    let mut history = history(&ledger, run.remote, &want)?;
    let message = format!("{} judged: {}", assessed.change, assessed.verdict.0);
    let mut records = vec![Record::Assessment(assessed)];
    let mut kept = None;
    let standing = brief.standing.clone().filter(|standing| standing.state.proceeds());
    if let Some(mut standing) = standing.filter(|standing| standing.state != DecisionState::Hotfix) {
        if standing.state == DecisionState::ByDefault
            && standing.record.is_empty()
            && let Some(default) = by_default(&wire, brief, standing.decided_at.unwrap_or(now))
        {
            standing.record = Record::Decision(default.clone()).path();
            history.decisions.push(Entry { path: standing.record.clone(), record: default.clone() });
            records.push(Record::Decision(default));
        }
        // Two who approve at the same moment do not see each other: whoever comes next sees both.
        if standing.commitments.is_empty()
            && let Some(entry) = history.decisions.iter().find(|entry| entry.path == standing.record)
        {
            let follows = promise::follows(entry, &terms::waived(&wire, &entry.record.offer));
            standing.commitments = made(&follows);
            records.extend(follows);
        }
        kept = Some(standing);
    }
    records.extend(decision::version(run.governance, now));
    let not_pushed = write(run, &ledger, &records, &message, now)?;
    if kept.is_some() {
        brief.standing = kept;
    }
    Ok(Kept { said: Vec::new(), not_pushed })
}

/// Commitments that these records make, by date.
fn made(records: &[Record]) -> Vec<(String, jiff::Timestamp)> {
    let made = records.iter().filter_map(|record| match record {
        Record::Commitment(CommitmentEvent { commitment, event: Event::Made { promise, .. }, .. }) => {
            Some((commitment.clone(), promise.due))
        }
        _ => None,
    });
    let mut out: Vec<_> = made.collect();
    out.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    out
}

/// The agreed default, as a decision that nobody made.
fn by_default(wire: &v1::Brief, brief: &Brief, at: jiff::Timestamp) -> Option<Decision> {
    let name: OptionName = brief.appetite.authority.default.as_ref()?.option;
    let option = terms::option(wire, name)?;
    let findings = terms::decided(wire);
    Some(Decision {
        change: brief.change.name.clone(),
        head: brief.change.head.clone()?,
        at,
        option: option.name,
        verdict: Word(brief.assessment.verdict),
        reason: "no choice was complete within the agreed time".to_owned(),
        by: Decider::Default,
        authors: Vec::new(),
        appetite: brief.appetite.sha256.to_string(),
        findings_digest: findings_digest(&findings),
        findings,
        assessed_at: brief.assessment.now,
        offer: terms::offer(wire, option, brief.assessment.now),
        signature: String::new(),
    })
}

fn history(ledger: &Ledger, remote: Option<&str>, want: &Want) -> Result<History, CommandError> {
    if let Some(remote) = remote.filter(|remote| ledger.has_remote(remote)) {
        ledger.fetch(remote, want.now).map_err(refused)?;
    }
    match ledger.snapshot().map_err(refused)? {
        Some(snapshot) => snapshot.history(want).map_err(refused),
        None => Ok(History::default()),
    }
}

/// Writes and pushes. The judgement is given whatever becomes of the push.
fn write(
    run: &Recording<'_>,
    ledger: &Ledger,
    records: &[Record],
    message: &str,
    now: jiff::Timestamp,
) -> Result<Option<CommandError>, CommandError> {
    Ok(decision::keep(ledger, run.remote, records, message, now)?.map(refused))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::category::Category;
    use crate::model::digest::Digest;
    use crate::model::report::{OtherTool, Problem, Scan};

    fn report() -> Report {
        let rules = BTreeSet::from(["sqli".to_owned()]);
        Report {
            path: "semgrep.json".to_owned(),
            format: Some("semgrep".to_owned()),
            sha256: Digest::of(b""),
            scan: Scan { tool: "semgrep".to_owned(), rules, ..Scan::default() },
            observations: Vec::new(),
            suppressed: Vec::new(),
            statements: Vec::new(),
            unread: 0,
            problems: Vec::new(),
        }
    }

    fn kept(report: Report, state: CoverageState, promised: &str) -> BaselineScan {
        let coverage = Coverage {
            kind: Category::Code,
            required: true,
            state,
            reports: vec![report.path.clone()],
            remark: String::new(),
        };
        counted(&scans(&[report]), &[coverage], &BTreeSet::from([("semgrep", promised)])).remove(0)
    }

    #[test]
    fn only_a_report_that_is_whole_and_of_now_shows_that_something_is_gone() {
        assert!(kept(report(), CoverageState::Present, "sqli").complete);
        let problem = |evidence_missing| vec![Problem { evidence_missing, message: String::new() }];
        assert!(kept(Report { problems: problem(false), ..report() }, CoverageState::Present, "sqli").complete);
        for (report, state, why) in [
            (Report { format: None, ..report() }, CoverageState::Present, "of no known form"),
            (Report { unread: 1, ..report() }, CoverageState::Present, "a row that could not be read"),
            (Report { problems: problem(true), ..report() }, CoverageState::Present, "evidence is missing"),
            (report(), CoverageState::Stale, "too old, or of another commit"),
            (report(), CoverageState::Failed, "a scan that failed"),
        ] {
            assert!(!kept(report, state, "sqli").complete, "{why}");
        }
    }

    #[test]
    fn each_tool_of_a_report_is_a_scan_with_its_own_rules() {
        let other = OtherTool { version: "2".to_owned(), rules: BTreeSet::from(["xss".to_owned()]) };
        let others = BTreeMap::from([("codeql".to_owned(), other)]);
        let report = Report { scan: Scan { others, ..report().scan }, ..report() };
        let promised = BTreeSet::from([("codeql", "xss"), ("semgrep", "xss")]);
        let kept = counted(&scans(&[report]), &[], &promised);
        let kept: Vec<_> = kept.iter().map(|scan| (&*scan.tool, &*scan.version, scan.dropped.len())).collect();
        assert_eq!(kept, [("codeql", "2", 0), ("semgrep", "", 1)]);
    }

    #[test]
    fn a_rule_that_a_scanner_does_not_say_it_looked_for_was_dropped() {
        assert_eq!(kept(report(), CoverageState::Present, "sqli").dropped, Vec::<String>::new());
        assert_eq!(kept(report(), CoverageState::Present, "xss").dropped, ["xss"]);
        // One that says nothing of its rules left none out that anybody knows of.
        let silent = Report { scan: Scan { rules: BTreeSet::new(), ..report().scan }, ..report() };
        assert_eq!(kept(silent, CoverageState::Present, "xss").dropped, Vec::<String>::new());
    }
}
