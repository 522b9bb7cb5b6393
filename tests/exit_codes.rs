//! Exit codes are a contract with scripts: each is reached here through the real command.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::fs;

use assert_cmd::Command;
use detente::exit::Exit;

const SAMPLES: &str = "src/commands/demo";

/// `detente gate` on the demo's reports, its signed appetite and its feeds, at the demo's moment.
fn gate(more: &[&str]) -> i32 {
    let mut command = Command::cargo_bin("detente").unwrap();
    command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["gate", "--now", "2026-11-24T09:30:00Z", "--repository", "/", "--base-report"]);
    command.arg(format!("{SAMPLES}/base")).arg(format!("--kev={SAMPLES}/kev.json")).args(more);
    command.output().unwrap().status.code().unwrap()
}

fn agreed(more: &[&str]) -> i32 {
    let appetite = format!("--appetite={SAMPLES}/appetite.yml");
    let signers = format!("--allowed-signers={SAMPLES}/allowed_signers");
    gate(&[&[appetite.as_str(), signers.as_str()], more].concat())
}

fn code(exit: Exit) -> i32 {
    i32::from(exit.code())
}

#[test]
fn the_numbers_never_change() {
    assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn an_open_before_ship_row_holds_the_release() {
    assert_eq!(agreed(&["src/commands/demo/change"]), code(Exit::DecisionNeeded));
}

#[test]
fn the_same_change_under_an_unverified_appetite_is_advice() {
    assert_eq!(gate(&["--appetite=src/commands/demo/appetite.yml", "src/commands/demo/change"]), code(Exit::Proceed));
    assert_eq!(gate(&["src/commands/demo/change", "--require-decision"]), code(Exit::Proceed));
}

#[test]
fn a_decision_is_asked_for_only_where_the_pipeline_wants_one() {
    // Without the credential no before_ship row is open, but the change is still beyond tolerance.
    let folder = tempfile::tempdir().unwrap();
    for name in ["trivy.json", "semgrep.json"] {
        fs::copy(format!("{SAMPLES}/change/{name}"), folder.path().join(name)).unwrap();
    }
    fs::copy(format!("{SAMPLES}/base/gitleaks.sarif"), folder.path().join("gitleaks.sarif")).unwrap();
    let reports = folder.path().to_str().unwrap();
    assert_eq!(agreed(&[reports]), code(Exit::Proceed));
    assert_eq!(agreed(&[reports, "--require-decision"]), code(Exit::DecisionNeeded));
}

#[test]
fn a_decision_is_asked_for_within_tolerance_too() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["base/trivy.json", "change/semgrep.json", "base/gitleaks.sarif"] {
        fs::copy(format!("{SAMPLES}/{name}"), folder.path().join(name.split_once('/').unwrap().1)).unwrap();
    }
    let reports = folder.path().to_str().unwrap();
    assert_eq!(agreed(&[reports]), code(Exit::Proceed));
    assert_eq!(agreed(&[reports, "--require-decision"]), code(Exit::DecisionNeeded));
}

#[test]
fn nothing_new_proceeds() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["semgrep.json", "trivy.json"] {
        fs::copy(format!("{SAMPLES}/base/{name}"), folder.path().join(name)).unwrap();
    }
    let reports = folder.path().to_str().unwrap();
    // The agreement requires a secret scan too.
    assert_eq!(agreed(&[reports]), code(Exit::Unresolved));
    fs::copy(format!("{SAMPLES}/base/gitleaks.sarif"), folder.path().join("gitleaks.sarif")).unwrap();
    assert_eq!(agreed(&[reports, "--require-decision"]), code(Exit::Proceed));
}

#[test]
fn a_signature_that_does_not_hold_is_a_trust_failure() {
    let verify = |file: &str| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(["appetite", "verify", file, "--now", "2026-11-24T09:30:00Z"]);
        command.arg(format!("--allowed-signers={SAMPLES}/allowed_signers"));
        command.output().unwrap().status.code().unwrap()
    };
    assert_eq!(verify("src/commands/demo/appetite.yml"), code(Exit::Proceed));
    let folder = tempfile::tempdir().unwrap();
    let edited = folder.path().join("appetite.yml");
    let text = fs::read_to_string(format!("{SAMPLES}/appetite.yml")).unwrap().replace("tolerance: 2", "tolerance: 9");
    fs::write(&edited, text).unwrap();
    for role in ["cio", "ciso"] {
        let name = format!("appetite.yml.{role}.sig");
        fs::copy(format!("{SAMPLES}/{name}"), folder.path().join(name)).unwrap();
    }
    assert_eq!(verify(edited.to_str().unwrap()), code(Exit::Trust));
}

