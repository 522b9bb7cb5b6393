//! A GitLab that remembers: notes, threads, statuses, labels, members. It knows which token may do what, refuses what the real
//! one refuses (fields it does not know are refused here, too), pages by number and by key, and fails as it is asked to.

#![expect(clippy::result_large_err, reason = "a test server: the answer is the error")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use assert_cmd::Command;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::target::Target;

/// Head commit of the merge request.
pub const HEAD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The account of the project's token.
pub const BOT: u64 = 70;
/// Token of the project.
pub const TOKEN: &str = "glpat-project";
/// Token of the job.
pub const JOB_TOKEN: &str = "glcbt-job";
/// Path of the merge request.
pub const MERGE_REQUEST: &str = "/projects/7/merge_requests/12";

/// A way to fail, once.
#[derive(Clone)]
pub enum Fault {
    /// This status with this body.
    Status(u16, Value),
    /// Too many requests, again after so many seconds.
    Limit(u64),
    /// A page of a proxy.
    Html,
    /// A redirect to elsewhere.
    Redirect(String),
}

/// What it remembers.
#[derive(Default)]
pub struct State {
    pub discussions: Vec<Value>,
    pub notes: Vec<Value>,
    pub awards: BTreeMap<u64, Vec<Value>>,
    pub statuses: Vec<Value>,
    pub issues: Vec<Value>,
    /// What the merge request's pipeline left behind.
    pub brief: Option<Value>,
    pub target: Target,
    pub merge_request: Value,
    /// Other open merge requests, in front of it.
    pub more_open: Vec<Value>,
    /// A thread that another pipeline begins just before ours.
    pub race: Option<Value>,
    /// Its commits.
    pub commits: Vec<Value>,
    pub users: BTreeMap<u64, Value>,
    /// (`groups/…` or `projects/…`, account) → access level.
    pub members: BTreeMap<(String, u64), u64>,
    /// Who started the job.
    pub job_user: u64,
    /// `METHOD path` → faults still to come.
    pub faults: BTreeMap<String, Vec<Fault>>,
    pub calls: Vec<String>,
    pub violations: Vec<String>,
    /// Whether it is of a version that knows no status "skipped".
    pub old: bool,
    /// How many rows a page holds at most.
    pub page: usize,
    next: u64,
}

pub struct GitLab {
    server: MockServer,
    state: Arc<Mutex<State>>,
    pub folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

struct Answering {
    state: Arc<Mutex<State>>,
}

impl GitLab {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        let state = State { next: 1_000, page: 100, job_user: 21, ..State::default() };
        let state = Arc::new(Mutex::new(state));
        let answering = Answering { state: Arc::clone(&state) };
        runtime.block_on(Mock::given(wiremock::matchers::any()).respond_with(answering).mount(&server));
        let gitlab = Self { server, state, folder: tempfile::tempdir().unwrap(), _runtime: runtime };
        {
            let mut state = gitlab.state();
            state.merge_request = json!({"iid": 12, "sha": HEAD, "state": "opened", "target_branch": "main",
                "labels": ["backend", "detente: unresolved"],
                "author": {"id": 11, "username": "author"}, "web_url": "https://gitlab.example/shop/-/merge_requests/12"});
            for (id, name, bot) in [
                (11, "author", false),
                (21, "sec", false),
                (22, "delivery", false),
                (66, "stranger", false),
                (BOT, "project_7_bot_0a", true),
            ] {
                state.users.insert(id, json!({"id": id, "username": name, "state": "active", "bot": bot}));
            }
            for id in [11, 21, 22, BOT] {
                state.members.insert(("projects/7".to_owned(), id), 30);
            }
        }
        gitlab
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn fail(&self, call: &str, fault: Fault) {
        self.state().faults.entry(call.to_owned()).or_default().push(fault);
    }

    pub fn count(&self, call: &str) -> usize {
        self.state().calls.iter().filter(|known| *known == call).count()
    }

    /// Somebody writes a note.
    pub fn says(&self, user: u64, body: &str, edited: bool) -> u64 {
        let mut state = self.state();
        let author = state.users[&user].clone();
        let id = state.number();
        let changed = if edited { "2026-11-24T09:59:00.000Z" } else { "2026-11-24T09:40:00.120Z" };
        state.notes.push(json!({"id": id, "body": body, "author": author, "system": false, "resolvable": false,
            "created_at": "2026-11-24T09:40:00.000Z", "updated_at": changed}));
        id
    }

