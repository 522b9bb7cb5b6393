//! `detente publish`: say on the forge what a brief says.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::error::CommandError;
use crate::commands::folder::folder;
use crate::commands::published::{report, unreachable};
use crate::commands::reach::Reach;
use crate::commands::{brief_file, gitlab, output, promises, publication};
use crate::exit::Exit;
use crate::forge::error::{ForgeError, Kind};
use crate::forge::github::publish::Parts;
use crate::forge::github::{self, Api, Context};
use crate::forge::publication::Publication;
use crate::forge::published::Published;
use crate::ingest::{self, Limits};
use crate::render;
use crate::render::json::v1;

/// What `detente publish` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In GitLab CI/CD it writes a thread, a commit status and labels, with the project token DETENTE_GITLAB_TOKEN (docs/gitlab.md).
In a job of GitHub Actions it needs GITHUB_TOKEN with the permissions `pull-requests: write` and `checks: write`;
what it may not do it says, and does the rest.

Examples:
  detente publish brief.json
  detente publish brief.json --labels --required
  detente publish                    in a workflow_run job: the brief that the other run left as an artifact")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Args {
    /// The brief that `detente gate` wrote, `-` for standard input [default: the artifact of the run that this one follows]
    #[arg(value_name = "BRIEF")]
    brief: Option<PathBuf>,
    /// Token
    #[arg(long, env = "GITHUB_TOKEN", hide_env_values = true, hide = true)]
    token: Option<String>,
    /// End with exit code 5 if something could not be published
    #[arg(long)]
    required: bool,
    /// Leave outputs and summary to the runner, and send nothing
    #[arg(long, conflicts_with = "required")]
    local: bool,
    /// Leave the comment out
    #[arg(long)]
    no_comment: bool,
    /// Leave the check run out
    #[arg(long)]
    no_check: bool,
    /// Also set a label that says how the change stands
    #[arg(long)]
    labels: bool,
    /// Also follow the ledger's commitments up as issues: opened when promised, closed when verified
    #[arg(long)]
    issues: bool,
    /// Repository with the ledger, for --issues
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
    repository: PathBuf,
    /// Remote that keeps the ledger, for --issues; `none` keeps it in this clone
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    remote: String,
    /// Moment from which the ledger's commitments are looked at, for --issues [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Also upload these SARIF files to code scanning: a file, or a glob
    #[arg(long, value_name = "FILE")]
    sarif: Vec<String>,
    /// Who the token writes as, if it is an app's
    #[arg(long, value_name = "LOGIN", default_value = github::myself::JOB)]
    bot: String,
    /// How to reach GitHub
    #[command(flatten)]
    reach: Reach,
}

impl Args {
    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }
}

/// Publishes.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    if let Some(context) = gitlab::context() {
        let wanted = gitlab::publish::Wanted {
            brief: args.brief.as_deref().unwrap_or(Path::new(brief_file::DEFAULT)),
            note: !args.no_comment,
            status: !args.no_check,
            labels: args.labels,
            issues: args.issues.then_some((args.repository.as_path(), args.remote.as_str())),
            now: args.now(),
            required: args.required,
        };
        return gitlab::publish::run(&context, &args.reach, &wanted);
    }
    let context = context().map(said).ok_or_else(|| {
        CommandError::usage("this is no job of GitHub Actions or GitLab CI/CD, so there is nowhere to publish to")
            .hint("run it in a pipeline (docs/github.md, docs/gitlab.md), or write the comment to a file: `detente gate … --output comment.md`")
    })?;
    let api = Api::new(&args.reach.server(&context.api_url, args.token.as_deref().unwrap_or_default()));
    let (wire, api) = match (&args.brief, api) {
        (Some(path), api) => (brief_file::read(path)?, api),
        (None, Ok(api)) => match from_artifact(&api, &context)? {
            Some(brief) => (brief, Ok(api)),
            None => return output::print(NOTHING_LEFT).map(|()| Exit::Proceed),
        },
        (None, Err(error)) => return Err(unreachable(&error)),
    };
    let brief = render::json::read_back(&wire)
        .map_err(|problem| CommandError::usage(format!("the brief cannot be read: {problem}")))?;
    let mut publication = publication::of(&brief, context.head.as_deref());
    publication.note = github::comment::fit(&publication.note, &rest(context.run_url.as_deref()));
    let published = match api {
        _ if args.local => Published::default(),
        Ok(api) => on_github(args, &api, &context, &publication)?,
        Err(error) => Published { errors: vec![error], ..Published::default() },
    };
    for (name, url) in [("comment-url", &published.note_url), ("check-url", &published.check_url)] {
        publication.outputs.insert(name, url.clone().unwrap_or_default());
    }
    leave(&context, &publication, &publication::markdown(&brief))?;
    let complete = report(&published)?;
    Ok(if complete || !args.required { Exit::Proceed } else { Exit::Forge })
}

