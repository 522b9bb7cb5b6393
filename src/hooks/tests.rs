//! Hooks in real repositories, with the real git.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    folder
}

#[cfg(unix)]
fn executable(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_put_in_is_taken_out() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    assert!(install(folder.path(), Manner::Advise).unwrap().changed);
    let once = fs::read_to_string(&hook).unwrap();
    assert!(!install(folder.path(), Manner::Advise).unwrap().changed);
    assert_eq!(fs::read_to_string(&hook).unwrap(), once);
    assert!(install(folder.path(), Manner::Hold).unwrap().changed, "the manner can be changed");
    assert_eq!(fs::read_to_string(&hook).unwrap().matches(script::BEGIN).count(), 1);
    assert!(uninstall(folder.path()).unwrap().changed);
    assert!(!hook.exists());
    assert!(!uninstall(folder.path()).unwrap().changed);
}

#[cfg(unix)]
#[test]
fn a_shell_hook_that_is_there_still_runs_with_its_input() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    let theirs = "#!/usr/bin/env bash\nset -e\ncat > \"$(dirname \"$0\")/seen\"\nexit 7\n";
    executable(&hook, theirs);
    install(folder.path(), Manner::Advise).unwrap();
    // Without detente on the path the block only says so, and the rest runs as ever.
    let run = format!("echo refs | {}", hook.display());
    let output = Command::new("sh").args(["-c", &run]).env("PATH", "/usr/bin:/bin").output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not found on the PATH"));
    assert_eq!(fs::read_to_string(folder.path().join(".git/hooks/seen")).unwrap(), "refs\n");
    uninstall(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(&hook).unwrap(), theirs);
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_no_shell_script_is_kept_run_and_brought_back() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    let theirs = "#!/usr/bin/env python3\nimport sys\nprint(sys.stdin.read(), sys.argv[1])\n";
    executable(&hook, theirs);
    install(folder.path(), Manner::Advise).unwrap();
    assert!(!install(folder.path(), Manner::Advise).unwrap().changed);
    let run = format!("echo refs | {} origin", hook.display());
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh").args(["-c", &run]).env("PATH", path).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "refs\n origin\n");
    uninstall(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(&hook).unwrap(), theirs);
    assert!(!hook.with_file_name("pre-push.before-detente").exists());
}

/// The hook with a `detente` on the path that ends with `code`, on a push of `refs`: how it ends, and what was said.
#[cfg(unix)]
fn run_with(folder: &Path, code: i32) -> (Option<i32>, String) {
    let programs = tempfile::tempdir().unwrap();
    executable(
        &programs.path().join("detente"),
        &format!("#!/bin/sh\ncat > \"{}/given\"\nexit {code}\n", folder.display()),
    );
    let path = format!("{}:/usr/bin:/bin", programs.path().display());
    let run = format!("printf 'refs/heads/f 1 refs/heads/f 2\\n' | {}", folder.join(".git/hooks/pre-push").display());
    let output = Command::new("sh").args(["-c", &run]).env("PATH", path).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(unix)]
