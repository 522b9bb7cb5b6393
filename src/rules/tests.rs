//! The embedded pack as a whole.

use super::*;
use crate::model::basis::Basis;
use crate::model::category::Category;
use crate::model::severity::Severity;
use crate::model::ssvc::DecisionPoint;
use crate::model::work::{TakesEffect, TreatmentKind};

fn pack() -> RuleSet {
    load(&[]).unwrap()
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
    assert_eq!(profiles(), on_disk("profiles"));
}

#[test]
fn no_text_of_the_pack_blames_or_shouts() {
    for file in files_of(&PACK) {
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

#[test]
fn an_unknown_severity_has_a_wide_range_and_never_counts_as_nothing() {
    let exposure = pack().exposure;
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
    let refused = |path: &str, content: &str| load(&[(path.to_owned(), content.as_bytes().to_vec())]).unwrap_err();
    let error = refused("rules/notes.yaml", "");
    assert_eq!(error.path, "rules/notes.yaml");
    assert!(error.message.contains("expected timelines/<id>.yaml"), "{error}");
    assert!(refused("rules/timelines/Our Table.yaml", "").message.contains("lower-case letters"));
    assert!(refused("rules/timelines/readme.md", "").message.contains("must end in .yaml"));
    assert!(refused("rules/timelines/ours.yaml", "title: x").message.contains("missing field"));
    assert!(load(&[("timelines/ours.yaml".to_owned(), vec![0xff])]).unwrap_err().message.contains("UTF-8"));
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
        assert!(rows.iter().all(|row| !row["says"].as_str().unwrap().is_empty()), "{name}");
    }
    assert_eq!(profile("reckless"), None);
    assert_eq!(profile("../exposure"), None);
}
