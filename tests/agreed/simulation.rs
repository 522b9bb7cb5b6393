//! Drafts replayed over past runs.

use std::fs;

use super::office::{APPETITE, Office};

fn office_with_runs() -> Option<Office> {
    let office = Office::agreed()?;
    let report = format!("{}/tests/fixtures/reports/bandit", env!("CARGO_MANIFEST_DIR"));
    let report = fs::read_dir(report).unwrap().next().unwrap().unwrap().path();
    // The scanner passed a file over; without that remark the report is whole evidence.
    let text = fs::read_to_string(report).unwrap();
    let mut report: serde_json::Value = serde_json::from_str(&text).unwrap();
    report["errors"] = serde_json::json!([]);
    office.write("results/bandit.json", report.to_string());
    for (day, high) in [("2026-12-01", 3), ("2026-12-02", 3)] {
        let _ = high;
        let now = format!("{day}T12:00:00Z");
        let output = format!("briefs/{day}.json");
        fs::create_dir_all(office.repo().join("briefs")).unwrap();
        office.run(&["gate", "results", "--base", "main", "--now", &now, "--output", &output]).ends(0);
    }
    Some(office)
}

#[test]
fn a_stored_run_is_judged_as_it_was() {
    let Some(office) = office_with_runs() else { return };
    let said = office.run(&["appetite", "simulate", "briefs", "--format", "json"]);
    said.ends(0);
    let simulation: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let brief: serde_json::Value = serde_json::from_str(&office.read("briefs/2026-12-01.json")).unwrap();
    let run = &simulation["drafts"][0]["each"][0];
    assert_eq!(run["verdict"], brief["verdict"]);
    let recommended =
        brief["options"].as_array().unwrap().iter().find(|option| option["name"] == brief["recommended"]).unwrap();
    let (replayed, was) = (run["exposure"].as_f64().unwrap(), recommended["exposure"].as_f64().unwrap());
    assert!((replayed - was).abs() <= was * 1e-6, "{replayed} is not {was}");
    assert_eq!(run["delay_working_days"], recommended["ships"]["delay_working_days"]);
    assert_eq!(simulation["drafts"][0]["asked"], 2);
}

#[test]
fn a_laxer_draft_asks_less_and_a_stricter_one_holds() {
    let Some(office) = office_with_runs() else { return };
    let text = office.read(APPETITE);
    office.write("lax.yml", text.replace("appetite: 0", "appetite: 50").replace("tolerance: 3", "tolerance: 50"));
    let strict = text.replace("tolerance: 3", "tolerance: 0\n    before_ship: true");
    office.write("strict.yml", strict);
    let said = office.run(&[
        "appetite",
        "simulate",
        "briefs",
        "--draft",
        "lax.yml",
        "--draft",
        "strict.yml",
        "--format",
        "json",
    ]);
    let simulation: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let (lax, strict) = (&simulation["drafts"][0], &simulation["drafts"][1]);
    assert_eq!((lax["asked"].as_u64(), lax["held"].as_u64()), (Some(0), Some(0)));
    assert_eq!((strict["asked"].as_u64(), strict["held"].as_u64()), (Some(2), Some(2)));
    assert!(lax["exposure"].as_f64() > strict["exposure"].as_f64(), "{lax} {strict}");
    assert_eq!(strict["rows"][0]["alone"], 2);
    let table = office.run(&["appetite", "simulate", "briefs", "--draft", "lax.yml", "--draft", "strict.yml"]);
    table.ends(0).says(&[
        "2 past runs replayed",
        "lax.yml",
        "strict.yml",
        "Would have held the release",
        "Which row mattered",
    ]);
}

#[test]
fn variations_and_what_lapses_are_shown() {
    let Some(office) = office_with_runs() else { return };
    let what_if = ["appetite", "simulate", "briefs", "--what-if", "half-deadlines", "--what-if", "cautious=open"];
    office.run(&what_if).ends(0).says(&["half the deadlines", "open instead of cautious"]);
    office
        .run(&["appetite", "simulate", "briefs", "--what-if", "bolder"])
        .ends(2)
        .says(&["no such variation", "half-deadlines"]);
    let at = |day: &str| office.run(&["appetite", "simulate", "--at", day]);
    at("2030-02-01").ends(0).says(&["nothing."]);
    let lapses = at("2030-02-02");
    lapses.ends(0).says(&["2030-02-01: the agreement"]);
    assert_eq!(lapses.flat().matches("What lapses").count(), 1, "{}", lapses.out);
    office.run(&["appetite", "simulate", "empty"]).ends(2);
    fs::create_dir(office.repo().join("empty")).unwrap();
    office.run(&["appetite", "simulate", "empty"]).ends(3).says(&["no run to replay"]);
}

#[test]
fn dated_folders_of_reports_are_compared_with_the_one_before() {
    let Some(office) = office_with_runs() else { return };
    let report = office.read("results/bandit.json");
    office.write("dated/2026-12-01/bandit.json", &report).write("dated/2026-12-08 later/bandit.json", &report);
    let said = office.run(&["appetite", "simulate", "dated", "--format", "json"]);
    said.ends(0);
    let simulation: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let verdicts: Vec<_> =
        simulation["drafts"][0]["each"].as_array().unwrap().iter().map(|run| run["asked"].clone()).collect();
    // What was there a week before is not new any more.
    assert_eq!(verdicts, [true, false]);
}
