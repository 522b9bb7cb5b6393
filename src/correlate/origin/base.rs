//! The origin as far as base reports decide it.
//!
//! A problem that the base reports hold was there before, also if the version of its package has changed since. One
//! that they do not hold is new only if the same tool looked for that kind of problem then, and its report was read in
//! full. In the same way a problem is resolved only if every tool that saw it before looked again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::model::category::Category;
use crate::model::finding::Finding;
use crate::model::origin::Origin;
use crate::model::report::Report;

use super::super::group::{Group, Member};
use super::super::identity::rests_on_count;
use super::super::place::Places;
use super::super::problem::Problem;
use super::dependency::folder;
use super::verdict::Verdict;

/// The state before the change, as scanned.
#[derive(Debug)]
pub struct Before<'a> {
    /// The base reports.
    pub reports: &'a [Report],
    /// Their problems.
    pub problems: Vec<Problem<'a>>,
    /// Where in the repository they were.
    pub places: Places<'a>,
}

/// What was there before and no longer is.
#[derive(Debug, Default)]
pub struct Gone {
    /// The findings.
    pub resolved: Vec<Finding>,
    /// What could not be concluded.
    pub remarks: Vec<String>,
}

/// What the base reports hold, as far as it tells the origin of what is there now: what it is learned from may take much
/// more room.
pub struct Base {
    /// Texts of the problems, with the report that holds each.
    texts: HashMap<Arc<str>, Arc<str>>,
    /// Versions of a package's problem that were there before and are gone, with the report that holds each.
    gone: BTreeMap<String, BTreeMap<String, Arc<str>>>,
    /// How many versions of a package's problem are new.
    fresh: BTreeMap<String, usize>,
    /// The tools that looked for each kind of problem.
    ran: BTreeMap<Category, BTreeSet<String>>,
    /// Folders in which each problem of a package was, if that is asked.
    folders: HashMap<String, BTreeSet<String>>,
}

