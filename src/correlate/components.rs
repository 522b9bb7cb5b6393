//! Vulnerabilities of packages: advisory × package × version.
//!
//! Reports differ in how much they say of a package. Observations are taken in the order of completeness; one that
//! leaves out the ecosystem, the version or the whole package joins the problem that it can only mean, if there is
//! exactly one. Where there are several it stays a finding of its own.

use std::collections::{BTreeMap, HashMap};

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
    let mut stages: [BTreeMap<Key, Vec<Member<'a>>>; 4] = Default::default();
    for member in members {
        let key = key(&member, aliases);
        let stage = usize::from(key.1.ecosystem.is_empty()) + 2 * usize::from(key.1.version.is_empty());
        stages[stage].entry(key).or_default().push(member);
    }
    let mut problems: BTreeMap<Key, Vec<Member<'a>>> = BTreeMap::new();
    let mut known: HashMap<Pattern, Option<Key>> = HashMap::new();
    for stage in stages {
        let partial = !problems.is_empty();
        let mut new = Vec::new();
        for (key, members) in stage {
            match known.get(&pattern(&key)).filter(|_| partial && incomplete(&key.1)) {
                Some(Some(meant)) => problems.entry(meant.clone()).or_default().extend(members),
                _ => new.push((key, members)),
            }
        }
        for (key, members) in new {
            for pattern in patterns(&key) {
                known
                    .entry(pattern)
                    .and_modify(|meant| *meant = meant.take().filter(|other| *other == key))
                    .or_insert_with(|| Some(key.clone()));
            }
            problems.entry(key).or_default().extend(members);
        }
    }
    let mut rest = Vec::new();
    for member in unplaced {
        let advisory = aliases.advisory(member.observation, member.tool());
        match known.get(&(advisory.name.clone(), None, None, None)) {
            Some(Some(meant)) if advisory.public => problems.entry(meant.clone()).or_default().push(member),
            _ => rest.push(member),
        }
    }
    spread(&mut problems);
    (problems.into_iter().map(|(key, members)| named(key, members)).collect(), rest)
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

fn incomplete(package: &Package) -> bool {
    package.ecosystem.is_empty() || package.version.is_empty()
}

fn pattern((advisory, package): &Key) -> Pattern {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (advisory.name.clone(), Some(package.loose_name()), given(&package.version), given(&package.ecosystem))
}

/// Every partial description that a problem answers to.
fn patterns(key: &Key) -> Vec<Pattern> {
    let (advisory, name, version, ecosystem) = pattern(key);
    let mut patterns = vec![(advisory.clone(), None, None, None)];
    for version in [None, version] {
        for ecosystem in [None, ecosystem.clone()] {
            patterns.push((advisory.clone(), name.clone(), version.clone(), ecosystem));
        }
    }
    // A missing fact repeats a pattern; the same key twice is no ambiguity.
    patterns
}

/// An advisory of several CVEs adds nothing where each of these CVEs is a problem of the same package already: what it
/// says goes to all of them, and it is no finding of its own.
fn spread(problems: &mut BTreeMap<Key, Vec<Member<'_>>>) {
    let several: Vec<Key> = problems.keys().filter(|(advisory, _)| !advisory.several.is_empty()).cloned().collect();
    for key in several {
        let single = |name: &String| Advisory { name: name.clone(), several: Vec::new(), public: true };
        let parts: Vec<Key> = key.0.several.iter().map(|name| (single(name), key.1.clone())).collect();
        if parts.iter().all(|part| problems.contains_key(part))
            && let Some(members) = problems.remove(&key)
        {
            for part in parts {
                problems.entry(part).or_default().extend(members.iter().copied());
            }
        }
    }
}

fn named((advisory, package): Key, members: Vec<Member<'_>>) -> Group<'_> {
    let kin = identity::text(&["package", &advisory.name, &loose(&package.name)]);
    let text = identity::text(&[&kin, &package.version]);
    let distinction = format!("{} {}", package.ecosystem, package.name);
    Group { kin: Some((kin, package.version)), ..Group::new(members, text, distinction) }
}