    /// A command in a job of a merge request pipeline.
    pub fn job(&self) -> Command {
        let mut command = Command::cargo_bin("detente").unwrap();
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("CI", "true")
            .env("GITLAB_CI", "true")
            .env("CI_API_V4_URL", format!("{}/api/v4", self.server.uri()))
            .env("CI_SERVER_URL", "https://gitlab.example")
            .env("CI_PROJECT_ID", "7")
            .env("CI_PROJECT_PATH", "group/shop")
            .env("CI_MERGE_REQUEST_PROJECT_ID", "7")
            .env("CI_MERGE_REQUEST_IID", "12")
            .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
            .env("CI_COMMIT_SHA", HEAD)
            .env("CI_COMMIT_REF_NAME", "change")
            .env("CI_PIPELINE_ID", "5001")
            .env("CI_JOB_URL", "https://gitlab.example/group/shop/-/jobs/9")
            .env("CI_JOB_TOKEN", JOB_TOKEN)
            .env("DETENTE_GITLAB_TOKEN", TOKEN)
            // A variable of the job's own configuration: nothing may believe it.
            .env("GITLAB_USER_ID", "22")
            .env("GITLAB_USER_LOGIN", "delivery")
            .current_dir(self.folder.path());
        command
    }
}

impl Drop for GitLab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.state().violations, Vec::<String>::new());
        }
    }
}

impl Respond for Answering {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.state.lock().unwrap();
        let method = request.method.to_string();
        let Some(path) = request.url.path().strip_prefix("/api/v4") else {
            state.violations.push(format!("outside the interface: {}", request.url));
            return ResponseTemplate::new(404);
        };
        let call = format!("{method} {path}");
        state.calls.push(call.clone());
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let token = (header("private-token"), header("job-token"));
        // A job's own token may ask which job it is of; of what is used here, nothing else.
        match token {
            (Some(TOKEN), None) if path != "/job" => {}
            (None, Some(JOB_TOKEN)) if path == "/job" => {}
            (Some(TOKEN), None) | (None, Some(JOB_TOKEN)) => return said(403, "403 Forbidden"),
            _ => return said(401, "401 Unauthorized"),
        }
        if let Some(faults) = state.faults.get_mut(&call).filter(|faults| !faults.is_empty()) {
            return match faults.remove(0) {
                Fault::Status(status, body) => ResponseTemplate::new(status).set_body_json(body),
                Fault::Limit(seconds) => {
                    said(429, "Too Many Requests").insert_header("Retry-After", seconds.to_string().as_str())
                }
                Fault::Html => ResponseTemplate::new(200).set_body_string("<html>Sign in to the proxy</html>"),
                Fault::Redirect(to) => ResponseTemplate::new(302).insert_header("Location", to.as_str()),
            };
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let query = request.url.query_pairs().into_owned().collect();
        match state.answer(&method, path, &query, &body) {
            Ok(Answer::List(rows)) => state.paged(request, &rows),
            Ok(Answer::One(status, value)) => ResponseTemplate::new(status).set_body_json(value),
            Ok(Answer::File(bytes)) => ResponseTemplate::new(200).set_body_raw(bytes, "application/octet-stream"),
            Ok(Answer::Nothing) => ResponseTemplate::new(204),
            Err(template) => template,
        }
    }
}

enum Answer {
    List(Vec<Value>),
    One(u16, Value),
    File(Vec<u8>),
    Nothing,
}

