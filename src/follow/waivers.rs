//! Waivers: which of them count, what they accept, whether they are still needed.
//!
//! A waiver takes whoever may approve the fastest option beyond tolerance: the option that accepts the most. Every role
//! that the agreement names for it has to accept, each by another person, and authors do not accept what they bring
//! themselves. It is checked when it is recorded, and again by everybody who reads it, under the agreement in force.
//! A waiver that follows from a decision counts if that decision does, and takes the same people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::agreements::Agreements;
use super::authority::{held, is_author, missing, name, same_person};
use super::decide;
use super::decided::decided;
use super::promise::waived_id;
use super::proof;
use crate::model::acceptance::Acceptance;
use crate::model::appetite::{Appetite, OptionName};
use crate::model::clock::{is_future, last_moment};
use crate::model::ledger::{Baseline, Decider, Decision, Entry, Person, Waiver, findings_digest, waiver_id};
use crate::model::verdict::Verdict;

/// The longest that anything is accepted in one go. Beyond it a waiver would be open-ended in all but name.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// How much later the end that one of several people was offered may be than what another was.
const BETWEEN: SignedDuration = SignedDuration::from_hours(31 * 24);

/// A waiver and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted<'w> {
    /// The waiver, as whoever accepted it first wrote it.
    pub waiver: &'w Waiver,
    /// Everybody whose acceptance counts.
    pub by: Vec<&'w Decider>,
    /// Whether it holds at this moment.
    pub holds: bool,
    /// Roles that have still to accept.
    pub missing: Vec<String>,
    /// Records that do not count, and why: one sentence each.
    pub not_counted: Vec<String>,
}

/// Roles that have to accept a waiver.
pub fn wanted(appetite: &Appetite) -> &[String] {
    appetite.approvers(Verdict::BeyondTolerance, OptionName::Fastest)
}

/// How every waiver stands. `decisions` are those from which some of them follow.
pub fn standing<'w>(
    waivers: &'w [Entry<Waiver>],
    decisions: &BTreeMap<String, Vec<Entry<Decision>>>,
    agreements: Agreements<'_>,
    now: Timestamp,
) -> Vec<Accepted<'w>> {
    let Some(appetite) = agreements.in_force() else { return Vec::new() };
    let mut by_id: BTreeMap<&str, Vec<&Waiver>> = BTreeMap::new();
    for entry in waivers {
        by_id.entry(&entry.record.id).or_default().push(&entry.record);
    }
    by_id
        .into_values()
        .filter_map(|mut records| {
            records.sort_by_key(|waiver| waiver.at);
            let change = records.iter().find(|waiver| !waiver.decision.is_empty()).map(|waiver| &waiver.change);
            let decisions = change.and_then(|change| decisions.get(change)).map_or(&[][..], Vec::as_slice);
            one(&records, decisions, (agreements, appetite), now)
        })
        .collect()
}

fn one<'w>(
    records: &[&'w Waiver],
    decisions: &[Entry<Decision>],
    (agreements, appetite): (Agreements<'_>, &Appetite),
    now: Timestamp,
) -> Option<Accepted<'w>> {
    let first = *records.first()?;
    let mut accepted =
        Accepted { waiver: first, by: Vec::new(), holds: false, missing: Vec::new(), not_counted: Vec::new() };
    if let Some(waiver) = records.iter().find(|waiver| !waiver.decision.is_empty()) {
        accepted.waiver = waiver;
        let default = decisions
            .iter()
            .any(|entry| entry.path == waiver.decision && matches!(entry.record.by, Decider::Default))
            .then(|| "an agreed default accepts for its own change only; somebody has to accept it by name".to_owned());
        let replaced = || replaced(waiver, decisions, agreements, now);
        match default.or_else(|| unbacked(waiver, decisions, appetite)).or_else(replaced) {
            None => accepted.holds = waiver.from <= now && now < waiver.until,
            Some(why) => accepted.not_counted.push(format!("The waiver {} does not count: {why}.", waiver.id)),
        }
        return Some(accepted);
    }
    let wanted = wanted(appetite);
    let mut roles: Vec<Vec<String>> = Vec::new();
    for waiver in records {
        if let Some(why) = refusal(waiver, appetite, now) {
            accepted.not_counted.push(format!(
                "The waiver {} by {} does not count: {why}.",
                waiver.id,
                name(&waiver.by)
            ));
        } else if !accepted.by.iter().any(|other| same_person(other, &waiver.by)) {
            accepted.by.push(&waiver.by);
            roles.push(held(&waiver.by, appetite, wanted));
            if accepted.by.len() == 1 {
                accepted.waiver = waiver;
            }
        }
    }
    accepted.missing = missing(wanted, &roles);
    let complete = !wanted.is_empty() && accepted.missing.is_empty();
    accepted.holds = complete && accepted.waiver.from <= now && now < accepted.waiver.until;
    Some(accepted)
}

