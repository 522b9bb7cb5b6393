//! The whole story, with real git remotes and real keys: a change beyond what was agreed, the options, the choice of the
//! people entitled to it, the merge, one promise kept and another overdue, an extension refused, and the review.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::fs;
use std::path::Path;

use serde_json::Value;
use shop::{Shop, TUESDAY};

fn text(run: &shop::Run) -> String {
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes what a Trivy report says about one package.
fn without(report: &Path, package: &str) {
    let mut value: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    let mut removed = 0;
    for result in value["Results"].as_array_mut().unwrap() {
        if let Some(vulnerabilities) = result["Vulnerabilities"].as_array_mut() {
            let before = vulnerabilities.len();
            vulnerabilities.retain(|vulnerability| !vulnerability["PkgName"].as_str().unwrap().contains(package));
            removed += before - vulnerabilities.len();
        }
    }
    assert!(removed > 0, "{package} is not in the report");
    fs::write(report, value.to_string()).unwrap();
}

#[test]
fn a_choice_is_made_kept_in_part_and_followed_up() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();

    // Before: what stands on main.
    shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
    let before = shop.reports("before", &["base/trivy.json", "base/semgrep.json", "base/gitleaks.sarif"]);
    let on_main = |reports: &Path, now: &str| {
        let reports = reports.to_str().unwrap();
        let [kev, epss] = Shop::feeds();
        shop.detente(&work, &["gate", reports, "--record", "--change", "branch/main", &kev, &epss, "--now", now])
    };
    on_main(&before, "2026-11-24T08:00:00Z").ends(0);

    // The change: judged against that baseline, no base report at hand.
    shop.git(&work, &["checkout", "-q", "feature"]);
    let judged = |now: &str, more: &[&str]| {
        let [kev, epss] = Shop::feeds();
        let arguments = ["gate", reports.to_str().unwrap(), "--base", "origin/main", &kev, &epss, "--now", now];
        shop.detente(&work, &[&arguments[..], more].concat())
    };
    let run = judged(TUESDAY, &["--record", "--format", "json"]).ends(0);
    let brief: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(brief["verdict"], "beyond-tolerance");
    let ambient = brief["findings"].as_array().unwrap().iter().filter(|finding| finding["origin"] == "ambient").count();
    assert!(ambient > 0, "the baseline tells what was there before");
    judged(TUESDAY, &["--require-decision"]).ends(1);

    // The choice, by two people; whoever may not choose is refused.
    shop.choose(&work, "lead", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:15:00Z").ends(1);
    shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    let run = judged("2026-11-24T10:45:00Z", &["--require-decision"]).ends(0);
    assert!(text(&run).contains("Time to yes: 1 hour."), "{run:?}");

    // The merge, and the first run on main that sees it.
    shop.git(&work, &["checkout", "-q", "main"]);
    shop.git(&work, &["merge", "-q", "--no-ff", "-m", "Merge feature", "feature"]);
    shop.git(&work, &["push", "-q", "origin", "main"]);
    on_main(&reports, "2026-11-24T11:00:00Z");
    let open = |now: &str| {
        let run = shop.detente(&work, &["ledger", "show", "--now", now]).ends(0);
        let first = run.stdout.lines().next().unwrap().to_owned();
        (first.split(' ').next().unwrap().parse::<usize>().unwrap(), run)
    };
    let (made, shown) = open("2026-11-24T11:00:00Z");
    assert!(made >= 2, "{shown:?}");

    // Somebody says what the upgrade took.
    let run = shop.detente(&work, &["ledger", "export", "--now", "2026-11-24T11:05:00Z"]).ends(0);
    let upgrade = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|record| record["event"]["promise"]["title"].as_str().is_some_and(|title| title.contains("jackson")))
        .unwrap();
    let key = shop.key("lead");
    let worked = ["ledger", "worked", upgrade["commitment"].as_str().unwrap(), "9", "--key", key.to_str().unwrap()];
    shop.detente(&work, &[&worked[..], &["--now", "2026-11-24T14:00:00Z"]].concat()).ends(0);

    // One package is upgraded: that promise is kept. Then Trivy is no longer run: what it saw is not closed by that.
    let names = ["change/trivy.json", "change/semgrep.json", "base/gitleaks.sarif"];
    let fixed = shop.reports("fixed", &names);
    without(&fixed.join("trivy.json"), "jackson-databind");
    on_main(&fixed, "2026-11-24T15:00:00Z");
    let blind = shop.reports("blind", &names[1..]);
    on_main(&blind, "2026-11-25T09:00:00Z");
    let (left, shown) = open("2026-11-25T09:05:00Z");
    assert!(left < made, "nothing was closed: {shown:?}");
    assert!(left > 0, "what nobody looked for was closed: {shown:?}");
    assert!(text(&shown).contains("did not run any more, so nobody looked"), "{shown:?}");

    // What it took is what later efforts are calibrated on, without a file of closures.
    shop.git(&work, &["checkout", "-q", "-B", "next", "origin/main"]);
    shop.commit(&work, "next.js", "next();\n");
    let [kev, epss] = Shop::feeds();
    let folder = reports.to_str().unwrap();
    let arguments = ["gate", folder, "--base", "origin/main", &kev, &epss, "--format", "json"];
    let run = shop.detente(&work, &[&arguments[..], &["--now", "2026-11-25T09:10:00Z"]].concat()).ends(0);
    let next: Value = serde_json::from_str(&run.stdout).unwrap();
    let said = next["notices"].to_string();
    assert!(said.contains("Efforts are calibrated on 1 closed commitment of the ledger"), "{said}");
    let treatment = upgrade["event"]["promise"]["treatment"].as_str().unwrap();
    let ways = next["work"].as_array().unwrap().iter().flat_map(|item| item["treatments"].as_array().unwrap());
    let calibrated: Vec<&Value> = ways.filter(|way| way["id"] == treatment).collect();
    assert!(!calibrated.is_empty(), "no {treatment} is left to do");
    for way in calibrated {
        assert_eq!(way["basis"], "calibrated", "{way}");
        assert!(way["uncalibrated_hours"].as_f64().unwrap() < way["effort_hours"]["p50"].as_f64().unwrap(), "{way}");
    }
    shop.git(&work, &["checkout", "-q", "main"]);

    // Weeks later the others are overdue: one level up, then the arbiter; extensions need that level.
    let late = "2027-02-20T09:00:00Z";
    let run = shop.detente(&work, &["ledger", "export", "--now", late]).ends(0);
    let records: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let closed: Vec<&str> = records
        .iter()
        .filter(|record| record["event"]["what"] == "closed")
        .map(|record| record["commitment"].as_str().unwrap())
        .collect();
    let overdue = records
        .iter()
        .filter(|record| record["event"]["what"] == "made")
        .map(|record| record["commitment"].as_str().unwrap())
        .find(|id| !closed.contains(id))
        .unwrap();
    let extend = |name: &str, key: &str| {
        shop.git(&work, &["config", "user.name", name]);
        let key = shop.key(key);
        let key = key.to_str().unwrap();
        let arguments =
            ["ledger", "extend", overdue, "--until", "2027-03-31", "--reason", "vendor", "--key", key, "--now", late];
        shop.detente(&work, &arguments)
    };
    let refused = extend("security", "security").ends(1);
    assert!(refused.stderr.contains("it takes cio or ciso, one level up"), "{refused:?}");
    let (_, shown) = open(late);
    assert!(text(&shown).contains("overdue"), "{shown:?}");

    // The review has the same figures for everybody.
    let review = |now: &str, reader: &str| {
        let arguments = ["review", "--since", "2026-11-01", "--for", reader, "--format", "json", "--now", now];
        serde_json::from_str::<Value>(&shop.detente(&work, &arguments).ends(0).stdout).unwrap()
    };
    let figures = review(late, "ciso");
    assert_eq!(figures, review(late, "cio"));
    assert_eq!(figures["judged"], 1);
    assert_eq!(figures["decided"]["fastest"], 1);
    assert_eq!(figures["time_to_yes_hours"]["median"], 1.0);
    assert_eq!(figures["promises"]["kept"], closed.len());
    assert_eq!(figures["promises"]["due"], made);
    assert_eq!(figures["overdue"].as_array().unwrap().len(), made - closed.len());
    assert_eq!(figures["overdue"][0]["owners"][0].as_str().map(str::is_empty), Some(false));
    assert!(figures["budget"]["spent"].as_f64().unwrap() > 0.0);
    assert!(figures["delay_avoided"]["days"].as_f64().unwrap() > 0.0);
    let said = shop.detente(&work, &["review", "--since", "2026-11-01", "--for", "cio", "--now", late]).ends(0);
    assert!(text(&said).contains("Kept-promise rate"), "{said:?}");
    assert!(said.stdout.find("Delivery").unwrap() < said.stdout.find("Exposure").unwrap());

    // The leaders extend it, and it is on track again.
    extend("ciso", "ciso").ends(0);
    assert_eq!(review(late, "board")["overdue"].as_array().unwrap().len(), made - closed.len() - 1);
    shop.detente(&work, &["ledger", "verify", "--now", late]).ends(0);
}
