//! The review of a period, from the records alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::agreements::Agreements;
use super::budget;
use super::commitments::{Commitment, State};
use super::waivers::{self, Accepted};
use super::{decide, decided, unrecorded};
use crate::model::ledger::{Baseline, Decider, Decision, Entry, Record};
use crate::model::review::{
    Budget, Delay, Distribution, Overdue, Promises, Published, Review, SCHEMA, Spent, Standing, Waivers,
};
use crate::model::verdict::Verdict;

/// Figures of others. They are about other organisations and other findings: a place to stand, not a rank.
const PUBLISHED: &[Published] = &[
    Published {
        what: "Average time to fix a security flaw",
        figure: "252 days",
        source: "Veracode, State of Software Security 2025",
        mind: "all flaws of applications that Veracode scanned, not only those that somebody promised to fix",
    },
    Published {
        what: "Time until half of the known exploited vulnerabilities are patched",
        figure: "about 55 days",
        source: "Verizon, Data Breach Investigations Report 2024",
        mind: "vulnerabilities of CISA's KEV catalogue with a patch, across organisations",
    },
];

/// Everything that a review is computed from.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Every record of the ledger.
    pub records: &'a [(String, Record)],
    /// How every commitment stands at the end of the period.
    pub commitments: &'a [Commitment],
    /// The agreements by which they are read.
    pub agreements: Agreements<'a>,
    /// Waivers that have not ended, and how they stand at the end of the period.
    pub waivers: &'a [Accepted<'a>],
    /// Beginning of the period.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// Commit of the ledger.
    pub tip: &'a str,
}

/// Computes the review.
pub fn review(evidence: &Evidence<'_>) -> Review {
    let Evidence { since, until, .. } = *evidence;
    let appetite = evidence.agreements.in_force();
    let within_period = |at: Timestamp| since <= at && at <= until;
    let (mut judged, mut beyond) = (BTreeSet::new(), BTreeSet::new());
    let mut first: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut decisions: BTreeMap<&str, Vec<Entry<Decision>>> = BTreeMap::new();
    let mut baselines: Vec<&Baseline> = Vec::new();
    for (path, record) in evidence.records {
        match record {
            Record::Assessment(assessed) => {
                first.entry(&assessed.change).and_modify(|at| *at = (*at).min(assessed.at)).or_insert(assessed.at);
                if within_period(assessed.at) {
                    judged.insert(assessed.change.as_str());
                    if assessed.verdict.0 >= Verdict::BeyondTolerance {
                        beyond.insert(assessed.change.as_str());
                    }
                }
            }
            Record::Decision(decision) => {
                let at = decision.assessed_at;
                first.entry(&decision.change).and_modify(|first| *first = (*first).min(at)).or_insert(at);
                let entry = Entry { path: path.clone(), record: decision.clone() };
                decisions.entry(&decision.change).or_default().push(entry);
            }
            Record::Baseline(baseline) if baseline.at <= until => baselines.push(baseline),
            _ => {}
        }
    }
    baselines.sort_by_key(|baseline| baseline.at);

    let (mut decided, mut by_default, mut hours) = (BTreeMap::new(), 0, Vec::new());
    let (mut known, mut held_back, mut days) = (0, 0, 0.0);
    for (change, decisions) in &decisions {
        let Some(last) = decided::decided(decisions, evidence.agreements).pop().filter(|last| within_period(last.at))
        else {
            continue;
        };
        let (at, decision) = (last.at, &last.entry.record);
        judged.insert(*change);
        if decision.verdict.0 >= Verdict::BeyondTolerance {
            beyond.insert(*change);
        }
        *decided.entry(decision.option.0.as_str()).or_insert(0) += 1;
        by_default += u64::from(matches!(decision.by, Decider::Default));
        let begun = first.get(change).copied().unwrap_or(decision.assessed_at);
        hours.push(decide::hours(begun, at));
        if let Some(blocking) = decision.offer.blocking_day {
            known += 1;
            let gained = (blocking - decision.offer.ships_day).max(0.0);
            held_back += usize::from(blocking > 0.0);
            days += gained;
        }
    }
    let latest = baselines.last().copied();
    // What was promised after the period says nothing about it.
    let promised: Vec<Commitment> = evidence.commitments.iter().filter(|it| it.made <= until).cloned().collect();
    let closed: Vec<&Commitment> = promised
        .iter()
        .filter(|commitment| commitment.state == State::Closed && commitment.ended.is_some_and(within_period))
        .collect();
    Review {
        schema: SCHEMA,
        name: appetite.map(|appetite| appetite.name.clone()),
        since,
        until,
        ledger: evidence.tip.to_owned(),
        judged: judged.len() as u64,
        within: judged.difference(&beyond).count() as u64,
        decided,
        by_default,
        time_to_yes_hours: distribution(hours),
        promises: promises(&promised, within_period),
        overdue: overdue(&promised, until),
        exposure: exposure(&baselines, since),
        budget: budget::budget(appetite.and_then(|appetite| appetite.budget), latest, until).map(|budget| Budget {
            trail: trail(&baselines, &budget, until),
            quarter: budget.quarter,
            from: budget.from,
            to: budget.to,
            since: budget.since,
            agreed: budget.agreed,
            spent: budget.spent,
            forecast: budget.forecast,
        }),
        delay_avoided: (known > 0).then_some(Delay { changes: known, held: held_back, days }),
        estimates: distribution(
            closed
                .iter()
                .filter_map(|commitment| Some(commitment.hours? / commitment.promise.hours))
                .filter(|ratio| ratio.is_finite())
                .collect(),
        ),
        days_to_close: distribution(
            closed
                .iter()
                .filter_map(|commitment| {
                    Some(commitment.ended?.duration_since(commitment.made).as_secs_f64() / 86_400.0)
                })
                .collect(),
        ),
        hotfixes: promised.iter().filter(|c| c.approval.is_empty() && within_period(c.made)).count() as u64,
        waivers: waivers(evidence.waivers, latest),
        agreement_review: appetite.and_then(|appetite| Some(appetite.agreed.as_ref()?.review_by.to_string())),
        published: PUBLISHED.to_vec(),
    }
}

