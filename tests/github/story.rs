//! The whole story of a change: opened, judged, refused, chosen, pushed to again (what was decided holds, then it does not,
//! then it does), merged, followed up until one commitment is verified to be kept. Every step is the program in a job and
//! a checkout of its own, with nothing handed on but what GitHub and git keep.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::server::{NUMBER, pull_event};
use crate::stage::{AUTHOR, DELIVERY, SECURITY, STRANGER, Stage};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo");

/// A story, as it goes on.
struct Story {
    stage: Stage,
    /// The author's clone.
    author: PathBuf,
    jobs: usize,
}

/// One run of the gate.
struct Judged {
    brief: Value,
    code: i32,
    checkout: PathBuf,
}

impl Story {
    fn begin() -> Self {
        let stage = Stage::set();
        let author = stage.github.path("author");
        let origin = stage.github.path("origin.git");
        stage.shop().git(&stage.github.path(""), &["clone", "-q", "-b", "change", text(&origin), text(&author)]);
        stage.shop().git(&author, &["config", "user.name", "author"]);
        stage.shop().git(&author, &["config", "user.email", "author@example.com"]);
        // The run that opened the stage has said its word; here everything begins anew.
        stage.github.state().comments.clear();
        stage.github.state().artifacts.clear();
        Self { stage, author, jobs: 0 }
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.stage.shop().git(&self.author, arguments)
    }

    /// The author pushes, and GitHub makes the merge that is tested. The new head.
    fn push(&self, file: &str) -> String {
        self.stage.shop().commit(&self.author, file, "pay();\n");
        self.git(&["push", "-q", "origin", "change"]);
        self.offer()
    }

    fn offer(&self) -> String {
        let head = self.git(&["rev-parse", "change"]);
        self.git(&["checkout", "-q", "--detach", "origin/main"]);
        self.git(&["merge", "-q", "--no-ff", "-m", "Merge change into main", "change"]);
        self.git(&["push", "-q", "-f", "origin", &format!("HEAD:refs/pull/{NUMBER}/merge")]);
        self.git(&["checkout", "-q", "change"]);
        self.stage.github.state().pull["head"]["sha"] = head.as_str().into();
        head
    }

