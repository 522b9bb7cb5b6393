//! The ledger under real processes, real repositories and real faults.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::Duration;

use detente::ledger::{Ledger, LedgerError, REFERENCE, Want};
use detente::model::digest::Digest;
use detente::model::ledger::{
    AppetiteVersion, Assessed, CommitmentEvent, Decider, Event, ForgeIdentity, Promise, Record, SeverityCount,
    commitment_id,
};
use detente::model::severity::Severity;
use detente::model::verdict::Verdict;
use detente::model::word::Word;
use detente::model::work::TreatmentKind;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// Writers at once.
const WRITERS: usize = 100;

/// Writers that begin a ledger at one moment, how many ledgers are begun at once, and how often.
const TOGETHER: usize = 8;
const LEDGERS: usize = 8;
const ROUNDS: usize = 12;

fn at(number: usize) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(i64::try_from(number).unwrap())
}

/// A small record, different for each number.
fn record(number: usize) -> Record {
    Record::Assessment(Assessed {
        change: format!("pull/{}", number / 5),
        head: format!("{number:040x}"),
        at: at(number),
        verdict: Word(Verdict::BeyondTolerance),
        appetite: "0".repeat(64),
        findings_digest: "1".repeat(64),
        introduced: vec![SeverityCount { severity: Word(Severity::High), count: 2 }],
        blocking_day: Some(0.5),
    })
}

/// An event of the promise that a change made, each change in a month of its own.
fn event(change: usize, event: Event) -> Record {
    let made = at(change * 60 * 24 * 31);
    Record::Commitment(CommitmentEvent {
        commitment: commitment_id(&format!("pull/{change}"), "1", "w-1"),
        made,
        at: made,
        event,
        signature: String::new(),
    })
}

fn made(change: usize) -> Event {
    Event::Made {
        change: format!("pull/{change}"),
        head: format!("{change:040x}"),
        appetite: "0".repeat(64),
        approval: Vec::new(),
        promise: Promise {
            work: "w-1".to_owned(),
            title: "Upgrade log4j-core to 2.17.1".to_owned(),
            treatment: "upgrade-minor".to_owned(),
            kind: Word(TreatmentKind::Fix),
            hours: 2.0,
            uncalibrated: None,
            due: at(change),
            findings: Vec::new(),
        },
        decision: String::new(),
        lane: None,
    }
}

/// `git` in a folder, without the settings of the machine.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    for (role, value) in [("NAME", "A. Example"), ("EMAIL", "a@example.com")] {
        command.env(format!("GIT_AUTHOR_{role}"), value).env(format!("GIT_COMMITTER_{role}"), value);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn bare() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q", "--bare", "-b", "main", "origin.git"]);
    let bare = folder.path().join("origin.git");
    (folder, bare)
}

fn clone(folder: &Path, name: &str) -> PathBuf {
    git(folder, &["init", "-q", "-b", "main", name]);
    let work = folder.join(name);
    git(&work, &["remote", "add", "origin", folder.join("origin.git").to_str().unwrap()]);
    work
}

/// This very test program as another process that writes records `first..first + count`, and pushes if it is told to.
fn writer(folder: &Path, first: usize, count: usize, push: bool) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_what_another_process_asks_for"])
        .env("LEDGER_FOLDER", folder)
        .env("LEDGER_RECORDS", format!("{first} {count}"))
        .env("LEDGER_PUSH", if push { "1" } else { "0" })
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test of its own: the other end of [`writer`].
#[test]
fn writes_what_another_process_asks_for() {
    let Some(folder) = std::env::var_os("LEDGER_FOLDER") else { return };
    let wanted = std::env::var("LEDGER_RECORDS").unwrap();
    let (first, count) = wanted.split_once(' ').unwrap();
    let (first, count): (usize, usize) = (first.parse().unwrap(), count.parse().unwrap());
    let ledger = Ledger::open(Path::new(&folder)).unwrap();
    for number in first..first + count {
        ledger.append(&[record(number)], "test", at(number)).unwrap();
        if std::env::var("LEDGER_PUSH").unwrap() == "1" {
            ledger.push("origin", at(number)).unwrap();
        }
    }
}

