//! What a run says about waivers: what is accepted and until when, what is not covered any more, and what scanners were
//! told without anybody having signed it.

use std::collections::BTreeMap;

use crate::follow::decide;
use crate::follow::waivers::{self, Accepted, last_day};
use crate::model::acceptance::Acceptance;
use crate::model::assessment::{AssessedFinding, Assessment};
use crate::model::ledger::Baseline;
use crate::model::origin::Origin;

/// How many titles a sentence names.
const MOST_NAMED: usize = 3;

/// The sentences.
pub(super) fn said(
    standing: &[Accepted<'_>],
    accepted: &BTreeMap<String, Acceptance>,
    assessment: &Assessment,
    latest: Option<&Baseline>,
) -> Vec<String> {
    let open: BTreeMap<&str, &AssessedFinding> = assessment
        .findings
        .iter()
        .filter(|assessed| assessed.finding.origin != Origin::Resolved)
        .map(|assessed| (assessed.finding.id.as_str(), assessed))
        .collect();
    let mut out = covered(&open);
    out.extend(outgrown(&open, accepted));
    for waiver in standing.iter().filter(|it| it.waiver.findings.iter().any(|finding| open.contains_key(&*finding.id)))
    {
        out.extend(waiver.not_counted.iter().cloned());
        if !waiver.by.is_empty() && !waiver.missing.is_empty() {
            out.push(format!(
                "The waiver {} ({}) does not hold yet: {} has still to accept it.",
                waiver.waiver.id,
                waivers::subject(waiver.waiver),
                decide::roles_in_words(&waiver.missing)
            ));
        }
    }
    if let Some(latest) = latest {
        let gone = |it: &&Accepted<'_>| {
            it.holds
                && waivers::obsolete(it.waiver, latest)
                && it.waiver.findings.iter().all(|finding| !open.contains_key(&*finding.id))
        };
        out.extend(standing.iter().filter(gone).map(|it| waivers::obsolete_in_words(it.waiver, latest)));
    }
    let told: Vec<(&str, &str)> = assessment
        .suppressed
        .iter()
        .filter(|other| !waivers::is_statement(&other.kind))
        .map(|other| (other.finding.id.as_str(), other.finding.title.as_str()))
        .collect();
    out.extend(waivers::unrecorded_in_words(&waivers::unrecorded(&told, standing)));
    out
}

/// One sentence for each waiver by which something found now is accepted.
fn covered(open: &BTreeMap<&str, &AssessedFinding>) -> Vec<String> {
    let mut by_waiver: BTreeMap<&str, Vec<&AssessedFinding>> = BTreeMap::new();
    for assessed in open.values() {
        if let Some(accepted) = &assessed.accepted {
            by_waiver.entry(&accepted.waiver).or_default().push(assessed);
        }
    }
    by_waiver
        .into_iter()
        .filter_map(|(id, findings)| {
            let accepted = findings.first()?.accepted.as_ref()?;
            let mut titles: Vec<&str> =
                findings.iter().take(MOST_NAMED).map(|assessed| assessed.finding.title.as_str()).collect();
            let more = format!("{} more", findings.len().saturating_sub(MOST_NAMED));
            if findings.len() > MOST_NAMED {
                titles.push(&more);
            }
            Some(format!(
                "Accepted until {}, with {} (waiver {id}): {}. It does not count until then; its exposure does.",
                last_day(accepted.until),
                accepted.owner,
                titles.join("; ")
            ))
        })
        .collect()
}

/// Findings that are worse than they were when they were accepted.
fn outgrown(open: &BTreeMap<&str, &AssessedFinding>, accepted: &BTreeMap<String, Acceptance>) -> Vec<String> {
    let why = |assessed: &AssessedFinding| {
        let acceptance = accepted.get(&assessed.finding.id).filter(|_| assessed.accepted.is_none())?;
        let exploited = assessed.knowledge.kev.as_ref().is_some_and(|kev| kev.listed);
        let why = acceptance.outgrown(assessed.severity.value, exploited)?;
        Some(format!(
            "The waiver {} does not cover {} ({}) any more: it {why}.",
            acceptance.waiver, assessed.finding.title, assessed.finding.id
        ))
    };
    open.values().filter_map(|assessed| why(assessed)).collect()
}
