//! Which public names mean the same vulnerability.
//!
//! Scanners name one vulnerability by its CVE, its GitHub advisory, or the number of an ecosystem's own database. Names
//! that stand together in one observation are aliases, and aliases of aliases are too. Two different CVEs, however, are
//! two vulnerabilities, even if one advisory lists both; so a class of names with more than one CVE is not trusted as
//! a whole. In such a class an observation stands for the CVEs that it lists itself, or, if it lists none, for those
//! listed beside its names elsewhere. An observation that stands for several CVEs stays one finding of its own, named
//! after all of them.
//!
//! Bulletins of distributions (RHSA, DSA, USN …) gather unrelated vulnerabilities of one update, so they never link.

use std::collections::{BTreeSet, HashMap};

use crate::model::identifier::Identifier;
use crate::model::report::Observation;

/// Schemes whose identifiers each name one vulnerability. A scheme that is not listed does not link: a missed merge is
/// a repetition, a false one hides a problem.
const LINKING: &[&str] = &[
    "CVE-",
    "GHSA-",
    "RUSTSEC-",
    "GO-",
    "PYSEC-",
    "SNYK-",
    "NPM:",
    "MAL-",
    "OSV-",
    "SONATYPE-",
    "GMS-",
    "HSEC-",
    "RSEC-",
    "JLSEC-",
    "BIT-",
    "EUVD-",
];

/// What an observation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Advisory {
    /// Canonical name: the CVE if there is one, else the first of its names.
    pub name: String,
    /// The CVEs, if it stands for more than one.
    pub several: Vec<String>,
    /// Whether the name is public, not one tool's own.
    pub public: bool,
}

/// Which names mean the same, as learned from a set of observations.
#[derive(Debug, Default)]
pub struct Aliases {
    number: HashMap<Identifier, usize>,
    /// Class of each name, by number.
    class: Vec<usize>,
    /// First name of each class, and whether more than one CVE is in it.
    classes: HashMap<usize, (Identifier, bool)>,
    /// CVEs listed beside a name.
    beside: HashMap<usize, BTreeSet<Identifier>>,
}

impl Aliases {
    /// Learns from observations.
    pub fn of<'a>(observations: impl Iterator<Item = &'a Observation>) -> Self {
        let mut aliases = Self::default();
        for observation in observations {
            let names = linking(observation);
            let numbers: Vec<usize> = names.iter().map(|name| aliases.number_of(name)).collect();
            for pair in numbers.windows(2) {
                let (a, b) = (find(&mut aliases.class, pair[0]), find(&mut aliases.class, pair[1]));
                aliases.class[a.max(b)] = a.min(b);
            }
            let cves: Vec<&Identifier> = names.iter().filter(|name| name.is_cve()).collect();
            for (name, number) in names.iter().zip(&numbers).filter(|(name, _)| !name.is_cve()) {
                debug_assert!(!name.is_cve());
                aliases.beside.entry(*number).or_default().extend(cves.iter().map(|cve| (*cve).clone()));
            }
        }
        for number in 0..aliases.class.len() {
            aliases.class[number] = find(&mut aliases.class, number);
        }
        for (name, number) in &aliases.number {
            let class = aliases.classes.entry(aliases.class[*number]).or_insert_with(|| (name.clone(), false));
            class.1 |= class.0.is_cve() && name.is_cve() && class.0 != *name;
            if *name < class.0 {
                class.0 = name.clone();
            }
        }
        aliases
    }

    /// What an observation is about. One without any public name is about its tool's own rule.
    pub fn advisory(&self, observation: &Observation, tool: &str) -> Advisory {
        let names = linking(observation);
        let one = |name: &str| Advisory { name: name.to_owned(), several: Vec::new(), public: true };
        let Some(first) = names.first() else {
            let names = |id: &&Identifier| !id.as_str().starts_with("CWE-") && !is_no_name(id);
            let other = observation.identifiers.iter().filter(names).min();
            return other.map_or_else(
                || Advisory {
                    name: format!("{tool} {}", observation.rule.trim().to_lowercase()),
                    several: Vec::new(),
                    public: false,
                },
                |id| one(id.as_str()),
            );
        };
        let class = self.number.get(first).and_then(|number| self.classes.get(&self.class[*number]));
        if let Some((name, false)) = class {
            return one(name.as_str());
        }
        let mut cves: BTreeSet<&Identifier> = names.iter().filter(|name| name.is_cve()).collect();
        if cves.is_empty() {
            let beside = names.iter().filter_map(|name| self.beside.get(self.number.get(name)?));
            cves.extend(beside.flatten());
        }
        let several: Vec<String> = cves.iter().map(ToString::to_string).collect();
        match several.as_slice() {
            [] => one(first.as_str()),
            [single] => one(single),
            _ => Advisory { name: several.join("+"), several, public: true },
        }
    }

    fn number_of(&mut self, name: &Identifier) -> usize {
        if let Some(number) = self.number.get(name) {
            return *number;
        }
        let number = self.class.len();
        self.class.push(number);
        self.number.insert(name.clone(), number);
        number
    }
}

/// Smallest number of the class, shortening the way to it.
fn find(class: &mut [usize], mut number: usize) -> usize {
    while class[number] != number {
        class[number] = class[class[number]];
        number = class[number];
    }
    number
}