/// Why somebody's waiver does not count, as the rest of a sentence; `None` if it does. Asked before it is recorded, and
/// again by everybody who reads it.
pub fn refusal(waiver: &Waiver, appetite: &Appetite, now: Timestamp) -> Option<String> {
    if is_future(waiver.at, now) || waiver.from < waiver.at {
        return Some(format!("it is dated {} and begins {}, which cannot be", waiver.at, waiver.from));
    }
    if waiver.until <= waiver.from {
        return Some("it ends before it begins".to_owned());
    }
    if waiver.until.duration_since(waiver.from) > LONGEST {
        return Some("it runs for more than a year, and nothing is accepted without an end".to_owned());
    }
    if waiver_id(&waiver.row, waiver.until, &waiver.findings) != waiver.id {
        return Some("what it accepts is not what it is named by".to_owned());
    }
    if let Some(why) = proof::unproven(&waiver.by, &waiver.signed_bytes(), &waiver.signature, Waiver::NAMESPACE) {
        return Some(why);
    }
    if is_author(&waiver.by, &waiver.authors) {
        return Some("authors do not accept what their own change brings".to_owned());
    }
    let wanted = wanted(appetite);
    if held(&waiver.by, appetite, wanted).is_empty() {
        return Some(format!("it takes {}, and they hold none of these roles", decide::roles_in_words(wanted)));
    }
    None
}

/// That another decision stands for the change now than the one that a waiver follows from.
fn replaced(
    waiver: &Waiver,
    decisions: &[Entry<Decision>],
    agreements: Agreements<'_>,
    now: Timestamp,
) -> Option<String> {
    let decision = &decisions.iter().find(|entry| entry.path == waiver.decision)?.record;
    let mut complete = decided(decisions, agreements).into_iter().rev();
    let last = complete.find(|it| !is_future(it.at, now)).filter(|it| it.at > decision.at && !it.is_of(decision))?;
    let (option, day) = (last.entry.record.option.0.as_str(), last.at.strftime("%Y-%m-%d"));
    Some(format!("{option} was decided for {} on {day}, in place of the decision that it follows from", waiver.change))
}

