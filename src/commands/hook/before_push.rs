//! What the hook says: a few lines, at once, on what can be known here.
//!
//! A laptop has some reports and seldom all. What is there is judged as the gate judges it; kinds of test that the
//! agreement asks for and that have no fresh report here are left to the pipeline, and named.

use std::path::PathBuf;

use jiff::Timestamp;

use super::carried;
use super::pushed::{self, Pushed};
use crate::change;
use crate::commands::error::CommandError;
use crate::commands::feeds::Feeds;
use crate::commands::folder::folder;
use crate::commands::governance::{self, Wish};
use crate::commands::history::{self, Source};
use crate::commands::judge::{self, Inputs};
use crate::commands::ledger_place::known;
use crate::commands::progress::Progress;
use crate::commands::rulebook::Rulebook;
use crate::commands::{brought, change_name, clock, decision, evidence, gate, output, rulebook};
use crate::exit::Exit;
use crate::ingest::{self, Formats, Limits};
use crate::model::brief::Brief;
use crate::model::category::Category;
use crate::model::change::Change;
use crate::model::coverage::CoverageState;
use crate::model::report::Report;
use crate::plan::Request;
use crate::render;

/// What `hook run` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Repository
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
    repository: PathBuf,
    /// End with exit code 1 while a before_ship row is open
    #[arg(long)]
    hold: bool,
    /// Target branch or commit of the change [default: as `detente gate` finds it]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Keys that may sign the appetite
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", value_parser = governance::root_digest)]
    appetite_root: Option<String>,
    /// Remote that is pushed to: records of the ledger that were made without reaching it go along
    #[arg(long, value_name = "REMOTE", env = "PRE_COMMIT_REMOTE_NAME")]
    carry: Option<String>,
    /// What is pushed: a revision, or `-` for the lines that git gives a hook [default: what is checked out]
    #[arg(long, value_name = "REV", env = "PRE_COMMIT_TO_REF")]
    pushed: Option<String>,
    #[command(flatten)]
    feeds: Feeds,
    /// Moment of judgement [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Show no progress
    #[arg(from_global)]
    quiet: bool,
}

/// How many remarks are said.
const MOST_REMARKS: usize = 4;

/// Says how the committed change stands. Advice ends with 0 whatever is said, and what cannot be judged holds nothing.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let judged = judge_and_say(args)
        .or_else(|error| say(&[format!("not judged, so nothing is held: {}.", error.one_line())], Exit::Proceed));
    let now = clock::now(args.now);
    // A push that is held takes nothing along.
    let carried = args.carry.as_deref().filter(|_| !matches!(judged, Ok(Exit::DecisionNeeded)));
    if let Some(line) = carried.and_then(|remote| carried::along(&args.repository, remote, now)) {
        say(&[line], Exit::Proceed)?;
    }
    judged
}

fn judge_and_say(args: &Args) -> Result<Exit, CommandError> {
    let progress = Progress::start(args.quiet, "reading the change");
    let mut change = change::read(&args.repository, args.base.as_deref(), false);
    let pushed = args.pushed.as_deref().map_or_else(Vec::new, |pushed| pushed::read(pushed, &args.repository));
    if !pushed.is_empty() {
        let others: Vec<&Pushed> = pushed.iter().filter(|one| one.commit != change.head).collect();
        let lines: Vec<String> = others.iter().filter_map(|one| one.not_judged()).collect();
        say(&lines, Exit::Proceed)?;
        if others.len() == pushed.len() {
            return Ok(Exit::Proceed);
        }
    }
    let Some(base) = &change.base else {
        return say(&[format!("not judged: {}", change.unknown_because)], Exit::Proceed);
    };
    if change.files.is_empty() {
        return say(&[format!("nothing here that {} does not have.", base.name)], Exit::Proceed);
    }
    let against = format!("{} changed, compared with {}", files(change.files.len()), base.name);
    let nothing = || {
        let know = "no report lies in the usual places, so only the pipeline can judge; to know before, have a scanner write \
                    into results/.";
        say(&[format!("{against}."), know.to_owned()], Exit::Proceed)
    };
    let (root, limits) = (evidence::root(&args.repository), Limits::default());
    if !ingest::usual_places_hold_something(&root, &limits) {
        return nothing();
    }
    let rulebook = rulebook::of_change(&args.repository, &change)?;
    let reports = ingest::ingest_usual(&root, &Formats::with(&rulebook.rules.formats), &limits);
    if reports.is_empty() {
        return nothing();
    }
    progress.now("judging and planning");
    let listed = evidence::listed(&reports);
    change.name = change_name::of(None, &args.repository, change.head.as_deref());
    let (brief, left) = judged(args, change, rulebook, reports)?;
    drop(progress);
    let exit = if args.hold && held(&brief) { Exit::DecisionNeeded } else { Exit::Proceed };
    let mut lines = vec![format!("{against}, judged on {listed}.")];
    lines.extend(render::in_short(&brief, MOST_REMARKS));
    if !left.is_empty() {
        lines.push(format!("Only the pipeline can judge: {}.", left.join("; ")));
    }
    let offers = brief.plan.options.len() > 1 && !brief.is_decided();
    if offers {
        lines.push("See the options with `detente gate`.".to_owned());
    }
    if exit == Exit::DecisionNeeded {
        lines.push("The push is held, as installed with --hold; the lines above name what would let it go.".to_owned());
    }
    say(&lines, exit)
}

