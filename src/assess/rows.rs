//! Tolerance rows: how many open findings match, against the two limits.

use std::collections::BTreeMap;

use crate::model::appetite::{IfUnknown, ToleranceRow};
use crate::model::assessment::{AssessedFinding, RowResult};
use crate::model::condition::Truth;
use crate::model::origin::Origin;
use crate::model::verdict::Verdict;

/// Judges every row over the findings that are open, that is, not resolved by the change.
pub(super) fn judge(rows: &[ToleranceRow], findings: &[AssessedFinding]) -> Vec<RowResult> {
    rows.iter().map(|row| judge_row(row, findings)).collect()
}

fn judge_row(row: &ToleranceRow, findings: &[AssessedFinding]) -> RowResult {
    let (mut matching, mut accepted) = (Vec::new(), Vec::new());
    let mut undecided = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.finding.origin != Origin::Resolved) {
        let id = &finding.finding.id;
        let truth = row.when.evaluate(&finding.facts);
        // What both leaders want treated before ship nobody accepts in their place.
        if finding.accepted.is_some() && !row.before_ship {
            if truth != Truth::False {
                accepted.push(id.clone());
            }
            continue;
        }
        match truth {
            Truth::True => matching.push(id.clone()),
            Truth::False => {}
            Truth::Unknown(facts) => {
                if row.if_unknown == IfUnknown::Count {
                    matching.push(id.clone());
                }
                undecided.insert(id.clone(), facts);
            }
        }
    }
    let measured = matching.len() as u64;
    let mut result = RowResult {
        id: row.id.clone(),
        says: row.says.clone(),
        measured,
        appetite: row.appetite,
        tolerance: row.tolerance,
        state: Verdict::WithinAppetite,
        before_ship: row.before_ship,
        findings: matching,
        accepted,
        undecided,
    };
    // Undecided findings matter only if the row would stand differently with all of them.
    let at_least = result.state_at(measured);
    let at_most = result.state_at(measured + result.undecided.len() as u64);
    let open_question = row.if_unknown == IfUnknown::Unresolved && at_least != at_most;
    result.state = if open_question { Verdict::Unresolved } else { at_least };
    result
}

/// Why a row is unresolved, and what would resolve it; `None` if it is not.
pub(super) fn why_unresolved(row: &RowResult) -> Option<String> {
    if row.state != Verdict::Unresolved {
        return None;
    }
    let mut facts: Vec<&str> = row.undecided.values().flatten().copied().collect();
    facts.sort_unstable();
    facts.dedup();
    let count = row.undecided.len();
    let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
    let how = facts.iter().map(|fact| remedy(fact)).collect::<std::collections::BTreeSet<_>>();
    Some(format!(
        "Row {} depends on {}, which is not known for {findings}: {}.",
        row.id,
        facts.join(" and "),
        how.into_iter().collect::<Vec<_>>().join("; ")
    ))
}

/// How an unknown fact becomes known.
fn remedy(fact: &str) -> &'static str {
    match fact {
        "finding.kev" => {
            "pass CISA's catalogue with --kev FILE; it goes by CVE number, so a finding without one needs a scanner that \
             names it, or `if_unknown` in the row"
        }
        "finding.epss" => "pass EPSS scores with --epss FILE",
        "finding.severity" | "finding.cvss" => {
            "use a report format that states severities, or declare `unknown: { severity: … }` in the appetite file"
        }
        _ => "say `if_unknown: count` or `if_unknown: skip` in the row if that is what was agreed",
    }
}
