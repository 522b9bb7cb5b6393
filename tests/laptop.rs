//! Detente on a machine of one's own: without arguments, in every state that a repository can be in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use assert_cmd::Command;
use tempfile::TempDir;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo/change");

fn git(folder: &Path, arguments: &[&str]) {
    let output = Process::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository whose branch `feature` has one commit more than `main`, with reports in a usual place.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    fs::write(root.join(".gitignore"), "results/\n").unwrap();
    fs::create_dir_all(root.join("src")).unwrap();
    fs::write(root.join("src/a.js"), "1\n").unwrap();
    git(root, &["add", "."]);
    git(root, &["commit", "-q", "-m", "one"]);
    git(root, &["checkout", "-q", "-b", "feature"]);
    fs::write(root.join("src/a.js"), "2\n").unwrap();
    git(root, &["commit", "-q", "-a", "-m", "two"]);
    reports(root);
    folder
}

fn reports(root: &Path) {
    fs::create_dir_all(root.join("results")).unwrap();
    for name in ["trivy.json", "semgrep.json", "gitleaks.json"] {
        fs::copy(format!("{SAMPLES}/{name}"), root.join("results").join(name)).unwrap();
    }
}

fn in_folder(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    with(folder, arguments, &[])
}

fn with(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (String, String, i32) {
    let mut command = Command::cargo_bin("detente").unwrap();
    // No home, no locale, no terminal: and the program has to do.
    command.env_clear().env("PATH", std::env::var("PATH").unwrap()).envs(environment.iter().copied());
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("{arguments:?} was ended by a signal"));
    (text(output.stdout), text(output.stderr), code)
}

/// What the brief says about the base.
fn base(folder: &Path) -> String {
    let (out, err, code) = in_folder(folder, &["gate", "--format", "json"]);
    assert!(code == 0 || code == 3, "{code}: {err}");
    let brief: serde_json::Value = serde_json::from_str(&out).unwrap();
    let change = &brief["change"];
    change["base"]["name"].as_str().map_or_else(|| change["unknown_because"].to_string(), str::to_owned)
}

#[test]
fn the_gate_answers_without_arguments() {
    let folder = repository();
    let (out, err, code) = in_folder(folder.path(), &["gate"]);
    assert_eq!(code, 0, "advice: {err}");
    assert!(out.starts_with("Beyond tolerance"), "{out}");
    let (json, ..) = in_folder(folder.path(), &["gate", "--format", "json"]);
    let brief: serde_json::Value = serde_json::from_str(&json).unwrap();
    let notices = brief["notices"].to_string();
    assert!(notices.contains("results/gitleaks.json, results/semgrep.json, results/trivy.json"), "{notices}");
    assert_eq!(brief["change"]["base"]["name"], "main");
    // The same from a folder within.
    let (within, _, code) = in_folder(&folder.path().join("src"), &["gate"]);
    assert_eq!((within.starts_with("Beyond tolerance"), code), (true, 0));
}

#[test]
fn without_reports_it_says_where_it_looked_and_how_to_get_one() {
    let folder = repository();
    fs::remove_dir_all(folder.path().join("results")).unwrap();
    let (_, err, code) = in_folder(folder.path(), &["gate"]);
    assert_eq!(code, 3);
    for part in ["results/", "security-reports/", "gl-*-report.json", "--output trivy.json", "detente demo"] {
        assert!(err.contains(part), "{part} is missing: {err}");
    }
}

#[test]
fn the_page_about_usual_places_lists_each_of_them() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/usual-places.md")).unwrap();
    let listed: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect();
    let usual: Vec<&str> = detente::ingest::USUAL_FOLDERS.iter().chain(detente::ingest::USUAL_NAMES).copied().collect();
    assert_eq!(listed, usual);
}

#[test]
fn a_folder_without_git_is_judged_and_said() {
    let folder = tempfile::tempdir().unwrap();
    reports(folder.path());
    assert!(base(folder.path()).contains("is not in a git repository"));
}

#[test]
fn a_bare_repository_is_judged_and_said() {
    let (work, bare) = (repository(), tempfile::tempdir().unwrap());
    git(bare.path(), &["clone", "-q", "--bare", work.path().to_str().unwrap(), "."]);
    reports(bare.path());
    let found = base(bare.path());
    assert_eq!(found, "main");
    let (_, err, code) = in_folder(bare.path(), &["hook", "install"]);
    assert_eq!(code, 2);
    assert!(err.contains("work tree"), "{err}");
}

#[test]
fn a_detached_head_has_its_base() {
    let folder = repository();
    git(folder.path(), &["checkout", "-q", "--detach"]);
    assert_eq!(base(folder.path()), "main");
}