/// Records that the ledger holds, none of them twice; every check of it passes.
fn held(folder: &Path) -> usize {
    let ledger = Ledger::open(folder).unwrap();
    let verified = ledger.verify(None).unwrap().unwrap();
    assert_eq!(verified.faults, []);
    let everything = ledger.snapshot().unwrap().unwrap().everything().unwrap();
    assert_eq!(everything.len(), verified.records);
    everything.len()
}

#[test]
fn a_hundred_processes_that_write_at_once_lose_nothing() {
    let (_folder, bare) = bare();
    let writers: Vec<Child> = (0..WRITERS).map(|number| writer(&bare, number, 1, false)).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(held(&bare), WRITERS);
}

/// Several ledgers at once, so that writers are interrupted between looking at the ref and writing it.
#[test]
fn whoever_is_second_to_begin_a_ledger_loses_nothing() {
    std::thread::scope(|scope| {
        for _ in 0..LEDGERS {
            scope.spawn(|| (0..ROUNDS).for_each(|_| begun_by_many_at_once()));
        }
    });
}

fn begun_by_many_at_once() {
    let (_folder, bare) = bare();
    let ready = Barrier::new(TOGETHER);
    std::thread::scope(|scope| {
        for number in 0..TOGETHER {
            let (ready, bare) = (&ready, &bare);
            scope.spawn(move || {
                let ledger = Ledger::open(bare).unwrap();
                ready.wait();
                ledger.append(&[record(number)], "test", at(number)).unwrap();
            });
        }
    });
    assert_eq!(held(&bare), TOGETHER);
}

#[test]
fn clones_that_push_at_once_lose_nothing() {
    let (folder, bare) = bare();
    let clones: Vec<PathBuf> = (0..12).map(|number| clone(folder.path(), &format!("clone{number}"))).collect();
    let writers: Vec<Child> =
        clones.iter().enumerate().map(|(number, work)| writer(work, number * 10, 2, true)).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(held(&bare), 24);
}

