//! What was promised is followed up where the team plans its work.

use serde_json::json;

use crate::promise;
use crate::stage::{DELIVERY, SECURITY, Stage};

/// A commitment is followed up where the team plans its work: opened once, not closed by hand, closed when verified.
#[test]
fn commitments_are_followed_up_as_issues() {
    let stage = Stage::set();
    stage.reply(&stage.says(SECURITY, "/detente choose fastest because the fair opens")).success();
    stage.reply(&stage.says(DELIVERY, "/detente choose fastest because the fair opens")).success();
    assert!(stage.last().contains("Decided"), "{}", stage.last());
    let follow_up_at = |remote: &str| {
        let file = stage.github.write("brief.json", stage.prepared.brief.to_string());
        let event = json!({"repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"}});
        let mut job = stage.github.job("schedule", &event);
        job.env("HOME", stage.prepared.shop.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        job.arg("publish")
            .arg(file)
            .args(["--issues", "--required", "--remote", remote, "--repository"])
            .arg(&stage.choosing);
        job.assert().success();
        stage.github.state().issues.clone()
    };
    let follow_up = || follow_up_at("origin");
    let issues = follow_up();
    assert!(!issues.is_empty());
    let first = &issues[0];
    assert!(first["title"].as_str().unwrap().contains("(by 202"), "{first}");
    assert!(first["body"].as_str().unwrap().contains("[pull/5](https://github.com/octo/shop/pull/5)"), "{first}");
    assert_eq!(first["assignees"], json!(["octo-delivery", "octo-sec"]));
    assert_eq!(follow_up(), issues, "nothing is opened twice");

    stage.github.state().issues[0]["state"] = "closed".into();
    assert_eq!(follow_up()[0]["state"], "open", "closing by hand does not keep a promise");

    promise::forge(&stage.choosing, first["body"].as_str().unwrap());
    assert_eq!(follow_up(), issues, "what somebody without the right to put there moves and closes nothing");

    promise::keep(&stage.choosing, first["body"].as_str().unwrap());
    let issues = follow_up();
    assert_eq!((&issues[0]["state"], &issues[0]["state_reason"]), (&json!("closed"), &json!("completed")));
    assert!(issues[1..].iter().all(|issue| issue["state"] == "open"));

    // The remote that keeps the ledger need not be `origin`.
    stage.shop().git(&stage.choosing, &["remote", "rename", "origin", "upstream"]);
    assert_eq!(follow_up_at("upstream"), issues);
}
