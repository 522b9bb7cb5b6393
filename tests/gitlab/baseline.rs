//! What stood on the target branch before, by its own pipelines: what was there is nobody's new finding, so only those count
//! that nobody could write who may not push there, and nothing is taken to be new or old where they cannot be had.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::{Fault, GitLab};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/demo");
const BASE: [&str; 3] = ["gitleaks.sarif", "semgrep.json", "trivy.json"];
const CHANGE: [&str; 3] = ["gitleaks.json", "semgrep.json", "trivy.json"];
const ARTIFACTS: &str = "GET /projects/7/jobs/4010/artifacts";

/// A checkout of a merge request's head, with its reports, and an instance that knows its target.
struct Stage {
    gitlab: GitLab,
    checkout: PathBuf,
    /// Where the change left the target, a commit before that, and the change.
    left: String,
    earlier: String,
    head: String,
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An archive of artifacts as GitLab hands it out.
fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sample(kind: &str, names: &[&str]) -> Vec<u8> {
    let read = |name: &&str| std::fs::read(format!("{SAMPLES}/{kind}/{name}")).unwrap();
    let files: Vec<(String, Vec<u8>)> = names.iter().map(|name| (format!("results/{name}"), read(name))).collect();
    archive(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect::<Vec<_>>())
}

impl Stage {
    fn set() -> Self {
        let gitlab = GitLab::start();
        let (remote, checkout) = (gitlab.path("origin.git"), gitlab.path("checkout"));
        git(&gitlab.path(""), &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        git(&gitlab.path(""), &["clone", "-q", remote.to_str().unwrap(), "checkout"]);
        let commit = |file: &str| {
            std::fs::write(checkout.join(file), file).unwrap();
            git(&checkout, &["add", file]);
            git(&checkout, &["commit", "-q", "-m", file]);
            git(&checkout, &["rev-parse", "HEAD"])
        };
        git(&checkout, &["checkout", "-q", "-b", "main"]);
        let (earlier, left) = (commit("one"), commit("two"));
        git(&checkout, &["push", "-q", "origin", "main"]);
        git(&checkout, &["checkout", "-q", "-b", "change"]);
        let head = commit("three");
        std::fs::create_dir_all(checkout.join("results")).unwrap();
        for name in CHANGE {
            std::fs::copy(format!("{SAMPLES}/change/{name}"), checkout.join("results").join(name)).unwrap();
        }
        gitlab.state().target.protected = true;
        Self { gitlab, checkout, left, earlier, head }
    }

    /// A stage whose target had an honest pipeline, number 401, where the change left it.
    fn with_pipeline() -> Self {
        let stage = Self::set();
        stage.gitlab.state().target.ran(401, &stage.left, sample("base", &BASE));
        stage
    }

    fn gate(&self, more: &[&str]) -> Value {
        let mut job = self.gitlab.job();
        job.env("CI_PROJECT_DIR", &self.checkout).env("CI_COMMIT_SHA", &self.head).current_dir(&self.checkout);
        told(job.arg("gate").args(["--format", "json", "--now", "2026-11-24T09:30:00Z"]).args(more))
    }
}

fn told(command: &mut assert_cmd::Command) -> Value {
    let output = command.output().unwrap();
    let code = output.status.code().unwrap();
    assert!([0, 1, 3].contains(&code), "{code}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every finding with where it comes from.
fn origins(brief: &Value) -> BTreeMap<String, String> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = brief["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(finding, "id"), text(finding, "origin"))).collect()
}

fn notices(brief: &Value) -> String {
    brief["notices"].as_array().unwrap().iter().map(|notice| notice.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_target_had_is_what_its_reports_say() {
    let stage = Stage::with_pipeline();
    // What its jobs left comes from several of them, page by page.
    {
        let mut state = stage.gitlab.state();
        state.page = 1;
        state.target.archives.insert(4010, sample("base", &BASE[..2]));
        state.target.left(401, "trivy", sample("base", &BASE[2..]));
    }
    let by_pipeline = stage.gate(&[]);
    let by_hand = stage.gate(&["--base-report", &format!("{SAMPLES}/base")]);
    assert_eq!(origins(&by_pipeline), origins(&by_hand));
    let kinds: Vec<String> = origins(&by_pipeline).into_values().collect();
    for kind in ["introduced", "ambient", "resolved"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
    let said = notices(&by_pipeline);
    let short = &stage.left[..10];
    assert!(
        said.contains(&format!(
            "its pipeline 401, which ran for {short}, the commit that the change builds on. Read were"
        )) && said.contains(&format!("main@{short}:results/trivy.json")),
        "{said}"
    );
    let evidence = by_pipeline["findings"].to_string();
    assert!(evidence.contains(&format!("also in the base report main@{short}:results/")), "{evidence}");
    assert!(!notices(&by_hand).contains("pipeline"), "whoever gives reports is not told of others");
    assert_eq!(stage.gitlab.count(ARTIFACTS), 1);
    // The same when the reports are named, from wherever.
    let named = stage.gate(&["results"]);
    assert_eq!(origins(&named), origins(&by_pipeline));
    let others = stage.gate(&["results/semgrep.json"]);
    assert!(notices(&others).contains("results/semgrep.json") && !notices(&others).contains("trivy.json"));
}

/// The latest pipeline says that everything was there before. Each of these could have been had by whoever wrote the change.
#[test]
fn pipelines_that_are_not_the_targets_own_do_not_count() {
    let honest = origins(&Stage::with_pipeline().gate(&[]));
    let forged = |change: &dyn Fn(&Stage, &mut Value, &mut Value)| {
        let stage = Stage::with_pipeline();
        let mut state = stage.gitlab.state();
        state.target.ran(402, &stage.left, sample("change", &CHANGE));
        let (mut pipeline, mut job) = (state.target.pipelines[0].clone(), state.target.jobs[&402][0].clone());
        change(&stage, &mut pipeline, &mut job);
        state.target.pipelines[0] = pipeline;
        state.target.jobs.insert(402, vec![job]);
        drop(state);
        let brief = stage.gate(&[]);
        (origins(&brief), notices(&brief))
    };
    // Nothing is wrong with it: it counts.
    let (found, said) = forged(&|_, _, _| {});
    assert!(found != honest && said.contains("pipeline 402"), "{said}");
    let source =
        |source: &'static str| move |_: &Stage, pipeline: &mut Value, _: &mut Value| pipeline["source"] = source.into();
    for (what, change) in [
        ("of a merge request", &source("merge_request_event") as &dyn Fn(&Stage, &mut Value, &mut Value)),
        ("of a pull request elsewhere", &source("external_pull_request_event")),
        ("begun with a token by somebody", &source("trigger")),
        ("begun by a pipeline", &source("parent_pipeline")),
        ("of a fork", &|_, pipeline, _| pipeline["project_id"] = 8.into()),
        ("of the change itself", &|stage, pipeline, _| pipeline["sha"] = stage.head.clone().into()),
        ("of a commit that nobody has", &|_, pipeline, _| pipeline["sha"] = "b".repeat(40).into()),
        ("of a tag with the branch's name", &|_, _, job| job["tag"] = true.into()),
        ("that does not say whether it is of a tag", &|_, _, job| job["tag"] = Value::Null),
        ("of another branch", &|_, _, job| job["ref"] = "change".into()),
    ] {
        let (found, said) = forged(change);
        assert_eq!(found, honest, "a pipeline {what}: {said}");
        assert!(said.contains("pipeline 401"), "a pipeline {what}: {said}");
    }
    // Where everybody may push, everybody may write what is there.
    let stage = Stage::with_pipeline();
    stage.gitlab.state().target.protected = false;
    let said = notices(&stage.gate(&[]));
    assert!(said.contains("main is not protected"), "{said}");
}

#[test]
fn an_earlier_pipeline_counts_and_is_said_to_be_one() {
    let stage = Stage::set();
    {
        let mut state = stage.gitlab.state();
        state.target.ran(400, &stage.earlier, sample("base", &BASE));
        // The latest one ran no scanner.
        state.target.ran(401, &stage.left, archive(&[("site/index.html", b"<html>".to_vec())]));
    }
    let said = notices(&stage.gate(&[]));
    let (at, left) = (&stage.earlier[..10], &stage.left[..10]);
    assert!(
        said.contains(&format!(
            "pipeline 400, which ran for {at}, before the commit that the change builds on ({left})"
        )),
        "{said}"
    );
}

#[test]
fn what_cannot_be_had_is_said_and_changes_nothing() {
    let none = Stage::set();
    let by_git = none.gate(&[]);
    let said = notices(&by_git);
    assert!(said.contains("git alone tells what is new") && said.contains("that the change builds on"), "{said}");
    let by_git = origins(&by_git);

    let list = "GET /projects/7/pipelines";
    let text = |status: u16, text: &str| Fault::Status(status, json!({ "message": text }));
    for (call, fault, says) in [
        ("GET /projects/7/repository/branches/main", text(404, "404 Branch Not Found"), "look the target branch up"),
        (list, text(403, "403 Forbidden"), "scope read_api, role Reporter"),
        (list, text(401, "401 Unauthorized"), "does not accept the token"),
        (list, Fault::Limit(60), "asks to wait 60 s"),
        (list, Fault::Html, "whether a proxy stands in between"),
        (list, Fault::Redirect("https://elsewhere.example/".to_owned()), "redirect"),
        ("GET /projects/7/pipelines/401/jobs", text(403, "403 Forbidden"), "role Reporter"),
        (ARTIFACTS, text(403, "403 Forbidden"), "the artifacts of semgrep: the token may not read the artifacts"),
        (ARTIFACTS, text(404, "404 Not Found"), "the artifacts of semgrep: they are gone"),
        (ARTIFACTS, Fault::Html, "it is no archive"),
    ] {
        let stage = Stage::with_pipeline();
        stage.gitlab.fail(call, fault);
        let brief = stage.gate(&[]);
        assert!(notices(&brief).contains(says), "{call}: {}", notices(&brief));
        assert_eq!(origins(&brief), by_git, "{call}");
    }
    // What is refused once is not asked for again and again.
    let stage = Stage::with_pipeline();
    {
        let mut state = stage.gitlab.state();
        (0..30).for_each(|job| state.target.left(401, &format!("job {job}"), sample("base", &BASE)));
    }
    stage.gitlab.fail(ARTIFACTS, text(403, "403 Forbidden"));
    stage.gate(&[]);
    let asked = stage.gitlab.state().calls.iter().filter(|call| call.ends_with("/artifacts")).count();
    assert_eq!(asked, 1);
    // Of many that are gone some are named.
    stage.gitlab.state().target.archives.clear();
    let said = notices(&stage.gate(&[]));
    assert!(said.contains("the artifacts of job 11: they are gone; and 28 more of the kind"), "{said}");
    // Faults are waited for, not for long.
    let stage = Stage::with_pipeline();
    (0..5).for_each(|_| stage.gitlab.fail(list, text(502, "bad gateway")));
    assert!(notices(&stage.gate(&[])).contains("(answer 502)"));

    // Without a token of the project there is that of the job, which may not list pipelines.
    let stage = Stage::with_pipeline();
    let mut job = stage.gitlab.job();
    job.env("CI_PROJECT_DIR", &stage.checkout).env("CI_COMMIT_SHA", &stage.head).env_remove("DETENTE_GITLAB_TOKEN");
    let brief =
        told(job.current_dir(&stage.checkout).args(["gate", "--format", "json", "--now", "2026-11-24T09:30:00Z"]));
    assert!(notices(&brief).contains("give a token that has it in DETENTE_GITLAB_TOKEN"), "{}", notices(&brief));
    assert_eq!(origins(&brief), by_git);
}

#[test]
fn hostile_archives_are_looked_into_no_further() {
    let by_git = origins(&Stage::set().gate(&[]));
    let semgrep = std::fs::read(format!("{SAMPLES}/base/semgrep.json")).unwrap();
    let cut = sample("base", &BASE);
    let grown = [
        br#"{"version":"15.0.4","scan":{"type":"sast","status":"success"},"vulnerabilities":["#.as_slice(),
        &vec![b' '; 80 << 20],
        b"]}",
    ]
    .concat();
    for (what, bytes, says) in [
        ("leads out", archive(&[("../results/semgrep.json", semgrep.clone())]), "leads out of it"),
        ("is elsewhere", archive(&[("tests/fixtures/semgrep.json", semgrep)]), "left a report where this one looks"),
        ("is cut off", cut[..cut.len() / 2].to_vec(), "damaged archive"),
        ("grows", archive(&[("gl-sast-report.json", grown)]), "times its size"),
    ] {
        let stage = Stage::with_pipeline();
        stage.gitlab.state().target.archives.insert(4010, bytes);
        let brief = stage.gate(&[]);
        assert!(notices(&brief).contains(says), "what {what}: {}", notices(&brief));
        assert_eq!(origins(&brief), by_git, "what {what}");
        assert!(!stage.gitlab.path("results").exists(), "nothing is unpacked");
    }
    let stage = Stage::with_pipeline();
    stage.gitlab.state().target.jobs.get_mut(&401).unwrap()[0]["artifacts"][0]["size"] = json!(1_u64 << 40);
    assert!(notices(&stage.gate(&[])).contains("more than is looked into"));
    assert_eq!(stage.gitlab.count(ARTIFACTS), 0, "it is not even asked for");
}

/// Large instances keep artifacts in a store of somebody else and refer to it.
#[test]
fn the_token_is_not_shown_to_the_store_that_keeps_the_artifacts() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(MockServer::start());
    let answer = ResponseTemplate::new(200).set_body_raw(sample("base", &BASE), "application/zip");
    runtime.block_on(Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&store));
    let stage = Stage::with_pipeline();
    stage.gitlab.fail(ARTIFACTS, Fault::Redirect(format!("{}/bucket/artifacts.zip?signed=yes", store.uri())));
    let said = notices(&stage.gate(&[]));
    assert!(said.contains("pipeline 401"), "{said}");
    let asked = runtime.block_on(store.received_requests()).unwrap();
    assert_eq!(asked.len(), 1);
    let headers = &asked[0].headers;
    assert!(!headers.contains_key("private-token") && !headers.contains_key("job-token"), "{headers:?}");
}