#[test]
fn a_writer_that_is_killed_leaves_a_valid_ledger() {
    let (_folder, bare) = bare();
    Ledger::open(&bare).unwrap().append(&[record(0)], "test", at(0)).unwrap();
    let mut before = 1;
    for round in 0..12_usize {
        let mut child = writer(&bare, round * 1000 + 1, 1000, false);
        std::thread::sleep(Duration::from_millis(40 + 17 * round as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = held(&bare);
        assert!(now >= before, "records were lost: {before}, then {now}");
        before = now;
        // What the message says to do about a lock that nobody holds any more.
        let _ = fs::remove_file(bare.join(format!("{REFERENCE}.lock")));
    }
    assert!(before > 1, "no writer ever wrote");
    Ledger::open(&bare).unwrap().append(&[record(99_999)], "test", at(99_999)).unwrap();
    assert_eq!(held(&bare), before + 1);
}

#[test]
fn two_clones_that_did_not_see_each_other_are_put_together() {
    let (folder, bare) = bare();
    let (one, other) = (clone(folder.path(), "one"), clone(folder.path(), "other"));
    for (work, number) in [(&one, 1), (&other, 2)] {
        Ledger::open(work).unwrap().append(&[record(number), record(7)], "test", at(number)).unwrap();
    }
    Ledger::open(&one).unwrap().push("origin", at(3)).unwrap();
    Ledger::open(&other).unwrap().push("origin", at(3)).unwrap();
    assert_eq!(held(&bare), 3);
    Ledger::open(&one).unwrap().fetch("origin", at(4)).unwrap();
    assert_eq!(held(&one), 3);
    // Written again, nothing is added.
    let tip = Ledger::open(&one).unwrap().tip().unwrap().unwrap();
    assert_eq!(Ledger::open(&one).unwrap().append(&[record(7)], "test", at(9)).unwrap(), tip);
}

/// Puts a commit on the ledger by hand: `files` are written over, `gone` are taken out.
fn tamper(work: &Path, files: &[(&str, &str)], gone: &[&str]) {
    let index = work.join("tampered-index");
    let _ = fs::remove_file(&index);
    let with_index = |arguments: &[&str], input: &str| {
        use std::io::Write as _;
        let mut child = Command::new("git")
            .current_dir(work)
            .args(arguments)
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_WORK_TREE", work)
            .env("GIT_AUTHOR_NAME", "x")
            .env("GIT_AUTHOR_EMAIL", "x@example.com")
            .env("GIT_COMMITTER_NAME", "x")
            .env("GIT_COMMITTER_EMAIL", "x@example.com")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    with_index(&["read-tree", REFERENCE], "");
    for (path, content) in files {
        let blob = with_index(&["hash-object", "-w", "--stdin"], content);
        with_index(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")], "");
    }
    for path in gone {
        with_index(&["update-index", "--force-remove", path], "");
    }
    let tree = with_index(&["write-tree"], "");
    let commit = with_index(&["commit-tree", &tree, "-p", REFERENCE, "-m", "x"], "");
    with_index(&["update-ref", REFERENCE, &commit], "");
}

fn faults(work: &Path) -> Vec<(String, String)> {
    let verified = Ledger::open(work).unwrap().verify(None).unwrap().unwrap();
    verified.faults.into_iter().map(|fault| (fault.path, fault.what)).collect()
}

#[test]
fn what_was_altered_or_taken_out_is_named() {
    let (_folder, bare) = bare();
    let records = [record(1), record(2)];
    Ledger::open(&bare).unwrap().append(&records, "test", at(1)).unwrap();
    let path = records[0].path();
    let kinder = String::from_utf8(records[0].bytes()).unwrap().replace("beyond-tolerance", "within-appetite");
    tamper(&bare, &[(&path, &kinder)], &[]);
    let found = faults(&bare);
    assert!(found.iter().any(|(at, what)| *at == path && what.contains("replaced")), "{found:?}");
    assert!(found.iter().any(|(at, what)| *at == path && what.contains("digest")), "{found:?}");
    // A run that needs the record does not use it either.
    let ledger = Ledger::open(&bare).unwrap();
    let want = Want { change: "pull/0".to_owned(), now: at(9), ..Want::default() };
    let refused = ledger.snapshot().unwrap().unwrap().history(&want).unwrap_err();
    assert!(refused.is_trust() && refused.to_string().contains(&path), "{refused}");
    // Put back, the ledger still shows that it was replaced.
    tamper(&bare, &[(&path, &String::from_utf8(records[0].bytes()).unwrap())], &[]);
    assert!(!faults(&bare).is_empty());
}

/// So many promises that several readers share the work: each is found once, whoever read it.
#[test]
fn promises_of_many_months_are_all_found() {
    const MONTHS: usize = 300;
    let (folder, bare) = bare();
    let by = || {
        Decider::Forge(ForgeIdentity {
            forge: "github".to_owned(),
            host: "github.com".to_owned(),
            id: 7,
            login: "octo-sec".to_owned(),
            bot: false,
            teams: Vec::new(),
            evidence: String::new(),
            edited: false,
        })
    };
    let closed = || Event::Closed { baseline: "baseline/x".to_owned(), evidence: "trivy ran".to_owned() };
    let mut records = Vec::new();
    for change in 0..MONTHS {
        records.push(event(change, made(change)));
        if change.is_multiple_of(2) {
            records.push(event(change, Event::Worked { hours: 3.0, by: by() }));
            records.push(event(change, closed()));
        }
    }
    Ledger::open(&bare).unwrap().append(&records, "test", at(0)).unwrap();
    // A worktree beside another one keeps its objects elsewhere.
    git(folder.path(), &["init", "-q", "-b", "main", "work"]);
    let work = folder.path().join("work");
    git(&work, &["remote", "add", "origin", bare.to_str().unwrap()]);
    git(&work, &["commit", "-q", "--allow-empty", "-m", "begin"]);
    git(&work, &["worktree", "add", "-q", "../further"]);
    Ledger::open(&work).unwrap().fetch("origin", at(1)).unwrap();
    for place in [bare, work, folder.path().join("further")] {
        let ledger = Ledger::open(&place).unwrap();
        let snapshot = ledger.snapshot().unwrap().unwrap();
        let read = |closed| snapshot.history(&Want { closed, now: at(9), ..Want::default() }).unwrap();
        let open = read(false);
        let expected: BTreeSet<String> =
            (1..MONTHS).step_by(2).map(|change| commitment_id(&format!("pull/{change}"), "1", "w-1")).collect();
        assert_eq!(open.commitments.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert!(open.commitments.values().all(|events| events.len() == 1));
        // To calibrate by: the latest hundred that were closed and say what they took.
        let latest: BTreeSet<String> = (0..MONTHS)
            .step_by(2)
            .skip(MONTHS / 2 - 100)
            .map(|change| commitment_id(&format!("pull/{change}"), "1", "w-1"))
            .collect();
        assert_eq!(open.worked.keys().cloned().collect::<BTreeSet<_>>(), latest);
        assert!(open.worked.values().all(|events| events.len() == 3));
        let all = read(true);
        assert_eq!(
            (all.commitments.len(), all.commitments.values().map(Vec::len).sum::<usize>()),
            (MONTHS, records.len())
        );
    }
}

/// What lies in the store of objects under a name is another object's content, as a damaged disk or a hand leaves it.
#[test]
fn an_object_that_is_not_what_its_name_says_is_noticed() {
    for wanted in ["blob", "tree"] {
        let (_folder, bare) = bare();
        let ledger = Ledger::open(&bare).unwrap();
        ledger.append(&[record(1)], "test", at(1)).unwrap();
        ledger.append(&[record(2)], "test", at(2)).unwrap();
        let path = record(2).path();
        let object = |revision: &str| {
            let path = if wanted == "blob" { path.as_str() } else { path.rsplit_once('/').unwrap().0 };
            git(&bare, &["rev-parse", &format!("{revision}:{path}")])
        };
        let file = |id: &str| bare.join("objects").join(&id[..2]).join(&id[2..]);
        let (there, other) = match wanted {
            "blob" => (object(REFERENCE), git(&bare, &["rev-parse", &format!("{REFERENCE}:{}", record(1).path())])),
            _ => (object(REFERENCE), object(&format!("{REFERENCE}~1"))),
        };
        assert_ne!(there, other);
        fs::remove_file(file(&there)).unwrap();
        fs::copy(file(&other), file(&there)).unwrap();
        let verified = Ledger::open(&bare).unwrap().verify(None);
        assert!(verified.is_err() || !verified.unwrap().unwrap().faults.is_empty(), "a {wanted} passes for another");
        // What one run reads is not hashed again; a record is what its name says all the same.
        let want = Want { change: "pull/0".to_owned(), now: at(9), ..Want::default() };
        let read = Ledger::open(&bare).unwrap().snapshot().unwrap().unwrap().history(&want);
        assert_eq!(read.is_err(), wanted == "blob", "{wanted}");
    }
}

#[test]
fn what_was_taken_out_is_named_and_so_is_a_record_in_the_wrong_place() {
    let (_folder, bare) = bare();
    let records = [record(1), record(2)];
    Ledger::open(&bare).unwrap().append(&records, "test", at(1)).unwrap();
    let path = records[1].path();
    tamper(&bare, &[], &[&path]);
    assert_eq!(faults(&bare), [(path.clone(), "was taken out".to_owned())]);
    // A record of one change, put where another one's are looked for.
    let elsewhere = path.replace(path.split('/').nth(2).unwrap(), "0123456789abcdef");
    tamper(&bare, &[(&elsewhere, &String::from_utf8(records[1].bytes()).unwrap())], &[]);
    let found = faults(&bare);
    assert!(found.iter().any(|(at, what)| *at == elsewhere && what.contains("it belongs at")), "{found:?}");
}

#[test]
fn a_merge_takes_nothing_out_of_either_of_the_two() {
    let (folder, bare) = bare();
    let (one, two) = (clone(folder.path(), "one"), clone(folder.path(), "two"));
    for (work, number) in [(&one, 1), (&two, 2)] {
        Ledger::open(work).unwrap().append(&[record(number)], "test", at(number)).unwrap();
        git(work, &["push", "-q", "origin", &format!("{REFERENCE}:refs/heads/{number}")]);
    }
    let tips = ["1", "2"].map(|name| git(&bare, &["rev-parse", name]));
    for (kept, parents) in [(0, [0, 1]), (0, [1, 0]), (1, [0, 1]), (1, [1, 0])] {
        let [first, second] = parents.map(|parent: usize| tips[parent].as_str());
        let tree = format!("{}^{{tree}}", tips[kept]);
        let merged = git(&bare, &["commit-tree", &tree, "-p", first, "-p", second, "-m", "x"]);
        git(&bare, &["update-ref", REFERENCE, &merged]);
        let gone = record(2 - kept).path();
        assert_eq!(faults(&bare), [(gone, "was taken out".to_owned())], "{kept} of {parents:?}");
    }
}

#[test]
fn a_judgement_put_upon_several_commits_is_measured_by_the_latest_of_them() {
    let (_folder, bare) = bare();
    let ledger = Ledger::open(&bare).unwrap();
    let early = ledger.append(&[record(1)], "test", at(1)).unwrap();
    let late = ledger.append(&[record(600)], "test", at(600)).unwrap();
    ledger.append(&[record(2)], "test", at(2)).unwrap();
    let tree = git(&bare, &["rev-parse", &format!("{REFERENCE}^{{tree}}")]);
    for [first, second] in [[&early, &late], [&late, &early]] {
        let merged = git(&bare, &["commit-tree", &tree, "-p", first, "-p", second, "-m", "x"]);
        git(&bare, &["update-ref", REFERENCE, &merged]);
        let verified = Ledger::open(&bare).unwrap().verify(None).unwrap().unwrap();
        assert_eq!(verified.faults, []);
        let doubts: Vec<&str> = verified.doubts.iter().map(|doubt| doubt.path.as_str()).collect();
        assert_eq!(doubts, [record(2).path()], "{:?}", verified.doubts);
    }
}

#[test]
fn an_agreement_that_is_not_what_it_is_named_by_stands_in_for_none() {
    let (_folder, bare) = bare();
    let ledger = Ledger::open(&bare).unwrap();
    let version = |sha256: String| {
        Record::Appetite(AppetiteVersion {
            sha256,
            at: at(1),
            origin: "appetite.yml".to_owned(),
            text: "name: Shop".to_owned(),
            signatures: BTreeMap::new(),
        })
    };
    let real = Digest::of(b"name: Shop").to_string();
    ledger.append(&[version("0".repeat(64)), version(real.clone())], "test", at(1)).unwrap();
    let known = ledger.snapshot().unwrap().unwrap().appetites(None).unwrap();
    assert_eq!(known.into_keys().collect::<Vec<_>>(), [real]);
}

#[test]
fn a_remote_that_was_rewritten_is_not_taken_over() {
    let (folder, bare) = bare();
    let work = clone(folder.path(), "work");
    let ledger = Ledger::open(&work).unwrap();
    ledger.append(&[record(1)], "test", at(1)).unwrap();
    ledger.append(&[record(2)], "test", at(2)).unwrap();
    ledger.push("origin", at(3)).unwrap();
    let noted = ledger.tip().unwrap().unwrap();
    git(&bare, &["update-ref", REFERENCE, &format!("{REFERENCE}~1")]);
    let refused = ledger.fetch("origin", at(4)).unwrap_err();
    assert!(matches!(refused, LedgerError::Rewritten { .. }) && refused.is_trust(), "{refused}");
    assert_eq!(ledger.tip().unwrap().unwrap(), noted);
    // And so is one that was taken away.
    git(&bare, &["update-ref", "-d", REFERENCE]);
    assert!(matches!(ledger.fetch("origin", at(5)).unwrap_err(), LedgerError::Rewritten { .. }));
    // A clone that never saw it is told by the commit that somebody noted.
    let other = clone(folder.path(), "other");
    let other = Ledger::open(&other).unwrap();
    other.append(&[record(1)], "test", at(1)).unwrap();
    assert!(other.verify(Some(&noted)).unwrap().unwrap().faults[0].what.contains("was rewritten"));
    assert_eq!(ledger.verify(Some(&noted)).unwrap().unwrap().faults, []);
}

#[test]
fn a_record_of_which_two_ledgers_hold_two_contents_is_named_and_neither_is_taken() {
    let (folder, bare) = bare();
    let (one, two) = (clone(folder.path(), "one"), clone(folder.path(), "two"));
    let ledger = Ledger::open(&one).unwrap();
    let records = [record(1)];
    ledger.append(&records, "test", at(1)).unwrap();
    ledger.push("origin", at(1)).unwrap();
    Ledger::open(&two).unwrap().fetch("origin", at(2)).unwrap();
    let kinder = String::from_utf8(records[0].bytes()).unwrap().replace("beyond-tolerance", "within-appetite");
    tamper(&two, &[(&records[0].path(), &kinder)], &[]);
    git(&two, &["push", "-q", "origin", REFERENCE]);
    assert_ne!(git(&bare, &["rev-parse", REFERENCE]), ledger.tip().unwrap().unwrap());
    // Each has something that the other has not, so the two are put together.
    ledger.append(&[record(2)], "test", at(3)).unwrap();
    let tip = ledger.tip().unwrap();
    // However often it is asked: to say it once, and take it over, would be to take part.
    for attempt in 4..6 {
        let refused = ledger.fetch("origin", at(attempt)).unwrap_err();
        assert!(refused.is_trust() && refused.to_string().contains(&records[0].path()), "{refused}");
        assert_eq!(ledger.tip().unwrap(), tip, "nothing was taken over");
    }
    let there = git(&bare, &["rev-parse", REFERENCE]);
    assert!(ledger.push("origin", at(6)).unwrap_err().is_trust());
    assert_eq!(git(&bare, &["rev-parse", REFERENCE]), there, "nothing was handed over");
}

#[test]
fn a_push_that_is_refused_for_good_keeps_the_record_here_and_says_why() {
    let (folder, bare) = bare();
    let hook = bare.join("hooks/pre-receive");
    fs::write(&hook, "#!/bin/sh\necho 'the ledger is closed today' >&2\nexit 1\n").unwrap();
    let mut rights = fs::metadata(&hook).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
    fs::set_permissions(&hook, rights).unwrap();
    let work = clone(folder.path(), "work");
    let ledger = Ledger::open(&work).unwrap();
    ledger.append(&[record(1)], "test", at(1)).unwrap();
    let refused = ledger.push("origin", at(2)).unwrap_err();
    assert!(matches!(refused, LedgerError::Push { .. }), "{refused}");
    assert!(refused.to_string().contains("closed today"), "{refused}");
    assert_eq!(held(&work), 1);
    fs::remove_file(&hook).unwrap();
    ledger.push("origin", at(3)).unwrap();
    assert_eq!(held(&bare), 1);
}

#[test]
fn a_lock_that_nobody_releases_is_named() {
    let (_folder, bare) = bare();
    let ledger = Ledger::open(&bare).unwrap();
    ledger.append(&[record(1)], "test", at(1)).unwrap();
    let lock = bare.join(format!("{REFERENCE}.lock"));
    fs::write(&lock, "").unwrap();
    let refused = ledger.append(&[record(2)], "test", at(2)).unwrap_err();
    assert!(refused.to_string().contains("refs/detente/ledger.lock"), "{refused}");
    fs::remove_file(lock).unwrap();
    ledger.append(&[record(2)], "test", at(2)).unwrap();
}

#[test]
fn a_history_that_is_cut_off_is_not_called_whole() {
    let (folder, bare) = bare();
    for number in 1..4 {
        Ledger::open(&bare).unwrap().append(&[record(number)], "test", at(number)).unwrap();
    }
    let work = clone(folder.path(), "work");
    git(&work, &["remote", "set-url", "origin", &format!("file://{}", bare.display())]);
    git(&work, &["fetch", "-q", "--depth", "1", "origin", &format!("{REFERENCE}:{REFERENCE}")]);
    let found = faults(&work);
    assert!(found.iter().any(|(_, what)| what.contains("cut off here by a shallow clone")), "{found:?}");
    git(&work, &["fetch", "-q", "--unshallow", "origin", REFERENCE]);
    assert_eq!(faults(&work), []);
}
