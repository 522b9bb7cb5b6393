//! The facts of one finding from all observations of it.
//!
//! Every fact comes from the source that knows most, by rules that do not depend on the order of the reports: the
//! highest severity, every identifier, a fix if anyone knows one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::category::Category;
use crate::model::clock::Stated;
use crate::model::component::{Component, Fix};
use crate::model::cvss::Cvss;
use crate::model::finding::{Finding, Source};
use crate::model::identifier::Identifier;
use crate::model::location::Location;
use crate::model::origin::Origin;
use crate::model::report::Observation;

use super::group::{Group, Member};
use super::package::{self, Package};
use super::place::Places;

/// Merges the members of a group into a finding whose origin is not yet judged.
pub fn finding(group: &Group<'_>, id: String, places: &Places<'_>) -> Finding {
    let members = &group.members;
    let all = || members.iter().map(|member| member.observation);
    let identifiers: BTreeSet<Identifier> = all().flat_map(|seen| seen.identifiers.iter().cloned()).collect();
    let cwe: BTreeSet<u32> = group.cwe().collect();
    let component = component(members);
    let sources: BTreeSet<Source> = members
        .iter()
        .map(|member| Source {
            tool: member.tool().to_owned(),
            rule: member.observation.rule.clone(),
            report: member.report.path.clone(),
        })
        .collect();
    Finding {
        id,
        by_count: false,
        by_base_report: false,
        category: category(members, component.as_ref()),
        title: title(members),
        severity: all().map(|seen| seen.severity).max().unwrap_or_default(),
        cvss: cvss(members),
        identifiers: identifiers.into_iter().collect(),
        cwe: cwe.into_iter().collect(),
        component,
        locations: locations(members, places),
        endpoint: all().filter_map(|seen| seen.endpoint.as_ref()).min().cloned(),
        artefact: all().filter_map(|seen| seen.artefact.as_ref()).min().cloned(),
        confidence: all().filter_map(|seen| seen.confidence).max(),
        verified: all().filter_map(|seen| seen.verified).max(),
        reachable: all().filter_map(|seen| seen.reachable).max(),
        reported_epss: all().filter_map(|seen| seen.epss).max_by(f64::total_cmp),
        reported_kev: all().filter_map(|seen| seen.kev).max(),
        published: earliest(members, |seen| seen.published),
        fixed_since: earliest(members, |seen| seen.fixed_since),
        sources: sources.into_iter().collect(),
        origin: Origin::Unknown,
        origin_evidence: String::new(),
    }
}

