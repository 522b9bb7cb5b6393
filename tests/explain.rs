//! A published brief, computed again by the formulas alone: it agrees with itself, and an altered one does not.

#![allow(clippy::expect_used, reason = "a helper that cannot run the command must end the test")]

use std::fs;

use assert_cmd::Command;
use detente::exit::Exit;
use detente::recompute;
use detente::render::json::v1::Brief;
use serde_json::Value;

fn detente() -> Command {
    let mut command = Command::cargo_bin("detente").expect("the program");
    command.env_clear().env("COLUMNS", "100").current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// The brief of the demo, as anyone gets it.
fn demo() -> Value {
    let output = detente().args(["demo", "--format", "json"]).output().expect("the demo");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn check(brief: &Value) -> recompute::Comparison {
    recompute::check(&serde_json::from_value::<Brief>(brief.clone()).expect("a brief"))
}

/// What `explain` prints about a brief, and how it ends.
fn explain(brief: &Value, what: &[&str]) -> (String, String, Option<i32>) {
    let mut command = detente();
    command.arg("explain").args(what).args(["--brief", "-"]).write_stdin(brief.to_string());
    let output = command.output().expect("explain");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn code(exit: Exit) -> Option<i32> {
    Some(i32::from(exit.code()))
}

#[test]
fn the_demo_agrees_with_the_published_formulas() {
    let brief = demo();
    let comparison = check(&brief);
    assert_eq!(comparison.disagreements, []);
    // Nine figures per finding; five per option and five per step at least.
    let findings = brief["findings"].as_array().unwrap().len();
    let steps: usize = brief["options"].as_array().unwrap().iter().map(|o| o["steps"].as_array().unwrap().len()).sum();
    assert!(comparison.compared > 9 * findings + 3 * steps, "{}", comparison.compared);
}

#[test]
fn the_share_of_the_budget_is_of_what_is_left_of_it() {
    let mut brief = demo();
    brief["budget"] = serde_json::json!({
        "quarter": "2026-Q4", "from": "2026-10-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "agreed": 500.0,
        "spent": 100.0, "since": "2026-10-01T00:00:00Z", "per_day": 2.0, "forecast": 200.0,
    });
    // Shares of the whole budget are now wrong …
    assert!(check(&brief).disagreements.iter().any(|differs| differs.to_string().contains("share of the budget")));
    for option in brief["options"].as_array_mut().unwrap() {
        option["budget_share"] = (option["exposure"].as_f64().unwrap() / 400.0).into();
    }
    // … and shares of the 400 points that are left are right.
    assert_eq!(check(&brief).disagreements, []);
    let (out, err, exit) = explain(&brief, &["option", "balanced"]);
    assert_eq!(exit, code(Exit::Proceed), "{err}");
    let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("what is left of the exposure budget of 2026-Q4 (500 − 100 spent since"), "{out}");
}

#[test]
fn whatever_figure_is_altered_is_named() {
    let brief = demo();
    let after = |alter: &dyn Fn(&mut Value)| {
        let mut altered = brief.clone();
        alter(&mut altered);
        assert_ne!(altered, brief, "the test alters nothing");
        check(&altered).disagreements.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let scale = |value: &mut Value, factor: f64| *value = (value.as_f64().unwrap() * factor).into();
    #[allow(clippy::type_complexity, reason = "a table of edits, read once")]
    let cases: [(&str, &dyn Fn(&mut Value)); 12] = [
        ("fastest: score", &|b| scale(&mut b["options"][0]["score"], 1.00001)),
        ("fastest: exposure", &|b| scale(&mut b["options"][0]["exposure"], 0.99)),
        ("fastest: baseline exposure", &|b| scale(&mut b["options"][0]["baseline_exposure"], 2.0)),
        ("fastest: ship day", &|b| b["options"][0]["ships"]["day"] = 0.0.into()),
        ("fastest: effort", &|b| scale(&mut b["options"][0]["effort_hours"]["p50"], 0.5)),
        ("fastest: hours of", &|b| scale(&mut b["options"][0]["steps"][0]["hours"], 0.5)),
        ("fastest: effect day of", &|b| scale(&mut b["options"][0]["steps"][1]["effect_day"], 0.5)),
        ("fastest: cost of delay", &|b| scale(&mut b["planning"]["cost_of_delay"]["amount"], 0.5)),
        ("fastest: open at ship", &|b| b["options"][0]["open_at_ship"] = Value::Array(Vec::new())),
        ("fastest: treatment of", &|b| b["options"][0]["steps"][0]["treatment"] = "wish".into()),
        ("selection of fastest: exposure", &|b| scale(&mut b["selection"]["fastest"]["exposure"], 0.5)),
        (": likelihood per day", &|b| scale(&mut b["findings"][0]["rate"]["parts"]["likelihood"]["likely"], 0.5)),
    ];
    for (expected, alter) in cases {
        let said = after(alter);
        assert!(said.contains(expected), "{expected}: {said}");
    }
    // A rate that is lowered with its parts still changes what the options expose.
    let said = after(&|b| {
        for finding in b["findings"].as_array_mut().unwrap() {
            for key in ["likely", "low", "high", "impact"] {
                scale(&mut finding["rate"][key], 0.5);
            }
        }
    });
    assert!(said.contains("fastest: exposure") && said.contains(": impact"), "{said}");
}

#[test]
fn an_altered_brief_is_said_plainly_and_ends_with_its_own_code() {
    let mut brief = demo();
    let what = ["option", "balanced"];
    let (text, error, exit) = explain(&brief, &what);
    assert_eq!((error.as_str(), exit), ("", code(Exit::Proceed)));
    assert!(text.contains("All agree within a millionth"), "{text}");
    brief["options"][1]["score"] = 99.0.into();
    let (text, error, exit) = explain(&brief, &what);
    assert_eq!(exit, code(Exit::Trust));
    assert!(text.contains("balanced: score: the brief states 99, its parts give"), "{text}");
    assert!(error.contains("1 of ") && error.contains("altered after it was written"), "{error}");
}

#[test]
fn a_finding_is_explained_from_probability_to_what_stays_open() {
    let brief = demo();
    let (text, _, exit) = explain(&brief, &["finding", "cve-2023-34034"]);
    assert_eq!(exit, code(Exit::Proceed));
    for expected in [
        "f-5a438b1758f3: Spring Security",
        "−ln(1 − 0.03975)/30 × 1 = 0.00135205",
        "ρ = 0.00135205 × 100 = 0.135205",
        "2026-11-27 by table cisa-bod-26-04, row 14",
        "technical_impact",
        "Work item w-fd61c995ef0b",
        "upgrade-patch leaves 0.02 of the rate (assumed: upgrade-patch)",
        "balanced: 0.135205·max(0, min(",
    ] {
        assert!(text.contains(expected), "{expected} is missing:\n{text}");
    }
}

#[test]
fn an_option_is_explained_from_its_queue_to_its_name() {
    let brief = demo();
    let (text, _, _) = explain(&brief, &["option", "most-secure"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let exposure = brief["options"][2]["exposure"].as_f64().unwrap();
    for expected in [
        "Queue: work items are done one after another",
        "Ship day",
        &format!("E = Σ E_f = {exposure:.5} points"),
        "score = 100·(1 − ",
        "delay: 8 calendar days × EUR 1,200 a calendar day of delay (declared) = EUR 9,600",
        "half of the simulated runs ship by day 13.2082 (2026-12-07), nine of ten by day 41.9792 (2027-01-05)",
        "Range 93.9826 to 98.7606: nine of ten simulated runs reach the one",
        "Why it is called most-secure",
        "E* + E₀/100 = ",
        "It needs no waiver.",
    ] {
        assert!(text.contains(expected), "{expected} is missing:\n{text}");
    }
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let mut brief = demo();
    let (_, error, exit) = explain(&brief, &["option", "cheapest"]);
    assert_eq!(exit, code(Exit::Usage));
    assert!(error.contains("one of fastest, balanced, most-secure"), "{error}");
    let (_, error, exit) = explain(&brief, &["finding", "f-5a438b1758f4"]);
    assert_eq!(exit, code(Exit::Usage));
    assert!(error.contains("there is f-5a438b1758f3"), "{error}");
    brief["schema"] = "detente.brief/9".into();
    let (_, error, exit) = explain(&brief, &["option", "fastest"]);
    assert_eq!(exit, code(Exit::Usage));
    assert!(error.contains("this version reads detente.brief/1"), "{error}");
    let (_, error, exit) = explain(&serde_json::json!({ "runs": [] }), &["option", "fastest"]);
    assert_eq!(exit, code(Exit::Usage));
    assert!(error.contains("JSON and not a brief"), "{error}");
}

#[test]
fn a_brief_cannot_speak_to_the_terminal() {
    let mut brief = demo();
    brief["findings"][0]["title"] = "\u{1b}[2J\u{1b}]0;owned\u{7}\n::error::x".into();
    let id = brief["findings"][0]["id"].as_str().unwrap().to_owned();
    let (text, _, _) = explain(&brief, &["finding", &id]);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::error")), "{text}");
}

#[test]
fn a_file_is_read_as_well_as_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("brief.json"), demo().to_string()).unwrap();
    let in_folder = |args: &[&str]| detente().current_dir(folder.path()).args(args).output().unwrap().status.code();
    assert_eq!(in_folder(&["explain", "option", "fastest"]), code(Exit::Proceed));
    assert_eq!(in_folder(&["explain", "option", "fastest", "--brief", "other.json"]), code(Exit::Usage));
}