#[test]
fn a_work_tree_of_its_own_has_its_own_reports() {
    let folder = repository();
    let other = tempfile::tempdir().unwrap();
    let tree = other.path().join("tree");
    git(folder.path(), &["worktree", "add", "-q", "-b", "more", tree.to_str().unwrap()]);
    assert_eq!(in_folder(&tree, &["gate"]).2, 3, "the reports of the other tree are not taken");
    reports(&tree);
    assert_eq!(base(&tree), "main");
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let (inner, outer) = (repository(), repository());
    git(outer.path(), &["submodule", "add", "-q", inner.path().to_str().unwrap(), "inner"]);
    git(outer.path(), &["commit", "-q", "-m", "with a submodule"]);
    assert_eq!(base(outer.path()), "main");
    let within = outer.path().join("inner");
    assert_eq!(in_folder(&within, &["gate"]).2, 3, "its own usual places are looked at, not the outer ones");
    let (out, err, code) = in_folder(&within, &["hook", "install"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("modules/inner/hooks/pre-push"), "{out}");
}

#[test]
fn an_unborn_branch_is_said() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    reports(folder.path());
    assert!(base(folder.path()).contains("no commit yet"));
    let (out, _, code) = in_folder(folder.path(), &["hook", "run"]);
    assert_eq!(code, 0);
    assert!(out.contains("no commit yet"), "{out}");
}

#[test]
fn the_base_is_the_branch_that_the_change_was_begun_from() {
    let (origin, clone) = (repository(), tempfile::tempdir().unwrap());
    git(origin.path(), &["branch", "release", "main"]);
    git(origin.path(), &["checkout", "-q", "main"]);
    git(clone.path(), &["clone", "-q", "-o", "upstream", origin.path().to_str().unwrap(), "."]);
    git(clone.path(), &["checkout", "-q", "-b", "fix", "upstream/release"]);
    fs::write(clone.path().join("new"), "").unwrap();
    git(clone.path(), &["add", "."]);
    git(clone.path(), &["commit", "-q", "-m", "three"]);
    reports(clone.path());
    assert_eq!(base(clone.path()), "upstream/release");
    // A branch that follows itself on the remote has left the remote's main line.
    git(clone.path(), &["checkout", "-q", "-B", "feature", "upstream/feature"]);
    assert_eq!(base(clone.path()), "upstream/main");
    // Without an upstream it is the only remote there is.
    git(clone.path(), &["branch", "--unset-upstream"]);
    assert_eq!(base(clone.path()), "upstream/main");
}

#[test]
fn twenty_columns_are_enough() {
    let folder = repository();
    let (out, err, code) = with(folder.path(), &["gate"], &[("COLUMNS", "20")]);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("Beyond tolerance"), "{out}");
    let prose = out.lines().take_while(|line| !line.starts_with("  1."));
    assert!(prose.into_iter().all(|line| line.chars().count() <= 20), "{out}");
}

