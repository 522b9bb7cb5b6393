//! Choosing: by the button of a manual job, and by a note; whoever may is heard, and nobody else.

use std::path::PathBuf;
use std::process::Output;
use std::sync::OnceLock;

use detente::ledger::{Ledger, Want};
use detente::model::ledger::{CommitmentEvent, Event, Record};
use serde_json::{Value, json};

use crate::server::{GitLab, MERGE_REQUEST};
use crate::shop::{Shop, TUESDAY};

const SECURITY: u64 = 21;
const DELIVERY: u64 = 22;
const STRANGER: u64 = 66;

struct Prepared {
    shop: Shop,
    brief: Value,
}

/// A shop whose roles are people and groups of GitLab, with a judged change; made once, because judging takes its time.
fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let shop = Shop::open();
        let work = shop.path("work");
        shop.git(&work, &["checkout", "-q", "-B", "main", "origin/main"]);
        let text = shop.appetite();
        let (agreement, _) = text.split_once("\nroles:").unwrap();
        let roles = "  tech-lead: { gitlab: [lead] }\n  delivery-delegate: { gitlab: [delivery] }\n  security-delegate: { gitlab: [security] }\n";
        shop.agree(&work, &format!("{agreement}\nroles:\n{roles}"));
        shop.git(&work, &["push", "-q", "origin", "main"]);
        shop.git(&work, &["checkout", "-q", "-b", "change"]);
        shop.commit(&work, "pay2.js", "pay();\n");
        shop.git(&work, &["push", "-q", "origin", "change"]);
        let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &["--change", "merge_request/12"]);
        assert_eq!(brief["verdict"], "beyond-tolerance");
        Prepared { shop, brief }
    })
}

struct Stage {
    gitlab: GitLab,
    checkout: PathBuf,
}

impl Stage {
    fn set() -> Self {
        let Prepared { shop, brief } = prepared();
        let gitlab = GitLab::start();
        let (remote, checkout) = (gitlab.path("origin.git"), gitlab.path("checkout"));
        let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
        shop.git(&shop.path(""), &["clone", "-q", "--bare", "origin.git", &text(&remote)]);
        shop.git(&shop.path(""), &["clone", "-q", "-b", "change", &text(&remote), &text(&checkout)]);
        shop.git(&checkout, &["config", "user.name", "job"]);
        shop.git(&checkout, &["config", "user.email", "job@example.com"]);
        std::fs::write(gitlab.path("brief.json"), brief.to_string()).unwrap();
        let head = brief["change"]["head"].clone();
        {
            let mut state = gitlab.state();
            state.merge_request["sha"] = head;
            state.members.insert(("groups/security".to_owned(), SECURITY), 40);
        }
        Self { gitlab, checkout }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let head = prepared().brief["change"]["head"].as_str().unwrap();
        let mut command = self.gitlab.job();
        command
            .env("CI_COMMIT_SHA", head)
            .env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"))
            .current_dir(&self.checkout)
            .args(arguments)
            .args(["--brief", self.gitlab.path("brief.json").to_str().unwrap(), "--now", "2026-11-24T10:00:00Z"]);
        command.output().unwrap()
    }

    fn press(&self, user: u64, option: &str) -> (String, i32) {
        self.gitlab.state().job_user = user;
        said(&self.run(&["choose", option, "--by-job"]))
    }

    fn reply(&self) -> (String, i32) {
        said(&self.run(&["reply", "--patience", "1"]))
    }

