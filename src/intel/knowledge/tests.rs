use std::collections::BTreeMap;

use jiff::civil::date;

use super::*;
use crate::model::category::Category;
use crate::model::finding::Source;
use crate::model::intel::KevEntry;
use crate::model::origin::Origin;
use crate::model::severity::Severity;

fn named(names: &[&str]) -> Vec<Identifier> {
    names.iter().filter_map(|name| Identifier::parse(name)).collect()
}

fn finding(names: &[&str]) -> Finding {
    let source = |tool: &str| Source { tool: tool.to_owned(), rule: "r".to_owned(), report: "r.json".to_owned() };
    Finding {
        identifiers: named(names),
        sources: vec![source("grype"), source("trivy"), source("grype")],
        origin: Origin::Introduced,
        ..Finding::new("f-0123456789ab".to_owned(), Category::Dependency, String::new(), Severity::High)
    }
}

fn feeds() -> Intel {
    let entry = |day| KevEntry { added: date(2024, 1, day), ransomware: false };
    let scores = [("CVE-2024-0001", 0.2), ("CVE-2024-0002", 0.7)];
    Intel {
        kev: Some(KevCatalogue {
            version: "2026.11.01".to_owned(),
            entries: named(&["CVE-2024-0002", "CVE-2024-0003"]).into_iter().zip([entry(9), entry(3)]).collect(),
        }),
        epss: Some(EpssScores {
            model: "v2026.06.15".to_owned(),
            date: "2026-08-16".to_owned(),
            scores: scores
                .into_iter()
                .filter_map(|(name, p)| Some((Identifier::parse(name)?, p)))
                .collect::<BTreeMap<_, _>>(),
        }),
    }
}

#[test]
fn every_name_is_looked_up_and_the_worst_counts() {
    let known = know(&finding(&["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"]), &feeds());
    let epss = known.epss.unwrap();
    assert_eq!((epss.probability, epss.reported), (0.7, false));
    assert_eq!(epss.source, "EPSS v2026.06.15 of 2026-08-16");
    let kev = known.kev.unwrap();
    assert_eq!((kev.listed, kev.added, kev.reported), (true, Some(date(2024, 1, 3)), false));
    assert_eq!(kev.source, "CISA KEV 2026.11.01");
}

#[test]
fn a_feed_counts_before_a_report() {
    let reported = Finding { reported_epss: Some(0.01), reported_kev: Some(false), ..finding(&["CVE-2024-0002"]) };
    let known = know(&reported, &feeds());
    let epss = known.epss.unwrap();
    assert_eq!((epss.probability, epss.reported), (0.7, false));
    assert!(known.kev.unwrap().listed);
    let without = know(&reported, &Intel::default());
    let (epss, kev) = (without.epss.unwrap(), without.kev.unwrap());
    assert_eq!((epss.probability, epss.reported, epss.source.as_str()), (0.01, true, "grype, trivy"));
    assert_eq!((kev.listed, kev.reported, kev.source.as_str()), (false, true, "grype, trivy"));
}

#[test]
fn a_report_that_knows_of_exploitation_is_believed_against_an_older_feed() {
    let reported = Finding { reported_kev: Some(true), ..finding(&["CVE-2024-0001"]) };
    let kev = know(&reported, &feeds()).kev.unwrap();
    assert_eq!((kev.listed, kev.reported), (true, true));
}

#[test]
fn what_is_not_known_is_none_and_not_no() {
    let nothing = know(&finding(&["CVE-2024-0001"]), &Intel::default());
    assert_eq!(nothing, Knowledge::default());
    // Not in the EPSS feed: no score. Not in KEV by its CVE number: known not to be listed.
    let unlisted = know(&finding(&["CVE-2024-9999"]), &feeds());
    assert_eq!(unlisted.epss, None);
    assert!(!unlisted.kev.unwrap().listed);
    // Known only by another name: the catalogue, which goes by CVE number, says nothing about it.
    assert_eq!(know(&finding(&["GHSA-jfh8-c2jp-5v3q"]), &feeds()).kev, None);
    // A finding without any public name cannot be in a catalogue of CVE numbers.
    assert!(!know(&finding(&[]), &feeds()).kev.unwrap().listed);
    // A figure that is no probability is not taken over.
    let odd = Finding { reported_epss: Some(7.0), ..finding(&[]) };
    assert_eq!(know(&odd, &Intel::default()).epss, None);
}

#[test]
fn own_weaknesses_are_in_no_catalogue_even_without_one() {
    let mut weakness = finding(&[]);
    weakness.category = Category::Code;
    assert!(!know(&weakness, &Intel::default()).kev.unwrap().listed);
    weakness.category = Category::Dependency;
    assert_eq!(know(&weakness, &Intel::default()).kev, None);
}
