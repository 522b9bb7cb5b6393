//! What goes wrong in real pipelines: each case shows the message that its user gets, and the exit code.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// Runs `detente` in `folder` with the environment scrubbed; returns standard output, standard error and exit code.
fn detente(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    let output = Command::cargo_bin("detente")
        .unwrap()
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// Asserts that a message names each of `parts`, line breaks and padding aside.
#[track_caller]
fn says(message: &str, parts: &[&str]) {
    let flat = message.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "`{part}` is not in:\n{message}");
    }
}

/// A folder with one report of the given content.
fn with_report(name: &str, content: impl AsRef<[u8]>) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

const CLEAN_BANDIT: &str =
    r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":[]}"#;

#[test]
fn an_empty_file_is_missing_evidence() {
    let folder = with_report("results.json", "");
    let (out, _, code) = detente(folder.path(), &["gate", "results.json"]);
    assert_eq!(code, 3);
    says(&out, &["results.json", "empty"]);
}

#[test]
fn a_base_report_that_cannot_be_used_is_said() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    fs::write(folder.path().join("cut.json"), &CLEAN_BANDIT[..CLEAN_BANDIT.len() - 4]).unwrap();
    fs::write(folder.path().join("page.json"), "<!DOCTYPE html><html></html>").unwrap();
    let gate =
        |base: &str| detente(folder.path(), &["gate", "results.json", "--base-report", base, "--format", "json"]);
    for base in ["nofile", "./page.json", "no/*.json"] {
        let (out, error, code) = gate(base);
        assert_eq!((out.as_str(), code), ("", 2), "{base}");
        says(&error, &["--base-report", base.trim_start_matches("./")]);
    }
    let (out, _, _) = gate("cut.json");
    let brief: serde_json::Value = serde_json::from_str(&out).unwrap();
    says(&brief["notices"].to_string(), &["The base report cut.json could not be read in full", "counts as new"]);
    assert!(!gate("results.json").0.contains("could not be read in full"));
}

#[test]
fn standard_input_is_read_for_one_side_alone() {
    let folder = TempDir::new().unwrap();
    let (_, error, code) = detente(folder.path(), &["gate", "-", "--base-report", "-"]);
    assert_eq!(code, 2);
    says(&error, &["`-`", "--base-report", "give one of them as a file"]);
}

#[test]
fn truncated_json_names_the_place_and_is_not_clean() {
    let folder = with_report("results.json", &CLEAN_BANDIT[..60]);
    let (out, _, code) = detente(folder.path(), &["gate", "results.json"]);
    assert_eq!(code, 3);
    says(&out, &["results.json", "line 1"]);
}

