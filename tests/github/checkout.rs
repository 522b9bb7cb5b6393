//! Shallow checkouts: what is missing is fetched, or it is said what to set.

use std::path::{Path, PathBuf};
use std::process::Command;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::server::{GitHub, pull_event};
use crate::shop::Shop;

/// Nothing found by a tool that looks at code.
const CLEAN: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Semgrep OSS","rules":[]}},"invocations":[{"executionSuccessful":true}],"results":[]}]}"#;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository whose feature left the main line sixty commits ago, and the merge that GitHub tests for it. Where the
/// feature left, its head.
fn origin(folder: &Path) -> (PathBuf, String, String) {
    let path = folder.join("origin");
    std::fs::create_dir(&path).unwrap();
    git(&path, &["init", "-q", "-b", "main"]);
    git(&path, &["commit", "-q", "--allow-empty", "-m", "Begin"]);
    let left = git(&path, &["rev-parse", "HEAD"]);
    git(&path, &["checkout", "-q", "-b", "feature"]);
    std::fs::write(path.join("pay.js"), "pay();\n").unwrap();
    git(&path, &["add", "."]);
    git(&path, &["commit", "-q", "-m", "Pay"]);
    let head = git(&path, &["rev-parse", "HEAD"]);
    git(&path, &["checkout", "-q", "main"]);
    for _ in 0..60 {
        git(&path, &["commit", "-q", "--allow-empty", "-m", "Go on"]);
    }
    git(&path, &["checkout", "-q", "-b", "merge"]);
    git(&path, &["merge", "-q", "--no-ff", "-m", "Merge", "feature"]);
    git(&path, &["update-ref", "refs/pull/5/merge", "HEAD"]);
    git(&path, &["checkout", "-q", "main"]);
    git(&path, &["branch", "-q", "-D", "merge"]);
    (path, left, head)
}

/// A checkout as actions/checkout makes it: one commit of `name`.
fn checkout(folder: &Path, origin: &Path, name: &str) -> PathBuf {
    let path = folder.join("checkout");
    std::fs::create_dir(&path).unwrap();
    git(&path, &["init", "-q"]);
    git(&path, &["remote", "add", "origin", &format!("file://{}", origin.display())]);
    git(&path, &["fetch", "-q", "--no-tags", "--depth=1", "origin", name]);
    git(&path, &["checkout", "-q", "--detach", "FETCH_HEAD"]);
    path
}

fn gate(github: &GitHub, checkout: &Path, event: &str, payload: &Value) -> assert_cmd::assert::Assert {
    let report = github.write("semgrep.sarif", CLEAN);
    let mut job = github.job(event, payload);
    job.env_remove("GITHUB_TOKEN").env("GITHUB_WORKSPACE", checkout).env("GIT_CONFIG_NOSYSTEM", "1");
    job.arg("gate").arg(report).args(["--format", "json", "--repository"]).arg(checkout).assert()
}

fn base(assert: &assert_cmd::assert::Assert) -> Value {
    let brief: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    brief["change"]["base"]["commit"].clone()
}

#[test]
fn a_shallow_checkout_is_completed_as_far_as_it_takes() {
    for (name, left) in [("refs/heads/feature", true), ("refs/pull/5/merge", false)] {
        let github = GitHub::start();
        let (origin, begin, head) = origin(&github.path(""));
        let checkout = checkout(&github.path(""), &origin, name);
        assert_eq!(git(&checkout, &["rev-list", "--count", "HEAD"]), "1");
        let assert = gate(&github, &checkout, "pull_request", &pull_event(&head));
        // The merge that GitHub tests left the main line at its newest commit.
        let expected = if left { begin } else { git(&origin, &["rev-parse", "main"]) };
        assert_eq!(base(&assert), expected, "{name}");
    }
}