fn said(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A page; threads are paged by a key, everything else by number. Behind a proxy GitLab may call itself by another name.
    fn paged(&self, request: &Request, rows: &[Value]) -> ResponseTemplate {
        let query: BTreeMap<String, String> =
            request.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let size = query.get("per_page").map_or(20, |size| size.parse::<usize>().unwrap()).min(self.page);
        let by_key = request.url.path().ends_with("/discussions");
        let from = match (query.get("cursor"), query.get("page")) {
            (Some(cursor), _) => cursor.strip_prefix("k,").unwrap().parse::<usize>().unwrap(),
            (None, Some(page)) => (page.parse::<usize>().unwrap() - 1) * size,
            _ => 0,
        };
        let page: Vec<Value> = rows.iter().skip(from).take(size).cloned().collect();
        let answer = ResponseTemplate::new(200).set_body_json(page);
        if from + size >= rows.len() {
            return answer;
        }
        let next = if by_key { format!("cursor=k,{}", from + size) } else { format!("page={}", from / size + 2) };
        let path = request.url.path();
        let link = format!(
            "<http://gitlab.internal{path}?per_page={size}>; rel=\"first\", <http://gitlab.internal{path}?per_page={size}&{next}>; rel=\"next\""
        );
        answer.insert_header("Link", link.as_str())
    }

    /// That a body has the fields that the documentation names, and no other.
    fn check(
        &mut self,
        call: &str,
        body: &Value,
        required: &[&str],
        optional: &[&str],
    ) -> Result<(), ResponseTemplate> {
        let fields = body.as_object().cloned().unwrap_or_default();
        for name in required {
            if !fields.contains_key(*name) {
                return Err(ResponseTemplate::new(400).set_body_json(json!({ "error": format!("{name} is missing") })));
            }
        }
        for name in
            fields.keys().filter(|name| !required.contains(&name.as_str()) && !optional.contains(&name.as_str()))
        {
            self.violations.push(format!("{call}: unknown field {name}"));
        }
        Ok(())
    }

    fn note(&mut self, user: u64, body: &Value, resolvable: bool) -> Value {
        let id = self.number();
        // GitLab takes blank ends away.
        let text = body["body"].as_str().unwrap().trim_end();
        json!({"id": id, "body": text, "author": self.users[&user].clone(), "system": false, "resolvable": resolvable,
            "resolved": false, "created_at": "2026-11-24T09:31:00.000Z", "updated_at": "2026-11-24T09:31:00.000Z"})
    }

    fn answer(
        &mut self,
        method: &str,
        path: &str,
        query: &BTreeMap<String, String>,
        body: &Value,
    ) -> Result<Answer, ResponseTemplate> {
        let call = format!("{method} {path}");
        let rest = path.strip_prefix(MERGE_REQUEST);
        let parts: Vec<&str> = rest.unwrap_or(path).split('/').filter(|part| !part.is_empty()).collect();
        match (method, rest.is_some(), parts.as_slice()) {
            ("GET", false, ["user"]) => Ok(Answer::One(200, self.users[&BOT].clone())),
            ("GET", false, ["job"]) => {
                let user = self.users.get(&self.job_user).cloned();
                Ok(Answer::One(
                    200,
                    json!({"id": 9, "name": "choose", "user": user, "web_url": "https://gitlab.example/group/shop/-/jobs/9"}),
                ))
            }
            ("GET", false, ["users", id]) => {
                let user = self.users.get(&id.parse().unwrap()).cloned();
                user.map(|user| Answer::One(200, user)).ok_or_else(|| said(404, "404 User Not Found"))
            }
            ("GET", false, [kind @ ("groups" | "projects"), name, "members", "all", id]) => {
                let key = (format!("{kind}/{name}"), id.parse().unwrap());
                let level = self.members.get(&key).copied();
                level
                    .map(|level| Answer::One(200, json!({"id": key.1, "state": "active", "access_level": level})))
                    .ok_or_else(|| said(404, "404 Not found"))
            }
            ("GET", false, ["projects", "7", "repository", "commits", head, "statuses"])
                if self.merge_request["sha"] == **head || head.starts_with("ccc") =>
            {
                Ok(Answer::List(self.statuses.clone()))
            }
            ("POST", false, ["projects", "7", "statuses", head])
                if self.merge_request["sha"] == **head || head.starts_with("ccc") =>
            {
                self.check(
                    &call,
                    body,
                    &["state"],
                    &["ref", "name", "context", "target_url", "description", "coverage", "pipeline_id"],
                )?;
                // The pipeline of a merge request goes by the merge request's ref, not by its branch's name.
                let pipelines_ref = body.get("ref").is_none_or(|name| *name == "refs/merge-requests/12/head");
                if body.get("pipeline_id").is_some_and(|id| *id != 5001) || !pipelines_ref {
                    return Err(said(404, "404 Pipeline for pipeline_id, sha and ref Not Found"));
                }
                // GitLab takes the job of that name for an earlier try, and shows it no more.
                if !body["name"].as_str().unwrap().starts_with("detente: verdict") {
                    self.violations.push(format!("{call}: a job of the component is called so, too: {}", body["name"]));
                }
                let states: &[&str] = if self.old {
                    &["pending", "running", "success", "failed", "canceled"]
                } else {
                    &["pending", "running", "success", "failed", "canceled", "skipped"]
                };
                if !states.contains(&body["state"].as_str().unwrap()) {
                    return Err(said(400, "state does not have a valid value"));
                }
                let same = |known: &&Value| known["name"] == body["name"];
                // What has ended stays as it was, and a new one stands in its place.
                self.statuses.retain(|known| !same(&known));
                self.statuses
                    .push(json!({"name": body["name"], "status": body["state"], "description": body["description"]}));
                Ok(Answer::One(201, json!({"status": body["state"]})))
            }
            ("GET", false, ["projects", "7", "issues"]) => Ok(Answer::List(self.issues.clone())),
            ("POST", false, ["projects", "7", "issues"]) => {
                self.check(
                    &call,
                    body,
                    &["title"],
                    &["description", "labels", "due_date", "confidential", "weight", "assignee_ids"],
                )?;
                let assignees = body["assignee_ids"].as_array().cloned().unwrap_or_default();
                if assignees.iter().any(|id| !self.users.contains_key(&id.as_u64().unwrap())) {
                    return Err(said(400, "assignee_ids is invalid"));
                }
                let mut issue = body.clone();
                issue["iid"] = (self.issues.len() + 1).into();
                issue["state"] = "opened".into();
                issue["author"] = self.users[&BOT].clone();
                issue["web_url"] = format!("https://gitlab.example/group/shop/-/issues/{}", issue["iid"]).into();
                // GitLab takes blank ends away.
                issue["description"] = body["description"].as_str().unwrap().trim_end().into();
                self.issues.push(issue.clone());
                Ok(Answer::One(201, issue))
            }
            ("PUT", false, ["projects", "7", "issues", iid]) => {
                self.check(&call, body, &[], &["title", "description", "due_date", "state_event"])?;
                let issue = self.issues.iter_mut().find(|issue| issue["iid"] == iid.parse::<u64>().unwrap()).unwrap();
                for name in ["title", "description", "due_date"] {
                    if let Some(value) = body.get(name) {
                        issue[name] = value.clone();
                    }
                }
                match body["state_event"].as_str() {
                    Some("close") => issue["state"] = "closed".into(),
                    Some("reopen") => issue["state"] = "opened".into(),
                    None => {}
                    Some(_) => return Err(said(400, "state_event does not have a valid value")),
                }
                Ok(Answer::One(200, issue.clone()))
            }
            ("GET", true, []) => Ok(Answer::One(200, self.merge_request.clone())),
            ("PUT", true, []) => {
                self.check(&call, body, &[], &["add_labels", "remove_labels"])?;
                let names = |field: &str| -> Vec<String> {
                    body[field]
                        .as_str()
                        .unwrap_or_default()
                        .split(',')
                        .filter(|n| !n.is_empty())
                        .map(str::to_owned)
                        .collect()
                };
                let labels = self.merge_request["labels"].as_array_mut().unwrap();
                labels.retain(|label| !names("remove_labels").iter().any(|name| label == name));
                labels.extend(names("add_labels").into_iter().map(Value::from));
                Ok(Answer::One(200, self.merge_request.clone()))
            }
            ("GET", true, ["commits"]) => Ok(Answer::List(self.commits.clone())),
            ("GET", true, ["discussions"]) => Ok(Answer::List(self.discussions.clone())),
            ("POST", true, ["discussions"]) => {
                self.check(&call, body, &["body"], &[])?;
                self.discussions.extend(self.race.take());
                let note = self.note(BOT, body, true);
                let thread = json!({"id": format!("d{}", note["id"]), "individual_note": false, "notes": [note]});
                self.discussions.push(thread.clone());
                Ok(Answer::One(201, thread))
            }
            ("PUT", true, ["discussions", id]) => {
                self.check(&call, body, &["resolved"], &[])?;
                let thread = self.thread(id)?;
                thread["notes"][0]["resolved"] = body["resolved"].clone();
                Ok(Answer::One(200, thread.clone()))
            }
            ("POST", true, ["discussions", id, "notes"]) => {
                self.check(&call, body, &["body"], &[])?;
                let note = self.note(BOT, body, true);
                self.thread(id)?["notes"].as_array_mut().unwrap().push(note.clone());
                Ok(Answer::One(201, note))
            }
            ("PUT", true, ["discussions", id, "notes", _]) => {
                self.check(&call, body, &["body"], &[])?;
                let thread = self.thread(id)?;
                thread["notes"][0]["body"] = body["body"].as_str().unwrap().trim_end().into();
                Ok(Answer::One(200, thread["notes"][0].clone()))
            }
            ("DELETE", true, ["discussions", id, "notes", _]) => {
                self.discussions.retain(|thread| thread["id"] != *id);
                Ok(Answer::Nothing)
            }
            // As a schedule sees it: an open merge request, whose second pipeline judged it.
            ("GET", false, ["projects", "7", "merge_requests"]) => {
                Ok(Answer::List(self.more_open.iter().chain([&self.merge_request]).cloned().collect()))
            }
            ("GET", true, ["pipelines"]) => {
                Ok(Answer::List(vec![json!({"id": 502, "project_id": 7}), json!({"id": 501, "project_id": 7})]))
            }
            ("GET", false, ["projects", "7", "pipelines", "502", "jobs"]) => {
                Ok(Answer::List(vec![json!({"id": 9, "name": "build"})]))
            }
            ("GET", false, ["projects", "7", "pipelines", "501", "jobs"]) => {
                Ok(Answer::List(vec![json!({"id": 11, "name": "build"}), json!({"id": 12, "name": "detente"})]))
            }
            ("GET", false, ["projects", "7", "jobs", "12", "artifacts", "brief.json"]) => {
                self.brief.clone().map(|brief| Answer::One(200, brief)).ok_or_else(|| said(404, "404 Not Found"))
            }
            ("GET", false, ["projects", "7", "repository", "branches", name]) => {
                Ok(Answer::One(200, json!({"name": name, "protected": self.target.protected})))
            }
            ("GET", false, ["projects", "7", "pipelines"]) => Ok(Answer::List(self.target.listed(query))),
            ("GET", false, ["projects", "7", "pipelines", id, "jobs"]) => {
                Ok(Answer::List(self.target.jobs.get(&id.parse().unwrap()).cloned().unwrap_or_default()))
            }
            ("GET", false, ["projects", "7", "jobs", id, "artifacts"]) => {
                let archive = self.target.archives.get(&id.parse().unwrap()).cloned();
                archive.map(Answer::File).ok_or_else(|| said(404, "404 Not Found"))
            }
            ("GET", true, ["notes"]) => Ok(Answer::List(self.notes.clone())),
            ("POST", true, ["notes"]) => {
                self.check(&call, body, &["body"], &[])?;
                let note = self.note(BOT, body, false);
                self.notes.push(note.clone());
                Ok(Answer::One(201, note))
            }
            ("GET", true, ["notes", id, "award_emoji"]) => {
                Ok(Answer::List(self.awards.get(&id.parse().unwrap()).cloned().unwrap_or_default()))
            }
            ("POST", true, ["notes", id, "award_emoji"]) => {
                self.check(&call, body, &["name"], &[])?;
                let award = json!({"id": 1, "name": body["name"], "user": self.users[&BOT].clone()});
                self.awards.entry(id.parse().unwrap()).or_default().push(award.clone());
                Ok(Answer::One(201, award))
            }
            _ => {
                self.violations.push(format!("no such call: {call}"));
                Err(said(404, "404 Not Found"))
            }
        }
    }

    fn thread(&mut self, id: &str) -> Result<&mut Value, ResponseTemplate> {
        self.discussions
            .iter_mut()
            .find(|thread| thread["id"] == id)
            .ok_or_else(|| said(404, "404 Discussion Not Found"))
    }
}
