//! `detente reply`: answer what somebody asks for on a pull request, or on GitLab in notes on merge requests.
//!
//! On GitHub it runs in an `issue_comment` job, in a checkout of the target branch, never of the change. What the change
//! is judged to be comes from the brief that its own run left behind; who asks, and what they may, from GitHub and from the
//! agreement on the target branch.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::decision::{self, Authors, Choice, Place, Recorded, record_decision};
use crate::commands::error::CommandError;
use crate::commands::folder::folder;
use crate::commands::governance::{self, Governance, Wish};
use crate::commands::publish;
use crate::commands::published::unreachable;
use crate::commands::reach::Reach;
use crate::commands::waiver::{self, Acceptance, record_waiver};
use crate::commands::{brief_file, gitlab, judge, output, publication, target};
use crate::exit::Exit;
use crate::follow;
use crate::forge::checkout::Base;
use crate::forge::github::answer::{self, Reaction};
use crate::forge::github::asked::{self, Asked, Event};
use crate::forge::github::comment::{self, Comment};
use crate::forge::github::myself::{self, Myself};
use crate::forge::github::payload::{PullRequest, User};
use crate::forge::github::publish::Parts;
use crate::forge::github::{Api, Context, ForgeError, Kind, actor, artifact, pull};
use crate::forge::request::{self, Request};
use crate::model::appetite::OptionName;
use crate::model::brief::Brief;
use crate::model::ledger::{Decider, ForgeIdentity, Person};
use crate::model::standing::Standing;
use crate::render;
use crate::render::json::v1;

/// What `detente reply` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In GitLab CI/CD it takes up the notes that nobody has taken up yet: on the merge request whose pipeline it runs in, or in a
scheduled pipeline on every open one (docs/gitlab.md).
Otherwise it runs in a job of GitHub Actions on `issue_comment`. It needs GITHUB_TOKEN with the permissions `contents: write` (for the
ledger), `pull-requests: write`, `checks: write` and `actions: read`.

What people can write, each in a line of its own:
  /detente choose balanced because the parser is replaced next sprint
  /detente explain most-secure
  /detente waive CVE-2021-44228 until 2026-12-31 because …       a finding, or a row for what stands in it now")]
pub struct Args {
    /// Token
    #[arg(long, env = "GITHUB_TOKEN", hide_env_values = true, hide = true)]
    token: Option<String>,
    /// Who the token writes as, if it is an app's
    #[arg(long, value_name = "LOGIN", default_value = myself::JOB)]
    bot: String,
    /// Appetite file [default: .detente/appetite.yml of the target branch]
    #[arg(long, value_name = "FILE", env = "DETENTE_APPETITE")]
    appetite: Option<PathBuf>,
    /// Keys that may sign the appetite
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version, from which its signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", value_parser = governance::root_digest)]
    appetite_root: Option<String>,
    /// Repository with the target branch
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
    repository: PathBuf,
    /// On GitLab: the brief that `detente gate` wrote about the merge request [default: brief.json]
    #[arg(long, value_name = "FILE")]
    brief: Option<PathBuf>,
    /// Remote that keeps the ledger
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    remote: String,
    /// Moment of the answer [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Also set the label that says how the change stands
    #[arg(long)]
    labels: bool,
    /// How to reach GitHub
    #[command(flatten)]
    reach: Reach,
}

/// Everything that an answer is given from.
struct Scene<'a> {
    args: &'a Args,
    api: &'a Api,
    context: &'a Context,
    number: u64,
    pull: PullRequest,
    brief: v1::Brief,
    /// Since when our comment offers what it offers now, as far as known.
    since: Option<Timestamp>,
}

/// Why something asked for is not done, in words for whoever asked; or what went wrong for us.
enum No {
    Refused(String),
    Error(CommandError),
}

impl From<ForgeError> for No {
    fn from(error: ForgeError) -> Self {
        Self::Error(unreachable(&error))
    }
}

