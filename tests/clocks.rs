//! From when days are counted: one finding on its way from the advisory to the fix, judged by the clocks that were agreed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shop::{Run, Shop};

const FRIDAY: &str = "2026-11-20T09:30:00Z";
const TUESDAY: &str = "2026-11-24T09:30:00Z";

/// The agreement: 30 days from the day of the advisory, and what binds the checkout from the day of the fix.
fn agreed() -> (Shop, PathBuf) {
    let shop = Shop::open();
    let work = shop.path("work");
    let told = "timelines: fedramp-rev5\nclocks: { default: published, pci-dss-6.3.3: fix-available }";
    let text = shop.appetite().replace("timelines: cisa-bod-26-04", told);
    assert!(text.contains(told));
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    shop.agree(&work, &text);
    shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
    (shop, work)
}

/// Reports of two scanners about one high and one critical finding, with the day of the advisory as Trivy writes it and
/// the day of the fix as Grype does.
fn reports(shop: &Shop, now: &str, published: Option<&str>, fixed: Option<&str>) -> PathBuf {
    let folder = shop.reports("dated", &["base/semgrep.json", "base/gitleaks.sarif"]);
    let rows = [("CVE-2026-11111", "parser", "HIGH"), ("CVE-2026-22222", "codec", "CRITICAL")];
    let trivy = rows.map(|(cve, name, severity)| {
        let mut row = json!({
            "VulnerabilityID": cve, "PkgName": format!("org.example:{name}"), "InstalledVersion": "1.0.0",
            "PkgIdentifier": { "PURL": format!("pkg:maven/org.example/{name}@1.0.0") },
            "FixedVersion": "1.0.1", "Severity": severity, "Title": format!("A flaw in the {name}"),
        });
        if let Some(day) = published {
            row["PublishedDate"] = Value::from(format!("{day}T00:00:00Z"));
        }
        row
    });
    let grype = rows.map(|(cve, name, severity)| {
        let dates: Vec<_> =
            fixed.map(|day| json!({ "version": "1.0.1", "date": day, "kind": "first-observed" })).into_iter().collect();
        json!({
            "vulnerability": {
                "id": cve, "severity": severity,
                "fix": { "versions": ["1.0.1"], "state": "fixed", "available": dates },
            },
            "relatedVulnerabilities": [],
            "artifact": {
                "name": name, "version": "1.0.0", "type": "java-archive",
                "purl": format!("pkg:maven/org.example/{name}@1.0.0"),
                "locations": [{ "path": "/services/checkout/pom.xml" }],
            },
        })
    });
    let trivy = json!({
        "SchemaVersion": 2, "CreatedAt": now, "ArtifactName": ".", "ArtifactType": "repository", "Metadata": {},
        "Results": [{ "Target": "services/checkout/pom.xml", "Class": "lang-pkgs", "Type": "pom", "Vulnerabilities": trivy }],
    });
    let grype = json!({
        "matches": grype, "source": { "type": "directory", "target": "." },
        "descriptor": { "name": "grype", "version": "0.100.0", "timestamp": now },
    });
    fs::write(folder.join("trivy.json"), trivy.to_string()).unwrap();
    fs::write(folder.join("grype.json"), grype.to_string()).unwrap();
    folder
}

/// A change that brings in both packages.
fn bring_in(shop: &Shop, work: &Path) {
    shop.git(work, &["checkout", "-q", "-B", "feature", "main"]);
    fs::create_dir_all(work.join("services/checkout")).unwrap();
    let needs = ["parser", "codec"].map(|name| {
        format!("<dependency><groupId>org.example</groupId><artifactId>{name}</artifactId><version>1.0.0</version></dependency>\n")
    });
    shop.commit(work, "services/checkout/pom.xml", &needs.concat());
}

