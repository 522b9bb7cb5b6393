//! The ledger under faults of the machine and of the remote, through the commands that people use.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use detente::ledger::Ledger;
use shop::{Shop, TUESDAY, quiet};

/// The security delegate's choice, and where it is made.
fn about_to_choose() -> (Shop, PathBuf, Vec<String>) {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let file = shop.path("brief.json");
    fs::write(&file, brief.to_string()).unwrap();
    shop.git(&work, &["config", "user.name", "security"]);
    shop.git(&work, &["config", "user.email", "security@example.com"]);
    let (file, key) = (file.display().to_string(), shop.key("security").display().to_string());
    let words = ["choose", "fastest", "--reason", "as discussed", "--brief", &file, "--key", &key, "--now", TUESDAY];
    let arguments = words.map(str::to_owned).to_vec();
    (shop, work, arguments)
}

/// A command in a shell that allows no file to grow: what a full disk looks like to a program.
fn without_room(shop: &Shop, work: &Path, before: &str, arguments: &[String]) -> Output {
    let mut command = Command::new("sh");
    quiet(&mut command, shop);
    command.env("DETENTE_ALLOWED_SIGNERS", shop.path("allowed_signers"));
    let script = format!("{before} ulimit -f 0; exec \"$0\" \"$@\"");
    command.current_dir(work).args(["-c", &script, env!("CARGO_BIN_EXE_detente")]).args(arguments);
    command.output().unwrap()
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let (shop, work, arguments) = about_to_choose();
    shop.detente(&work, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).ends(1);
    let tip = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
    let mut another = arguments.clone();
    another[1] = "balanced".to_owned();
    // Later, so that which of the two counts does not depend on keys.
    *another.last_mut().unwrap() = "2026-11-24T10:00:00Z".to_owned();
    // The limit as an error, as a full disk reports itself.
    let output = without_room(&shop, &work, "trap '' XFSZ;", &another);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_ne!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("the ledger could not be used") || said.contains("could not be fetched"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    // The limit as a signal that ends the program in the middle of a write.
    let output = without_room(&shop, &work, "", &another);
    assert!(output.status.signal().is_some() || output.status.code() != Some(0), "{output:?}");
    assert_eq!(shop.git(&work, &["rev-parse", "refs/detente/ledger"]), tip);
    let verified = Ledger::open(&work).unwrap().verify(None).unwrap().unwrap();
    assert_eq!(verified.faults, []);
    // With room again, it goes on where it was.
    let _ = fs::remove_file(work.join(".git/refs/detente/ledger.lock"));
    shop.detente(&work, &another.iter().map(String::as_str).collect::<Vec<_>>()).ends(0);
    shop.detente(&work, &["ledger", "verify", "--now", TUESDAY]).ends(0);
}

/// A clone that takes no records loses nothing that was found out, and ends as a remote that takes none.
#[test]
fn a_run_that_cannot_write_to_its_clone_writes_its_brief_and_says_so() {
    let shop = Shop::open();
    let (work, file) = (shop.path("work"), shop.path("brief.json"));
    // A file where the folder of the ledger's ref would be: as good as no right to write, which root always has.
    fs::write(work.join(".git/refs/detente"), "").unwrap();
    let more = ["--record", "--remote", "none", "--output", file.to_str().unwrap()];
    let run = shop.gate(&work, &shop.beyond(), TUESDAY, &more).ends(5);
    assert!(run.stdout.contains("This run was not recorded: the ledger could not be used"), "{run:?}");
    let brief: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(brief["verdict"], "beyond-tolerance");
}

/// A remote that refuses every push; removing the hook opens it again.
fn close(shop: &Shop) -> PathBuf {
    let hook = shop.path("origin.git/hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho 'closed for the audit' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    hook
}

#[test]
fn a_remote_that_takes_nothing_is_said_and_the_next_push_takes_it_along() {
    let (shop, work, arguments) = about_to_choose();
    let hook = close(&shop);
    let run = shop.detente(&work, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).ends(1);
    assert!(run.stdout.contains("The record is in this clone only"), "{run:?}");
    assert!(run.stdout.contains("closed for the audit"), "{run:?}");
    assert_eq!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]), "");
    // What is complete here is not done before others can know of it.
    let brief = serde_json::from_str(&fs::read_to_string(shop.path("brief.json")).unwrap()).unwrap();
    let run = shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T09:45:00Z").ends(5);
    assert!(run.stdout.contains("no other clone knows it yet") && !run.stdout.contains("Proceed"), "{run:?}");
    fs::remove_file(hook).unwrap();
    let reports = shop.beyond();
    shop.gate(&work, &reports, "2026-11-24T10:00:00Z", &["--record"]);
    let clone = shop.clone_as("other", "lead");
    let shown = shop.detente(&clone, &["ledger", "show", "--now", TUESDAY]).ends(0);
    assert!(shown.stdout.contains("fastest"), "{shown:?}");
}

