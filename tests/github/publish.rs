//! Publishing: one comment, a check run, labels, outputs.

use std::io::{Cursor, Write as _};

use predicates::str::contains;
use serde_json::{Value, json};

use crate::server::{BOT, BOT_LOGIN, GitHub, HEAD, NEXT, NUMBER, demo_brief, pull_event};
use crate::stage::zipped;

const CREATE: &str = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
const UPDATE: &str = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
const CHECK: &str = "POST /repos/{owner}/{repo}/check-runs";
const MORE: &str = "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}";

fn within_appetite(mut brief: Value) -> Value {
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

fn publish(github: &GitHub, head: &str, brief: &Value, more: &[&str]) -> String {
    let file = github.write("brief.json", brief.to_string());
    let mut job = github.job("pull_request", &pull_event(head));
    let output = job.arg("publish").arg(file).args(more).assert().success().get_output().clone();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn there_is_one_comment_and_it_says_how_things_stand_now() {
    let github = GitHub::start();
    let brief = demo_brief();
    // Neither the marker of a stranger nor a login that looks like the bot's makes a comment ours.
    {
        let mut state = github.state();
        state.comment(99, "github-actions[b0t]", "<!-- detente:brief:1 -->\nWithin appetite");
        state.comment(98, BOT_LOGIN, "<!-- detente:brief:1 -->\nWithin appetite");
        state.comment(BOT, BOT_LOGIN, "Another action's comment, which quotes <!-- detente:brief:1 -->");
    }
    let said = publish(&github, HEAD, &brief, &[]);
    assert!(said.contains("comment: written"), "{said}");
    let own = github.own_comments();
    assert_eq!(own.len(), 2, "the other action's, and ours");
    assert!(own[1].starts_with(&format!("<!-- detente:brief:1 -->\n<!-- detente:head:{HEAD} -->\n### ")), "{}", own[1]);
    assert!(own[1].contains("- [ ] choose **Balanced**"));

    let said = publish(&github, HEAD, &brief, &[]);
    assert!(said.contains("comment: unchanged"), "{said}");
    assert_eq!((github.count(CREATE), github.count(UPDATE), github.count(CHECK)), (1, 0, 1), "nothing is said twice");

    github.state().pull["head"]["sha"] = NEXT.into();
    let said = publish(&github, NEXT, &brief, &[]);
    assert!(said.contains("comment: updated"), "{said}");
    assert!(github.own_comments()[1].contains(NEXT));
    assert_eq!(github.count(CHECK), 2, "each head has its own check run");

    publish(&github, NEXT, &within_appetite(brief), &[]);
    let own = github.own_comments();
    assert_eq!(own.len(), 2);
    assert!(own[1].contains("<details><summary>Within appetite"), "{}", own[1]);
    assert!(!own[1].contains("- [ ]"));
    assert_eq!(github.count(CREATE), 1);
    let strangers = github.state().comments.iter().filter(|c| c["user"]["id"] != BOT).count();
    assert_eq!(strangers, 2, "nobody else's comment is touched");
}

#[test]
fn a_change_within_appetite_gets_no_comment() {
    let github = GitHub::start();
    let brief = within_appetite(demo_brief());
    let said = publish(&github, HEAD, &brief, &[]);
    assert!(said.contains("comment: none, there is nothing to choose"), "{said}");
    assert_eq!(github.count(CREATE), 0);
    assert_eq!(github.state().checks[0]["conclusion"], "success");
}

#[test]
fn the_comment_is_found_on_any_page() {
    let github = GitHub::start();
    let brief = demo_brief();
    for number in 0..230 {
        github.state().comment(7, "ada", &format!("Comment {number}"));
    }
    publish(&github, HEAD, &brief, &[]);
    for number in 0..230 {
        github.state().comment(7, "ada", &format!("Comment {number}"));
    }
    github.state().pull["head"]["sha"] = NEXT.into();
    publish(&github, NEXT, &brief, &[]);
    assert_eq!(github.own_comments().len(), 1);
    assert_eq!(github.count(UPDATE), 1);
}

#[test]
fn an_enterprise_server_is_reached_below_its_path() {
    let github = GitHub::start();
    for number in 0..130 {
        github.state().comment(7, "ada", &format!("Comment {number}"));
    }
    let file = github.write("brief.json", demo_brief().to_string());
    for says in ["comment: written", "comment: unchanged"] {
        let mut job = github.job("pull_request", &pull_event(HEAD));
        job.env("GITHUB_API_URL", format!("{}/api/v3/", github.url())).args(["publish", "--required"]).arg(&file);
        job.assert().success().stdout(contains(says));
    }
}

#[test]
fn a_second_comment_of_a_race_is_taken_away() {
    let github = GitHub::start();
    let brief = demo_brief();
    for _ in 0..3 {
        github.state().comment(BOT, BOT_LOGIN, "<!-- detente:brief:1 -->\nold");
    }
    publish(&github, HEAD, &brief, &[]);
    let own = github.own_comments();
    assert_eq!(own.len(), 1);
    assert!(own[0].contains(HEAD), "the first is kept and says how things stand");
}

#[test]
fn remarks_stand_on_changed_lines_only_and_come_in_batches() {
    let github = GitHub::start();
    let mut brief = demo_brief();
    let findings = brief["findings"].as_array().unwrap().clone();
    let template = findings.iter().find(|f| f["origin"] == "introduced" && f["category"] == "code").unwrap().clone();
    let mut many: Vec<Value> = Vec::new();
    for number in 1..=140 {
        let mut finding = template.clone();
        finding["id"] = format!("{}-{number:03}", template["id"].as_str().unwrap()).into();
        finding["locations"] = json!([{"path": "src/a.rs", "line": number}]);
        many.push(finding);
    }
    brief["findings"] = [findings, many].concat().into();
    // Of the lines 1 to 140 the change adds 10 to 129; the file that is too large to have a patch has none.
    let patch = format!("@@ -10,0 +10,120 @@\n{}", "+x\n".repeat(120));
    github.state().files = vec![("src/a.rs".to_owned(), patch), ("big.lock".to_owned(), String::new())];
    publish(&github, HEAD, &brief, &[]);
    let annotations = github.state().annotations.clone();
    assert_eq!(annotations.len(), 120);
    assert!(annotations.iter().all(|a| (10..130).contains(&a["start_line"].as_u64().unwrap())));
    assert_eq!((github.count(CHECK), github.count(MORE)), (1, 2), "50, 50 and 20");
    assert_eq!(github.state().checks[0]["conclusion"], "action_required");
}

#[test]
fn three_hundred_changed_files_are_read_to_the_end() {
    let github = GitHub::start();
    let mut brief = demo_brief();
    let finding = brief["findings"].as_array_mut().unwrap().iter_mut().find(|f| f["origin"] == "introduced").unwrap();
    finding["locations"] = json!([{"path": "file299.txt", "line": 1}]);
    github.state().files = (0..300).map(|n| (format!("file{n}.txt"), "@@ -0,0 +1 @@\n+x".to_owned())).collect();
    publish(&github, HEAD, &brief, &[]);
    assert_eq!(github.state().annotations.len(), 1);
}

#[test]
fn labels_say_how_it_stands_and_leave_others_alone() {
    let github = GitHub::start();
    let brief = demo_brief();
    github.state().labels = vec!["bug".to_owned(), "detente: within tolerance".to_owned()];
    publish(&github, HEAD, &brief, &["--labels"]);
    assert_eq!(github.state().labels, ["bug", "detente: beyond tolerance"]);
}

/// A list that is not read to its end is not taken for the whole: what is on the rest of it would be done again.
#[test]
fn a_list_without_an_end_is_an_error() {
    let github = GitHub::start();
    github.state().labels = (0..10_001).map(|number| format!("label {number}")).collect();
    let file = github.write("brief.json", demo_brief().to_string());
    let mut job = github.job("pull_request", &pull_event(HEAD));
    let said = job.args(["publish", "--labels", "--required"]).arg(file).assert().code(5);
    said.stderr(contains("the list has more than the 10000 entries that are read"));
}

#[test]
fn findings_go_to_code_scanning_on_request() {
    let github = GitHub::start();
    let brief = demo_brief();
    let sarif = github.write("all.sarif", "{\"version\":\"2.1.0\",\"runs\":[]}");
    publish(&github, HEAD, &brief, &["--sarif", sarif.to_str().unwrap()]);
    let sent = github.state().sarifs[0].clone();
    assert_eq!((&sent["commit_sha"], &sent["ref"]), (&json!(HEAD), &json!("refs/pull/5/head")));
    assert!(sent["sarif"].as_str().unwrap().starts_with("H4sI"), "gzip in base64: {sent}");
}

/// Within tolerance the agreement says who may choose, too, and a gate that requires a decision waits for it.
#[test]
fn the_check_asks_for_a_choice_within_tolerance_as_the_gate_does() {
    let mut within = demo_brief();
    within["verdict"] = "within-tolerance".into();
    for row in within["tolerance"].as_array_mut().unwrap() {
        if row["state"] == "beyond-tolerance" {
            row["state"] = "within-tolerance".into();
        }
    }
    let mut nothing = within.clone();
    (nothing["options"], nothing["recommended"], nothing["selection"]) = (json!([]), Value::Null, Value::Null);
    for (brief, conclusion, needed) in [(within, "action_required", "true"), (nothing, "neutral", "false")] {
        let github = GitHub::start();
        publish(&github, HEAD, &brief, &[]);
        assert_eq!(github.state().checks[0]["conclusion"], conclusion);
        let outputs = std::fs::read_to_string(github.path("outputs")).unwrap();
        let mut lines = outputs.lines().skip_while(|line| !line.starts_with("decision-needed<<"));
        assert_eq!(lines.nth(1), Some(needed), "{outputs}");
    }
}

/// Findings of a release branch, a tag, or a commit that is no longer a head are not the state of the main line.
#[test]
fn findings_go_to_the_line_that_they_were_found_on_or_nowhere() {
    let github = GitHub::start();
    let brief = github.write("brief.json", demo_brief().to_string());
    let sarif = github.write("all.sarif", "{\"version\":\"2.1.0\",\"runs\":[]}");
    let repository = json!({"id": 1, "full_name": "octo/shop", "default_branch": "main"});
    let sent = |event: &str, payload: &Value, reference: &str| {
        github.state().sarifs.clear();
        let mut job = github.job(event, payload);
        job.env("GITHUB_REF", reference).arg("publish").arg(&brief).arg("--sarif").arg(&sarif);
        let output = job.assert().success().get_output().clone();
        let to = github.state().sarifs.first().map(|sent| sent["ref"].as_str().unwrap().to_owned());
        (to, String::from_utf8(output.stdout).unwrap())
    };
    let push = json!({"before": "b".repeat(40), "repository": repository});
    for name in ["refs/heads/release/1.x", "refs/heads/main", "refs/tags/v1"] {
        assert_eq!(sent("push", &push, name).0.as_deref(), Some(name));
    }
    assert_eq!(sent("pull_request", &pull_event(HEAD), "refs/pull/5/merge").0.as_deref(), Some("refs/pull/5/head"));
    // A push in between.
    github.state().pull["head"]["sha"] = NEXT.into();
    let (to, said) = sent("pull_request", &pull_event(HEAD), "refs/pull/5/merge");
    assert!(to.is_none() && said.contains("not published: findings for code scanning"), "{said}");
}

#[test]
fn a_sarif_file_that_is_not_there_takes_nothing_else_with_it() {
    let github = GitHub::start();
    std::fs::create_dir(github.path("results")).unwrap();
    for name in ["a.sarif", "b.sarif"] {
        github.write(&format!("results/{name}"), "{\"version\":\"2.1.0\",\"runs\":[]}");
    }
    publish(&github, HEAD, &demo_brief(), &["--sarif", "results/*.sarif"]);
    assert_eq!(github.state().sarifs.len(), 2, "a pattern is filled in");

    github.state().pull["head"]["sha"] = NEXT.into();
    let file = github.write("brief.json", demo_brief().to_string());
    for (required, code) in [(None, 0), (Some("--required"), 5)] {
        let mut job = github.job("pull_request", &pull_event(NEXT));
        job.arg("publish").arg(&file).args(["--sarif", "absent.sarif", "--sarif", "absent/*.sarif"]).args(required);
        let said = job.assert().code(code).stdout(contains("comment: ")).stdout(contains("check run: "));
        said.stderr(contains("absent.sarif: cannot be read")).stderr(contains("no file matches absent/*.sarif"));
        assert!(std::fs::read_to_string(github.path("outputs")).unwrap().contains("verdict"));
    }
}

#[test]
fn the_steps_that_follow_get_outputs_and_people_a_summary() {
    let github = GitHub::start();
    let brief = demo_brief();
    publish(&github, HEAD, &brief, &[]);
    let outputs = std::fs::read_to_string(github.path("outputs")).unwrap();
    let value = |name: &str| {
        let mut lines = outputs.lines().skip_while(|line| !line.starts_with(&format!("{name}<<")));
        lines.next().unwrap();
        lines.next().unwrap().to_owned()
    };
    assert_eq!(value("verdict"), "beyond-tolerance");
    assert_eq!(value("decision-needed"), "true");
    assert_eq!(value("recommended"), "balanced");
    assert_eq!(value("conclusion"), "action_required");
    assert!(value("comment-url").contains("#issuecomment-"));
    let options: Value = serde_json::from_str(&value("options")).unwrap();
    assert_eq!(options.as_array().unwrap().len(), 3);
    assert_eq!(options[0]["name"], "fastest");
    let summary = std::fs::read_to_string(github.path("summary.md")).unwrap();
    assert!(summary.contains("Beyond tolerance") && summary.contains("```mermaid"));
}

/// Advice holds nothing, and missing evidence ends the run all the same: nobody may read that all is well.
#[test]
fn advice_without_evidence_asks_for_the_evidence() {
    let github = GitHub::start();
    let mut brief = demo_brief();
    brief["verdict"] = "unresolved".into();
    brief["appetite"]["agreement"] = "unsigned".into();
    publish(&github, HEAD, &brief, &[]);
    let outputs = std::fs::read_to_string(github.path("outputs")).unwrap();
    let value = |name: &str| outputs.lines().skip_while(|line| !line.starts_with(&format!("{name}<<"))).nth(1).unwrap();
    assert_eq!((value("advice"), value("decision-needed"), value("conclusion")), ("true", "true", "action_required"));
    let summary = std::fs::read_to_string(github.path("summary.md")).unwrap();
    assert!(summary.contains("so no finding holds the release"), "{summary}");
    assert!(summary.contains("the gate ends with exit code 3 until then"), "{summary}");
    assert!(!summary.contains("nothing here holds"), "{summary}");
}

/// Any run that is pushed over is cancelled: that one has nothing to say, and is no fault of the one that follows it.
#[test]
fn a_run_that_was_cancelled_leaves_nothing_to_publish() {
    let github = GitHub::start();
    let event = |conclusion: &str| {
        json!({"action": "completed", "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
            "workflow_run": {"id": 70, "event": "pull_request", "head_sha": HEAD, "head_branch": "feature",
                "head_repository": {"id": 1, "full_name": "octo/shop"}, "conclusion": conclusion}})
    };
    for conclusion in ["cancelled", "skipped"] {
        let mut job = github.job("workflow_run", &event(conclusion));
        job.args(["publish", "--required"]).assert().success().stdout(contains("nothing to publish"));
    }
    github.job("workflow_run", &event("failure")).arg("publish").assert().code(5).stderr(contains("no artifact"));
    assert_eq!(github.own_comments(), Vec::<String>::new());
    assert_eq!(github.state().checks, Vec::<Value>::new());
}

/// A login that is not the token's would not know its own comment again.
#[test]
fn a_token_that_writes_as_somebody_else_is_noticed() {
    let github = GitHub::start();
    github.state().people.insert("my-app[bot]".to_owned(), (77, "write".to_owned()));
    let file = github.write("brief.json", demo_brief().to_string());
    let mut job = github.job("pull_request", &pull_event(HEAD));
    let said = job.args(["publish", "--bot", "my-app[bot]"]).arg(file).assert().success();
    said.stdout(contains("comment: written")).stderr(contains("written by github-actions[bot] and not by my-app[bot]"));
}

/// The run of a fork makes the brief, another one publishes it: what it is about comes from GitHub alone.
#[test]
fn the_brief_of_a_fork_is_published_by_the_run_that_follows() {
    let github = GitHub::start();
    let mut brief = demo_brief();
    brief["change"]["head"] = "f".repeat(40).into();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("brief.json", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(brief.to_string().as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    github.state().artifacts = vec![(1, 50, HEAD.to_owned(), b"old".to_vec()), (2, 70, HEAD.to_owned(), zip)];
    let event = json!({"action": "completed", "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
        "workflow_run": {"id": 70, "event": "pull_request", "head_sha": HEAD, "head_branch": "feature",
            "head_repository": {"id": 2, "full_name": "stranger/shop"}, "conclusion": "failure"}});
    github.job("workflow_run", &event).arg("publish").assert().success().stdout(contains("comment: written"));
    assert!(github.own_comments()[0].contains(HEAD));
    assert_eq!(github.state().checks[0]["head_sha"], HEAD);

    // A push in between: that run says nothing about a commit that is no longer the head.
    github.state().pull["head"]["sha"] = NEXT.into();
    github.state().comments.clear();
    github.job("workflow_run", &event).arg("publish").assert().success();
    assert_eq!(github.own_comments(), Vec::<String>::new());
}

/// One branch may go into several: what is about one of its pull requests is not said on another.
#[test]
fn a_brief_is_published_on_the_pull_request_that_it_names_and_github_confirms() {
    let run = |number: &str, pulls: &[u64]| {
        let github = GitHub::start();
        let mut brief = demo_brief();
        brief["change"]["name"] = number.into();
        {
            let mut state = github.state();
            let pull = |number: &u64| {
                let mut pull = state.pull.clone();
                pull["number"] = (*number).into();
                pull
            };
            state.more_pulls = pulls.iter().map(pull).collect();
            state.artifacts = vec![(2, 70, HEAD.to_owned(), zipped(&brief))];
        }
        let event = json!({"action": "completed",
            "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
            "workflow_run": {"id": 70, "event": "pull_request", "head_sha": HEAD, "head_branch": "feature",
                "head_repository": {"id": 1, "full_name": "octo/shop"}, "conclusion": "failure"}});
        let said = github.job("workflow_run", &event).args(["publish", "--required"]).output().unwrap();
        let state = github.state();
        let (commented, checks) = (state.commented.clone(), state.checks.len());
        (String::from_utf8(said.stdout).unwrap(), said.status.code().unwrap(), commented, checks)
    };
    let (said, code, commented, checks) = run("pull/11", &[11]);
    assert_eq!((code, commented, checks), (0, vec![11], 1), "{said}");
    let (said, code, commented, checks) = run("pull/5", &[11]);
    assert_eq!((code, commented, checks), (0, vec![NUMBER], 1), "{said}");
    // GitHub does not confirm it.
    let (said, code, commented, checks) = run("pull/12", &[]);
    assert_eq!((code, commented, checks), (5, vec![], 0), "{said}");
    assert!(
        said.contains("not published: the brief is about pull/12, and the run that left it is of pull/5"),
        "{said}"
    );
    // A run for a push does not know its number: that does where there is one.
    let (said, code, commented, checks) = run("branch/feature", &[]);
    assert_eq!((code, commented, checks), (0, vec![NUMBER], 1), "{said}");
    let (said, code, commented, checks) = run("branch/feature", &[11]);
    assert_eq!((code, commented, checks), (5, vec![], 0), "{said}");
    assert!(said.contains("is of pull/5 and pull/11"), "{said}");
}

/// A merge queue waits for the check on a commit of its own; a pull request is not what that run is about.
#[test]
fn the_commit_of_a_merge_queue_gets_its_check_and_no_comment() {
    let github = GitHub::start();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("brief.json", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(demo_brief().to_string().as_bytes()).unwrap();
    github.state().artifacts = vec![(3, 80, NEXT.to_owned(), zip.finish().unwrap().into_inner())];
    let branch = format!("gh-readonly-queue/main/pr-5-{HEAD}");
    let event = json!({"action": "completed", "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
        "workflow_run": {"id": 80, "event": "merge_group", "head_sha": NEXT, "head_branch": branch,
            "head_repository": {"id": 1, "full_name": "octo/shop"}, "conclusion": "success"}});
    github.job("workflow_run", &event).args(["publish", "--required"]).assert().success();
    let check = github.state().checks[0].clone();
    assert_eq!((&check["head_sha"], &check["conclusion"]), (&json!(NEXT), &json!("action_required")));
    assert_eq!(github.own_comments(), Vec::<String>::new());
}
