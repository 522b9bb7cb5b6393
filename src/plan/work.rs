//! Work items: which findings one action resolves.
//!
//! Every open finding (of any origin but `resolved`) belongs to exactly one work item:
//!
//! | category | one work item per | because |
//! |---|---|---|
//! | dependency with a fix | ecosystem, package, installed version | one upgrade resolves them all |
//! | dependency without a fix | the same | they need another answer than the upgrade |
//! | container with a fix | image | one rebuild brings in every patched package |
//! | container without a fix | ecosystem, package, installed version | |
//! | secret | finding | each credential is rotated by itself |
//! | code | first CWE (or rule) and file | the same mistake in one file is corrected in one go |
//! | configuration | rule and file (or artefact) | |
//! | runtime | rule and host | |
//! | malware, licence | ecosystem, package, version | |
//!
//! The target of an upgrade is the highest, over the findings, of each one's lowest fixed version above the installed
//! one: the version that resolves all of them. The id is made from what the table names, so that it is the same in
//! the next run.

pub mod applicable;
pub mod commands;
pub mod names;
pub mod treatments;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::model::assessment::{AssessedFinding, Assessment, Due, RowResult};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::digest::Digest;
use crate::model::origin::Origin;
use crate::model::verdict::Verdict;
use crate::model::version;

/// Findings that one action resolves, before treatments are looked up.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Stable id.
    pub id: String,
    /// What it is about, one line.
    pub title: String,
    /// Where it is, as the title ends: ` in src/a.rs (2 findings)`; empty if what it is about says that.
    pub place: String,
    /// Its findings, sorted by id.
    pub findings: Vec<&'a AssessedFinding>,
    /// The version that resolves all of them, for an upgrade.
    pub target: Option<String>,
}

/// What makes two findings one work item.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Action<'a> {
    Upgrade(Package<'a>),
    Contain(Package<'a>),
    Rebuild(&'a str),
    Rotate(&'a str),
    Correct {
        what: Cow<'a, str>,
        path: &'a str,
    },
    Configure {
        rule: &'a str,
        place: &'a str,
    },
    Harden {
        rule: &'a str,
        host: Cow<'a, str>,
    },
    Replace(Category, Package<'a>),
    /// A finding that lacks what its category groups by.
    Alone(Category, &'a str),
}

/// A package at a version.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Package<'a> {
    ecosystem: &'a str,
    name: &'a str,
    version: &'a str,
}

impl<'a> From<&'a Component> for Package<'a> {
    fn from(c: &'a Component) -> Self {
        Self { ecosystem: &c.ecosystem, name: &c.name, version: &c.version }
    }
}

/// The date to plan with. One that passed before the change came is a matter for those who answer for what was there
/// before, and not for whoever comes with the next change; an obligation holds whoever comes.
pub fn due(finding: &AssessedFinding, now: Timestamp) -> Option<&Due> {
    finding.due.as_ref().filter(|due| due.at >= now || !due.waivable)
}

/// Open findings for which something that was agreed asks: a row that is over a limit, or a date.
pub fn asked_for(assessment: &Assessment) -> HashSet<&str> {
    let open: HashMap<&str, &AssessedFinding> =
        assessment.findings.iter().filter(|f| is_open(f)).map(|f| (f.finding.id.as_str(), f)).collect();
    let over = |row: &&RowResult| {
        let count = row.findings.iter().filter(|id| open.contains_key(id.as_str())).count();
        row.state_at(count as u64) > Verdict::WithinAppetite
    };
    let limited = assessment.rows.iter().filter(over).flat_map(|row| &row.findings).map(String::as_str);
    let dated = open.iter().filter(|(_, finding)| due(finding, assessment.now).is_some()).map(|(id, _)| *id);
    limited.chain(dated).filter(|id| open.contains_key(id)).collect()
}

/// Whether a finding is open: it is there after the change.
pub fn is_open(finding: &AssessedFinding) -> bool {
    finding.finding.origin != Origin::Resolved
}

/// Partitions the open findings into work items, sorted by id.
pub fn groups<'a>(assessment: &'a Assessment) -> Vec<Group<'a>> {
    let mut by_action: HashMap<Action<'_>, Vec<&AssessedFinding>> = HashMap::new();
    for finding in assessment.findings.iter().filter(|f| is_open(f)) {
        by_action.entry(action(finding)).or_default().push(finding);
    }
    let mut groups: Vec<_> = by_action.iter().map(|(action, findings)| group(action, findings)).collect();
    let first = |group: &Group<'a>| group.findings[0].finding.id.as_str();
    groups.sort_by(|a, b| (&a.id, first(a)).cmp(&(&b.id, first(b))));
    groups
}

fn action(assessed: &AssessedFinding) -> Action<'_> {
    let finding = &assessed.finding;
    let alone = || Action::Alone(finding.category, &finding.id);
    let package = finding.component.as_ref().filter(|c| !c.name.is_empty());
    let fixed = package.is_some_and(|c| !c.fix.versions().is_empty());
    let rule = || finding.sources.iter().map(|s| s.rule.as_str()).find(|rule| !rule.is_empty());
    let path = || finding.locations.first().map(|l| l.path.as_str());
    let artefact = || finding.artefact.as_deref();
    let place = || path().or_else(artefact);
    match finding.category {
        Category::Dependency => {
            package.map_or_else(alone, |c| if fixed { Action::Upgrade(c.into()) } else { Action::Contain(c.into()) })
        }
        Category::Container if fixed => artefact().or_else(path).map_or_else(alone, Action::Rebuild),
        Category::Container => package.map_or_else(alone, |c| Action::Contain(c.into())),
        Category::Secret => Action::Rotate(&finding.id),
        Category::Code => {
            let weakness = finding.cwe.first().map(|cwe| Cow::Owned(format!("CWE-{cwe}")));
            let what = weakness.or_else(|| rule().map(Cow::Borrowed));
            what.zip(place()).map_or_else(alone, |(what, path)| Action::Correct { what, path })
        }
        Category::Configuration => {
            rule().zip(place()).map_or_else(alone, |(rule, place)| Action::Configure { rule, place })
        }
        Category::Runtime => {
            let address = finding.endpoint.as_ref().map(|endpoint| Cow::Owned(host(&endpoint.url)));
            let host = address.or_else(|| artefact().map(Cow::Borrowed));
            rule().zip(host).map_or_else(alone, |(rule, host)| Action::Harden { rule, host })
        }
        Category::Malware | Category::Licence => {
            package.map_or_else(alone, |c| Action::Replace(finding.category, c.into()))
        }
    }
}

