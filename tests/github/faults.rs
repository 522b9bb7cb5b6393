//! What goes wrong: the brief is still there, the message says what to do, and nothing is done twice.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::server::{BOT, BOT_LOGIN, Fault, GitHub, HEAD, NEXT, demo_brief, pull_event};

const LIST: &str = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
const CREATE: &str = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
const UPDATE: &str = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
const CHECK: &str = "POST /repos/{owner}/{repo}/check-runs";

fn status(status: u16, message: &str) -> Fault {
    Fault::Status(status, message.to_owned(), Vec::new())
}

fn publish(github: &GitHub, more: &[&str]) -> Assert {
    let brief = demo_brief();
    let file = github.write("brief.json", brief.to_string());
    github.job("pull_request", &pull_event(HEAD)).arg("publish").arg(file).args(more).assert()
}

/// Whatever happened: people have the summary, and the next steps their outputs.
fn assert_brief_is_there(github: &GitHub) {
    assert!(std::fs::read_to_string(github.path("summary.md")).unwrap().contains("Beyond tolerance"));
    assert!(std::fs::read_to_string(github.path("outputs")).unwrap().contains("beyond-tolerance"));
}

#[test]
fn without_a_token_the_brief_is_still_there() {
    let github = GitHub::start();
    let brief = demo_brief();
    let file = github.write("brief.json", brief.to_string());
    for token in [None, Some(""), Some(" ")] {
        let mut job = github.job("pull_request", &pull_event(HEAD));
        job.env_remove("GITHUB_TOKEN");
        if let Some(token) = token {
            job.env("GITHUB_TOKEN", token);
        }
        job.arg("publish").arg(&file).assert().success().stderr(contains("there is no token"));
        assert_brief_is_there(&github);
    }
    let mut job = github.job("pull_request", &pull_event(HEAD));
    job.env_remove("GITHUB_TOKEN").args(["publish", "--required"]).arg(&file).assert().code(5);
    assert_eq!(github.state().calls, Vec::<String>::new());
}

#[test]
fn each_refusal_says_what_to_grant() {
    for (operation, fault, says) in [
        (CREATE, status(403, "Resource not accessible by integration"), "`permissions: pull-requests: write`"),
        (CHECK, status(403, "Resource not accessible by integration"), "`permissions: checks: write`"),
        ("GET /user", status(401, "Bad credentials"), "not expired"),
        (CREATE, status(403, "Unable to create comment because issue is locked."), "conversation is locked"),
        (CREATE, status(403, "Repository was archived so is read-only."), "repository is archived"),
        (LIST, status(404, "Not Found"), "may not see it"),
        (CREATE, status(410, "Issues are disabled for this repo"), "switched off"),
        (CHECK, status(422, "Validation Failed"), "GitHub refuses to write the check run"),
        (CHECK, status(409, "Conflict"), "GitHub refuses to write the check run"),
    ] {
        let github = GitHub::start();
        github.fail(operation, fault.clone());
        publish(&github, &[]).success().stderr(contains(says));
        assert_brief_is_there(&github);

        let github = GitHub::start();
        github.fail(operation, fault);
        publish(&github, &["--required"]).code(5).stderr(contains(says));
    }
}

#[test]
fn one_part_that_cannot_be_done_does_not_take_the_others_with_it() {
    let github = GitHub::start();
    github.fail(CREATE, status(403, "Resource not accessible by integration"));
    publish(&github, &[]).success().stdout(contains("check run:"));
    assert_eq!(github.state().checks.len(), 1);
}

#[test]
fn what_github_may_have_done_is_not_asked_for_again() {
    for fault in [status(500, "oops"), status(502, "oops"), status(503, "oops"), Fault::Hang] {
        let github = GitHub::start();
        github.fail(CREATE, fault);
        publish(&github, &["--timeout", "1"]).success().stderr(contains("write the comment"));
        assert_eq!(github.count(CREATE), 1, "a comment could be there twice");
        assert_brief_is_there(&github);
    }
}

#[test]
fn what_changes_nothing_is_asked_for_again() {
    for fault in [status(502, "oops"), status(503, "oops"), Fault::Hang] {
        let github = GitHub::start();
        github.fail(LIST, fault);
        publish(&github, &["--timeout", "1"]).success().stdout(contains("comment: written"));
    }
}

