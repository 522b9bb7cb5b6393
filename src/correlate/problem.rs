//! The problems of a set of reports: every observation sorted to its kind, grouped, named and merged.

use crate::model::category::Category;
use crate::model::finding::Finding;
use crate::model::report::{Report, Suppression};

use super::advisory::Aliases;
use super::group::{Group, Member};
use super::place::Places;
use super::{components, endpoints, files, identity, merge, secrets};

/// One problem: its id, and the observations that were made of it.
#[derive(Debug)]
pub struct Problem<'a> {
    /// Stable id.
    pub id: String,
    /// What scanners saw.
    pub group: Group<'a>,
}

impl Problem<'_> {
    /// What is known of it, except where it comes from.
    pub fn finding(&self, places: &Places<'_>) -> Finding {
        merge::finding(&self.group, self.id.clone(), places)
    }

    /// Why it is not counted, if every scanner that saw it was told not to count it.
    pub fn suppression(&self) -> Option<Suppression> {
        if self.is_open() {
            return None;
        }
        let told = self.group.members.iter().filter_map(|member| member.observation.suppression.as_ref());
        // What only a statement of the change leaves out is not left out by what others were told.
        let first = told.min_by_key(|suppression| {
            let of_change = suppression.kind == Suppression::VEX_OF_CHANGE;
            (!of_change, suppression.reason.is_empty(), &suppression.kind, &suppression.reason)
        });
        Some(first.cloned().unwrap_or_else(|| Suppression { kind: "suppressed".to_owned(), reason: String::new() }))
    }

    /// Whether some scanner counts it.
    pub fn is_open(&self) -> bool {
        self.group.members.iter().any(|member| member.open)
    }
}

/// The problems of a set of reports, each once.
pub fn problems<'a>(reports: &'a [Report], aliases: &Aliases, places: &Places<'_>) -> Vec<Problem<'a>> {
    let (mut packages, mut addresses, mut unplaced, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for member in members(reports) {
        let observation = member.observation;
        if components::concerns(&member) {
            packages.push(member);
        } else if observation.endpoint.is_some() && observation.locations.is_empty() {
            addresses.push(member);
        } else if matches!(member.category, Category::Dependency | Category::Container | Category::Malware) {
            unplaced.push(member);
        } else {
            rest.push(member);
        }
    }
    let (mut groups, unplaced) = components::group(packages, unplaced, aliases);
    rest.extend(unplaced);
    groups.extend(endpoints::group(addresses));
    let (secrets, rest) = secrets::group(rest, places);
    groups.extend(secrets);
    groups.extend(files::group(&rest, places, aliases));
    let ids = identity::ids(&groups);
    groups.into_iter().zip(ids).map(|(group, id)| Problem { id, group }).collect()
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
