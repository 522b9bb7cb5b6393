//! Vulnerabilities of packages: advisory × package × version.
//!
//! Reports differ in how much they say of a package. Observations are taken in the order of completeness; one that
//! leaves out the ecosystem, the version or the whole package joins the problem that it can only mean, if there is
//! exactly one. Where there are several it stays a finding of its own.

use std::collections::HashMap;

use crate::model::category::Category;

use super::advisory::{Advisory, Aliases};
use super::group::{Group, Member};
use super::identity;
use super::package::{Package, loose};

/// Whether an observation is about a package, named or meant by its advisory.
pub fn concerns(member: &Member<'_>) -> bool {
    matches!(member.category, Category::Dependency | Category::Container | Category::Malware | Category::Licence)
        && member.observation.component.as_ref().is_some_and(|component| !component.name.trim().is_empty())
}

/// Advisory and package of a problem.
type Key = (Advisory, Package);

/// What a partial description fixes: name of the advisory, loose name, version, ecosystem.
type Pattern = (String, Option<String>, Option<String>, Option<String>);

/// Groups the observations about packages. Those of `unplaced` name no package; they join where their advisory has
/// only one, and the others come back.
pub fn group<'a>(
    members: Vec<Member<'a>>,
    unplaced: Vec<Member<'a>>,
    aliases: &Aliases,
) -> (Vec<Group<'a>>, Vec<Member<'a>>) {
    let mut stages: [Vec<(Key, Member<'a>)>; 4] = Default::default();
    for member in members {
        let key = key(&member, aliases);
        let stage = usize::from(key.1.is_partial()) + 2 * usize::from(key.1.version.is_empty());
        stages[stage].push((key, member));
    }
    let mut problems = Problems::default();
    // What answers to a description is needed only where something is left out.
    let partial = !unplaced.is_empty() || stages[1..].iter().any(|stage| !stage.is_empty());
    for (number, stage) in stages.into_iter().enumerate() {
        let first_new = problems.list.len();
        for (key, member) in stage {
            let meant = if number == 0 { None } else { problems.meant(&pattern(&key)) };
            match meant {
                Some(meant) => problems.list[meant].1.push(member),
                None => problems.add(key, member),
            }
        }
        if partial {
            problems.describe(first_new);
        }
    }
    let mut rest = Vec::new();
    for member in unplaced {
        let advisory = aliases.advisory(member.observation, member.tool());
        match problems.meant(&(advisory.name, None, None, None)).filter(|_| advisory.public) {
            Some(meant) => problems.list[meant].1.push(member),
            None => rest.push(member),
        }
    }
    problems.spread();
    let found = problems.list.into_iter().filter(|(_, members)| !members.is_empty());
    (found.map(|(key, members)| named(key, members)).collect(), rest)
}

/// The problems found so far.
#[derive(Default)]
struct Problems<'a> {
    list: Vec<(Key, Vec<Member<'a>>)>,
    by_key: HashMap<Key, usize>,
    /// The one problem that answers to a description, none if there are several.
    by_pattern: HashMap<Pattern, Option<usize>>,
}

impl<'a> Problems<'a> {
    fn add(&mut self, key: Key, member: Member<'a>) {
        if let Some(known) = self.by_key.get(&key) {
            self.list[*known].1.push(member);
            return;
        }
        self.by_key.insert(key.clone(), self.list.len());
        self.list.push((key, vec![member]));
    }

    fn meant(&self, pattern: &Pattern) -> Option<usize> {
        self.by_pattern.get(pattern).copied().flatten()
    }

    /// Notes every partial description that the problems from `first_new` on answer to.
    fn describe(&mut self, first_new: usize) {
        for (index, (key, _)) in self.list.iter().enumerate().skip(first_new) {
            for pattern in patterns(key) {
                let meant = self.by_pattern.entry(pattern).or_insert(Some(index));
                *meant = meant.filter(|other| *other == index);
            }
        }
    }

    /// An advisory of several CVEs adds nothing where each of these CVEs is a problem of the same package already: what
    /// it says goes to all of them, and it is no finding of its own.
    fn spread(&mut self) {
        for index in 0..self.list.len() {
            let (advisory, package) = &self.list[index].0;
            if advisory.several.is_empty() {
                continue;
            }
            let single = |name: &String| Advisory { name: name.clone(), several: Vec::new(), public: true };
            let part = |name| self.by_key.get(&(single(name), package.clone())).copied();
            let Some(parts) = advisory.several.iter().map(part).collect::<Option<Vec<usize>>>() else { continue };
            let members = std::mem::take(&mut self.list[index].1);
            for part in parts {
                self.list[part].1.extend(members.iter().copied());
            }
        }
    }
}

fn key(member: &Member<'_>, aliases: &Aliases) -> Key {
    let observation = member.observation;
    let advisory = if member.category == Category::Licence {
        let name = format!("licence {}", observation.rule.trim().to_lowercase());
        Advisory { name, several: Vec::new(), public: false }
    } else {
        aliases.advisory(observation, member.tool())
    };
    (advisory, observation.component.as_ref().map(Package::of).unwrap_or_default())
}

fn pattern((advisory, package): &Key) -> Pattern {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (advisory.name.clone(), Some(package.loose_name()), given(&package.version), given(&package.ecosystem))
}

/// Every partial description that a problem answers to.
fn patterns(key: &Key) -> Vec<Pattern> {
    let (advisory, _, version, ecosystem) = pattern(key);
    let mut patterns = vec![(advisory.clone(), None, None, None)];
    for name in key.1.loose_names() {
        for version in [None, version.clone()] {
            for ecosystem in [None, ecosystem.clone()] {
                patterns.push((advisory.clone(), Some(name.clone()), version.clone(), ecosystem));
            }
        }
    }
    // A missing fact repeats a pattern; the same key twice is no ambiguity.
    patterns
}

fn named((advisory, package): Key, members: Vec<Member<'_>>) -> Group<'_> {
    let loose = loose(&package.name);
    let kin = identity::text(&["package", &advisory.name, &loose]);
    let text = identity::text(&["package", &advisory.name, &loose, &package.version]);
    let distinction = format!("{} {}", package.ecosystem, package.name);
    Group { kin: Some((kin, package.version)), ..Group::new(members, text, distinction) }
}
