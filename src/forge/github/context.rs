//! Where a run stands: which repository, which event, which pull request, what it is compared with.
//!
//! Read from the runner's variables and the event. Nothing here comes from the change itself.

use super::payload::{self, Payload, User};
use crate::forge::checkout::Base;

/// Where a run stands.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Name of the event (`pull_request`, `push`, …).
    pub event: String,
    /// What happened within it (`created`, `edited`, …).
    pub action: String,
    /// `owner/name`.
    pub repository: String,
    /// Where the REST interface is.
    pub api_url: String,
    /// Where people look.
    pub server_url: String,
    /// Main line of the repository, if the event says so.
    pub default_branch: Option<String>,
    /// Commit that statements are about: the head of the pull request, not the merge that is tested for it.
    pub head: Option<String>,
    /// What the run runs on (`refs/heads/main`, `refs/tags/v1`, `refs/pull/5/merge`).
    pub reference: Option<String>,
    /// The pull request, if there is one.
    pub pull_request: Option<PullRequest>,
    /// What the change is compared with.
    pub base: Option<Base>,
    /// Who caused the run.
    pub sender: Option<User>,
    /// The comment that caused it.
    pub comment: Option<payload::Comment>,
    /// Text of that comment before it was edited.
    pub before_edit: Option<String>,
    /// The run that this one follows: where its artifacts are.
    pub follows: Option<payload::WorkflowRun>,
    /// Address of this run.
    pub run_url: Option<String>,
    /// What the event should have said and did not, a sentence each.
    pub missing: Vec<String>,
}

/// A pull request.
#[derive(Debug, Clone, Default)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Whether it comes from another repository: the token of such a run can only read.
    pub from_fork: bool,
    /// Its author.
    pub author: Option<User>,
}

/// Event in which nothing is new, because nothing changes: a look at a branch as it stands.
const LOOKS: [&str; 3] = ["schedule", "workflow_dispatch", "repository_dispatch"];

