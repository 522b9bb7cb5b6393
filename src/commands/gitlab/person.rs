//! Who somebody is on GitLab, and who wrote the change, for a decision.

use super::interface::{context, with_job, with_token};
use crate::commands::decision::Authors;
use crate::commands::error::CommandError;
use crate::commands::published::unreachable;
use crate::commands::reach::Reach;
use crate::exit::Exit;
use crate::forge::checkout::Base;
use crate::forge::error::ForgeError;
use crate::forge::gitlab::payload::User;
use crate::forge::gitlab::{Api, Context, actor, merge_request};
use crate::model::appetite::Appetite;
use crate::model::ledger::{ForgeIdentity, Person};
use crate::render::json::v1;

/// A person who decides.
pub(in crate::commands) struct Decides {
    /// Who they are.
    pub identity: ForgeIdentity,
    /// Who wrote the change, as GitLab says.
    pub authors: Authors,
}

/// What the change of this job is compared with: for a merge request the branch that GitLab says it goes to, elsewhere as
/// the job says.
pub(in crate::commands) fn target(brief: &v1::Brief) -> Result<Option<Base>, CommandError> {
    let context = here()?;
    about(brief, &context)?;
    if context.merge_request.is_none() {
        return Ok(context.base);
    }
    let found = with_token(&context, &Reach::default()).and_then(|api| merge_request::current(&api, &context));
    let found = found.map_err(|error| unreachable(&error))?;
    Ok(found.map(|found| Base { branch: found.target_branch, commit: None }))
}

/// Where this job stands.
fn here() -> Result<Context, CommandError> {
    context().ok_or_else(|| {
        CommandError::usage("--by-job is for a job of GitLab CI/CD, and this is none")
            .hint("on a machine of your own leave it out: the choice is then signed with your SSH key")
    })
}

/// Whoever started this job. The job's own token says so; its variables could be set by the change.
pub(in crate::commands) fn of_job(brief: &v1::Brief, appetite: &Appetite) -> Result<Decides, CommandError> {
    let context = here()?;
    about(brief, &context)?;
    let reach = Reach::default();
    let asked = |error: ForgeError| unreachable(&error);
    let job = actor::of_job(&with_job(&context, &reach).map_err(asked)?).map_err(asked)?;
    let user = job.user.unwrap_or_default();
    let evidence = if job.web_url.is_empty() { context.job_url.clone().unwrap_or_default() } else { job.web_url };
    decides(&with_token(&context, &reach).map_err(asked)?, &context, &user, evidence, false, appetite).map_err(asked)
}

/// Whether the brief is about the merge request that this is about. It comes from the change, and who may decide, and who
/// wrote what is decided about, is asked of this merge request.
pub(super) fn about(brief: &v1::Brief, context: &Context) -> Result<(), CommandError> {
    const REQUEST: &str = "merge_request/";
    let change = &brief.change;
    let same = match context.merge_request {
        Some(iid) => {
            change.name == format!("{REQUEST}{iid}") && (context.head.is_none() || change.head == context.head)
        }
        None => !change.name.starts_with(REQUEST),
    };
    if same {
        return Ok(());
    }
    Err(CommandError::usage(
        "the brief that the pipeline left behind is about another change, or another commit of it",
    )
    .hint("let `detente gate` judge this merge request, without --change and DETENTE_CHANGE, and choose from that brief"))
}

/// The account `user`, with what GitLab says about it, and who opened the merge request and wrote its commits.
pub(super) fn decides(
    api: &Api,
    context: &Context,
    user: &User,
    evidence: String,
    edited: bool,
    appetite: &Appetite,
) -> Result<Decides, ForgeError> {
    let account = actor::account(api, user)?;
    let mut groups: Vec<String> = appetite.roles.values().flat_map(|role| role.gitlab.iter().cloned()).collect();
    groups.sort();
    groups.dedup();
    let author = merge_request::current(api, context)?.and_then(|found| found.author);
    let person = |user: User| Person {
        forge: "gitlab".to_owned(),
        id: Some(user.id),
        login: user.username,
        ..Person::default()
    };
    let mut authors: Vec<Person> = author.map(person).into_iter().collect();
    for commit in merge_request::commits(api, context)? {
        for (name, email) in
            [(commit.author_name, commit.author_email), (commit.committer_name, commit.committer_email)]
        {
            // GitLab tells addresses to whoever asks now, not to those who read the record later: they get the account.
            if is_address(&account, &email) {
                authors.push(person(account.clone()));
            }
            authors.push(Person { name, email, ..Person::default() });
        }
    }
    authors.sort();
    authors.dedup();
    Ok(Decides {
        identity: ForgeIdentity {
            forge: "gitlab".to_owned(),
            host: context.host().to_owned(),
            id: account.id,
            bot: actor::is_bot(&account),
            teams: actor::groups(api, &account, &groups)?,
            login: account.username,
            evidence,
            edited,
        },
        authors: Authors { people: authors, others: None },
    })
}

/// Whether GitLab says that an address is the account's.
fn is_address(account: &User, email: &str) -> bool {
    let known = [&account.public_email, &account.commit_email, &account.email];
    !email.is_empty() && known.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(email))
}

/// That nobody may write here, in words.
pub(super) fn may_not(login: &str) -> CommandError {
    CommandError::new(
        Exit::DecisionNeeded,
        format!("@{login} may not push to this project; somebody who may has to ask"),
    )
}
