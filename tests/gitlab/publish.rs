//! Publishing: one thread, a status, labels; and what happens when something stands in the way.

use std::sync::OnceLock;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::server::{BOT, Fault, GitLab, HEAD, MERGE_REQUEST, TOKEN};

fn demo() -> Value {
    static BRIEF: OnceLock<Value> = OnceLock::new();
    let make = || {
        let output = Command::cargo_bin("detente").unwrap().args(["demo", "--format", "json"]).assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    };
    BRIEF.get_or_init(make).clone()
}

fn within_appetite() -> Value {
    let mut brief = demo();
    brief["verdict"] = "within-appetite".into();
    for list in ["options", "findings", "work", "merged_options", "common_work", "counterfactual"] {
        brief[list] = json!([]);
    }
    for row in brief["tolerance"].as_array_mut().unwrap() {
        row["state"] = "within-appetite".into();
        row["findings"] = json!([]);
        row["measured"] = 0.into();
    }
    brief["recommended"] = Value::Null;
    brief["selection"] = Value::Null;
    brief
}

/// (standard output, standard error, exit code)
fn publish(gitlab: &GitLab, brief: &Value, more: &[&str]) -> (String, String, i32) {
    std::fs::write(gitlab.path("brief.json"), brief.to_string()).unwrap();
    let output = gitlab.job().args(["publish", "--patience", "3", "--timeout", "5"]).args(more).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

fn call(method: &str, path: &str) -> String {
    format!("{method} {MERGE_REQUEST}{path}")
}

/// Two pipelines begin at once, and both find no thread: one stays, and it says what the later one has to say.
#[test]
fn the_thread_of_a_race_says_what_the_later_pipeline_says() {
    let gitlab = GitLab::start();
    let note = json!({"id": 400, "body": "<!-- detente:brief:1 -->\nolder", "author": {"id": BOT}, "resolvable": true});
    gitlab.state().race = Some(json!({"id": "other", "notes": [note]}));
    let (said, error, code) = publish(&gitlab, &demo(), &[]);
    assert_eq!((error.as_str(), code), ("", 0), "{said}");
    let threads = gitlab.state().discussions.clone();
    assert_eq!(threads.len(), 1, "{threads:?}");
    assert_eq!(threads[0]["id"], "other");
    assert!(threads[0]["notes"][0]["body"].as_str().unwrap().contains("Beyond tolerance"), "{threads:?}");
}

#[test]
fn there_is_one_thread_and_it_resolves_itself() {
    let gitlab = GitLab::start();
    {
        // Neither a stranger's marker nor our own words about it make a thread ours.
        let mut state = gitlab.state();
        let stranger = json!({"id": 1, "body": "<!-- detente:brief:1 -->\nWithin appetite", "author": {"id": 66}});
        let ours = json!({"id": 2, "body": "we write <!-- detente:brief:1 -->", "author": {"id": BOT}});
        state.discussions = vec![json!({"id": "s", "notes": [stranger]}), json!({"id": "o", "notes": [ours]})];
        // Threads come page by page.
        state.page = 1;
    }
    let (said, error, code) = publish(&gitlab, &demo(), &["--labels"]);
    assert_eq!((error.as_str(), code), ("", 0), "{said}");
    assert!(said.contains("note: written, https://gitlab.example/shop/-/merge_requests/12#note_"), "{said}");
    assert_eq!(gitlab.state().merge_request["labels"], json!(["backend", "detente: beyond tolerance"]));
    let status = gitlab.state().statuses[0].clone();
    assert_eq!((status["name"].as_str(), status["status"].as_str()), (Some("detente: verdict"), Some("skipped")));
    let thread = gitlab.state().discussions[2].clone();
    assert!(thread["notes"][0]["body"].as_str().unwrap().starts_with("<!-- detente:brief:1 -->"));

    let (said, ..) = publish(&gitlab, &demo(), &["--labels"]);
    assert!(said.contains("note: unchanged") && said.contains("status: unchanged"), "{said}");
    assert_eq!(gitlab.count(&call("POST", "/discussions")), 1);
    assert_eq!(gitlab.count(&format!("POST /projects/7/statuses/{HEAD}")), 1);

    let (said, ..) = publish(&gitlab, &within_appetite(), &[]);
    assert!(said.contains("note: updated"), "{said}");
    assert_eq!(gitlab.state().discussions[2]["notes"][0]["resolved"], true);
    assert_eq!(gitlab.state().statuses[0]["status"], "success");
    let (said, ..) = publish(&gitlab, &demo(), &[]);
    assert!(said.contains("note: updated"), "{said}");
    assert_eq!(gitlab.state().discussions[2]["notes"][0]["resolved"], false, "it is open again");
}

/// The pipeline of a merged result is of the merge, and its status, too.
#[test]
fn a_status_goes_to_the_pipeline_that_runs() {
    let gitlab = GitLab::start();
    std::fs::write(gitlab.path("brief.json"), demo().to_string()).unwrap();
    let output = gitlab
        .job()
        .env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD)
        .env("CI_COMMIT_SHA", "c".repeat(40))
        .args(["publish", "--patience", "0"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("note: written"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(gitlab.count(&format!("POST /projects/7/statuses/{}", "c".repeat(40))), 1);

    let old = GitLab::start();
    old.state().old = true;
    let (said, error, _) = publish(&old, &demo(), &[]);
    assert!(said.contains("status: set") && error.is_empty(), "{said}{error}");
    assert_eq!(old.state().statuses[0]["status"], "success", "it knows no better");
    let (said, ..) = publish(&old, &demo(), &[]);
    assert!(said.contains("status: unchanged"), "{said}");
}

#[test]
fn nothing_is_said_where_there_is_nothing_to_say() {
    let gitlab = GitLab::start();
    let (said, _, code) = publish(&gitlab, &within_appetite(), &[]);
    assert_eq!(code, 0);
    assert!(said.contains("note: none"), "{said}");
    assert!(gitlab.state().discussions.is_empty());
}

#[test]
fn a_second_thread_of_ours_is_taken_away() {
    let gitlab = GitLab::start();
    let note =
        |id: u64| json!({"id": id, "body": "<!-- detente:brief:1 -->\nold", "author": {"id": BOT}, "resolvable": true});
    gitlab.state().discussions = vec![json!({"id": "a", "notes": [note(1)]}), json!({"id": "b", "notes": [note(2)]})];
    publish(&gitlab, &demo(), &[]);
    let state = gitlab.state();
    assert_eq!(state.discussions.len(), 1);
    assert_eq!(state.discussions[0]["id"], "a");
}

#[test]
fn a_merge_request_that_moved_on_is_left_alone() {
    let gitlab = GitLab::start();
    gitlab.state().merge_request["sha"] = "b".repeat(40).into();
    let (said, error, code) = publish(&gitlab, &demo(), &["--required"]);
    assert!(said.contains("not published: the merge request has moved on"), "{said}{error}");
    assert_eq!(code, 5);
    assert!(gitlab.state().discussions.is_empty() && gitlab.state().statuses.is_empty());
}

#[test]
fn what_the_token_may_not_do_is_named_and_the_rest_is_done() {
    let gitlab = GitLab::start();
    let denied = json!({"message": "403 Forbidden"});
    gitlab.fail(&format!("POST /projects/7/statuses/{HEAD}"), Fault::Status(403, denied));
    let (said, error, code) = publish(&gitlab, &demo(), &[]);
    assert_eq!(code, 0, "the pipeline goes on");
    assert!(said.contains("note: written"), "{said}");
    assert!(error.contains("may not set the commit's status") && error.contains("role Developer"), "{error}");
    gitlab.fail(&call("PUT", ""), Fault::Status(403, json!({"error": "insufficient_scope", "scope": "api"})));
    let (_, error, code) = publish(&gitlab, &demo(), &["--labels", "--required"]);
    assert_eq!(code, 5);
    assert!(error.contains("scope api"), "{error}");
}

#[test]
fn without_a_token_it_says_which_one_to_make() {
    let gitlab = GitLab::start();
    std::fs::write(gitlab.path("brief.json"), demo().to_string()).unwrap();
    let output = gitlab.job().env_remove("DETENTE_GITLAB_TOKEN").arg("publish").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(error.contains("DETENTE_GITLAB_TOKEN") && error.contains("role Developer, scope api"), "{error}");
    let output =
        gitlab.job().env("DETENTE_GITLAB_TOKEN", "glpat-old").args(["publish", "--required"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5));
    assert!(
        error.contains("does not accept the token") && !error.contains("glpat-old") && !error.contains(TOKEN),
        "{error}"
    );
}

#[test]
fn limits_and_faults_are_waited_for_and_nothing_is_written_twice() {
    let gitlab = GitLab::start();
    gitlab.fail(&call("GET", ""), Fault::Status(502, json!("bad gateway")));
    gitlab.fail(&call("POST", "/discussions"), Fault::Limit(1));
    let (said, error, code) = publish(&gitlab, &demo(), &["--no-check"]);
    assert_eq!((error.as_str(), code), ("", 0));
    assert!(said.contains("note: written"), "{said}");
    assert_eq!(gitlab.state().discussions.len(), 1);

    let gitlab = GitLab::start();
    gitlab.fail(&call("POST", "/discussions"), Fault::Status(500, json!({"message": "500 Internal Server Error"})));
    let (_, error, _) = publish(&gitlab, &demo(), &["--no-check"]);
    assert!(error.contains("could not write the note (answer 500)"), "{error}");
    assert_eq!(gitlab.count(&call("POST", "/discussions")), 1, "it may have been written: not sent again");
    let hour = GitLab::start();
    hour.fail(&call("POST", "/discussions"), Fault::Limit(3_600));
    let (_, error, _) = publish(&hour, &demo(), &["--no-check"]);
    assert!(error.contains("asks to wait 3600 s"), "{error}");
}

#[test]
fn a_proxys_page_and_a_redirect_are_no_answers() {
    for fault in [Fault::Html, Fault::Redirect("https://elsewhere.example/".to_owned())] {
        let gitlab = GitLab::start();
        gitlab.fail(&call("GET", "/discussions"), fault);
        let (_, error, code) = publish(&gitlab, &demo(), &["--required"]);
        assert_eq!(code, 5);
        assert!(error.contains("proxy") || error.contains("redirect"), "{error}");
        assert!(gitlab.state().discussions.is_empty(), "what is not known to be missing is not written");
    }
}

#[test]
fn an_address_without_a_server_is_said() {
    let gitlab = GitLab::start();
    std::fs::write(gitlab.path("brief.json"), demo().to_string()).unwrap();
    let output = gitlab
        .job()
        .env("CI_API_V4_URL", "http://127.0.0.1:9/api/v4")
        .args(["publish", "--required", "--patience", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be asked to"));
}

#[test]
fn a_certificate_file_that_is_none_is_said() {
    let gitlab = GitLab::start();
    std::fs::write(gitlab.path("brief.json"), demo().to_string()).unwrap();
    let text = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    let output = gitlab.job().env("CI_SERVER_TLS_CA_FILE", text).args(["publish", "--required"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("CI_SERVER_TLS_CA_FILE"));
}
