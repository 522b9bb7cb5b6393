//! Heimdall Data Format (OHDF) of MITRE SAF, which is also the report of Chef InSpec: profiles, controls, results.
//!
//! A control with a result that did not pass is one finding, as Heimdall counts it. Its impact, 0 to 1, is its severity; a
//! control without impact does not apply. A waived control was decided about. A control that ended in an error was not
//! tested; nor was anything where no control passed or failed. A profile that others build on (`depends`) holds no results
//! of its own: those are counted over all profiles.
//!
//! Much of it is made of reports of other tools (`converted`). Such a control is all places of one problem: each package is a
//! finding, and each credential.

mod converted;
mod wire;

use std::collections::BTreeMap;

use self::converted::Converted;
use self::wire::{Control, Outcome};
use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::json::{self, Kind, Pattern};
use crate::ingest::lenient::Text;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::{packages, place, plain};
use crate::model::category::Category;
use crate::model::component::Component;
use crate::model::figure;
use crate::model::identifier::Identifier;
use crate::model::report::{Observation, Suppression};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "hdf",
    title: "Heimdall Data Format / InSpec JSON",
    kinds: &[
        Category::Configuration,
        Category::Dependency,
        Category::Code,
        Category::Runtime,
        Category::Container,
        Category::Secret,
    ],
    versions: "OHDF 1 (exec JSON), InSpec 3 to 6 and CINC Auditor (`--reporter json`); what `saf convert` makes of other reports",
    specification: "https://saf.mitre.org/framework/normalize",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.has("profiles")
        && sniff.has("platform")
        && sniff.has("profiles[].controls")
        && (sniff.has("statistics") || sniff.has("version"))
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "inspec".into();
    let patterns = [
        Pattern::Value("profiles[].controls[]"),
        Pattern::Value("version"),
        Pattern::Value("platform.target_id"),
        Pattern::Value("profiles[].status"),
        Pattern::Value("profiles[].status_message"),
        Pattern::Value("profiles[].skip_message"),
        Pattern::Value("platform.name"),
        Pattern::Value("profiles[].name"),
    ];
    let (mut errors, mut by_hand, mut tested, mut skipped) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut why, mut platform, mut converted) = (String::new(), String::new(), None);
    let outcome = document.json(&patterns, &mut |event| {
        let Kind::Value(text) = event.kind else { return Ok(()) };
        let said = || json::read::<Text>(text).unwrap_or_default();
        match event.pattern {
            0 => match json::read::<Control>(text) {
                Ok(control) => {
                    let has = |status: &str| control.results.iter().any(|result| &*result.status == status);
                    tested += u64::from(has("passed") || has("failed"));
                    errors += u64::from(has("error") && !has("failed"));
                    by_hand += u64::from(
                        has("skipped") && !has("failed") && control.impact.0.is_some_and(|impact| impact > 0.0),
                    );
                    take(&control, converted, report);
                }
                Err(error) => report.unread(&error.to_string()),
            },
            1 => report.scan.tool_version = said().0,
            2 => report.scan.artefact = said().given().map(str::to_owned),
            3 => match &*said() {
                "failed" => report.missing("a profile could not be run: InSpec says that it failed to load"),
                "skipped" => skipped += 1,
                _ => {}
            },
            4 | 5 if why.is_empty() => why = said().0,
            6 => platform = said().0,
            7 => {
                converted = match &*platform {
                    converted::PLATFORM => converted::of_profile(&said()),
                    "Dependency-Track" => Some(converted::DEPENDENCY_TRACK),
                    _ => None,
                };
                if let Some((tool, kind)) = converted {
                    tool.clone_into(&mut report.scan.tool);
                    report.scan.kinds.insert(kind);
                }
            }
            _ => {}
        }
        Ok(())
    });
    match converted {
        // The version is that of the converter.
        Some(_) => report.scan.tool_version.clear(),
        None => drop(report.scan.kinds.insert(Category::Configuration)),
    }
    if errors > 0 {
        report.missing(format!(
            "{} not tested, since an error ended the test: run it again",
            figure::subject(errors, "control", ["was", "were"])
        ));
    }
    if skipped > 0 {
        let reason = if why.is_empty() { String::new() } else { format!(" ({})", plain::title(&why)) };
        report.missing(format!(
            "{} skipped as a whole{reason}: run it where it applies, or leave it out",
            figure::subject(skipped, "profile", ["was", "were"])
        ));
    } else if outcome.is_ok() && tested == 0 {
        report.missing("it says of no control that it passed or failed: nothing was tested");
    }
    if by_hand > 0 {
        report.remark(format!(
            "{} skipped; nothing is known of the outcome",
            figure::subject(by_hand, "control", ["was", "were"])
        ));
    }
    outcome
}