fn group<'a>(action: &Action<'_>, findings: &[&'a AssessedFinding]) -> Group<'a> {
    let first = &findings[0].finding;
    let target = matches!(action, Action::Upgrade(_)).then(|| target(findings)).flatten();
    let several = |text: String| match findings.len() {
        1 => text,
        n => format!("{text} ({n} findings)"),
    };
    // The place follows, and perhaps a line: a sentence does not end before it.
    let what = first.title.trim_end_matches('.');
    let place = match action {
        Action::Rotate(_) => first.locations.first().map_or_else(String::new, |at| format!(" in {}", at.path)),
        Action::Correct { path, .. } => several(format!(" in {path}")),
        Action::Configure { place, .. } => several(format!(" in {place}")),
        Action::Harden { host, .. } => several(format!(" on {host}")),
        _ => String::new(),
    };
    let title = match action {
        Action::Upgrade(p) => match &target {
            Some(version) => format!("Upgrade {} to {version}", named(p)),
            None => format!("Upgrade {}", named(p)),
        },
        Action::Contain(p) => several(format!("{}, no fixed version known", named(p))),
        Action::Rebuild(image) => format!("Rebuild {image} on patched packages"),
        Action::Rotate(_) | Action::Correct { .. } | Action::Configure { .. } | Action::Harden { .. } => {
            format!("{what}{place}")
        }
        Action::Replace(category, p) => format!("{} ({category})", named(p)),
        Action::Alone(..) => what.to_owned(),
    };
    let id = format!("w-{}", Digest::of(format!("{action:?}").as_bytes()).short());
    Group { id, title, place, findings: findings.to_vec(), target }
}

fn named(package: &Package<'_>) -> String {
    if package.version.is_empty() { package.name.to_owned() } else { format!("{} {}", package.name, package.version) }
}

/// The version that resolves all findings of an upgrade.
fn target<'a>(findings: &[&'a AssessedFinding]) -> Option<String> {
    let component = |f: &'a AssessedFinding| f.finding.component.as_ref();
    // An upgrade is one of one package.
    let ecosystem = findings.iter().find_map(|f| component(f)).map_or("", |component| &component.ecosystem);
    let needed = findings.iter().filter_map(|f| {
        let component = component(f)?;
        let fixes = component.fix.versions();
        // Where a report's fixes all lie below what is installed, the highest says most.
        let highest = || fixes.iter().map(String::as_str).max_by(|a, b| version::compare(ecosystem, a, b));
        version::least_above(ecosystem, &component.version, fixes).or_else(highest)
    });
    needed.reduce(|a, b| if version::compare(ecosystem, b, a) == Ordering::Greater { b } else { a }).map(str::to_owned)
}