    /// Names of files in the ledger.
    fn ledger(&self) -> String {
        let remote = self.gitlab.path("origin.git");
        let mut git = std::process::Command::new("git");
        let output =
            git.arg("-C").arg(remote).args(["ls-tree", "-r", "--name-only", "refs/detente/ledger"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A schedule belongs to no merge request: it looks at every open one, and takes up nothing about what was not judged.
#[test]
fn a_scheduled_pipeline_takes_up_what_was_written_between_pipelines() {
    let stage = Stage::set();
    let scheduled = || {
        let mut command = stage.gitlab.job();
        for name in ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
            command.env_remove(name);
        }
        command
            .env("CI_PIPELINE_SOURCE", "schedule")
            .env("DETENTE_ALLOWED_SIGNERS", prepared().shop.path("allowed_signers"))
            .current_dir(&stage.checkout)
            .args(["reply", "--patience", "1", "--now", "2026-11-24T10:00:00Z"]);
        said(&command.output().unwrap())
    };
    let (text, code) = scheduled();
    assert_eq!((text.as_str(), code), ("nothing to answer: no note asks for anything\n", 0));
    assert_eq!(stage.gitlab.count(&format!("GET {MERGE_REQUEST}/pipelines")), 0, "nobody asked, so nothing is read");

    let note = stage.gitlab.says(SECURITY, "/detente choose balanced because the fair opens", false);
    let (text, code) = scheduled();
    assert!(code == 0 && text.contains("!12: no pipeline has left a brief about its present head"), "{text}");
    // A brief about what stood there before.
    let mut old = prepared().brief.clone();
    old["change"]["head"] = "b".repeat(40).into();
    stage.gitlab.state().brief = Some(old);
    let (text, _) = scheduled();
    assert!(text.contains("no pipeline has left a brief about its present head"), "{text}");
    assert!(!stage.gitlab.state().awards.contains_key(&note), "the note stays open");

    stage.gitlab.state().brief = Some(prepared().brief.clone());
    let (text, code) = scheduled();
    assert!(code == 0 && text.contains("Decided: balanced"), "{text}");
    assert!(stage.ledger().contains("decision/"));
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
    assert_eq!(scheduled().0, "nothing to answer: no note asks for anything\n", "once");
}

/// A commitment is followed up where the team plans its work: opened once with date, weight and assignees, not closed by
/// hand, closed when verified.
#[test]
fn commitments_are_followed_up_as_issues() {
    let stage = Stage::set();
    stage.press(SECURITY, "fastest");
    let (text, code) = stage.press(DELIVERY, "fastest");
    assert_eq!(code, 0, "{text}");
    let follow_up = || {
        let mut command = stage.gitlab.job();
        for name in ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
            command.env_remove(name);
        }
        let brief = stage.gitlab.path("brief.json");
        command.current_dir(&stage.checkout).arg("publish").arg(brief).args(["--issues", "--no-check", "--required"]);
        let (text, code) = said(&command.output().unwrap());
        assert_eq!(code, 0, "{text}");
        stage.gitlab.state().issues.clone()
    };
    let issues = follow_up();
    assert!(issues.len() >= 2, "{issues:?}");
    let first = &issues[0];
    let due = first["due_date"].as_str().unwrap();
    assert!(first["title"].as_str().unwrap().ends_with(&format!("(by {due})")), "{first}");
    assert!(first["weight"].as_u64().unwrap() >= 1, "{first}");
    assert_eq!((&first["assignee_ids"], &first["confidential"]), (&json!([DELIVERY, SECURITY]), &json!(true)));
    let link = "[merge&#95;request/12](https://gitlab.example/group/shop/-/merge_requests/12)";
    assert!(first["description"].as_str().unwrap().contains(link), "{first}");
    assert_eq!(follow_up(), issues, "nothing is opened or changed twice");

    stage.gitlab.state().issues[0]["state"] = "closed".into();
    assert_eq!(follow_up()[0]["state"], "opened", "closing by hand does not keep a promise");

    let ledger = Ledger::open(&stage.checkout).unwrap();
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let want = Want { closed: true, now, ..Want::default() };
    let history = ledger.snapshot().unwrap().unwrap().history(&want).unwrap();
    let marker = first["description"].as_str().unwrap().lines().next().unwrap().to_owned();
    let (_, events) = history.commitments.iter().find(|(id, _)| marker.contains(id.as_str())).unwrap();
    let closed = CommitmentEvent {
        at: now,
        event: Event::Closed { baseline: "x".to_owned(), evidence: "gone".to_owned() },
        ..events[0].record.clone()
    };
    ledger.append(&[Record::Commitment(closed)], "Closed", now).unwrap();
    ledger.push("origin", now).unwrap();
    let issues = follow_up();
    assert_eq!(issues[0]["state"], "closed");
    assert!(issues[1..].iter().all(|issue| issue["state"] == "opened"));

    // Somebody who is gone does not keep the others from being followed up.
    let mut state = stage.gitlab.state();
    state.issues.clear();
    state.users.remove(&SECURITY);
    drop(state);
    let issues = follow_up();
    assert!(!issues.is_empty() && issues.iter().all(|issue| issue.get("assignee_ids").is_none()), "{issues:?}");
}

fn said(output: &Output) -> (String, i32) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.code().unwrap())
}

