//! The embedded pack as a whole.

use std::sync::LazyLock;

use super::*;
use crate::model::basis::Basis;
use crate::model::category::Category;
use crate::model::condition::{Condition, Truth};
use crate::model::facts::Facts;
use crate::model::service::{Criticality, NetworkExposure};
use crate::model::severity::Severity;
use crate::model::ssvc::DecisionPoint;
use crate::model::work::{TakesEffect, TreatmentKind};

/// The built-in rules, loaded once.
fn pack() -> &'static RuleSet {
    static LOADED: LazyLock<RuleSet> = LazyLock::new(|| load(&[]).unwrap());
    &LOADED
}

fn look_up(table: &str, points: &[(&'static str, &str)]) -> (usize, String, Option<f64>) {
    let point = |(key, value): &(&'static str, &str)| DecisionPoint {
        key,
        value: (*value).to_owned(),
        rule: "stated".to_owned(),
    };
    let points: Vec<_> = points.iter().map(point).collect();
    let limit = pack().timelines[table].look_up(&points).unwrap();
    (limit.row, limit.outcome, limit.days)
}

#[test]
fn every_file_of_the_folder_is_embedded_and_loaded_under_its_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let on_disk = |kind: &str| {
        let mut names: Vec<_> = std::fs::read_dir(folder.join(kind))
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let pack = pack();
    assert_eq!(pack.timelines.keys().cloned().collect::<Vec<_>>(), on_disk("timelines"));
    assert!(pack.timelines.iter().all(|(id, table)| *id == table.id));
    assert_eq!(pack.treatments.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>(), on_disk("treatments"));
    assert_eq!(pack.formats.iter().map(|mapping| mapping.id.clone()).collect::<Vec<_>>(), on_disk("formats"));
    assert_eq!(profiles(), on_disk("profiles"));
}

#[test]
fn what_the_program_carries_is_what_the_files_say() {
    let files = || files_of(&PACK).map(|file| (file.path().to_string_lossy().into_owned(), file.contents()));
    let rules: Vec<_> =
        files().filter(|(path, _)| !is_no_rule(path)).map(|(path, text)| (path, text.to_vec())).collect();
    assert!(rules.len() > 20);
    assert_eq!(format!("{:?}", load(&rules).unwrap()), format!("{:?}", pack()));
    for (path, text) in files().filter(|(path, _)| path.starts_with("presets")) {
        let id = place::id(&path).unwrap();
        let read = preset::read(id, &Document::read(text, &path, MOST_BYTES).unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", preset(id).unwrap().unwrap()));
    }
}

#[test]
fn no_text_of_the_pack_blames_or_shouts() {
    // Formats name the parts of other tools' reports in the words of those tools.
    for file in files_of(&PACK).filter(|file| !file.path().starts_with("formats")) {
        let text = file.contents_utf8().unwrap().to_lowercase();
        for word in ["violation", "failed", "failure", "ignore", "suppress", "blame"] {
            assert!(!text.contains(word), "{}: {word}", file.path().display());
        }
        // `!` is for conditions only.
        let prose = text.lines().filter(|line| !line.contains("finding.") && !line.contains("service."));
        assert!(prose.clone().all(|line| !line.contains('!')), "{}", file.path().display());
    }
}

#[test]
fn published_rows_are_where_the_publisher_has_them() {
    // CERT/CC SSVC, data/csv/cisa/cisa_bod_26_04_1_0_0.csv, rows 0, 2, 8 and 15.
    let bod = |kev, exposed, automatable, impact| {
        let points = [
            ("in_kev", kev),
            ("publicly_exposed", exposed),
            ("automatable", automatable),
            ("technical_impact", impact),
        ];
        look_up("cisa-bod-26-04", &points)
    };
    assert_eq!(bod("no", "no", "no", "partial"), (0, "fix on system upgrade".to_owned(), None));
    assert_eq!(bod("no", "yes", "no", "partial"), (2, "60 days".to_owned(), Some(60.0)));
    assert_eq!(bod("yes", "no", "no", "total"), (8, "14 days".to_owned(), Some(14.0)));
    assert_eq!(bod("yes", "yes", "yes", "total"), (15, "3 days & forensic investigation".to_owned(), Some(3.0)));
    assert_eq!(pack().timelines["cisa-bod-26-04"].rows.len(), 16);

    // data/csv/ssvc/deployer_patch_application_priority_1_0_0.csv, rows 0, 23, 39 and 71.
    let ssvc = |exploitation, exposure, automatable, impact| {
        let points = [
            ("exploitation", exploitation),
            ("system_exposure", exposure),
            ("automatable", automatable),
            ("human_impact", impact),
        ];
        let (row, outcome, _) = look_up("ssvc-deployer", &points);
        (row, outcome)
    };
    assert_eq!(ssvc("none", "small", "no", "low"), (0, "defer".to_owned()));
    assert_eq!(ssvc("none", "open", "yes", "very high"), (23, "out-of-cycle".to_owned()));
    assert_eq!(ssvc("public poc", "controlled", "yes", "very high"), (39, "out-of-cycle".to_owned()));
    assert_eq!(ssvc("active", "open", "yes", "very high"), (71, "immediate".to_owned()));
    assert_eq!(pack().timelines["ssvc-deployer"].rows.len(), 72);
}

#[test]
fn regulators_set_their_own_days() {
    let by_severity = |table, severity| look_up(table, &[("severity", severity)]).2;
    assert_eq!(by_severity("pci-dss-6.3.3", "critical"), Some(30.0));
    assert_eq!(by_severity("pci-dss-6.3.3", "high"), None);
    assert_eq!(by_severity("fedramp-rev5", "high"), Some(30.0));
    assert_eq!(by_severity("fedramp-rev5", "medium"), Some(90.0));
    assert_eq!(by_severity("fedramp-rev5", "low"), Some(180.0));
    assert_eq!(by_severity("uk-cyber-essentials", "high"), Some(14.0));
    let vdr = |points: [(&'static str, &str); 4]| look_up("fedramp-vdr", &points).2;
    let keys = ["human_impact", "exploitation", "automatable", "publicly_exposed"];
    let with = |values: [&'static str; 4]| vdr([0, 1, 2, 3].map(|at| (keys[at], values[at])));
    // FedRAMP VDR-TFR-PVR, class C: PAIN-5 with LEV and IRV; PAIN-4 with LEV and NIRV; PAIN-3 with NLEV.
    assert_eq!(with(["very high", "active", "no", "yes"]), Some(2.0));
    assert_eq!(with(["high", "none", "yes", "no"]), Some(8.0));
    assert_eq!(with(["medium", "none", "no", "yes"]), Some(128.0));
}

#[test]
fn days_that_nobody_published_are_marked_as_assumed() {
    let pack = pack();
    let outcomes = &pack.timelines["ssvc-deployer"].outcomes;
    for (name, outcome) in outcomes {
        assert_eq!(outcome.ssvc.as_deref(), Some(name.as_str()));
        assert_eq!(outcome.days.is_some(), outcome.basis == Basis::Assumed("ssvc-deployer".to_owned()), "{name}");
    }
    let others = pack.timelines.values().filter(|table| table.id != "ssvc-deployer");
    for outcome in others.flat_map(|table| table.outcomes.values()) {
        assert!(matches!(&outcome.basis, Basis::Published(_)));
    }
}

#[test]
fn the_treatments_span_every_kind_and_moment() {
    let pack = pack();
    assert!(pack.treatments.len() >= 40, "{}", pack.treatments.len());
    for kind in TreatmentKind::ALL.into_iter().filter(|kind| *kind != TreatmentKind::Accept) {
        assert!(pack.treatments.iter().any(|rule| rule.kind == kind), "{kind:?}");
    }
    for moment in [TakesEffect::AtRelease, TakesEffect::AtOnce] {
        assert!(pack.treatments.iter().any(|rule| rule.takes_effect == moment), "{moment:?}");
    }
    for rule in &pack.treatments {
        // A mitigation leaves the cause in place, so that something must remain; a fix leaves next to nothing.
        if rule.kind == TreatmentKind::Mitigate {
            assert!(rule.residual.likely >= 0.2, "{}", rule.id);
        }
        if rule.title.contains("{fixed_in}") {
            assert!(rule.when.text().contains("finding.fix == \"available\""), "{}", rule.id);
        }
        assert!(rule.effort_each_further.p50 < rule.effort.p50, "{}", rule.id);
    }
}

/// Facts of a finding of which nothing but category and severity is known.
fn facts(category: Category, severity: Severity) -> Facts {
    let (exposure, criticality) = (NetworkExposure::Isolated, Criticality::Important);
    Facts { exposure, criticality, ..Facts::bare(category, severity) }
}

fn applicable(facts: &Facts) -> Vec<&'static TreatmentRule> {
    pack().treatments.iter().filter(|rule| rule.when.evaluate(facts) == Truth::True).collect()
}

fn ids<'a>(rules: &[&'a TreatmentRule]) -> Vec<&'a str> {
    rules.iter().map(|rule| rule.id.as_str()).collect()
}

#[test]
fn something_can_always_be_done_and_something_always_ends_it() {
    let pack = pack();
    for category in Category::ALL {
        for severity in Severity::ALL {
            for fix_available in [None, Some(false), Some(true)] {
                let facts = Facts { fix_available, ..facts(category, severity) };
                let ways: Vec<_> =
                    pack.treatments.iter().filter(|rule| rule.when.evaluate(&facts) == Truth::True).collect();
                let ends = ways.iter().any(|rule| rule.residual.likely <= 0.1);
                // What is out of proportion for little is not offered for it.
                let least = if severity >= Severity::High { 3 } else { 2 };
                assert!(ends && ways.len() >= least, "{category} {severity} {fix_available:?}: {}", ways.len());
            }
        }
    }
}

#[test]
fn the_plain_way_to_end_it_is_there_for_every_severity() {
    for (category, expected) in [
        (Category::Dependency, "upgrade-dependency"),
        (Category::Code, "fix-code"),
        (Category::Secret, "rotate-secret"),
        (Category::Configuration, "correct-setting"),
        (Category::Runtime, "fix-code"),
        (Category::Container, "update-image-package"),
        (Category::Malware, "remove-malware"),
        (Category::Licence, "meet-licence-terms"),
    ] {
        for severity in Severity::ALL {
            let ways = applicable(&Facts { fix_available: Some(true), ..facts(category, severity) });
            assert!(ids(&ways).contains(&expected), "{category} {severity}: {:?}", ids(&ways));
        }
    }
}

#[test]
fn an_upgrade_costs_what_its_distance_says_and_an_unknown_distance_as_much_as_the_longest() {
    let upgrade = |upgrade: Option<&'static str>| {
        let facts = Facts { fix_available: Some(true), upgrade, ..facts(Category::Dependency, Severity::High) };
        let ways = applicable(&facts).into_iter().filter(|rule| rule.id.starts_with("upgrade-"));
        ways.map(|rule| rule.effort.p50).min_by(f64::total_cmp).unwrap()
    };
    let (patch, minor, major) = (upgrade(Some("patch")), upgrade(Some("minor")), upgrade(Some("major")));
    assert!(patch < minor && minor < major, "{patch} {minor} {major}");
    assert!((upgrade(None) - major).abs() < f64::EPSILON);
    let without_fix = Facts { fix_available: Some(false), ..facts(Category::Dependency, Severity::High) };
    assert!(applicable(&without_fix).iter().all(|rule| !rule.title.contains("{fixed_in}")));
}

#[test]
fn a_known_weakness_has_its_own_fix_and_it_costs_no_more_than_the_general_one() {
    for (cwe, expected) in [
        (89, "parameterise-query"),
        (78, "avoid-shell"),
        (94, "avoid-evaluation"),
        (79, "encode-output"),
        (918, "allow-list-destinations"),
        (502, "safe-deserialisation"),
        (22, "confine-paths"),
        (862, "check-authorisation"),
        (327, "replace-cryptography"),
        (611, "disable-external-entities"),
        (787, "restore-memory-safety"),
        (352, "protect-against-forgery"),
        (798, "externalise-credential"),
    ] {
        for category in [Category::Code, Category::Runtime] {
            let ways = applicable(&Facts { cwe: vec![20, cwe], ..facts(category, Severity::High) });
            let p50 = |id: &str| ways.iter().find(|rule| rule.id == id).map(|rule| rule.effort.p50);
            assert!(p50(expected) <= p50("fix-code") && p50(expected).is_some(), "CWE-{cwe}: {:?}", ids(&ways));
        }
        let elsewhere = applicable(&Facts { cwe: vec![cwe], ..facts(Category::Dependency, Severity::High) });
        assert!(!ids(&elsewhere).contains(&expected));
    }
}

#[test]
fn what_depends_on_the_service_or_on_who_asks_for_a_package_applies_only_then() {
    let dependency = |exposure, direct| {
        let known = facts(Category::Dependency, Severity::High);
        applicable(&Facts { fix_available: Some(true), upgrade: Some("patch"), exposure, direct, ..known })
    };
    let inside = dependency(NetworkExposure::Isolated, Some(true));
    assert!(!ids(&inside).contains(&"restrict-network") && !ids(&inside).contains(&"virtual-patch"));
    assert!(!ids(&inside).contains(&"override-transitive"));
    let outside = dependency(NetworkExposure::Internet, Some(false));
    assert!(["restrict-network", "virtual-patch", "override-transitive"].iter().all(|id| ids(&outside).contains(id)));
    assert!(!ids(&dependency(NetworkExposure::Internet, None)).contains(&"override-transitive"));
}

#[test]
fn an_unknown_severity_has_a_wide_range_and_never_counts_as_nothing() {
    let exposure = &pack().exposure;
    for category in Category::ALL {
        let by_severity = &exposure.prior[&category];
        let unknown = by_severity[&Severity::Unknown];
        for severity in Severity::KNOWN {
            assert!(unknown.high >= by_severity[&severity].high, "{category} {severity}");
        }
        assert!(unknown.likely >= by_severity[&Severity::Medium].likely, "{category}");
        let rising = Severity::KNOWN.windows(2).all(|pair| by_severity[&pair[0]].likely < by_severity[&pair[1]].likely);
        assert!(rising, "{category}");
    }
    assert!(exposure.impact[&Severity::Unknown].likely >= exposure.impact[&Severity::Medium].likely);
    assert!(exposure.impact[&Severity::Unknown].high >= exposure.impact[&Severity::Critical].high);
}

#[test]
fn a_repository_adds_and_overrides_by_file_name() {
    let built_in = PACK.get_file("treatments/rotate-secret.yaml").unwrap().contents_utf8().unwrap();
    let slower = built_in.replace("p50: 2, p90: 10", "p50: 20, p90: 40");
    assert_ne!(slower, built_in);
    let rules = load(&[
        (".detente/rules/treatments/rotate-secret.yaml".to_owned(), slower.clone().into_bytes()),
        (".detente/rules/treatments/our-own-way.yml".to_owned(), slower.into_bytes()),
    ])
    .unwrap();
    assert_eq!(rules.treatments.len(), pack().treatments.len() + 1);
    let p50 = |id: &str| rules.treatments.iter().find(|rule| rule.id == id).unwrap().effort.p50;
    assert_eq!((p50("rotate-secret"), p50("our-own-way"), p50("secret-from-store")), (20.0, 20.0, 8.0));
    assert!(rules.treatments.is_sorted_by_key(|rule| &rule.id));
}

#[test]
fn a_file_that_is_no_rule_stops_the_run_with_its_name() {
    let refused = |path: &str, content: &[u8]| load(&[(path.to_owned(), content.to_vec())]).unwrap_err().to_string();
    let error = refused("rules/notes.yaml", b"");
    assert!(error.starts_with("rules/notes.yaml: is not where rules are: expected timelines/<id>.yaml"), "{error}");
    assert!(refused("rules/timelines/Our Table.yaml", b"").contains("lower-case letters"));
    assert!(refused("rules/timelines/readme.md", b"").contains("must end in .yaml"));
    assert!(refused("rules/timelines/ours.yaml", b"title: x").starts_with("rules/timelines/ours.yaml:1:1: the key"));
    assert!(refused("timelines/ours.yaml", &[0xff]).contains("UTF-8"));
    assert!(refused("profiles/ours.yaml", b"version: 1").contains("appetite file"));
}

#[test]
fn the_profiles_are_there_by_name_and_claim_no_agreement() {
    assert_eq!(profiles(), ["averse", "cautious", "eager", "minimal", "open"]);
    for name in profiles() {
        let text = profile(name).unwrap();
        let parsed: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        assert!(parsed.get("agreed").is_none() && parsed.get("delivery").is_none(), "{name}");
        assert!(parsed["coverage"]["require"].as_sequence().unwrap().is_empty(), "{name}");
        assert_eq!(parsed["unknown"]["severity"]["malware"].as_str(), Some("critical"), "{name}");
        let rows = parsed["tolerance"].as_sequence().unwrap();
        let known_exploited = rows.iter().find(|row| row["id"].as_str() == Some("known-exploited")).unwrap();
        assert_eq!(known_exploited["if_unknown"].as_str(), Some("skip"), "{name}");
        for row in rows {
            assert!(!row["says"].as_str().unwrap().is_empty(), "{name}");
            let when = Condition::compile(row["when"].as_str().unwrap()).unwrap();
            // Nothing but category and severity known: no row may leave a fresh start unresolved.
            let skips = row["if_unknown"].as_str() == Some("skip");
            let unknown = matches!(when.evaluate(&facts(Category::Secret, Severity::High)), Truth::Unknown(_));
            assert!(skips || !unknown, "{name}: {}", when.text());
        }
    }
    assert_eq!(profile("reckless"), None);
    assert_eq!(profile("../exposure"), None);
}