#[test]
fn a_ledger_that_cannot_be_reached_takes_no_judgement_away() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    fs::rename(shop.path("origin.git"), shop.path("away.git")).unwrap();
    let file = shop.path("brief.json");
    let more = ["--record", "--output", file.to_str().unwrap()];
    let run = shop.gate(&work, &reports, TUESDAY, &more).ends(5);
    assert!(run.stderr.contains("could not be fetched") && run.stderr.contains("git ls-remote origin"), "{run:?}");
    assert!(run.stdout.contains("This run was not recorded"), "{run:?}");
    let brief: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(brief["verdict"], "beyond-tolerance");
    // With the remote back, the same run is recorded.
    fs::rename(shop.path("away.git"), shop.path("origin.git")).unwrap();
    shop.gate(&work, &reports, TUESDAY, &["--record"]).ends(0);
    assert_ne!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]), "");
}

#[test]
fn a_run_whose_record_the_remote_does_not_take_shows_its_verdict_and_ends_with_5() {
    let shop = Shop::open();
    let (work, reports) = (shop.path("work"), shop.beyond());
    let hook = close(&shop);
    let file = shop.path("brief.json");
    let change = ["--record", "--output", file.to_str().unwrap()];
    let branch = ["--record", "--change", "branch/main"];
    for (more, shows) in [(&change[..], "Choose an option"), (&branch, "Beyond tolerance")] {
        let run = shop.gate(&work, &reports, TUESDAY, more).ends(5);
        assert!(run.stdout.contains(shows), "{run:?}");
        assert!(run.stdout.contains("This run is recorded in this clone only: origin does not take"), "{run:?}");
        assert!(run.stderr.contains("closed for the audit") && run.stderr.contains("refs/detente/ledger"), "{run:?}");
    }
    let brief: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(brief["verdict"], "beyond-tolerance");
    let kept = shop.git(&work, &["ls-tree", "--name-only", "refs/detente/ledger"]);
    assert_eq!(kept, "appetite\nassessment\nbaseline");
    // A remote that is not there takes nothing either, and is no reason to be silent.
    let run = shop.gate(&work, &reports, TUESDAY, &["--record", "--remote", "upstream"]).ends(5);
    assert!(run.stderr.contains("this repository has no remote upstream"), "{run:?}");
    shop.gate(&work, &reports, TUESDAY, &["--record", "--remote", "none"]).ends(0);
    fs::remove_file(hook).unwrap();
    shop.gate(&work, &reports, TUESDAY, &["--record"]).ends(0);
    let local = shop.git(&work, &["rev-parse", "refs/detente/ledger"]);
    assert!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]).starts_with(&local));
}