fn gate(shop: &Shop, work: &Path, reports: &Path, now: &str, more: &[&str]) -> Run {
    let [kev, epss] = Shop::feeds();
    let arguments = ["gate", reports.to_str().unwrap(), &kev, &epss, "--now", now];
    shop.detente(work, &[&arguments[..], more].concat())
}

/// The due dates of the high and of the critical finding.
fn dues(run: &Run) -> [Value; 2] {
    let brief: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    ["CVE-2026-11111", "CVE-2026-22222"].map(|cve| {
        let found = brief["findings"].as_array().unwrap().iter().filter(|finding| finding["identifiers"][0] == cve);
        let found: Vec<&Value> = found.collect();
        assert_eq!(found.len(), 1, "two scanners, one finding: {found:?}");
        found[0]["due"].clone()
    })
}

fn at(due: &Value) -> &str {
    due["at"].as_str().unwrap()
}

#[test]
fn a_limit_counts_from_the_clock_that_was_agreed_and_says_whose_date_it_is() {
    let (shop, work) = agreed();
    // Found on Friday, when nobody had a date yet.
    let bare = reports(&shop, FRIDAY, None, None);
    gate(&shop, &work, &bare, FRIDAY, &["--record", "--change", "branch/main"]);
    shop.git(&work, &["checkout", "-q", "-B", "feature", "main"]);
    shop.commit(&work, "pay.js", "pay();\n");
    let judged = |published, fixed| {
        let reports = reports(&shop, TUESDAY, published, fixed);
        gate(&shop, &work, &reports, TUESDAY, &["--base", "origin/main", "--format", "json"])
    };

    let run = judged(Some("2026-11-10"), Some("2026-11-05"));
    let [high, critical] = dues(&run);
    assert_eq!((at(&high), high["waivable"].as_bool()), ("2026-12-10T00:00:00Z", Some(true)));
    assert_eq!(high["clock"], "published 2026-11-10 (trivy)");
    let began = json!({
        "clock": "published", "at": "2026-11-10T00:00:00Z", "source": "trivy", "agreed": "published", "because": "",
    });
    assert_eq!(high["began"], began);
    // What binds the checkout counts from the fix, which came before the advisory.
    assert_eq!((at(&critical), critical["table"].as_str()), ("2026-12-05T00:00:00Z", Some("pci-dss-6.3.3")));
    assert_eq!(
        (critical["clock"].as_str(), critical["waivable"].as_bool()),
        (Some("fix available since 2026-11-05 (grype)"), Some(false))
    );

    // It is on every page that shows the date.
    let brief = shop.path("dated.json");
    fs::write(&brief, &run.stdout).unwrap();
    let brief = brief.to_str().unwrap();
    let dated = reports(&shop, TUESDAY, Some("2026-11-10"), Some("2026-11-05"));
    for form in ["html", "sarif"] {
        let shown = gate(&shop, &work, &dated, TUESDAY, &["--base", "origin/main", "--format", form]).stdout;
        let words = shown.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("fix available since 2026-11-05 (grype)"), "{form}: {words}");
    }
    let explained = shop.detente(&work, &["explain", "finding", "CVE-2026-11111", "--brief", brief]);
    assert!(explained.stdout.contains("published 2026-11-10 (trivy)"), "{explained:?}");

    // Without dates, with late ones and with dates from the future: never later than 30 days from Friday.
    let bound = "2026-12-20T09:30:00Z";
    let [high, critical] = dues(&judged(None, None));
    assert_eq!((at(&high), at(&critical)), (bound, bound));
    assert_eq!(high["clock"], "first found 2026-11-20, since no report says since when it is public");
    assert_eq!(
        (high["began"]["clock"].as_str(), high["began"]["source"].as_str()),
        (Some("detected"), Some("the ledger"))
    );
    for late in ["2026-11-23", "2027-06-01"] {
        let [high, critical] = dues(&judged(Some(late), Some(late)));
        assert_eq!((at(&high), at(&critical)), (bound, bound));
        assert_eq!(
            high["clock"],
            format!("first found 2026-11-20, since published {late} (trivy) is after it was found")
        );
    }
    // What is not known of the fix is counted from the advisory, and the beginning of a calendar is no date.
    let [_, critical] = dues(&judged(Some("2026-11-10"), None));
    assert_eq!(at(&critical), "2026-12-10T00:00:00Z");
    let [high, _] = dues(&judged(Some("1970-01-01"), None));
    assert_eq!(at(&high), bound);
    // A limit that ended before anybody had found it ends on the day on which it was found: it has passed, and is shown.
    let [high, _] = dues(&judged(Some("2026-01-10"), None));
    assert_eq!(at(&high), FRIDAY);
    assert_eq!(high["clock"], "published 2026-01-10 (trivy); the time ended 2026-02-09, before it was found");
}