/// Signatures count as long as the versions before them are known, so the history is fetched where an appetite is signed.
#[test]
fn a_signed_appetite_is_followed_to_its_first_version() {
    let (github, shop) = (GitHub::start(), Shop::open());
    let work = shop.path("work");
    git(&work, &["checkout", "-q", "main"]);
    for _ in 0..3 {
        git(&work, &["commit", "-q", "--allow-empty", "-m", "Go on"]);
    }
    git(&work, &["checkout", "-q", "--detach"]);
    let head = git(&work, &["rev-parse", "feature"]);
    git(&work, &["merge", "-q", "--no-ff", "-m", "Merge", "feature"]);
    git(&work, &["push", "-q", "origin", "main", "feature", "HEAD:refs/pull/5/merge"]);
    let origin = shop.path("origin.git");
    let checkout = checkout(&github.path(""), &origin, "refs/pull/5/merge");
    let assert = gate(&github, &checkout, "pull_request", &pull_event(&head));
    let brief: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(brief["appetite"]["agreement"], "agreed", "{}", brief["notices"]);
    assert_eq!(brief["appetite"]["signers"], json!(["cio", "ciso"]));

    // Where nobody fetches it, it is said that it is signed, and what to do.
    git(
        &github.path(""),
        &["clone", "-q", "--depth=1", "-b", "main", &format!("file://{}", origin.display()), "short"],
    );
    let report = github.write("semgrep.sarif", CLEAN);
    let mut command = assert_cmd::Command::cargo_bin("detente").unwrap();
    command.current_dir(github.path("short")).env_remove("CI").env_remove("GITHUB_ACTIONS").env("COLUMNS", "400");
    let assert = command.args(["gate", "--base", "origin/main"]).arg(report).assert();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    for says in ["the risk appetite cannot be verified from this clone", "git fetch --unshallow", "`fetch-depth: 0`"] {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert!(!text.contains("is not signed yet"), "{text}");
    assert.code(3);
}

#[test]
fn nothing_is_concluded_where_the_target_branch_cannot_be_fetched() {
    let github = GitHub::start();
    let (origin, _, head) = origin(&github.path(""));
    let checkout = checkout(&github.path(""), &origin, "refs/heads/feature");
    std::fs::rename(&origin, origin.with_extension("gone")).unwrap();
    let assert = gate(&github, &checkout, "pull_request", &pull_event(&head)).code(3);
    let brief: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!((&brief["verdict"], &brief["appetite"]["agreement"]), (&json!("unresolved"), &json!("unverified")));
    let because = brief["unresolved_because"][0].as_str().unwrap();
    assert!(because.contains("What was agreed cannot be verified") && because.contains("git fetch"), "{because}");
}

#[test]
fn a_tag_called_like_the_target_branch_is_not_the_target() {
    let github = GitHub::start();
    let (origin, begin, head) = origin(&github.path(""));
    let checkout = checkout(&github.path(""), &origin, "refs/heads/feature");
    git(&checkout, &["tag", "origin/main"]);
    assert_eq!(base(&gate(&github, &checkout, "pull_request", &pull_event(&head))), begin);
}

#[test]
fn a_merge_queue_and_a_push_have_their_own_base() {
    let github = GitHub::start();
    let (origin, _, _) = origin(&github.path(""));
    let checkout = checkout(&github.path(""), &origin, "main");
    let before = git(&origin, &["rev-parse", "main~3"]);
    let repository = json!({"id": 1, "full_name": "octo/shop", "default_branch": "main"});
    let push = json!({"before": before, "repository": repository});
    let report = github.write("semgrep.sarif", CLEAN);
    let mut job = github.job("push", &push);
    job.env("GITHUB_REF", "refs/heads/main").env("GITHUB_WORKSPACE", &checkout).env_remove("GITHUB_TOKEN");
    let assert = job.arg("gate").arg(report).args(["--format", "json", "--repository"]).arg(&checkout).assert();
    assert_eq!(base(&assert), before);
    // A look at the main line as it stands: nothing is new.
    let assert = gate(&github, &checkout, "schedule", &json!({"repository": repository}));
    assert_eq!(base(&assert), git(&origin, &["rev-parse", "main"]));
}

#[test]
fn where_nothing_can_be_fetched_it_says_what_to_set() {
    let github = GitHub::start();
    let (origin, _, head) = origin(&github.path(""));
    let checkout = checkout(&github.path(""), &origin, "refs/heads/feature");
    std::fs::remove_dir_all(&origin).unwrap();
    let assert = gate(&github, &checkout, "pull_request", &pull_event(&head));
    // The pages let no checkout keep a token, and nothing here asks for it.
    let assert = assert.stderr(contains("`fetch-depth: 0`").and(contains("credentials").not()));
    let brief: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(brief["change"]["base"], Value::Null, "nothing is guessed");
}

#[test]
fn a_repository_that_the_job_did_not_check_out_is_left_alone() {
    let github = GitHub::start();
    let (origin, _, head) = origin(&github.path(""));
    let checkout = checkout(&github.path(""), &origin, "refs/heads/feature");
    let elsewhere = github.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let report = github.write("semgrep.sarif", CLEAN);
    let mut job = github.job("pull_request", &pull_event(&head));
    let run =
        job.env("GITHUB_WORKSPACE", &elsewhere).arg("gate").arg(report).arg("--repository").arg(&checkout).assert();
    assert_eq!(run.get_output().status.code(), Some(0));
    assert_eq!(git(&checkout, &["rev-list", "--count", "HEAD"]), "1", "nothing is fetched");
}
