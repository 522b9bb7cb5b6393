//! Who asks for something, as GitHub knows them, and what they may do here.

use serde::Deserialize;

use super::address::{of, segment};
use super::api::Api;
use super::error::{ForgeError, Kind, Purpose};
use super::payload::User;

const PERMISSION: Purpose = Purpose { what: "read what somebody may do here", needs: "pull-requests: write" };
const MEMBER: Purpose = Purpose {
    what: "read who is in a team",
    needs: "the organisation permission `members: read`, which only an app's or a person's token can have",
};
const COMMITS: Purpose = Purpose { what: "read who wrote the change", needs: "pull-requests: read" };

#[derive(Deserialize)]
struct Permission {
    permission: String,
    user: Option<User>,
}

#[derive(Deserialize)]
struct Membership {
    state: String,
}

#[derive(Deserialize)]
struct Commit {
    #[serde(default)]
    author: Option<Account>,
    #[serde(default)]
    committer: Option<Account>,
}

/// An account behind a commit; empty if its address belongs to none.
#[derive(Deserialize)]
struct Account {
    id: Option<u64>,
    #[serde(default)]
    login: String,
    #[serde(default, rename = "type")]
    kind: String,
}

/// Whether a user may push to the repository. The answer has to be about the same account: the question goes by login.
pub fn may_write(api: &Api, repository: &str, user: &User) -> Result<bool, ForgeError> {
    let path = of(repository, &format!("/collaborators/{}/permission", segment(&user.login)));
    match api.get::<Permission>(PERMISSION, &path) {
        Ok(answer) => Ok(answer.user.is_some_and(|known| known.id == user.id)
            && matches!(answer.permission.as_str(), "admin" | "maintain" | "write")),
        Err(error) if error.kind == Kind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Those of `named` that are teams (`organisation/team`) and that a user is in. A team that the token may not see is none;
/// `unseen` is then the reason, once.
pub fn teams(api: &Api, named: &[String], user: &User) -> Result<(Vec<String>, Option<ForgeError>), ForgeError> {
    let (mut found, mut unseen) = (Vec::new(), None);
    for name in named {
        // A name without an organisation is a person's.
        let Some((organisation, team)) = name.trim_start_matches('@').split_once('/') else { continue };
        let path = format!(
            "/orgs/{}/teams/{}/memberships/{}",
            segment(organisation),
            segment(&team.to_lowercase()),
            segment(&user.login)
        );
        match api.get::<Membership>(MEMBER, &path) {
            Ok(membership) if membership.state == "active" => found.push(format!("{organisation}/{team}")),
            Ok(_) => {}
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) if error.kind == Kind::Permission => unseen = Some(error),
            Err(error) => return Err(error),
        }
    }
    Ok((found, unseen))
}

/// Who wrote commits of a pull request.
#[derive(Debug)]
pub struct Wrote {
    /// Accounts; those of programs, such as GitHub's own for merges, are not people.
    pub people: Vec<User>,
    /// Of how many commits GitHub told: of the first 250 at most.
    pub commits: u64,
}

/// Accounts that wrote commits of a pull request.
pub fn authors(api: &Api, repository: &str, number: u64) -> Result<Wrote, ForgeError> {
    let path = of(repository, &format!("/pulls/{number}/commits?per_page=100"));
    let commits: Vec<Commit> = api.pages(COMMITS, &path)?;
    let told = commits.len() as u64;
    let mut people: Vec<User> = commits
        .into_iter()
        .flat_map(|commit| [commit.author, commit.committer])
        .flatten()
        .filter_map(|account| Some(User { id: account.id?, login: account.login, kind: account.kind }))
        .filter(|user| user.kind == "User" && user.login != "web-flow")
        .collect();
    people.sort_by_key(|user| user.id);
    people.dedup_by_key(|user| user.id);
    Ok(Wrote { people, commits: told })
}
