//! Who somebody is, as GitLab itself says: never as a job's variables say, which the change's configuration can set.

use super::api::{Api, segment};
use super::context::Context;
use super::error::Purpose;
use super::payload::{Job, Member, User};
use crate::forge::error::{ForgeError, Kind};

const JOB: Purpose = Purpose { what: "ask who started this job", needs: "the job's own token, CI_JOB_TOKEN" };
const USER: Purpose = Purpose { what: "ask who an account is", needs: "scope api or read_api" };
const MEMBERS: Purpose =
    Purpose { what: "ask for the members of a group", needs: "scope api or read_api, and sight of the group" };

/// Role that may push (Developer).
const DEVELOPER: u64 = 30;

/// The job that the job token is of, with who started it.
pub fn of_job(api: &Api) -> Result<Job, ForgeError> {
    let job: Job = api.get(JOB, "/job")?;
    if job.user.as_ref().is_none_or(|user| user.id == 0) {
        return Err(ForgeError::new(
            Kind::State,
            "GitLab does not say who started this job",
            "choose by a note on the merge request: `/detente choose balanced because …`",
        ));
    }
    Ok(job)
}

/// The account with everything that GitLab says about it.
pub fn account(api: &Api, user: &User) -> Result<User, ForgeError> {
    api.get(USER, &format!("/users/{}", user.id))
}

/// Whether an account is a program's. Accounts of project and group tokens say so by their name, too.
pub fn is_bot(user: &User) -> bool {
    let named = |name: &str| {
        let rest = name.strip_prefix("project_").or_else(|| name.strip_prefix("group_"))?;
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        Some(rest == "_bot" || rest.starts_with("_bot_"))
    };
    user.bot.unwrap_or(false) || named(&user.username).unwrap_or(false)
}

/// Those of `groups` that the account is an active member of. A group that the token cannot see is one that it is not in.
pub fn groups(api: &Api, user: &User, groups: &[String]) -> Result<Vec<String>, ForgeError> {
    let mut found = Vec::new();
    for group in groups {
        let name = group.trim_start_matches('@');
        let path = format!("/groups/{}/members/all/{}", segment(name), user.id);
        let member: Option<Member> = api.find(MEMBERS, &path)?;
        if member.is_some_and(|member| member.id == user.id && member.state.as_deref().is_none_or(|s| s == "active")) {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

/// A member of the project with the role that it has there.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct ProjectMember {
    access_level: u64,
}

/// Whether the account may push to the project.
pub fn may_push(api: &Api, context: &Context, user: &User) -> Result<bool, ForgeError> {
    let path = format!("/projects/{}/members/all/{}", segment(&context.target_project), user.id);
    let member: Option<ProjectMember> = api.find(MEMBERS, &path)?;
    Ok(member.is_some_and(|member| member.access_level >= DEVELOPER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        let named =
            |username: &str, bot: Option<bool>| is_bot(&User { username: username.into(), bot, ..User::default() });
        assert!(named("project_7_bot_0123abcd", Some(false)));
        assert!(named("group_12_bot", None));
        assert!(named("ghost", Some(true)));
        assert!(!named("project_lead", None));
        assert!(!named("project_7_botanist", None));
    }
}