impl From<CommandError> for No {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

fn no<T>(why: impl Into<String>) -> Result<T, No> {
    Err(No::Refused(why.into()))
}

/// Answers.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    if let Some(context) = gitlab::context() {
        let agreement = Wish {
            appetite: args.appetite.clone(),
            allowed_signers: args.allowed_signers.clone(),
            root: args.appetite_root.clone(),
        };
        let now = args.now.unwrap_or_else(Timestamp::now);
        let brief = args.brief.as_deref().unwrap_or(Path::new(brief_file::DEFAULT));
        let remote = Some(args.remote.as_str()).filter(|remote| *remote != "none");
        return gitlab::notes::take_up(&gitlab::notes::Desk {
            context: &context,
            reach: &args.reach,
            brief,
            place: Place { repository: &args.repository, remote },
            wish: &agreement,
            now,
        });
    }
    let Some(context) = publish::context().map(publish::said).filter(|context| context.event == "issue_comment") else {
        return Err(CommandError::usage("this is not a job of GitHub Actions on `issue_comment`")
            .hint("docs/github.md shows the workflow"));
    };
    let (Some(number), Some(id)) =
        (context.pull_request.as_ref().map(|pull| pull.number), context.comment.as_ref().and_then(|said| said.id))
    else {
        output::print("nothing to answer: the comment is not on a pull request\n")?;
        return Ok(Exit::Proceed);
    };
    let reached = |error: ForgeError| unreachable(&error);
    let server = args.reach.server(&context.api_url, args.token.as_deref().unwrap_or_default());
    let api = Api::new(&server).map_err(reached)?;
    let me = Myself::ask(&api, &args.bot).map_err(reached)?;
    let now = answer::comment(&api, &context.repository, id).map_err(reached)?;
    let (line, reaction) = match asked::read(&context, &me, now.as_ref()) {
        Event::Nothing => {
            output::print("nothing to answer: the comment asks for nothing\n")?;
            return Ok(Exit::Proceed);
        }
        Event::Refused { why, restore, .. } => {
            if restore {
                restored(&api, &context, &me, now.as_ref()).map_err(reached)?;
            }
            (why, Reaction::Refused)
        }
        Event::Asked(asked) => {
            match Scene::set(args, &api, &context, &me, number, &asked).and_then(|scene| scene.act(&asked)) {
                Ok(line) => (line, Reaction::Done),
                Err(No::Refused(why)) => (why, Reaction::Refused),
                Err(No::Error(error)) => return Err(error),
            }
        }
    };
    // What is said comes from us and from people: shown, never followed.
    let shown = if reaction == Reaction::Done {
        line.clone()
    } else {
        format!("Not recorded: {}.", render::markdown_text(&line))
    };
    answer::answer(&api, &context.repository, (number, id), reaction, &shown).map_err(reached)?;
    output::print(&format!("{}\n", render::plain(&line)))?;
    Ok(Exit::Proceed)
}

/// Writes our comment again as it was before somebody edited its words.
fn restored(api: &Api, context: &Context, me: &Myself, now: Option<&Comment>) -> Result<(), ForgeError> {
    match (now, &context.before_edit) {
        (Some(now), Some(before)) if me.is(now.user.as_ref()) => {
            comment::update(api, &context.repository, now.id, &request::reset(before)).map(|_| ())
        }
        _ => Ok(()),
    }
}

impl<'a> Scene<'a> {
    /// Checks that what was asked is about the change as it stands now, by somebody who may ask.
    fn set(
        args: &'a Args,
        api: &'a Api,
        context: &'a Context,
        me: &'a Myself,
        number: u64,
        asked: &Asked,
    ) -> Result<Self, No> {
        let repository = context.repository.as_str();
        if !actor::may_write(api, repository, &asked.by)? {
            return no(format!("{} may not write in this repository; somebody who may has to ask", asked.by.login));
        }
        let pull = pull::ask(api, repository, number)?;
        if pull.state.as_deref() != Some("open") {
            return no("the pull request is closed");
        }
        let Some(head) = pull::head(&pull).map(str::to_owned) else {
            return no("GitHub does not say what the head is");
        };
        let (ours, _) = comment::find(api, repository, number, me, render::MARKER)?;
        let Some(ours) = ours else { return no("there is no comment with options on this pull request yet") };
        if asked::head_of(ours.body.as_deref().unwrap_or_default()) != Some(head.as_str()) {
            return no("there was a push since the options were made: wait for the new ones, and choose from them");
        }
        let mut brief = None;
        let about_this = |bytes: &[u8]| {
            brief = brief_file::parse("the artifact's brief.json", bytes).ok().filter(|brief| {
                brief.change.name == format!("pull/{number}") && brief.change.head.as_ref() == Some(&head)
            });
            brief.is_some()
        };
        match artifact::of_head(api, repository, &pull, about_this) {
            Err(error) if matches!(error.kind, Kind::State | Kind::Closed) => {
                return no(format!(
                    "what these options were made from is not there any more: {}; run the job that gates this change again \
                     (artifacts are kept for a time), and then ask again",
                    error.message
                ));
            }
            read => read?,
        };
        let Some(brief) = brief else {
            return no(
                "the brief that the run of the change left behind is about another change, or another commit of it, or \
                 cannot be read by this version",
            );
        };
        let text = ours.body.unwrap_or_default();
        let mut scene = Self { args, api, context, number, pull, brief, since: None };
        let says_so = scene.is_said_by(&text)?;
        if asked.ticked && !says_so {
            let now = scene.note(scene.standing()?)?;
            comment::update(api, repository, ours.id, &now)?;
            return no(
                "the comment did not say what the brief says, and was written anew: look at it, and choose again",
            );
        }
        let changed = moment(ours.updated_at.as_deref());
        scene.since = publication::since(&text).or(changed).filter(|_| says_so);
        // Who wrote before the options were there as they are now chose from others. What somebody chose meanwhile, which
        // we wrote into the comment, changes none of them.
        let asked_at = moment(Some(&asked.at));
        if !asked.ticked && changed > asked_at {
            if scene.since.is_none() || scene.since > asked_at {
                return no("the options have changed since that comment was written: look at them, and ask again");
            }
            scene.first_word(asked, asked_at)?;
        }
        Ok(scene)
    }