fn promises(commitments: &[Commitment], within_period: impl Fn(Timestamp) -> bool) -> Promises {
    let mut promises = Promises::default();
    for commitment in commitments {
        let (due_now, overdue) = (within_period(commitment.due), commitment.state == State::Overdue);
        promises.open += u64::from(commitment.ended.is_none());
        promises.overdue += u64::from(overdue);
        promises.overdue_before += u64::from(overdue && !due_now);
        promises.given_up += u64::from(commitment.given_up().is_some_and(&within_period));
        if let Some(kept) = commitment.kept().filter(|_| due_now) {
            promises.due += 1;
            promises.kept += u64::from(kept);
            promises.late += u64::from(!kept && commitment.state == State::Closed);
        }
    }
    promises
}

fn overdue(commitments: &[Commitment], until: Timestamp) -> Vec<Overdue> {
    commitments
        .iter()
        .filter(|commitment| commitment.state == State::Overdue)
        .map(|commitment| Overdue {
            id: commitment.id.clone(),
            title: commitment.promise.title.clone(),
            change: commitment.change.clone(),
            due: commitment.due,
            days: until.duration_since(commitment.due).as_hours() / 24,
            owners: commitment.escalated_to.clone(),
            remarks: commitment.remarks.clone(),
        })
        .collect()
}

fn waivers(standing: &[Accepted<'_>], latest: Option<&Baseline>) -> Waivers {
    let holding: Vec<&Accepted<'_>> = standing.iter().filter(|accepted| accepted.holds).collect();
    let findings: BTreeSet<&str> =
        holding.iter().flat_map(|accepted| &accepted.waiver.findings).map(|finding| finding.id.as_str()).collect();
    let gone = |latest: &Baseline| -> Vec<String> {
        let gone = holding.iter().filter(|accepted| waivers::obsolete(accepted.waiver, latest));
        gone.map(|accepted| waivers::obsolete_in_words(accepted.waiver, latest)).collect()
    };
    Waivers {
        holding: holding.len() as u64,
        findings: findings.len() as u64,
        first_end: holding.iter().map(|accepted| accepted.waiver.until).min().map(waivers::last_day),
        obsolete: latest.map(gone).unwrap_or_default(),
        unrecorded: latest.map(|latest| unrecorded::at(latest, standing)).unwrap_or_default(),
    }
}

/// The last baseline of each day.
fn exposure(baselines: &[&Baseline], since: Timestamp) -> Vec<Standing> {
    let mut days = BTreeMap::new();
    for baseline in baselines.iter().filter(|baseline| baseline.at >= since) {
        let per_day = baseline.findings.iter().map(|finding| finding.rate).sum();
        let standing = Standing { at: baseline.at, findings: baseline.findings.len(), per_day };
        days.insert(baseline.at.strftime("%Y-%m-%d").to_string(), standing);
    }
    days.into_values().collect()
}

/// Points spent by the last baseline of each day of the quarter, and by the end of the period.
fn trail(baselines: &[&Baseline], budget: &crate::model::budget::Budget, until: Timestamp) -> Vec<Spent> {
    let of_quarter = baselines.iter().filter(|baseline| baseline.at >= budget.from && baseline.at < until);
    let days: BTreeMap<String, Spent> = of_quarter
        .map(|baseline| {
            (baseline.at.strftime("%Y-%m-%d").to_string(), Spent { at: baseline.at, points: baseline.spent })
        })
        .collect();
    days.into_values().chain([Spent { at: until, points: budget.spent }]).collect()
}

fn distribution(mut values: Vec<f64>) -> Option<Distribution> {
    values.sort_by(f64::total_cmp);
    let at = |share: usize| values.get((values.len() * share).div_ceil(100).saturating_sub(1)).copied();
    Some(Distribution { n: values.len(), median: at(50)?, p90: at(90)? })
}