impl Base {
    /// Learns from the base reports and from what is there now; also in which folders packages were, `with_folders`.
    pub fn of(before: &Before<'_>, now: &[Problem<'_>], with_folders: bool) -> Self {
        let mut base = Self {
            texts: HashMap::with_capacity(before.problems.len()),
            gone: BTreeMap::new(),
            fresh: BTreeMap::new(),
            ran: BTreeMap::new(),
            folders: HashMap::new(),
        };
        for (tool, kind) in looked_for(before.reports) {
            base.ran.entry(kind).or_default().insert(tool.to_owned());
        }
        let paths: BTreeMap<&str, Arc<str>> =
            before.reports.iter().map(|report| (report.path.as_str(), report.path.as_str().into())).collect();
        let still: HashSet<(&str, &str)> = now.iter().filter_map(|problem| kin(&problem.group)).collect();
        for problem in &before.problems {
            let Some(report) = paths.get(problem.group.first_report()) else { continue };
            base.texts.extend(problem.group.texts.iter().map(|text| (Arc::clone(text), Arc::clone(report))));
            if let Some((kin, _)) = kin(&problem.group).filter(|_| with_folders) {
                let places = problem.group.members.iter().flat_map(|member| &member.observation.locations);
                let places = places.map(|place| folder(before.places.resolve(&place.path)).to_owned());
                base.folders.entry(kin.to_owned()).or_default().extend(places);
            }
            if let Some((kin, version)) = kin(&problem.group).filter(|kin| !still.contains(kin)) {
                base.gone.entry(kin.to_owned()).or_default().insert(version.to_owned(), Arc::clone(report));
            }
        }
        let unseen = now.iter().filter(|problem| !base.holds(&problem.group));
        let mut fresh: BTreeMap<String, usize> = BTreeMap::new();
        for (kin, _) in unseen.filter_map(|problem| kin(&problem.group)) {
            *fresh.entry(kin.to_owned()).or_default() += 1;
        }
        Self { fresh, ..base }
    }

    /// Whether the problem of a package was in a folder before.
    pub fn was_in(&self, problem: &Problem<'_>, folder: &str) -> bool {
        let known = kin(&problem.group).and_then(|(kin, _)| self.folders.get(kin));
        known.is_some_and(|folders| folders.contains(folder))
    }

    fn holds(&self, group: &Group<'_>) -> bool {
        group.texts.iter().any(|text| self.texts.contains_key(&**text))
    }

    /// Whether only a count of alike places recognises the problem in the base reports.
    pub fn counts(&self, group: &Group<'_>) -> bool {
        let (counted, exact): (Vec<_>, Vec<_>) = group.texts.iter().partition(|text| rests_on_count(text));
        !counted.is_empty() && !exact.into_iter().any(|text| self.texts.contains_key(&**text))
    }

    /// The origin of a problem; `None` if the base reports cannot tell.
    pub fn judge(&self, problem: &Problem<'_>) -> Option<Verdict> {
        if let Some(report) = problem.group.texts.iter().find_map(|text| self.texts.get(&**text)) {
            return Some((Origin::Ambient, format!("also in the base report {report}")));
        }
        if let Some(verdict) = self.earlier_version(&problem.group) {
            return Some(verdict);
        }
        let ran = |member: &Member<'_>| self.ran.get(&member.category).is_some_and(|it| it.contains(member.scanner()));
        let looked = problem.group.members.iter().find(|member| ran(member))?;
        Some((Origin::Introduced, format!("not in the base report of {}", looked.scanner())))
    }

    /// A package that had the problem in a version which is gone now, and has it still in another one. Only where each
    /// new version can replace one that is gone: with one more it is not known which of them is new.
    fn earlier_version(&self, group: &Group<'_>) -> Option<Verdict> {
        let (kin, _) = kin(group)?;
        let gone = self.gone.get(kin)?;
        if gone.len() < self.fresh.get(kin).copied().unwrap_or_default() {
            return None;
        }
        let (version, report) = gone.first_key_value()?;
        let evidence = if version.is_empty() {
            format!("also in the base report {report}, which gives no version")
        } else {
            format!("also in the base report {report}, there in version {version}")
        };
        Some((Origin::Ambient, evidence))
    }

    /// Whether a problem of the base goes on in another version of the same package.
    fn goes_on(&self, group: &Group<'_>) -> bool {
        kin(group).is_some_and(|(kin, _)| {
            let fresh = self.fresh.get(kin).copied().unwrap_or_default();
            fresh > 0 && self.gone.get(kin).is_some_and(|gone| gone.len() >= fresh)
        })
    }

    /// The open problems of the base that are gone now, where every tool that saw them looked again.
    pub fn gone(&self, before: &Before<'_>, now: &[Problem<'_>], reports: &[Report]) -> Gone {
        let present: HashSet<&str> = now.iter().flat_map(|problem| &problem.group.texts).map(|text| &**text).collect();
        let ids: HashSet<&str> = now.iter().map(|problem| problem.id.as_str()).collect();
        let ran = looked_for(reports);
        let mut gone = Gone::default();
        let mut not_looked: BTreeMap<(&str, Category), usize> = BTreeMap::new();
        for problem in &before.problems {
            let still = problem.group.texts.iter().any(|text| present.contains(&**text));
            if still || !problem.is_open() || self.goes_on(&problem.group) || ids.contains(problem.id.as_str()) {
                continue;
            }
            let mut saw = problem.group.members.iter().map(|member| (member.scanner(), member.category));
            if let Some(tool) = saw.find(|tool| !ran.contains(tool)) {
                *not_looked.entry(tool).or_default() += 1;
                continue;
            }
            let mut finding = problem.finding(&before.places);
            finding.origin_evidence = format!("in the base report {}, no longer found", problem.group.first_report());
            finding.origin = Origin::Resolved;
            finding.by_base_report = true;
            gone.resolved.push(finding);
        }
        gone.remarks.extend(not_looked.into_iter().map(|((tool, category), count)| {
            format!(
                "{count} {category} finding(s) of the base report of {tool} are not in the current reports, but no complete \
                 {category} report of {tool} is among these: they are not counted as resolved. Add that report."
            )
        }));
        gone
    }
}

/// Kinds of problem that a tool looked for, by reports that were read in full.
fn looked_for(reports: &[Report]) -> BTreeSet<(&str, Category)> {
    let complete = reports.iter().filter(|report| {
        report.format.is_some() && report.unread == 0 && !report.problems.iter().any(|problem| problem.evidence_missing)
    });
    complete
        .flat_map(|report| {
            let seen = report.seen().filter_map(|seen| seen.category);
            let kinds: BTreeSet<Category> = report.scan.kinds.iter().copied().chain(seen).collect();
            report.scan.tools().flat_map(move |tool| kinds.clone().into_iter().map(move |kind| (tool, kind)))
        })
        .collect()
}

fn kin<'g>(group: &'g Group<'_>) -> Option<(&'g str, &'g str)> {
    group.kin.as_ref().map(|(kin, version)| (kin.as_str(), version.as_str()))
}