/// Why no decision stands behind a waiver that is said to follow from one; `None` if one does.
pub fn unbacked(waiver: &Waiver, decisions: &[Entry<Decision>], appetite: &Appetite) -> Option<String> {
    let Some(decision) = decisions.iter().find(|entry| entry.path == waiver.decision).map(|entry| &entry.record) else {
        return Some("the decision that it follows from is not in the ledger".to_owned());
    };
    let promised = decision.offer.waivers.iter().any(|offer| (&offer.row, offer.until) == (&waiver.row, waiver.until));
    let about = |finding: &crate::model::ledger::WaivedFinding| {
        let known = decision.findings.iter().find(|known| known.id == finding.id);
        known.is_some_and(|known| finding.severity <= known.severity && (known.exploited || !finding.exploited))
    };
    if !promised
        || waived_id(decision, &waiver.row) != waiver.id
        || decision.change != waiver.change
        || !waiver.findings.iter().all(about)
    {
        return Some("the decision that it follows from did not accept this".to_owned());
    }
    if matches!(decision.by, Decider::Default) {
        return None;
    }
    // It takes the same people as one that is signed for itself, and no author: a decision can claim a milder verdict, or name
    // an option for which fewer are asked.
    let wanted = wanted(appetite);
    // Of two who choose after each other the second is offered a later end; one of them alone makes it no later than that.
    let offers = |it: &Decision| {
        let ends = it.offer.waivers.iter().filter(|offer| offer.row == waiver.row).map(|offer| offer.until);
        ends.filter_map(|end| end.checked_add(BETWEEN).ok()).any(|latest| waiver.until <= latest)
    };
    let counts = |it: &Decision| {
        decide::unproven(it).is_none()
            && findings_digest(&it.findings) == it.findings_digest
            && !is_author(&it.by, &it.authors)
            && offers(it)
    };
    // Whoever may push can put a decision beside the real ones that offers more than they do.
    if !counts(decision) {
        return Some("the decision that it follows from does not count".to_owned());
    }
    if held(&decision.by, appetite, wanted).is_empty() {
        return Some(format!("it takes {}", decide::roles_in_words(wanted)));
    }
    let mut people: Vec<&Decider> = Vec::new();
    for entry in decisions {
        let other = &entry.record;
        let same = (&other.change, other.option, &other.findings_digest, &other.appetite)
            == (&decision.change, decision.option, &decision.findings_digest, &decision.appetite);
        if same && counts(other) && !people.iter().any(|known| same_person(known, &other.by)) {
            people.push(&other.by);
        }
    }
    let roles: Vec<Vec<String>> = people.iter().map(|by| held(by, appetite, wanted)).collect();
    let missing = missing(wanted, &roles);
    (!missing.is_empty()).then(|| format!("it takes {}", decide::roles_in_words(&missing)))
}