#[test]
fn utf_16_is_read_and_broken_utf_8_is_said() {
    let utf_16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(CLEAN_BANDIT.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let folder = with_report("results.json", utf_16);
    let (_, _, code) = detente(folder.path(), &["inspect", "results.json"]);
    assert_eq!(code, 0);

    let mut broken = CLEAN_BANDIT.replace("[]", r#"["x"]"#).into_bytes();
    let at = broken.iter().position(|byte| *byte == b'x').unwrap();
    broken[at] = 0xff;
    let folder = with_report("results.json", broken);
    let (out, _, code) = detente(folder.path(), &["inspect", "results.json"]);
    assert_eq!(code, 3);
    says(&out, &["results.json"]);
}

#[test]
fn an_error_page_saved_as_report_is_called_that() {
    let folder = with_report("results.sarif", "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>");
    let (out, _, code) = detente(folder.path(), &["gate", "results.sarif"]);
    assert_eq!(code, 3);
    says(&out, &["results.sarif", "web page"]);
}

#[test]
fn a_folder_without_reports_says_where_it_looked() {
    let folder = with_report("readme.txt", "nothing to see");
    let (_, err, code) = detente(folder.path(), &["gate", "."]);
    assert_eq!(code, 3);
    says(&err, &["holds no report"]);
}

#[test]
fn a_missing_report_is_missing_evidence_and_so_is_none_at_all() {
    let folder = TempDir::new().unwrap();
    let (out, err, code) = detente(folder.path(), &["gate", "no-such.json"]);
    assert_eq!(code, 3);
    says(&format!("{out}{err}"), &["no-such.json"]);
    let (_, err, code) = detente(folder.path(), &["gate"]);
    assert_eq!(code, 3);
    says(&err, &["no report was named", "usual places"]);
}

#[test]
fn where_no_report_is_the_brief_of_the_last_run_does_not_stay() {
    let folder = with_report("seen.json", CLEAN_BANDIT);
    fs::create_dir(folder.path().join("r")).unwrap();
    let brief = folder.path().join("brief.json");
    let judged = |reports: &[&str]| -> serde_json::Value {
        fs::write(&brief, "{}").unwrap();
        let (_, error, code) = detente(folder.path(), &[&["gate"][..], reports, &["--output", "brief.json"]].concat());
        assert_eq!(code, 3, "{error}");
        serde_json::from_str(&fs::read_to_string(&brief).unwrap()).unwrap()
    };
    for reports in [["r/*.nope"].as_slice(), &["r"], &[]] {
        let brief = judged(reports);
        assert_eq!(brief["verdict"], "unresolved", "{reports:?}");
        assert_eq!(brief["reports"].as_array().unwrap().len(), 1, "{reports:?}");
    }
    // What the others say is not lost for one that leads nowhere.
    let brief = judged(&["seen.json", "r/*.nope", "r"]);
    assert_eq!((&brief["verdict"], brief["reports"].as_array().unwrap().len()), (&"unresolved".into(), 3));
    assert_eq!(detente(folder.path(), &["gate", "r/[", "--output", "other.json"]).2, 2);
    assert!(!folder.path().join("other.json").exists(), "a slip of the command line is no evidence");
}

#[test]
fn a_report_of_200_megabytes_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("large.json");
    // One result repeated: what matters is that size alone is no obstacle.
    let result = r#"{"code":"x","filename":"a.py","issue_confidence":"HIGH","issue_cwe":{"id":89},"issue_severity":"LOW","issue_text":"t","line_number":1,"line_range":[1],"more_info":"","test_id":"B608","test_name":"n"},"#;
    let padding = " ".repeat(64 << 10);
    let mut text = String::from(
        r#"{"errors":[],"generated_at":"2026-11-24T09:00:00Z","metrics":{"_totals":{"loc":3}},"results":["#,
    );
    while text.len() < 200 << 20 {
        text.push_str(result);
        text.push_str(&padding);
    }
    text.push_str(&result[..result.len() - 1]);
    text.push_str("]}");
    fs::write(&path, text).unwrap();
    let (out, _, code) = detente(folder.path(), &["gate", "large.json"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_typo_in_the_appetite_points_to_it() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    fs::write(folder.path().join("appetite.yml"), "version: 1\nname: Shop\ntolerence: []\n").unwrap();
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--appetite", "appetite.yml"]);
    assert_eq!(code, 2);
    says(&err, &["appetite.yml:3:1", "tolerence", "tolerance"]);
}

#[test]
fn a_condition_that_does_not_compile_points_into_it() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let appetite = "version: 1\nname: Shop\nstatement: Short.\ntolerance:\n  - id: high\n    when: finding.severty >= HIGH\n    tolerance: 0\n";
    fs::write(folder.path().join("appetite.yml"), appetite).unwrap();
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--appetite", "appetite.yml"]);
    assert_eq!(code, 2);
    says(&err, &["appetite.yml:6", "severty", "severity"]);
}

#[test]
fn an_appetite_that_does_not_exist_is_usage() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--appetite", "appetit.yml"]);
    assert_eq!(code, 2);
    says(&err, &["appetit.yml", "no such file"]);
}

#[test]
fn an_appetite_of_the_size_of_a_disk_image_is_not_read() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let most = 64 << 20;
    let check = |size: u64| {
        fs::File::create(folder.path().join("huge.yml")).unwrap().set_len(size).unwrap();
        let (_, err, code) = detente(folder.path(), &["appetite", "check", "huge.yml"]);
        assert_eq!(code, 2, "{err}");
        err
    };
    says(&check(most + 1), &["huge.yml", "is 64 MiB, more than the 64 MiB that are read of such a file"]);
    assert!(!check(most).contains("that are read of such a file"));
}