fn take(control: &Control, converted: Option<Converted>, report: &mut Collector) {
    let failed: Vec<&Outcome> = control.results.iter().filter(|result| &*result.status == "failed").collect();
    let impact = control.impact.0.unwrap_or(0.5);
    if let Some(at) = control.results.iter().find_map(|result| result.start_time.parse().ok()) {
        report.scan.at = report.scan.at.or(Some(at));
    }
    if failed.is_empty() || impact <= 0.0 {
        return;
    }
    let Some(id) = control.id.given() else { return report.unread("a control without id") };
    let waiver = &control.waiver_data;
    let waived = waiver.skipped_due_to_waiver == true || waiver.justification.given().is_some();
    let about = Observation {
        severity: Severity::from_score(impact * 10.0),
        suppression: waived.then(|| Suppression {
            kind: "waiver".into(),
            reason: match waiver.expiration_date.given() {
                Some(until) => format!("{} (until {until})", waiver.justification),
                None => waiver.justification.0.clone(),
            },
        }),
        ..Observation::default()
    };
    let kind = converted.map(|(_, kind)| kind);
    let is_secret = |result: &&Outcome| kind == Some(Category::Secret) || converted::holds_credential(result);
    let (secrets, failed): (Vec<&Outcome>, Vec<&Outcome>) = failed.into_iter().partition(is_secret);
    secrets.into_iter().for_each(|result| converted::credential(control, result, about.clone(), report));
    let mut packages: BTreeMap<Option<Component>, Vec<&Outcome>> = BTreeMap::new();
    for result in failed {
        packages.entry(converted.and_then(|_| converted::package(control, result))).or_default().push(result);
    }
    for (component, results) in packages {
        observe(control, id, kind, component, &results, about.clone(), report);
    }
}