impl Context {
    /// Reads the runner's variables with `variable`, and the event. `None` outside GitHub Actions.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, event: Option<&[u8]>) -> Option<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if variable("GITHUB_ACTIONS").as_deref() != Some("true") {
            return None;
        }
        let mut context = Self {
            event: variable("GITHUB_EVENT_NAME").unwrap_or_default(),
            repository: variable("GITHUB_REPOSITORY").unwrap_or_default(),
            api_url: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            server_url: variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned()),
            head: variable("GITHUB_SHA"),
            reference: variable("GITHUB_REF"),
            ..Self::default()
        };
        context.run_url = variable("GITHUB_RUN_ID")
            .filter(|_| !context.repository.is_empty())
            .map(|run| format!("{}/{}/actions/runs/{run}", context.server_url, context.repository));
        let payload = match event.map(serde_json::from_slice::<Payload>) {
            Some(Ok(payload)) => payload,
            Some(Err(error)) => {
                context.miss(&format!("the event at GITHUB_EVENT_PATH is not JSON as GitHub writes it: {error}"));
                Payload::default()
            }
            None => {
                context.miss("there is no event at GITHUB_EVENT_PATH");
                Payload::default()
            }
        };
        if context.repository.is_empty() {
            context.repository =
                payload.repository.as_ref().and_then(|repository| repository.full_name.clone()).unwrap_or_default();
        }
        if context.repository.split('/').filter(|part| !part.is_empty()).count() != 2 {
            context.miss("GITHUB_REPOSITORY is not `owner/name`");
        }
        context.default_branch = payload.repository.as_ref().and_then(|repository| repository.default_branch.clone());
        if context.default_branch.is_none() && context.event == "schedule" {
            // Such an event says nothing of the repository, and only happens on its main line.
            context.default_branch = variable("GITHUB_REF").as_deref().and_then(branch).map(str::to_owned);
        }
        context.action = payload.action.clone().unwrap_or_default();
        context.sender = payload.sender.clone();
        context.base = variable("GITHUB_BASE_REF").map(|branch| Base { branch: Some(branch), commit: None });
        context.by_event(&variable, payload);
        Some(context)
    }

    fn by_event(&mut self, variable: &dyn Fn(&str) -> Option<String>, payload: Payload) {
        match self.event.as_str() {
            "pull_request" | "pull_request_target" | "pull_request_review" => match &payload.pull_request {
                Some(pull) => self.take_pull_request(pull, payload.number),
                None => self.miss("the event names no `pull_request`"),
            },
            "merge_group" => match &payload.merge_group {
                Some(group) => {
                    self.head = group.head_sha.clone().or_else(|| self.head.take());
                    let branch = group.base_ref.as_deref().map(|name| branch(name).unwrap_or(name).to_owned());
                    self.base = Some(Base { branch, commit: group.base_sha.clone() });
                }
                None => self.miss("the event names no `merge_group`"),
            },
            "push" => self.take_push(variable, payload.before),
            "workflow_run" => {
                if let Some(run) = payload.workflow_run {
                    self.head = run.head_sha.clone();
                    self.follows = Some(run);
                } else {
                    self.head = None;
                    self.miss("the event names no `workflow_run`");
                }
            }
            "issue_comment" => {
                // The commit of such a run is the default branch's: it says nothing about the pull request.
                self.head = None;
                let issue = payload.issue.unwrap_or_default();
                match (issue.number, issue.pull_request) {
                    (Some(number), Some(_)) => {
                        self.pull_request = Some(PullRequest { number, ..PullRequest::default() });
                    }
                    (Some(_), None) => {}
                    (None, _) => self.miss("the event names no `issue.number`"),
                }
                self.comment = payload.comment;
                self.before_edit = payload.changes.and_then(|changes| changes.body).and_then(|body| body.from);
            }
            event if LOOKS.contains(&event) => {
                self.base = self.default_branch.clone().map(|branch| Base { branch: Some(branch), commit: None });
            }
            _ => {
                if self.base.is_none() {
                    self.base = self.default_branch.clone().map(|branch| Base { branch: Some(branch), commit: None });
                }
            }
        }
    }

    fn take_pull_request(&mut self, pull: &payload::PullRequest, number: Option<u64>) {
        match pull.head.as_ref().and_then(|head| head.sha.clone()) {
            Some(sha) => self.head = Some(sha),
            None => self.miss("the event names no `pull_request.head.sha`"),
        }
        let Some(number) = pull.number.or(number) else {
            self.miss("the event names no `pull_request.number`");
            return;
        };
        let repository = |side: &Option<payload::Side>| {
            side.as_ref().and_then(|side| side.repo.as_ref()).and_then(|repository| repository.id)
        };
        let (head, base) = (repository(&pull.head), repository(&pull.base));
        self.pull_request = Some(PullRequest {
            number,
            // A fork that was deleted since is no repository any more, and was a fork.
            from_fork: head.is_none() || head != base,
            author: pull.user.clone(),
        });
        let branch = pull.base.as_ref().and_then(|base| base.name.clone());
        let commit = pull.base.as_ref().and_then(|base| base.sha.clone());
        if branch.is_some() || commit.is_some() {
            self.base = Some(Base { branch, commit });
        }
    }

    /// A push to the main line is compared with what was there before; a push elsewhere, or a tag, with the main line.
    fn take_push(&mut self, variable: &dyn Fn(&str) -> Option<String>, before: Option<String>) {
        let branch = variable("GITHUB_REF").as_deref().and_then(branch).map(str::to_owned);
        let on_main = branch.is_some() && branch == self.default_branch;
        // A branch that is new has no state before; GitHub writes zeros.
        let before = before.filter(|commit| commit.chars().any(|digit| digit != '0'));
        self.base = if on_main && before.is_some() {
            Some(Base { branch: None, commit: before })
        } else {
            self.default_branch.clone().map(|branch| Base { branch: Some(branch), commit: None })
        };
    }

    fn miss(&mut self, what: &str) {
        self.missing.push(what.to_owned());
    }
}