    /// Whether a comment says what the brief says, with or without what was decided since.
    fn is_said_by(&self, text: &str) -> Result<bool, No> {
        let plain = |note: &str| publication::without_since(&request::reset(note)).trim_end().to_owned();
        let text = plain(text);
        Ok(text == plain(&self.note(None)?) || text == plain(&self.note(self.standing()?)?))
    }

    /// Refuses a choice whose author has chosen since it was written, or that was taken up already: a run can be started
    /// again at any time.
    fn first_word(&self, asked: &Asked, at: Option<Timestamp>) -> Result<(), No> {
        let Request::Choose { .. } = asked.request else { return Ok(()) };
        let now = self.args.now.unwrap_or_else(Timestamp::now);
        let last = decision::last_choice(self.place(), &self.brief.change.name, ("github", asked.by.id), now)?;
        if last >= at {
            return no("that was taken up already, or you have chosen since: write a new comment to choose anew");
        }
        Ok(())
    }

    fn place(&self) -> Place<'_> {
        Place { repository: &self.args.repository, remote: Some(self.args.remote.as_str()) }
    }

    /// Who wrote the change: its author, and every account that wrote a commit of it.
    fn authors(&self) -> Result<Authors, No> {
        let actor::Wrote { mut people, commits } = actor::authors(self.api, &self.context.repository, self.number)?;
        people.extend(self.pull.user.clone());
        let person = |user: &User| Person {
            forge: "github".to_owned(),
            id: Some(user.id),
            login: user.login.clone(),
            ..Person::default()
        };
        let all = self.pull.commits.filter(|all| *all > commits);
        let others = all.map(|all| {
            format!(
                "GitHub tells of {commits} of the {all} commits of this pull request; let a role choose in a whole clone with its \
                 SSH key (`detente choose`), or split the change"
            )
        });
        Ok(Authors { people: people.iter().map(person).collect(), others })
    }

    /// What was decided so far, by the ledger.
    fn standing(&self) -> Result<Option<Standing>, No> {
        let now = self.args.now.unwrap_or_else(Timestamp::now);
        let governance = self.governance(now)?;
        Ok(decision::standing(self.place(), &self.brief, &governance, self.authors()?.people, now)?)
    }

    /// Our comment about the brief, with what was decided since.
    fn note(&self, standing: Option<Standing>) -> Result<String, No> {
        let mut brief = render::json::read_back(&self.brief).map_err(CommandError::usage)?;
        if let Some(standing) = standing {
            now_stands(&mut brief, standing);
        }
        let note = publication::of(&brief, pull::head(&self.pull)).note;
        let run = self.context.run_url.as_deref();
        Ok(comment::fit(&note, &publish::rest(run)))
    }

    fn act(&self, asked: &Asked) -> Result<String, No> {
        match &asked.request {
            Request::Choose { option, reason } => self.choose(*option, reason, asked),
            Request::Explain { option } => self.explain(*option),
            Request::Waive { row, until, reason } => self.waive(row, until, reason, asked),
        }
    }

    /// The agreement as it stands on the target branch.
    fn governance(&self, now: Timestamp) -> Result<Governance, No> {
        let branch = self.pull.base.as_ref().and_then(|base| base.name.clone());
        let base = Base { branch, commit: None };
        let token = self.args.token.as_deref().map(|token| (self.context.server_url.as_str(), token.trim()));
        let wish = Wish {
            appetite: self.args.appetite.clone(),
            allowed_signers: self.args.allowed_signers.clone(),
            root: self.args.appetite_root.clone(),
        };
        Ok(target::governance(&wish, &self.args.repository, &base, token, now)?)
    }

    fn choose(&self, option: OptionName, reason: &str, asked: &Asked) -> Result<String, No> {
        let now = self.args.now.unwrap_or_else(Timestamp::now);
        let governance = self.governance(now)?;
        let wanted = governance.appetite.approvers(self.brief.verdict.0, option);
        let (by, unseen) = self.decider(asked, wanted, &governance)?;
        let reason = match (reason, asked.ticked) {
            ("", true) => "chosen by ticking the box",
            ("", false) => "no reason given",
            (reason, _) => reason,
        };
        let choice = Choice { option, reason, by, authors: self.authors()?, at: now };
        let recorded = match record_decision(self.place(), &self.brief, &governance, &choice, None) {
            Ok(recorded) => recorded,
            Err(error) if error.exit == Exit::Forge => return Err(error.into()),
            Err(error) => {
                let unseen = unseen.map(|error| format!("; {error}")).unwrap_or_default();
                let who = by_name(wanted, &governance);
                return no(format!("{}; {} can be chosen by {who}{unseen}", error.message(), option.as_str()));
            }
        };
        if let Some(why) = &recorded.not_pushed {
            return Err(CommandError::new(Exit::Forge, format!("the choice could not be kept: {why}"))
                .hint("grant the job `permissions: contents: write`, and choose again")
                .into());
        }
        self.publish(&recorded)?;
        Ok(said(&recorded, &asked.by.login))
    }

    /// Who asks, as GitHub says, with the teams that the agreement names for these roles; and what could not be seen of
    /// them.
    fn decider(
        &self,
        asked: &Asked,
        wanted: &[String],
        governance: &Governance,
    ) -> Result<(Decider, Option<ForgeError>), No> {
        let repository = &self.context.repository;
        let members: Vec<String> = wanted
            .iter()
            .filter_map(|role| governance.appetite.roles.get(role))
            .flat_map(|role| role.github.iter())
            .cloned()
            .collect();
        let (teams, unseen) = actor::teams(self.api, &members, &asked.by)?;
        let host = self.context.server_url.split("://").last().unwrap_or_default().trim_end_matches('/');
        let evidence = format!(
            "{}/{repository}/pull/{}#issuecomment-{}",
            self.context.server_url.trim_end_matches('/'),
            self.number,
            asked.comment
        );
        let identity = ForgeIdentity {
            forge: "github".to_owned(),
            host: host.to_owned(),
            id: asked.by.id,
            login: asked.by.login.clone(),
            bot: asked.by.kind != "User",
            teams,
            evidence,
            edited: false,
        };
        Ok((Decider::Forge(identity), unseen))
    }

    /// The comment and the check run as they stand after the choice.
    fn publish(&self, recorded: &Recorded) -> Result<(), No> {
        let mut brief = render::json::read_back(&self.brief).map_err(CommandError::usage)?;
        now_stands(&mut brief, recorded.standing.clone());
        let head = pull::head(&self.pull).map(str::to_owned);
        let mut publication = publication::of(&brief, head.as_deref());
        publication.note = comment::fit(&publication.note, &publish::rest(self.context.run_url.as_deref()));
        if let (Some(head), Some(since)) = (&head, self.since) {
            publication.note = publication::with_since(&publication.note, head, since);
        }
        let there = Context { head, ..self.context.clone() };
        let parts = Parts { comment: true, check: true, labels: self.args.labels, issues: false };
        let published =
            crate::forge::github::publish::publish(self.api, &there, &self.args.bot, &publication, &[], parts, &[]);
        published.errors.first().map_or(Ok(()), |error| Err(unreachable(error).into()))
    }

    fn option(&self, name: Option<OptionName>) -> Result<&v1::PlanOption, No> {
        let name = name.or(self.brief.recommended.map(|word| word.0));
        let offered = self.brief.options.iter();
        let found = offered.clone().find(|option| Some(option.name.0) == name);
        found.map_or_else(
            || {
                let names: Vec<&str> = offered.map(|option| option.name.0.as_str()).collect();
                no(if names.is_empty() {
                    "there is nothing to choose on this change".to_owned()
                } else {
                    format!("that option is not offered; there is {}", names.join(", "))
                })
            },
            Ok,
        )
    }

    fn explain(&self, name: Option<OptionName>) -> Result<String, No> {
        let option = self.option(name)?;
        let list = |lines: &[String]| -> String {
            lines.iter().map(|line| format!("- {}\n", render::markdown_text(line))).collect()
        };
        Ok(format!(
            "**{}**: security score {:.0}, who may approve it: {}.\n\nWhat speaks for it:\n\n{}\nWhat speaks against it:\n\n{}",
            option.name.0.as_str(),
            option.score,
            render::markdown_text(&follow::decide::roles_in_words(&option.approval)),
            list(&option.pros),
            list(&option.cons)
        ))
    }

    /// Accepts a finding, or what stands in a row, until a date.
    fn waive(&self, what: &str, until: &str, reason: &str, asked: &Asked) -> Result<String, No> {
        let now = self.args.now.unwrap_or_else(Timestamp::now);
        let Ok(until) = waiver::moment(until) else { return no(format!("{until} is no day; write it as 2026-12-31")) };
        let governance = self.governance(now)?;
        let wanted = follow::waivers::wanted(&governance.appetite);
        let (by, unseen) = self.decider(asked, wanted, &governance)?;
        if follow::authority::held(&by, &governance.appetite, wanted).is_empty() {
            let unseen = unseen.map(|error| format!("; {error}")).unwrap_or_default();
            return no(format!("a waiver takes {}{unseen}", by_name(wanted, &governance)));
        }
        let acceptance = Acceptance { what, until, reason, owner: "", by, authors: self.authors()?, at: now };
        let recorded = match record_waiver(self.place(), &self.brief, &governance, &acceptance, None) {
            Ok(recorded) => recorded,
            Err(error) if error.exit == Exit::Forge => return Err(error.into()),
            Err(error) => {
                let unseen = unseen.map(|error| format!("; {error}")).unwrap_or_default();
                return no(format!("{}{unseen}", error.one_line()));
            }
        };
        if let Some(why) = &recorded.not_pushed {
            return Err(CommandError::new(Exit::Forge, format!("the waiver could not be kept: {why}"))
                .hint("grant the job `permissions: contents: write`, and ask again")
                .into());
        }
        let next = if recorded.holds { " The next run on this pull request counts it." } else { "" };
        Ok(render::markdown_text(&waiver::said(&recorded)) + next)
    }
}

