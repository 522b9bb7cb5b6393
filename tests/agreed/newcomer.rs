//! From nothing to a signed, verified appetite and a first green gate.

use std::fs;

use super::office::{APPETITE, Office};

const REPORTS: &[&str] = &["bandit", "gitleaks"];

/// A report with two findings.
fn with_reports(office: &Office) {
    for name in REPORTS {
        let folder = format!("{}/tests/fixtures/reports/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            // One that says that a file was passed over is evidence of something else.
            if !text.contains("syntax error") {
                office.write(&format!("results/{name}-{}", file.file_name().unwrap().to_str().unwrap()), text);
            }
        }
    }
}

#[test]
fn the_first_run_is_green_and_honest() {
    let Some(office) = Office::open() else { return };
    with_reports(&office);
    let now = ["--now", "2026-11-22T10:00:00Z"];
    let (cio, ciso) = (office.path("cio.pub"), office.path("ciso.pub"));
    let flags = ["--cio", cio.to_str().unwrap(), "--ciso", ciso.to_str().unwrap(), "results"];
    let new = office.run(&[&["appetite", "new", "--yes", "--preset", "eu-cra"][..], &flags, &now].concat());
    new.ends(0).says(&[
        "written from the profile `cautious`",
        "findings that were there before",
        "appetite sign --as cio",
    ]);
    let text = office.read(APPETITE);
    for part in [
        "# Source: Regulation (EU) 2024/2847",
        "effective: 2026-11-22",
        "review_by: 2027-02-20",
        "baseline:",
        "due: 2027-02-20",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    office.run(&["appetite", "new", "--yes"]).ends(2).says(&["already there, and is not overwritten"]);
    office.run(&["appetite", "check"]).ends(0).says(&["readable"]);
    office.verify().ends(4).says(&["unsigned; nobody has signed it"]);
    office.sign("cio", "cio").verify().ends(4).says(&["unsigned"]);
    office.sign("ciso", "ciso").commit("Agree");
    office.verify().ends(0).says(&["agreed by cio and ciso", "--appetite-root"]);
    let gate = office.run(&[&["gate", "results", "--base", "main"][..], &now].concat());
    gate.ends(0).says(&["Within appetite: go ahead", "older do not hold it", "agreed by cio and ciso"]);
    assert!(!gate.flat().contains("Advice only"), "{}", gate.out);

    // A new problem is new, although the old ones are not.
    let report =
        office.read("results/gitleaks-v8.json").replace("aws", "azure").replace("AWS", "AZURE").replace("app/", "src/");
    office.write("results/gitleaks-v8.json", report);
    let gate = office.run(&[&["gate", "results", "--base", "main", "--format", "json"][..], &now].concat());
    let brief: serde_json::Value = serde_json::from_str(&gate.out).unwrap();
    let origins: Vec<&str> =
        brief["findings"].as_array().unwrap().iter().map(|finding| finding["origin"].as_str().unwrap()).collect();
    assert!(origins.contains(&"ambient") && origins.iter().any(|origin| *origin != "ambient"), "{origins:?}");
    let promised = brief["findings"].as_array().unwrap().iter().find(|finding| finding["origin"] == "ambient").unwrap();
    assert_eq!(promised["due"]["table"], "baseline");
    assert!(promised["origin_evidence"].as_str().unwrap().contains("agreed baseline of 2026-11-22"));
    // Past its day it is said to be, and holds nothing.
    let late = office.run(&["gate", "results", "--base", "main", "--now", "2027-02-21T10:00:00Z"]);
    late.says(&["of the agreed baseline", "open past the agreed day", "2027-02-20"]);
}

/// What was not looked at is no baseline: neither of a report that is cut off, nor of an audit that did not take place.
#[test]
fn a_baseline_is_not_made_of_missing_evidence() {
    let Some(office) = Office::open() else { return };
    let refused = |report: &str| {
        office.write("results/report.json", report);
        let said = office.run(&["appetite", "new", "--yes", "results"]);
        said.ends(3).says(&["the baseline would be incomplete", "report.json", "or leave it out"]);
        assert!(!office.repo().join(APPETITE).exists());
    };
    refused(
        r#"{"message": "405 Method Not Allowed", "method": "POST", "uri": "https://npm.example/", "error": {"summary": "", "detail": ""}}"#,
    );
    refused(r#"{"auditReportVersion": 2, "vulnerabilities": {"#);
}

#[test]
fn every_profile_level_and_preset_makes_a_file_that_is_read() {
    let Some(office) = Office::open() else { return };
    let mut number = 0;
    let mut made = |flags: &[&str]| {
        number += 1;
        let file = format!("draft-{number}.yml");
        office.run(&[&["appetite", "new", "--yes", "--output", &file][..], flags].concat()).ends(0);
        office.run(&["appetite", "check", &file]).ends(0);
        office.read(&file)
    };
    for profile in ["averse", "minimal", "cautious", "open", "eager"] {
        assert!(made(&["--profile", profile]).contains(&format!("code: {profile}")));
    }
    let service =
        ["--service", "checkout", "--exposure", "internet", "--criticality", "essential", "--data", "cardholder"];
    for preset in ["cisa-bod-26-04", "fedramp-rev5", "fedramp-vdr", "pci-dss-6.3.3", "eu-cra"] {
        let text = made(&["--preset", preset]);
        assert!(text.contains("# Source: ") && text.contains(", version "), "{text}");
        let bound = made(&[&["--preset", preset][..], &service].concat());
        assert_eq!(bound.contains(&format!("obligations: [{preset}]")), preset != "eu-cra", "{bound}");
    }
    let text = made(&["--level", "code=eager", "--level", "runtime=averse", "--level", "secret=averse"]);
    assert!(text.contains("!(finding.category in [\"code\", \"runtime\"])"), "{text}");
    assert!(text.contains("- id: runtime-new-high") && text.contains("  code: eager\n"), "{text}");
    office
        .run(&["appetite", "new", "--yes", "--output", "x.yml", "--preset", "cra"])
        .ends(2)
        .says(&["no preset cra", "eu-cra"]);
    office
        .run(&["appetite", "new", "--yes", "--output", "x.yml", "--level", "code=bold"])
        .ends(2)
        .says(&["expected one of averse"]);
    office
        .run(&["appetite", "new", "--yes", "--output", "x.yml", "--profile", "bold"])
        .ends(2)
        .says(&["no profile bold"]);
}

#[test]
fn hostile_names_stay_text() {
    let Some(office) = Office::open() else { return };
    let report = r#"[{"RuleID":"k","Description":"x\n  - id: evil\u2028before_ship: false","File":"a","StartLine":1,"EndLine":1,"StartColumn":1,"EndColumn":2,"Match":"m","Secret":"s","Fingerprint":"a:k:1","Entropy":3.1,"Commit":"","Author":"","Email":"","Date":"","Message":"","Tags":[]}]"#;
    office.write("results/gitleaks.json", report);
    let name = "A\"\n]} # \u{85}x: y";
    office.run(&["appetite", "new", "--yes", "--cio-name", name, "--name", name, "results"]).ends(0);
    office.run(&["appetite", "check"]).ends(0);
    let text = office.read(APPETITE);
    assert!(!text.lines().any(|line| line.trim_start().starts_with("- id: evil")), "{text}");
}
