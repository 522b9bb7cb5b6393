//! What GitLab answers, as far as it is used.

use serde::Deserialize;

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct User {
    /// Its number, which a renamed account keeps.
    pub id: u64,
    /// Its name.
    pub username: String,
    /// Whether it is a program's; only said about single accounts.
    pub bot: Option<bool>,
    /// `active`, `blocked`, …
    pub state: Option<String>,
    /// Address that it shows to everybody; only said about single accounts, as those that follow.
    pub public_email: Option<String>,
    /// Address under which it writes commits in the browser; only said to administrators.
    pub commit_email: Option<String>,
    /// Address that it signs in with; only said to administrators.
    pub email: Option<String>,
}

/// A commit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Commit {
    /// Who wrote it, as git says.
    pub author_name: String,
    /// Their address.
    pub author_email: String,
    /// Who made the commit of it, as git says.
    pub committer_name: String,
    /// Their address.
    pub committer_email: String,
}

/// A merge request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MergeRequest {
    /// Its number in the project.
    pub iid: u64,
    /// Head of the source branch.
    pub sha: Option<String>,
    /// `opened`, `closed`, `locked`, `merged`.
    pub state: String,
    /// Branch that it goes to.
    pub target_branch: Option<String>,
    /// Who opened it.
    pub author: Option<User>,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// Where people look.
    pub web_url: String,
}

/// A thread.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Discussion {
    /// Its name.
    pub id: String,
    /// Its notes, the first one begins it.
    pub notes: Vec<Note>,
}

/// A note.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Its number.
    pub id: u64,
    /// Markdown.
    pub body: String,
    /// Who wrote it.
    pub author: User,
    /// Whether GitLab wrote it to say what somebody did.
    pub system: bool,
    /// Whether it can be resolved.
    pub resolvable: bool,
    /// Whether it is.
    pub resolved: bool,
    /// When it was written, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// A commit's status, or the job behind it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    /// `pending`, `running`, `success`, …
    pub status: String,
    /// The name under which it is shown.
    pub name: String,
    /// In a line.
    pub description: Option<String>,
}

/// The job that a job token is of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Who started it: for a manual job whoever pressed the button.
    pub user: Option<User>,
    /// Where people look.
    pub web_url: String,
}

/// A member of a group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The account's number.
    pub id: u64,
    /// `active`, `awaiting`, …
    pub state: Option<String>,
}