/// The brief with what was decided since it was made, and what is to be done then.
fn now_stands(brief: &mut Brief, standing: Standing) {
    brief.standing = Some(standing);
    brief.next = judge::next_steps(brief);
}

fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

fn said(recorded: &Recorded, login: &str) -> String {
    let (option, login) = (recorded.chosen.as_str(), render::markdown_text(login));
    let text = |sentence: String| format!(" {}", render::markdown_text(&sentence));
    if recorded.stands() {
        let held = recorded.once_treated().map(text).unwrap_or_default();
        return format!("Decided: **{option}**, by {login}.{held} {}", promised(&recorded.standing));
    }
    let instead = recorded.stands_instead().map(text).unwrap_or_default();
    format!("Recorded: {login} is for **{option}**.{}{instead}", text(recorded.still_missing()))
}

fn promised(standing: &Standing) -> String {
    match standing.commitments.first() {
        None => "Nothing is left to do after ship.".to_owned(),
        Some((_, due)) => format!(
            "{} commitment{}, the next due on {}.",
            standing.commitments.len(),
            if standing.commitments.len() == 1 { "" } else { "s" },
            due.strftime("%Y-%m-%d")
        ),
    }
}

/// Roles with the people who hold them, as far as the agreement names them.
fn by_name(roles: &[String], governance: &Governance) -> String {
    let with_names = |role: &String| {
        let people = governance.appetite.roles.get(role).map(|role| role.github.join(", ")).unwrap_or_default();
        if people.is_empty() { role.clone() } else { format!("{role} ({people})") }
    };
    follow::decide::roles_in_words(&roles.iter().map(with_names).collect::<Vec<_>>())
}
