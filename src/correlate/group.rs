//! Observations that turned out to be about the same problem, before their facts are merged.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::category::Category;
use crate::model::identifier::Identifier;
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

    /// The tool whose scan the report holds: another one than [`tool`](Self::tool) where it passes on what others found.
    pub fn scanner(&self) -> &'a str {
        self.report.scan.tool_of(self.observation)
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

/// A group that may be joined with others. What is compared of it is gathered once: thousands of rows at one place are
/// one group, and thousands of groups may be near it.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// The group.
    pub group: Group<'a>,
    facts: OnceCell<Facts<'a>>,
}

#[derive(Debug)]
struct Facts<'a> {
    reports: BTreeSet<usize>,
    cwe: BTreeSet<u32>,
    cves: BTreeSet<&'a Identifier>,
    is_secret: bool,
}

impl<'a> Candidate<'a> {
    fn facts(&self) -> &Facts<'a> {
        self.facts.get_or_init(|| {
            let seen = || self.group.members.iter().map(|member| member.observation);
            Facts {
                reports: self.group.members.iter().map(|member| member.report_rank).collect(),
                cwe: self.group.cwe().collect(),
                cves: seen().flat_map(|seen| &seen.identifiers).filter(|name| name.is_cve()).collect(),
                is_secret: self.group.members.iter().all(|member| member.category == Category::Secret),
            }
        })
    }

    /// The CVEs that the results name.
    pub fn cves(&self) -> &BTreeSet<&'a Identifier> {
        &self.facts().cves
    }

    /// Whether all of it is about a secret.
    pub fn is_secret(&self) -> bool {
        self.facts().is_secret
    }

    /// Whether this group and another could be two scanners' views of one problem: they share a CWE, and no report
    /// speaks in both (a report that has two results means two problems).
    pub fn may_be(&self, other: &Self) -> bool {
        self.reports_differ(other) && meet(&self.facts().cwe, &other.facts().cwe)
    }

    /// Whether no report speaks in both groups.
    pub fn reports_differ(&self, other: &Self) -> bool {
        !meet(&self.facts().reports, &other.facts().reports)
    }

    /// Takes in what another knows.
    fn absorb(&mut self, other: Self) {
        if let Some(facts) = self.facts.get_mut() {
            let more = other.facts();
            facts.reports.extend(&more.reports);
            facts.cwe.extend(&more.cwe);
            facts.cves.extend(&more.cves);
            facts.is_secret &= more.is_secret;
        }
        self.group.absorb(other.group);
    }
}

/// Whether two sets share something.
fn meet<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> bool {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().any(|item| many.contains(item))
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
    same: impl Fn(&Candidate<'a>, &Candidate<'a>) -> bool,
) -> Vec<Group<'a>> {
    let mut done: Vec<Group<'a>> = Vec::with_capacity(sorted.len());
    let mut open: Vec<Candidate<'a>> = Vec::new();
    for group in sorted {
        done.extend(open.extract_if(.., |earlier| !near(&earlier.group, &group)).map(|gone| gone.group));
        let candidate = Candidate { group, facts: OnceCell::new() };
        if let Some(found) = open.iter().position(|earlier| same(earlier, &candidate)) {
            open[found].absorb(candidate);
            continue;
        }
        if open.len() == MOST_NEAR {
            done.push(open.remove(0).group);
        }
        open.push(candidate);
    }
    done.extend(open.into_iter().map(|left| left.group));
    done
}