/// A choice would be refused: nobody has the right to it yet.
#[test]
fn nobody_is_asked_to_choose_before_there_is_an_agreement() {
    let run = |more: &[&str]| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().env("COLUMNS", "400").current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(["gate", "src/commands/demo/change", "--now", "2026-11-24T09:30:00Z", "--repository", "/"]);
        let said = String::from_utf8(command.args(more).output().unwrap().stdout).unwrap();
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let advice = run(&[]);
    let (_, next) = advice.split_once("Next 1. ").unwrap();
    let (agree, choose) = (next.find("Agree the appetite"), next.find("choose an option"));
    assert!(agree.is_some() && agree < choose, "{next}");
    assert!(!next.contains("Choose an option"), "{next}");
    let (_, who) = advice.split_once("Who approves it: ").unwrap();
    assert!(who.split('.').next().unwrap().ends_with(" (once the appetite is agreed)"), "{who}");
    let appetite = format!("--appetite={SAMPLES}/appetite.yml");
    let (signers, kev) = (format!("--allowed-signers={SAMPLES}/allowed_signers"), format!("--kev={SAMPLES}/kev.json"));
    let agreed = run(&[&appetite, &signers, &kev]);
    assert!(agreed.contains("Choose an option; ") && !agreed.contains("once the appetite is agreed"), "{agreed}");
}

/// Nothing would be found in it, and that must not pass for nothing to find.
#[test]
fn a_repository_folder_that_is_not_there_is_a_slip_of_the_command_line() {
    let run = |arguments: &[&str], folder: &str| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).args(["--repository", folder]);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let gate = ["gate", "src/commands/demo/change", "--now", "2026-11-24T09:30:00Z"];
    for arguments in [&gate[..], &["ledger", "show"], &["hook", "run"], &["choose", "balanced", "--reason", "x"]] {
        let (ended, said) = run(arguments, "/nosuch");
        assert_eq!(ended, Some(code(Exit::Usage)), "{said}");
        assert!(said.contains("/nosuch") && said.contains("there is no such folder"), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&gate, folder.path().to_str().unwrap()).0, Some(0), "a folder that is no repository is looked at");
}

/// A number below 0 is one, and no option.
#[test]
fn a_wish_below_nothing_is_told_what_is_expected() {
    for (option, says) in [("--max-effort", "hours of work are expected"), ("--min-score", "a security score from 0")] {
        let mut command = Command::cargo_bin("detente").unwrap();
        let output = command.env_clear().args(["gate", option, "-3"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code(Exit::Usage)), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

/// The words are in three places; the table sets names in code.
#[test]
fn the_help_and_the_readme_say_the_same_of_each_code() {
    let mut command = Command::cargo_bin("detente").unwrap();
    let help = String::from_utf8(command.env_clear().arg("--help").output().unwrap().stdout).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = fs::read_to_string("README.md").unwrap().replace('`', "");
    for exit in Exit::ALL {
        let (number, meaning) = (exit.code(), exit.meaning());
        assert!(help.contains(&format!(" {number} {meaning} ")), "{meaning}");
        assert!(readme.contains(&format!("| {number} | {meaning} |")), "{meaning}");
    }
}

/// A pipeline that leaves a setting open has a variable that is there and empty.
#[test]
fn an_empty_variable_says_nothing() {
    let run = |value: Option<&str>, arguments: &[&str]| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
        let names =
            "APPETITE ALLOWED_SIGNERS APPETITE_ROOT KEV EPSS CLOSURES KEY CHANGE CACHE PLAIN KEV_URL EPSS_URL LOG";
        for (name, value) in names.split(' ').filter_map(|name| value.map(|value| (name, value))) {
            command.env(format!("DETENTE_{name}"), value);
        }
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let now = ["--now", "2026-11-24T09:30:00Z", "--repository"];
    let gate = [&["gate", "src/commands/demo/change"][..], &now, &["/"]].concat();
    assert_eq!(run(Some(""), &gate), run(None, &gate));
    assert_eq!(run(Some(""), &gate).0, Some(0));
    // Of a command within a command too, and of those that all of them take.
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("git").args(["init", "-q"]).arg(folder.path()).status().unwrap();
    assert!(made.success());
    let place = [&now[..], &[folder.path().to_str().unwrap()]].concat();
    for arguments in
        [&["ledger", "show"][..], &["ledger", "worked", "c-1", "2"], &["choose", "balanced", "--reason", "x"]]
    {
        let arguments = [arguments, &place].concat();
        assert_eq!(run(Some(""), &arguments), run(None, &arguments));
    }
}

#[test]
fn a_variable_that_switches_is_read_as_people_write_it() {
    let choose = |plain: &str| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().env("DETENTE_PLAIN", plain).args(["choose", "balanced", "--reason", "x"]);
        let output = command.args(["--brief", "/absent.json"]).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    for plain in ["1", "0", "yes", "no", "true", "false"] {
        assert!(choose(plain).contains("/absent.json"), "{plain}: {}", choose(plain));
    }
    assert!(
        choose("perhaps").contains("DETENTE_PLAIN") || choose("perhaps").contains("--plain"),
        "{}",
        choose("perhaps")
    );
}