/// The names of an observation that link, first name first. If the rule itself is a CVE, that is the one meant, and
/// other CVEs beside it are only related.
fn linking(observation: &Observation) -> Vec<Identifier> {
    let rule = Identifier::parse(&observation.rule).as_ref().map(plain).filter(links);
    let rule_is_cve = rule.as_ref().is_some_and(Identifier::is_cve);
    let mut names: BTreeSet<Identifier> = observation.identifiers.iter().map(plain).filter(links).collect();
    if rule_is_cve {
        names.retain(|name| !name.is_cve());
    }
    names.extend(rule);
    names.into_iter().collect()
}

/// The CVEs that an observation is about.
pub fn cves(observation: &Observation) -> Vec<Identifier> {
    linking(observation).into_iter().filter(Identifier::is_cve).collect()
}

fn links(name: &Identifier) -> bool {
    LINKING.iter().any(|scheme| name.as_str().starts_with(scheme)) && !is_no_name(name)
}

/// Whether it stands where a CVE belongs and is none: `CVE-NO-MATCH`, `CVE-2026-XXXX`.
fn is_no_name(name: &Identifier) -> bool {
    name.as_str().starts_with("CVE-") && !name.is_cve()
}

/// `DEBIAN-CVE-2023-1234` and its like are a distribution's view of that very CVE.
pub fn plain(name: &Identifier) -> Identifier {
    let inner = name.as_str().find("-CVE-").and_then(|at| Identifier::parse(&name.as_str()[at + 1..]));
    inner.filter(Identifier::is_cve).unwrap_or_else(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(names: &[&str]) -> Observation {
        Observation {
            identifiers: names.iter().filter_map(|name| Identifier::parse(name)).collect(),
            ..Observation::default()
        }
    }

    fn names(observations: &[Observation]) -> Vec<String> {
        let aliases = Aliases::of(observations.iter());
        observations.iter().map(|observation| aliases.advisory(observation, "tool").name).collect()
    }

    #[test]
    fn what_stands_in_the_place_of_a_cve_names_nothing_and_links_nothing() {
        let with_rule = |rule: &str, names: &[&str]| Observation { rule: rule.to_owned(), ..seen(names) };
        let observations = [with_rule("a", &["CVE-NO-MATCH"]), with_rule("b", &["CVE-NO-MATCH"])];
        assert_eq!(names(&observations), ["tool a", "tool b"]);
        let observations =
            [seen(&["CVE-2026-XXXX", "GHSA-aaaa-bbbb-cccc"]), seen(&["CVE-2026-XXXX", "GHSA-dddd-eeee-ffff"])];
        assert_eq!(names(&observations), ["GHSA-aaaa-bbbb-cccc", "GHSA-dddd-eeee-ffff"]);
    }

    #[test]
    fn aliases_of_aliases_are_one_vulnerability() {
        let observations = [
            seen(&["GHSA-aaaa-aaaa-aaaa"]),
            seen(&["RUSTSEC-2024-0001", "GHSA-aaaa-aaaa-aaaa"]),
            seen(&["CVE-2024-0001", "RUSTSEC-2024-0001"]),
        ];
        assert_eq!(names(&observations), ["CVE-2024-0001"; 3]);
    }

    #[test]
    fn an_advisory_of_two_cves_does_not_make_them_one() {
        let observations = [
            seen(&["CVE-2024-0001", "GHSA-aaaa-aaaa-aaaa"]),
            seen(&["CVE-2024-0002", "GHSA-aaaa-aaaa-aaaa"]),
            seen(&["CVE-2024-0001", "CVE-2024-0002", "GHSA-aaaa-aaaa-aaaa"]),
            seen(&["GHSA-aaaa-aaaa-aaaa"]),
        ];
        let both = "CVE-2024-0001+CVE-2024-0002";
        assert_eq!(names(&observations), ["CVE-2024-0001", "CVE-2024-0002", both, both]);
    }

    #[test]
    fn a_bulletin_of_a_distribution_links_nothing() {
        let observations = [
            seen(&["GHSA-aaaa-aaaa-aaaa", "RHSA-2024:0001"]),
            seen(&["GHSA-bbbb-bbbb-bbbb", "RHSA-2024:0001"]),
            seen(&["RHSA-2024:0001"]),
        ];
        assert_eq!(names(&observations), ["GHSA-aaaa-aaaa-aaaa", "GHSA-bbbb-bbbb-bbbb", "RHSA-2024:0001"]);
    }

    #[test]
    fn a_rule_that_is_a_cve_says_which_one_is_meant() {
        let mut observation = seen(&["CVE-2024-0001", "CVE-2024-0002"]);
        observation.rule = "CVE-2024-0002".to_owned();
        assert_eq!(names(&[observation, seen(&["DEBIAN-CVE-2024-0002"])]), ["CVE-2024-0002"; 2]);
    }

    #[test]
    fn without_a_public_name_the_rule_counts_only_within_its_tool() {
        let observation = Observation { rule: "1234".to_owned(), ..Observation::default() };
        let aliases = Aliases::default();
        let (a, b) = (aliases.advisory(&observation, "a"), aliases.advisory(&observation, "b"));
        assert!(a != b && !a.public);
    }
}
