//! The planner at the command line: wishes, history, ranges that can be drawn again, and input that leaves nothing to plan.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo");

/// `detente gate` on the demo's reports in `folder`; standard output, standard error and exit code.
fn gate(folder: &Path, more: &[&str]) -> (String, String, i32) {
    let mut command = Command::cargo_bin("detente").unwrap();
    command.env_clear().current_dir(folder).args(["gate", "--now", "2026-11-24T09:30:00Z"]);
    command.arg(format!("{SAMPLES}/change")).arg(format!("--base-report={SAMPLES}/base"));
    command.arg(format!("--kev={SAMPLES}/kev.json")).arg(format!("--epss={SAMPLES}/epss.csv"));
    let output = command.args(more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// The brief under the demo's appetite with `from` replaced by `to`, which makes it advice.
fn brief(from: &str, to: &str, more: &[&str]) -> Value {
    let folder = TempDir::new().unwrap();
    let appetite = fs::read_to_string(format!("{SAMPLES}/appetite.yml")).unwrap();
    assert!(from.is_empty() || appetite.contains(from), "{from}");
    fs::write(folder.path().join("appetite.yml"), appetite.replace(from, to)).unwrap();
    let arguments = [&["--appetite=appetite.yml", "--format=json"], more].concat();
    let (out, err, code) = gate(folder.path(), &arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// The demo's brief as it is.
fn demo(more: &[&str]) -> Value {
    brief("name: Payments platform", "name: Payments platform", more)
}

fn texts(list: &Value) -> String {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn a_wish_that_can_be_met_is_met() {
    let brief = demo(&["--ship-by=2026-12-01", "--min-score=97", "--max-effort=28"]);
    let wish = &brief["wish"];
    assert_eq!(wish["met"], true, "{}", texts(&wish["says"]));
    assert_eq!(wish["exact"], true);
    let plan = &wish["plan"];
    assert!(plan["ships"]["date"].as_str().unwrap() <= "2026-12-01");
    assert!(plan["score"].as_f64().unwrap() >= 97.0);
    assert!(plan["effort_hours"]["p50"].as_f64().unwrap() <= 28.0);
    has(&texts(&wish["says"]), &["Possible: ships on "]);
    // The agreement comes first: what has to be treated before ship is.
    let open = texts(&plan["open_at_ship"]);
    let held = brief["tolerance"].as_array().unwrap().iter().find(|row| row["id"] == "live-secret").unwrap();
    assert!(!open.contains(held["findings"][0].as_str().unwrap()));
}

#[test]
fn a_wish_that_cannot_be_met_says_why_and_what_is_nearest() {
    for (wish, says) in [
        ("--ship-by=2026-11-23", "That day is over already."),
        ("--max-effort=1", "What the appetite asks for takes at least 27 hours of work: live-secret has to be treated"),
        ("--min-score=99.9", "No plan reaches a security score above 9"),
    ] {
        let brief = demo(&[wish]);
        assert_eq!(brief["wish"]["met"], false, "{wish}");
        has(&texts(&brief["wish"]["says"]), &[says, "The nearest possible plan ships on"]);
        assert!(brief["wish"]["plan"]["steps"].as_array().unwrap().len() > 1);
    }
    // Two hours before ship at one hour a day, of which a part is over.
    let slow = brief("focus_hours: 3", "focus_hours: 1", &["--ship-by=2026-11-24"]);
    let says = "No plan ships before Thu 2026-11-26: live-secret has to be treated before ship, which takes 2 hours";
    has(&texts(&slow["wish"]["says"]), &[says]);
    // Possible each, and not together.
    let brief = demo(&["--ship-by=2026-11-24", "--min-score=97.9"]);
    assert_eq!(brief["wish"]["met"], false);
    has(&texts(&brief["wish"]["says"]), &["Each part of the wish is possible alone"]);
}

#[test]
fn a_wish_is_answered_in_the_terminal_and_in_the_comment() {
    let folder = TempDir::new().unwrap();
    let appetite = format!("--appetite={SAMPLES}/appetite.yml");
    for form in ["terminal", "markdown"] {
        let (out, _, _) = gate(folder.path(), &[&appetite, "--min-score=97", "--format", form]);
        has(&out, &["Your wish, a security score of at least 97: possible", "Before ship: "]);
    }
}

#[test]
fn a_wish_that_makes_no_sense_is_refused() {
    let folder = TempDir::new().unwrap();
    for (wish, says) in [
        ("--min-score=101", "a security score from 0 to 100 is expected"),
        ("--max-effort=-3", "hours of work are expected"),
        ("--max-effort=NaN", "hours of work are expected"),
        ("--ship-by=tomorrow", "--ship-by"),
    ] {
        let (_, err, code) = gate(folder.path(), &[wish]);
        assert_eq!(code, 2, "{wish}");
        has(&err, &[says]);
    }
}

#[test]
fn efforts_follow_what_such_work_took_before() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("closures.jsonl");
    let line =
        r#"{"treatment":"upgrade-patch","estimated_hours":1,"actual_hours":2,"closed":"2026-10-02","note":"kept"}"#;
    fs::write(&file, format!("{line}\n\n{}", format!("{line}\n").repeat(40))).unwrap();
    let option = format!("--closures={}", file.display());
    let brief = demo(&[&option]);
    let treatments =
        || brief["work"].as_array().unwrap().iter().flat_map(|item| item["treatments"].as_array().unwrap());
    let upgrade = treatments().find(|treatment| treatment["id"] == "upgrade-patch").unwrap();
    assert_eq!(upgrade["basis"], "calibrated");
    has(
        upgrade["basis_source"].as_str().unwrap(),
        &["upgrade-patch is reckoned at 2.0 times the estimate (41 closures, give or take"],
    );
    assert!(upgrade["effort_hours"]["p50"].as_f64().unwrap() > 1.8);
    assert!(treatments().any(|treatment| treatment["basis"] == "assumed"), "the others stay as their rules say");

    for (content, says) in [
        (
            r#"{"treatment":"upgrade-patch","estimated_hours":0,"actual_hours":2,"closed":"2026-10-02"}"#,
            "line 2: estimated_hours is 0",
        ),
        (
            r#"{"treatment":"upgrade-patch","estimated_hours":1,"closed":"2026-10-02"}"#,
            "line 2: missing field `actual_hours`",
        ),
        ("not JSON", "line 2: expected"),
    ] {
        fs::write(&file, format!("{line}\n{content}\n")).unwrap();
        let (_, err, code) = gate(folder.path(), &[&option]);
        assert_eq!(code, 2);
        has(&err, &["closures.jsonl", says, "One JSON object a line is expected"]);
    }
}

/// The random numbers of the schema, written down a second time.
struct Draws(u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let bits = ((z ^ (z >> 31)) >> 11) as f64;
        bits / f64::from(1_u32 << 26) / f64::from(1_u32 << 27)
    }
}

/// Ranges of ship day and score, simulated again from the published brief alone.
#[test]
fn the_ranges_can_be_drawn_again() {
    let brief = demo(&[]);
    let f = |value: &Value| value.as_f64().unwrap();
    let list = |value: &'_ Value| value.as_array().unwrap().clone();
    let runs = brief["simulation"]["runs"].as_u64().unwrap();
    let mut draws = Draws(brief["simulation"]["seed"].as_str().unwrap().parse().unwrap());
    let between = |range: &Value, likely: f64, u: f64| {
        let (low, high) = (f(&range["low"]), f(&range["high"]));
        if u < 0.5 { low + 2.0 * u * (likely - low) } else { likely + (2.0 * u - 1.0) * (high - likely) }
    };
    let planning = &brief["planning"];
    let done = |hours: f64| {
        let mut left = hours;
        for window in list(&planning["work_windows"]) {
            let (from, to, held) = (f(&window["from"]), f(&window["to"]), f(&window["hours"]));
            if left <= held {
                return from + left / held * (to - from);
            }
            left -= held;
        }
        // What is not done within the calendar is accepted.
        f64::INFINITY
    };
    let release = |day: f64| {
        if day.is_infinite() {
            return day;
        }
        let windows = list(&planning["release_windows"]);
        let window = windows.iter().find(|window| window["to"].as_f64().is_none_or(|to| to >= day - 1e-9)).unwrap();
        day.max(f(&window["from"]))
    };
    let (work, findings) = (list(&brief["work"]), list(&brief["findings"]));
    let options = list(&brief["options"]);
    let mut found: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); options.len()];
    for _ in 0..runs {
        let drawn: Vec<(f64, f64)> = work
            .iter()
            .map(|_| {
                let (a, b) = (draws.unit(), draws.unit());
                ((-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos(), draws.unit())
            })
            .collect();
        let rates: Vec<f64> =
            findings.iter().map(|x| between(&x["rate"], f(&x["rate"]["likely"]), draws.unit())).collect();
        for (option, (days, scores)) in options.iter().zip(&mut found) {
            let mut hours = 0.0;
            let mut treated = Vec::new();
            let mut latest = 0.0_f64;
            for step in list(&option["steps"]).iter().filter(|step| step["phase"] != "accept") {
                let place = work.iter().position(|item| item["id"] == step["work"]).unwrap();
                let ways = list(&work[place]["treatments"]);
                let way = ways.iter().find(|way| way["id"] == step["treatment"]).unwrap();
                let (p50, p90) = (f(&way["effort_hours"]["p50"]), f(&way["effort_hours"]["p90"]));
                hours += p50 * (p90 / p50).powf(drawn[place].0 / 1.281_551_565_544_600_4);
                let ready = done(hours) + f(&way["lead_days"]);
                if step["phase"] == "before-ship" {
                    latest = latest.max(ready);
                }
                let residual = between(&way["residual_range"], f(&way["residual"]), drawn[place].1);
                treated.push((place, ready, way["takes_effect"] == "at-once", residual));
            }
            let ship = release(latest);
            let (mut exposure, mut baseline) = (0.0, 0.0);
            for (finding, rate) in findings.iter().zip(&rates) {
                if finding["origin"] == "resolved" {
                    exposure += rate * ship.min(90.0);
                    continue;
                }
                baseline += rate * 90.0;
                let start = if finding["origin"] == "ambient" { 0.0 } else { ship };
                let of = |place: usize| list(&work[place]["findings"]).contains(&finding["id"]);
                let (effect, residual) = treated.iter().find(|step| of(step.0)).map_or((90.0, 1.0), |step| {
                    let effect = match (step.2, step.1 <= ship) {
                        (true, _) => step.1,
                        (false, true) => ship,
                        (false, false) => release(step.1),
                    };
                    (effect, step.3)
                });
                exposure += rate * (effect.min(90.0) - start).max(0.0);
                exposure += rate * residual * (90.0 - effect.max(start)).max(0.0);
            }
            days.push(ship);
            scores.push(100.0 * (1.0 - exposure / baseline));
        }
    }
    for (option, (mut days, mut scores)) in options.iter().zip(found) {
        days.sort_by(f64::total_cmp);
        scores.sort_by(f64::total_cmp);
        for (name, share) in [("p10", 1), ("p50", 5), ("p90", 9)] {
            let rank = days.len() * share / 10 - 1;
            for (what, figures) in [("ship_day", &days), ("score", &scores)] {
                let stated = f(&option["outlook"][what][name]);
                assert!(
                    (stated - figures[rank]).abs() < 1e-5,
                    "{} {what} {name}: {stated} {}",
                    option["name"],
                    figures[rank]
                );
            }
        }
    }
}

#[test]
fn freezes_over_the_horizon_are_explained() {
    let freeze = "from: 2026-12-18, to: 2027-01-04";
    let brief = brief(freeze, "from: 2026-11-01, to: 2028-06-30", &["--ship-by=2026-12-01"]);
    assert!(brief["options"].as_array().unwrap().is_empty());
    has(&brief.to_string(), &["No release can happen within 400 days"]);
}

#[test]
fn a_row_that_cannot_be_met_in_time_is_explained() {
    // A hundredth of an hour a day: not even the shortest treatment is done within the calendar.
    let brief = brief("focus_hours: 3", "focus_hours: 0.001", &[]);
    has(&brief.to_string(), &["live-secret has to hold before ship, but no plan brings it within tolerance"]);
}

#[test]
fn a_team_without_capacity_is_explained() {
    let folder = TempDir::new().unwrap();
    let appetite = fs::read_to_string(format!("{SAMPLES}/appetite.yml")).unwrap();
    fs::write(folder.path().join("appetite.yml"), appetite.replace("engineers: 1", "engineers: 0")).unwrap();
    let (out, err, code) = gate(folder.path(), &["--appetite=appetite.yml"]);
    // Either the agreement is refused with the place, or the plan says that there is no working time.
    match code {
        2 => has(&err, &["engineers"]),
        _ => has(&out, &["leaves no working time"]),
    }
}

#[test]
fn an_override_that_makes_no_sense_is_refused_at_its_place() {
    let rule = include_str!("../rules/treatments/upgrade-minor.yaml");
    let hours = rule.lines().find(|line| line.contains("p50:")).unwrap();
    let figure = hours.split("p50:").nth(1).unwrap().trim().split([',', ' ', '}']).next().unwrap();
    for (wrong, says) in [
        (rule.replacen(&format!("p50: {figure}"), "p50: -4", 1), "-4"),
        (format!("{rule}replaces: upgrade-minor\n"), "replaces"),
    ] {
        let folder = TempDir::new().unwrap();
        let rules = folder.path().join(".detente/rules/treatments");
        fs::create_dir_all(&rules).unwrap();
        fs::write(rules.join("upgrade-minor.yaml"), wrong).unwrap();
        let (_, err, code) = gate(folder.path(), &[]);
        assert_eq!(code, 2, "{err}");
        has(&err, &["upgrade-minor.yaml", says]);
    }
}
