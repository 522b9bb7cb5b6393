//! The event that started a workflow, as GitHub writes it to `GITHUB_EVENT_PATH`.
//!
//! Types of our own with every field optional: an event of another kind, an older server or a changed form must leave a
//! clear "the event does not say", never an end of the program.

use serde::Deserialize;

/// An event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Payload {
    /// What happened (`opened`, `created`, `edited`, …).
    pub action: Option<String>,
    /// Number of the pull request.
    pub number: Option<u64>,
    /// The repository.
    pub repository: Option<Repository>,
    /// Who did it.
    pub sender: Option<User>,
    /// The pull request.
    pub pull_request: Option<PullRequest>,
    /// The entry of a merge queue.
    pub merge_group: Option<MergeGroup>,
    /// The run that this one follows.
    pub workflow_run: Option<WorkflowRun>,
    /// The issue, or the pull request seen as one.
    pub issue: Option<Issue>,
    /// The comment.
    pub comment: Option<Comment>,
    /// What was edited.
    pub changes: Option<Changes>,
    /// For a push: the commit before it.
    pub before: Option<String>,
    /// For a push: the commit after it.
    pub after: Option<String>,
}

/// A repository.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Repository {
    /// Number that stays when it is renamed.
    pub id: Option<u64>,
    /// `owner/name`.
    pub full_name: Option<String>,
    /// Its main line.
    pub default_branch: Option<String>,
}

/// A user, an organisation or a bot.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct User {
    /// Number that stays when the login changes, and is never given out again.
    pub id: u64,
    /// Name.
    pub login: String,
    /// `User`, `Bot` or `Organization`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A pull request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PullRequest {
    /// Its number.
    pub number: Option<u64>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// Whether it was merged.
    pub merged: Option<bool>,
    /// Whether only collaborators may comment.
    pub locked: Option<bool>,
    /// How many commits it has; only said of one that is asked for by itself.
    pub commits: Option<u64>,
    /// What it brings.
    pub head: Option<Side>,
    /// What it goes into.
    pub base: Option<Side>,
    /// Its author.
    pub user: Option<User>,
}

/// One side of a pull request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Side {
    /// Branch.
    #[serde(rename = "ref")]
    pub name: Option<String>,
    /// Commit.
    pub sha: Option<String>,
    /// Repository; null if the fork was deleted.
    pub repo: Option<Repository>,
}

/// An entry of a merge queue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MergeGroup {
    /// Commit under test.
    pub head_sha: Option<String>,
    /// Commit that it goes onto.
    pub base_sha: Option<String>,
    /// Branch that it goes into, as a full ref.
    pub base_ref: Option<String>,
}

/// A run of another workflow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WorkflowRun {
    /// Its number.
    pub id: Option<u64>,
    /// The event that started it.
    pub event: Option<String>,
    /// Commit under test.
    pub head_sha: Option<String>,
    /// Branch under test.
    pub head_branch: Option<String>,
    /// Where that branch lives.
    pub head_repository: Option<Repository>,
    /// How it ended.
    pub conclusion: Option<String>,
}

/// An issue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Issue {
    /// Its number.
    pub number: Option<u64>,
    /// Present if it is a pull request.
    pub pull_request: Option<serde_json::Value>,
}

/// A comment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Comment {
    /// Its number.
    pub id: Option<u64>,
    /// Markdown.
    pub body: Option<String>,
    /// Who wrote it.
    pub user: Option<User>,
    /// When.
    pub created_at: Option<String>,
    /// When it was last changed.
    pub updated_at: Option<String>,
    /// The program that wrote it in its author's name; absent if they wrote it themselves.
    pub performed_via_github_app: Option<serde_json::Value>,
}

/// What an edit changed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// The text before.
    pub body: Option<From>,
}

/// What something was before.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct From {
    /// The text before.
    pub from: Option<String>,
}