#[test]
fn limits_are_waited_for_as_long_as_there_is_patience() {
    let limited = |headers: Vec<(&'static str, String)>| {
        Fault::Status(403, "You have exceeded a secondary rate limit".to_owned(), headers)
    };
    let github = GitHub::start();
    github.fail(CREATE, limited(vec![("retry-after", "1".to_owned())]));
    publish(&github, &[]).success().stdout(contains("comment: written"));
    assert_eq!((github.count(CREATE), github.own_comments().len()), (2, 1));

    let github = GitHub::start();
    let hour = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3_600;
    let headers = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", hour.to_string())];
    github.fail(CREATE, limited(headers));
    publish(&github, &["--required"]).code(5).stderr(contains("GitHub asks to wait 3").and(contains("120 s")));
    assert_eq!(github.count(CREATE), 1);
    assert_brief_is_there(&github);
}

#[test]
fn a_comment_that_somebody_deleted_is_written_again() {
    let github = GitHub::start();
    github.state().comment(BOT, BOT_LOGIN, "<!-- detente:brief:1 -->\nold");
    github.fail(UPDATE, status(404, "Not Found"));
    github.state().comments.clear();
    publish(&github, &[]).success().stdout(contains("comment: written"));
    assert_eq!(github.own_comments().len(), 1);
}

#[test]
fn the_page_of_a_proxy_is_no_answer() {
    let github = GitHub::start();
    github.fail(LIST, Fault::Html);
    publish(&github, &[]).success().stderr(contains("not what GitHub answers").and(contains("proxy")));
    assert_brief_is_there(&github);
}

#[test]
fn half_an_answer_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\ncontent-type: application/json\r\n\r\n{\"id\":");
        }
    });
    let github = GitHub::start();
    let brief = demo_brief();
    let file = github.write("brief.json", brief.to_string());
    let mut job = github.job("pull_request", &pull_event(HEAD));
    job.env("GITHUB_API_URL", format!("http://{address}")).args(["publish", "--required", "--patience", "2"]).arg(file);
    job.assert().code(5).stderr(contains("the answer broke off"));
    assert_brief_is_there(&github);
}

#[test]
fn a_server_that_is_not_there_is_said_to_be() {
    let github = GitHub::start();
    let brief = demo_brief();
    let file = github.write("brief.json", brief.to_string());
    for (url, code) in [("http://127.0.0.1:9", 5), ("not an address", 5)] {
        let mut job = github.job("pull_request", &pull_event(HEAD));
        job.env("GITHUB_API_URL", url).args(["publish", "--required", "--patience", "0"]).arg(&file);
        job.assert().code(code).stderr(contains("check"));
        assert_brief_is_there(&github);
    }
}

#[test]
fn a_pull_request_that_moved_on_or_was_closed_gets_no_stale_comment() {
    let github = GitHub::start();
    github.state().pull["head"]["sha"] = NEXT.into();
    publish(&github, &[]).success().stdout(contains("has moved on"));
    assert_eq!(github.own_comments(), Vec::<String>::new());

    let github = GitHub::start();
    github.state().pull["state"] = "closed".into();
    publish(&github, &[]).success().stdout(contains("comment: none"));
    assert_eq!(github.count(CREATE), 0);
}

#[test]
fn the_run_of_a_fork_does_not_try_what_it_may_not() {
    let github = GitHub::start();
    let brief = demo_brief();
    let file = github.write("brief.json", brief.to_string());
    let mut event = pull_event(HEAD);
    event["pull_request"]["head"]["repo"]["id"] = 2.into();
    github.job("pull_request", &event).arg("publish").arg(&file).assert().success().stdout(contains("`workflow_run`"));
    assert_eq!(github.state().calls, Vec::<String>::new());
    assert_brief_is_there(&github);
    github.job("pull_request", &event).args(["publish", "--required"]).arg(&file).assert().code(5);
}

#[test]
fn an_event_that_says_nothing_leaves_the_brief() {
    for event in [json!({}), json!({"pull_request": null}), json!([1]), json!({"pull_request": {"number": "x"}})] {
        let github = GitHub::start();
        let brief = demo_brief();
        let file = github.write("brief.json", brief.to_string());
        github.job("pull_request", &event).arg("publish").arg(&file).assert().success().stderr(contains("event"));
        assert_brief_is_there(&github);
    }
}

#[test]
fn outside_a_job_it_says_where_it_belongs() {
    let github = GitHub::start();
    let mut job = github.job("push", &Value::Null);
    job.env_remove("GITHUB_ACTIONS").args(["publish", "x.json"]);
    job.assert().code(2).stderr(contains("no job of GitHub Actions"));
}