/// The earliest moment that a source states, and whose word it is.
fn earliest(members: &[Member<'_>], stated: impl Fn(&Observation) -> Option<Timestamp>) -> Option<Stated> {
    members
        .iter()
        .filter_map(|member| Some(Stated { at: stated(member.observation)?, source: member.tool().to_owned() }))
        .filter(|stated| is_date(stated.at))
        .min()
}

/// Whether a moment can be meant: what programs write where there is none is the zero of their calendar.
fn is_date(at: Timestamp) -> bool {
    at.duration_since(Timestamp::UNIX_EPOCH) > SignedDuration::from_hours(48)
}

/// The most telling category: what one scanner only calls code, another may know to be a secret.
fn category(members: &[Member<'_>], component: Option<&Component>) -> Category {
    const TELLING: [Category; 8] = [
        Category::Malware,
        Category::Secret,
        Category::Dependency,
        Category::Container,
        Category::Configuration,
        Category::Runtime,
        Category::Licence,
        Category::Code,
    ];
    let stated = |category: Category| members.iter().any(|member| member.category == category);
    if component.is_some_and(|component| package::is_of_distribution(&component.ecosystem))
        && stated(Category::Container)
    {
        return Category::Container;
    }
    TELLING.into_iter().find(|category| stated(*category)).unwrap_or(Category::Code)
}

/// Longest title that still is a title.
const TITLE_LENGTH: usize = 120;

/// The title that says most in one line: one that is more than a name of the rule, and not cut short.
fn title(members: &[Member<'_>]) -> String {
    let worth = |seen: &Observation| {
        let title = seen.title.trim();
        let only_a_name = title.eq_ignore_ascii_case(seen.rule.trim()) || Identifier::parse(title).is_some();
        let length = title.chars().count();
        (!title.is_empty(), !only_a_name, length <= TITLE_LENGTH, length.min(TITLE_LENGTH))
    };
    members
        .iter()
        .map(|member| member.observation)
        .max_by(|a, b| worth(a).cmp(&worth(b)).then_with(|| b.title.trim().cmp(a.title.trim())))
        .map(|seen| if seen.title.trim().is_empty() { seen.rule.clone() } else { seen.title.trim().to_owned() })
        .unwrap_or_default()
}

/// Every assessment once. Each report's own order counts first, then the newer version of CVSS.
fn cvss(members: &[Member<'_>]) -> Vec<Cvss> {
    let newer = |vector: &str| match vector {
        v if v.starts_with("CVSS:4") => 0,
        v if v.starts_with("CVSS:3.1") => 1,
        v if v.starts_with("CVSS:3") => 2,
        "" => 4,
        _ => 3,
    };
    let mut all: Vec<(usize, &Cvss)> =
        members.iter().flat_map(|member| member.observation.cvss.iter().enumerate()).collect();
    all.sort_by(|(place_a, a), (place_b, b)| {
        (place_a, newer(&a.vector), &a.source, &a.vector)
            .cmp(&(place_b, newer(&b.vector), &b.source, &b.vector))
            .then_with(|| b.score.unwrap_or(-1.0).total_cmp(&a.score.unwrap_or(-1.0)))
    });
    let mut kept: Vec<Cvss> = Vec::new();
    for (_, cvss) in all {
        let known = kept
            .iter_mut()
            .find(|known| known.vector == cvss.vector && (!cvss.vector.is_empty() || known.score == cvss.score));
        match known {
            Some(known) => {
                known.score = known.score.or(cvss.score);
                if known.source.is_empty() {
                    known.source.clone_from(&cvss.source);
                }
            }
            None => kept.push(cvss.clone()),
        }
    }
    kept
}

fn component(members: &[Member<'_>]) -> Option<Component> {
    let stated: Vec<&Component> = members.iter().filter_map(|member| member.observation.component.as_ref()).collect();
    // The fullest description, told apart by its words where two are as full.
    let fullest = stated.iter().max_by_key(|component| {
        let given = [!component.ecosystem.is_empty(), !component.version.is_empty(), component.purl.is_some()];
        (given.iter().filter(|given| **given).count(), std::cmp::Reverse(**component))
    })?;
    let known = Package::of(fullest);
    let first = |texts: &mut dyn Iterator<Item = &String>| texts.filter(|text| !text.is_empty()).min().cloned();
    Some(Component {
        ecosystem: if known.ecosystem.is_empty() { fullest.ecosystem.clone() } else { known.ecosystem },
        name: fullest.name.clone(),
        version: if fullest.version.is_empty() {
            first(&mut stated.iter().map(|component| &component.version)).unwrap_or(known.version)
        } else {
            fullest.version.clone()
        },
        purl: fullest
            .purl
            .clone()
            .or_else(|| first(&mut stated.iter().filter_map(|component| component.purl.as_ref()))),
        direct: stated.iter().filter_map(|component| component.direct).max(),
        fix: fix(&stated),
    })
}

/// A fix that anyone knows, lowest version first; that there is none counts only if nobody knows one.
fn fix(stated: &[&Component]) -> Fix {
    let mut versions: BTreeMap<String, &str> = BTreeMap::new();
    for version in stated.iter().flat_map(|component| component.fix.versions()) {
        let shown = versions.entry(package::version(version)).or_insert(version);
        *shown = (*shown).min(version);
    }
    let mut sorted: Vec<(String, &str)> = versions.into_iter().collect();
    sorted.sort_by_cached_key(|(version, _)| order(version));
    match Fix::in_versions(sorted.into_iter().map(|(_, shown)| shown)) {
        Fix::Unknown if stated.iter().any(|component| component.fix == Fix::NotAvailable) => Fix::NotAvailable,
        fix => fix,
    }
}

/// What versions are sorted by: runs of digits as numbers, a pre-release of a semantic version before its release.
fn order(version: &str) -> impl Ord + use<> {
    let before_release = semver::Version::parse(version).is_ok_and(|parsed| !parsed.pre.is_empty());
    let (release, pre) = version.split_once('-').filter(|_| before_release).unwrap_or((version, ""));
    (runs(release), !before_release, runs(pre), version.to_owned())
}

/// Runs of digits (as length and digits, so that they compare as numbers) and of other characters.
fn runs(version: &str) -> Vec<(usize, String)> {
    let mut runs = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let run = if digit { run.trim_start_matches('0') } else { run };
        runs.push((if digit { run.len() + 1 } else { 0 }, run.to_owned()));
        rest = tail;
    }
    runs
}

/// Every place once, with the most that any source says of it: the principal one first, the others sorted.
fn locations(members: &[Member<'_>], places: &Places<'_>) -> Vec<Location> {
    let here = |location: &Location| Location {
        path: places.resolve(&location.path).to_owned(),
        line: location.line,
        end_line: location.end_line,
        snippet: None,
    };
    // Most problems have one place.
    if let [member] = members
        && let [location] = member.observation.locations.as_slice()
    {
        return vec![here(location)];
    }
    let principal = members
        .iter()
        .filter_map(|member| member.observation.locations.first())
        .map(|location| (places.resolve(&location.path), location.line))
        .min_by_key(|(path, line)| (line.is_none(), *path, *line));
    let mut kept: BTreeMap<(String, Option<u32>), Location> = BTreeMap::new();
    for location in members.iter().flat_map(|member| &member.observation.locations).map(here) {
        match kept.get_mut(&(location.path.clone(), location.line)) {
            Some(known) => known.end_line = known.end_line.max(location.end_line),
            None => {
                kept.insert((location.path.clone(), location.line), location);
            }
        }
    }
    let first = principal.and_then(|(path, line)| kept.remove(&(path.to_owned(), line)));
    // A path without a line adds nothing to the same path with one.
    let with_line: BTreeSet<String> =
        first.iter().chain(kept.values()).filter(|l| l.line.is_some()).map(|l| l.path.clone()).collect();
    let others = kept.into_values().filter(|l| l.line.is_some() || !with_line.contains(&l.path));
    first.into_iter().chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_as_versions() {
        let component =
            |versions: &[&str]| Component { fix: Fix::in_versions(versions.iter().copied()), ..Component::default() };
        let (a, b) = (component(&["v1.14.8", "1.2.0-rc.1"]), component(&["1.2.0", "1.14.8", "1.13.13"]));
        assert_eq!(fix(&[&a, &b]).versions(), ["1.2.0-rc.1", "1.2.0", "1.13.13", "1.14.8"]);
        let (a, b) = (component(&["1.1.1d-r2"]), component(&["1.1.1d-r0", "1.1.1b-r10"]));
        assert_eq!(fix(&[&a, &b]).versions(), ["1.1.1b-r10", "1.1.1d-r0", "1.1.1d-r2"]);
    }

    #[test]
    fn the_zero_of_a_calendar_is_no_date() {
        for zero in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T23:00:00Z"] {
            assert!(!is_date(zero.parse().unwrap()), "{zero}");
        }
        assert!(is_date("1988-11-02T00:00:00Z".parse().unwrap()), "the first worm");
    }

    #[test]
    fn a_known_fix_outweighs_none() {
        let none = Component { fix: Fix::NotAvailable, ..Component::default() };
        let some = Component { fix: Fix::in_versions(["2"]), ..Component::default() };
        assert_eq!(fix(&[&none, &some]).versions(), ["2"]);
        assert_eq!(fix(&[&none, &Component::default()]), Fix::NotAvailable);
    }
}