/// The brief on what is here, and the kinds of test that are left to the pipeline, in words.
fn judged(
    args: &Args,
    change: Change,
    rulebook: Rulebook,
    reports: Vec<Report>,
) -> Result<(Brief, Vec<String>), CommandError> {
    let now = clock::now(args.now);
    let wish = Wish { appetite: None, allowed_signers: args.allowed_signers.clone(), root: args.appetite_root.clone() };
    let mut governance = governance::find(&wish, &args.repository, &change, &rulebook.rules, now)?;
    let required = std::mem::take(&mut governance.appetite.coverage.require);
    let feeds = args.feeds.read(reports.iter(), now)?;
    // What this clone knows of: a push waits for no ledger to be fetched.
    let target = gate::target(&args.repository, &change);
    let learnt = history::read(Source::Local, "", &args.repository, &change, &target, now)?;
    let authors = learnt.history.as_ref().map_or_else(Vec::new, |_| {
        let base = change.base.as_ref().map(|base| base.commit.as_str());
        decision::Authors::by_git(&args.repository, base, change.head.as_deref().unwrap_or_default()).people
    });
    let agreements = known(learnt.history.as_ref(), &governance);
    let brief = judge::judge(Inputs {
        brought: brought::by(&change, &reports, &args.repository),
        agreements,
        reports,
        base_reports: None,
        change,
        appetite: governance.appetite,
        rules: rulebook.rules,
        intel: feeds.intel,
        now,
        history: learnt.history,
        authors,
        notices: [governance.notices, rulebook.notices, feeds.notices].concat(),
        request: Request::default(),
    });
    let left = required.into_iter().filter_map(|kind| left_open(&brief, kind)).collect();
    Ok((brief, left))
}

/// Why the evidence here does not settle a kind of test, if it does not.
fn left_open(brief: &Brief, kind: Category) -> Option<String> {
    let coverage = brief.assessment.coverage.iter().find(|coverage| coverage.kind == kind);
    match coverage.map(|coverage| coverage.state) {
        Some(CoverageState::Present) => None,
        None | Some(CoverageState::Missing) => Some(format!("{} (no report here)", kind.as_str())),
        Some(CoverageState::Stale) => Some(format!("{} (the report here is of an earlier state)", kind.as_str())),
        Some(CoverageState::Failed) => Some(format!("{} (the report here is incomplete)", kind.as_str())),
    }
}

/// Whether a row that both leaders agreed on holds the change, as in the gate: the hotfix lane goes before it.
fn held(brief: &Brief) -> bool {
    brief.appetite.binds() && !brief.held().is_empty() && !brief.ships()
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// A log of git's: each line says who speaks.
fn say(lines: &[String], exit: Exit) -> Result<Exit, CommandError> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("detente: {}\n", render::plain(line)));
    }
    output::print(&text)?;
    Ok(exit)
}
