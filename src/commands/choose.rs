//! `detente choose`: record which option was chosen, signed by whoever chose.
//!
//! Without an option it shows them on the terminal and lets the person choose.

mod aloud;
mod dialogue;
mod may;
mod panel;
mod screen;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::change;
use crate::commands::decision::{self, Authors, Choice, Place, option_name, record_decision};
use crate::commands::error::CommandError;
use crate::commands::folder::folder;
use crate::commands::governance::{self, Governance, Wish};
use crate::commands::ssh_key::{SigningKey, git_config};
use crate::commands::{brief_file, gate, gitlab, output, rulebook, target};
use crate::exit::Exit;
use crate::model::appetite::OptionName;
use crate::model::ledger::{Decider, Event};
use crate::model::word::Word;
use crate::render::json::v1;

/// What `detente choose` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente choose                                       shows the options and lets you choose
  detente choose --change merge_request/12             the same for a merge request: its pipeline knows the choice
  detente gate results/ --output brief.json && detente choose balanced --reason \"key first, parser next sprint\"
  detente choose fastest --reason \"incident 4711\" --key ~/.ssh/id_ed25519 --brief brief.json

The choice is written to the ledger (refs/detente/ledger) and pushed. It counts if the agreement gives you the right:
several roles add up, authors do not approve their own change beyond tolerance.")]
pub struct Args {
    /// fastest, balanced or most-secure [default: asks, on a terminal]
    #[arg(value_name = "OPTION", value_parser = option_name)]
    option: Option<Word<OptionName>>,
    /// Why; it is kept with the decision
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Ask in plain lines, one after the other: for screen readers and simple terminals
    #[arg(long, env = "DETENTE_PLAIN", value_parser = clap::builder::BoolishValueParser::new())]
    plain: bool,
    /// In a manual job of GitLab CI/CD: the choice is that of whoever started the job, as GitLab says; no key is needed
    #[arg(long, requires = "option")]
    by_job: bool,
    /// Brief that the choice is about, as `gate --output` wrote it, or `-` [default: brief.json, else judged afresh]
    #[arg(long, value_name = "FILE")]
    brief: Option<PathBuf>,
    /// SSH key to sign with [default: the one that git signs with, else ~/.ssh/id_ed25519]
    #[arg(long, value_name = "FILE", env = "DETENTE_KEY")]
    key: Option<PathBuf>,
    /// Appetite file [default: .detente/appetite.yml of the target branch]
    #[arg(long, value_name = "FILE", env = "DETENTE_APPETITE")]
    appetite: Option<PathBuf>,
    /// Keys that may sign the appetite
    #[arg(long, value_name = "FILE", env = "DETENTE_ALLOWED_SIGNERS")]
    allowed_signers: Option<PathBuf>,
    /// SHA-256 of the appetite's first agreed version, from which its signatures are followed without --allowed-signers
    #[arg(long, value_name = "SHA256", env = "DETENTE_APPETITE_ROOT", value_parser = governance::root_digest)]
    appetite_root: Option<String>,
    /// Target branch or commit of the change [default: the one that the brief names; with --by-job as GitLab says]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Name of the change, if it is judged afresh, for example `merge_request/12` or `pull/12` [default: the branch]
    #[arg(long, value_name = "NAME", conflicts_with = "brief")]
    change: Option<String>,
    /// Repository to look at
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder())]
    repository: PathBuf,
    /// Remote that keeps the ledger; `none` keeps it in this clone
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    remote: String,
    /// Moment of the choice, not before that of the brief [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Show no progress
    #[arg(from_global)]
    quiet: bool,
}

impl Args {
    /// Refuses options that mean nothing to a job. What a variable says, which every job of a project has, is passed over.
    fn check(&self) -> Result<(), CommandError> {
        let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let key = self.key.as_ref().is_some_and(|key| given("DETENTE_KEY").as_deref() != Some(key.as_os_str()));
        let plain = self.plain && given("DETENTE_PLAIN").is_none();
        match (self.by_job, key, plain) {
            (true, true, _) => Err("--key"),
            (true, _, true) => Err("--plain"),
            _ => Ok(()),
        }
        .map_err(|option| {
            CommandError::usage(format!("--by-job and {option} cannot be used together"))
                .hint(format!("leave {option} out: the choice is that of whoever started the job, as GitLab says"))
        })
    }
}