/// `refs/heads/main` as `main`; `None` for a ref that is no branch.
fn branch(name: &str) -> Option<&str> {
    name.strip_prefix("refs/heads/")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ZEROS: &str = "0000000000000000000000000000000000000000";

    fn read(event: &str, more: &[(&str, &str)], payload: &Value) -> Context {
        let variables: Vec<(&str, &str)> = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_REPOSITORY", "octo/shop"),
            ("GITHUB_SHA", "merge"),
            ("GITHUB_RUN_ID", "7"),
        ]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Context::read(&variable, Some(payload.to_string().as_bytes())).unwrap()
    }

    fn pull(head_repository: &Value) -> Value {
        json!({"action": "synchronize", "number": 5, "repository": {"default_branch": "main", "full_name": "octo/shop"},
            "sender": {"login": "ada", "id": 3, "type": "User"},
            "pull_request": {"number": 5, "user": {"login": "ada", "id": 3, "type": "User"},
                "head": {"sha": "h1", "ref": "feature", "repo": head_repository},
                "base": {"sha": "b1", "ref": "release/2", "repo": {"id": 1}}}})
    }

    #[test]
    fn a_pull_request_is_about_its_head_and_not_about_the_merge_that_is_tested() {
        let context = read("pull_request", &[("GITHUB_BASE_REF", "release/2")], &pull(&json!({"id": 1})));
        assert_eq!(context.head.as_deref(), Some("h1"));
        let base = Base { branch: Some("release/2".to_owned()), commit: Some("b1".to_owned()) };
        assert_eq!(context.base, Some(base));
        assert!(!context.pull_request.unwrap().from_fork);
        assert_eq!(context.run_url.as_deref(), Some("https://github.com/octo/shop/actions/runs/7"));
        assert_eq!(context.missing, Vec::<String>::new());
    }

    #[test]
    fn a_fork_is_one_even_after_it_was_deleted() {
        assert!(read("pull_request", &[], &pull(&json!({"id": 2}))).pull_request.unwrap().from_fork);
        assert!(read("pull_request", &[], &pull(&Value::Null)).pull_request.unwrap().from_fork);
    }

    #[test]
    fn every_event_has_something_to_compare_with() {
        let repository = json!({"default_branch": "main"});
        let branch = |branch: &str| Some(Base { branch: Some(branch.to_owned()), commit: None });
        let push = |name: &str, before: &str| {
            read("push", &[("GITHUB_REF", name)], &json!({"before": before, "repository": repository.clone()})).base
        };
        assert_eq!(push("refs/heads/main", "b0"), Some(Base { branch: None, commit: Some("b0".to_owned()) }));
        assert_eq!(push("refs/heads/main", ZEROS), branch("main"));
        assert_eq!(push("refs/heads/topic", "b0"), branch("main"));
        assert_eq!(push("refs/tags/v1", ZEROS), branch("main"));
        for event in ["schedule", "workflow_dispatch", "release"] {
            assert_eq!(read(event, &[], &json!({"repository": repository.clone()})).base, branch("main"), "{event}");
        }
        // What GitHub really sends for a schedule.
        let schedule = read("schedule", &[("GITHUB_REF", "refs/heads/trunk")], &json!({"schedule": "17 5 * * *"}));
        assert_eq!((schedule.base, schedule.default_branch.as_deref()), (branch("trunk"), Some("trunk")));
        let group = json!({"merge_group": {"head_sha": "q1", "base_sha": "b1", "base_ref": "refs/heads/main"}});
        let context = read("merge_group", &[], &group);
        assert_eq!(context.head.as_deref(), Some("q1"));
        assert_eq!(context.base, Some(Base { branch: Some("main".to_owned()), commit: Some("b1".to_owned()) }));
    }

    #[test]
    fn what_an_event_does_not_say_is_said_to_be_missing() {
        for (event, payload, missing) in [
            ("pull_request", json!({}), "the event names no `pull_request`"),
            ("pull_request", json!({"pull_request": {"number": 1}}), "the event names no `pull_request.head.sha`"),
            (
                "pull_request",
                json!({"pull_request": {"head": {"sha": "x"}}}),
                "the event names no `pull_request.number`",
            ),
            ("merge_group", json!({}), "the event names no `merge_group`"),
            ("workflow_run", json!({}), "the event names no `workflow_run`"),
            ("issue_comment", json!({}), "the event names no `issue.number`"),
        ] {
            assert_eq!(read(event, &[], &payload).missing, [missing], "{event} {payload}");
        }
        let none = |_: &str| None;
        assert!(Context::read(&none, None).is_none(), "not on GitHub");
        assert!(read("pull_request", &[], &json!({"number": "five"})).missing[0].contains("not JSON as GitHub writes"));
    }

    #[test]
    fn the_commit_of_a_comment_event_is_not_that_of_the_pull_request() {
        let context =
            read("issue_comment", &[], &json!({"issue": {"number": 5, "pull_request": {}}, "comment": {"id": 9}}));
        assert_eq!((context.head, context.pull_request.unwrap().number), (None, 5));
    }
}
