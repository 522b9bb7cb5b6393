//! The README's main command: what it prints, that it prints the same bytes every time, and that the picture in the
//! README is what it prints.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// Runs the demo with the environment scrubbed; its standard output. Fails if anything was written to standard error.
fn demo(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::cargo_bin("detente").unwrap();
    command.env_clear().envs(environment.iter().copied()).arg("demo").args(arguments);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_terminal_shows_what_to_do() {
    insta::assert_snapshot!("demo.terminal", demo(&[], &[]));
}

#[test]
fn the_comment_shows_what_to_do() {
    insta::assert_snapshot!("demo.md", demo(&["--format", "markdown"], &[]));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = demo(&["--format", "json"], &[]);
    assert_eq!(once, demo(&["--format", "json"], &[("LANG", "de_DE.UTF-8"), ("TZ", "Asia/Tokyo")]));
}

#[test]
fn colour_is_only_there_when_asked_for() {
    assert!(!demo(&[], &[]).contains('\u{1b}'), "no terminal, no colour");
    assert!(demo(&[], &[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!demo(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn the_brief_is_valid_against_the_published_schema() {
    let schema = Command::cargo_bin("detente").unwrap().args(["schema", "brief"]).output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let brief: serde_json::Value = serde_json::from_str(&demo(&["--format", "json"], &[])).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&brief).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// Every score follows from the brief alone, by the formula of the design (docs of `detente::plan`).
#[test]
fn every_score_can_be_recomputed_from_the_brief() {
    let brief: serde_json::Value = serde_json::from_str(&demo(&["--format", "json"], &[])).unwrap();
    let horizon = brief["planning"]["horizon_days"].as_f64().unwrap();
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let options = brief["options"].as_array().unwrap();
    assert_eq!(options.len(), 3, "the demo shows all three options");
    for option in options {
        let ships = number(&option["ships"]["day"]);
        let (mut exposure, mut baseline) = (0.0, 0.0);
        for finding in brief["findings"].as_array().unwrap() {
            let rate = number(&finding["rate"]["likely"]);
            let origin = finding["origin"].as_str().unwrap();
            if origin == "resolved" {
                exposure += rate * ships.min(horizon);
                continue;
            }
            baseline += rate * horizon;
            let start = if origin == "ambient" { 0.0 } else { ships };
            // The earliest effect of any step that treats the finding.
            let mut effect: Option<(f64, f64)> = None;
            for step in option["steps"].as_array().unwrap() {
                let work = brief["work"].as_array().unwrap().iter().find(|work| work["id"] == step["work"]).unwrap();
                let treats = work["findings"].as_array().unwrap().contains(&finding["id"]);
                if let (true, Some(day)) = (treats, step["effect_day"].as_f64()) {
                    let treatments = work["treatments"].as_array().unwrap();
                    let treatment = treatments.iter().find(|treatment| treatment["id"] == step["treatment"]).unwrap();
                    let residual = number(&treatment["residual"]);
                    effect = effect.filter(|(earlier, _)| *earlier <= day).or(Some((day, residual)));
                }
            }
            let (treated, residual) = effect.unwrap_or((f64::INFINITY, 0.0));
            exposure += rate * (treated.min(horizon) - start).max(0.0);
            exposure += rate * residual * (horizon - treated.max(start)).max(0.0);
        }
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{a} is not {b}: {option}");
        close(exposure, number(&option["exposure"]));
        close(baseline, number(&option["baseline_exposure"]));
        close(100.0 * (1.0 - exposure / baseline), number(&option["score"]));
    }
    for pair in options.windows(2) {
        assert!(number(&pair[0]["ships"]["day"]) <= number(&pair[1]["ships"]["day"]));
        assert!(number(&pair[0]["score"]) <= number(&pair[1]["score"]));
    }
}

/// `UPDATE_PICTURE=1 cargo test --test demo` draws it anew.
#[test]
fn the_picture_in_the_readme_is_what_the_demo_prints() {
    let printed = demo(&[], &[("CLICOLOR_FORCE", "1")]);
    let until_the_reasons: String =
        printed.split_inclusive('\n').take_while(|line| !line.contains("What speaks for")).collect();
    let picture = anstyle_svg::Term::new().render_svg(until_the_reasons.trim_end());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo.svg");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &picture).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == picture, "docs/demo.svg is not what the demo prints: draw it anew");
}
