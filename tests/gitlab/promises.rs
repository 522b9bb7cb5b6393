//! What was promised is followed up where the team plans its work.

use serde_json::json;

use crate::promise;
use crate::stage::{DELIVERY, SECURITY, Stage, prepared, said};

/// A commitment is followed up where the team plans its work: opened once with date, weight and assignees, not closed by
/// hand, closed when verified.
#[test]
fn commitments_are_followed_up_as_issues() {
    let stage = Stage::set();
    stage.press(SECURITY, "fastest");
    let (text, code) = stage.press(DELIVERY, "fastest");
    assert_eq!(code, 0, "{text}");
    let follow_up_at = |remote: &str| {
        let mut command = stage.gitlab.job();
        for name in ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
            command.env_remove(name);
        }
        let brief = stage.gitlab.path("brief.json");
        command.current_dir(&stage.checkout).arg("publish").arg(brief).args(["--issues", "--no-check"]);
        command.args(["--required", "--remote", remote]);
        let (text, code) = said(&command.output().unwrap());
        assert_eq!(code, 0, "{text}");
        stage.gitlab.state().issues.clone()
    };
    let follow_up = || follow_up_at("origin");
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

    let before = follow_up();
    promise::forge(&stage.checkout, first["description"].as_str().unwrap());
    assert_eq!(follow_up(), before, "what somebody without the right to put there moves and closes nothing");

    promise::keep(&stage.checkout, first["description"].as_str().unwrap());
    let issues = follow_up();
    assert_eq!(issues[0]["state"], "closed");
    assert!(issues[1..].iter().all(|issue| issue["state"] == "opened"));

    // The remote that keeps the ledger need not be `origin`.
    prepared().shop.git(&stage.checkout, &["remote", "rename", "origin", "upstream"]);
    let follow_up = || follow_up_at("upstream");
    assert_eq!(follow_up(), issues);

    // Somebody who is gone does not keep the others from being followed up.
    let mut state = stage.gitlab.state();
    state.issues.clear();
    state.users.remove(&SECURITY);
    drop(state);
    let issues = follow_up();
    assert!(!issues.is_empty() && issues.iter().all(|issue| issue.get("assignee_ids").is_none()), "{issues:?}");
}