    /// `detente gate` in a job of that event, in one commit of `reference` as actions/checkout leaves it.
    fn judge(
        &mut self,
        event: &str,
        payload: &Value,
        reference: &str,
        reports: &Path,
        now: &str,
        more: &[&str],
    ) -> Judged {
        self.jobs += 1;
        let checkout = self.stage.github.path(&format!("job{}", self.jobs));
        let shop = self.stage.shop();
        std::fs::create_dir(&checkout).unwrap();
        let origin = format!("file://{}", self.stage.github.path("origin.git").display());
        shop.git(&checkout, &["init", "-q"]);
        shop.git(&checkout, &["remote", "add", "origin", &origin]);
        shop.git(&checkout, &["fetch", "-q", "--no-tags", "--depth=1", "origin", reference]);
        shop.git(&checkout, &["checkout", "-q", "--detach", "FETCH_HEAD"]);
        let brief = checkout.join("brief.json");
        let mut gate = self.stage.github.job(event, payload);
        gate.env("HOME", shop.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GITHUB_WORKSPACE", &checkout)
            .env("GITHUB_REF", reference)
            .env_remove("GITHUB_TOKEN")
            .current_dir(&checkout)
            .arg("gate")
            .arg(reports)
            .args([
                "--now",
                now,
                &format!("--kev={SAMPLES}/kev.json"),
                &format!("--epss={SAMPLES}/epss.csv"),
                "--output",
            ])
            .arg(format!("json={}", brief.display()))
            .arg("--allowed-signers")
            .arg(shop.path("allowed_signers"))
            .args(more);
        let output = gate.output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let bytes = std::fs::read(&brief).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        Judged { brief: serde_json::from_slice(&bytes).unwrap(), code: output.status.code().unwrap(), checkout }
    }

    /// The pull request is judged as it stands and published. The brief stays behind as the run's artifact.
    fn pull_request(&mut self, head: &str, reports: &Path, now: &str) -> Judged {
        let base = format!("--base-report={SAMPLES}/base");
        let (event, merge) = (pull_event(head), format!("refs/pull/{NUMBER}/merge"));
        let judged = self.judge("pull_request", &event, &merge, reports, now, &[&base, "--require-decision"]);
        assert_eq!(judged.brief["change"]["name"], "pull/5");
        assert_eq!(judged.brief["change"]["head"], head, "what is decided is about what was pushed, not the merge");
        let mut publish = self.stage.github.job("pull_request", &event);
        publish.arg("publish").arg(judged.checkout.join("brief.json")).args(["--labels", "--required"]);
        publish.assert().success();
        self.stage.keep(head, &judged.brief);
        judged
    }

    /// The main line is judged, recorded, and its commitments are followed up. The issues.
    fn main_line(&mut self, event: &str, payload: &Value, reports: &Path, now: &str) -> (Judged, Vec<Value>) {
        let judged = self.judge(event, payload, "refs/heads/main", reports, now, &["--record"]);
        let mut publish = self.stage.github.job(event, payload);
        publish.env("HOME", self.stage.shop().folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        publish.arg("publish").arg(judged.checkout.join("brief.json")).args(["--issues", "--required", "--repository"]);
        publish.arg(&judged.checkout).args(["--now", now]).assert().success();
        let issues = self.stage.github.state().issues.clone();
        (judged, issues)
    }

    /// Our comment, the conclusion of the last check run, and our label.
    fn shown(&self) -> (String, String, Vec<String>) {
        let state = self.stage.github.state();
        let conclusion = state.checks.last().unwrap()["conclusion"].as_str().unwrap().to_owned();
        (state.comments[0]["body"].as_str().unwrap().to_owned(), conclusion, state.labels.clone())
    }

    /// Reports about the main line on another day; `trivy` changes what that scanner says.
    fn later(&self, folder: &str, day: &str, trivy: impl Fn(&mut Value)) -> PathBuf {
        let to =
            self.stage.shop().reports(folder, &["change/trivy.json", "change/semgrep.json", "base/gitleaks.sarif"]);
        let mut report: Value = serde_json::from_slice(&std::fs::read(to.join("trivy.json")).unwrap()).unwrap();
        report["CreatedAt"] = format!("{day}T08:00:00Z").into();
        trivy(&mut report);
        std::fs::write(to.join("trivy.json"), report.to_string()).unwrap();
        to
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn states(issues: &[Value]) -> Vec<(&str, &str)> {
    issues.iter().map(|issue| (issue["title"].as_str().unwrap(), issue["state"].as_str().unwrap())).collect()
}

#[test]
fn the_whole_story() {
    let mut story = Story::begin();
    let beyond = story.stage.shop().path("beyond");

    // Opened: judged in its own job, and said on the pull request.
    let head = story.offer();
    let judged = story.pull_request(&head, &beyond, "2026-11-24T09:30:00Z");
    assert_eq!((&judged.brief["verdict"], judged.code), (&json!("beyond-tolerance"), 1));
    assert_eq!(judged.brief["change"]["base"]["name"], "origin/main", "as the event says");
    let (comment, conclusion, labels) = story.shown();
    assert!(comment.contains("- [ ] choose **Fastest**") && comment.contains(&head), "{comment}");
    assert_eq!((conclusion.as_str(), labels), ("action_required", vec!["detente: beyond tolerance".to_owned()]));

    // Pushed to again before anybody chose: the comment is about the new commit, and there is still one.
    let head = story.push("pay3.js");
    story.pull_request(&head, &beyond, "2026-11-24T09:40:00Z");
    assert_eq!(story.stage.github.own_comments().len(), 1);
    assert!(story.shown().0.contains(&head));

    // Refused: somebody who may only read, and the author. Then chosen by both who have to.
    story.stage.assert_refused(&story.stage.says(STRANGER, "/detente choose fastest"), "may not write");
    story.stage.assert_refused(&story.stage.says(AUTHOR, "/detente choose fastest"), "authors do not approve");
    for (person, now) in [(SECURITY, "2026-11-24T10:00:00Z"), (DELIVERY, "2026-11-24T10:10:00Z")] {
        let said = story.stage.says(person, "/detente choose fastest because the fair opens");
        story.stage.reply_at(&said, now).success();
    }
    assert!(story.stage.last().contains("Decided: **fastest**, by octo-delivery"), "{}", story.stage.last());
    assert_eq!(story.shown().1, "success");

    // A push that brings nothing new keeps the decision.
    let head = story.push("pay4.js");
    let judged = story.pull_request(&head, &beyond, "2026-11-24T10:30:00Z");
    assert_eq!((&judged.brief["decision"]["state"], judged.code), (&json!("decided"), 0));
    let (comment, conclusion, labels) = story.shown();
    assert!(comment.contains(&head) && comment.contains("decided") && !comment.contains("- [ ]"), "{comment}");
    assert_eq!((conclusion.as_str(), labels), ("success", vec!["detente: decided".to_owned()]));

    // One that brings a secret voids it, and says why.
    let more =
        story.stage.shop().reports("story-more", &["change/trivy.json", "change/semgrep.json", "change/gitleaks.json"]);
    let head = story.push("pay5.js");
    let judged = story.pull_request(&head, &more, "2026-11-24T10:40:00Z");
    assert_eq!((&judged.brief["decision"]["state"], judged.code), (&json!("void"), 1));
    let (comment, conclusion, labels) = story.shown();
    assert!(comment.contains("A finding came after the decision") && comment.contains("- [ ]"), "{comment}");
    assert_eq!((conclusion.as_str(), labels), ("action_required", vec!["detente: beyond tolerance".to_owned()]));

    // Without the secret the change is again what was decided about.
    let head = story.push("pay6.js");
    let judged = story.pull_request(&head, &beyond, "2026-11-24T10:50:00Z");
    assert_eq!((&judged.brief["decision"]["state"], judged.code), (&json!("decided"), 0));
    assert_eq!(story.stage.github.own_comments().iter().filter(|own| own.contains("detente:brief")).count(), 1);

    // Merged: the main line is judged against what it was before, and what was promised becomes issues.
    let before = story.git(&["rev-parse", "origin/main"]);
    story.git(&["checkout", "-q", "-B", "main", "origin/main"]);
    story.git(&["merge", "-q", "--no-ff", "-m", "Merge pull request 5", "change"]);
    story.git(&["push", "-q", "origin", "main"]);
    let after = story.git(&["rev-parse", "HEAD"]);
    story.stage.github.state().pull["state"] = "closed".into();
    let repository = json!({"id": 1, "full_name": "octo/shop", "default_branch": "main"});
    let push = json!({"before": before, "after": after, "repository": repository});
    let (judged, issues) = story.main_line("push", &push, &beyond, "2026-11-24T11:00:00Z");
    assert_eq!(judged.brief["change"]["base"]["commit"], before.as_str());
    assert_eq!(judged.brief["change"]["head"], after.as_str(), "a merge that stays is the head itself");
    assert_eq!(issues.len(), 6, "as the option promised");
    assert!(issues.iter().all(|issue| issue["assignees"] == json!(["octo-delivery", "octo-sec"])), "{issues:?}");
    assert!(issues.iter().all(|issue| issue["state"] == "open"), "{issues:?}");

    // A week later the scanner did not run: nobody looked, so nothing is closed.
    let look = json!({"schedule": "17 5 * * *"});
    let dropped = story.stage.shop().reports("story-dropped", &["change/semgrep.json", "base/gitleaks.sarif"]);
    let (judged, issues) = story.main_line("schedule", &look, &dropped, "2026-12-01T09:00:00Z");
    let notices = judged.brief["notices"].to_string();
    assert!(notices.contains("is not closed") && notices.contains("trivy did not run any more"), "{notices}");
    assert!(issues.iter().all(|issue| issue["state"] == "open"), "{issues:?}");

    // The next day one upgrade has been made, and the scanner that saw the need for it looked again.
    let upgraded = story.later("story-upgraded", "2026-12-02", |report| {
        let found = report["Results"][0]["Vulnerabilities"].as_array_mut().unwrap();
        found.retain(|found| found["PkgName"] != "commons-fileupload:commons-fileupload");
    });
    let (_, issues) = story.main_line("schedule", &look, &upgraded, "2026-12-02T09:00:00Z");
    let closed: Vec<_> = states(&issues).into_iter().filter(|(_, state)| *state == "closed").collect();
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert!(closed[0].0.starts_with("Upgrade commons-fileupload"), "{closed:?}");
    assert!(issues.iter().any(|issue| issue["state_reason"] == "completed"), "{issues:?}");

    // And everything of it can be checked by whoever doubts it.
    let checkout = story.stage.github.path(&format!("job{}", story.jobs));
    story.stage.shop().detente(&checkout, &["ledger", "verify", "--now", "2026-12-02T10:00:00Z"]).ends(0);
}