/// Where this run stands, if it is one of GitHub Actions.
pub(super) fn context() -> Option<Context> {
    let variable = |name: &str| std::env::var(name).ok();
    let event = variable("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(path).ok());
    Context::read(&variable, event.as_deref())
}

/// Says what the event should have said and did not.
pub(super) fn said(context: Context) -> Context {
    for missing in &context.missing {
        tracing::warn!("{missing}");
    }
    context
}

/// Where the rest of a comment is that is too long.
pub(super) fn rest(run_url: Option<&str>) -> String {
    match run_url {
        Some(url) => format!("\nThe rest is in the [summary of the run]({url}), and in its artifact.\n"),
        None => "\nThe rest is in the artifact of the run.\n".to_owned(),
    }
}

/// What is said where the run before this one was ended before it judged anything.
const NOTHING_LEFT: &str =
    "nothing to publish: the run that this one follows was cancelled or skipped, and left no brief behind\n";

/// The brief that the run before this one left behind; `None` if that one was ended before it could.
fn from_artifact(api: &Api, context: &Context) -> Result<Option<v1::Brief>, CommandError> {
    let Some((run, number)) = context.follows.as_ref().and_then(|run| Some((run, run.id?))) else {
        return Err(CommandError::usage("no brief is named, and this run does not follow another one")
            .hint("name the brief that `detente gate` wrote, or run this on `workflow_run`"));
    };
    match github::artifact::of_run(api, &context.repository, number) {
        Ok(bytes) => brief_file::parse("the artifact's brief.json", &bytes).map(Some),
        Err(error)
            if error.kind == Kind::State && matches!(run.conclusion.as_deref(), Some("cancelled" | "skipped")) =>
        {
            Ok(None)
        }
        Err(error) => Err(unreachable(&error)),
    }
}

fn on_github(args: &Args, api: &Api, context: &Context, publication: &Publication) -> Result<Published, CommandError> {
    // The token of such a run can only read, whatever the workflow grants: asking would only look like a mistake.
    if context.event == "pull_request" && context.pull_request.as_ref().is_some_and(|pull| pull.from_fork) {
        return Ok(Published {
            skipped: vec![
                "the pull request comes from a fork, so this run may not write: publish on `workflow_run`, as \
                 docs/github.md shows"
                    .to_owned(),
            ],
            ..Published::default()
        });
    }
    let (sarif, missing) = sarif(&args.sarif);
    let promises = if args.issues {
        let address = format!("{}/{}/pull/", context.server_url, context.repository);
        let names = promises::Names { forge: "github", change: "pull/", address: &address };
        promises::of(&args.repository, &args.remote, &names, args.now())?
    } else {
        Vec::new()
    };
    let parts = Parts { comment: !args.no_comment, check: !args.no_check, labels: args.labels, issues: args.issues };
    let mut published = github::publish::publish(api, context, &args.bot, publication, &promises, parts, &sarif);
    published.errors.extend(missing);
    Ok(published)
}

/// The SARIF files that `inputs` lead to, and what cannot be had of them: the rest is published all the same.
fn sarif(inputs: &[String]) -> (Vec<Vec<u8>>, Vec<ForgeError>) {
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    let not = |why: String| {
        let message = format!("cannot upload to code scanning: {why}");
        ForgeError::new(
            Kind::NotFound,
            message,
            "name the SARIF file that a step before this one writes (the input `sarif`)",
        )
    };
    for input in inputs {
        match ingest::files(input, &Limits::default()) {
            Ok(found) => {
                for path in found {
                    match std::fs::read(&path) {
                        Ok(bytes) => files.push(bytes),
                        Err(error) => missing.push(not(format!("{}: cannot be read: {error}", path.display()))),
                    }
                }
            }
            Err(error) => missing.push(not(error.to_string())),
        }
    }
    (files, missing)
}

/// Leaves outputs and summary to the runner.
pub(super) fn leave(context: &Context, publication: &Publication, summary: &str) -> Result<(), CommandError> {
    let file = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let write = |path: &Path, text: &str| {
        github::runner::append(path, text)
            .map_err(|error| CommandError::usage(format!("{}: cannot be written: {error}", path.display())))
    };
    if let Some(path) = file("GITHUB_OUTPUT") {
        let mut outputs = publication.outputs.clone();
        outputs.insert("conclusion", github::publish::conclusion(publication.status.conclusion).to_owned());
        outputs.insert("head", context.head.clone().unwrap_or_default());
        write(&path, &github::runner::outputs(&outputs))?;
    }
    if let Some(path) = file("GITHUB_STEP_SUMMARY") {
        write(&path, github::runner::summary(summary))?;
    }
    Ok(())
}