#[test]
fn what_people_record_and_the_remote_does_not_take_ends_with_5_and_is_handed_over_next_time() {
    let (shop, work, _) = about_to_choose();
    let (brief, key) = (shop.path("brief.json"), shop.key("dev"));
    let hotfix = ["hotfix", "--reason", "checkout is down", "--now", TUESDAY];
    let hotfix = [&hotfix[..], &["--brief", brief.to_str().unwrap(), "--key", key.to_str().unwrap()]].concat();
    let hook = close(&shop);
    let there = || shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]);
    // The second time it is on record already, and still not handed over.
    for _ in 0..2 {
        let run = shop.detente(&work, &hotfix).ends(5);
        assert!(
            run.stdout.contains("The lane is open for branch/feature, and no other clone knows it yet."),
            "{run:?}"
        );
        assert!(run.stdout.contains("closed for the audit") && there().is_empty(), "{run:?}");
    }
    fs::remove_file(&hook).unwrap();
    let run = shop.detente(&work, &hotfix).ends(0);
    assert!(run.stdout.contains("The lane is open for branch/feature. Promised by"), "{run:?}");
    assert!(!there().is_empty());
    let id = run.stdout.split_whitespace().find(|word| word.starts_with("c-")).unwrap().trim_end_matches('.');
    close(&shop);
    let key = shop.key("security");
    let paused = ["ledger", "pause", id, "--reason", "vendor", "--now", TUESDAY, "--key", key.to_str().unwrap()];
    let run = shop.detente(&work, &paused).ends(5);
    assert!(run.stdout.contains("stands still") && run.stdout.contains("in this clone only"), "{run:?}");
}

#[test]
fn an_agreement_that_cannot_be_read_keeps_the_lane_open_and_is_told() {
    let (shop, work, _) = about_to_choose();
    let (brief, key, broken) = (shop.path("brief.json"), shop.key("dev"), shop.path("broken.yml"));
    fs::write(&broken, shop.appetite().replace("version: 1", "version: one")).unwrap();
    let hotfix = ["hotfix", "--reason", "checkout is down", "--now", TUESDAY, "--brief", brief.to_str().unwrap()];
    let more = ["--key", key.to_str().unwrap(), "--appetite", broken.to_str().unwrap()];
    let run = shop.detente(&work, &[&hotfix[..], &more].concat()).ends(0);
    assert!(run.stdout.contains("The lane is open for branch/feature."), "{run:?}");
    let said = "kept without the agreement, which cannot be read: ";
    assert!(run.stderr.contains(&format!("{said}{}:2:10: version one", broken.display())), "{run:?}");
    assert_eq!(shop.git(&work, &["ls-tree", "--name-only", "refs/detente/ledger"]), "commitment");
}

/// A terminal of its own comes from the program `script`; where there is none, nothing can be seen here.
#[test]
#[cfg(target_os = "linux")]
fn a_choice_that_is_ended_by_a_signal_gives_the_terminal_back() {
    let (shop, work, _) = about_to_choose();
    let ask = format!(
        "stty rows 24 columns 80; stty -g >before; sh -c 'echo $$ >pid; exec {} choose --brief {} --key {}'; stty -g >after",
        env!("CARGO_BIN_EXE_detente"),
        shop.path("brief.json").display(),
        shop.key("security").display()
    );
    let mut command = Command::new("script");
    quiet(&mut command, &shop);
    command.env("DETENTE_ALLOWED_SIGNERS", shop.path("allowed_signers")).env("SHELL", "/bin/sh");
    command.current_dir(&work).args(["-qfc", &ask, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut terminal) = command.spawn() else {
        println!("skipped: there is no program `script` here");
        return;
    };
    let mut shown = Vec::new();
    let mut screen = terminal.stdout.take().unwrap();
    let on_screen = |shown: &[u8], text: &str| String::from_utf8_lossy(shown).contains(text);
    while !on_screen(&shown, "Balanced") {
        let mut some = [0; 4096];
        let length = screen.read(&mut some).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&some[..length]);
    }
    let pid = fs::read_to_string(work.join("pid")).unwrap();
    assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap().success());
    screen.read_to_end(&mut shown).unwrap();
    terminal.wait().unwrap();
    for (taken, given_back) in [("\u{1b}[?25l", "\u{1b}[?25h"), ("\u{1b}[?1049h", "\u{1b}[?1049l")] {
        assert!(on_screen(&shown, taken) && on_screen(&shown, given_back), "{}", String::from_utf8_lossy(&shown));
    }
    let [before, after] = ["before", "after"].map(|name| fs::read_to_string(work.join(name)).unwrap());
    assert_eq!(before, after);
}
