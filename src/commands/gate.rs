//! `detente gate`: judge reports against the appetite, and offer ways to proceed.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::change;
use crate::commands::error::CommandError;
use crate::commands::evidence::{self, Found};
use crate::commands::feeds::Feeds;
use crate::commands::folder::folder;
use crate::commands::gitlab::baseline::Before;
use crate::commands::governance;
use crate::commands::history::{self, Source};
use crate::commands::judge::{self, Inputs};
use crate::commands::ledger_place::known;
use crate::commands::progress::Progress;
use crate::commands::record::{self, Recording};
use crate::commands::{brought, change_name, clock, closures, decision, output, rulebook, surroundings};
use crate::exit::Exit;
use crate::ingest::Formats;
use crate::model::brief::Brief;
use crate::model::change::Change;
use crate::model::report::Report;
use crate::model::verdict::Verdict;
use crate::model::wish::Wish;
use crate::plan::Request;

/// What `detente gate` is given.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  detente gate                                            reports in the usual places, the change against its target
  detente gate results/                                   every report in a folder
  detente gate results/*.sarif trivy.json --base origin/main
  trivy fs --format json . | detente gate -
  detente gate results/ --output brief.json --output comment.md
  detente gate results/ --base-report main-results/       what is new compared with reports of the target branch
  detente gate results/ --ship-by 2026-11-27 --min-score 90     is that possible, and how?")]
pub struct Args {
    /// Reports: files, folders, globs, or `-` for standard input [default: the usual places, see docs/usual-places.md]
    #[arg(value_name = "REPORT")]
    pub(super) reports: Vec<String>,
    /// Appetite file [default: .detente/appetite.yml of the target branch, else the built-in cautious profile]
    #[arg(long, value_name = "FILE", env = "DETENTE_APPETITE")]
    pub(super) appetite: Option<PathBuf>,
    /// Keys that may sign the appetite, in the form of ssh-keygen's allowed signers, principals `cio` and `ciso`
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    pub(super) allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version, from which its signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", value_parser = governance::root_digest)]
    pub(super) appetite_root: Option<String>,
    /// Target branch or commit of the change [default: as the pipeline says, else the remote's default branch]
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
    /// Reports about the state before the change, to tell what is new
    #[arg(long, value_name = "FILE")]
    pub(super) base_report: Vec<String>,
    #[command(flatten)]
    pub(super) feeds: Feeds,
    /// Repository to look at
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
    pub(super) repository: PathBuf,
    /// Name of the change, by which decisions on it are found again [default: the pull or merge request, else the branch]
    #[arg(long, value_name = "NAME", env = "DETENTE_CHANGE")]
    pub(super) change: Option<String>,
    /// Where to learn what was decided before
    #[arg(long, value_name = "SOURCE", value_enum, default_value_t)]
    pub(super) ledger: Source,
    /// Keep the result in the ledger: on the default branch as its baseline, else as a judgement of the change
    #[arg(long)]
    pub(super) record: bool,
    /// Remote that keeps the ledger; `none` keeps it in this clone
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(super) remote: String,
    /// Moment of judgement [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(super) now: Option<Timestamp>,
    /// Form of the result on standard output: terminal, markdown, html, json, sarif, junit, code-quality or dotenv
    #[arg(long, value_name = "FORM")]
    pub(super) format: Option<String>,
    /// Also write the result to a file; its ending chooses the form, or write FORM=FILE
    #[arg(long, value_name = "FILE")]
    pub(super) output: Vec<String>,
    /// Also find the best plan that ships on this day at the latest, or what makes it impossible
    #[arg(long, value_name = "DATE", help_heading = "Wishes")]
    pub(super) ship_by: Option<Date>,
    /// Also find the best plan that takes no more than so many hours of work
    #[arg(long, value_name = "HOURS", help_heading = "Wishes", value_parser = hours, allow_negative_numbers = true)]
    pub(super) max_effort: Option<f64>,
    /// Also find the soonest plan that reaches this security score, 0 to 100
    #[arg(long, value_name = "N", help_heading = "Wishes", value_parser = score, allow_negative_numbers = true)]
    pub(super) min_score: Option<f64>,
    /// What treatments took before (JSON lines), to calibrate efforts on
    #[arg(long, value_name = "FILE", env = "DETENTE_CLOSURES")]
    pub(super) closures: Option<PathBuf>,
    /// End with exit code 1 as long as a decision is needed
    #[arg(long)]
    pub(super) require_decision: bool,
    /// Show no progress
    #[arg(from_global)]
    pub(super) quiet: bool,
}

/// Runs the gate.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    let destinations = output::Destinations::of(args.format.as_deref(), &args.output)?;
    let (brief, trouble) = run_and_record(args)?;
    destinations.write(&brief)?;
    match trouble {
        // Nothing that was found out is lost to a ledger that cannot be reached; and where no report is, the brief says so
        // in place of the one before.
        Some(error) => Err(error),
        None => Ok(exit(&brief, args.require_decision)),
    }
}

/// The brief of a run with these arguments, of which nothing is recorded.
pub(super) fn judged(args: &Args) -> Result<Brief, CommandError> {
    match run_and_record(args)? {
        (brief, None) => Ok(brief),
        (_, Some(error)) => Err(error),
    }
}

/// The brief of a run, and what it ends with all the same: that there is no report, or that it could not be recorded.
fn run_and_record(args: &Args) -> Result<(Brief, Option<CommandError>), CommandError> {
    let now = clock::now(args.now);
    let progress = Progress::start(args.quiet, "reading the change");
    // On a laptop what is not committed yet is part of the change; in a pipeline it is build output.
    let in_pipeline = std::env::var_os("CI").is_some_and(|value| value != "false");
    let looked_for = governance::Wish {
        appetite: args.appetite.clone(),
        allowed_signers: args.allowed_signers.clone(),
        root: args.appetite_root.clone(),
    };
    let base = args.base.clone().or_else(|| surroundings::base(&args.repository, &looked_for));
    let mut change = change::read(&args.repository, base.as_deref(), !in_pipeline);
    surroundings::name_head(&mut change);
    change.name = change_name::of(args.change.as_deref(), &args.repository, change.head.as_deref());
    if args.base.is_some() && change.target.as_ref().is_some_and(|target| target.tip.is_none()) {
        return Err(CommandError::usage(format!("--base: {}", change.unknown_because)));
    }
    if base.is_some() && change.base.is_none() {
        tracing::warn!("{}", change.unknown_because);
    }
    let branch = target(&args.repository, &change);
    let (rulebook, Found { reports, notices: found, absent }, learnt, before) = std::thread::scope(|scope| {
        // The ledger may have to be fetched, and years of it take as long as reports: they are read meanwhile.
        let learning =
            scope.spawn(|| history::read(args.ledger, &args.remote, &args.repository, &change, &branch, now));
        let rulebook = rulebook::of_change(&args.repository, &change)?;
        let formats = Formats::with(&rulebook.rules.formats);
        progress.now("reading reports");
        let (found, base_reports) = both_sides(args, &formats)?;
        let learnt = learning.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        progress.now("reading what was there before");
        let before = match base_reports {
            Some(reports) => {
                let notices = reports.iter().filter_map(not_in_full).collect();
                Before { reports: Some(reports), notices }
            }
            None if learnt.knows_baseline() => Before::default(),
            None => surroundings::before(&args.repository, &args.reports, &change, &formats),
        };
        Ok::<_, CommandError>((rulebook, found, learnt, before))
    })?;
    let governance = governance::find(&looked_for, &args.repository, &change, &rulebook.rules, now)?;
    let closures = args.closures.as_deref().map(closures::read).transpose()?.unwrap_or_default();
    let wish = Wish { ship_by: args.ship_by, max_effort: args.max_effort, min_score: args.min_score };
    progress.now("reading feeds");
    let feeds = args.feeds.read(reports.iter().chain(before.reports.iter().flatten()), now)?;
    let base = change.base.as_ref().map(|base| base.commit.as_str());
    let authors = match (&learnt.history, &change.head) {
        (Some(_), Some(head)) => decision::Authors::by_git(&args.repository, base, head).people,
        _ => Vec::new(),
    };
    let scans = if args.record { record::scans(&reports) } else { Vec::new() };
    progress.now("judging and planning");
    let agreements = known(learnt.history.as_ref(), &governance);
    let mut brief = judge::judge(Inputs {
        brought: brought::by(&change, &reports, &args.repository),
        agreements,
        reports,
        base_reports: before.reports,
        change,
        appetite: governance.appetite.clone(),
        rules: rulebook.rules,
        intel: feeds.intel,
        now,
        history: learnt.history,
        authors,
        notices: [
            found.as_slice(),
            &before.notices,
            &governance.notices,
            &governance.remarks,
            &rulebook.notices,
            &learnt.notices,
            &feeds.notices,
        ]
        .concat(),
        request: Request { wish, closures, ..Request::default() },
    });
    // What was not looked at is no state to compare with later.
    let mut trouble = absent.or_else(|| governance::broken(&looked_for, &brief.appetite));
    if args.record && trouble.is_none() {
        let remote = Some(args.remote.as_str()).filter(|remote| *remote != "none");
        let run = Recording { repository: &args.repository, remote, governance: &governance, scans };
        let recorded = if brief.change.name == format!("branch/{branch}") {
            record::baseline(&run, &brief, &branch)
        } else {
            record::assessment(&run, &mut brief)
        };
        match recorded {
            Ok(kept) => {
                brief.notices.extend(kept.said);
                if let Some(error) = kept.not_pushed {
                    brief.notices.push(format!("This run is recorded in this clone only: {}.", error.message()));
                    trouble = Some(error);
                }
            }
            Err(error) => {
                brief.notices.push(format!("This run was not recorded: {}.", error.message()));
                trouble = Some(error);
            }
        }
    }
    Ok((brief, trouble))
}

/// The reports about the change, and meanwhile those about the state before it, if any was named.
fn both_sides(args: &Args, formats: &Formats<'_>) -> Result<(Found, Option<Vec<Report>>), CommandError> {
    let named = &args.base_report;
    let takes_input = |paths: &[String]| paths.iter().any(|path| path == "-");
    if takes_input(named) && takes_input(&args.reports) {
        return Err(CommandError::new(Exit::Usage, "`-` is given for the reports and for --base-report")
            .hint("standard input can be read once: give one of them as a file"));
    }
    std::thread::scope(|scope| {
        let before = (!named.is_empty()).then(|| scope.spawn(|| base_reports(named, formats)));
        let found = evidence::find(&args.reports, &args.repository, formats)?;
        let before = before.map(|reading| reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        Ok((found, before.transpose()?))
    })
}

/// The reports about the state before the change. One that is named and no report is a slip of the command line: without
/// it everything could pass for new.
fn base_reports(named: &[String], formats: &Formats<'_>) -> Result<Vec<Report>, CommandError> {
    let unusable = |why: &dyn std::fmt::Display| CommandError::usage(format!("--base-report: {why}"));
    let reports = evidence::read(named, formats).map_err(|error| unusable(&error.message()))?;
    let is_named =
        |path: &str| named.iter().any(|name| Path::new(name) == Path::new(path) || *name == format!("./{path}"));
    let wrong = reports.iter().find(|report| report.format.is_none() && is_named(&report.path));
    match wrong.and_then(|report| report.problems.first().map(|problem| (report, problem))) {
        Some((report, problem)) => Err(unusable(&format!("{}: {}", report.path, problem.message)).hint(
            "name a report about the state before the change, or leave the option out: git then tells what is new",
        )),
        None => Ok(reports),
    }
}

/// What to know of a base report that could not be read in full.
fn not_in_full(report: &Report) -> Option<String> {
    let missing =
        report.problems.iter().find(|problem| problem.evidence_missing).map(|problem| problem.message.clone());
    let unread = || (report.unread > 0).then(|| format!("{} of its records were not understood", report.unread));
    let why = missing.or_else(unread)?;
    Some(format!(
        "The base report {} could not be read in full: {}. For what it does not show git alone tells whether it is new, and \
         what git cannot tell counts as new.",
        report.path,
        why.trim_end_matches('.')
    ))
}

/// How a gate ends. An appetite that is not agreed gives advice only, which never holds a release; missing evidence is
/// said in any case.
pub(super) fn exit(brief: &Brief, require_decision: bool) -> Exit {
    match brief.assessment.verdict {
        Verdict::Unresolved => Exit::Unresolved,
        _ if brief.needs_decision() && (require_decision || !brief.held().is_empty()) => Exit::DecisionNeeded,
        _ => Exit::Proceed,
    }
}

/// Hours of work: a number from 0.
fn hours(text: &str) -> Result<f64, String> {
    let hours = text.parse::<f64>().ok().filter(|hours| hours.is_finite() && *hours >= 0.0);
    hours.ok_or_else(|| "hours of work are expected, such as 12 or 7.5".to_owned())
}

/// A security score.
fn score(text: &str) -> Result<f64, String> {
    let score = text.parse::<f64>().ok().filter(|score| (0.0..=100.0).contains(score));
    score.ok_or_else(|| "a security score from 0 to 100 is expected".to_owned())
}

/// Name of the branch that the change goes to, without that of the remote.
pub(super) fn target(repository: &Path, change: &Change) -> String {
    let default = surroundings::default_branch().or_else(|| change::default_branch(repository));
    // On the default branch itself there is no other to go to.
    if let Some(default) = default.filter(|default| change.name == format!("branch/{default}")) {
        return default;
    }
    let name = change.target.as_ref().map(|target| target.name.as_str()).unwrap_or_default();
    name.strip_prefix("origin/").unwrap_or(name).to_owned()
}