/// As a pipeline gives them, whose component names no switches.
#[test]
fn feeds_are_named_by_the_environment_too() {
    let folder = repository();
    let (_, err, code) = with(folder.path(), &["gate"], &[("DETENTE_KEV", "feeds/kev.json")]);
    assert_eq!(code, 2);
    assert!(err.contains("feeds/kev.json: cannot be read"), "{err}");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_read_and_shown() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = repository();
    let name = std::ffi::OsStr::from_bytes(b"tr\xffivy.json");
    fs::rename(folder.path().join("results/trivy.json"), folder.path().join("results").join(name)).unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"src/\xfe")), "x").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "odd"]);
    let (out, err, code) = in_folder(folder.path(), &["gate", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("results/tr\u{fffd}ivy.json"), "{out}");
    let (out, _, code) = in_folder(folder.path(), &["hook", "run"]);
    assert_eq!(code, 0, "{out}");

    let inner = folder.path().join(std::ffi::OsStr::from_bytes(b"re\xffpository"));
    fs::create_dir(&inner).unwrap();
    git(&inner, &["init", "-q", "-b", "main"]);
    let (out, err, code) = in_folder(&inner, &["hook", "install"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(inner.join(".git/hooks/pre-push").is_file(), "{out}");
}

#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_is_said() {
    let folder = repository();
    let (out, err, code) =
        in_folder(folder.path(), &["gate", "--output", "/proc/brief.json", "--output", "detente.html"]);
    assert_eq!(code, 2);
    assert!(err.contains("/proc/brief.json: cannot be written"), "{err}");
    assert!(out.starts_with("Beyond tolerance") && folder.path().join("detente.html").is_file(), "the rest is: {out}");
    git(folder.path(), &["config", "core.hooksPath", "/proc/hooks"]);
    let (_, err, code) = in_folder(folder.path(), &["hook", "install"]);
    assert_eq!(code, 2);
    assert!(err.contains("/proc/hooks") && err.contains("check who may write"), "{err}");
}

#[cfg(unix)]
#[test]
fn what_can_only_be_read_is_judged_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository();
    let mode = |mode: u32| {
        for path in [folder.path(), &folder.path().join(".git"), &folder.path().join("results")] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    mode(0o555);
    let judged = in_folder(folder.path(), &["gate"]);
    let said = in_folder(folder.path(), &["hook", "run"]);
    mode(0o755);
    assert!(judged.0.starts_with("Beyond tolerance") && judged.2 == 0, "{judged:?}");
    assert!(said.0.contains("detente: Beyond tolerance") && said.2 == 0, "{said:?}");
}

#[test]
fn what_stands_in_the_way_of_a_choice_is_said_before_a_key_is_looked_for() {
    let folder = repository();
    let (_, err, code) = in_folder(folder.path(), &["choose", "balanced", "--reason", "as discussed"]);
    assert_eq!(code, 4, "{err}");
    assert!(err.contains("gives nobody the right to decide") && !err.contains("SSH key"), "{err}");
    let (_, err, code) = in_folder(folder.path(), &["intel", "update"]);
    assert_eq!(code, 2, "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn a_work_tree_shares_the_hooks_of_its_repository() {
    let folder = repository();
    let other = tempfile::tempdir().unwrap();
    let tree = other.path().join("tree");
    git(folder.path(), &["worktree", "add", "-q", "-b", "more", tree.to_str().unwrap()]);
    assert_eq!(in_folder(&tree, &["hook", "install"]).2, 0);
    assert!(folder.path().join(".git/hooks/pre-push").is_file());
    let (out, _, code) = in_folder(&tree, &["hook", "run"]);
    assert_eq!((out.starts_with("detente: "), code), (true, 0), "{out}");
    assert_eq!(in_folder(folder.path(), &["hook", "uninstall"]).2, 0);
    assert!(!folder.path().join(".git/hooks/pre-push").exists());
}

/// Somebody who may not choose is told before they are asked to give a reason.
#[test]
fn whoever_is_asked_knows_what_their_choice_would_come_to() {
    let (folder, elsewhere) = (repository(), tempfile::tempdir().unwrap());
    let key = elsewhere.path().join("key");
    let made = Process::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    let (out, err, code) = in_folder(folder.path(), &["choose", "--plain", "--key", key.to_str().unwrap()]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("so a choice can be looked at and not recorded"), "{out}");
    assert!(out.contains("Nothing was chosen, and nothing was recorded."), "{out}");
}

#[test]
fn the_hook_says_what_was_judged_and_what_is_left_to_the_pipeline() {
    let folder = repository();
    // An agreement that asks for three kinds of test, on the target branch.
    git(folder.path(), &["checkout", "-q", "main"]);
    fs::create_dir_all(folder.path().join(".detente")).unwrap();
    fs::copy(format!("{SAMPLES}/../appetite.yml"), folder.path().join(".detente/appetite.yml")).unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "agree"]);
    git(folder.path(), &["checkout", "-q", "feature"]);
    git(folder.path(), &["rebase", "-q", "main"]);
    fs::remove_file(folder.path().join("results/semgrep.json")).unwrap();
    // The reports are of that day; a day later they would be too old for this agreement.
    let day = ["hook", "run", "--now", "2026-11-24T12:00:00Z"];
    let (out, err, code) = in_folder(folder.path(), &day);
    assert_eq!(code, 0, "advice: {err}");
    assert!(out.lines().all(|line| line.starts_with("detente: ")), "{out}");
    assert!(out.contains("1 file changed, compared with main, judged on results/gitleaks.json"), "{out}");
    assert!(out.contains("Only the pipeline can judge: code (no report here)."), "{out}");
    assert!(out.contains("Beyond tolerance"), "{out}");
    // Not signed, so there is nothing to hold by.
    assert_eq!(in_folder(folder.path(), &[&day[..], &["--hold"]].concat()).2, 0);
    git(folder.path(), &["checkout", "-q", "main"]);
    let (out, ..) = in_folder(folder.path(), &["hook", "run", "--base", "main"]);
    assert_eq!(out, "detente: nothing here that main does not have.\n");
    fs::remove_dir_all(folder.path().join("results")).unwrap();
    git(folder.path(), &["checkout", "-q", "feature"]);
    let (out, ..) = in_folder(folder.path(), &["hook", "run"]);
    assert!(out.contains("only the pipeline can judge"), "{out}");
}