/// Records the choice.
pub(crate) fn run(args: &Args) -> Result<Exit, CommandError> {
    args.check()?;
    let now = args.now.unwrap_or_else(Timestamp::now);
    if args.option.is_some() && !args.by_job && args.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(CommandError::usage("--reason says nothing")
            .hint("say in a few words why: --reason \"…\"; it is kept with the decision"));
    }
    if args.option.is_none() {
        dialogue::possible(args.plain)?;
    }
    let brief = brief(args, now)?;
    not_before(&brief, args.now)?;
    let governance = governance(args, &brief, now)?;
    let place =
        Place { repository: &args.repository, remote: Some(args.remote.as_str()).filter(|remote| *remote != "none") };
    if let (true, Some(option)) = (args.by_job, args.option) {
        let person = gitlab::person::of_job(&brief, &governance.appetite)?;
        let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let choice = Choice {
            option: option.0,
            reason: reason.unwrap_or("chosen by its job in the pipeline"),
            by: Decider::Forge(person.identity),
            authors: person.authors,
            at: now,
        };
        let recorded = record_decision(place, &brief, &governance, &choice, None)?;
        output::print(&said(&recorded, &brief.change.name))?;
        return Ok(recorded.exit());
    }
    if args.option.is_some() {
        // A key would be looked for in vain where nobody has the right to decide.
        decision::binding(&brief, &governance)?;
    }
    let key = SigningKey::find(args.key.as_deref(), &args.repository)?;
    let setting = |name: &str| git_config(&args.repository, name).unwrap_or_default();
    let by = Decider::SshKey { key: key.public.clone(), name: setting("user.name"), email: setting("user.email") };
    let (option, reason) = if let (Some(option), Some(reason)) = (args.option, &args.reason) {
        (option.0, reason.clone())
    } else {
        let base = brief.change.base.as_ref().map(|base| base.commit.as_str());
        let head = brief.change.head.as_deref().unwrap_or_default();
        let authors = Authors::by_git(&args.repository, base, head);
        let note = may::approve(&brief, &governance, &by, &authors);
        let Some(chosen) = dialogue::ask(&brief, note, args.plain)? else {
            output::print("Nothing was chosen, and nothing was recorded.\n")?;
            return Ok(Exit::DecisionNeeded);
        };
        chosen
    };
    let choice = Choice { option, reason: reason.trim(), by, authors: Authors::default(), at: now };
    let sign = |bytes: &[u8], purpose: &str| key.sign(bytes, purpose);
    let recorded = record_decision(place, &brief, &governance, &choice, Some(&sign))?;
    output::print(&said(&recorded, &brief.change.name))?;
    Ok(recorded.exit())
}

/// The agreement on the branch that the change goes to. A job is told by GitLab which one that is: its brief comes from the
/// author of the change.
fn governance(args: &Args, brief: &v1::Brief, now: Timestamp) -> Result<Governance, CommandError> {
    let wish = Wish {
        appetite: args.appetite.clone(),
        allowed_signers: args.allowed_signers.clone(),
        root: args.appetite_root.clone(),
    };
    let base = match (&args.base, args.by_job) {
        (Some(base), _) => Some(base.clone()),
        (None, false) => brief.change.base.as_ref().map(|base| base.name.clone()),
        (None, true) => match gitlab::person::target(brief)? {
            Some(base) => return target::governance(&wish, &args.repository, &base, None, now),
            None => None,
        },
    };
    let change = change::read(&args.repository, base.as_deref(), false);
    let rules = rulebook::of_change(&args.repository, &change)?.rules;
    governance::find(&wish, &args.repository, &change, &rules, now)
}

/// Refuses a moment of choice that is set back to before there was anything to choose from.
fn not_before(brief: &v1::Brief, set: Option<Timestamp>) -> Result<(), CommandError> {
    let judged = brief.now.parse::<Timestamp>().ok();
    match set.zip(judged).filter(|(set, judged)| set < judged) {
        None => Ok(()),
        Some((set, judged)) => {
            Err(CommandError::usage(format!("--now {set} is before {judged}, when the brief was judged"))
                .hint("leave --now out, or name a later moment: a choice is made from what the brief shows"))
        }
    }
}

/// The brief that was named, else the one that lies here, else the change judged afresh.
fn brief(args: &Args, now: Timestamp) -> Result<v1::Brief, CommandError> {
    if let Some(path) = &args.brief {
        return brief_file::read(path);
    }
    let usual = Path::new(brief_file::DEFAULT);
    if args.change.is_none() && usual.is_file() {
        return brief_file::read(usual);
    }
    let gate = gate::Args {
        appetite: args.appetite.clone(),
        allowed_signers: args.allowed_signers.clone(),
        appetite_root: args.appetite_root.clone(),
        base: args.base.clone(),
        change: args.change.clone(),
        repository: args.repository.clone(),
        now: Some(now),
        quiet: args.quiet,
        ..gate::Args::default()
    };
    Ok(v1::Brief::from(&gate::judged(&gate)?))
}

pub(super) fn said(recorded: &decision::Recorded, change: &str) -> String {
    let option = recorded.chosen.as_str();
    let mut lines = vec![if recorded.stands() {
        // A pipeline that does not know of it does not proceed.
        let known = if recorded.not_pushed.is_some() { ", and no other clone knows it yet" } else { "" };
        let next = recorded.once_treated().or_else(|| recorded.not_pushed.is_none().then(|| "Proceed.".to_owned()));
        let next = next.map(|next| format!(" {}", crate::render::plain(&next))).unwrap_or_default();
        format!("Decided: {option} for {change}{known}.{next}")
    } else {
        let instead = recorded.stands_instead().map(|instead| format!(" {}", crate::render::plain(&instead)));
        format!("Recorded: {option} for {change}. {}{}", recorded.still_missing(), instead.unwrap_or_default())
    }];
    for event in &recorded.commitments {
        if let Event::Made { promise, .. } = &event.event {
            let title = crate::render::plain(&promise.title);
            lines.push(format!("  {}: {title}, by {}", event.commitment, promise.due.strftime("%Y-%m-%d %H:%M UTC")));
        }
    }
    for decision::Waived { waiver, not_elsewhere } in &recorded.waivers {
        let row = crate::render::plain(&waiver.row);
        let alone = not_elsewhere.as_ref().map(|why| format!("; not on other changes: {why}")).unwrap_or_default();
        lines.push(format!("  waiver {row}: until {}{alone}", waiver.until.strftime("%Y-%m-%d %H:%M UTC")));
    }
    lines.join("\n") + "\n" + &decision::here_only(recorded.not_pushed.as_deref())
}
