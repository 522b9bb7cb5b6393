//! A GitHub that remembers: it takes what the contract allows, answers with GitHub's own examples filled in from what
//! it was told, and fails in the ways it is asked to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::contract::{Call, Contract};

/// The user that the token writes as.
pub const BOT: u64 = 41_898_282;
/// Its login.
pub const BOT_LOGIN: &str = "github-actions[bot]";
/// The pull request.
pub const NUMBER: u64 = 5;
/// First head commit.
pub const HEAD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Head commit after a push.
pub const NEXT: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A way to fail, once.
#[derive(Clone)]
pub enum Fault {
    /// This status with this message and these headers.
    Status(u16, String, Vec<(&'static str, String)>),
    /// A page of a proxy.
    Html,
    /// No answer in time.
    Hang,
}

/// What it remembers.
#[derive(Default)]
pub struct State {
    pub comments: Vec<Value>,
    pub checks: Vec<Value>,
    pub annotations: Vec<Value>,
    pub labels: Vec<String>,
    pub issues: Vec<Value>,
    pub sarifs: Vec<Value>,
    pub reactions: Vec<(u64, String)>,
    pub files: Vec<(String, String)>,
    pub pull: Value,
    /// Other pull requests of the same branch.
    pub more_pulls: Vec<Value>,
    /// Pull requests on which we began a comment.
    pub commented: Vec<u64>,
    /// Accounts that wrote commits.
    pub authors: Vec<(u64, String)>,
    /// Login → (id, permission).
    pub people: BTreeMap<String, (u64, String)>,
    /// `org/team` → logins.
    pub teams: BTreeMap<String, Vec<String>>,
    /// Logins whose membership of a team is offered and not taken up.
    pub invited: Vec<String>,
    /// Artifacts: id, run, commit, zip.
    pub artifacts: Vec<(u64, u64, String, Vec<u8>)>,
    /// Runs of a fork.
    pub of_a_fork: Vec<u64>,
    /// Operation → faults still to come.
    pub faults: BTreeMap<String, Vec<Fault>>,
    /// Operations in the order in which they were called.
    pub calls: Vec<String>,
    /// Requests that are not as described.
    pub violations: Vec<String>,
    next: u64,
    clock: u64,
}

/// The server with its memory.
pub struct GitHub {
    server: MockServer,
    state: Arc<Mutex<State>>,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

struct Answering {
    contract: Contract,
    state: Arc<Mutex<State>>,
    url: Arc<Mutex<String>>,
}

impl GitHub {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        let state = Arc::new(Mutex::new(State { next: 1_000, ..State::default() }));
        let url = Arc::new(Mutex::new(server.uri()));
        let answering = Answering { contract: Contract::read(), state: Arc::clone(&state), url };
        runtime.block_on(Mock::given(wiremock::matchers::any()).respond_with(answering).mount(&server));
        let github = Self { server, state, folder: tempfile::tempdir().unwrap(), _runtime: runtime };
        {
            let mut state = github.state();
            state.pull = json!({"number": NUMBER, "state": "open", "head": {"sha": HEAD, "ref": "feature"},
                "user": {"login": "author", "id": 11, "type": "User"}});
            state.people.insert("author".to_owned(), (11, "write".to_owned()));
            state.people.insert(BOT_LOGIN.to_owned(), (BOT, "write".to_owned()));
        }
        github
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn url(&self) -> String {
        self.server.uri()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    pub fn fail(&self, operation: &str, fault: Fault) {
        self.state().faults.entry(operation.to_owned()).or_default().push(fault);
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|call| *call == operation).count()
    }

    /// Bodies of the comments of the token's own user.
    pub fn own_comments(&self) -> Vec<String> {
        let own = |comment: &&Value| comment["user"]["id"] == BOT;
        self.state().comments.iter().filter(own).map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// A command in a job of that event.
    pub fn job(&self, event: &str, payload: &Value) -> Command {
        let mut command = Command::cargo_bin("detente").unwrap();
        for name in ["outputs", "summary.md"] {
            let _ = std::fs::remove_file(self.path(name));
        }
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GITHUB_ACTIONS", "true")
            .env("CI", "true")
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", self.write("event.json", payload.to_string()))
            .env("GITHUB_REPOSITORY", "octo/shop")
            .env("GITHUB_API_URL", self.url())
            .env("GITHUB_SHA", "cccccccccccccccccccccccccccccccccccccccc")
            .env("GITHUB_RUN_ID", "77")
            .env("GITHUB_OUTPUT", self.path("outputs"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GITHUB_TOKEN", "ghs_test")
            .current_dir(self.folder.path());
        command
    }

    /// The contract was kept.
    pub fn assert_kept(&self) {
        let violations = self.state().violations.clone();
        assert_eq!(violations, Vec::<String>::new());
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        // Whatever a test is about, nothing may be sent that GitHub does not describe.
        if !std::thread::panicking() {
            self.assert_kept();
        }
    }
}

/// The event of a pull request.
pub fn pull_event(head: &str) -> Value {
    json!({"action": "synchronize", "number": NUMBER,
        "repository": {"id": 1, "full_name": "octo/shop", "default_branch": "main"},
        "sender": {"login": "author", "id": 11, "type": "User"},
        "pull_request": {"number": NUMBER, "user": {"login": "author", "id": 11, "type": "User"},
            "head": {"sha": head, "ref": "feature", "repo": {"id": 1}},
            "base": {"sha": "b".repeat(40), "ref": "main", "repo": {"id": 1}}}})
}

/// The brief of the demo: agreed, beyond tolerance.
pub fn demo_brief() -> Value {
    static BRIEF: OnceLock<Value> = OnceLock::new();
    let make = || {
        let output = Command::cargo_bin("detente").unwrap().args(["demo", "--format", "json"]).assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    };
    BRIEF.get_or_init(make).clone()
}

impl Respond for Answering {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.state.lock().unwrap();
        if request.url.path().starts_with("/elsewhere/") {
            return state.elsewhere(request);
        }
        let call = match self.contract.check(request) {
            Ok(call) => call,
            Err(violation) => {
                state.violations.push(violation);
                return message(422, "Validation Failed");
            }
        };
        state.calls.push(call.operation.clone());
        let fault = state.faults.get_mut(&call.operation).filter(|faults| !faults.is_empty());
        match fault.map(|faults| faults.remove(0)) {
            Some(Fault::Status(status, text, headers)) => {
                let answer = message(status, &text);
                headers.iter().fold(answer, |answer, (name, value)| answer.insert_header(*name, value.as_str()))
            }
            Some(Fault::Html) => ResponseTemplate::new(200).set_body_string("<html>Sign in to the proxy</html>"),
            Some(Fault::Hang) => ResponseTemplate::new(200).set_delay(Duration::from_secs(20)),
            None => state.answer(&call, &self.url.lock().unwrap()),
        }
    }
}

fn message(status: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"message": text, "documentation_url": "https://docs.github.com"}))
}

/// `example` with the fields of `own` in place of its own.
fn filled(example: &Value, own: &Value) -> Value {
    let mut filled = example.clone();
    for (name, value) in own.as_object().unwrap() {
        match (&mut filled[name], value) {
            (there @ Value::Object(_), Value::Object(_)) => *there = self::filled(there, value),
            (there, value) => *there = value.clone(),
        }
    }
    filled
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A moment later than all before.
    pub fn tick(&mut self) -> String {
        self.clock += 1;
        format!("2026-11-24T{:02}:{:02}:00Z", 8 + self.clock / 60, self.clock % 60)
    }

    /// A comment that is there.
    pub fn comment(&mut self, user: u64, login: &str, body: &str) -> u64 {
        let (id, now) = (self.number(), self.tick());
        self.comments.push(
            json!({"id": id, "html_url": format!("https://github.com/octo/shop/pull/5#issuecomment-{id}"),
            "body": body, "user": {"id": user, "login": login, "type": if user == BOT { "Bot" } else { "User" }},
            "created_at": now, "updated_at": now}),
        );
        id
    }

    /// Code that is kept elsewhere must not see the token.
    fn elsewhere(&mut self, request: &Request) -> ResponseTemplate {
        if request.headers.contains_key("authorization") {
            self.violations.push("the token was sent to another address".to_owned());
        }
        let id: u64 = request.url.path().rsplit('/').next().unwrap().parse().unwrap();
        let zip = self.artifacts.iter().find(|artifact| artifact.0 == id).unwrap().3.clone();
        ResponseTemplate::new(200).set_body_bytes(zip)
    }

    fn answer(&mut self, call: &Call, url: &str) -> ResponseTemplate {
        let good = |body: Value| ResponseTemplate::new(call.status).set_body_json(body);
        let id = |name: &str| call.path[name].parse::<u64>().unwrap();
        match call.operation.as_str() {
            "GET /user" => message(403, "Resource not accessible by integration"),
            "GET /users/{username}" => match self.people.get(&call.path["username"]) {
                Some((id, _)) => good(filled(&call.example, &json!({"id": id, "login": call.path["username"]}))),
                None => message(404, "Not Found"),
            },
            "GET /repos/{owner}/{repo}/pulls/{pull_number}" => {
                let counted = filled(&json!({"commits": self.authors.len()}), &self.pull);
                good(filled(&call.example, &counted))
            }
            "GET /repos/{owner}/{repo}/pulls" => {
                let branch = call.query.get("head").and_then(|head| head.split_once(':')).map(|(_, branch)| branch);
                let wanted = |pull: &&Value| {
                    pull["state"] == "open" && branch.is_none_or(|branch| pull["head"]["ref"] == branch)
                };
                let open = std::iter::once(&self.pull).chain(&self.more_pulls).filter(wanted);
                good(open.map(|pull| filled(&call.example[0], pull)).collect())
            }
            "GET /repos/{owner}/{repo}/pulls/{pull_number}/files" => {
                let file = |(name, patch): &(String, String)| json!({"filename": name, "patch": patch});
                let files = self.files.iter().map(|own| filled(&call.example[0], &file(own))).collect();
                page(call, url, files)
            }
            "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits" => {
                let account = |(id, login): &(u64, String)| {
                    json!({"author": {"id": id, "login": login, "type": "User"},
                    "committer": {"id": 19_864_447, "login": "web-flow", "type": "User"}})
                };
                page(call, url, self.authors.iter().map(|own| filled(&call.example[0], &account(own))).collect())
            }
            "GET /repos/{owner}/{repo}/issues/{issue_number}/comments" => {
                page(call, url, self.comments.iter().map(|own| filled(&call.example[0], own)).collect())
            }
            "POST /repos/{owner}/{repo}/issues/{issue_number}/comments" => {
                self.commented.push(id("issue_number"));
                self.comment(BOT, BOT_LOGIN, call.body["body"].as_str().unwrap());
                good(filled(&call.example, self.comments.last().unwrap()))
            }
            "GET /repos/{owner}/{repo}/issues/comments/{comment_id}" => {
                match self.comments.iter().find(|comment| comment["id"] == id("comment_id")) {
                    Some(comment) => good(filled(&call.example, comment)),
                    None => message(404, "Not Found"),
                }
            }
            "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}" => {
                let now = self.tick();
                match self.comments.iter_mut().find(|comment| comment["id"] == id("comment_id")) {
                    Some(comment) => {
                        comment["body"] = call.body["body"].clone();
                        comment["updated_at"] = now.into();
                        good(filled(&call.example, comment))
                    }
                    None => message(404, "Not Found"),
                }
            }
            "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}" => {
                self.comments.retain(|comment| comment["id"] != id("comment_id"));
                ResponseTemplate::new(204)
            }
            "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions" => {
                self.reactions.push((id("comment_id"), call.body["content"].as_str().unwrap().to_owned()));
                good(call.example.clone())
            }
            "GET /repos/{owner}/{repo}/commits/{ref}/check-runs" => {
                let of = |check: &&Value| check["head_sha"] == call.path["ref"].as_str();
                let runs: Vec<Value> = self.checks.iter().filter(of).cloned().collect();
                good(json!({"total_count": runs.len(), "check_runs": runs}))
            }
            "POST /repos/{owner}/{repo}/check-runs" => {
                let mut run = filled(&call.example, &call.body);
                run["id"] = self.number().into();
                run["html_url"] = format!("https://github.com/octo/shop/runs/{}", run["id"]).into();
                self.annotations.extend(call.body["output"]["annotations"].as_array().unwrap().iter().cloned());
                self.checks.push(run.clone());
                good(run)
            }
            "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}" => {
                self.annotations.extend(call.body["output"]["annotations"].as_array().unwrap().iter().cloned());
                good(call.example.clone())
            }
            "GET /repos/{owner}/{repo}/issues/{issue_number}/labels" => page(
                call,
                url,
                self.labels.iter().map(|name| filled(&call.example[0], &json!({"name": name}))).collect(),
            ),
            "POST /repos/{owner}/{repo}/issues/{issue_number}/labels" => {
                let names = call.body["labels"].as_array().unwrap();
                self.labels.extend(names.iter().map(|name| name.as_str().unwrap().to_owned()));
                good(call.example.clone())
            }
            "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}" => {
                self.labels.retain(|name| *name != call.path["name"]);
                good(call.example.clone())
            }
            "GET /repos/{owner}/{repo}/issues" => {
                page(call, url, self.issues.iter().map(|own| filled(&call.example[0], own)).collect())
            }
            "POST /repos/{owner}/{repo}/issues" => {
                let number = self.number();
                let mut issue = call.body.clone();
                issue["number"] = number.into();
                issue["state"] = "open".into();
                issue["user"] = json!({"id": BOT, "login": BOT_LOGIN});
                self.issues.push(issue.clone());
                issue.as_object_mut().unwrap().remove("labels");
                issue.as_object_mut().unwrap().remove("assignees");
                good(filled(&call.example, &issue))
            }
            "PATCH /repos/{owner}/{repo}/issues/{issue_number}" => {
                let issue = self.issues.iter_mut().find(|issue| issue["number"] == id("issue_number")).unwrap();
                *issue = filled(issue, &call.body);
                good(call.example.clone())
            }
            "POST /repos/{owner}/{repo}/code-scanning/sarifs" => {
                self.sarifs.push(call.body.clone());
                good(call.example.clone())
            }
            "GET /repos/{owner}/{repo}/collaborators/{username}/permission" => {
                match self.people.get(&call.path["username"]) {
                    Some((id, permission)) => good(filled(
                        &call.example,
                        &json!({"permission": permission, "role_name": permission,
                            "user": {"id": id, "login": call.path["username"]}}),
                    )),
                    None => message(404, "Not Found"),
                }
            }
            "GET /orgs/{org}/teams/{team_slug}/memberships/{username}" => {
                let team = format!("{}/{}", call.path["org"], call.path["team_slug"]);
                match self.teams.get(&team) {
                    Some(members) if members.contains(&call.path["username"]) => {
                        let state = if self.invited.contains(&call.path["username"]) { "pending" } else { "active" };
                        good(filled(&call.example, &json!({"state": state})))
                    }
                    _ => message(404, "Not Found"),
                }
            }
            "GET /repos/{owner}/{repo}/actions/artifacts" => self.artifact_list(call, |_| true),
            "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts" => {
                let run = id("run_id");
                self.artifact_list(call, |artifact| artifact.1 == run)
            }
            "GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}" => {
                // Another origin, as GitHub's own store is.
                let place = format!("{}/elsewhere/{}", url.replace("127.0.0.1", "localhost"), call.path["artifact_id"]);
                ResponseTemplate::new(302).insert_header("location", place.as_str())
            }
            other => panic!("{other} is described and not answered"),
        }
    }

    fn artifact_list(&self, call: &Call, wanted: impl Fn(&&(u64, u64, String, Vec<u8>)) -> bool) -> ResponseTemplate {
        let artifact = |artifact: &(u64, u64, String, Vec<u8>)| {
            let mut run = json!({"id": artifact.1, "head_sha": artifact.2});
            if self.of_a_fork.contains(&artifact.1) {
                run["head_repository_id"] = 2.into();
            }
            filled(
                &call.example["artifacts"][0],
                &json!({"id": artifact.0, "name": "detente-brief", "expired": false, "workflow_run": run}),
            )
        };
        let artifacts: Vec<Value> = self.artifacts.iter().filter(wanted).map(artifact).collect();
        ResponseTemplate::new(200).set_body_json(json!({"total_count": artifacts.len(), "artifacts": artifacts}))
    }
}

/// One page of a list, with the link to the next as GitHub writes it.
fn page(call: &Call, url: &str, all: Vec<Value>) -> ResponseTemplate {
    let number = |name: &str, default| call.query.get(name).map_or(default, |value| value.parse::<usize>().unwrap());
    let (size, page) = (number("per_page", 30), number("page", 1));
    let shown: Vec<Value> = all.iter().skip(size * (page - 1)).take(size).cloned().collect();
    let answer = ResponseTemplate::new(200).set_body_json(shown);
    if all.len() <= size * page {
        return answer;
    }
    let (_, route) = call.operation.split_once(' ').unwrap();
    let path =
        call.path.iter().fold(route.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
    let rest: String = call
        .query
        .iter()
        .filter(|(name, _)| *name != "page")
        .map(|(name, value)| format!("{name}={}&", value.replace(' ', "%20").replace(':', "%3A")))
        .collect();
    answer.insert_header("link", format!("<{url}{}{path}?{rest}page={}>; rel=\"next\"", call.prefix, page + 1).as_str())
}