/// The pre-commit framework runs the command itself, and takes any code but 0 for a reason to hold the push.
#[test]
fn what_cannot_be_judged_holds_no_push() {
    let folder = repository();
    let run = |more: &[&str]| {
        let mut command = Command::cargo_bin("detente").unwrap();
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).current_dir(folder.path());
        command.env("DETENTE_KEV", "/absent").args(["hook", "run"]).args(more);
        let output = command.output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    for more in [[].as_slice(), &["--hold"]] {
        let (out, _, code) = run(more);
        assert!(out.starts_with("detente: not judged, so nothing is held: /absent: cannot be read"), "{out}");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn the_installed_hook_advises_on_a_real_push() {
    let (work, bare) = (repository(), tempfile::tempdir().unwrap());
    git(bare.path(), &["init", "-q", "--bare"]);
    git(work.path(), &["remote", "add", "origin", bare.path().to_str().unwrap()]);
    assert_eq!(in_folder(work.path(), &["hook", "install"]).2, 0);
    let program = assert_cmd::cargo::cargo_bin("detente");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut push = Process::new("git");
    push.arg("-C").arg(work.path()).args(["push", "-q", "origin", "feature"]).env("PATH", path);
    let output = push.env_remove("CI").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("detente: Beyond tolerance"), "{said}");

    // What is pushed is judged, and what is only checked out is not: the reports here are of that alone.
    git(work.path(), &["branch", "-q", "other", "main"]);
    let pushed = |refs: &[&str], more: &[(&str, &str)]| {
        let mut push = Process::new("git");
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
        push.arg("-C").arg(work.path()).args(["push", "-q", "origin"]).args(refs).env("PATH", path);
        let output = push.env_remove("CI").envs(more.iter().copied()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    };
    let said = pushed(&["other"], &[]);
    assert!(said.contains("detente: other (") && said.contains("was not judged"), "{said}");
    assert!(!said.contains("tolerance"), "{said}");
    let said = pushed(&["feature:again", "other:more"], &[]);
    assert!(said.contains("detente: other (") && said.contains("detente: Beyond tolerance"), "{said}");
    assert!(!pushed(&[":more"], &[]).contains("judged"), "nothing new is there to judge");
    // What cannot be judged is said, and holds nothing.
    assert_eq!(in_folder(work.path(), &["hook", "install", "--hold"]).2, 0);
    let said = pushed(&["feature:third"], &[("DETENTE_KEV", "/nowhere/kev.json")]);
    assert!(said.contains("not judged, so nothing is held") && said.contains("kev.json: cannot be read"), "{said}");
}

#[test]
fn nobody_is_asked_where_nobody_can_answer() {
    let folder = repository();
    let (_, err, code) = in_folder(folder.path(), &["choose"]);
    assert_eq!(code, 2);
    assert!(err.contains("not a terminal") && err.contains("--plain"), "{err}");
    let (_, err, code) = in_folder(folder.path(), &["choose", "balanced"]);
    assert_eq!(code, 2);
    assert!(err.contains("--reason"), "{err}");
    let (_, err, code) = in_folder(folder.path(), &["choose", "balanced", "--by-job"]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn completions_and_manual_pages_come_out_of_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (out, _, code) = in_folder(folder.path(), &["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("base-report"), "{shell}");
    }
    let (page, _, code) = in_folder(folder.path(), &["man"]);
    assert_eq!(code, 0);
    assert!(page.contains(".TH detente 1"), "{page}");
    assert_eq!(in_folder(folder.path(), &["man", "--output", "man"]).2, 0);
    assert!(folder.path().join("man/detente-gate.1").is_file());
    assert_eq!(in_folder(folder.path(), &["man", "--output", "/proc/man"]).2, 2);
    assert_eq!(in_folder(folder.path(), &["completions", "cobol"]).2, 2);
}

/// What `LANG=C` says of the screen holds for tables and formulas as for everything else.
#[test]
fn a_screen_that_shows_ascii_alone_gets_ascii() {
    let folder = repository();
    with(folder.path(), &["gate", "results/", "--output", "brief.json"], &[]);
    for arguments in [
        &["inspect", "results/"][..],
        &["rules", "list"],
        &["rules", "show", "exposure"],
        &["formats"],
        &["explain", "option", "balanced"],
        &["explain", "finding", "CVE-2023-34034"],
        &["appetite", "facts"],
    ] {
        let (drawn, said, _) = with(folder.path(), arguments, &[]);
        assert!(drawn.contains('│'), "{arguments:?}: {drawn}{said}");
        let (plain, _, _) = with(folder.path(), arguments, &[("LANG", "C")]);
        assert!(plain.contains('|') && plain.is_ascii(), "{arguments:?}: {plain}");
        assert!(!plain.contains("? ="), "a letter of a formula is lost: {plain}");
    }
}
