//! The whole story of a change: opened, judged, commented, chosen, pushed to again, merged, followed up. Every step is the
//! program in a job of its own, with nothing handed on but what GitHub and git keep.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::reply::{DELIVERY, SECURITY, Stage};
use crate::server::{NUMBER, pull_event};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo");

impl Stage {
    /// `detente gate` and `detente publish` in a job of that event, in a checkout.
    fn run(&self, event: &str, payload: &Value, reference: &str, checkout: &Path, now: &str) -> Value {
        let brief = self.github.path("judged.json");
        let mut gate = self.github.job(event, payload);
        gate.env("HOME", self.prepared.shop.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GITHUB_WORKSPACE", checkout)
            .env("GITHUB_REF", reference)
            .env_remove("GITHUB_TOKEN")
            .current_dir(checkout)
            .arg("gate")
            .arg(self.prepared.shop.path("beyond"))
            .args(["--now", now, "--base-report", &format!("{SAMPLES}/base")])
            .args([format!("--kev={SAMPLES}/kev.json"), format!("--epss={SAMPLES}/epss.csv"), "--output".to_owned()])
            .arg(format!("json={}", brief.display()))
            .arg("--allowed-signers")
            .arg(self.prepared.shop.path("allowed_signers"));
        let judged = gate.output().unwrap();
        let said = [judged.stdout, judged.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(judged.status.success(), "{said:?}");
        let mut publish = self.github.job(event, payload);
        publish.arg("publish").arg(&brief).args(["--labels", "--required"]).assert().success();
        serde_json::from_slice(&std::fs::read(brief).unwrap()).unwrap()
    }
}

#[test]
fn the_whole_story() {
    let stage = Stage::set();
    let shop = &stage.prepared.shop;
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let work = stage.github.path("work");
    shop.git(&shop.path(""), &["clone", "-q", "-b", "change", &text(&stage.github.path("origin.git")), &text(&work)]);
    shop.git(&work, &["config", "user.name", "author"]);
    shop.git(&work, &["config", "user.email", "author@example.com"]);
    let merge = format!("refs/pull/{NUMBER}/merge");

    // Opened: judged in its own job, and said on the pull request.
    stage.github.state().comments.clear();
    let head = stage.prepared.head.clone();
    let brief = stage.run("pull_request", &pull_event(&head), &merge, &work, "2026-11-24T09:30:00Z");
    assert_eq!((&brief["verdict"], &brief["change"]["name"]), (&json!("beyond-tolerance"), &json!("pull/5")));
    assert_eq!(brief["change"]["base"]["name"], "origin/main", "as the event says");
    assert_eq!(stage.github.state().checks.last().unwrap()["conclusion"], "action_required");
    assert_eq!(stage.github.state().labels, ["detente: beyond tolerance"]);

    // Pushed to again before anybody chose: the comment is about the new commit, and there is still one.
    shop.commit(&work, "pay3.js", "pay();\n");
    shop.git(&work, &["push", "-q", "origin", "change"]);
    let head = shop.git(&work, &["rev-parse", "HEAD"]);
    stage.github.state().pull["head"]["sha"] = head.as_str().into();
    let brief = stage.run("pull_request", &pull_event(&head), &merge, &work, "2026-11-24T09:40:00Z");
    assert_eq!(stage.github.own_comments().len(), 1);
    assert!(stage.github.own_comments()[0].contains(&head));
    stage.keep(&head, &brief);

    // Chosen by both who have to.
    for person in [SECURITY, DELIVERY] {
        stage.reply(&stage.says(person, "/detente choose fastest because the fair opens")).success();
    }
    assert!(stage.last().contains("Decided: **fastest**, by octo-delivery"), "{}", stage.last());
    let decided = stage.github.state().checks.last().unwrap().clone();
    assert_eq!((&decided["conclusion"], &decided["head_sha"]), (&json!("success"), &json!(head)));

    // Merged: the main line is judged, against what it was before.
    let before = shop.git(&work, &["rev-parse", "origin/main"]);
    shop.git(&work, &["push", "-q", "origin", "HEAD:main"]);
    stage.github.state().pull["state"] = "closed".into();
    let push = json!({"before": before, "after": head,
        "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"}});
    let brief = stage.run("push", &push, "refs/heads/main", &work, "2026-11-24T11:00:00Z");
    assert_eq!(brief["change"]["base"]["commit"], before.as_str());

    // Followed up.
    let file = stage.github.write("brief.json", brief.to_string());
    let mut job = stage.github.job("schedule", &push);
    job.env("HOME", shop.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
    job.arg("publish").arg(file).args(["--issues", "--required", "--repository"]).arg(&work).assert().success();
    let issues = stage.github.state().issues.clone();
    assert_eq!(issues.len(), 5, "as the option promised");
    assert!(issues.iter().all(|issue| issue["assignees"] == json!(["octo-delivery", "octo-sec"])));
}