/// Adds what a control says of one package, or of all that it looked at.
fn observe(
    control: &Control,
    id: &str,
    kind: Option<Category>,
    component: Option<Component>,
    failed: &[&Outcome],
    about: Observation,
    report: &mut Collector,
) {
    let identifiers = identifiers(control, id);
    let ecosystem = component.as_ref().map_or("", |component| &component.ecosystem);
    let category = match kind {
        Some(Category::Dependency | Category::Container) if !ecosystem.is_empty() => packages::category(ecosystem),
        Some(kind) => kind,
        None if identifiers.is_empty() => Category::Configuration,
        None => Category::Dependency,
    };
    let cwe = control.tagged(&["cwe", "cweid", "cwes", "cweIds", "vulnerabilityCweId"]);
    report.push(Observation {
        rule: id.to_owned(),
        category: Some(category),
        title: plain::first_title(&[&control.title, id]),
        description: plain::paragraphs(
            std::iter::once(plain::from_html(&control.desc))
                .chain(failed.iter().take(20).map(|result| format!("{} {}", result.code_desc, result.message))),
        ),
        identifiers,
        cwe: packages::cwe_numbers(cwe.into_iter().chain(control.id_of_tag("cwe"))),
        component,
        locations: place::in_file(&control.source_location.r#ref, control.source_location.line.line(), None)
            .into_iter()
            .collect(),
        occurrences: u32::try_from(failed.len()).unwrap_or(u32::MAX),
        ..about
    });
}

/// The public names in the id of a control and in its tags.
fn identifiers(control: &Control, id: &str) -> Vec<Identifier> {
    let named = control.tagged(&["cve", "cveid", "cves", "cve_id", "ghsaid", "vulnerabilityVulnId"]);
    let mut names = Identifier::find_in(&format!("{id} {}", named.join(" ")));
    named.iter().filter_map(|text| converted::public_name(text)).for_each(|name| Identifier::add_to(&mut names, name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    const HOST: &str = include_str!("../../../tests/fixtures/reports/hdf/host.json");
    const SECRETS: &str = include_str!("../../../tests/fixtures/reports/hdf/trufflehog.json");
    const PACKAGES: &str = include_str!("../../../tests/fixtures/reports/hdf/snyk.json");
    const TRACKED: &str = include_str!("../../../tests/fixtures/reports/hdf/dependency-track.json");
    const IMAGE: &str = include_str!("../../../tests/fixtures/reports/hdf/grype.json");

    #[test]
    fn a_control_is_one_finding_and_a_waived_one_is_kept_apart() {
        let report = collect(&FORMAT, HOST);
        assert_eq!((report.observations.len(), report.suppressed.len(), report.problems.len()), (1, 1, 0));
        let found = &report.observations[0];
        assert_eq!((found.severity, found.occurrences, found.rule.as_str()), (Severity::High, 2, "sshd-01"));
        assert_eq!(report.suppressed[0].suppression.as_ref().unwrap().reason, "replaced in spring (until 2027-03-01)");
    }

    #[test]
    fn a_control_that_ended_in_an_error_was_not_tested() {
        let report = collect(&FORMAT, &HOST.replace("\"status\": \"passed\"", "\"status\": \"error\""));
        let problem = &report.problems[0];
        assert!(
            problem.evidence_missing
                && problem.message.contains("1 control was not tested, since an error ended the test"),
            "{problem:?}"
        );
    }

    #[test]
    fn a_report_of_which_nothing_was_tested_is_missing_evidence() {
        let skipped = HOST.replace("\"failed\"", "\"skipped\"").replace("\"passed\"", "\"skipped\"");
        let (start, end) = (HOST.find("\"controls\": [").unwrap(), HOST.rfind("]}]}").unwrap());
        let empty = [&HOST[..start], "\"controls\": [", &HOST[end..]].concat();
        let status = "\"skipped\", \"skip_message\": \"Skipping profile: 'a' on unsupported platform: 'b/1'.\"";
        let profile = empty.replace("\"loaded\"", status);
        for (text, says) in [
            (skipped, "of no control that it passed or failed"),
            (empty, "of no control that it passed or failed"),
            (profile, "1 profile was skipped as a whole (Skipping profile: 'a' on unsupported platform: 'b/1'.)"),
        ] {
            let report = collect(&FORMAT, &text);
            let told = report.problems.iter().any(|p| p.evidence_missing && p.message.contains(says));
            assert!(report.observations.is_empty() && told, "{:?}", report.problems);
        }
    }

    #[test]
    fn the_results_of_a_profile_may_stand_in_the_one_it_depends_on() {
        let wrapper = "\"profiles\": [{\"name\": \"house\", \"status\": \"loaded\", \"depends\": [{\"name\": \"linux-baseline\"}], \
                       \"controls\": [{\"id\": \"sshd-02\", \"impact\": 0.5, \"tags\": {}, \"results\": []}]}, ";
        let report = collect(&FORMAT, &HOST.replace("\"profiles\": [", wrapper));
        assert_eq!((report.observations.len(), report.problems.len()), (1, 0), "{:?}", report.problems);
    }

    #[test]
    fn a_control_is_read_whatever_stands_in_place_of_its_file() {
        let before = collect(&FORMAT, HOST);
        let at = HOST.find("\"source_location\":").expect("the fixture names a file");
        let (start, rest) = HOST.split_at(at);
        let end = rest.find('}').expect("the file is an object") + 1;
        let after = collect(&FORMAT, &format!("{start}\"source_location\": \"shop.example\"{}", &rest[end..]));
        let found = (after.observations.len(), after.suppressed.len(), after.unread);
        assert_eq!(found, (before.observations.len(), before.suppressed.len(), 0));
    }

    #[test]
    fn credentials_that_trufflehog_found_are_read_one_by_one_and_not_kept() {
        let report = collect(&FORMAT, SECRETS);
        assert_eq!((report.scan.tool.as_str(), report.scan.tool_version.as_str()), ("trufflehog", ""));
        assert_eq!(report.scan.kinds.iter().collect::<Vec<_>>(), [&Category::Secret]);
        let [first, second] = report.observations.as_slice() else { panic!("{:?}", report.observations) };
        assert_eq!((first.rule.as_str(), first.verified, second.verified), ("AWS", Some(true), None));
        assert_eq!((first.locations[0].path.as_str(), first.locations[0].line), ("deploy/prod.env", Some(12)));
        assert_eq!(first.secret_digest, crate::ingest::secret::digest("AKIAIOSFODNN7EXAMPLE"));
        // Nor are they where the profile does not say whose it is.
        for text in [SECRETS, &SECRETS.replace("Source ID: ", ""), &SECRETS.replace("Heimdall Tools", "house")] {
            let report = collect(&FORMAT, text);
            let all = format!("{report:?}");
            assert!(!all.contains("IOSFODNN7EXAMPLE") && !all.contains("wJalrXUtnFEMI"), "{all}");
            assert!(report.observations.iter().all(|found| found.category == Some(Category::Secret)));
        }
    }

    #[test]
    fn packages_of_other_tools_keep_their_names_and_those_of_their_vulnerabilities() {
        let seen = |text: &str| -> Vec<(Category, String, Vec<String>, Vec<u32>)> {
            let observations = collect(&FORMAT, text).observations;
            let of = |found: &Observation| {
                let package = found.component.as_ref().map(|package| format!("{} {package}", package.ecosystem));
                let names = found.identifiers.iter().map(ToString::to_string).collect();
                (found.category.unwrap(), package.unwrap_or_default(), names, found.cwe.clone())
            };
            observations.iter().map(|found| of(found)).collect()
        };
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let dependency = Category::Dependency;
        let fileupload = (dependency, "npm express-fileupload 0.0.5".to_owned());
        assert_eq!(
            seen(PACKAGES),
            [(fileupload.0, fileupload.1, names(&["CVE-2020-7699", "GHSA-9wcg-jrwf-8gg7"]), vec![400])]
        );
        let angular = (dependency, "npm angular 1.8.0".to_owned(), names(&["CVE-2022-25844"]), vec![1333]);
        let timespan = (dependency, "npm timespan 2.3.0".to_owned(), vec![], vec![400]);
        assert_eq!(seen(TRACKED), [angular, timespan]);
        let certificates = (Category::Container, "rpm ca-certificates 2023.2.64-1".to_owned());
        let urllib3 =
            |version: &str| (dependency, format!("pypi urllib3 {version}"), names(&["GHSA-34jh-p97f-mgxq"]), vec![]);
        assert_eq!(
            seen(IMAGE),
            [
                (certificates.0, certificates.1, names(&["ALAS-2024-2607"]), vec![]),
                urllib3("1.26.0"),
                urllib3("1.26.5"),
            ]
        );
        let tools = [PACKAGES, TRACKED, IMAGE].map(|text| collect(&FORMAT, text).scan.tool);
        assert_eq!(tools, ["snyk", "dependency-track", "grype"]);
    }
}