#[test]
fn a_push_is_held_for_an_open_row_and_for_no_error() {
    let folder = repository();
    install(folder.path(), Manner::Hold).unwrap();
    assert_eq!(run_with(folder.path(), 0), (Some(0), String::new()));
    assert_eq!(run_with(folder.path(), 1), (Some(1), String::new()));
    for code in [2, 5, 101] {
        let (ended, said) = run_with(folder.path(), code);
        assert!(
            ended == Some(0) && said.contains(&format!("ended with {code}")) && said.contains("not held"),
            "{said}"
        );
    }
    install(folder.path(), Manner::Advise).unwrap();
    assert_eq!(run_with(folder.path(), 1), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn what_git_says_is_read_and_handed_on() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    executable(&hook, "#!/bin/sh\ncat > \"$(dirname \"$0\")/seen\"\n");
    install(folder.path(), Manner::Hold).unwrap();
    assert_eq!(run_with(folder.path(), 0).0, Some(0));
    let refs = "refs/heads/f 1 refs/heads/f 2\n";
    assert_eq!(fs::read_to_string(folder.path().join("given")).unwrap(), refs);
    assert_eq!(fs::read_to_string(folder.path().join(".git/hooks/seen")).unwrap(), refs);
}

#[cfg(unix)]
#[test]
fn who_may_run_a_hook_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    executable(&hook, "#!/bin/sh\nexit 0\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    let mode = || fs::metadata(&hook).unwrap().permissions().mode() & 0o777;
    install(folder.path(), Manner::Advise).unwrap();
    assert_eq!(mode(), 0o700);
    uninstall(folder.path()).unwrap();
    assert_eq!(mode(), 0o700);
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let folder = repository();
    git(folder.path(), &["config", "core.hooksPath", "tools/hooks"]);
    fs::create_dir_all(folder.path().join("src")).unwrap();
    let done = install(&folder.path().join("src"), Manner::Advise).unwrap();
    assert!(done.file.ends_with("tools/hooks/pre-push"), "{}", done.file.display());
    assert!(folder.path().join("tools/hooks/pre-push").is_file());
}

#[test]
fn husky_and_lefthook_keep_their_order() {
    let folder = repository();
    git(folder.path(), &["config", "core.hooksPath", ".husky/_"]);
    fs::create_dir_all(folder.path().join(".husky/_")).unwrap();
    fs::write(folder.path().join(".husky/pre-push"), "npm test\n").unwrap();
    install(folder.path(), Manner::Advise).unwrap();
    let text = fs::read_to_string(folder.path().join(".husky/pre-push")).unwrap();
    assert!(text.starts_with(script::BEGIN) && text.ends_with("npm test\n"), "{text}");
    uninstall(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(".husky/pre-push")).unwrap(), "npm test\n");

    fs::write(folder.path().join("lefthook.yml"), "pre-push:\n  commands:\n    test:\n      run: npm test\n").unwrap();
    let done = install(folder.path(), Manner::Advise).unwrap();
    assert!(done.file.ends_with("lefthook-local.yml"), "{}", done.file.display());
    assert!(!install(folder.path(), Manner::Advise).unwrap().changed);
    install(folder.path(), Manner::Hold).unwrap();
    let text = fs::read_to_string(folder.path().join("lefthook-local.yml")).unwrap();
    assert!(text.contains("run: detente hook run --hold --carry {1} || test $? -ne 1\n"), "{text}");
    uninstall(folder.path()).unwrap();
    assert!(!folder.path().join("lefthook-local.yml").exists());
    fs::write(folder.path().join("lefthook-local.yml"), "pre-push:\n  parallel: true\n").unwrap();
    let refused = install(folder.path(), Manner::Advise).unwrap_err().to_string();
    assert!(refused.contains("run: detente hook run"), "{refused}");
}

#[test]
fn places_without_a_work_tree_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = install(folder.path(), Manner::Advise).unwrap_err();
    assert!(matches!(refused, HookError::NoWorkTree { .. }), "{refused}");
    git(folder.path(), &["init", "-q", "--bare"]);
    let refused = install(folder.path(), Manner::Advise).unwrap_err();
    assert!(matches!(refused, HookError::NoWorkTree { .. }), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_does_not_run_is_not_woken() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\nrm -rf build\n").unwrap();
    assert!(matches!(install(folder.path(), Manner::Advise).unwrap_err(), HookError::Dormant(_)));
}

#[test]
fn half_of_the_marks_is_not_guessed_at() {
    let file = Path::new("pre-push");
    for text in ["# >>> detente >>>\n", "# <<< detente <<<\n# >>> detente >>>\n"] {
        assert!(matches!(script::without_block(text, file), Err(HookError::Marks { .. })), "{text}");
    }
}

#[test]
fn work_trees_share_the_hook_and_a_folder_that_cannot_be_written_is_said() {
    let folder = repository();
    git(folder.path(), &["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "one"]);
    let other = tempfile::tempdir().unwrap();
    git(folder.path(), &["worktree", "add", "-q", "--detach", other.path().join("w").to_str().unwrap()]);
    install(&other.path().join("w"), Manner::Advise).unwrap();
    assert!(folder.path().join(".git/hooks/pre-push").is_file());

    git(folder.path(), &["config", "core.hooksPath", "file/hooks"]);
    fs::write(folder.path().join("file"), "").unwrap();
    let refused = install(folder.path(), Manner::Advise).unwrap_err();
    assert!(matches!(refused, HookError::File { .. }), "{refused}");
}
