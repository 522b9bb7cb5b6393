//! Observations that turned out to be about the same problem, before their facts are merged.

use std::sync::Arc;

use crate::model::category::Category;
use crate::model::report::{Observation, Report};

/// One observation and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The report that holds it.
    pub report: &'a Report,
    /// Place of the report among all reports, in the order that does not depend on how they were given.
    pub report_rank: usize,
    /// What the scanner saw.
    pub observation: &'a Observation,
    /// What kind of problem it is.
    pub category: Category,
    /// Whether the scanner counts it.
    pub open: bool,
}

impl<'a> Member<'a> {
    /// The tool that saw it.
    pub fn tool(&self) -> &'a str {
        self.observation.tool.as_deref().unwrap_or(&self.report.scan.tool)
    }

    /// First line of the principal location.
    pub fn line(&self) -> Option<u32> {
        self.observation.locations.first().and_then(|location| location.line).filter(|line| *line > 0)
    }
}

/// Observations about the same problem, with the texts that its id is made from.
#[derive(Debug)]
pub struct Group<'a> {
    /// The observations; never empty.
    pub members: Vec<Member<'a>>,
    /// What the problem is, in canonical words: what its id is made from.
    pub name: Arc<str>,
    /// By what it is recognised in another run: its name, or something better, and the names that other scanners gave
    /// it, each once and in order. Never shown.
    pub texts: Vec<Arc<str>>,
    /// What tells it from another problem of the same name; not part of the id unless there is such a one.
    pub distinction: String,
    /// For a package: the problem regardless of the version, and the version.
    pub kin: Option<(String, String)>,
}

impl<'a> Group<'a> {
    /// A group that is recognised by its name.
    pub fn new(members: Vec<Member<'a>>, name: String, distinction: String) -> Self {
        let name: Arc<str> = name.into();
        Self { members, texts: vec![Arc::clone(&name)], name, distinction, kin: None }
    }

    /// The first of the scanners that saw it, by name and rule, and the report in which it did.
    pub fn first_report(&self) -> &'a str {
        let saw = self.members.iter().map(|member| (member.tool(), &member.observation.rule, &member.report.path));
        saw.min().map_or("", |(_, _, report)| report.as_str())
    }

    /// What it has in common with its equals in the same file, which only a number tells apart; `None` for what is not
    /// named by a place in a file.
    pub fn alike(&self) -> Option<&str> {
        let (alike, _) = self.name.rsplit_once('\u{1f}')?;
        self.name.starts_with("place\u{1f}").then_some(alike)
    }

    /// CWE numbers of all members.
    pub fn cwe(&self) -> impl Iterator<Item = u32> + '_ {
        self.members.iter().flat_map(|member| member.observation.cwe.iter().copied())
    }

    /// Whether this group and another could be two scanners' views of one problem: they share a CWE, and no report
    /// speaks in both (a report that has two results means two problems).
    pub fn may_be(&self, other: &Self) -> bool {
        self.reports_differ(other) && self.cwe().any(|number| other.cwe().any(|another| another == number))
    }

    /// Whether no report speaks in both groups.
    pub fn reports_differ(&self, other: &Self) -> bool {
        !self.members.iter().any(|m| other.members.iter().any(|n| m.report_rank == n.report_rank))
    }

    /// Takes in what another group knows.
    pub fn absorb(&mut self, other: Self) {
        self.members.extend(other.members);
        self.texts.extend(other.texts);
        self.texts.sort_unstable();
        self.texts.dedup();
        if other.name < self.name {
            self.name = other.name;
        }
        self.distinction = std::mem::take(&mut self.distinction).min(other.distinction);
    }
}

/// Most groups near one place that a further one is compared with; keeps hostile reports from costing quadratic time.
const MOST_NEAR: usize = 64;

/// Joins groups of different reports that are at one place: `near` says whether two are, `same` whether they are one
/// problem. The groups must be sorted by place, so that a group which is not near is never near again.
///
/// A group joins the first that fits and is compared with that one's first part only: chains of overlapping regions
/// do not grow into one finding.
pub fn join<'a>(
    sorted: Vec<Group<'a>>,
    near: impl Fn(&Group<'a>, &Group<'a>) -> bool,
    same: impl Fn(&Group<'a>, &Group<'a>) -> bool,
) -> Vec<Group<'a>> {
    let mut done: Vec<Group<'a>> = Vec::with_capacity(sorted.len());
    let mut open: Vec<Group<'a>> = Vec::new();
    for group in sorted {
        done.extend(open.extract_if(.., |earlier| !near(earlier, &group)));
        if let Some(found) = open.iter().position(|earlier| same(earlier, &group)) {
            open[found].absorb(group);
            continue;
        }
        if open.len() == MOST_NEAR {
            done.push(open.remove(0));
        }
        open.push(group);
    }
    done.extend(open);
    done
}