#[test]
fn a_button_chooses_for_whoever_pressed_it_and_approvals_add_up() {
    let stage = Stage::set();
    let (text, code) = stage.press(SECURITY, "fastest");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("Still missing: delivery-delegate"), "{text}");
    let (text, code) = stage.press(DELIVERY, "fastest");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Decided: fastest"), "{text}");
    assert_eq!(stage.ledger().lines().filter(|line| line.starts_with("decision/")).count(), 2);
}

#[test]
fn variables_of_the_job_do_not_say_who_pressed_it() {
    let stage = Stage::set();
    // GITLAB_USER_ID names the delivery delegate; GitLab says that it was a stranger.
    let (text, code) = stage.press(STRANGER, "fastest");
    assert_eq!(code, 1, "{text}");
    assert!(stage.ledger().is_empty(), "{text}");
}

#[test]
fn programs_and_authors_do_not_accept_risk() {
    let stage = Stage::set();
    stage.gitlab.state().users.insert(31, json!({"id": 31, "username": "group_3_bot_ab", "state": "active"}));
    stage.gitlab.state().members.insert(("groups/security".to_owned(), 31), 50);
    let (text, code) = stage.press(31, "balanced");
    assert!(code == 1 && text.contains("a program may not accept risk"), "{text}");
    stage.gitlab.state().merge_request["author"] = json!({"id": SECURITY, "username": "sec"});
    let (text, code) = stage.press(SECURITY, "balanced");
    assert!(code == 1 && text.contains("authors do not approve their own change"), "{text}");
    assert!(stage.ledger().is_empty());
}

#[test]
fn a_note_is_taken_up_once_and_answered() {
    let stage = Stage::set();
    let note = stage.gitlab.says(SECURITY, "Looks fine.\n\n/detente choose balanced because it is the plan", false);
    stage.gitlab.says(DELIVERY, "I would take balanced, too", false);
    let (text, code) = stage.reply();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("@sec") && text.contains("Decided: balanced"), "{text}");
    assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "white_check_mark");
    let decisions = stage.ledger();
    let (text, _) = stage.reply();
    assert!(text.contains("no note asks for anything"), "{text}");
    assert_eq!(stage.ledger(), decisions);
}

#[test]
fn notes_that_do_not_count_are_answered_with_why() {
    for (user, body, edited, why) in [
        (STRANGER, "/detente choose fastest", false, "may not push"),
        (SECURITY, "/detente choose balanced", true, "edited"),
        (SECURITY, "/detente choose fastes", false, "did you mean fastest"),
        (11, "/detente choose balanced", false, "do not"),
    ] {
        let stage = Stage::set();
        let note = stage.gitlab.says(user, body, edited);
        let (text, code) = stage.reply();
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("Not recorded") && text.contains(why), "{body} by {user}: {text}");
        assert_eq!(stage.gitlab.state().awards[&note][0]["name"], "no_entry_sign");
        assert!(stage.ledger().is_empty(), "{body}");
        assert_eq!(stage.gitlab.count(&format!("POST {MERGE_REQUEST}/notes")), 1, "without a thread it is a note");
    }
}