#[test]
fn a_moment_that_is_none_is_usage() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--now", "yesterday"]);
    assert_eq!(code, 2);
    says(&err, &["--now", "yesterday"]);
}

#[test]
fn a_repository_without_commits_is_said_and_not_guessed() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    git2::Repository::init(folder.path()).unwrap();
    let (out, err, code) = detente(folder.path(), &["gate", "results.json"]);
    assert_eq!(code, 0, "advice only, and nothing was found");
    says(&format!("{out}{err}"), &["no commit"]);
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--base", "main"]);
    assert_eq!(code, 2, "what is named is not there");
    says(&err, &["--base", "no commit"]);
}

#[test]
fn feeds_that_are_something_else_are_refused() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    fs::write(folder.path().join("kev.json"), "<html>login</html>").unwrap();
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--kev", "kev.json"]);
    assert_eq!(code, 2);
    says(&err, &["kev.json"]);
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--epss", "no-such.csv"]);
    assert_eq!(code, 2);
    says(&err, &["no-such.csv"]);
}

#[test]
fn an_unknown_form_lists_the_known_ones() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--format", "pdf"]);
    assert_eq!(code, 2);
    says(&err, &["pdf", "terminal", "markdown", "json"]);
}

#[test]
fn a_timeline_table_that_does_not_exist_is_refused() {
    let folder = with_report("results.json", CLEAN_BANDIT);
    let appetite = "version: 1\nname: Shop\nstatement: Short.\ntimelines: cisa-bod-26-4\ntolerance:\n  - id: high\n    when: finding.severity >= HIGH\n    tolerance: 0\n";
    fs::write(folder.path().join("appetite.yml"), appetite).unwrap();
    let (_, err, code) = detente(folder.path(), &["gate", "results.json", "--appetite", "appetite.yml"]);
    assert_eq!(code, 2);
    says(&err, &["appetite.yml:4", "cisa-bod-26-4", "cisa-bod-26-04"]);
}

#[cfg(unix)]
#[test]
fn names_break_no_line_of_the_log() {
    let hostile = "a\n::error file=x.js,title=y::\u{1b}[31mz\u{202e}.json";
    let folder = with_report("results.json", CLEAN_BANDIT);
    fs::create_dir(folder.path().join("results")).unwrap();
    fs::write(folder.path().join("results/bandit.json"), CLEAN_BANDIT).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("results").join(hostile)).unwrap();
    let brief = r#"{"schema":"detente.brief/1","now":"2026-11-24T09:30:00Z","verdict":"within\n::error::x"}"#;
    fs::write(folder.path().join("brief.json"), brief).unwrap();
    for (arguments, code, known) in [
        (&["gate", "results"][..], 0, "a link out of the folder"),
        (&["gate", "results.json", "--allowed-signers", hostile], 2, "cannot be read"),
        (&["choose", "balanced", "--reason", "so", "--brief", "brief.json"], 2, "is not one of within-appetite"),
    ] {
        let (_, err, ended) = detente(folder.path(), arguments);
        assert_eq!(ended, code, "{err}");
        says(&err, &[known]);
        let speaks = err.lines().find(|line| line.trim_start().starts_with("::"));
        assert_eq!(speaks, None, "{err}");
        assert!(!err.contains(['\u{1b}', '\u{202e}']), "{err:?}");
    }
}