#[test]
fn a_limit_that_is_over_before_a_change_brings_it_in_is_due_at_ship() {
    let (shop, work) = agreed();
    bring_in(&shop, &work);
    let reports = reports(&shop, TUESDAY, Some("2026-01-10"), Some("2026-01-10"));
    let run = gate(&shop, &work, &reports, TUESDAY, &["--base", "origin/main", "--format", "json"]);
    let [high, critical] = dues(&run);
    assert_eq!((at(&high), at(&critical)), (TUESDAY, TUESDAY));
    for form in ["terminal", "markdown"] {
        let shown = gate(&shop, &work, &reports, TUESDAY, &["--base", "origin/main", "--format", form]).stdout;
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let clock = "published 2026-01-10 (trivy); the time ended 2026-02-09, before it was found";
        assert!(words.contains(clock), "{form}: {words}");
    }
    let brief: Value = serde_json::from_str(&run.stdout).unwrap();
    let options = brief["options"].as_array().unwrap();
    assert!(!options.is_empty(), "{run:?}");
    for option in options {
        let (waivers, open) = (option["waivers"].to_string(), option["open_at_ship"].as_array().unwrap());
        let left = |cve: &str| {
            let all = brief["findings"].as_array().unwrap();
            open.iter().any(|id| all.iter().any(|it| it["id"] == *id && it["identifiers"][0] == cve))
        };
        assert!(!left("CVE-2026-22222"), "an obligation that is due is treated before ship: {option}");
        assert_eq!(left("CVE-2026-11111"), waivers.contains("due:fedramp-rev5"), "{option}");
    }
}

/// Whoever may let a date pass within tolerance need not be whom a waiver takes that other changes rely on: it is said at
/// once, not found out when the next change is judged.
#[test]
fn a_choice_says_whether_its_waivers_hold_on_other_changes() {
    let (shop, work) = agreed();
    bring_in(&shop, &work);
    let reports = reports(&shop, TUESDAY, Some("2026-01-10"), Some("2026-01-10"));
    for file in ["trivy.json", "grype.json"].map(|file| reports.join(file)) {
        let report = fs::read_to_string(&file).unwrap().replace("CRITICAL", "HIGH");
        fs::write(&file, report).unwrap();
    }
    // What can be shielded at the edge sets the options apart.
    let semgrep = reports.join("semgrep.json");
    let injection = fs::read_to_string(&semgrep).unwrap().replace("CWE-328", "CWE-20");
    fs::write(&semgrep, injection).unwrap();
    let run = gate(&shop, &work, &reports, TUESDAY, &["--base", "origin/main", "--format", "json"]);
    let brief: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(brief["verdict"], "within-tolerance");
    let chosen = shop.choose(&work, "lead", "fastest", &brief, "2026-11-24T10:00:00Z").ends(0);
    let waiver = chosen.stdout.lines().find(|line| line.contains("waiver due:fedramp-rev5: until 20")).unwrap();
    let says = "; not on other changes: it takes delivery-delegate and security-delegate";
    assert!(waiver.ends_with(says), "{waiver}");
}
