//! Stage: reports → [`Inventory`]: each problem once, with its origin.
//!
//! ```text
//! Report* ──group──▶ Group* ──merge──▶ Finding* ──origin──▶ Inventory
//!             │ packages: advisory × package × version      (components, advisory, package)
//!             │ files: rule × path × code                    (files, place)
//!             │ secrets: path × secret                       (secrets)
//!             └ addresses: rule × path × parameter           (endpoints)
//! ```
//!
//! The same problem seen by several scanners, or in several rows, is one finding that keeps all its sources. A missed
//! merge repeats a problem, a false one hides it, so whatever is ambiguous stays apart. The order in which reports are
//! given makes no difference.
//!
//! Before that, [`heed`] applies statements of VEX to what scanners saw.

mod advisory;
mod baseline;
mod components;
mod counted;
mod endpoints;
mod files;
mod group;
mod identity;
mod merge;
mod origin;
mod package;
mod place;
mod problem;
mod ranked;
#[cfg(test)]
mod sample;
mod secrets;
#[cfg(test)]
mod tests;
mod vex;

use crate::many;
use crate::model::appetite::Baseline;
use crate::model::change::Change;
use crate::model::finding::{Finding, Inventory, Suppressed};
use crate::model::origin::Origin;
use crate::model::report::{Report, Suppression};

use advisory::Aliases;
pub use baseline::{judge as judge_by_baseline, package as package_of};
pub use origin::judge_arrivals;
use place::Places;
use problem::problems;
pub use vex::{close_again, heed, heed_apart, reopen};

/// Makes one inventory of all reports.
///
/// `base` are reports of the state before the change, if there are any; findings only in them are added as resolved. They
/// are let go of as soon as it is known what was there before.
/// `change` is what git says; it decides the origin of what the base reports cannot decide, and its list of files
/// tells which file a path in a report means.
pub fn correlate(reports: &[Report], base: Option<Vec<Report>>, change: &Change) -> Inventory {
    let earlier = base.as_deref();
    let everything = reports.iter().chain(earlier.unwrap_or_default());
    let aliases = Aliases::of(everything.flat_map(Report::seen));
    let places = Places::of(reports, change);
    let before = |base| {
        let places = Places::before(base, change);
        origin::Before { reports: base, problems: problems(base, &aliases, &places), places }
    };
    let (now, before) = many::both(
        reports.iter().chain(earlier.unwrap_or_default()).map(|report| report.observations.len()).sum(),
        || problems(reports, &aliases, &places),
        || earlier.map(before),
    );

    let judge = origin::Judge::of(&now, before.as_ref(), change);
    let has_base = before.is_some();
    let gone = judge.gone(before.as_ref(), &now, reports);
    drop(before);
    drop(base);
    let mut inventory = Inventory { findings: gone.resolved, remarks: gone.remarks, ..Inventory::default() };
    let mut merged = many::map(now, |problem| {
        let mut finding = problem.finding(&places);
        finding.by_count = judge.by_count(&problem);
        judge.tell(&problem, &mut finding);
        let doubted = judge.doubted(&problem, &finding);
        (finding, problem.suppression(), doubted)
    });
    origin::settle(merged.iter_mut().filter_map(|(finding, _, doubted)| Some((finding, doubted.take()?))));
    inventory.findings.reserve(merged.len());
    for (finding, suppression, _) in merged {
        match suppression {
            None => inventory.findings.push(finding),
            Some(Suppression { kind, reason }) => inventory.suppressed.push(Suppressed { finding, kind, reason }),
        }
    }
    inventory.findings.sort_by(|a, b| a.id.cmp(&b.id));
    if has_base {
        counted::settle(&mut inventory.findings, |finding| Some(judge.by_git(finding)));
    }
    inventory.suppressed.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
    inventory
}

/// Recognises the findings that both leaders agreed to treat by a day: they were there before. With base reports, which are
/// newer, only those of which nothing else is known. Nor is one recognised by a count that the change itself brings.
pub fn recognise(inventory: &mut Inventory, baseline: &Baseline, has_base: bool) {
    let open = |origin: Origin| if has_base { origin == Origin::Unknown } else { origin.counts_as_introduced() };
    let doubtful = |finding: &Finding| finding.by_count && finding.origin == Origin::Introduced;
    for finding in inventory.findings.iter_mut().filter(|it| open(it.origin) && !doubtful(it)) {
        if let Some(promise) = baseline.commitment(&finding.id) {
            finding.origin = Origin::Ambient;
            finding.origin_evidence =
                format!("in the agreed baseline of {}, promised by {}", baseline.taken, promise.due);
        }
    }
}
