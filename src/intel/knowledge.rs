//! What the world knows about one finding.

use std::collections::BTreeSet;

use super::cvss;
use crate::model::category::Category;
use crate::model::finding::Finding;
use crate::model::identifier::Identifier;
use crate::model::intel::{Epss, EpssScores, Intel, Kev, KevCatalogue, Knowledge};

/// What is known about `finding`, each part with its source. A feed counts before what a report carries.
pub fn know(finding: &Finding, intel: &Intel) -> Knowledge {
    Knowledge {
        cvss: cvss::best(&finding.cvss),
        epss: epss(finding, intel.epss.as_ref()),
        kev: kev(finding, intel.kev.as_ref()),
    }
}

/// The highest score of the finding's names: one vulnerability with two CVE numbers is as likely as the likelier.
fn epss(finding: &Finding, feed: Option<&EpssScores>) -> Option<Epss> {
    let from_feed = feed.and_then(|feed| {
        let scores = finding.identifiers.iter().filter_map(|name| feed.scores.get(name)).copied();
        let probability = scores.max_by(f64::total_cmp)?;
        Some(Epss { probability, source: words_of(feed), reported: false })
    });
    from_feed.or_else(|| {
        let probability = finding.reported_epss.filter(|p| (0.0..=1.0).contains(p))?;
        Some(Epss { probability, source: tools_of(finding), reported: true })
    })
}

/// Whether exploitation is known.
///
/// A feed that lists one of the names settles it. So does a report that says so, since its catalogue may be newer than
/// the feed. That the feed does *not* list it says something only about a finding of which the CVE number is known, or
/// that has no public name at all and therefore cannot be in the catalogue: an advisory that is known only under
/// another name (`GHSA-…`) may well be listed under its CVE number.
fn kev(finding: &Finding, feed: Option<&KevCatalogue>) -> Option<Kev> {
    let listed_in_feed = feed.and_then(|feed| {
        let entries = finding.identifiers.iter().filter_map(|name| feed.entries.get(name));
        let added = entries.map(|entry| entry.added).min()?;
        Some(Kev { listed: true, added: Some(added), source: name_of(feed), reported: false })
    });
    let reported = |listed: bool| {
        let says_so = finding.reported_kev == Some(listed);
        says_so.then(|| Kev { listed, added: None, source: tools_of(finding), reported: true })
    };
    let not_in_feed = || {
        let conclusive = finding.identifiers.is_empty() || finding.identifiers.iter().any(Identifier::is_cve);
        let feed = feed.filter(|_| conclusive)?;
        Some(Kev { listed: false, added: None, source: name_of(feed), reported: false })
    };
    // The catalogue lists published vulnerabilities of products: a weakness of the project's own code or settings, or a
    // secret, cannot be in it, whether one was given or not.
    let own = !matches!(finding.category, Category::Dependency | Category::Container) && finding.identifiers.is_empty();
    let not_published = || {
        own.then(|| Kev {
            listed: false,
            added: None,
            source: "no published vulnerability".to_owned(),
            reported: false,
        })
    };
    listed_in_feed.or_else(|| reported(true)).or_else(not_in_feed).or_else(|| reported(false)).or_else(not_published)
}

fn words_of(feed: &EpssScores) -> String {
    let mut words = "EPSS".to_owned();
    if !feed.model.is_empty() {
        words = format!("{words} {}", feed.model);
    }
    if !feed.date.is_empty() {
        words = format!("{words} of {}", feed.date);
    }
    words
}

fn name_of(feed: &KevCatalogue) -> String {
    format!("CISA KEV {}", feed.version)
}

fn tools_of(finding: &Finding) -> String {
    let tools: BTreeSet<&str> = finding.sources.iter().map(|source| source.tool.as_str()).collect();
    tools.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