/// What is accepted on a change, by finding; where several waivers are about one, the one that accepts it at its worst, and of
/// equals the one that holds longest: a finding that became worse was accepted anew, and the older waiver says nothing of that.
///
/// On its own change a waiver that follows from a decision says nothing new: there the decision counts, with everything
/// that may void it; on others it accepts what has come in since, and not what they bring themselves. `introduced` are the
/// findings that come with the change: what `authors` of it accepted themselves is left out.
pub fn acceptances(
    standing: &[Accepted<'_>],
    change: &str,
    introduced: &BTreeSet<&str>,
    authors: &[Person],
) -> BTreeMap<String, Acceptance> {
    let mut out: BTreeMap<String, Acceptance> = BTreeMap::new();
    let elsewhere = |accepted: &&Accepted<'_>| accepted.waiver.decision.is_empty() || accepted.waiver.change != change;
    for accepted in standing.iter().filter(|accepted| accepted.holds).filter(elsewhere) {
        let waiver = accepted.waiver;
        let own = accepted.by.iter().any(|by| is_author(by, authors));
        for finding in &waiver.findings {
            if (own || !waiver.decision.is_empty()) && introduced.contains(finding.id.as_str()) {
                continue;
            }
            let rank = (finding.exploited, finding.severity.0, waiver.until);
            if out.get(&finding.id).is_some_and(|known| (known.exploited, known.severity, known.until) >= rank) {
                continue;
            }
            let acceptance = Acceptance {
                waiver: waiver.id.clone(),
                until: waiver.until,
                owner: waiver.owner.clone(),
                reason: waiver.reason.clone(),
                severity: finding.severity.0,
                exploited: finding.exploited,
            };
            out.insert(finding.id.clone(), acceptance);
        }
    }
    out
}

/// Whether nothing that a waiver is about is found any more, though everybody who saw it looked.
pub fn obsolete(waiver: &Waiver, latest: &Baseline) -> bool {
    let looked = |tool: &String| {
        let mut scans = latest.scans.iter().filter(|scan| scan.tool == *tool).peekable();
        scans.peek().is_some() && scans.all(|scan| scan.complete)
    };
    !waiver.findings.is_empty()
        && latest.at > waiver.from
        && waiver.findings.iter().all(|finding| {
            finding.saw.iter().all(|(tool, _)| looked(tool))
                && latest.findings.iter().all(|other| other.id != finding.id)
                && !latest.suppresses(&finding.id)
        })
}

/// That nothing of a waiver is left, for people.
pub fn obsolete_in_words(waiver: &Waiver, latest: &Baseline) -> String {
    let commit: String = latest.commit.chars().take(10).collect();
    format!(
        "The waiver {} is not needed any more: {} is no longer found on {} at {commit}. Take it out of the scanners' files.",
        waiver.id,
        subject(waiver),
        latest.branch
    )
}

/// What a waiver is about, in a few words.
pub fn subject(waiver: &Waiver) -> String {
    let titles: Vec<&str> = waiver.findings.iter().map(|finding| finding.title.as_str()).collect();
    match (waiver.row.as_str(), titles.as_slice()) {
        ("", titles) => titles.join(", "),
        (row, []) => row.to_owned(),
        (row, titles) => format!("{row}: {}", titles.join(", ")),
    }
}

/// The last day on which something holds that ends at this moment, as people write it.
pub fn last_day(until: Timestamp) -> String {
    last_moment(until).strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ledger::WaivedFinding;
    use crate::model::severity::Severity;
    use crate::model::word::Word;

    fn waiver(change: &str, decision: &str) -> Waiver {
        let moment = |at: &str| at.parse::<Timestamp>().unwrap();
        let finding = WaivedFinding {
            id: "f-1".to_owned(),
            title: String::new(),
            identifiers: Vec::new(),
            saw: Vec::new(),
            path: String::new(),
            purl: String::new(),
            severity: Word(Severity::High),
            exploited: false,
        };
        Waiver {
            id: "w".to_owned(),
            at: moment("2026-11-01T00:00:00Z"),
            from: moment("2026-11-01T00:00:00Z"),
            until: moment("2026-12-01T00:00:00Z"),
            row: "new-high".to_owned(),
            change: change.to_owned(),
            findings: vec![finding],
            owner: String::new(),
            reason: String::new(),
            by: Decider::Default,
            authors: Vec::new(),
            appetite: String::new(),
            decision: decision.to_owned(),
            signature: String::new(),
        }
    }

    #[test]
    fn a_waiver_out_of_a_decision_accepts_what_other_changes_find_and_nothing_on_its_own() {
        let accepts = |waiver: &Waiver, change: &str, introduced: &[&str]| {
            let standing =
                Accepted { waiver, by: Vec::new(), holds: true, missing: Vec::new(), not_counted: Vec::new() };
            let introduced = introduced.iter().copied().collect();
            !acceptances(&[standing], change, &introduced, &[]).is_empty()
        };
        let decided = waiver("pull/7", "decision/x");
        // On its own change it is the decision that counts, with what voids it, also for what was there before.
        assert!(!accepts(&decided, "pull/7", &[]));
        assert!(!accepts(&decided, "pull/7", &["f-1"]));
        // Elsewhere it accepts what has come in since, and not what a change brings itself.
        assert!(accepts(&decided, "pull/8", &[]));
        // Of two the one counts that accepts it at its worst, also where the other holds longer.
        let worse = |severity: Severity, until: &str| {
            let mut worse = Waiver { id: until.to_owned(), until: until.parse().unwrap(), ..waiver("pull/7", "") };
            worse.findings[0].severity = Word(severity);
            worse
        };
        let [older, newer] =
            [worse(Severity::High, "2027-06-01T00:00:00Z"), worse(Severity::Critical, "2026-12-31T00:00:00Z")];
        let standing =
            |waiver| Accepted { waiver, by: Vec::new(), holds: true, missing: Vec::new(), not_counted: Vec::new() };
        for both in [[&newer, &older], [&older, &newer]] {
            let accepted = acceptances(&both.map(standing), "pull/8", &BTreeSet::new(), &[]);
            assert_eq!((accepted["f-1"].severity, &accepted["f-1"].waiver), (Severity::Critical, &newer.id));
        }
        assert!(!accepts(&decided, "pull/8", &["f-1"]));
        // One that somebody signed for itself holds everywhere.
        let signed = waiver("pull/7", "");
        assert!(accepts(&signed, "pull/7", &["f-1"]) && accepts(&signed, "pull/8", &[]));
    }
}
