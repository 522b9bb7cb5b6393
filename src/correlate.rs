//! Stage: reports → [`Inventory`]: each problem once, with its origin.
//!
//! ```text
//! Report* ──group──▶ Group* ──merge──▶ Finding* ──origin──▶ Inventory
//!             │ packages: advisory × package × version      (components, advisory, package)
//!             │ files: rule × path × code                    (files, place)
//!             └ addresses: rule × path × parameter           (endpoints)
//! ```
//!
//! The same problem seen by several scanners, or in several rows, is one finding that keeps all its sources. A missed
//! merge repeats a problem, a false one hides it, so whatever is ambiguous stays apart. The order in which reports are
//! given makes no difference.

mod advisory;
mod components;
mod endpoints;
mod files;
mod group;
mod identity;
mod merge;
mod origin;
mod package;
mod place;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use crate::model::change::Change;
use crate::model::finding::{Finding, Inventory, Suppressed};
use crate::model::report::{Report, Suppression};

use advisory::Aliases;
use group::{Group, Member};
use place::Places;

/// Makes one inventory of all reports.
///
/// `base` are reports of the state before the change, if there are any; findings only in them are added as resolved.
/// `change` is what git says; it decides the origin of what the base reports cannot decide, and its list of files
/// tells which file a path in a report means.
pub fn correlate(reports: &[Report], base: Option<&[Report]>, change: &Change) -> Inventory {
    let everything = reports.iter().chain(base.unwrap_or_default());
    let aliases = Aliases::of(everything.flat_map(|report| report.observations.iter().chain(&report.suppressed)));
    let mut now = problems(reports, &aliases, &Places::of(reports, change));
    let before = base.map(|base| origin::Before {
        reports: base,
        problems: problems(base, &aliases, &Places::before(base, change)),
    });

    let judged = origin::judge(&mut now, reports, before, change);
    let mut inventory = Inventory { findings: judged.resolved, remarks: judged.remarks, ..Inventory::default() };
    for problem in now {
        match problem.suppression() {
            None => inventory.findings.push(problem.finding),
            Some(Suppression { kind, reason }) => {
                inventory.suppressed.push(Suppressed { finding: problem.finding, kind, reason });
            }
        }
    }
    inventory.findings.sort_by(|a, b| a.id.cmp(&b.id));
    inventory.suppressed.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
    inventory
}

/// One problem: the finding, and the observations that it was made from.
#[derive(Debug)]
struct Problem<'a> {
    finding: Finding,
    group: Group<'a>,
}

impl Problem<'_> {
    /// Why it is not counted, if every scanner that saw it was told not to count it.
    fn suppression(&self) -> Option<Suppression> {
        if self.group.members.iter().any(|member| member.open) {
            return None;
        }
        let told = self.group.members.iter().filter_map(|member| member.observation.suppression.as_ref());
        let first =
            told.min_by_key(|suppression| (suppression.reason.is_empty(), &suppression.kind, &suppression.reason));
        Some(first.cloned().unwrap_or_else(|| Suppression { kind: "suppressed".to_owned(), reason: String::new() }))
    }

    fn is_open(&self) -> bool {
        self.group.members.iter().any(|member| member.open)
    }
}

/// The problems of a set of reports, each once.
fn problems<'a>(reports: &'a [Report], aliases: &Aliases, places: &Places<'_>) -> Vec<Problem<'a>> {
    let (mut packages, mut addresses, mut unplaced, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for member in members(reports) {
        use crate::model::category::Category::{Container, Dependency, Malware};
        let observation = member.observation;
        if components::concerns(&member) {
            packages.push(member);
        } else if observation.endpoint.is_some() && observation.locations.is_empty() {
            addresses.push(member);
        } else if matches!(member.category, Dependency | Container | Malware) {
            unplaced.push(member);
        } else {
            rest.push(member);
        }
    }
    let (mut groups, unplaced) = components::group(packages, unplaced, aliases);
    rest.extend(unplaced);
    groups.extend(endpoints::group(addresses));
    groups.extend(files::group(rest, places, aliases));
    let ids = identity::ids(&groups);
    let named = groups.into_iter().zip(ids);
    named.map(|(group, id)| Problem { finding: merge::finding(&group, id, places), group }).collect()
}

/// What tells one tool's part of a file from another's.
fn row_names(report: &Report) -> impl Iterator<Item = (&str, &str)> {
    report.observations.iter().map(|observation| (observation.rule.as_str(), observation.title.as_str()))
}

/// Every observation of the reports, in an order that does not depend on the order of the reports.
fn members(reports: &[Report]) -> impl Iterator<Item = Member<'_>> {
    let mut ordered: Vec<&Report> = reports.iter().collect();
    ordered.sort_by(|a, b| {
        // Two tools' parts of one file share path and digest; their rows tell them apart.
        (&a.path, a.sha256, &a.scan.tool, a.observations.len())
            .cmp(&(&b.path, b.sha256, &b.scan.tool, b.observations.len()))
            .then_with(|| row_names(a).cmp(row_names(b)))
    });
    ordered.into_iter().enumerate().flat_map(|(report_rank, report)| {
        let open = report.observations.iter().map(|observation| (observation, true));
        let suppressed = report.suppressed.iter().map(|observation| (observation, false));
        open.chain(suppressed).filter_map(move |(observation, open)| {
            let category = observation.category?;
            Some(Member { report, report_rank, observation, category, open })
        })
    })
}