/// The host (and port) of an address; the whole address if it has none.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[..end].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::applicable::Applicable;
    use super::*;
    use crate::model::location::{Endpoint, Location};
    use crate::plan::sample::{self, component};

    fn titles(findings: Vec<AssessedFinding>) -> Vec<(String, usize)> {
        let assessment = sample::assessment(findings);
        let mut titles: Vec<_> =
            groups(&assessment).into_iter().map(|group| (group.title, group.findings.len())).collect();
        titles.sort();
        titles
    }

    #[test]
    fn one_upgrade_goes_to_the_version_that_resolves_all() {
        let found = |id: &str, fix: &[&str]| {
            let mut f = sample::finding(id, Category::Dependency);
            f.finding.component = Some(component("npm", "lodash", "4.17.15", fix));
            f
        };
        // 3.10.2 is a fix for an older line: below what is installed, and no help.
        let findings = vec![
            found("f-1", &["3.10.2", "4.17.19"]),
            found("f-2", &["4.17.21"]),
            found("f-3", &["4.17.20", "5.0.0"]),
            found("f-4", &[]),
        ];
        assert_eq!(
            titles(findings),
            [
                ("Upgrade lodash 4.17.15 to 4.17.21".to_owned(), 3),
                ("lodash 4.17.15, no fixed version known".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn a_rebuild_covers_an_image_and_a_resolved_finding_is_no_work() {
        let found = |id: &str, name: &str, fix: &[&str], origin| {
            let mut f = sample::finding(id, Category::Container);
            f.finding.component = Some(component("deb", name, "1.0-1", fix));
            f.finding.artefact = Some("registry/shop:1.4".to_owned());
            f.finding.origin = origin;
            f
        };
        let findings = vec![
            found("f-1", "openssl", &["1.0-2"], Origin::Ambient),
            found("f-2", "zlib", &["1.0-3"], Origin::Introduced),
            found("f-3", "perl", &[], Origin::Introduced),
            found("f-4", "curl", &["2"], Origin::Resolved),
        ];
        assert_eq!(
            titles(findings),
            [
                ("Rebuild registry/shop:1.4 on patched packages".to_owned(), 2),
                ("perl 1.0-1, no fixed version known".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn code_goes_by_weakness_and_file_and_runtime_by_rule_and_host() {
        let code = |id: &str, cwe: &[u32], path: &str| {
            let mut f = sample::finding(id, Category::Code);
            f.finding.title = "SQL injection".to_owned();
            f.finding.cwe = cwe.to_vec();
            f.finding.locations = vec![Location { path: path.to_owned(), ..Location::default() }];
            f
        };
        let runtime = |id: &str, url: &str| {
            let mut f = sample::finding(id, Category::Runtime);
            f.finding.title = "Missing header".to_owned();
            f.finding.endpoint = Some(Endpoint { url: url.to_owned(), ..Endpoint::default() });
            f
        };
        let findings = vec![
            code("f-1", &[89], "src/a.rs"),
            code("f-2", &[89], "src/a.rs"),
            code("f-3", &[89], "src/b.rs"),
            runtime("f-4", "https://Shop.example/a?x=1"),
            runtime("f-5", "https://shop.example/b"),
            runtime("f-6", "https://shop.example:8443"),
        ];
        assert_eq!(
            titles(findings),
            [
                ("Missing header on shop.example (2 findings)".to_owned(), 2),
                ("Missing header on shop.example:8443".to_owned(), 1),
                ("SQL injection in src/a.rs (2 findings)".to_owned(), 2),
                ("SQL injection in src/b.rs".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn a_step_names_the_place_of_what_it_treats() {
        let setting = |id: &str, path: &str| {
            let mut f = sample::finding(id, Category::Configuration);
            f.finding.title = "Unencrypted block device.".to_owned();
            f.finding.locations = vec![Location { path: path.to_owned(), ..Location::default() }];
            f
        };
        let assessment = sample::assessment(vec![setting("f-1", "a.tf"), setting("f-2", "b.tf")]);
        let rules = crate::rules::load(&[]).expect("built-in rules").treatments;
        let steps: Vec<String> = groups(&assessment)
            .iter()
            .flat_map(|group| treatments::work_item(group, &Applicable::of(&rules), true).0.treatments)
            .filter(|treatment| treatment.title.contains("block device"))
            .map(|treatment| treatment.title)
            .collect();
        assert!(!steps.is_empty() && steps.iter().all(|step| step.ends_with(".tf")), "{steps:?}");
        assert!(steps.contains(&"Correct the setting: Unencrypted block device in a.tf".to_owned()), "{steps:?}");
    }

    #[test]
    fn ids_do_not_depend_on_what_else_was_found() {
        let alone = sample::assessment(vec![sample::finding("f-1", Category::Secret)]);
        let both =
            sample::assessment(vec![sample::finding("f-0", Category::Code), sample::finding("f-1", Category::Secret)]);
        let id = groups(&alone)[0].id.clone();
        // Written out, because decisions and commitments of earlier runs name it.
        assert_eq!(id, "w-ce16fec2d707");
        assert!(groups(&both).iter().any(|group| group.id == id));
    }
}
